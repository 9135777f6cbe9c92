package bot

import (
	"container/list"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/smtp"
)

// Limits of what is remembered, so that buttons work: in memory alone, never
// a credential, gone with the process.
const (
	maxRunAge    = time.Hour
	maxRuns      = 500
	maxRunOctets = 64 << 20 // of all reports together, estimated
	formLife     = 10 * time.Minute
	maxForms     = 500
	maxOwnForms  = 4               // of one person; the oldest makes way
	doubleClick  = 3 * time.Second // nobody means two tests within it
)

// run is what is remembered of one test.
type run struct {
	id      string
	place   Place
	person  string // who asked; the only one who may press when private
	private bool
	command command.Command  // as it was asked; without a login
	login   bool             // a login was part of it
	key     string           // of what was asked; empty: nobody can join it
	result  diagnosis.Judged // its Report is nil while the test runs
	dials   bool             // it is past the guard, or one like it was: it has an answer for others too
	shared  bool             // its verdict was shown to the channel
	link    string           // to the answer on its platform; empty: unknown
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
	sweeping bool                 // a sweep will come
	presses  map[string]time.Time // of tests, lately
	forms    map[string]pending
	order    []string // of forms, oldest first
}

// pending is a login form that was opened.
type pending struct {
	place   Place
	person  string
	command command.Command
	expires time.Time
}

// NewRuns is an empty memory.
func NewRuns() *Runs {
	return &Runs{now: time.Now, running: map[string]*run{}, byID: map[string]*list.Element{}, finished: list.New(), forms: map[string]pending{}, presses: map[string]time.Time{}}
}

// pressed reports a test that was begun by this button a moment ago, by the
// same person: a double click.
func (s *Runs) pressed(p Press, person string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.presses[pressKey(p, person)]
	return ok && s.now().Sub(at) < doubleClick
}

// note remembers a test that was begun by a button.
func (s *Runs) note(p Press, person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for key, at := range s.presses {
		if now.Sub(at) >= doubleClick {
			delete(s.presses, key)
		}
	}
	if len(s.presses) < maxRuns {
		s.presses[pressKey(p, person)] = now
	}
}

func pressKey(p Press, person string) string { return p.Run + "\x00" + p.Verb + "\x00" + person }

// share notes that a result is shared; false: it was before, or is gone.
func (s *Runs) share(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byID[id]
	if !ok || e.Value.(*run).shared {
		return false
	}
	e.Value.(*run).shared = true
	return true
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

// begin remembers a test that starts now, so that others can be led to it.
func (s *Runs) begin(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.running[r.key]; r.key != "" && !taken {
		s.running[r.key] = r
	}
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

// dials notes that a test is past the guard.
func (s *Runs) dials(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.dials = true
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
func (s *Runs) keep(r *run, j diagnosis.Judged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if e, ok := s.byID[r.id]; ok {
		s.drop(e)
	}
	r.result, r.ended, r.size = j, now, sizeOf(j.Report)
	s.byID[r.id] = s.finished.PushBack(r)
	s.octets += r.size
	s.forget(now)
	if !s.sweeping {
		s.sweeping = true
		time.AfterFunc(maxRunAge, s.sweep)
	}
}

// sweep forgets what is too old: nothing outlives its hour, though nobody asks
// any more.
func (s *Runs) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.forget(now)
	s.forgetForms(now, maxForms)
	oldest := s.finished.Front()
	if s.sweeping = oldest != nil; s.sweeping {
		time.AfterFunc(max(time.Second, oldest.Value.(*run).ended.Add(maxRunAge).Sub(now)), s.sweep)
	}
}

// forget drops results that are too old, too many or too large.
func (s *Runs) forget(now time.Time) {
	for e := s.finished.Front(); e != nil; e = s.finished.Front() {
		if s.finished.Len() <= maxRuns && s.octets <= maxRunOctets && now.Sub(e.Value.(*run).ended) < maxRunAge {
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
	const fixed = 1 << 10
	n := fixed
	for i := range r.Sessions {
		n += sizeOfSession(&r.Sessions[i])
	}
	return n
}

// perItem is what a text costs beside its octets.
const perItem = 96

func sizeOfSession(s *probe.Session) int {
	const perSession, perCertificate = 2 << 10, 1 << 10
	n := perSession + len(s.Injected)
	for _, e := range s.Transcript {
		n += perItem + len(e.Text)
	}
	for _, h := range s.Hellos {
		n += sizeOfReply(&h.Reply)
		for _, c := range h.Capabilities {
			n += perItem + len(c.Line)
		}
	}
	n += sizeOfReply(s.Greeting) + sizeOfReply(s.STARTTLS) + sizeOfReply(s.Quit)
	if s.Failure != nil {
		n += sizeOfReply(s.Failure.Reply) + len(s.Failure.Octets)
	}
	if s.TLS == nil {
		return n
	}
	for _, c := range s.TLS.Chain {
		n += perCertificate + len(c.Subject) + len(c.Issuer) + len(c.CommonName)
		for _, name := range c.Names {
			n += perItem + len(name)
		}
	}
	return n
}

// sizeOfReply counts a text and the octets behind it.
func sizeOfReply(r *smtp.Reply) int {
	if r == nil {
		return 0
	}
	n := perItem
	for _, l := range r.Lines {
		n += perItem + 2*len(l.Text)
	}
	return n
}

// open remembers a form for one person, who may have a few of them open.
func (s *Runs) open(inv Invocation, c command.Command) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.forgetForms(now, maxForms-1)
	own := slices.DeleteFunc(slices.Clone(s.order), func(id string) bool {
		f := s.forms[id]
		return f.person != inv.Person.ID || f.place.Platform != inv.Place.Platform
	})
	if len(own) >= maxOwnForms {
		s.dropForm(own[0])
	}
	id = newID()
	s.forms[id] = pending{inv.Place, inv.Person.ID, c, now.Add(formLife)}
	s.order = append(s.order, id)
	return id
}

// forgetForms drops forms that are too old, and the oldest beyond so many.
func (s *Runs) forgetForms(now time.Time, most int) {
	for len(s.order) > 0 && (len(s.order) > most || now.After(s.forms[s.order[0]].expires)) {
		s.dropForm(s.order[0])
	}
}

func (s *Runs) dropForm(id string) {
	delete(s.forms, id)
	s.order = slices.DeleteFunc(s.order, func(other string) bool { return other == id })
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
