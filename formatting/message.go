// Package formatting turns a Report and its Diagnosis into a Message: the
// words, their order and their tone, said once for all platforms.
//
// It measures nothing and judges nothing. A Message holds no platform's
// shapes: a few kinds of section, and text that is printable already. How a
// terminal or a chat shows it, and within which limits, is the business of
// the renderers below this package.
//
// The voice: the verdict first, words before symbols, one fact a line, the
// server's own words in quotation marks, no blame. What was not tested is
// said. What failed, what it means, what to try.
package formatting

import (
	"fmt"
	"slices"
	"time"
)

// Message is one answer, before a renderer gives it a platform's shape. Its
// head is all but the sections: what a channel sees. The sections are what a
// thread holds. The server's words may stand in Quote and in every section; the
// other parts hold none, so that they can be shown to others.
type Message struct {
	Tone     Tone
	Verdict  string    // "Works: TLS tested", "Failed at STARTTLS"; empty: the sections are the answer
	Target   string    // host:port; empty: it is about no server in particular
	Fact     string    // the one line that matters most; may be empty
	Quote    []string  // the server's words that ended the session, line by line; no quotation marks; empty: none
	Try      string    // the first advice, worded for the place; empty: there is nothing to do
	Owner    string    // who can fix it, worded for the place; empty: there is nothing to fix, or nobody is known
	Chart    string    // a character for each of several tests, for a fixed-width font; Notes say the same; empty: none
	Notes    []string  // one sentence each: how the target was understood, what changed, why the answer is here
	Times    []Moment  // shown in UTC, and in the reader's own time where a platform can
	By       Person    // who asked; zero: not said
	Links    []Link    // to other answers
	Sections []Section // in order
	Actions  []Action  // what can be done next, in order
	Footer   string    // from where, and what else was not tested
	Began    time.Time // when the test began, shown in the reader's own time where a platform can; zero: not said
}

// Person is somebody on a platform. A renderer names people without calling
// them.
type Person struct {
	ID   string // the platform's own; empty: the platform has none
	Name string // as shown; empty: unknown
}

// Moment is a time with a name: "First failed test".
type Moment struct {
	Name string
	At   time.Time
}

// Link leads to another answer. The address comes from the platform, never
// from a person or a server.
type Link struct{ Label, URL string }

// Action is something that a person can do with an answer: a button, or a
// numbered choice.
type Action struct {
	Verb       string   // what it does, for the one who made the message; letters only, at most 12
	Run        string   // the run that it belongs to; opaque, at most 32 characters
	Request    string   // comes back with a press, where a button has room for it; at most 1,000 characters of base64url
	Label      string   // at most 75 runes (Slack's limit for buttons; Discord's is 80)
	Accessible string   // for a screen reader, which reads it without its surroundings; empty: Label says it all
	Main       bool     // the likeliest next step
	Choices    []Choice // what can be chosen instead of pressing; empty: it is pressed
}

// Choice is one of several things to choose. Its label has at most 75 runes.
type Choice struct{ Value, Label string }

// Tone is the mood of a message. It is never the only carrier of a meaning.
type Tone string

// The tones. The zero value is none: nothing was judged.
const (
	ToneGood    Tone = "good"
	ToneWarning Tone = "warning"
	ToneBad     Tone = "bad"
	ToneUnsure  Tone = "unsure"  // inconclusive
	ToneRefused Tone = "refused" // not tested
	ToneWaiting Tone = "waiting" // not known yet
)

// Tones are all tones but none.
func Tones() []Tone {
	return []Tone{ToneGood, ToneWarning, ToneBad, ToneUnsure, ToneRefused, ToneWaiting}
}

// Symbol goes before the words of a verdict.
func (t Tone) Symbol() string {
	switch t {
	case ToneGood:
		return "✅"
	case ToneWarning:
		return "⚠️"
	case ToneBad:
		return "❌"
	case ToneUnsure:
		return "❔"
	case ToneRefused:
		return "⛔"
	case ToneWaiting:
		return "⏳"
	}
	return ""
}

