package main

import (
	"sync"
	"time"

	"smtptest/probe/probetest"
)

// recovering is the name of a server of the sandbox that is down when somebody
// begins to test it, and works after a while.
const recovering = "recovering"

// Times of that server.
const (
	downFor   = 25 * time.Second
	forgotten = 2 * time.Minute // after the last test; the next one finds it down again
)

// breakdown is that of the recovering server.
type breakdown struct {
	mu          sync.Mutex
	since, last time.Time
}

// now is the case whose server answers at this moment.
func (b *breakdown) now() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.Sub(b.last) > forgotten {
		b.since = now
	}
	b.last = now
	if now.Sub(b.since) < downFor {
		return "overloaded"
	}
	return "good"
}

// recoveringStory is its story.
const recoveringStory = "A server that is overloaded for 25 seconds from its first test on, and then works: try --watch"

// find is the case that a name means; nil: there is none.
func (s *playground) find(name string) *probetest.Case {
	if name == recovering {
		name = s.breakdown.now()
	}
	for _, c := range s.cases {
		if c.Name == name {
			return c
		}
	}
	return nil
}
