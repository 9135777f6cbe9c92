package bot_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/bot"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe/guard"
)

func TestOrderOfAnAnswer(t *testing.T) {
	for _, tt := range []struct{ name, text, stages, verdict string }{
		{"healthy", "good.test", "verdict done", "Works: TLS tested, login not tested"},
		{"sick", "expired.test", "verdict done", "Failed at TLS"},
		{"no such name", "no-such-name.test", "done", "Failed at DNS"},
		{"slow", "silent-25.test:25", "started progress done", "Failed at greeting"},
		{"slow name server", "dns-silent.test", "started progress done", "Inconclusive from here"},
		{"denied after the lookup", "private-address.test:25", "denied", "Not tested"},
		{"limited after the lookup", "own-limit.test", "denied", "Not now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T, fx *fixture) {
				if tt.name == "limited after the lookup" {
					fx.exhaust("192.0.2.1")
				}
				got := fx.do(by("ada", tt.text))
				// Whether the verdict is known before the goodbye is a matter of chance here.
				if stages := strings.Replace(got.stages(), "verdict ", "", 1); stages != strings.Replace(tt.stages, "verdict ",
					"", 1) || got.final().Verdict != tt.verdict {
					t.Errorf("stages %q, verdict %q; want %q, %q", got.stages(), got.final().Verdict, tt.stages, tt.verdict)
				}
				if len(fx.Records()) != 1 {
					t.Errorf("%d records", len(fx.Records()))
				}
			})
		})
	}
}

// exhaust uses up what may be connected to an address.
func (fx *fixture) exhaust(address string) {
	claim := results.Claim{Scope: results.PerAddress, Key: results.AddressKey(netip.MustParseAddr(address))}
	for {
		if _, over := fx.Handler.Limiter.Take(claim); over != nil {
			return
		}
	}
}

// TestDeniedSaysNothing: a denial names neither the address nor whether there
// is one, and what was posted is taken back.
func TestDeniedSaysNothing(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		got := fx.do(by("ada", "private-address.test:25"))
		if s := text(got.final()); strings.Contains(s, "10.0.0") {
			t.Errorf("the address is recorder: %s", s)
		}
		if got.updates[0].Stage != bot.StageDenied {
			t.Errorf("stage %v", got.updates[0].Stage)
		}
	})
}

func TestRefusedWithoutAnyLookup(t *testing.T) {
	for _, tt := range []struct{ name, text, verdict, says string }{
		{"port", "smtp.example.com:22", "Not tested", "Port 22 may not be tested here. Allowed are 25, 465, 587, 2525."},
		{"private address", "10.0.0.5:25", "Not tested", "This address may not be tested here."},
		{"address by --at", "smtp.example.com --at 127.0.0.1", "Not tested", "This address may not be tested here."},
		{"mistyped option", "smtp.example.com --tsl none", "I could not read that",
			"--tsl is not an option. Did you mean --tls?"},
		{"password", "alice:hunter2@smtp.example.com", "I could not read that", "looks like a password"},
		{"password behind a login", "login smtp.example.com hunter2", "I could not read that",
			"The 3rd word looks like a password"},
		{"login in the clear", "login smtp.example.com --tls none", "Not tested", "A login needs an encrypted connection"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T, fx *fixture) {
				got := fx.do(by("ada", tt.text))
				m := got.final()
				said := m.Fact + " " + strings.Join(m.Notes, " ")
				if m.Verdict != tt.verdict || !strings.Contains(said, tt.says) || !got.answers[0].Private ||
					len(got.updates) > 0 || fx.Probes() > 0 {
					t.Errorf("%q: %q; private %v, %d updates, %d connections", m.Verdict, said, got.answers[0].Private,
						len(got.updates), fx.Probes())
				}
				if strings.Contains(text(m), "hunter2") {
					t.Errorf("the password is repeated: %s", text(m))
				}
			})
		})
	}
}

func TestSecretInAChannelIsToBeDeleted(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		for typed, want := range map[string]string{
			"alice:hunter2@smtp.example.com":        "Everybody in this channel can read your message. Delete it.",
			"smtp.example.com:2525 joe hunter22x":   "Everybody in this channel can read your message. Delete it.",
			"smtp.example.com:2525 joe wonderland":  "Then change it, and delete your message.",
			"smtp.example.com:2525 wonderland":      "Then change it, and delete your message.",
			"log in to good.test with joe hunter2x": "Everybody in this channel can read your message. Delete it.",
		} {
			inv := by("ada", typed)
			inv.Overheard = true
			m := fx.do(inv).final()
			if said := text(m); !strings.Contains(strings.Join(m.Notes, " "), want) || strings.Contains(said, "hunter2") ||
				strings.Contains(said, "wonderland") {
				t.Errorf("%s: %s", typed, said)
			}
		}
	})
}

