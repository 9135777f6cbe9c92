package bot_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"smtptest/bot"
	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
)

// keepsRequest keeps the request that it is given; of several at once, any.
type keepsRequest struct {
	mu  *sync.Mutex
	got *probe.Request
}

func asking(got *probe.Request) keepsRequest { return keepsRequest{new(sync.Mutex), got} }

// Probe implements probe.Prober.
func (k keepsRequest) Probe(_ context.Context, req probe.Request, _ probe.Hooks) (probe.Report, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	*k.got = req
	return probe.Report{Request: probe.Request{Target: req.Target}}, nil
}

func TestWhatAFormAsksFor(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		var got probe.Request
		fx.Handler.Prober = asking(&got)
		form := fx.do(by("ada", "login mx.example.com")).answers[0].Form
		fx.do(submission("ada", form.ID, "user", " ada ", "secret", " token\n", "mechanism", "XOAUTH2",
			"from", "ada@example.com", "to", " bob@example.com"))
		if l := got.Login; l == nil || l.Mechanism != "XOAUTH2" || l.Credential.User != "ada" ||
			l.Credential.Token.Reveal() != "token" || !l.Credential.Password.IsZero() {
			t.Errorf("login %+v", l)
		}
		if e := got.Envelope; e == nil || e.From.String() != "ada@example.com" || e.To.String() != "bob@example.com" {
			t.Errorf("envelope %+v", e)
		}
		fx.Handler.Envelope = false
		if form := fx.do(by("ada", "login mx.example.com")).answers[0].Form; len(form.Fields) != 3 {
			t.Errorf("without envelopes the form has %d fields", len(form.Fields))
		}
	})
}

func TestWhatAFormRefuses(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		refusedWith(t, fx.do(by("ada", "login good.test:22")), formatting.RefusedPort, "Port 22")
		form := fx.do(by("ada", "login good.test --from x@example.com")).answers[0].Form
		errs := fx.do(submission("ada", form.ID, "user", strings.Repeat("u", 321), "secret", strings.Repeat("s", 3001),
			"mechanism", "NTLM", "from", "nobody", "to", "bob@example.com")).answers[0].Errors
		for field, want := range map[string]string{
			"user": "At most 320", "secret": "At most 3000", "mechanism": "not known", "from": "not a mail address", "to": "",
		} {
			if got := errs[field]; !strings.Contains(got, want) || want == "" && got != "" {
				t.Errorf("%s: %q, want %q", field, got, want)
			}
		}
		if r := fx.Records(); r[len(r)-1].Refused != formatting.FormFields || fx.Probes() > 0 {
			t.Errorf("%+v, %d probes", r[len(r)-1], fx.Probes())
		}
	})
}

// TestAFormNamesWhoShowsIt: what is typed can be read on some platforms.
func TestAFormNamesWhoShowsIt(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		inv := by("ada", "login good.test")
		hidden := fx.do(inv).answers[0].Form.Notice
		inv.Traits = bot.Traits{Name: "Chat", ShowsSecrets: true}
		if shown := fx.do(inv).answers[0].Form.Notice; !strings.Contains(shown, "Chat") || shown == hidden {
			t.Errorf("%q and %q", shown, hidden)
		}
	})
}

func TestFieldsOfTheirOwn(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		var got probe.Request
		fx.Handler.Prober = asking(&got)
		inv := by("ada", "mx.example.com:25")
		inv.Options = []command.NamedValue{{Name: "tls", Value: "none"}, {Name: "private", Value: "true"}}
		if a := fx.do(inv).answers[0]; !a.Private || got.Security != probe.SecurityNone {
			t.Errorf("private %t, %+v", a.Private, got)
		}
	})
}

func TestNamesWithoutADot(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		var got probe.Request
		fx.Handler.Prober = asking(&got)
		fx.Handler.Dialect, fx.Handler.Hosts = command.Dialect{AllowSingleLabel: true}, []string{"mx"}
		refusedWith(t, fx.do(by("ada", "relay:25")), formatting.UsageSingleLabel,
			"The 1st word is a host name without a dot.")
		refusedWith(t, fx.do(by("ada", "hlep")), formatting.UsageSingleLabel, "Did you mean help?")
		refusedWith(t, fx.do(by("ada", "telnet relay 25")), formatting.UsageSingleLabel, "The 2nd word")
		fx.do(by("ada", "mx:25"))
		if got.Target.Host != "mx" {
			t.Errorf("%+v", got.Target)
		}
	})
}

