// Package watch tests a server again and again until it works, and keeps one
// message in a channel up to date meanwhile.
//
// A Row is one watch as plain data: where its message stands, what is tested,
// what was seen so far. A Schedule keeps rows and says when each is due: in the
// memory of this process (Memory), or in an engine that several processes share.
// A Service makes what is due: it has the server tested, adds the outcome to the
// row, keeps that, and shows it on a Board.
//
// Nothing in a row is secret: a login is not watched, because none is kept.
package watch

import (
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/timeline"
	"smtptest/probe/diagnosis/outage"
)

// Pace is how often and how long a server is tested.
type Pace struct {
	Every time.Duration `json:"every"` // from the beginning of one test to that of the next
	Stays time.Duration `json:"stays"` // it goes on for so long once the server works
	Most  time.Duration `json:"most"`  // in all
}

// DefaultPace is what a server in trouble bears: two connections a minute, of
// the ten that it gets from one bot at most (results.DefaultLimits).
func DefaultPace() Pace {
	return Pace{Every: 30 * time.Second, Stays: 5 * time.Minute, Most: 30 * time.Minute}
}

// Limits of watches at the same time.
const (
	PerChannel = 3
	PerPerson  = 3
	PerTarget  = 3   // in all channels: six tests a minute of the ten that a server gets
	maxRows    = 100 // of one process
)

// Row is one watch.
type Row struct {
	ID      string            `json:"id"` // of the results.Result of its newest test
	Place   results.Place     `json:"place"`
	Person  formatting.Person `json:"person"` // who asked
	Command command.Command   `json:"command"`
	Request string            `json:"request"` // of the button that starts it again; empty: there is none
	At      Spot              `json:"at"`
	Pace    Pace              `json:"pace"`
	Until   time.Time         `json:"until"` // UTC; no test begins after it

	Series outage.Series `json:"series"`
	Last   timeline.Head `json:"last"`   // of the newest test
	Missed string        `json:"missed"` // why the newest test was not made; empty: it was
	Next   time.Time     `json:"next"`   // of the next test, UTC
	Shown  int           `json:"shown"`  // turns that were told, see outage.Series.Turns

	Revision uint64 `json:"-"` // of what is kept; the schedule's own
}

// Spot is where the message of a watch stands, in the platform's own ids.
type Spot struct {
	Channel string `json:"channel"`
	Message string `json:"message"`
	Thread  string `json:"thread"` // where what belongs to it is posted; empty: nowhere
	Within  bool   `json:"within"` // the message itself stands in Thread: the channel outside is not told
}

// Keys of what is limited.
func (r Row) channel() string { return results.ChannelKey(r.Place) }
func (r Row) person() string  { return results.PersonKey(r.Place, r.Person.ID) }
func (r Row) target() string  { return results.TargetKey(r.Command.Request.Target.Host) }
func (r Row) same() string    { return results.RequestKey(r.Place, r.Command.Request) }

// Claims are the places that a watch takes: how many there are of each. The
// watch of one request in one channel is there once.
func (r Row) Claims() []Claim {
	return []Claim{
		{LimitSame, r.same(), 1}, {LimitChannel, r.channel(), PerChannel}, {LimitPerson, r.person(), PerPerson},
		{LimitTarget, r.target(), PerTarget},
	}
}

// Claim is one of several places.
type Claim struct {
	Limit Limit
	Key   string
	Most  int
}

// Limit is what keeps a watch from beginning.
type Limit string

// The limits.
const (
	LimitSame    Limit = "same" // the same is watched here already
	LimitChannel Limit = "channel"
	LimitPerson  Limit = "person"
	LimitTarget  Limit = "target"
	LimitAll     Limit = "all" // of this bot
)

// over is why a watch ends now; empty: it goes on.
func (r Row) over(now time.Time) timeline.Over {
	switch {
	case r.Series.Kind == outage.Works && r.Series.Doubt == nil && now.Sub(r.Series.Since) >= r.Pace.Stays:
		return timeline.OverWorks
	case now.Add(r.Pace.Every).After(r.Until):
		return timeline.OverTime
	}
	return ""
}

// advance sets the time of the next test: the next one of the pace that is not
// over already.
func (r *Row) advance(now time.Time) {
	if late := now.Sub(r.Next); late >= 0 {
		r.Next = r.Next.Add((late/r.Pace.Every + 1) * r.Pace.Every)
	}
}

// words are what is known of a watch, for people.
func (r Row) words() timeline.Watch {
	return timeline.Watch{
		Target: r.Command.Request.Target.String(), Series: r.Series, Last: r.Last, Every: r.Pace.Every, Stays: r.Pace.Stays,
		Next: r.Next, Until: r.Until, By: r.Person, Missed: r.Missed,
	}
}

// Window is that of the outage as the watch saw it, and the line for a timeline;
// ok is false where every test worked.
func (r Row) Window() (w outage.Window, line string, ok bool) {
	if w, ok = r.Series.Window(); !ok {
		return w, "", false
	}
	line, ok = timeline.Line(r.Command.Request.Target.String(), r.Series, r.Pace.Every)
	return w, line, ok
}
