package formatting

// Form asks for what must not be typed into a command. It is shown to one
// person, and what is typed goes to the bot alone.
type Form struct {
	ID     string // of this one form; opaque, at most 32 characters
	Title  string // at most 24 runes (Slack's limit; Discord's is 45)
	Submit string // at most 24 runes
	Cancel string // at most 24 runes
	Target string // where the input goes, host:port; shown, never editable
	Notice string // what happens to the input, at most 150 runes
	Fields []Field
}

// Field is one input of a form. Those that may be left out come last,
// but for what a profile makes needless.
type Field struct {
	ID       string // letters only
	Label    string // at most 45 runes (Discord's limit)
	Hint     string // at most 100 runes (Discord's limit); may be empty
	Secret   bool   // not echoed where the platform can do that
	Lines    bool   // several lines are typed
	Optional bool
	MaxRunes int      // of what is typed; 0 where Choices are given
	Initial  string   // what stands in it at first; of Choices: the value chosen at first
	Choices  []Choice // the only values; empty: it is typed
}