// TestWhichServer: of several servers one is chosen, and the choice is the
// command.
func TestWhichServer(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		m := fx.do(by("ada", "is it good.test:587 or banner-521.test:25?")).final()
		if len(m.Actions) != 1 || len(m.Actions[0].Choices) != 2 || fx.Probes() > 0 {
			t.Fatalf("%+v", m)
		}
		a := m.Actions[0]
		got := fx.do(press("ada", a.Verb, a.Run, a.Choices[0].Value))
		if m := got.final(); m.Target != "mx.example.test:587" || got.answers[0].Private {
			t.Errorf("%+v", m)
		}
		m = fx.do(by("ada", "telnet good.test 587")).final()
		if said := strings.Join(m.Notes, " "); !strings.Contains(said, "Understood: good.test:587, STARTTLS if offered.") {
			t.Error(said)
		}
	})
}

func TestEnvelopeNeedsItsSwitch(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Envelope = false
		for _, option := range []string{"--to bob@example.com", "--enforced"} {
			refusedWith(t, fx.do(by("ada", "good.test "+option)), formatting.RefusedEnvelope, "may not be tested here")
		}
	})
}

func TestTwoAskForTheSame(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		d := &bot.Dispatcher{Handler: fx.Handler}
		first, second, private := &recorder{}, &recorder{}, &recorder{}
		d.Dispatch(t.Context(), by("ada", "silent-25.test:25"), first)
		synctest.Wait() // until it has dialled
		d.Dispatch(t.Context(), by("bob", "silent-25.test:25"), second)
		d.Dispatch(t.Context(), by("eve", "silent-25.test:25 --private"), private)
		d.Stop(t.Context())
		m := second.final()
		if len(second.updates) != 0 || len(m.Links) != 1 || !strings.HasPrefix(m.Links[0].URL, "https://chat.example.test/") {
			t.Errorf("the second person got %s", text(m))
		}
		if first.final().Verdict != "Failed at greeting" || private.final().Verdict != "Failed at greeting" {
			t.Errorf("got %q and %q", first.final().Verdict, private.final().Verdict)
		}
		if third := fx.do(by("bob", "silent-25.test:25")); len(third.updates) == 0 {
			t.Error("a test that is over was joined")
		}
	})
}

func TestRunAgainNamesWhatChanged(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		first := fx.do(by("ada", "expired.test"))
		again := fx.do(press("bob", "again", first.action(t, "again").Run, ""))
		m := again.final()
		if len(m.Links) != 1 || m.Links[0].Label != "The test before" ||
			!slices.Contains(m.Notes, "Nothing has changed since the test before.") {
			t.Errorf("notes %q, links %v", m.Notes, m.Links)
		}
		refusedWith(t, fx.do(press("bob", "again", first.action(t, "again").Run, "")), formatting.RunTwice, "a moment ago")
		time.Sleep(results.PressLife)
		if third := fx.do(press("bob", "again", first.action(t, "again").Run, "")); len(third.updates) == 0 {
			t.Error("a second wish was taken for a double click")
		}
		if m.By.ID != "bob" {
			t.Errorf("it counts on %s", m.By.ID)
		}
	})
}

// impatient presses Run again as soon as there is the button.
type impatient struct {
	recorder
	fixture *fixture
	again   *recorder
}

// Update implements Responder.
func (d *impatient) Update(ctx context.Context, u bot.Update) {
	d.recorder.Update(ctx, u)
	if d.again == nil && u.Stage == bot.StageVerdict {
		d.again = &recorder{}
		(&bot.Dispatcher{Handler: d.fixture.Handler}).Dispatch(ctx, press("ada", "again", u.Message.Actions[0].Run, ""),
			d.again)
	}
}

func TestButtonsWorkOnceTheyAreSeen(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		d := &impatient{fixture: fx}
		dispatcher := &bot.Dispatcher{Handler: fx.Handler}
		dispatcher.Dispatch(t.Context(), by("ada", "good.test"), d)
		dispatcher.Stop(t.Context())
		if d.again == nil || d.again.answers[0].Job == nil {
			t.Errorf("got %+v", d.again)
		}
		synctest.Wait()
	})
}

