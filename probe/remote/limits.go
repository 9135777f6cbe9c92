package remote

import (
	"net/netip"
	"time"
)

// Limits are an agent's own: what it does at most, whoever asks.
type Limits struct {
	AtOnce     int // runs; 0: 8
	PerMinute  int // runs; 0: 120
	PerAddress int // connections to one address, or one IPv6 /64, in a minute; 0: 30
	Logins     int // at one host in ten minutes; 0: 6
}

func or(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// maxCounted bounds the addresses, hosts and ids that are remembered.
const maxCounted = 4096

// counts is what was done lately. Its owner has the lock.
type counts struct {
	all       window
	addresses map[string]window
	logins    map[string]window
	tried     map[string]time.Time // ids of runs with a login, until when they would open
}

// window is when something was done, the oldest first.
type window []time.Time

// rate is how much may happen within a time that slides.
type rate struct {
	most int
	per  time.Duration
}

// take counts one more, unless there were so many in the time before now: then it
// says how long to wait.
func (w *window) take(r rate, now time.Time) time.Duration {
	for len(*w) > 0 && now.Sub((*w)[0]) >= r.per {
		*w = (*w)[1:]
	}
	if len(*w) >= r.most {
		return r.per - now.Sub((*w)[0])
	}
	*w = append(*w, now)
	return 0
}

// takeOf is the same for one of many; where there are too many, all are full.
func takeOf(all map[string]window, key string, r rate, now time.Time) time.Duration {
	if len(all) >= maxCounted {
		for k, w := range all {
			if now.Sub(w[len(w)-1]) >= r.per {
				delete(all, k)
			}
		}
		if _, known := all[key]; !known && len(all) >= maxCounted {
			return r.per
		}
	}
	w := all[key]
	wait := w.take(r, now)
	all[key] = w
	return wait
}

// begin counts a run, or says why there is none now.
func (c *counts) begin(r *asked, l Limits, running int, now time.Time) error {
	if running >= or(l.AtOnce, 8) {
		return &refusal{codeBusy, "this agent runs as many tests as it may"}
	}
	if wait := c.all.take(rate{or(l.PerMinute, 120), time.Minute}, now); wait > 0 {
		return &refusal{codeBusy, "this agent was asked too often in the last minute"}
	}
	if !r.login() {
		return nil
	}
	if c.logins == nil {
		c.logins, c.tried = map[string]window{}, map[string]time.Time{}
	}
	for id, until := range c.tried {
		if now.After(until) {
			delete(c.tried, id)
		}
	}
	if _, again := c.tried[r.id]; again {
		return &refusal{codeReplayed, "a login was tried under this id"}
	}
	logins := rate{or(l.Logins, 6), 10 * time.Minute}
	if len(c.tried) >= maxCounted || takeOf(c.logins, r.probe.Target.Host, logins, now) > 0 {
		return &refusal{codeBusy, "too many logins were tried at this host in the last ten minutes"}
	}
	c.tried[r.id] = now.Add(maxTimeout + clockSkew)
	return nil
}

// allow is the hook of a run: it counts a connection.
func (s *Service) allow(to netip.AddrPort) time.Duration {
	a := to.Addr().Unmap()
	key := a.String()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			key = p.String()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts.addresses == nil {
		s.counts.addresses = map[string]window{}
	}
	return takeOf(s.counts.addresses, key, rate{or(s.Limits.PerAddress, 30), time.Minute}, time.Now())
}
