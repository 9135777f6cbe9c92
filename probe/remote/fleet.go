package remote

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	askEvery    = 5 * time.Second        // which agents are there
	askFor      = 700 * time.Millisecond // their answers are gathered; once around the world takes half of it
	goneAfter   = 2*askEvery + askFor    // without an answer to two questions in a row
	maxHeard    = 4 * MaxVantages        // answers that are read to one question
	maxInfo     = 16 << 10               // bytes of one of them
	maxMetadata = 80                     // bytes of what an agent says of itself in one field
)

// Door says whether something is open from where an agent stands.
type Door string

// The answers.
const (
	DoorUnknown Door = ""
	DoorOpen    Door = "open"
	DoorClosed  Door = "closed"
)

// Agent is what is known of a vantage point.
type Agent struct {
	Vantage   string
	Connected bool      // an agent of it answered lately
	LastSeen  time.Time // zero: never since this program began
	Instances int       // agents that answered the last question; they share its requests
	// Of one of them, as it says itself, printable and bounded:
	Version string
	Network string // where it stands, in its operator's words
	Port25  Door   // whether its network lets mail out
	IPv6    Door
	// Logins can be sent: a key of it is configured. OtherKey: its agent says that
	// it has another one, so that they will not open.
	Logins, OtherKey bool
}

// Fleet knows the vantage points of a bot. It is used by many goroutines.
type Fleet struct {
	conn     *nats.Conn
	vantages []Vantage

	mu     sync.Mutex
	agents map[string]Agent
}

// NewFleet is about the vantage points that an operator has set up. The
// connection should have an inbox prefix of its own, because whoever may read
// the inbox reads reports.
func NewFleet(conn *nats.Conn, vantages []Vantage) *Fleet {
	f := &Fleet{conn: conn, vantages: slices.Clone(vantages), agents: map[string]Agent{}}
	for _, v := range vantages {
		f.agents[v.Name] = Agent{Vantage: v.Name, Logins: v.Key != nil}
	}
	return f
}

// Agents are all vantage points in the operator's order, as far as is known now.
func (f *Fleet) Agents() []Agent {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]Agent, 0, len(f.vantages))
	for _, v := range f.vantages {
		all = append(all, f.agents[v.Name])
	}
	return all
}

// Names are the names of all vantage points, in the operator's order.
func (f *Fleet) Names() []string {
	all := make([]string, 0, len(f.vantages))
	for _, v := range f.vantages {
		all = append(all, v.Name)
	}
	return all
}

// Keep asks again and again which agents are there, and whenever the broker is
// connected again, until ctx is over.
func (f *Fleet) Keep(ctx context.Context) {
	up := f.conn.StatusChanged(nats.CONNECTED)
	defer f.conn.RemoveStatusListener(up)
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		f.Ask(ctx)
		select {
		case <-tick.C:
		case _, open := <-up:
			if !open { // the connection was closed for good
				up = nil
			}
		case <-ctx.Done():
			return
		}
	}
}

// Ask asks once which agents are there, and knows each as soon as it has answered.
// It takes 0.7 s, or less where all have.
func (f *Fleet) Ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	heard := map[string]Agent{}
	defer f.miss()
	inbox := f.conn.NewInbox()
	sub, err := f.conn.SubscribeSync(inbox)
	if err != nil {
		return
	}
	defer func() { _ = sub.Unsubscribe() }()
	if f.conn.PublishRequest("$SRV.INFO."+service, inbox, nil) != nil {
		return
	}
	for range maxHeard {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil { // the time is over, or nobody is there
			return
		}
		f.hear(heard, m.Data)
		if len(heard) == len(f.vantages) && oneEach(heard) {
			return // one more of the same place would come a little later, and is counted next time
		}
	}
}

// oneEach reports that no place has had several agents so far.
func oneEach(heard map[string]Agent) bool {
	for _, a := range heard {
		if a.Instances > 1 {
			return false
		}
	}
	return true
}

// info is what is read of an answer to $SRV.INFO.
type info struct {
	Metadata map[string]string `json:"metadata"`
}

func (f *Fleet) hear(heard map[string]Agent, data []byte) {
	var i info
	if len(data) > maxInfo || json.Unmarshal(data, &i) != nil {
		return
	}
	at := slices.IndexFunc(f.vantages, func(v Vantage) bool { return v.Name == i.Metadata["vantage"] })
	if at < 0 {
		return
	}
	v, say := f.vantages[at], func(field string) string { return printable(i.Metadata[field], maxMetadata) }
	a := Agent{
		Vantage: v.Name, Connected: true, LastSeen: time.Now(), Instances: heard[v.Name].Instances + 1,
		Version: say("version"), Network: say("network"),
		Port25: door(i.Metadata["port25"]), IPv6: door(i.Metadata["ipv6"]),
		Logins: v.Key != nil, OtherKey: v.Key != nil && i.Metadata["key"] != v.Key.ID(),
	}
	heard[v.Name] = a
	f.mu.Lock()
	defer f.mu.Unlock()
	f.agents[v.Name] = a
}

func door(text string) Door {
	if d := Door(text); d == DoorOpen || d == DoorClosed {
		return d
	}
	return DoorUnknown
}

// miss notes who has been silent for too long.
func (f *Fleet) miss() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, a := range f.agents {
		if a.Connected && time.Since(a.LastSeen) > goneAfter {
			a.Connected, a.Instances = false, 0
			f.agents[name] = a
		}
	}
}

// seen notes an answer, or that nobody was there to give one.
func (f *Fleet) seen(vantage string, there bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.agents[vantage]
	if !ok {
		return
	}
	if a.Connected = there; there {
		a.LastSeen, a.Instances = time.Now(), max(a.Instances, 1)
	} else {
		a.Instances = 0
	}
	f.agents[vantage] = a
}

func (f *Fleet) lastSeen(vantage string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.agents[vantage].LastSeen
}

// From is the prober at a vantage point. A name that is not configured gives one
// whose every run is an *Error of the kind Unknown.
func (f *Fleet) From(vantage string) *Prober {
	p := &Prober{fleet: f, vantage: Vantage{Name: vantage}}
	if at := slices.IndexFunc(f.vantages, func(v Vantage) bool { return v.Name == vantage }); at >= 0 {
		p.vantage, p.known = f.vantages[at], true
	}
	return p
}