func TestTheVariantThatFits(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		first := fx.do(by("ada", "only-465.test"))
		a := first.action(t, "variant")
		if a.Label != "Try port 465" || !a.Main {
			t.Errorf("got %+v", a)
		}
		next := fx.do(press("ada", "variant", a.Run, ""))
		if m := next.final(); !strings.HasSuffix(m.Target, ":465") ||
			!strings.Contains(strings.Join(m.Notes, " "), "Changed from the test before: port 465 instead of 587, implicit "+
				"TLS instead of STARTTLS if offered.") {
			t.Errorf("target %s, notes %q", m.Target, m.Notes)
		}
		if good := fx.do(by("ada", "good.test")).final(); len(good.Actions) != 4 {
			t.Errorf("a working server is offered %+v", good.Actions)
		}
	})
}

func TestMore(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		run := fx.do(by("ada", "expired.test")).action(t, "more")
		for _, c := range run.Choices {
			got := fx.do(press("bob", "more", run.Run, c.Value))
			if m := got.final(); len(m.Sections) != 1 || !got.answers[0].Private {
				t.Errorf("%s: %s", c.Value, text(m))
			}
		}
		refusedWith(t, fx.do(press("bob", "more", run.Run, "anything")), formatting.RunGone, "not kept")
	})
}

func TestWhoMayPressWhat(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		public := fx.do(by("ada", "good.test")).action(t, "again").Run
		alone := fx.do(by("ada", "good.test --private")).action(t, "again").Run
		elsewhere := press("ada", "again", public, "")
		elsewhere.Place.Channel = "C2"
		refusedWith(t, fx.do(elsewhere), formatting.RunElsewhere, "another channel")
		refusedWith(t, fx.do(press("bob", "again", alone, "")), formatting.RunPrivate, "one person alone")
		refusedWith(t, fx.do(press("bob", "again", "0123456789abcdef0123456789abcdef", "")), formatting.RunGone, "not kept")
		refusedWith(t, fx.do(press("bob", "login", public, "")), formatting.RunNotYours, "Only the person who ran this test")
		if got := fx.do(press("ada", "login", public, "")); got.answers[0].Form == nil {
			t.Error("the person who ran it gets no form")
		}
		if got := fx.do(press("ada", "again", alone, "")); !got.answers[0].Private {
			t.Error("a private test became public")
		}
		time.Sleep(results.MaxAge)
		refusedWith(t, fx.do(press("bob", "again", public, "")), formatting.RunGone, "not kept")
	})
}

func TestMXHint(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		got := fx.do(by("ada", "mail-domain.test"))
		if a := got.action(t, "variant"); a.Label != "Test its mail server on 25" {
			t.Errorf("got %+v", a)
		}
	})
}

// TestAPanicFailsOneRun: it is answered, its value is recorder nobody.
func TestAPanicFailsOneRun(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		got := fx.do(by("ada", "panic.test"))
		m := got.final()
		if !strings.Contains(m.Fact, "Something went wrong in this bot") || strings.Contains(text(m), "hunter2") {
			t.Error(text(m))
		}
		if r := fx.Records()[0]; r.Panic != "string" || r.Reference == "" ||
			!strings.Contains(strings.Join(m.Notes, " "), r.Reference) {
			t.Errorf("record %+v, notes %q", r, m.Notes)
		}
		for range results.DefaultLimits().AtOnce { // the place was given back
			fx.do(by("eve", "panic.test"))
			time.Sleep(time.Minute)
		}
		if got := fx.do(by("ada", "good.test")); got.final().Verdict != "Works: TLS tested, login not tested" {
			t.Errorf("afterwards: %s", text(got.final()))
		}
	})
}

func TestStop(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		d := &bot.Dispatcher{Handler: fx.Handler}
		slow, late := &recorder{}, &recorder{}
		d.Dispatch(t.Context(), by("ada", "silent-25.test:25"), slow)
		grace, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		d.Stop(grace)
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("it took %s", took)
		}
		d.Dispatch(t.Context(), by("ada", "good.test"), late)
		if late.final().Fact != "The bot is being restarted." || slow.stages() != "started done" {
			t.Errorf("%q, %q", late.final().Fact, slow.stages())
		}
	})
}

