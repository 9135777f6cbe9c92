package discordbot

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	fakediscord "smtptest/bot/playground/discord"
	"smtptest/probe/probetest/long"
)

// TestChaos: of many interactions with random faults (with -long a thousand)
// none is without an answer, none runs twice, and no message of a thread is
// there twice.
func TestChaos(t *testing.T) {
	interactions, atOnce := 100, 10
	if long.Requested() {
		interactions, atOnce = 1000, 50
	}
	w := newFixture(t, fakediscord.Options{Chaos: fakediscord.Chaos{
		Seed: 7, Requests: 0.15, Slow: 400 * time.Millisecond, Repeats: 0.2,
	}})
	all := make([]*fakediscord.Interaction, interactions)
	runs := 0
	slots := make(chan struct{}, atOnce)
	done := make(chan struct{}, interactions)
	for n := range interactions {
		target := "help"
		if n%2 == 0 {
			channel := w.discord.AddChannel(fakediscord.Channel{}) // nobody joins a test
			runs++
			all[n] = w.send(channel, "good.test:587")
		} else {
			all[n] = w.send(w.channel, target)
		}
		slots <- struct{}{}
		go func() {
			w.settled(all[n])
			<-slots
			done <- struct{}{}
		}()
	}
	for range interactions {
		<-done
	}
	if err := w.Stop(); err != nil {
		t.Error(err)
	}
	for n, i := range all {
		w.judge(n, i)
	}
	if w.Probes() != runs {
		t.Errorf("%d probes of %d", w.Probes(), runs)
	}
	if v := w.discord.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

// send sends the command.
func (w *fixture) send(channel, target string) *fakediscord.Interaction {
	i, err := w.discord.Command(ada(), channel, "smtptest", fakediscord.Option{Name: "target", Value: target})
	if err != nil {
		w.T.Error(err)
	}
	return i
}

// settled waits until an interaction has its answer, or is lost.
func (w *fixture) settled(i *fakediscord.Interaction) {
	for range 1500 {
		if m, ok := i.Original(); ok && !m.Loading && !strings.Contains(m.Content, "Testing") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// judge holds the answer to one interaction against what it must be.
func (w *fixture) judge(n int, i *fakediscord.Interaction) {
	m, ok := i.Original()
	if !ok || m.Loading || m.Words() == "" {
		w.T.Errorf("number %d has no answer: %+v", n, m)
		return
	}
	if n%2 == 1 {
		return
	}
	if !strings.Contains(m.Content, "Works: TLS tested") {
		w.T.Errorf("number %d has another verdict: %s", n, m.Content)
	}
	var said []string
	for _, p := range append(w.discord.Messages(m.ID), i.Followups()...) {
		said = append(said, p.Content)
	}
	slices.Sort(said)
	if len(said) == 0 || len(slices.Compact(slices.Clone(said))) != len(said) {
		w.T.Errorf("number %d has a thread of %d messages: %q", n, len(said), said)
	}
}

// TestNothingIsLeft: when the bot has stopped, so have its goroutines.
func TestNothingIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		w := newFixture(t, fakediscord.Options{})
		i, _ := w.ask(ada(), w.channel, "good.test")
		w.finished(i, "Works: TLS tested")
		if err := w.Stop(); err != nil {
			t.Error(err)
		}
		w.discord.Close()
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Error(fmt.Sprintf("%d goroutines before, %d after\n", before, runtime.NumGoroutine()) +
		string(stacks[:runtime.Stack(stacks, true)]))
}
