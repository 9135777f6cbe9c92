package bottest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"smtptest/bot"
)

// Adapter is one platform's side of the bot.
type Adapter interface{ Run(context.Context) error }

// Process is the bot from its start to its SIGTERM.
type Process struct {
	Cancel context.CancelFunc // of all Run
	Over   chan struct{}      // closed when all adapters have returned

	dispatcher *bot.Dispatcher
	mu         sync.Mutex
	err        error
}

// Start runs adapters.
func Start(d *bot.Dispatcher, adapters ...Adapter) *Process {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Process{Cancel: cancel, Over: make(chan struct{}), dispatcher: d}
	var running sync.WaitGroup
	if w := d.Watches(); w != nil {
		go w.Run(ctx)
	}
	for _, a := range adapters {
		running.Go(func() {
			if err := a.Run(ctx); err != nil {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.err = err
			}
		})
	}
	go func() {
		running.Wait()
		close(p.Over)
	}()
	return p
}

// Stop is what SIGTERM does, with so long for what still runs. It returns the
// error of an adapter, if one had any.
func (p *Process) Stop(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	p.dispatcher.Stop(ctx)
	p.Cancel()
	<-p.Over
	return p.err
}

// Platform is what a Harness needs of a fake.
type Platform interface {
	Until(ctx context.Context, holds func() bool) error
	Violations() []string
	Close()
}

// Harness is one adapter at work: scripted servers on one side, a fake
// platform on the other.
type Harness struct {
	*Fixture
	*Process // nil: it has not begun
	T        testing.TB
	Log      *Buffer

	platform Platform
}

// enough is a time that nothing good needs.
const enough = 20 * time.Second

// NewHarness makes a Harness that has not begun. The fake ends with the test.
func NewHarness(t testing.TB, p Platform) *Harness {
	t.Helper()
	t.Cleanup(p.Close)
	f, err := NewFixture()
	if err != nil {
		t.Fatal(err)
	}
	return &Harness{Fixture: f, T: t, Log: &Buffer{}, platform: p}
}

// Logger writes into Log as the program does.
func (h *Harness) Logger() *slog.Logger {
	return slog.New(bot.RedactingHandler(slog.NewTextHandler(h.Log, nil)))
}

// Start runs the adapter until the test ends, or until Stop.
func (h *Harness) Start(d *bot.Dispatcher, a Adapter) {
	p := Start(d, a)
	h.Process = p
	h.T.Cleanup(func() { _ = p.Stop(enough) })
}

// Stop is what SIGTERM does. It returns Run's error.
func (h *Harness) Stop() error { return h.Process.Stop(enough) }

// Until waits for something to come, and fails the test if it does not.
func (h *Harness) Until(what string, holds func() bool) {
	h.T.Helper()
	if h.platform.Until(h.Soon(), holds) != nil {
		h.T.Fatalf("%s did not come; log:\n%s\nviolations: %v", what, h.Log, h.platform.Violations())
	}
}

// Soon is a context that ends when waiting longer makes no sense.
func (h *Harness) Soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), enough)
	h.T.Cleanup(cancel)
	return ctx
}
