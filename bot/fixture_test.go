package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe/probetest"
	"smtptest/probe/secret"
)

// fixture is a handler with the default limits, and scripted
// servers behind it: each host CASE.test is the server of that case.
type fixture struct {
	*bottest.Fixture
	t testing.TB
}

func newFixture(t testing.TB) *fixture {
	w, err := bottest.NewFixture()
	if err != nil {
		t.Fatal(err)
	}
	w.Handler.Limiter = results.NewMemoryLimiter(results.DefaultLimits())
	return &fixture{w, t}
}

// inVirtualTime runs a test with a fixture in a bubble of testing/synctest.
func inVirtualTime(t *testing.T, f func(*testing.T, *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newFixture(t)) })
}

func caseNamed(t testing.TB, name string) *probetest.Case {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(c *probetest.Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatal("there is no case " + name)
	}
	return all[i]
}

// by is somebody's command in the channel.
func by(person, text string) bot.Invocation {
	return bot.Invocation{
		Place: bot.Place{Platform: "console", Workspace: "T1", Channel: "C1"}, Person: formatting.Person{ID: person,
			Name: "@" + person}, Text: text,
	}
}

func press(person, verb, run, choice string) bot.Invocation {
	inv := by(person, "")
	inv.Press = &bot.Press{Verb: verb, Run: run, Choice: choice}
	return inv
}

// recorder is a Responder that keeps all that it is given.
type recorder struct {
	mu      sync.Mutex
	answers []bot.Answer
	updates []bot.Update
}

// Answer implements Responder.
func (r *recorder) Answer(_ context.Context, a bot.Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = append(r.answers, a)
	if a.Job != nil {
		a.Job.Posted("https://chat.example.test/" + a.Job.ID())
	}
}

// Update implements Responder.
func (r *recorder) Update(_ context.Context, u bot.Update) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.updates = append(r.updates, u)
}

// do carries one invocation out to its end.
func (fx *fixture) do(inv bot.Invocation) *recorder {
	fx.t.Helper()
	r := &recorder{}
	d := &bot.Dispatcher{Handler: fx.Handler}
	d.Dispatch(fx.t.Context(), inv, r)
	d.Stop(context.WithoutCancel(fx.t.Context()))
	return r
}

// final is the last message.
func (r *recorder) final() formatting.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.updates) > 0 {
		return r.updates[len(r.updates)-1].Message
	}
	return r.answers[0].Message
}

func (r *recorder) stages() string {
	var names []string
	for _, u := range r.updates {
		names = append(names, []string{"started", "progress", "verdict", "done", "denied"}[u.Stage])
	}
	return strings.Join(names, " ")
}

// action finds a button by its verb.
func (r *recorder) action(t testing.TB, verb string) formatting.Action {
	t.Helper()
	m := r.final()
	i := slices.IndexFunc(m.Actions, func(a formatting.Action) bool { return a.Verb == verb })
	if i < 0 {
		t.Fatalf("there is no %s among %+v", verb, m.Actions)
	}
	return m.Actions[i]
}

func refusedWith(t testing.TB, r *recorder, id formatting.TextID, part string) {
	t.Helper()
	m := r.final()
	want := formatting.Refusal(id)
	text := m.Fact + " " + strings.Join(m.Notes, " ")
	if m.Verdict != want.Verdict || !strings.Contains(text, part) {
		t.Errorf("got %q %q, want %q with %q", m.Verdict, text, want.Verdict, part)
	}
	if len(r.answers) > 0 && !r.answers[0].Private && len(r.updates) == 0 {
		t.Error("the refusal is not private")
	}
}

func submission(person, form string, values ...string) bot.Invocation {
	inv := by(person, "")
	inv.Form = &bot.Submission{Form: form,
		Values: map[string]string{formatting.FieldMechanism: formatting.MechanismAutomatic}}
	for i := 0; i+1 < len(values); i += 2 {
		if values[i] == formatting.FieldSecret {
			inv.Form.Secret = secret.New(values[i+1])
			continue
		}
		inv.Form.Values[values[i]] = values[i+1]
	}
	return inv
}

func text(m formatting.Message) string { return fmt.Sprintf("%+v", m) }
