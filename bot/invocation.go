package bot

import (
	"context"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe/secret"
)

// Invocation is one thing that somebody did on a platform: typed a command,
// pressed a button, sent a form. An adapter makes it from its own event.
type Invocation struct {
	ID        string // the platform's own of this event; the same event twice is answered once. Empty: it has none
	Place     Place
	Person    formatting.Person
	Groups    []string  // what the person belongs to, as the platform names it (Discord: roles)
	Began     time.Time // when the event came in; zero: now
	Overheard bool      // the text stands in a message that others can read
	Traits    Traits    // of the platform

	Refused formatting.TextID // why the person may not use the bot at all; empty: they may

	Home    bool                 // the person looks at the bot's own page
	About   *About               // somebody's message that this person asks about; nil: none
	Text    string               // of a command, all behind its name
	Options []command.NamedValue // typed into fields of their own (Discord)
	Press   *Press               // a button; nil: none was pressed
	Form    *Submission          // a form; nil: none was sent
}

// who is the person as profiles know people.
func (inv Invocation) who() Who {
	return Who{Platform: inv.Place.Platform, IDs: append([]string{inv.Person.ID}, inv.Groups...)}
}

// Place is where an answer goes, and what a result belongs to.
type Place = results.Place

// Traits are what has to be known of a platform here. Its adapter gives them.
type Traits struct {
	Name         string // as people call it
	ShowsSecrets bool   // its forms show a secret while it is typed
	OpensTests   bool   // it opens a form for a test where nothing is typed
	OpensTexts   bool   // it opens a form for a long text when explain is asked for without one
}

// About is a message that was written for people, and what is asked about it.
type About struct {
	Text string // all that one reads of it
	Test bool   // the servers in it are to be tested; false: it is to be explained
}

// Press is a button under an answer.
type Press struct {
	Verb    string // of the formatting.Action
	Run     string // of the formatting.Action
	Choice  string // of its Choices; empty: it has none
	Request string // of the formatting.Action; empty: it has none
}

// The verbs of actions. A platform keeps them in its buttons, so they never
// change their meaning.
const (
	pressAgain   = "again"
	pressVariant = "variant"
	pressLogin   = "login"
	pressMore    = "more"
	pressDeep    = "deep" // the TLS of a server that was tested
	pressShare   = "share"
	pressState   = "state"  // of a test that runs
	pressReopen  = "reopen" // of a form; its Run is the form's ID
	pressFrom    = "from"   // its Choice is a place
	pressTarget  = "target" // of a question; its Choice is the command
	pressServer  = "server" // of a bounce: the one that refused the message
	pressDomain  = "domain" // of a test whose target turned out to be a mail domain
	pressWatch   = "watch"  // of a result: test it again and again
	pressStop    = "stop"   // of a watch
)

// Submission is a form that was filled in.
type Submission struct {
	Form   string            // formatting.Form.ID
	Values map[string]string // by formatting.Field.ID; what is secret is not here
	Secret secret.Secret     // the field that is secret
}

// Answer is what can be said at once: within the time that a platform gives
// for an acknowledgement, and without asking the network anything.
type Answer struct {
	Message formatting.Message // the whole answer; of a Job, the interim reply to the person
	Private bool               // Message, and all that Job says, is for the person alone
	Form    *formatting.Form   // to be opened; nil: none
	Errors  map[string]string  // by field, for the form that was sent: it stays open; nil: none
	Reopen  *formatting.Action // opens the form anew: of Errors where none stays open, of Form where none opens
	Channel string             // where the form was opened, of an answer to one; empty: it is not, or Job says it
	Replace bool               // Message takes the place of the one that was pressed on, where it can
	Job     *Job               // to be carried out; nil: Message is all

	Unsure bool // another process might have a better one: where each gets the event, it goes first

	// Ours asks other processes whether none of them has answered the event; false:
	// say nothing. It may take 150 ms, and is for what is said after the
	// acknowledgement. Nil: there is nobody to ask.
	Ours func(context.Context) bool
}

// Update is one message of a job, in the order of Stage.
type Update struct {
	Stage   Stage
	Message formatting.Message
}

// Stage is how far a job's answer has come.
type Stage int

// The stages. Each comes at most once, StageProgress twice, in this order, and one
// of StageDone and StageDenied is always the last.
const (
	StageStarted  Stage = iota // something is being tested: the one message in the channel
	StageProgress              // it takes long: that message, changed
	StageVerdict               // the verdict, without sections: that message, changed
	StageDone                  // the whole answer: the verdict, and the sections for the thread
	StageDenied                // it may not be tested: take back what was posted, tell the person alone
)
