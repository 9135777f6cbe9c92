package bot_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
)

// stub is a prober that asks for one connection, to an address or to one of its
// own, holds it, and sends the login that there is.
type stub struct {
	hold     time.Duration
	to       netip.Addr // zero: one of the target's own
	attempts *int       // logins that were sent
}

func (s stub) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	to := s.to
	if a, ok := req.Target.Address(); ok {
		to = a
	}
	if wait := hooks.Allow(netip.AddrPortFrom(to, req.Target.Port)); wait > 0 {
		limited := &probe.Failure{Phase: probe.PhaseGuard, Kind: probe.KindRateLimited, Limit: wait}
		return probe.Report{Request: req, Lookup: probe.Lookup{Failure: limited}}, nil
	}
	select {
	case <-time.After(s.hold):
	case <-ctx.Done():
	}
	report := probe.Report{Request: req, Sessions: []probe.Session{{Security: probe.SecurityNone}}}
	if req.Login != nil {
		*s.attempts++
		report.Sessions[0].Auth = &probe.Auth{Sent: true, Mechanism: "PLAIN"}
	}
	return report, nil
}

// at is somebody's command somewhere.
func at(platform formatting.Platform, workspace, channel, person, text string) bot.Invocation {
	inv := by(person, text)
	inv.Place = bot.Place{Platform: platform, Workspace: workspace, Channel: channel}
	return inv
}

// TestAPersonIsTheSameEverywhere: eleven places give no more than one.
func TestAPersonIsTheSameEverywhere(t *testing.T) {
	for _, tt := range []struct {
		options string
		want    int
	}{{"", results.DefaultLimits().Person.Most}, {" --to a@example.com", results.DefaultLimits().Recipients.Most}} {
		inVirtualTime(t, func(t *testing.T, fx *fixture) {
			fx.Handler.Prober = stub{}
			ran := 0
			for i := range 110 {
				guild := fmt.Sprintf("G%d", i%11)
				if guild == "G10" {
					guild = "" // a direct message
				}
				target := fmt.Sprintf("9.9.%d.1:25", i)
				if fx.do(at(formatting.Discord, guild, "C"+guild, "eve", target+tt.options)).answers[0].Job != nil {
					ran++
				}
				if tt.options != "" {
					time.Sleep(10 * time.Second)
				}
			}
			if ran != tt.want {
				t.Errorf("%d tests%s, want %d", ran, tt.options, tt.want)
			}
			if fx.do(at(formatting.Slack, "T1", "C1", "eve", "9.8.7.6:25")).answers[0].Job == nil {
				t.Error("a person of another platform pays")
			}
		})
	}
}

// TestOnePersonLeavesPlaces: two people cannot take all of them.
func TestOnePersonLeavesPlaces(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Prober = stub{hold: time.Minute}
		d := &bot.Dispatcher{Handler: fx.Handler}
		try := func(person string, n int) *recorder {
			r := &recorder{}
			d.Dispatch(t.Context(), at(formatting.Discord, fmt.Sprint("G", n), "C1", person, fmt.Sprintf("9.9.%d.9:25", n)), r)
			return r
		}
		for i := range 2 {
			if r := try("eve", i); r.answers[0].Job == nil {
				t.Fatal(text(r.final()))
			}
		}
		refusedWith(t, try("eve", 3), formatting.LimitPersonBusy, "2 tests of yours are running")
		if r := try("ada", 4); r.answers[0].Job == nil {
			t.Error(text(r.final()))
		}
		d.Stop(t.Context())
		if r := fx.do(by("eve", "9.9.9.9:25")); r.answers[0].Job == nil {
			t.Errorf("the places were not given back: %s", text(r.final()))
		}
	})
}

