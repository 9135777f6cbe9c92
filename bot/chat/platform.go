package chat

import (
	"context"
	"log/slog"

	"smtptest/bot"
	"smtptest/formatting"
)

// Spot is where a message stands, or is to stand.
type Spot struct {
	Channel string
	Thread  string // empty: in no thread
	Message string // empty: it is not posted, or its id is not known
}

// Platform is what a Delivery needs of a platform to answer one event. P is a
// message as the platform takes it. Its methods are called one after the
// other; each error is one that Kit.Classify knows.
type Platform[P any] interface {
	// Post puts a message there and says where it stands.
	Post(ctx context.Context, at Spot, p P) (Spot, error)
	// Edit changes a message and says where it stands.
	Edit(ctx context.Context, at Spot, p P) (Spot, error)
	// Delete takes a message back.
	Delete(ctx context.Context, at Spot) error
	// Thread opens the thread below a message, and names it after the target. A
	// message that stands in a thread has that one.
	Thread(ctx context.Context, root Spot, target string) (Spot, error)
	// Tell shows a message to the person alone, in the best place left.
	Tell(ctx context.Context, p P) error
}

// Acknowledger gives the first response to one event, within the seconds that
// a platform allows. Exactly one of its methods is called, after Place.
type Acknowledger interface {
	// Place says where the answer belongs.
	Place(a bot.Answer) Place
	// Interim acknowledges before a test begins.
	Interim(ctx context.Context, a bot.Answer) Interim
	// Reject says what cannot be used of a form.
	Reject(ctx context.Context, a bot.Answer)
	// Open opens the form of an answer, or says how it can be opened.
	Open(ctx context.Context, a bot.Answer)
	// Reply gives a whole answer.
	Reply(ctx context.Context, m formatting.Message, private bool)
}

// Replacer is an Acknowledger that can put an answer in the place of the message
// that was pressed on.
type Replacer interface {
	Replace(ctx context.Context, m formatting.Message)
}

// Interim is what stands after the first response to a test.
type Interim int

// What may stand.
const (
	Nothing   Interim = iota // the one message is still to be posted
	OneStands                // the one message can be edited
	Answered                 // somebody else has answered: nothing more is to be said
)

// Place is where an answer belongs.
type Place struct {
	At       Spot
	Evidence Evidence
	Why      Reason // why the evidence is not in a thread below
	Brief    bool   // it is a thread of other people's: the evidence is short
}

// Evidence is where the sections of an answer go.
type Evidence int

// The places of evidence.
const (
	Below  Evidence = iota // into the thread that Platform.Thread opens, or is in already
	Behind                 // behind the one message; needs a Follower
	Alone                  // nothing is shown before the end, and then to the person alone
	AtEnd                  // nothing is shown before the end, and then all to everybody; needs an Answerer
)

// Reason says in a message why it is where it is. The zero value says nothing.
type Reason struct {
	ID     formatting.TextID
	Values []formatting.Value
}

// on says the reason in a message.
func (r Reason) on(m formatting.Message) formatting.Message {
	if r.ID == "" {
		return m
	}
	words := formatting.Say(r.ID, r.Values...)
	m.Notes = append(append([]string(nil), m.Notes...), words.What)
	if words.Try != "" {
		m.Notes = append(m.Notes, words.Try)
	}
	return m
}

// Companion is a platform on which the person alone sees how a test goes beside
// the answer, or before it: in the form that was sent, or in a first word.
type Companion interface {
	// Accompany hears of each stage once the delivery has shown or told it.
	Accompany(ctx context.Context, u bot.Update)
}

// Advancer is a platform on which an answer may have to wait for its turn.
type Advancer interface {
	// Ahead shows a verdict to the person alone, where the place takes it late. It
	// is true for what comes before a verdict, and is not worth the wait.
	Ahead(ctx context.Context, u bot.Update) (omit bool)
}

// Follower is a platform that can put a message behind its first response
// without any right in the channel.
type Follower[P any] interface {
	Follow(ctx context.Context, p P) error
}

// Filer is a platform that may refuse a file where it takes words.
type Filer[P any] interface {
	// WithoutFile says what is done when a post of m was refused: instead is
	// posted in its place, aside is shown elsewhere. ok is false where no file
	// was the cause.
	WithoutFile(p P, m formatting.Message, err error) (instead, aside []P, ok bool)
}

// Redirector is a platform that has a second place for an answer.
type Redirector interface {
	// Elsewhere says what to do when a place took no message.
	Elsewhere(err error) Redirect
	// Redirected tells the person where the answer is.
	Redirected(ctx context.Context, why Reason)
}

// Answerer is a platform that can show an answer to all at the event's own
// address, without any right in the channel. What was shown there cannot be
// changed.
type Answerer[P any] interface {
	Respond(ctx context.Context, p P) error
}

// Redirect is the best place left.
type Redirect struct {
	AtEnd Reason // why all see the answer at the event's own address, whole and at its end; zero: they do not
	At    Spot
	There Reason // why the answer is at At; zero: it is not to be tried
	Alone Reason // why only the person sees the answer, where At does not take it either
}

// Announcer is a platform whose messages have an address.
type Announcer interface {
	// Announce tells the run where its one message stands.
	Announce(run *bot.Job, at Spot)
}

// Kit is what all deliveries of a platform have in common. Its fields must not
// change.
type Kit[P any] struct {
	Root     func(formatting.Message) P   // the one message, with what can be pressed
	Whole    func(formatting.Message) []P // all of an answer, where there is no thread
	Thread   func(formatting.Message) []P // the sections alone
	Classify func(error) Problem          // of an error that is not nil
	Name     func(error) string           // of an error, without what it quotes
	Log      *slog.Logger
}
