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
	"strings"
	"time"
)

// Message is one answer, before a renderer gives it a platform's shape. The
// server's words may stand in Said and in every section; Verdict, Target,
// Fact and Footer hold none, so that they can be shown to others.
type Message struct {
	Tone     Tone
	Verdict  string    // "Working up to TLS", "Failed at STARTTLS"
	Target   string    // host:port
	Fact     string    // the one line that matters most; may be empty
	Said     string    // the server's words that ended the session, where they are short; no quotation marks; empty: none
	Sections []Section // in order
	Footer   string    // from where, when, what was not tested
}

// Tone is the mood of a message. It is never the only carrier of a meaning.
type Tone string

// The tones.
const (
	ToneGood    Tone = "good"
	ToneWarning Tone = "warning"
	ToneBad     Tone = "bad"
	ToneUnsure  Tone = "unsure"  // inconclusive
	ToneRefused Tone = "refused" // not tested
)

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
	}
	return "⛔"
}

// Section is one part of a message: Facts, Findings or Code.
type Section interface{ section() }

// Facts is a list of names with values.
type Facts struct {
	Title string
	Rows  []Fact
}

// Fact is one row. Value may be empty: the name says it all.
type Fact struct {
	Name  string
	Value string
}

// Findings is the diagnosis.
type Findings struct{ Items []Finding }

// Finding is one finding in words.
type Finding struct {
	Severity    string // "Error", "Warning", "Note"
	Title       string
	Explanation string
	Advice      string // empty: nothing to do
	Owner       string // whose side it is on: "yours", "the server's"
	Confidence  string // "measured", "likely cause", "possible cause"
	Reference   string
	ID          string
}

// Grounds says whose side a finding is on and on what it rests.
func (f Finding) Grounds() string {
	return "Whose side: " + strings.Join([]string{f.Owner, f.Confidence, f.Reference, f.ID}, " · ")
}

// Code is a transcript.
type Code struct {
	Title string
	Lines []CodeLine
}

// CodeLine is one line of a transcript.
type CodeLine struct {
	At     time.Duration // since the session began
	Side   string        // "C", "S" or "*"; empty: nobody said it, and it is shown without time and side
	Secure bool          // inside TLS
	Text   string
}

func (Facts) section()    {}
func (Findings) section() {}
func (Code) section()     {}
