package bot

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/probetest"
	"smtptest/probe/secret"
)

// world is a Handler with scripted servers behind it: each host of the form
// CASE.test is the server of that case, at an address of its own. It lives in
// a bubble of virtual time.
type world struct {
	t       testing.TB
	handler *Handler
	ca      *probetest.CA

	mu      sync.Mutex
	records []Record
	dialled int
}

func newWorld(t testing.TB) *world {
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ca: ca}
	w.handler = &Handler{
		Prober: worldProber{w},
		Limits: NewLimits(DefaultLimits()), Runs: NewRuns(), Envelope: true,
		Observe: func(r Record) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.records = append(w.records, r)
		},
	}
	return w
}

// worldProber plays the case that the host names. "panic.test" panics.
type worldProber struct{ world *world }

// Probe implements probe.Prober.
func (p worldProber) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	name, _, _ := strings.Cut(req.Target.Host, ".")
	if name == "panic" {
		panic("hunter2")
	}
	c := caseNamed(p.world.t, name)
	network := probetest.NewNetwork(c, p.world.ca)
	network.Server.Login = req.Login
	prober := network.Prober()
	dial := prober.Dial
	prober.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		p.world.mu.Lock()
		p.world.dialled++
		p.world.mu.Unlock()
		return dial(ctx, to)
	}
	own := c.Request
	own.Timeout, own.Login = req.Timeout, req.Login
	if own.Target.Port != req.Target.Port {
		own.Target.Port = req.Target.Port
	}
	if req.Security != probe.SecurityAuto {
		own.Security = req.Security
	}
	report, err := prober.Probe(ctx, own, hooks)
	network.Wait()
	return report, err
}

func caseNamed(t testing.TB, name string) *probetest.Case {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(c *probetest.Case) bool { return c.Name == name })
	if i < 0 {
		panic("there is no case " + name)
	}
	return all[i]
}

// by is somebody's command in the channel.
func by(person, text string) Invocation {
	return Invocation{
		Place: Place{Platform: "console", Workspace: "T1", Channel: "C1"}, Person: formatting.Person{ID: person, Name: "@" + person}, Text: text,
	}
}

func press(person, verb, run, choice string) Invocation {
	inv := by(person, "")
	inv.Press = &Press{Verb: verb, Run: run, Choice: choice}
	return inv
}

// told is all that a door got to show.
type told struct {
	mu      sync.Mutex
	answers []Answer
	updates []Update
}

// Answer implements Responder.
func (d *told) Answer(_ context.Context, a Answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers = append(d.answers, a)
	if a.Run != nil {
		a.Run.Posted("https://chat.example.test/" + a.Run.ID())
	}
}

// Update implements Responder.
func (d *told) Update(_ context.Context, u Update) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.updates = append(d.updates, u)
}

// do carries one invocation out to its end.
func (w *world) do(inv Invocation) *told {
	w.t.Helper()
	d := &told{}
	dispatcher := &Dispatcher{Handler: w.handler}
	dispatcher.Dispatch(w.t.Context(), inv, d)
	dispatcher.running.Wait()
	return d
}

// final is the last message.
func (d *told) final() formatting.Message {
	if len(d.updates) > 0 {
		return d.updates[len(d.updates)-1].Message
	}
	return d.answers[0].Message
}

func (d *told) stages() string {
	var names []string
	for _, u := range d.updates {
		names = append(names, []string{"started", "progress", "verdict", "done", "denied"}[u.Stage])
	}
	return strings.Join(names, " ")
}

// action finds a button by its verb.
func (d *told) action(t testing.TB, verb string) formatting.Action {
	t.Helper()
	m := d.final()
	i := slices.IndexFunc(m.Actions, func(a formatting.Action) bool { return a.Verb == verb })
	if i < 0 {
		t.Fatalf("there is no %s among %+v", verb, m.Actions)
	}
	return m.Actions[i]
}

func refusedWith(t testing.TB, d *told, id formatting.TextID, part string) {
	t.Helper()
	m := d.final()
	want := formatting.Refusal(id)
	text := m.Fact + " " + strings.Join(m.Notes, " ")
	if m.Verdict != want.Verdict || !strings.Contains(text, part) {
		t.Errorf("got %q %q, want %q with %q", m.Verdict, text, want.Verdict, part)
	}
	if len(d.answers) > 0 && !d.answers[0].Private && len(d.updates) == 0 {
		t.Error("the refusal is not private")
	}
}

func submission(person, form string, values ...string) Invocation {
	inv := by(person, "")
	inv.Form = &Submission{Form: form, Values: map[string]string{formatting.FieldMechanism: formatting.MechanismAutomatic}}
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