// TestGuessing: neither another name, address, port or spelling, nor other
// people, give more tries within ten minutes.
func TestGuessing(t *testing.T) {
	spelled := []string{"alice@example.com", "alice", `EXAMPLE\alice`, "alice+1@example.com", "ALICE@EXAMPLE.com.",
		" alice@example.com ", "alice+a+b@mail.example.com"}
	gmail := []string{"a.lice@gmail.com", "alice@googlemail.com", "al.ice+x@GMAIL.com", "alice"}
	pick := func(all []string, i int) string { return all[i%len(all)] }
	same := func(text string) func(int) string { return func(int) string { return text } }
	each := func(format string) func(int) string { return func(i int) string { return fmt.Sprintf(format, i) } }
	for _, tt := range []struct {
		name               string
		host, user, person func(i int) string
		most               int
	}{
		{"one account", same("smtp.example.com"), same("alice"), each("U%d"), 3},
		{"spellings", same("smtp.example.com"), func(i int) string { return pick(spelled, i) }, each("U%d"), 3},
		{"spellings and names", each("smtp%d.example.com"), func(i int) string { return pick(spelled, i) }, each("U%d"), 3},
		{"spellings at Gmail", same("smtp.gmail.com"), func(i int) string { return pick(gmail, i) }, each("U%d"), 3},
		{"many accounts at one name", same("smtp.example.com"), each("user%d"), each("U%d"), 3},
		{"many accounts at one provider", each("smtp%d.example.com"), each("user%d"), each("U%d"), 6},
		{"ports", func(i int) string { return fmt.Sprintf("smtp.example.com:%d", []int{25, 465, 587, 2525}[i%4]) },
			same("alice"), each("U%d"), 3},
		{"one person, everywhere", each("smtp.example%d.com"), each("user%d"), same("U1"), 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T, fx *fixture) {
				attempts := 0
				for i := range 20 {
					fx.Handler.Prober = stub{to: netip.AddrFrom4([4]byte{8, 8, byte(i), 8}), attempts: &attempts}
					opened := fx.do(by(tt.person(i), "login "+tt.host(i))).answers[0]
					if opened.Form == nil {
						continue
					}
					fx.do(submission(tt.person(i), opened.Form.ID, "user", tt.user(i), "secret", "Winter2026!"))
				}
				if attempts != tt.most {
					t.Errorf("%d attempts, want %d", attempts, tt.most)
				}
			})
		})
	}
}

// TestNoLoginAtAnAddress: a login goes where the name leads, by a command and
// by a button.
func TestNoLoginAtAnAddress(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		refusedWith(t, fx.do(by("ada", "login login-plain.test --at 192.0.2.1")), formatting.UsageAtLogin, "--at")
		got := fx.do(by("ada", "login-plain.test --at 8.8.8.8"))
		for _, a := range got.final().Actions {
			if a.Verb == "login" {
				t.Error("the button is shown")
			}
		}
		run := got.action(t, "more").Run
		refusedWith(t, fx.do(press("ada", "login", run, "")), formatting.UsageAtLogin, "--at")
	})
}

// TestAFormIsOnePersons: nobody else sends it, from nowhere else, and it is used
// once however often it is sent; forms of others do not push it out.
func TestAFormIsOnePersons(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		attempts := 0
		fx.Handler.Prober = stub{attempts: &attempts}
		form := fx.do(by("ada", "login mx.example.com")).answers[0].Form.ID
		for i := range 130 {
			for range 4 {
				fx.do(by(fmt.Sprint("U", i), "login mx.example.com"))
			}
		}
		send := func(platform formatting.Platform, workspace, person string) bool {
			inv := submission(person, form, "user", "u", "secret", "hunter2")
			inv.Place.Platform, inv.Place.Workspace, inv.Place.Channel = platform, workspace, ""
			return fx.do(inv).answers[0].Job != nil
		}
		for _, other := range [][3]string{{"console", "T1", "bob"}, {"console", "T2", "ada"}, {"discord", "T1", "ada"}} {
			if send(formatting.Platform(other[0]), other[1], other[2]) {
				t.Errorf("it was sent by %q", other)
			}
		}
		for i := range 20 {
			if send("console", "T1", "ada") != (i == 0) {
				t.Errorf("number %d", i)
			}
		}
		if attempts != 1 {
			t.Errorf("%d logins", attempts)
		}
	})
}

