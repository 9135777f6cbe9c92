package bot_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
)

// slowDomains examines a scenario after a while.
type slowDomains struct {
	*domain.Examiner
	lookups, wait time.Duration
}

func (s slowDomains) Examine(ctx context.Context, req domain.Request, h domain.Hooks) (domain.Report, error) {
	time.Sleep(s.lookups)
	h.Event(domain.Event{Stage: domain.StageSessions, Done: 1, Total: 2})
	time.Sleep(s.wait)
	return s.Examiner.Examine(ctx, req, h)
}

// TestDomain: seen by the channel as a test is, with the conversation of each
// address behind its own choice, and again by the button.
func TestDomain(t *testing.T) {
	scenario := domaintest.Read(t, `
		domain a.test
		zone a.test.
		a.test. MX 10 mx1.a.test.
		mx1.a.test. A 192.0.2.1
		192.0.2.1 ok`)
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Domains = slowDomains{scenario.Examiner(), 0, 12 * time.Second}
		r := fx.do(by("U1", "domain postmaster@a.test"))
		last := r.updates[len(r.updates)-1].Message
		if len(r.updates) != 3 || r.updates[1].Message.Fact != "1 of 2 addresses tested" || last.Target != "a.test" ||
			last.By.ID != "U1" {
			t.Fatalf("%d updates, the last %+v", len(r.updates), last)
		}
		more := last.Actions[len(last.Actions)-1]
		if more.Choices[0].Label != "mx1.a.test [192.0.2.1]" {
			t.Errorf("choices %+v", more.Choices)
		}
		for choice, title := range map[string]string{"0": "Transcript", "json": "smtptest-domain.json"} {
			press := by("U2", "")
			press.Press = &bot.Press{Verb: more.Verb, Run: more.Run, Choice: choice}
			a := fx.do(press).answers[0]
			if text := formatting.Text(a.Message); !a.Private || !strings.Contains(text+titles(a.Message), title) {
				t.Errorf("choice %s: %s", choice, text)
			}
		}
		again := by("U2", "")
		again.Press = &bot.Press{Verb: last.Actions[0].Verb, Run: last.Actions[0].Run}
		if got := fx.do(again); len(got.updates) == 0 || got.updates[len(got.updates)-1].Message.Target != "a.test" {
			t.Errorf("Run again: %+v", got.answers)
		}
	})
}

// TestStateOfDomain: the button under a message that says that it runs tells
// what became of an examination, as it does of a test, and of the second one too
// where two people have asked the same. Whoever asks once the servers are known
// joins.
func TestStateOfDomain(t *testing.T) {
	scenario := domaintest.Read(t, `
		domain a.test
		zone a.test.
		a.test. MX 10 mx1.a.test.
		mx1.a.test. A 192.0.2.1
		192.0.2.1 ok`)
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Domains = slowDomains{scenario.Examiner(), time.Second, 12 * time.Second}
		first, second := &recorder{}, &recorder{}
		d := &bot.Dispatcher{Handler: fx.Handler}
		d.Dispatch(t.Context(), by("U1", "domain a.test"), first)
		d.Dispatch(t.Context(), by("U2", "domain a.test"), second)
		time.Sleep(5 * time.Second)
		refusedWith(t, fx.do(by("U3", "domain a.test")), formatting.RunJoined, "a.test")
		state := pressed("U2", first.action(t, "state"))
		refusedWith(t, fx.do(state), formatting.RunStill, "still runs")
		refusedWith(t, fx.do(pressed("U2", second.action(t, "state"))), formatting.RunStill, "still runs")
		time.Sleep(20 * time.Second)
		if a := fx.do(state).answers[0]; !a.Replace || !strings.Contains(text(a.Message), "over") {
			t.Errorf("over: %+v", a)
		}
		fx.restarted()
		if a := fx.do(state).answers[0]; !a.Replace || a.Message.Target != "a.test" || a.Message.Actions[0].Accessible !=
			"Run again: a.test" {
			t.Errorf("restarted: %+v", a)
		}
	})
}

func titles(m formatting.Message) string {
	var all []string
	for _, s := range m.Sections {
		if f, ok := s.(formatting.File); ok {
			all = append(all, f.Name)
		}
	}
	return strings.Join(all, " ")
}

// TestDomainRefused: a name inside the network is refused like a server's.
func TestDomainRefused(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Domains = &domain.Examiner{}
		r := fx.do(by("U1", "domain dc7.corp.internal"))
		if last := r.updates[len(r.updates)-1]; last.Stage != bot.StageDenied {
			t.Errorf("%+v", last)
		}
	})
}

// TestCheckTheDomain: the button stands where somebody has typed a mail domain in
// place of a server, and under the test of that server; elsewhere a failure on
// port 25 has words alone. Nobody's host name is taken for a domain.
func TestCheckTheDomain(t *testing.T) {
	scenario := domaintest.Read(t, "domain example.test\nunsigned example.test.\nexample.test. MX 0 .\n")
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Domains = scenario.Examiner()
		const words = "All mail servers of a domain"
		r := fx.do(by("U1", "mail-domain.test:587"))
		if strings.Contains(text(r.final()), words) {
			t.Errorf("words beside a button: %s", text(r.final()))
		}
		tested := fx.do(pressed("U2", r.action(t, "domain")))
		if m := tested.final(); m.Target != "example.test" || m.By.ID != "U2" {
			t.Errorf("pressed: %s", text(m))
		}
		for typed, want := range map[string]bool{
			"dropped.test:25": true, "dropped.test:587": false, "good.test:25": false, "network-blocks-25.test:25": false,
		} {
			m := fx.do(by("U1", typed)).final()
			button := slices.ContainsFunc(m.Actions, func(a formatting.Action) bool { return a.Verb == "domain" })
			if got := strings.Contains(text(m), words); got != want || button {
				t.Errorf("%s: %t, button %t: %s", typed, got, button, text(m))
			}
		}
		fx.Handler.Domains = nil
		refusedWith(t, fx.do(pressed("U3", r.action(t, "domain"))), formatting.RunGone, "")
	})
}

// TestDomainIsRemembered: in the bot's own page as any test is, and in an
// answer to a sentence that asks for it.
func TestDomainIsRemembered(t *testing.T) {
	scenario := domaintest.Read(t, "domain a.test\nunsigned a.test.\na.test. MX 0 .\n")
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Domains = scenario.Examiner()
		const understood = "Understood: the mail domain a.test"
		words := text(fx.do(by("U1", "why does mail to ada@a.test bounce?")).final())
		if !strings.Contains(words, understood) || strings.Contains(words, "ada@") {
			t.Error(words)
		}
		page := by("U1", "")
		page.Home = true
		if home := text(fx.do(page).final()); !strings.Contains(home, "{Name:a.test Value:The domain takes no mail, ") {
			t.Error(home)
		}
	})
}
