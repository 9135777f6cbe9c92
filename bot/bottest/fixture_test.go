package bottest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe"
	"smtptest/probe/probetest"
)

// TestQuick: each quick case exists, and is played by the host of its name.
func TestQuick(t *testing.T) {
	f, err := bottest.NewFixture()
	if err != nil {
		t.Fatal(err)
	}
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"panic": true}
	for _, c := range all {
		known[c.Name] = true
	}
	for _, name := range bottest.Quick() {
		if !known[name] {
			t.Errorf("there is no case %s", name)
		}
	}
	request := func(host string) error {
		target := probe.Target{Host: host, Port: 587}
		_, err := f.Handler.Prober.Probe(t.Context(), probe.Request{Target: target}, probe.Hooks{})
		return err
	}
	if err := request("good.test"); err != nil || !strings.Contains(f.Heard(), "EHLO") || f.Probes() != 1 {
		t.Errorf("%v; heard %q in %d probes", err, f.Heard(), f.Probes())
	}
	if request("no-such-case.test") == nil {
		t.Error("a case that does not exist was played")
	}
}

// waiting is an adapter that ends with an error when it is told to.
type waiting struct{ err error }

func (w waiting) Run(ctx context.Context) error {
	<-ctx.Done()
	return w.err
}

// TestHarness: Until sees what comes, and Stop gives the adapter's error.
func TestHarness(t *testing.T) {
	s := fakeslack.New(fakeslack.Options{})
	h := bottest.NewHarness(t, s)
	mine := errors.New("mine")
	h.Start(&bot.Dispatcher{Handler: h.Handler}, waiting{mine})
	time.AfterFunc(10*time.Millisecond, func() { s.Say(fakeslack.Ada, fakeslack.InMember, "", "hello") })
	h.Until("a message", func() bool { return len(s.Messages(fakeslack.InMember)) == 1 })
	h.Logger().Info("said", "token", "xoxb-fake-bot-token")
	if text := h.Log.String(); !strings.Contains(text, "said") || strings.Contains(text, "xoxb-fake") {
		t.Errorf("log: %s", text)
	}
	if err := h.Stop(); !errors.Is(err, mine) {
		t.Error(err)
	}
}
