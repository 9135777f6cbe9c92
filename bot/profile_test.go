package bot_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/profile"
	"smtptest/formatting"
	"smtptest/probe"
)

// profiles sets one up for ada at the server of the case login-plain.
func (fx *fixture) profiles(t *testing.T) {
	t.Helper()
	folder, secret := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	credential := caseNamed(t, "login-plain").Request.Login.Credential
	for name, text := range map[string]string{
		secret: credential.Password.Reveal() + "\n",
		filepath.Join(folder, "relay"): "hosts: login-plain.test:587, secret-echoed.test:587\nuser: " + credential.User +
			"\npassword-file: " +
			secret + "\nconsole: ada\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var problems []error
	fx.Handler.Profiles, problems = profile.Read(folder, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
}

func TestProfiles(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.profiles(t)
		fx.Handler.Logins.Off = true // profiles are no typed credentials
		got := fx.do(by("ada", "login login-plain.test --profile relay"))
		if !got.answers[0].Private || got.final().Verdict != "Works: TLS and login tested" {
			t.Errorf("private %v, %s", got.answers[0].Private, text(got.final()))
		}
		refusedWith(t, fx.do(by("bob", "login login-plain.test --profile relay")), formatting.ProfileUnknown,
			"no profile of that name")
		refusedWith(t, fx.do(by("ada", "login login-plain.test --profile other")), formatting.ProfileUnknown,
			"no profile of that name")
		refusedWith(t, fx.do(by("ada", "login good.test --profile relay")), formatting.ProfileTarget, "good.test:587")
		refusedWith(t, fx.do(by("ada", "login login-plain.test --profile relay --tls none")),
			formatting.RefusedLoginClear, "needs an encrypted connection")
		if help := text(fx.do(by("ada", "help login")).final()); !strings.Contains(help, "--profile relay") {
			t.Error(help)
		}
		page := by("ada", "")
		page.Home = true
		if home := text(fx.do(page).final()); !strings.Contains(home, "--profile relay") ||
			!strings.Contains(home, "Works: TLS and login tested, ") {
			t.Errorf("the own page: %s", home)
		}
		if help := text(fx.do(by("bob", "help login")).final()); strings.Contains(help, "--profile relay") {
			t.Error("bob learns of ada's profile")
		}
		again := fx.do(press("ada", "again", got.action(t, "again").Run, ""))
		if again.final().Verdict != "Works: TLS and login tested" {
			t.Errorf("again: %s", text(again.final()))
		}
	})
}

// TestProfilesInTheForm: who may use one at the target chooses it there, and
// types no login. What is sent is asked as --profile is.
func TestProfilesInTheForm(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.profiles(t)
		offers := func(person, host string) (form *formatting.Form, offered bool) {
			form = fx.do(by(person, "login "+host)).answers[0].Form
			return form, form.Fields[0].ID == "profile"
		}
		form, offered := offers("ada", "login-plain.test")
		if all := form.Fields; !offered || len(all[0].Choices) != 2 || all[0].Choices[1].Value != "relay" ||
			!all[1].Optional || !all[2].Optional {
			t.Fatalf("%+v", form)
		}
		none := fx.do(submission("ada", form.ID, "profile", "none:")).answers[0]
		if none.Errors["user"] == "" || none.Errors["secret"] == "" {
			t.Errorf("without a login: %+v", none)
		}
		got := fx.do(submission("ada", form.ID, "profile", "relay"))
		if got.final().Verdict != "Works: TLS and login tested" || !got.answers[0].Private {
			t.Errorf("%s", text(got.final()))
		}
		form, offered = offers("bob", "login-plain.test")
		if offered {
			t.Errorf("bob learns of ada's profile: %+v", form)
		}
		refusedWith(t, fx.do(submission("bob", form.ID, "profile", "relay")), formatting.ProfileUnknown,
			"no profile of that name")
		form, offered = offers("ada", "good.test")
		if offered {
			t.Errorf("a profile of another server: %+v", form)
		}
		refusedWith(t, fx.do(submission("ada", form.ID, "profile", "relay")), formatting.ProfileTarget, "good.test:587")
	})
}

