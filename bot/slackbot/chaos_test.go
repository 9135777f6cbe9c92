package slackbot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe/probetest/long"
)

// room is the channel of one of many commands: each has its own, so that all
// answers to it stand in one place.
func room(i int) string { return fmt.Sprintf("C0ROOM%04d", i) }

func rooms(n int) []fakeslack.Channel {
	all := fakeslack.Channels()
	for i := range n {
		all = append(all, fakeslack.Channel{ID: room(i), Name: "room"})
	}
	return all
}

// chaos is a bad day at Slack.
func chaos() map[fakeslack.Fault]float64 {
	return map[fakeslack.Fault]float64{
		fakeslack.TooMany: .02, fakeslack.TooManyBare: .02, fakeslack.ServerError: .03, fakeslack.Internal: .01,
		fakeslack.Unreadable: .01,
		fakeslack.CutBefore:  .03, fakeslack.CutAfter: .03, fakeslack.Truncated: .01, fakeslack.Slow: .02,
		fakeslack.Duplicate: .05, fakeslack.Drop: .02, fakeslack.Refresh: .02, fakeslack.Lose: .01,
	}
}

// fate is what became of one command.
type fate struct {
	failed bool // Slack told the person at once that it did not arrive
	late   bool // its acknowledgement was lost with its socket
}

// TestAThousandOnABadDay: no command that Slack delivered stays without its
// answer, none runs twice, and a message is doubled only where Slack took it
// and did not say so.
func TestAThousandOnABadDay(t *testing.T) {
	t.Parallel()
	commands := 60
	if long.Requested() {
		commands = 1000
	}
	w := newFixture(t, fakeslack.Options{Channels: rooms(commands), SlowBy: 300 * time.Millisecond, KeepOctets: -1,
		KeepMessages: 20 * commands})
	w.slack.Chaos(chaos())
	fates := w.many(commands)
	w.slack.Chaos(nil)
	w.settle(fates)
	w.judge(fates)
}

// many types commands, a hundred a second. Where there is no socket it waits:
// Slack would deliver nothing.
func (w *fixture) many(commands int) []fate {
	fates := make([]fate, commands)
	var all sync.WaitGroup
	for i := range commands {
		time.Sleep(10 * time.Millisecond)
		w.Until("a socket", func() bool { return w.slack.Sockets() > 0 })
		d := w.slack.Command(fakeslack.Ada, room(i), "good.test")
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			_, err := d.Wait(ctx)
			fates[i] = fate{failed: errors.Is(err, fakeslack.ErrDispatch), late: err != nil}
		})
	}
	all.Wait()
	return fates
}

// settle waits until each command that arrived has its verdict and thread.
func (w *fixture) settle(fates []fate) {
	w.T.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for i, f := range fates {
		for !f.failed && !w.answered(room(i)) {
			if time.Now().After(deadline) {
				w.T.Errorf("command %d has no answer (late: %v)", i, f.late)
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	_ = w.Stop()
}

func (w *fixture) answered(channel string) bool {
	m := w.root(channel)
	return strings.Contains(words(m.All()), "Works: TLS tested") && strings.Contains(w.thread(m), "Transcript")
}

// judge counts what was doubled, and why.
func (w *fixture) judge(fates []fate) {
	w.T.Helper()
	failed, late, doubled, cut := 0, 0, 0, 0
	for i, f := range fates {
		if f.failed {
			failed++
		} else if f.late {
			late++
		}
		roots, cuts := 0, 0
		threads := map[string]int{}
		for _, m := range w.bots(room(i)) {
			if m.Cut {
				cuts++
			}
			if m.Thread == "" {
				roots++
			} else {
				threads[m.Thread+words(m.All())]++
			}
		}
		more := max(0, roots-1)
		for _, n := range threads {
			more += n - 1
		}
		if more > cuts {
			w.T.Errorf("command %d: %d messages too many, of which the fake had cut %d", i, more, cuts)
			for _, m := range w.bots(room(i)) {
				w.T.Logf("%s in %q by %s, cut %v, %d edits: %.80q", m.TS, m.Thread, m.Via, m.Cut, len(m.Before), words(m.All()))
			}
		}
		doubled, cut = doubled+more, cut+cuts
	}
	arrived := len(fates) - failed
	if n := w.Probes(); n < arrived || n > len(fates) { // of two copies one may fail and one arrive
		w.T.Errorf("%d probes for %d commands that arrived", n, arrived)
	}
	w.excuse(late, len(fates))
	w.T.Logf("%d commands: %d that Slack did not deliver, %d whose acknowledgement was lost, "+
		"%d probes, %d messages doubled of %d that were cut",
		len(fates), failed, late, w.Probes(), doubled, cut)
	w.T.Logf("faults: %v", w.slack.Faults())
}

// excuse wants no violation but one for each acknowledgement that waited in
// the library while its socket was renewed, which took longer than Slack's 3 s
// because that went wrong more than once. Few do, and all have their answer. How
// few is asked with -long alone, which has the machine to itself.
func (w *fixture) excuse(late, commands int) {
	w.T.Helper()
	timeouts := 0
	for _, v := range w.slack.Violations() {
		if strings.HasPrefix(v, "operation_timeout: ") {
			timeouts++
			continue
		}
		w.T.Errorf("violation: %s", v)
	}
	// one may be noted when the time is over, and when it comes after all
	if timeouts > 2*late || long.Requested() && late > commands/200 {
		w.T.Errorf("%d acknowledgements came too late, %d violations", late, timeouts)
	}
}
