package bot

import (
	"container/list"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
)

// Limits of what is remembered, so that buttons work: in memory alone, never
// a credential, gone with the process.
const (
	maxRunAge    = time.Hour
	maxRuns      = 500
	maxRunOctets = 64 << 20 // of all reports together, estimated
	formLife     = 10 * time.Minute
	maxForms     = 500
	doubleClick  = 3 * time.Second // nobody means two tests within it
)

// run is what is remembered of one test.
type run struct {
	id      string
	place   Place
	person  string // who asked; the only one who may press when private
	private bool
	command Command // as it was asked; without a login
	login   bool    // a login was part of it
	key     string  // of what was asked; empty: nobody can join it
	report  *probe.Report
	link    string // to the answer on its platform; empty: unknown
	size    int
	ended   time.Time
}

// Runs remembers tests that run and those that were finished lately.
type Runs struct {
	now func() time.Time

	mu       sync.Mutex
	running  map[string]*run // by key
	byID     map[string]*list.Element
	finished *list.List // of *run, oldest first
	octets   int
	presses  map[string]time.Time // of tests, lately
	forms    map[string]pending
	order    []string // of forms, oldest first
}

// pending is a login form that was opened.
type pending struct {
	place   Place
	person  string
	command Command
	expires time.Time
}

// NewRuns is an empty memory.
func NewRuns() *Runs {
	return &Runs{now: time.Now, running: map[string]*run{}, byID: map[string]*list.Element{}, finished: list.New(), forms: map[string]pending{}, presses: map[string]time.Time{}}
}

// twice reports a press that begins a test and was made a moment ago by the
// same person: a double click.
func (s *Runs) twice(p Press, person string) bool {
	if p.Verb != pressAgain && p.Verb != pressVariant {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for key, at := range s.presses {
		if now.Sub(at) >= doubleClick {
			delete(s.presses, key)
		}
	}
	key := p.Run + "\x00" + p.Verb + "\x00" + person
	if _, pressed := s.presses[key]; pressed || len(s.presses) >= maxRuns {
		return pressed
	}
	s.presses[key] = now
	return false
}

// newID is 128 random bits in hexadecimal: nobody guesses a run.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// keyOf names what is asked and where, so that the same can be joined.
func keyOf(inv Invocation, r probe.Request) string {
	e := "-"
	if r.Envelope != nil {
		e = r.Envelope.From.String() + ">"
		if r.Envelope.To != nil {
			e += r.Envelope.To.String()
		}
	}
	return fmt.Sprintf("%s\x00%s\x00%s\x00%s %s %d %s %s %s", inv.Place.Platform, inv.Place.Workspace, inv.Place.Channel,
		r.Target, r.Security, r.Family, r.At, r.EHLOName, e)
}

// begin remembers a test that starts now. joined is the same test if it runs
// already.
func (s *Runs) begin(r *run) (joined *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.key == "" {
		return nil
	}
	if other, ok := s.running[r.key]; ok {
		c := *other
		return &c
	}
	s.running[r.key] = r
	return nil
}

// running tells whether the same is tested already; it changes nothing.
func (s *Runs) runs(key string) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	other, ok := s.running[key]
	if !ok {
		return nil
	}
	c := *other
	return &c
}

// posted notes where an answer is to be found.
func (s *Runs) posted(r *run, link string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.link = link
}

// moved binds a run to the channel in which its answer stands.
func (s *Runs) moved(r *run, channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.place.Channel = channel
}

// keep makes a result known to its buttons: with the verdict, and once more
// with the whole report.
func (s *Runs) keep(r *run, report *probe.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if e, ok := s.byID[r.id]; ok {
		s.drop(e)
	}
	r.report, r.ended, r.size = report, now, sizeOf(report)
	s.byID[r.id] = s.finished.PushBack(r)
	s.octets += r.size
	for e := s.finished.Front(); e != nil; e = s.finished.Front() {
		old := e.Value.(*run)
		if s.finished.Len() <= maxRuns && s.octets <= maxRunOctets && now.Sub(old.ended) < maxRunAge {
			return
		}
		s.drop(e)
	}
}

// over ends a test: it cannot be joined any more.
func (s *Runs) over(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.key != "" && s.running[r.key] == r {
		delete(s.running, r.key)
	}
}

func (s *Runs) drop(e *list.Element) {
	r := e.Value.(*run)
	s.finished.Remove(e)
	delete(s.byID, r.id)
	s.octets -= r.size
}

// find looks a result up for somebody who presses a button under it; refused
// says why it is not to be had.
func (s *Runs) find(id string, inv Invocation) (found run, refused formatting.TextID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byID[id]
	if !ok {
		return run{}, formatting.RunGone
	}
	r := e.Value.(*run)
	switch {
	case s.now().Sub(r.ended) >= maxRunAge:
		s.drop(e)
		return run{}, formatting.RunGone
	case r.place != inv.Place:
		return run{}, formatting.RunElsewhere
	case r.private && r.person != inv.Person.ID:
		return run{}, formatting.RunPrivate
	}
	return *r, ""
}

// sizeOf estimates what a report takes in memory, in octets.
func sizeOf(r *probe.Report) int {
	const fixed, perSession, perEntry = 1 << 10, 2 << 10, 96
	n := fixed
	for i := range r.Sessions {
		s := &r.Sessions[i]
		n += perSession + len(s.Injected)
		for _, e := range s.Transcript {
			n += perEntry + len(e.Text)
		}
		for _, h := range s.Hellos {
			for _, c := range h.Capabilities {
				n += 2 * (perEntry + len(c.Line)) // the reply holds it once more
			}
		}
		if s.TLS != nil {
			n += perSession * len(s.TLS.Chain)
		}
	}
	return n
}

// open remembers a form for one person.
func (s *Runs) open(inv Invocation, c Command) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for len(s.order) > 0 && (len(s.order) >= maxForms || now.After(s.forms[s.order[0]].expires)) {
		delete(s.forms, s.order[0])
		s.order = s.order[1:]
	}
	id = newID()
	s.forms[id] = pending{inv.Place, inv.Person.ID, c, now.Add(formLife)}
	s.order = append(s.order, id)
	return id
}

// pending looks a form up without using it. A form that was sent does not say
// in which channel it was opened, so that is not asked of it.
func (s *Runs) pending(id string, inv Invocation) (pending, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.forms[id]
	sameTenant := p.place.Platform == inv.Place.Platform && p.place.Workspace == inv.Place.Workspace
	if !ok || !sameTenant || p.person != inv.Person.ID || s.now().After(p.expires) {
		return pending{}, false
	}
	return p, true
}

// consume uses a form up: ok is true once.
func (s *Runs) consume(id string) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok = s.forms[id]
	delete(s.forms, id)
	return ok
}
