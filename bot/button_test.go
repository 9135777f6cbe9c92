package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
)

// restarted forgets all results, as a restart does.
func (fx *fixture) restarted() { fx.Handler.Store = results.NewMemoryStore() }

// pressed is a press of an action as it stands under a message.
func pressed(person string, a formatting.Action) bot.Invocation {
	inv := press(person, a.Verb, a.Run, "")
	inv.Press.Request = a.Request
	return inv
}

func TestRunAgainOutlivesItsResult(t *testing.T) {
	const all = "mx.example.com:2525 --tls starttls --ip 6 --ehlo me.example.com --timeout 20s"
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		var first, got probe.Request
		fx.Handler.Prober = asking(&first)
		again := fx.do(by("ada", all)).action(t, "again")
		fx.restarted()
		fx.Handler.Prober = asking(&got)
		if fx.do(pressed("bob", again)); got != first || got.Target.Host == "" {
			t.Errorf("asked\n%+v, want\n%+v", got, first)
		}
		if len(again.Request) > 1000 || strings.Contains(again.Request, ":") {
			t.Errorf("%d characters: %s", len(again.Request), again.Request)
		}
		refusedWith(t, fx.do(pressed("bob", again)), formatting.RunTwice, "a moment ago")
	})
}

// TestForgedButtons: a request is taken as it was made, where it was made, by
// whom it was made for, and in its time.
func TestForgedButtons(t *testing.T) {
	change := func(f func(*bot.Invocation)) func(*fixture, *bot.Invocation) {
		return func(_ *fixture, inv *bot.Invocation) { f(inv) }
	}
	for name, forge := range map[string]func(*fixture, *bot.Invocation){
		"another request": change(func(inv *bot.Invocation) { inv.Press.Request = "B" + inv.Press.Request[1:] }),
		"cut":             change(func(inv *bot.Invocation) { inv.Press.Request = inv.Press.Request[:20] }),
		"no request":      change(func(inv *bot.Invocation) { inv.Press.Request = "" }),
		"long":            change(func(inv *bot.Invocation) { inv.Press.Request = strings.Repeat("A", 5000) }),
		"no code":         change(func(inv *bot.Invocation) { inv.Press.Run = "" }),
		"another channel": change(func(inv *bot.Invocation) { inv.Place.Channel = "C2" }),
		"another place":   change(func(inv *bot.Invocation) { inv.Place.Workspace, inv.Place.Channel = "T1C", "1" }),
		"another person":  change(func(inv *bot.Invocation) { inv.Person.ID = "bob" }),
		"another key":     func(fx *fixture, _ *bot.Invocation) { fx.Handler.Key = []byte("another") },
		"no key":          func(fx *fixture, _ *bot.Invocation) { fx.Handler.Key = nil },
		"too old":         func(*fixture, *bot.Invocation) { time.Sleep(7*24*time.Hour + time.Second) },
	} {
		inVirtualTime(t, func(t *testing.T, fx *fixture) {
			inv := pressed("ada", fx.do(by("ada", "good.test --private")).action(t, "again"))
			fx.restarted()
			forge(fx, &inv)
			if r := fx.do(inv); r.answers[0].Job != nil {
				t.Errorf("%s: it runs", name)
			} else if !strings.Contains(text(r.final()), "not kept any more") {
				t.Errorf("%s: %s", name, text(r.final()))
			}
		})
	}
}

// TestWhatButtonsCarry: neither logins nor mail addresses, and policy is asked
// at each press.
func TestWhatButtonsCarry(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Envelope = true
		if a := fx.do(by("ada", "good.test --to bob@example.com")).action(t, "again"); a.Request != "" {
			t.Errorf("a mail address is in a button: %s", a.Request)
		}
		form := fx.do(by("ada", "login login-plain.test")).answers[0].Form
		login := fx.do(submission("ada", form.ID, "user", "ada@example.test", "secret", "correct horse")).action(t, "again")
		public := fx.do(by("ada", "good.test")).action(t, "again")
		fx.restarted()
		if a := fx.do(pressed("ada", login)).answers[0]; a.Form == nil {
			t.Errorf("a login asks for no password: %+v", a)
		}
		fx.exhaust("192.0.2.1")
		refusedWith(t, fx.do(pressed("bob", public)), formatting.LimitTarget, "Try again")
		fx.Handler.Dialect.AllowSingleLabel, fx.Handler.Prober = true, asking(new(probe.Request))
		short := fx.do(by("ada", "mx:25")).action(t, "again")
		fx.restarted()
		fx.Handler.Dialect.AllowSingleLabel = false
		refusedWith(t, fx.do(pressed("ada", short)), formatting.RunOld, "Type the command again")
	})
}

// TestStoppedTestsCanBeRunAgain: the button under them is no dead end.
func TestStoppedTestsCanBeRunAgain(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		r := &recorder{}
		d := &bot.Dispatcher{Handler: fx.Handler}
		d.Dispatch(t.Context(), by("ada", "silent.test"), r)
		time.Sleep(5 * time.Second)
		grace, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		d.Stop(grace)
		again := r.action(t, "again")
		fx.restarted()
		if a := fx.do(pressed("bob", again)).answers[0]; a.Job == nil {
			t.Errorf("%s: %s", text(r.final()), text(a.Message))
		}
	})
}
