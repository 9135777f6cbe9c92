package wire

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

// maxViolations bounds the list: a bot that breaks more rules needs no more
// lines to be repaired.
const maxViolations = 1000

// Journal keeps what was seen. It has a lock of its own, for it is written to
// with and without the fake's.
type Journal struct {
	mu         sync.Mutex
	most       int // octets of each direction
	received   tape
	sent       tape
	violations []string
	counts     map[string]int
}

// tape is one direction: the newest of it.
type tape struct {
	all    []Octets
	octets int
	lost   bool
}

func (t *tape) put(where string, data []byte, most int) {
	t.octets += len(data)
	t.all = append(t.all, Octets{time.Now(), where, data})
	for t.octets > most && len(t.all) > 0 {
		t.octets -= len(t.all[0].Data)
		t.all[0] = Octets{}
		t.all, t.lost = t.all[1:], true
	}
}

// In notes what a client sent.
func (j *Journal) In(where string, data []byte) { j.note(&j.received, where, data) }

// Out notes what a client was sent.
func (j *Journal) Out(where string, data []byte) { j.note(&j.sent, where, data) }

func (j *Journal) note(t *tape, where string, data []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	t.put(where, data, j.most)
}

// Violation notes what a bot must never do.
func (j *Journal) Violation(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counts["violation"]++
	if len(j.violations) < maxViolations {
		j.violations = append(j.violations, fmt.Sprintf(format, args...))
	}
}

// Count counts that something happened.
func (j *Journal) Count(what string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counts[what]++
}

// Received is every octet that came in and is kept, in order, to be searched
// for what must not be there, and whether that is all.
func (j *Journal) Received() (all []Octets, complete bool) { return j.read(&j.received) }

// Sent is every octet that went out, like Received.
func (j *Journal) Sent() (all []Octets, complete bool) { return j.read(&j.sent) }

func (j *Journal) read(t *tape) ([]Octets, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(t.all), !t.lost
}

// Violations lists what a bot must never do and did, oldest first, the first
// 1000: one sentence each, which may contain parts of what the bot sent.
func (j *Journal) Violations() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.violations)
}

// Counts tells how often each thing happened, by the fake's names for them;
// "fault: " with the name of a Kind, and "violation", are everywhere.
func (j *Journal) Counts() map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.counts)
}
