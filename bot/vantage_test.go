package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/diagnosis/vantages"
)

// withVantages is a fixture with berlin, paris and tokyo, where tokyo is away.
func withVantages(fx *fixture) *bottest.Vantages {
	v := fx.NewVantages("berlin", "paris", "tokyo")
	v.Miss("tokyo", vantages.NotConnected)
	fx.Handler.Vantages = v
	return v
}

// read is an answer as a person reads it.
func read(m formatting.Message) string { return plain.Render(m, plain.Style{}) }

// TestFromOnePlace: the answer names the place wherever it would say “here”, and
// what is pressed stays there.
func TestFromOnePlace(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		v := withVantages(fx)
		r := fx.do(by("ada", "blocked.test:25 from berlin"))
		m := r.final()
		if said := read(m); !strings.Contains(said, "from berlin") || strings.Contains(said, "from here") {
			t.Errorf("the place is not named:\n%s", said)
		}
		if v.Asked("berlin") != 1 {
			t.Errorf("berlin was asked %d times", v.Asked("berlin"))
		}
		for _, host := range []string{"expired", "good"} { // also where the verdict has no place in it
			if fact := fx.do(by("ada", host+".test from paris")).final().Fact; !strings.HasPrefix(fact, "From paris · ") {
				t.Errorf("%s: the place is not named in the channel: %s", host, fact)
			}
		}
		time.Sleep(time.Minute)
		fx.do(press("ada", "again", r.action(t, "again").Run, ""))
		if v.Asked("berlin") != 2 {
			t.Error("Run again went to another place")
		}
		fx.do(press("ada", "from", r.action(t, "from").Run, "paris"))
		if v.Asked("paris") != 3 {
			t.Error("another place was chosen, and not asked")
		}
		fx.Handler.Store = results.NewMemoryStore() // as after a restart
		time.Sleep(time.Minute)
		old := press("ada", "again", r.action(t, "again").Run, "")
		old.Press.Request = r.action(t, "again").Request
		fx.do(old)
		if v.Asked("berlin") != 3 {
			t.Error("a button that outlived its result has lost its place")
		}
	})
}

// TestWhatPlacesRefuse: each is named at once, and limits are not touched.
func TestWhatPlacesRefuse(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		v := withVantages(fx)
		for range 12 { // more than a person has tests
			refusedWith(t, fx.do(by("ada", "good.test from tokyo")), formatting.VantageAway, "last seen 3 minutes ago")
		}
		for absence, says := range map[vantages.Absence]string{
			vantages.NoEngine: "No other place can be reached", vantages.Busy: "berlin has too much to do",
			vantages.Silent: "berlin stopped answering", vantages.OtherVersion: "another version",
			vantages.Unable: "does not do this", vantages.Faulty: "could not make this test",
		} {
			v.Miss("berlin", absence)
			m := fx.do(by("eve", "good.test from berlin")).final()
			if said := read(m); !strings.Contains(said, says) || strings.Contains(said, "Works") {
				t.Errorf("%s: %s", absence, said)
			}
			if silent := absence == vantages.Silent; (len(m.Sections) > 0) != silent {
				t.Errorf("%s: %d sections", absence, len(m.Sections))
			}
			time.Sleep(time.Minute)
		}
	})
}

