package slackbot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe"
)

// timed is a prober that notes when the test of each port has ended.
type timed struct {
	probe.Prober
	ended *sync.Map
}

// Probe implements probe.Prober.
func (p timed) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	defer func() { p.ended.Store(int(req.Target.Port), time.Now()) }()
	return p.Prober.Probe(ctx, req, hooks)
}

// TestEightAtOnce: each of eight people who ask in one channel at once sees the
// own verdict soon after the end of the test, while Slack takes one message a
// second there.
func TestEightAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures time, and so runs beside no other test")
	}
	const soon = 1500 * time.Millisecond
	var ended sync.Map
	w := started(t, fakeslack.Options{}, func(_ *Config, inner *bottest.Fixture) {
		inner.Handler.Policy.Ports = []uint16{1, 2, 3, 4, 5, 6, 7, 8}
		inner.Handler.Prober = timed{inner.Handler.Prober, &ended}
	})
	for n := 1; n <= 8; n++ {
		w.acked(w.slack.Command(fmt.Sprintf("U0PERSON%d", n), fakeslack.InMember, fmt.Sprintf("expired.test:%d", n)))
	}
	seen := map[int]time.Duration{}
	w.Until("all verdicts", func() bool {
		for n := 1; n <= 8; n++ {
			at, over := ended.Load(n)
			own := w.slack.Ephemerals(fmt.Sprintf("U0PERSON%d", n))
			if seen[n] == 0 && over && slices.ContainsFunc(append(w.bots(fakeslack.InMember), own...),
				func(m fakeslack.Message) bool {
					text := words(m.Blocks)
					return strings.Contains(text, "Failed at") && strings.Contains(text, fmt.Sprintf("test:%d", n))
				}) {
				seen[n] = time.Since(at.(time.Time))
			}
		}
		return len(seen) == 8
	})
	t.Logf("seen %v after the end of the test", seen)
	for n, after := range seen {
		if after > soon {
			t.Errorf("person %d saw the verdict %v after the end of the test", n, after)
		}
	}
	w.clean()
	w.door.hangUp() // what is left takes another 13 s
}
