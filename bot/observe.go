package bot

import (
	"crypto/rand"
	"time"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
)

// Record is what is known of one answer afterwards. It contains no target, no
// name of a person, no text of a command, so that it can be logged and
// counted.
type Record struct {
	Platform  formatting.Platform
	Kind      Kind
	Submitted bool              // it answered a form
	Refused   formatting.TextID // of the text that said no; empty: nothing did
	Outcome   diagnosis.Outcome
	Stage     probe.Phase // where a test ended; empty when it worked, or was none
	Elapsed   time.Duration
	Vantage   string           // the other place that was asked; empty: this one, or it was no test
	Absent    string           // why that place has not carried it out; empty: it has
	Places    []vantages.Place // of a test at all places, for its counters; they are not to be logged
	Reference string           // what a person was asked to quote; empty: nothing went wrong on our side
	Reason    string           // words of ours for the operator; empty: there is nothing to add
	Panic     string           // type of a panic's value; empty: there was none
}

// Kind is what an answer was given to.
type Kind string

// The kinds. Those of commands are their verbs.
const (
	KindTest          = Kind(command.VerbTest)
	KindLogin         = Kind(command.VerbLogin)
	KindExplain       = Kind(command.VerbExplain)
	KindEgress        = Kind(command.VerbEgress)
	KindDomain        = Kind(command.VerbDomain)
	KindCompare       = Kind(command.VerbCompare)
	KindHelp          = Kind(command.VerbHelp)
	KindDeep     Kind = "deep"  // a test that scans TLS
	KindUsage    Kind = "usage" // a command that could not be read
	KindPress    Kind = "press"
	KindMore     Kind = "more"
	KindShare    Kind = "share"
	KindForm     Kind = "form"
	KindHome     Kind = "home"
	KindWatch    Kind = "watch" // a test of a watch, after its first
	KindStranger Kind = "who"   // somebody who may not use the bot
	KindFlood    Kind = "flood" // what was not even read, because the person had asked too often
	KindPanic    Kind = "panic"
)

// newReference is short enough to be read out on the phone, and not guessed.
func newReference() string { return rand.Text()[:8] }
