package bot

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe"
)

// TestLoginsAreCountedByNetwork: a second address of the same /64 is the same
// server, also when the first was refused.
func TestLoginsAreCountedByNetwork(t *testing.T) {
	h := &Handler{Limits: NewLimits(DefaultLimits()), Runs: NewRuns()}
	one, two := netip.MustParseAddrPort("[2001:db8::1]:587"), netip.MustParseAddrPort("[2001:db8::2]:587")
	budget := func(to netip.AddrPort) time.Duration {
		return h.newRun(by("ada", ""), asked{login: &probe.Login{}}).budget(to)
	}
	for range 3 {
		budget(one)
	}
	r := h.newRun(by("ada", ""), asked{login: &probe.Login{}})
	if first, second := r.budget(one), r.budget(two); first == 0 || second == 0 {
		t.Errorf("waits %s and %s", first, second)
	}
}

// TestLoginsThatWereNotSentAreNotCounted: a server that refuses connections
// locks no account.
func TestLoginsThatWereNotSentAreNotCounted(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for i := range 5 {
			form := w.do(by("ada", "login refused.test")).answers[0].Form
			got := w.do(submission("ada", form.ID, "user", "ada@example.test", "secret", "correct horse"))
			if m := got.final(); m.Verdict != "Failed at connect" {
				t.Fatalf("number %d: %s", i+1, text(m))
			}
			time.Sleep(time.Minute)
		}
	})
}

// broken gives a report that no prober makes, so that the words for it fail.
type broken struct{}

func (broken) Probe(context.Context, probe.Request, probe.Hooks) (probe.Report, error) {
	trust := probe.Trust{Name: probe.NameMatches, Dates: probe.DatesValid, Chain: probe.ChainTrusted, Usage: probe.UsageServer}
	return probe.Report{Sessions: []probe.Session{{TLS: &probe.TLS{Complete: true, Trust: trust}}}}, nil
}

func TestAPanicInTheWordsIsAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.handler.Prober = broken{}
		got := w.do(by("ada", "good.test"))
		if m := got.final(); !strings.Contains(m.Fact, "Something went wrong in this bot") || len(w.records) != 1 || w.records[0].Elapsed > time.Minute {
			t.Errorf("%s; records %+v", text(m), w.records)
		}
	})
}

// TestADoorThatHangs: SIGTERM does not wait for a platform for ever.
func TestADoorThatHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		d := &Dispatcher{Handler: w.handler}
		release := make(chan struct{})
		d.Dispatch(t.Context(), by("ada", "good.test"), hanging{release})
		grace, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		d.Stop(grace)
		if took := time.Since(began); took != 5*time.Second+lastWords {
			t.Errorf("it took %s", took)
		}
		close(release)
		d.running.Wait()
	})
}

type hanging struct{ until chan struct{} }

func (hanging) Answer(context.Context, Answer)   {}
func (h hanging) Update(context.Context, Update) { <-h.until }

func TestAVerdictIsSharedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.profiles(t)
		run := w.do(by("ada", "login login-plain.test --profile relay")).action(t, "share").Run
		if first := w.do(press("ada", "share", run, "")); first.answers[0].Private {
			t.Error(text(first.final()))
		}
		refusedWith(t, w.do(press("ada", "share", run, "")), formatting.RunShared, "shared already")
	})
}

// TestFormsOfOthersStay: who opens many forms closes only forms of their own.
func TestFormsOfOthersStay(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		bobs := w.do(by("bob", "login good.test")).answers[0].Form
		for range maxForms + 1 {
			w.handler.Runs.open(by("eve", ""), command.Command{})
		}
		if _, ok := w.handler.Runs.pending(bobs.ID, by("bob", "")); !ok || len(w.handler.Runs.forms) != maxOwnForms+1 {
			t.Errorf("bob's form is gone, or %d forms are kept", len(w.handler.Runs.forms))
		}
	})
}

// TestResultsGoWhenNobodyAsks: an hour is an hour.
func TestResultsGoWhenNobodyAsks(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.do(by("ada", "good.test"))
		time.Sleep(maxRunAge + 2*time.Second)
		w.handler.Runs.mu.Lock()
		defer w.handler.Runs.mu.Unlock()
		if n := w.handler.Runs.finished.Len(); n != 0 {
			t.Errorf("%d results are kept", n)
		}
	})
}

// TestNoLoginInTheClear: what would be refused is not offered.
func TestNoLoginInTheClear(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for _, a := range w.do(by("ada", "login-offered-in-clear.test --tls none")).final().Actions {
			if a.Verb == pressLogin {
				t.Error("a login is offered in the clear")
			}
		}
	})
}
