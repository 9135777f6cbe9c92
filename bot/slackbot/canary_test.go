package slackbot

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/bot/profile"
	"smtptest/probe/secret"
)

// canary holds what JSON, HTML, URLs and transcripts escape.
const canary = `ca"n&a‹r\y é+/?`

// openForm opens the form for a login at a host.
func (w *fixture) openForm(host string) (view fakeslack.View) {
	w.T.Helper()
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "login "+host))
	w.Until("the form", func() bool {
		v, open := w.slack.OpenView(fakeslack.Ada)
		view = v
		return open && strings.Contains(words(v.Content), "Password or token")
	})
	return view
}

// send sends a form with the canary.
func (w *fixture) send(view fakeslack.View) *fakeslack.Delivery {
	return w.slack.Submit(fakeslack.Ada, view, map[string]string{"user": "ada@example.test", "secret": canary,
		"mechanism": "automatic"})
}

// leaks looks for the canary in all that left the process, but for the SMTP
// server's line.
func (w *fixture) leaks(t *testing.T) {
	t.Helper()
	c := secret.New(canary)
	all, complete := w.slack.Received()
	if !complete {
		t.Error("not all octets were kept")
	}
	for _, o := range all {
		if c.In(string(o.Data)) {
			t.Errorf("the secret went to Slack, in %s: %.300s", o.Where, o.Data)
		}
	}
	if c.In(w.Log.String()) {
		t.Errorf("the secret is in the log: %s", w.Log)
	}
	if c.In(fmt.Sprintf("%+v", w.Records())) {
		t.Error("the secret is in the records")
	}
}

func TestCanaryThroughTheForm(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, host string
		says       string // to the person in the end
		heard      bool   // the server is to read the secret
		before     func(*fixture)
		after      func(*testing.T, *fixture, *fakeslack.Delivery)
	}{
		{name: "success", host: "login-plain.test", says: "Works: TLS and login tested", heard: true},
		{name: "wrong password", host: "password-wrong.test", says: "Failed at login", heard: true},
		{name: "echoing server", host: "secret-echoed.test", says: "Failed at login", heard: true},
		{name: "server without encryption", host: "unprotected-clear.test", says: "Failed at login"},
		{name: "bad certificate", host: "unprotected-expired.test", says: "Failed at"},
		{name: "panic", host: "panic.test", says: "Something went wrong in this bot"},
		{name: "429", host: "login-plain.test", says: "Works: TLS and login tested", heard: true, before: func(w *fixture) {
			w.slack.Fail(fakeslack.TooMany, "chat.postEphemeral", 1)
		}},
		{name: "5xx", host: "login-plain.test", says: "Works: TLS and login tested", heard: true, before: func(w *fixture) {
			w.slack.Fail(fakeslack.ServerError, "chat.postEphemeral", 2)
		}},
		{name: "cut", host: "login-plain.test", says: "Works: TLS and login tested", heard: true, before: func(w *fixture) {
			w.slack.Fail(fakeslack.CutBefore, "chat.postEphemeral", 1)
		}},
		{name: "duplicate", host: "login-plain.test", says: "Works: TLS and login tested", heard: true,
			after: func(t *testing.T, w *fixture, d *fakeslack.Delivery) {
				d.Again()
				d.Again()
				time.Sleep(300 * time.Millisecond)
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t, fakeslack.Options{})
			if tt.before != nil {
				tt.before(w)
			}
			d := w.send(w.openForm(tt.host))
			w.acked(d)
			w.ephemeral(fakeslack.Ada, tt.says)
			if tt.after != nil {
				tt.after(t, w, d)
			}
			if got := secret.New(canary).In(w.Heard()); got != tt.heard {
				t.Errorf("the server has read the secret: %t", got)
			}
			if n := strings.Count("\n"+w.Heard(), "\nAUTH "); n > 1 {
				t.Errorf("%d AUTH commands", n)
			}
			if n := len(w.slack.Messages(fakeslack.InMember)); n > 0 {
				t.Errorf("%d messages in the channel", n)
			}
			_ = w.Stop()
			w.leaks(t)
			w.clean()
		})
	}
}

// TestCanaryWhenItIsStopped: SIGTERM while the server is silent.
func TestCanaryWhenItIsStopped(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.send(w.openForm("silent-at-login.test")))
	w.stop("AUTH ")
	w.leaks(t)
	if n := len(w.slack.Messages(fakeslack.InMember)); n > 0 {
		t.Errorf("%d messages in the channel", n)
	}
}

// TestCanaryInWrongInput: what cannot be used stays in the form, and is not
// repeated.
func TestCanaryInWrongInput(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "login login-plain.test"))
	w.Until("the form", func() bool { _, open := w.slack.OpenView(fakeslack.Ada); return open })
	view, _ := w.slack.OpenView(fakeslack.Ada)
	w.acked(w.slack.Submit(fakeslack.Ada, view, map[string]string{"user": " ", "secret": canary, "mechanism": "automatic",
		"from": "nobody"}))
	w.Until("what is wrong", func() bool {
		v, open := w.slack.OpenView(fakeslack.Ada)
		return open && len(v.Errors) == 2
	})
	// The form is still there, and takes the right input once.
	view, _ = w.slack.OpenView(fakeslack.Ada)
	w.acked(w.slack.Submit(fakeslack.Ada, view, map[string]string{"user": "ada@example.test", "secret": canary,
		"mechanism": "automatic"}))
	w.ephemeral(fakeslack.Ada, "Works: TLS and login tested")
	_ = w.Stop()
	w.leaks(t)
	w.clean()
}

// TestCanaryThroughAProfile: the secret comes from a file, so it is nowhere
// but in the server's line.
func TestCanaryThroughAProfile(t *testing.T) {
	t.Parallel()
	folder, file := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	for name, text := range map[string]string{
		file: canary + "\n",
		filepath.Join(folder, "relay"): "hosts: login-plain.test:587, password-wrong.test:587, " +
			"secret-echoed.test:587, panic.test:587\nuser: ada@example.test\npassword-file: " +
			file + "\nslack: " + fakeslack.Ada + "\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := newFixture(t, fakeslack.Options{}, func(_ *Config, inner *bottest.Fixture) {
		var problems []error
		if inner.Handler.Profiles, problems = profile.Read(folder, nil); len(problems) > 0 {
			t.Fatal(problems)
		}
	})
	for host, says := range map[string]string{
		"password-wrong": "Failed at login", "secret-echoed": "Failed at login", "panic": "Something went wrong",
	} {
		w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "login "+host+".test --profile relay"))
		w.ephemeral(fakeslack.Ada, says)
	}
	w.acked(w.slack.Command("U0BOB0001", fakeslack.InMember, "login login-plain.test --profile relay"))
	view := w.openForm("login-plain.test")
	w.acked(w.slack.Submit(fakeslack.Ada, view, map[string]string{"profile": "relay"}))
	w.Until("the end of the form", func() bool {
		v, open := w.slack.OpenView(fakeslack.Ada)
		return open && strings.Contains(words(v.Content), "Works: TLS and login tested")
	})
	if !secret.New(canary).In(w.Heard()) {
		t.Error("the server has not read the secret")
	}
	_ = w.Stop()
	w.leaks(t)
	w.clean()
}