// dialled counts the connections that a prober may make.
type dialled struct {
	probe.Prober
	mu sync.Mutex
	n  int
}

func (d *dialled) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	allow := hooks.Allow
	hooks.Allow = func(to netip.AddrPort) time.Duration {
		wait := allow(to)
		d.mu.Lock()
		defer d.mu.Unlock()
		if wait == 0 {
			d.n++
		}
		return wait
	}
	return d.Prober.Probe(ctx, req, hooks)
}

// TestAnIncidentIsNotRefused: a server that refuses connections is asked by
// everybody. Each gets the whole answer, and the server is spared.
func TestAnIncidentIsNotRefused(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		d := &dialled{Prober: fx.Handler.Prober}
		fx.Handler.Prober = d
		person := func(i int) bot.Invocation {
			return at(formatting.Console, "T1", fmt.Sprint("C", i), fmt.Sprint("U", i), "refused.test:587")
		}
		first := fx.do(person(0)).final()
		if d.n != 4 || strings.Contains(text(first), "comparisons are from") {
			t.Fatalf("%d connections, %s", d.n, text(first))
		}
		for i := range 9 {
			time.Sleep(2 * time.Second)
			m := fx.do(person(i + 1)).final()
			if m.Verdict != first.Verdict || m.Fact != first.Fact || d.n != 5+i {
				t.Errorf("number %d: %d connections, %s", i+2, d.n, text(m))
			}
			want := fmt.Sprintf("The comparisons are from a test %d seconds before", 2*i+2)
			if !strings.Contains(text(m), want) {
				t.Errorf("number %d does not say %q: %s", i+2, want, text(m))
			}
		}
		refusedWith(t, fx.do(person(10)), formatting.LimitTarget, "Try again in 42 seconds")
		time.Sleep(time.Minute)
		if m := fx.do(person(11)).final(); d.n != 17 || strings.Contains(text(m), "comparisons are from") {
			t.Errorf("after a minute: %d connections, %s", d.n, text(m))
		}
	})
}

// TestComparisonsAreWaitedFor: who asks while somebody else's test makes them
// has them too.
func TestComparisonsAreWaitedFor(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		d := &bot.Dispatcher{Handler: fx.Handler}
		var all [2]recorder
		for i := range all {
			inv := at(formatting.Console, "T1", fmt.Sprint("C", i), fmt.Sprint("U", i), "refused.test:587")
			d.Dispatch(t.Context(), inv, &all[i])
		}
		d.Stop(t.Context())
		one, two := all[0].final(), all[1].final()
		if one.Fact != two.Fact || strings.Contains(text(one)+text(two), "Nothing was compared") {
			t.Errorf("%s\n%s", text(one), text(two))
		}
	})
}

// TestOtherComparisonsAreNotReused: what was compared with another outcome says
// nothing, and that is said.
func TestOtherComparisonsAreNotReused(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		to := netip.MustParseAddrPort("192.0.2.10:587")
		session := func(kind probe.Kind) probe.Session {
			return probe.Session{Address: to, Security: probe.SecurityAuto,
				Failure: &probe.Failure{Phase: probe.PhaseConnect, Kind: kind}}
		}
		for i, tt := range []struct {
			kind probe.Kind
			note formatting.TextID
		}{{probe.KindRefused, ""}, {probe.KindTimeout, formatting.NoteNotCompared}} {
			fx.Handler.Prober = comparing{session(tt.kind), to}
			m := fx.do(by(fmt.Sprint("U", i), "mx.example.com")).final()
			said := strings.Contains(text(m), formatting.Say(formatting.NoteNotCompared).What)
			if said != (tt.note != "") {
				t.Errorf("%s: %s", tt.kind, text(m))
			}
		}
	})
}

// comparing is a prober that asks to dial its session's address twice.
type comparing struct {
	session probe.Session
	to      netip.AddrPort
}

func (c comparing) Probe(_ context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	hooks.Allow(c.to)
	hooks.Allow(c.to)
	return probe.Report{Request: req, Started: time.Now().UTC(), Sessions: []probe.Session{c.session}}, nil
}