// TestAProfileShowsCodesAlone: what the server says from AUTH on is in no message
// and in nothing that its buttons give.
func TestAProfileShowsCodesAlone(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.profiles(t)
		got := fx.do(by("ada", "login secret-echoed.test --profile relay"))
		shown := fmt.Sprintf("%+v", got.answers) + fmt.Sprintf("%+v", got.updates)
		for _, a := range got.final().Actions {
			for _, c := range append(a.Choices, formatting.Choice{}) {
				if a.Verb != "again" {
					shown += fmt.Sprintf("%+v", fx.do(press("ada", a.Verb, a.Run, c.Value)).answers)
				}
			}
		}
		if strings.Contains(shown, "authentication failed for") || strings.Contains(shown, "redacted] [redacted") {
			t.Errorf("words of the server are shown: %s", shown)
		}
		if n := strings.Count(shown, "535 5.7.8 [not shown]"); n < 3 {
			t.Errorf("the codes are shown %d times: %s", n, shown)
		}
	})
}

func TestProfileWithoutItsSecret(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "relay"),
			[]byte("hosts: good.test:587\nuser: u\npassword-file: /nowhere\nconsole: *\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		fx.Handler.Profiles, _ = profile.Read(folder, nil)
		for range 4 { // one more than logins are allowed: none was sent, so none counts
			m := fx.do(by("ada", "login good.test --profile relay")).final()
			if !strings.Contains(m.Fact, "The profile's secret could not be had") || strings.Contains(text(m), "nowhere") ||
				fx.Probes() > 0 {
				t.Errorf("%d connections, %s", fx.Probes(), text(m))
			}
		}
		if r := fx.Records()[0]; r.Reason != "profile relay: password-file: the file cannot be read, or is too large" ||
			r.Reference == "" {
			t.Errorf("the operator learns %+v", r)
		}
	})
}

// slowProfile is a profile whose token takes its time, and all there is at
// most.
type slowProfile struct{ takes time.Duration }

func (slowProfile) Names(bot.Who) []string                     { return nil }
func (p slowProfile) Find(string, bot.Who) (bot.Profile, bool) { return p, true }
func (slowProfile) User() string                               { return "relay" }
func (slowProfile) Covers(probe.Target) bool                   { return true }
func (p slowProfile) Login(ctx context.Context, _ probe.Target) (*probe.Login, error) {
	select {
	case <-time.After(p.takes):
		return &probe.Login{}, nil
	case <-ctx.Done():
		return nil, &bot.NoSecret{Profile: "relay", Reason: "token-url: not reached (timeout)"}
	}
}

// TestFetchingATokenIsPartOfTheTest: it ends with the test's time, and takes
// from it.
func TestFetchingATokenIsPartOfTheTest(t *testing.T) {
	for _, tt := range []struct {
		takes   time.Duration
		verdict string
	}{{time.Hour, "Not tested"}, {4 * time.Second, "Inconclusive from here"}} {
		inVirtualTime(t, func(t *testing.T, fx *fixture) {
			fx.Handler.Profiles = slowProfile{tt.takes}
			began := time.Now()
			m := fx.do(by("ada", "login dns-silent.test --profile relay --timeout 5s")).final()
			if took := time.Since(began); took != 5*time.Second || m.Verdict != tt.verdict {
				t.Errorf("a token in %s: the test took %s, %s", tt.takes, took, text(m))
			}
		})
	}
}

// TestAccountsAreNotLocked: three logins in ten minutes, by whom and how ever.
func TestAccountsAreNotLocked(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		sent := 0
		for range 10 {
			for _, who := range []string{"ada", "bob"} {
				form := fx.do(by(who, "login login-plain.test")).answers[0].Form
				if form == nil {
					continue
				}
				if d := fx.do(submission(who, form.ID, "user", "Victim@example.test", "secret", "guess")); len(d.updates) > 0 &&
					d.updates[len(d.updates)-1].Stage == bot.StageDone {
					sent++
				}
			}
		}
		if sent != 3 {
			t.Errorf("%d logins were tried", sent)
		}
	})
}
