// Package results is what the bot remembers between two events, and how often
// it may be asked: results with their buttons, forms that are open, events that
// were seen, tests that others may join, and the counters of all limits.
//
// Everything that is kept is a row of plain data that can be encoded, so that
// several processes may share it. Store and Limiter are the interfaces; their
// memory versions keep rows in this process alone, bounded in number, age and
// bytes, and gone when it ends. No row contains a credential.
//
// The methods cannot fail, and all but Settle and Confirm answer at once, from
// the memory of this process: an event is acknowledged before any other process
// is asked. A version that shares its rows answers from its own memory while the
// others are out of reach.
package results

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/diagnosis/outage"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/diagnosis/vantages"
	"smtptest/probe/series"
)

// How long rows are kept.
const (
	MaxAge       = time.Hour
	FormLife     = 10 * time.Minute
	EventLife    = 10 * time.Minute // platforms deliver an event again within minutes
	ComparedLife = 2 * time.Minute  // they are made once a minute, and a test takes one at most
	PressLife    = 3 * time.Second  // of a button: nobody means two tests within it
)

// Store keeps rows by their IDs.
type Store interface {
	Results
	Joins
	Forms
	Marks
}

// Results are tests that were finished lately.
type Results interface {
	// Put stores a result, or replaces that of the same ID.
	Put(Result)
	// Get returns the result of an ID unless it is older than MaxAge.
	Get(id string) (r Result, ok bool)
	// Recent returns the latest tests of a person on the platform and in the
	// workspace of a place, newest first, at most so many.
	Recent(p Place, person string, most int) []Result
	// Latest returns the latest result of what was asked and where.
	Latest(key string) (r Result, ok bool)
	// Compared returns the latest result that has the comparisons with a server.
	Compared(key string) (r Result, ok bool)
}

// Joins are tests that run, so that a second person who asks the same is led
// to the first one's test.
type Joins interface {
	// Start adds a test. The first of a key stays; it is replaced by a row of
	// its own ID alone. A row without a key is not kept.
	Start(Running)
	// Running returns the test of a key.
	Running(key string) (r Running, ok bool)
	// End removes a test from its key, if it is the one there.
	End(Running)
}

// Forms are login forms that were opened.
type Forms interface {
	// Open stores a form. A person has a few at most: the oldest makes way.
	Open(Form)
	// Form returns a form until it expires or is consumed.
	Form(id string) (f Form, ok bool)
	// Consume removes a form; consumed is true once.
	Consume(id string) (consumed bool)
}

// Marks note that something happened, so that it is done once.
type Marks interface {
	// Remember adds a mark; added is false while it is there already.
	Remember(Mark) (added bool)
	// Forget removes a mark before its time.
	Forget(Mark)
	// Settle asks all processes that share the marks, once an event is
	// acknowledged, whether each was added here first. Marks that this process
	// does not keep, such as those of forms, are added by it.
	Settle(context.Context, []Mark) Settlement
}

// Settlement says whose some marks are.
type Settlement struct {
	Lost  *Mark // one that another process had added before; nil: there is none
	Apart bool  // the others could not be asked: what is known here alone holds
}

// Sharer is a Store that shares its rows with other processes.
type Sharer interface {
	// Apart reports that what others keep may be unknown here at the moment.
	Apart() bool
}

// Place is where an answer goes, and what a result belongs to.
type Place struct {
	Platform  formatting.Platform
	Workspace string // a Slack team, a Discord guild; empty: none
	Channel   string
}

// Result is what is remembered of one test, so that its buttons work.
type Result struct {
	ID       string
	Place    Place
	Person   string // who asked; the only one who may press when Private
	Private  bool
	Command  command.Command // as it was asked; without a login
	Login    bool            // a login was part of it
	Judged   diagnosis.Judged
	Places   *vantages.Judged   // of a test at all places, which has no Judged; nil: it was made at one
	Domain   *delivery.Judged   // of an examination of a domain, which has no Judged; nil: a test of one server
	Deep     *tlsgrade.Judged   // of a scan of TLS, likewise; nil: it is none
	Tests    []diagnosis.Judged // of several tests, which have no Judged; nil: it was one
	Stop     series.Stop        // of a series
	Key      string             // of what was asked and where; empty: it is for one person
	Compared string             // of a server: its comparisons with it are for others too; empty: it made none
	Link     string             // to the answer on its platform; empty: unknown
	Ended    time.Time          // UTC
	// Outage is when the same request in the same place did not work, as the tests of this bot saw it that were kept
	// until the next; Changes is not counted. Of a private one it is this test alone.
	Outage outage.Window
}

// Done reports that the test is over.
func (r Result) Done() bool {
	return r.Judged.Report != nil || r.Domain != nil || r.Deep != nil || r.Places != nil || len(r.Tests) > 0
}

// Running is a test that is not over yet.
type Running struct {
	Key     string // of what is asked and where; empty: nobody can join it
	ID      string // of its Result
	Link    string // to the answer on its platform; empty: unknown
	Dialled bool   // it is past the guard, or one like it was: it has an answer for others too

	// Settled: its event is this process's to answer, and others may hear of it.
	Settled bool
	Left    *Left // what another process needs to end its message; nil: it needs none
}

// Left is what a test leaves behind whose process was killed: a message that
// says for ever that it runs.
type Left struct {
	Place   Place
	Message string // as the platform names it; empty: none stands yet
	Way     string // back to the person, as the platform names it; empty: there is none
	About   string // what is tested
	Request string // of the button that runs it again; empty: it has none
	Private bool   // it is for the person alone
}

// Form is a login form that was opened for one person.
type Form struct {
	ID      string
	Place   Place
	Person  string
	Command command.Command
	Expires time.Time // UTC
}

// Mark names something that happened.
type Mark struct {
	Kind MarkKind
	Key  string
}

// MarkKind is what a mark is of.
type MarkKind string

// The kinds.
const (
	MarkEvent MarkKind = "event" // an event of a platform was taken; kept for EventLife
	MarkPress MarkKind = "press" // a button began a test; kept for PressLife
	MarkShare MarkKind = "share" // a verdict was shared; kept as long as its Result
	MarkForm  MarkKind = "form"  // a form was consumed; kept as long as a Form, and by Settle alone
	MarkEnd   MarkKind = "end"   // what a killed process left behind is ended; like that
)

// NewID is 128 random bits in hexadecimal: nobody guesses it.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