// TestFromAll: the table, whose side it is, and the evidence of each place. It is
// one test of a person and one of the address.
func TestFromAll(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		limits := results.DefaultLimits()
		limits.Person.Most, limits.Target.Most = 2, 2
		fx.Handler.Limiter = results.NewMemoryLimiter(limits)
		v := withVantages(fx)
		v.See("paris", "hangup")
		r := fx.do(by("ada", "good.test from all"))
		m := r.final()
		said := read(m)
		for _, part := range []string{
			"Works from 2 of 3 places", "fails, twice: ", "works, TLS 1.3", "not connected, last seen", "paris", "tokyo",
			"place.unreachable", "the network of paris",
		} {
			if !strings.Contains(said, part) {
				t.Errorf("%q is missing in\n%s", part, said)
			}
		}
		if v.Asked("paris") != 2 || v.Asked("berlin") != 1 || v.Asked("tokyo") != 0 {
			t.Errorf("asked: paris %d, berlin %d, tokyo %d", v.Asked("paris"), v.Asked("berlin"), v.Asked("tokyo"))
		}
		run := r.action(t, "more").Run
		for _, c := range r.action(t, "more").Choices {
			more := read(fx.do(press("ada", "more", run, c.Value)).final())
			part := "Connection"
			if c.Value == "json" {
				part = `"state"`
			}
			if !strings.Contains(more, part) {
				t.Errorf("%s: %s", c.Label, more)
			}
		}
		time.Sleep(10 * time.Second)
		fx.do(press("ada", "again", r.action(t, "again").Run, ""))
		if v.Asked("berlin") != 2 {
			t.Error("Run again did not ask all places")
		}
		refusedWith(t, fx.do(by("ada", "good.test from all")), formatting.LimitPerson, "")
	})
}

// TestLoginsFromPlaces: none goes where no key is pinned, by no way.
func TestLoginsFromPlaces(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		v := withVantages(fx)
		refusedWith(t, fx.do(by("ada", "login login-plain.test:587 from berlin")), formatting.VantageUnpinned, "password")
		v.Pin("berlin")
		a := fx.Handler.Begin(by("ada", "login login-plain.test:587 from berlin"))
		if a.Form == nil || !strings.Contains(a.Form.Notice, "from berlin") {
			t.Fatalf("the form does not say where the login goes: %+v", a.Form)
		}
		m := fx.do(submission("ada", a.Form.ID, formatting.FieldUser, "ada@example.test", formatting.FieldSecret, "hunter2")).
			final()
		if said := read(m); !strings.Contains(said, "from berlin") || v.Asked("berlin") != 1 {
			t.Errorf("the login went elsewhere:\n%s", said)
		}
		if at := v.Unsealed(); len(at) > 0 {
			t.Errorf("logins went to %v without a key", at)
		}
	})
}

// TestFromAllIsShownBeforeItIsAskedAgain: what everybody has answered is read while
// some are asked again, and the last message takes its place.
func TestFromAllIsShownBeforeItIsAskedAgain(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		v := withVantages(fx)
		v.See("paris", "dropped") // which takes its whole timeout, twice
		inv := by("ada", "good.test from all")
		inv.Place.Platform = formatting.Slack // the console cannot change what it has printed
		r := fx.do(inv)
		if got := r.stages(); got != "started progress progress done" && got != "started progress done" {
			t.Errorf("stages: %s", got)
		}
		m := r.updates[len(r.updates)-2].Message
		if said := read(m); !strings.Contains(said, "asked again") || strings.Contains(read(r.final()), "asked again") {
			t.Errorf("before the end: %s", said)
		}
	})
}

// TestPlacesAreProposed: while somebody types, in the field of its own and behind
// “from”.
func TestPlacesAreProposed(t *testing.T) {
	fx := newFixture(t)
	withVantages(fx)
	for typed, want := range map[[2]string]string{
		{bot.FieldVantage, ""}:                           "all berlin paris tokyo",
		{bot.FieldVantage, "BER"}:                        "berlin",
		{bot.FieldTarget, "mx.example.test from pa"}:     "mx.example.test from paris",
		{bot.FieldTarget, "domain example.test from to"}: "domain example.test from tokyo",
	} {
		var got []string
		for _, c := range fx.Handler.Suggest(by("ada", ""), typed[0], typed[1]) {
			got = append(got, c.Value)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v: %v, want %s", typed, got, want)
		}
	}
}

// TestNetworkOfAPlace: egress there names that place.
func TestNetworkOfAPlace(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		withVantages(fx)
		fx.Handler.Egress = func(context.Context) []probe.ControlConn { return nil }
		said := read(fx.do(by("ada", "egress from berlin")).final())
		if !strings.Contains(said, "the network of berlin") || strings.Contains(said, "this network") {
			t.Error(said)
		}
	})
}
