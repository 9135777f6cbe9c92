package fakediscord

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind is a way in which a REST request can go wrong.
type FaultKind int

// The kinds of faults. Those named After have done what was asked.
const (
	Limited       FaultKind = iota // 429 for the route, with a fraction of a second in retry_after
	LimitedGlobal                  // 429 for all routes
	ServerError                    // 5xx, nothing was done
	ErrorAfter                     // 5xx, but all was done
	CutBefore                      // the connection ends without an answer, nothing was done
	CutAfter                       // the connection ends without an answer, but all was done
	Slow                           // all was done, the answer is late
	SlowBefore                     // all is done late
	Unauthorized                   // 401
)

// Fault is a misbehaviour of the REST side that a test asks for.
type Fault struct {
	Kind   FaultKind
	Route  string        // part of "METHOD /pattern" as in Request.Route; empty: any
	Times  int           // how many requests it hits; 0: 1, below 0: all
	Skip   int           // how many requests of the route pass before
	After  time.Duration // retry_after of the two Limited, the wait of the two Slow; 0: 250 ms
	Status int           // of a ServerError or an ErrorAfter; 0: 502
}

// Fail makes requests go wrong. Faults are tried in the order in which they
// were asked for, one for each request.
func (s *Server) Fail(f Fault) {
	f.Times = or(f.Times, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f.filled())
}

// Heal takes back all that Fail has asked for.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (f Fault) filled() *Fault {
	f.After = or(f.After, 250*time.Millisecond)
	f.Status = or(f.Status, http.StatusBadGateway)
	return &f
}

// fault finds what goes wrong with a call; nil: nothing. The caller holds mu.
func (s *Server) fault(route string) *Fault {
	for i, f := range s.faults {
		if f.Route != "" && !strings.Contains(route, f.Route) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times--; f.Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f
	}
	return s.throw()
}

// throw lets chance decide.
func (s *Server) throw() *Fault {
	c := s.options.Chaos
	if c.Requests == 0 || s.dice.Float64() >= c.Requests {
		return nil
	}
	kinds := c.Kinds
	if len(kinds) == 0 {
		kinds = []FaultKind{Limited, LimitedGlobal, ServerError, ErrorAfter, CutBefore, CutAfter, Slow, SlowBefore}
	}
	f := Fault{Kind: kinds[s.dice.IntN(len(kinds))], Status: []int{500, 502, 503, 504}[s.dice.IntN(4)]}
	f.After = time.Duration(s.dice.Int64N(int64(400*time.Millisecond))) + time.Millisecond
	if f.Kind == Slow || f.Kind == SlowBefore {
		f.After = time.Duration(s.dice.Int64N(int64(c.Slow))) + time.Millisecond
	}
	return f.filled()
}

// before carries out a fault that comes before what was asked; true: the call
// is over.
func (f *Fault) before(c *call) bool {
	switch f.Kind {
	case Limited, LimitedGlobal:
		c.answerLimited(&limited{f.After, f.Kind == LimitedGlobal})
	case ServerError:
		c.broken(f.Status)
	case CutBefore:
		c.cut()
	case Unauthorized:
		c.refuse(refuse(codeUnauthorized))
	case SlowBefore:
		c.s.sleep(f.After)
		return false
	default:
		return false
	}
	return true
}

// after carries out a fault that comes after what was asked was done; true:
// no other answer is due.
func (f *Fault) after(c *call) bool {
	switch f.Kind {
	case ErrorAfter:
		c.broken(f.Status)
	case CutAfter:
		c.cut()
	case Slow:
		c.s.sleep(f.After)
		return false
	default:
		return false
	}
	return true
}

// broken is an answer of the machines before Discord's own: it is not JSON.
func (c *call) broken(status int) {
	c.w.Header().Set("Content-Type", "text/html")
	c.status = status
	c.w.WriteHeader(status)
	_, _ = c.w.Write([]byte("<html><head><title>" + http.StatusText(status) + "</title></head></html>\n"))
}

// cut ends the connection without an answer.
func (c *call) cut() { panic(http.ErrAbortHandler) }

// sleep waits, but not longer than the server lives.
func (s *Server) sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.closing.Done():
	}
}