// Colour is the second sign of what the verdict says first, as 0xRRGGBB. The
// shades are readable beside light and dark backgrounds. 0: none.
func (t Tone) Colour() int {
	switch t {
	case ToneGood:
		return 0x2e9e5b
	case ToneWarning:
		return 0xd9a400
	case ToneBad:
		return 0xd0343c
	case ToneUnsure:
		return 0x7a6fd0
	case ToneRefused, ToneWaiting:
		return 0x8a8f98
	}
	return 0
}

// Section is one part of a message: Prose, Facts, Findings, Table, Code or File.
type Section interface{ section() }

// Prose is running text.
type Prose struct {
	Title      string // may be empty
	Paragraphs []string
}

// Facts is a list of names with values.
type Facts struct {
	Title string
	Short string // all of it in one line, for a chat, where all is well; empty: the rows are shown
	Rows  []Fact
}

// Fact is one row. Value may be empty: the name says it all.
type Fact struct {
	Name  string
	Value string
}

// fingerprint is the name of a row whose value is for programs.
const fingerprint = "SHA-256"

// Literal reports a value that nobody reads as words: it is shown as code.
func (f Fact) Literal() bool { return f.Name == fingerprint }

// Findings is the diagnosis.
type Findings struct{ Items []Finding }

// Finding is one finding in words.
type Finding struct {
	Severity    string // "Error", "Warning", "Note"
	Title       string
	Explanation string
	Advice      string // empty: nothing to do
	Owner       string // who can fix it: "the server's operators"
	Confidence  string // "measured", "likely cause", "possible cause"
	Reference   string
	ID          string
}

// The words before what to do next, and before who can do it.
const (
	TryWords = "Try:"
	WhoWords = "Who can fix it:"
)

// Grounds says who can fix what was found, and on what that rests.
func (f Finding) Grounds() string {
	return Join([]string{WhoWords + " " + f.Owner, f.Confidence, f.Reference, f.ID}, " · ")
}

// Quoted are lines in quotation marks: one before the first, one after the
// last.
func Quoted(lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	out := slices.Clone(lines)
	out[0] = "“" + out[0]
	out[len(out)-1] += "”"
	return out
}

// When is the time of a test for those who read it elsewhere: in a terminal, a
// file, or a client that shows no local times.
func When(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// Code is a transcript, or lines to copy. Its lines keep their order and
// their blanks.
type Code struct {
	Title  string
	Legend string // explains its marks; empty: it was explained before
	Lines  []CodeLine
}

// CodeLine is one line of a transcript.
type CodeLine struct {
	At     time.Duration // since the session began
	Side   string        // "C", "S" or "*"; empty: nobody said it, and it is shown without time and side
	Secure bool          // inside TLS
	Text   string
}

// File is a text for a program or an archive, too long to read in a chat.
type File struct {
	Name  string // letters, digits, hyphens and one dot
	Title string // what it is, for people
	Text  string // UTF-8, lines end in LF
}

// columnWidth is that of the time in a transcript: hours of it, to the
// millisecond.
const columnWidth = 9

// String is the line as a transcript shows it. A line that nobody said is its
// text.
func (l CodeLine) String() string { return l.Columns(columnWidth) + l.Text }

// Columns are what stands before the text: time in seconds, side, and a tilde
// for what travelled inside TLS, so that nobody needs colours to tell the
// sides apart. Empty for a line that nobody said.
func (l CodeLine) Columns(width int) string {
	if l.Side == "" {
		return ""
	}
	secure := " "
	if l.Secure {
		secure = "~"
	}
	return fmt.Sprintf("%*.3f %s%s ", width, l.At.Seconds(), l.Side, secure)
}

func (Prose) section()    {}
func (Facts) section()    {}
func (Findings) section() {}
func (Table) section()    {}
func (Code) section()     {}
func (File) section()     {}
