package bot_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe"
)

// dialling asks for leave to connect to addresses, and says that it has sent a
// login.
type dialling struct {
	to    []netip.AddrPort
	waits *[]time.Duration
}

func (d dialling) Probe(_ context.Context, _ probe.Request, hooks probe.Hooks) (probe.Report, error) {
	*d.waits = nil
	for _, a := range d.to {
		*d.waits = append(*d.waits, hooks.Allow(a))
	}
	return probe.Report{Sessions: []probe.Session{{Auth: &probe.Auth{Sent: true}}}}, nil
}

// TestLoginsAreCountedByNetwork: a second address of the same /64 is the same
// server, also when the first was refused.
func TestLoginsAreCountedByNetwork(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		one, two := netip.MustParseAddrPort("[2001:db8::1]:587"), netip.MustParseAddrPort("[2001:db8::2]:587")
		var waits []time.Duration
		try := func(user string, to ...netip.AddrPort) []time.Duration {
			fx.Handler.Prober = dialling{to, &waits}
			form := fx.do(by(user, "login mx."+user+".com")).answers[0].Form
			fx.do(submission(user, form.ID, "user", user, "secret", "hunter2"))
			return waits
		}
		for _, user := range []string{"ada", "bob", "eve"} {
			if waits := try(user, one, two); waits[0] != 0 || waits[1] != 0 {
				t.Errorf("%s waits %s", user, waits)
			}
		}
		time.Sleep(time.Minute) // connections are free again, logins are not
		if waits := try("joe", one, two); waits[0] == 0 || waits[1] == 0 {
			t.Errorf("waits %s", waits)
		}
	})
}

// TestLoginsThatWereNotSentAreNotCounted: a server that refuses connections
// locks no account.
func TestLoginsThatWereNotSentAreNotCounted(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		for i := range 5 {
			form := fx.do(by("ada", "login refused.test")).answers[0].Form
			got := fx.do(submission("ada", form.ID, "user", "ada@example.test", "secret", "correct horse"))
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
	trust := probe.Trust{Name: probe.NameMatches, Dates: probe.DatesValid, Chain: probe.ChainTrusted,
		Usage: probe.UsageServer}
	return probe.Report{Sessions: []probe.Session{{TLS: &probe.TLS{Complete: true, Trust: trust}}}}, nil
}

func TestAPanicInTheWordsIsAnswered(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Prober = broken{}
		got := fx.do(by("ada", "good.test"))
		if m := got.final(); !strings.Contains(m.Fact, "Something went wrong in this bot") || len(fx.Records()) != 1 ||
			fx.Records()[0].Elapsed > time.Minute {
			t.Errorf("%s; records %+v", text(m), fx.Records())
		}
	})
}

// TestADoorThatHangs: SIGTERM does not wait for a platform for ever.
func TestADoorThatHangs(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		d := &bot.Dispatcher{Handler: fx.Handler}
		release := make(chan struct{})
		d.Dispatch(t.Context(), by("ada", "good.test"), hanging{release})
		grace, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		d.Stop(grace)
		if took := time.Since(began); took != 5*time.Second+8*time.Second {
			t.Errorf("it took %s", took)
		}
		close(release)
		d.Stop(t.Context())
	})
}

type hanging struct{ until chan struct{} }

func (hanging) Answer(context.Context, bot.Answer)   {}
func (h hanging) Update(context.Context, bot.Update) { <-h.until }

func TestAVerdictIsSharedOnce(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.profiles(t)
		run := fx.do(by("ada", "login login-plain.test --profile relay")).action(t, "share").Run
		if first := fx.do(press("ada", "share", run, "")); first.answers[0].Private {
			t.Error(text(first.final()))
		}
		refusedWith(t, fx.do(press("ada", "share", run, "")), formatting.RunShared, "shared already")
	})
}

// TestNoLoginInTheClear: what would be refused is not offered.
func TestNoLoginInTheClear(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		for _, a := range fx.do(by("ada", "login-offered-in-clear.test --tls none")).final().Actions {
			if a.Verb == "login" {
				t.Error("a login is offered in the clear")
			}
		}
	})
}
