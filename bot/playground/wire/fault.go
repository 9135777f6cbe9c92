package wire

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind is a way in which something goes wrong.
type Kind string

// The kinds that a Frame carries out. A fake adds its own, which are answered
// before anything is done.
const (
	CutBefore  Kind = "cut before"  // the connection ends, and nothing was done
	CutAfter   Kind = "cut after"   // all was done, then the connection ends
	SlowBefore Kind = "slow"        // all is done late
	SlowAfter  Kind = "slow after"  // all was done, the answer is late
	Truncated  Kind = "broken off"  // all was done; fewer octets come than Content-Length says
	ErrorAfter Kind = "error after" // all was done, then the Site's answer of the fault

	TooLarge Kind = "too large" // never drawn: the Site's answer to more octets than Bounds.Body
)

// Fault is one misbehaviour that a test asks for.
type Fault struct {
	Kind   Kind
	Where  string        // part of an Endpoint's name; empty: any. Not looked at where a fake draws without a name
	Times  int           // how many requests it hits; 0: 1, below 0: all
	After  time.Duration // how late, or after what time to try again; 0: the fake's own
	Status int           // of an error; 0: the fake's own
}

// faults is what is still to go wrong. Frame.Mu guards it.
type faults struct {
	queue  []*Fault
	chance map[Kind]float64
	done   map[Kind]int
}

// Order makes things go wrong. Faults are tried in the order in which they
// were asked for, one for each request.
func (f *Frame) Order(fault Fault) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	if fault.Times == 0 {
		fault.Times = 1
	}
	f.faults.queue = append(f.faults.queue, &fault)
}

// Chaos makes things go wrong by chance: for each kind, the share that does.
// Nil ends it, and with it all that was ordered.
func (f *Frame) Chaos(chance map[Kind]float64) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	f.faults.chance = maps.Clone(chance)
	if chance == nil {
		f.faults.queue = nil
	}
}

// Faults tells how often each kind was done.
func (f *Frame) Faults() map[Kind]int {
	return Ask(f, func() map[Kind]int { return maps.Clone(f.faults.done) })
}

// Draw says what goes wrong with something of a name, in the order in which
// chance asks; false: nothing.
func (f *Frame) Draw(name string, among []Kind) (Fault, bool) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	fault, ok := f.ordered(name, among)
	if !ok {
		fault, ok = f.drawn(among)
	}
	if ok {
		f.faults.done[fault.Kind]++
		f.Count("fault: " + string(fault.Kind))
	}
	return fault, ok
}

func (f *Frame) ordered(name string, among []Kind) (Fault, bool) {
	for i, x := range f.faults.queue {
		if !slices.Contains(among, x.Kind) || (name != "" && !strings.Contains(name, x.Where)) {
			continue
		}
		hit := *x
		if x.Times--; x.Times == 0 {
			f.faults.queue = slices.Delete(f.faults.queue, i, i+1)
		}
		return hit, true
	}
	return Fault{}, false
}

func (f *Frame) drawn(among []Kind) (Fault, bool) {
	if len(f.faults.chance) == 0 {
		return Fault{}, false
	}
	x := f.Random.Float64()
	for _, k := range among {
		if x < f.faults.chance[k] {
			late := time.Duration(f.Random.Int64N(int64(f.bounds.SlowBy))) + time.Millisecond
			return Fault{Kind: k, After: late, Status: []int{500, 502, 503, 504}[f.Random.IntN(4)]}, true
		}
		x -= f.faults.chance[k]
	}
	return Fault{}, false
}
