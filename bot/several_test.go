package bot_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe"
)

// taking turns, each test of balanced.test reaches the next of these servers.
type turns struct {
	probe.Prober
	mu      sync.Mutex
	servers []string
	runs    int
}

// Probe implements probe.Prober.
func (p *turns) Probe(ctx context.Context, r probe.Request, hooks probe.Hooks) (probe.Report, error) {
	if r.Target.Host == "balanced.test" {
		p.mu.Lock()
		r.Target.Host = p.servers[p.runs%len(p.servers)] + ".test"
		p.runs++
		p.mu.Unlock()
	}
	return p.Prober.Probe(ctx, r, hooks)
}

// TestRepeat: twenty tests are one for the person, one bad server of four is
// found, each test is behind its choice, and the next series waits a minute.
func TestRepeat(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		balancer := &turns{Prober: fx.Handler.Prober, servers: []string{"good", "good", "expired", "good"}}
		fx.Handler.Prober = balancer
		r := fx.do(by("U1", "balanced.test:587 --repeat 20"))
		m := r.final()
		if m.Tone != formatting.ToneBad || m.Verdict != "Works 15 times of 20" || balancer.runs != 20 ||
			!strings.Contains(m.Fact, "The certificate has expired: 5 times · each time with the certificate") {
			t.Fatalf("%d runs: %s, %s", balancer.runs, m.Verdict, m.Fact)
		}
		more := r.action(t, "more")
		if len(more.Choices) != 21 || more.Choices[2].Label != "Test 3: Failed at TLS" {
			t.Errorf("choices %+v", more.Choices)
		}
		for choice, want := range map[string]string{"2": "The certificate has expired", "json": "smtptest.json"} {
			a := fx.do(press("U2", "more", more.Run, choice)).answers[0]
			if text := formatting.Text(a.Message) + titles(a.Message); !a.Private || !strings.Contains(text, want) {
				t.Errorf("choice %s: %s", choice, text)
			}
		}
		refusedWith(t, fx.do(press("U2", "again", more.Run, "")), formatting.LimitRepeat, "Try again in")
		if m := fx.do(by("U1", "good.test:587")).final(); m.Tone != formatting.ToneGood {
			t.Errorf("one test after it: %s %s", m.Verdict, m.Fact)
		}
	})
}

// TestCompareTwo: both servers are admitted, tested and shown.
func TestCompareTwo(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		r := fx.do(by("U1", "compare good.test expired.test"))
		m := r.final()
		table, ok := m.Sections[0].(formatting.Table)
		const verdict = "Works: TLS tested, login not tested | Failed at TLS"
		if m.Verdict != verdict || !ok || table.Rows[2][0] != "its verification" {
			t.Errorf("%s\n%v", m.Verdict, m.Sections[0])
		}
		again := fx.do(press("U2", "again", r.action(t, "again").Run, ""))
		if again.final().Verdict != m.Verdict {
			t.Errorf("again: %s", again.final().Verdict)
		}
		if m := fx.do(by("U1", "compare chain-reversed.test expired.test")).final(); !strings.HasPrefix(m.Try,
			"the second: Renew") {
			t.Errorf("a warning of one before the failure of the other: %s", m.Try)
		}
		refusedWith(t, fx.do(by("U1", "compare good.test good.test:22")), formatting.RefusedPort, "22")
		refusedWith(t, fx.do(by("U1", "compare good.test 10.0.0.1")), formatting.RefusedAddress, "")
	})
}

// TestSeveralAfterRestart: the buttons carry what was asked.
func TestSeveralAfterRestart(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Key = []byte("0123456789abcdef0123456789abcdef")
		first := map[string]*recorder{}
		for _, text := range []string{"good.test:587 --repeat 3", "compare good.test expired.test"} {
			first[text] = fx.do(by("U1", text))
		}
		fresh := newFixture(t)
		fresh.Handler.Key = fx.Handler.Key
		for text, r := range first {
			a := r.action(t, "again")
			inv := press("U1", "again", a.Run, "")
			inv.Press.Request = a.Request
			if got := fresh.do(inv).final(); got.Verdict != r.final().Verdict {
				t.Errorf("%s: %s, after a restart %s %s", text, r.final().Verdict, got.Verdict, got.Fact)
			}
		}
	})
}

// TestRecentSeveral: the bot's own page says how several tests ended, and what
// is proposed while somebody types is one server.
func TestRecentSeveral(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.do(by("U1", "good.test:587 --repeat 3"))
		fx.do(by("U1", "compare good.test expired.test"))
		page := by("U1", "")
		page.Home = true
		text := formatting.Text(fx.do(page).answers[0].Message)
		for _, want := range []string{
			"good.test:587: Works 3 times of 3, ",
			"good.test:587 and expired.test:587: Works: TLS tested, login not tested | Failed at TLS, ",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("without %q:\n%s", want, text)
			}
		}
		for _, s := range fx.Handler.Suggest(by("U1", ""), bot.FieldTarget, "") {
			if strings.Contains(s.Value, " and ") {
				t.Errorf("proposed: %+v", s)
			}
		}
	})
}