func TestAnswersWithoutATest(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		if m := fx.do(by("ada", "explain 535 5.7.8")).final(); len(m.Sections) == 0 {
			t.Errorf("explain: %+v", m)
		}
		stranger := by("eve", "good.test")
		stranger.Refused = formatting.RefusedStranger
		refusedWith(t, fx.do(stranger), formatting.RefusedStranger, "another organisation")
		var kinds []bot.Kind
		for _, r := range fx.Records() {
			kinds = append(kinds, r.Kind)
		}
		if len(kinds) != 2 || kinds[0] != bot.KindExplain || kinds[1] != bot.KindStranger || fx.Probes() > 0 {
			t.Errorf("records of %q, %d probes", kinds, fx.Probes())
		}
	})
}

// TestAPanicBeforeTheAnswer: it is answered, and its value is nowhere.
func TestAPanicBeforeTheAnswer(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Limiter = nil
		refusedWith(t, fx.do(by("ada", "good.test")), formatting.FaultInternal, "Something went wrong in this bot")
		if r := fx.Records(); len(r) != 1 || r[0].Kind != bot.KindPanic || r[0].Reference == "" || r[0].Panic == "" {
			t.Errorf("%+v", r)
		}
	})
}

// moving answers in another channel than the one in which it was asked.
type moving struct {
	recorder
	from bot.Place
}

// Answer implements bot.Responder.
func (m *moving) Answer(ctx context.Context, a bot.Answer) {
	m.from = a.Job.Place()
	a.Job.Moved("C9")
	m.recorder.Answer(ctx, a)
}

func TestButtonsWorkWhereTheAnswerStands(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		m, d := &moving{}, &bot.Dispatcher{Handler: fx.Handler}
		d.Dispatch(t.Context(), by("ada", "good.test"), m)
		d.Stop(t.Context())
		again := press("ada", "again", m.action(t, "again").Run, "")
		if m.from != again.Place {
			t.Errorf("asked for in %+v", m.from)
		}
		refusedWith(t, fx.do(again), formatting.RunElsewhere, "another channel")
		again.Place.Channel = "C9"
		if got := fx.do(again); got.answers[0].Job == nil {
			t.Errorf("%s", text(got.final()))
		}
	})
}

// TestQuestionsAreCounted: buttons, help, forms, and what is refused.
func TestQuestionsAreCounted(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		run := fx.do(by("ada", "no-such-name.test")).action(t, "more").Run
		refusedWith(t, fx.do(press("ada", "more", run, "transcript")), formatting.MoreNothing, "no conversation")
		refusedWith(t, fx.do(press("ada", "frobnicate", run, "")), formatting.RunGone, "not kept")
		for range 28 {
			fx.do(press("ada", "more", run, "json"))
		}
		for _, inv := range []bot.Invocation{press("ada", "more", run, "json"), by("ada", "help"),
			by("ada", "login good.test"), by("ada", "explain 535"), by("ada", "smtp://a b c"),
			by("ada", "good.test:22"), by("ada", "good.test")} {
			refusedWith(t, fx.do(inv), formatting.LimitAnswers, "Try again in 60 seconds")
		}
		if got := fx.do(by("bob", "help")); len(got.final().Sections) == 0 {
			t.Errorf("bob pays for ada: %s", text(got.final()))
		}
	})
}

func TestDuplicatesAreCounted(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		var heard []bot.Event
		d := &bot.Dispatcher{Handler: fx.Handler, Observe: func(e bot.Event) { heard = append(heard, e) }}
		d.Stop(t.Context()) // nothing runs, so nothing is waited for
		d = &bot.Dispatcher{Handler: fx.Handler, Observe: d.Observe}
		inv := by("ada", "help")
		inv.ID = "Ev1"
		for _, taken := range []bool{true, false} {
			if got := d.Dispatch(t.Context(), inv, &recorder{}); got != taken {
				t.Errorf("taken %t, want %t", got, taken)
			}
		}
		inv.Place.Platform = formatting.Slack // the same name of another event
		if !d.Dispatch(t.Context(), inv, &recorder{}) {
			t.Error("an event of another platform was taken for the same")
		}
		if len(heard) != 1 || heard[0].Outcome != bot.DroppedDuplicate {
			t.Errorf("%+v", heard)
		}
		if fx.Handler.Store.Remember(results.Mark{Kind: results.MarkEvent, Key: "slack\x00Ev1"}) {
			t.Error("the store does not know the event")
		}
	})
}

func TestCauseOfOtherErrors(t *testing.T) {
	for want, err := range map[string]error{
		"in our words":        bot.Plain("in our words"),
		"DNS does not answer": &net.DNSError{IsTimeout: true},
		"*errors.errorString": errors.New("hunter2"),
	} {
		if got := bot.Cause(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
