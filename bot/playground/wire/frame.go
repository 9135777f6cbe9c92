// Package wire is the frame that the fakes of the chat platforms share: an
// HTTP server on loopback, WebSockets, a journal of all that crossed the wire,
// faults on request and by chance, limits of rates, and the wait for a
// condition.
//
// In order: a request is read whole and noted (http.go, journal.go), a fault
// may hit it (fault.go), the fake answers it. It knows no platform.
package wire

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// Site is the platform behind a Frame.
type Site interface {
	// Route finds what a request stands for.
	Route(r *http.Request) Endpoint
	// Fault is the answer of a fault that the Frame does not carry out itself.
	Fault(f Fault) Reply
}

// Frame runs one fake. Its methods may be called at any time from any
// goroutine, unless they say that Mu is held.
type Frame struct {
	Journal

	// Mu guards the state of the fake, and of the Frame's faults, chance and
	// rates.
	Mu      sync.Mutex
	Random  *rand.Rand
	Running sync.WaitGroup // what Close waits for

	site    Site
	bounds  Bounds
	web     *httptest.Server
	done    context.Context
	end     context.CancelFunc
	changed chan struct{} // closed and replaced at each change
	faults  faults
	buckets map[string]*bucket
	sockets map[*Socket]bool
	named   int // sockets so far
}

// Bounds are what a Frame takes and keeps.
type Bounds struct {
	Body   int64         // octets of a request; more is answered as TooLarge
	Octets int           // that the journal keeps of each direction; below 0: none
	SlowBy time.Duration // how late a slow answer is, by chance at most
	Seed   uint64        // of all chance
}

// ErrClosed is what waits when a fake is closed.
var ErrClosed = errors.New("the fake is closed")

// New makes a Frame that does not serve yet, so that the fake can be built
// around it.
func New(b Bounds) *Frame {
	f := &Frame{
		bounds: b, Random: rand.New(rand.NewPCG(b.Seed, b.Seed)), changed: make(chan struct{}),
		buckets: map[string]*bucket{}, sockets: map[*Socket]bool{},
	}
	f.counts, f.most, f.faults.done = map[string]int{}, max(0, b.Octets), map[Kind]int{}
	f.done, f.end = context.WithCancel(context.Background())
	f.web = httptest.NewUnstartedServer(http.HandlerFunc(f.serve))
	return f
}

// Start begins to serve.
func (f *Frame) Start(s Site) {
	f.site = s
	f.web.Start()
}

// Root is scheme, host and port of the server, without a path.
func (f *Frame) Root() string { return f.web.URL }

// Closed reports whether Close was called.
func (f *Frame) Closed() bool { return f.done.Err() != nil }

// Close ends all connections and returns when nothing of the fake runs any
// more. What was recorded can still be read. A second Close does nothing.
func (f *Frame) Close() {
	f.Mu.Lock()
	if f.Closed() {
		f.Mu.Unlock()
		return
	}
	f.end()
	for k := range f.sockets {
		k.End()
	}
	f.Mu.Unlock()
	f.web.CloseClientConnections()
	f.web.Close()
	f.Running.Wait()
}

// Until waits until a condition holds. It is asked at first and after each
// change of what the fake keeps; it may call the fake.
func (f *Frame) Until(ctx context.Context, holds func() bool) error {
	for {
		f.Mu.Lock()
		changed := f.changed
		f.Mu.Unlock()
		if holds() {
			return nil
		}
		select {
		case <-changed:
		case <-f.done.Done():
			return ErrClosed
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Changed is closed at the next change. Who takes it before reading misses
// nothing.
func (f *Frame) Changed() <-chan struct{} {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return f.changed
}

// Touch tells those who wait that something has changed. Mu is held.
func (f *Frame) Touch() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// Locked does something that others may wait for.
func (f *Frame) Locked(do func()) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	do()
	f.Touch()
}

// Ask reads something that others may change.
func Ask[T any](f *Frame, what func() T) T {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return what()
}

// Sleep waits, but not longer than the fake lives.
func (f *Frame) Sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-f.done.Done():
	}
}
