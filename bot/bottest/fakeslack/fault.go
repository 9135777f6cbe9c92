package fakeslack

import (
	"maps"
	"slices"
	"time"
)

// Fault is one way in which the fake misbehaves.
type Fault string

// Faults of an answer to an HTTP request.
const (
	TooMany     Fault = "429"                  // with Retry-After: 1
	TooManyBare Fault = "429 without a time"   // slack-go makes a StatusCodeError of it
	ServerError Fault = "503"                  // with HTML, as Slack's load balancers send it
	CutBefore   Fault = "cut before"           // the connection ends, and nothing was done
	CutAfter    Fault = "cut after"            // all was done, then the connection ends
	Slow        Fault = "slow"                 // the answer is late by Options.SlowBy
	InvalidAuth Fault = "invalid_auth"         // the token was revoked
	Inactive    Fault = "account_inactive"     // the app was uninstalled
	Internal    Fault = "internal_error"       // 200, and a code
	Unreadable  Fault = "200 that is no JSON"  // a proxy's page
	Truncated   Fault = "200 that breaks off"  // fewer octets than Content-Length says; all was done
	Duplicate   Fault = "duplicate envelope"   // of an envelope: it is sent twice
	Drop        Fault = "dropped socket"       // of an envelope: its socket ends right behind it
	Refresh     Fault = "refresh_requested"    // of an envelope: its socket is to be replaced, without a gap on Slack's side
	Lose        Fault = "lost with the socket" // of an envelope: its socket ends before it; Slack tells the person that it failed
)

// faultsOf are those that a request may have, in the order in which chance
// asks: codes are answered by methods alone, and a handshake has no end.
func faultsOf(name string) []Fault {
	out := []Fault{TooMany, TooManyBare, ServerError, CutBefore, Slow}
	switch name {
	case "link":
		return out
	case "response_url", "upload":
		return append(out, CutAfter, Truncated)
	}
	return append(out, CutAfter, Truncated, InvalidAuth, Inactive, Internal, Unreadable)
}

func envelopeFaults() []Fault { return []Fault{Duplicate, Drop, Refresh, Lose} }

// faults is what is still to go wrong. The server's mutex guards it.
type faults struct {
	queue  []order
	chance map[Fault]float64
	done   map[Fault]int
}

// order is a fault that was asked for.
type order struct {
	fault Fault
	where string
	times int // below 0: for ever
}

func newFaults() faults { return faults{done: map[Fault]int{}} }

// Fail makes the next so many calls of a method go wrong, below 0: all from
// now on. Where is the name of a method, "response_url", "upload", "link" (the
// WebSocket's handshake), or empty for any request; for the faults of an
// envelope it is not looked at. Orders are carried out in the order in which
// they were given.
func (s *Server) Fail(f Fault, where string, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.queue = append(s.faults.queue, order{f, where, times})
}

// Chaos makes requests and envelopes go wrong by chance: for each fault, the
// share that does. Nil ends it, and with it all that Fail has ordered.
func (s *Server) Chaos(chance map[Fault]float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.chance = maps.Clone(chance)
	if chance == nil {
		s.faults.queue = nil
	}
}

// Faults tells how often each fault was done.
func (s *Server) Faults() map[Fault]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.faults.done)
}

// fault says what goes wrong with a request or, with where empty, with an
// envelope; empty: nothing.
func (s *Server) fault(where string, among []Fault) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.ordered(where, among)
	if f == "" {
		f = s.drawn(among)
	}
	if f != "" {
		s.faults.done[f]++
		s.log.count("fault: " + string(f))
	}
	return f
}

func (s *Server) ordered(where string, among []Fault) Fault {
	q := s.faults.queue
	for i := range q {
		if !slices.Contains(among, q[i].fault) || (where != "" && q[i].where != "" && q[i].where != where) {
			continue
		}
		f := q[i].fault
		if q[i].times > 0 {
			q[i].times--
		}
		if q[i].times == 0 {
			s.faults.queue = slices.Delete(q, i, i+1)
		}
		return f
	}
	return ""
}

func (s *Server) drawn(among []Fault) Fault {
	if len(s.faults.chance) == 0 {
		return ""
	}
	x := s.random.Float64()
	for _, f := range among {
		if x < s.faults.chance[f] {
			return f
		}
		x -= s.faults.chance[f]
	}
	return ""
}

// sleep waits, unless the server is closed first.
func (s *Server) sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.done:
	}
}