func TestAnEventThatComesTwice(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		d := &bot.Dispatcher{Handler: fx.Handler}
		first, second := &recorder{}, &recorder{}
		inv := by("ada", "good.test")
		inv.ID = "Ev1"
		d.Dispatch(t.Context(), inv, first)
		d.Dispatch(t.Context(), inv, second)
		d.Stop(t.Context())
		if len(first.answers) != 1 || len(second.answers) != 0 {
			t.Errorf("%d and %d answers", len(first.answers), len(second.answers))
		}
	})
}

func TestLogin(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		form := fx.do(by("ada", "login login-plain.test")).answers[0].Form
		if form == nil || form.Target != "login-plain.test:587" {
			t.Fatalf("got %+v", form)
		}
		refusedWith(t, fx.do(submission("bob", form.ID, "user", "bob", "secret", "x")), formatting.FormGone, "cannot be used")
		empty := fx.do(submission("ada", form.ID)).answers[0]
		if empty.Errors["user"] == "" || empty.Errors["secret"] == "" || empty.Job != nil {
			t.Errorf("got %+v", empty)
		}
		login := caseNamed(t, "login-plain").Request.Login.Credential
		got := fx.do(submission("ada", form.ID, "user", login.User, "secret", login.Password.Reveal()))
		if !got.answers[0].Private || got.final().Verdict != "Works: TLS and login tested" {
			t.Errorf("private %v, %q", got.answers[0].Private, got.final().Verdict)
		}
		refusedWith(t, fx.do(submission("ada", form.ID, "user", login.User, "secret", "x")), formatting.FormGone,
			"cannot be used")
		shared := fx.do(press("ada", "share", got.action(t, "share").Run, ""))
		if shared.answers[0].Private || len(shared.final().Sections) > 0 ||
			strings.Contains(text(shared.final()), login.User) {
			t.Errorf("shared: %s", text(shared.final()))
		}
		if again := fx.do(press("ada", "again", got.action(t, "again").Run, "")); again.answers[0].Form == nil {
			t.Error("running a login again does not ask again")
		}
	})
}

func TestLoginsMayBeRestricted(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Logins.Hosts = []string{"relay.example.com"}
		refusedWith(t, fx.do(by("ada", "login good.test")), formatting.RefusedLoginHost, "good.test")
		fx.Handler.Logins = bot.Logins{Off: true}
		refusedWith(t, fx.do(by("ada", "login good.test")), formatting.RefusedLogin, "Logins may not be tested here")
	})
}

func TestOpenPortsForPeople(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Policy = guard.Policy{Ports: []uint16{1025}}
		refusedWith(t, fx.do(by("ada", "good.test:22")), formatting.RefusedPort, "Allowed are 25, 465, 587, 1025, 2525.")
	})
}

// TestFormIsOffOnOnePlatform: neither a command nor a button opens it there.
func TestFormIsOffOnOnePlatform(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Logins.OffOn = []formatting.Platform{formatting.Console}
		refusedWith(t, fx.do(by("ada", "login login-plain.test")), formatting.RefusedLogin, "may not be tested")
		for _, a := range fx.do(by("ada", "login-plain.test")).final().Actions {
			if a.Verb == "login" {
				t.Error("the button is shown")
			}
		}
		fx.Handler.Logins.OffOn = []formatting.Platform{formatting.Discord}
		if fx.do(by("ada", "login login-plain.test")).answers[0].Form == nil {
			t.Error("it is off elsewhere too")
		}
	})
}

// TestReopen: a form with a fault in it is opened anew for its person, as
// often as they like, and with the target that it had.
func TestReopen(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		form := fx.do(by("ada", "login login-plain.test")).answers[0].Form
		sent := by("ada", "")
		sent.Form = &bot.Submission{Form: form.ID}
		answer := fx.do(sent).answers[0]
		if answer.Errors == nil || answer.Reopen == nil || answer.Reopen.Label != "Try again" {
			t.Fatalf("%+v", answer)
		}
		again := press("ada", answer.Reopen.Verb, answer.Reopen.Run, "")
		for range 2 {
			if next := fx.do(again).answers[0].Form; next == nil || next.ID == form.ID || next.Target != form.Target {
				t.Errorf("%+v", next)
			}
		}
		refusedWith(t, fx.do(press("bob", answer.Reopen.Verb, answer.Reopen.Run, "")), formatting.FormGone,
			"cannot be used any more")
		time.Sleep(results.FormLife + time.Second)
		refusedWith(t, fx.do(again), formatting.FormGone, "cannot be used any more")
	})
}
