package bot_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"smtptest/bot"
	"smtptest/bot/results"
	"smtptest/formatting"
)

// common is what two processes share: each has its own memory before it.
type common struct {
	marks  *results.MemoryStore
	limits *results.MemoryLimiter
	apart  bool // nobody else can be asked
}

type sharedStore struct {
	results.Store
	*common
}

// Apart implements results.Sharer.
func (s sharedStore) Apart() bool { return s.apart }

// Settle implements results.Store.
func (s sharedStore) Settle(_ context.Context, all []results.Mark) results.Settlement {
	for _, m := range all {
		if !s.apart && !s.marks.Remember(m) {
			return results.Settlement{Lost: &m}
		}
	}
	return results.Settlement{Apart: s.apart}
}

type sharedLimiter struct {
	*results.MemoryLimiter
	*common
}

// Confirm implements results.Limiter.
func (l sharedLimiter) Confirm(_ context.Context, r results.Receipt) *results.Refusal {
	var claims []results.Claim
	for _, u := range r {
		if u.Scope != results.PersonAtOnce {
			claims = append(claims, u.Claim)
		}
	}
	_, over := l.limits.Take(claims...)
	if over != nil {
		l.Refund(r)
	}
	return over
}

// two are processes that share limits and marks.
func two(t *testing.T) (a, b *fixture, c *common) {
	c = &common{marks: results.NewMemoryStore(), limits: results.NewMemoryLimiter(results.DefaultLimits())}
	a, b = newFixture(t), newFixture(t)
	for _, fx := range []*fixture{a, b} {
		fx.Handler.Store = sharedStore{fx.Handler.Store, c}
		fx.Handler.Limiter = sharedLimiter{results.NewMemoryLimiter(results.DefaultLimits()), c}
		fx.Handler.Key = make([]byte, 32)
	}
	return a, b, c
}

// TestAnEventOfTwoProcesses: whoever is second at an event, a button or a form
// runs nothing, and says so unless it is the same event.
func TestAnEventOfTwoProcesses(t *testing.T) {
	a, b, _ := two(t)
	inv := by("ada", "good.test:587")
	inv.ID = "E1"
	if a.do(inv).final().Verdict == "" || len(b.do(inv).updates) != 0 || b.Probes() != 0 {
		t.Errorf("the second has run %d tests", b.Probes())
	}
	form := by("ada", "login good.test:587")
	form.ID = "E2"
	one, other := a.do(form).answers[0].Form, b.do(form).answers[0].Form
	if one == nil || other == nil || one.ID != other.ID {
		t.Fatalf("%+v and %+v are not one form", one, other)
	}
	sent := submission("ada", one.ID, formatting.FieldUser, "ada", formatting.FieldSecret, "hunter2")
	a.do(sent)
	if second := b.do(sent).final(); second.Fact != formatting.Say(formatting.FormGone).What || b.Probes() != 0 {
		t.Errorf("%q after %d tests", second.Fact, b.Probes())
	}
}

// TestAbandoned: who comes second at Discord runs nothing and counts nothing.
func TestAbandoned(t *testing.T) {
	a, _, _ := two(t)
	for i := range 20 {
		inv := by("ada", "good.test:587")
		inv.ID = fmt.Sprint(i)
		answer := a.Handler.Begin(inv)
		if answer.Job == nil {
			t.Fatalf("the %d. was counted: %s", i, answer.Message.Fact)
		}
		answer.Job.Abandon()
		answer.Job.Do(t.Context(), func(u bot.Update) { t.Errorf("said %q", u.Message.Fact) })
	}
	if a.Probes() != 0 {
		t.Errorf("%d tests were run", a.Probes())
	}
}

// TestLimitsOfTwoProcesses: what both allow together is what one allows alone.
func TestLimitsOfTwoProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, _ := two(t)
		targets := []string{"good.test", "expired.test", "3des.test"} // each has its own limit, of 10
		for i := range 20 {
			[]*fixture{a, b}[i%2].do(by("ada", targets[i%3]+":587"))
		}
		refused := 0
		for _, r := range append(a.Records(), b.Records()...) {
			if r.Refused == formatting.LimitPerson {
				refused++
			}
		}
		if refused != 10 {
			t.Errorf("%d of 20 were refused, want 10", refused)
		}
	})
}

// TestALoginWithoutTheOthers: it is not tried. All else goes on.
func TestALoginWithoutTheOthers(t *testing.T) {
	a, _, c := two(t)
	form := a.do(by("ada", "login good.test:587")).answers[0].Form
	c.apart = true
	sent := submission("ada", form.ID, formatting.FieldUser, "ada", formatting.FieldSecret, "hunter2")
	if m := a.do(sent).final(); m.Fact != formatting.Say(formatting.FaultApart).What || a.Probes() != 0 {
		t.Errorf("%q after %d tests", m.Fact, a.Probes())
	}
	if m := a.do(press("ada", "more", "unknown", "json")).final(); m.Fact != formatting.Say(formatting.RunApart).What {
		t.Errorf("of a result that another process may have: %q", m.Fact)
	}
	if m := a.do(by("bob", "good.test:587")).final(); m.Verdict == "" {
		t.Error("a test without a login was not run")
	}
}
