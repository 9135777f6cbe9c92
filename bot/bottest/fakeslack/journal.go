package fakeslack

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Octets are what crossed the wire at once: a whole request or response with
// its head, or one WebSocket message without its mask.
type Octets struct {
	At    time.Time
	Where string // "POST /api/chat.postMessage", "socket 3"
	Data  []byte
}

// maxViolations bounds the list; a bot that breaks more rules needs no more
// lines to be mended.
const maxViolations = 1000

// journal keeps what was seen. It has a lock of its own, for it is written to
// with and without the server's.
type journal struct {
	mu         sync.Mutex
	most       int
	received   tape
	sent       tape
	violations []string
	counts     map[string]int
}

// tape is one direction.
type tape struct {
	all    []Octets
	octets int
	lost   int
}

func newJournal(most int) *journal { return &journal{most: max(0, most), counts: map[string]int{}} }

func (t *tape) put(where string, data []byte, most int) {
	if t.octets+len(data) > most {
		t.lost++
		return
	}
	t.octets += len(data)
	t.all = append(t.all, Octets{time.Now(), where, data})
}

func (j *journal) in(where string, data []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.received.put(where, data, j.most)
}

func (j *journal) out(where string, data []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sent.put(where, data, j.most)
}

func (j *journal) violation(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counts["violation"]++
	if len(j.violations) < maxViolations {
		j.violations = append(j.violations, fmt.Sprintf(format, args...))
	}
}

func (j *journal) count(what string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counts[what]++
}

// Received is every octet that came in, in order, and whether that is all:
// false once more came than Options.KeepOctets.
func (s *Server) Received() (all []Octets, complete bool) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.received.all), s.log.received.lost == 0
}

// Sent is every octet that went out, like Received.
func (s *Server) Sent() (all []Octets, complete bool) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.sent.all), s.log.sent.lost == 0
}

// Violations lists what a bot must never do and did, oldest first: one
// sentence each, the first 1000. It holds parts of what the bot sent.
func (s *Server) Violations() []string {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.violations)
}

// Counts tells how often each thing happened: "chat.postMessage" for a call
// that did what it should, "chat.postMessage: is_archived" for one that was
// refused, "fault: " with the name of a Fault, "violation".
func (s *Server) Counts() map[string]int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return maps.Clone(s.log.counts)
}
