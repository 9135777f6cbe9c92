package discordbot

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtptest/bot/bottest"
	fakediscord "smtptest/bot/playground/discord"
	"smtptest/bot/profile"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe/secret"
)

// canary has what every encoding writes otherwise.
const canary = `kanarie"&‹\é-hunter2`

// filled is a form as somebody sends it.
func filled(password string) map[string]string {
	return map[string]string{"user": "alice@example.com", "secret": password, "mechanism": "PLAIN"}
}

func (w *fixture) submit(m *fakediscord.Modal, values map[string]string) (*fakediscord.Interaction,
	fakediscord.Response) {
	w.T.Helper()
	i, err := w.discord.Submit(ada(), m, values)
	if err != nil {
		w.T.Fatal(err)
	}
	return i, w.answered(i)
}

func TestLoginForm(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	_, r := w.ask(ada(), w.channel, "login login-plain.test:587")
	if r.Type != answerForm || r.Modal == nil || r.Modal.Title != "Test a login" || len(r.Modal.Fields) != 4 {
		t.Fatalf("%+v", r)
	}
	i, r := w.submit(r.Modal, filled("pencil"))
	if r.Type != answerLater || !r.Ephemeral {
		t.Errorf("%+v", r)
	}
	m := w.shows(i, "Works: TLS and login tested")
	if !m.Ephemeral || strings.Contains(told(i), "alice") {
		t.Errorf("%+v", m)
	}
	w.Until("the transcript", func() bool { return strings.Contains(told(i), "Transcript") })
	i, r = w.press(ada(), m, "share")
	if r.Type != answerMessage || r.Ephemeral || !strings.Contains(told(i), "Works: TLS and login tested") ||
		strings.Contains(told(i), "alice") {
		t.Errorf("%+v %s", r, told(i))
	}
	w.clean()
}

// TestFormOfAnotherVersion: whoever had a form open while the bot was renewed
// is told so, and the password goes nowhere.
func TestFormOfAnotherVersion(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	_, r := w.ask(ada(), w.channel, "login login-plain.test:587")
	r.Modal.CustomID = "st0:login:x"
	i, r := w.submit(r.Modal, filled("pencil"))
	if r.Type != answerMessage || !r.Ephemeral || !strings.Contains(told(i), "This form cannot be used any more") {
		t.Errorf("%+v %s", r, told(i))
	}
	if n := w.Probes(); n > 0 {
		t.Errorf("%d probes", n)
	}
	w.clean()
}

// TestFormWithFaults: Discord keeps no form open, so that a button opens a
// fresh one.
func TestFormWithFaults(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	_, r := w.ask(ada(), w.channel, "login login-plain.test:587")
	old := r.Modal
	values := filled("pencil")
	values["from"] = "nobody"
	values["user"] = " "
	i, r := w.submit(old, values)
	text := told(i)
	if r.Type != answerMessage || !r.Ephemeral || !strings.Contains(text, "User name: The user name is missing.") ||
		!strings.Contains(text, "Sender to ask about: This is not a mail address.") || strings.Contains(text, "nobody") {
		t.Errorf("%+v %s", r, text)
	}
	m, _ := i.Original()
	for range 2 { // a form may be closed without a word
		_, r = w.press(ada(), m, "reopen")
		if r.Type != answerForm || r.Modal == nil || r.Modal.CustomID == old.CustomID {
			t.Fatalf("%+v", r)
		}
	}
	i, _ = w.submit(r.Modal, filled("pencil"))
	w.shows(i, "Works: TLS and login tested")
	w.clean()
}

// TestLoginFormIsOff: neither the command nor a button opens one.
func TestLoginFormIsOff(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config, *bottest.Fixture){
		"for the bot": func(c *Config, w *bottest.Fixture) {
			w.Handler.Logins.OffOn = []formatting.Platform{formatting.Discord}
		},
		"for the adapter": func(c *Config, _ *bottest.Fixture) { c.LoginForm = false },
	} {
		w := newFixture(t, fakediscord.Options{}, change)
		i, r := w.ask(ada(), w.channel, "login login-plain.test:587")
		if r.Modal != nil || !r.Ephemeral || !strings.Contains(told(i), "Logins may not be tested here") {
			t.Errorf("%s: %+v %s", name, r, told(i))
		}
		i, _ = w.ask(ada(), w.channel, "login-plain.test:587")
		m := w.finished(i, "Works: TLS tested")
		if shown := strings.Contains(buttons(m), ":login:"); shown != (name == "for the adapter") {
			t.Errorf("%s: the button is shown: %v", name, shown)
		}
		if len(w.discord.Modals()) > 0 {
			t.Errorf("%s: a form was opened", name)
		}
		w.clean()
	}
}

// TestCanary: a password through the form is in no octet that leaves the bot,
// in whatever encoding.
func TestCanary(t *testing.T) {
	stderr := os.Stderr
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = out
	said := make(chan string)
	go func() {
		octets, _ := io.ReadAll(r)
		said <- string(octets)
	}()
	w := newFixture(t, fakediscord.Options{Chaos: fakediscord.Chaos{Seed: 3, Requests: 0.2}},
		func(_ *Config, w *bottest.Fixture) {
			limits := bottest.Unlimited()
			limits.Login = limits.Person
			w.Handler.Limiter = results.NewMemoryLimiter(limits)
		})
	for _, host := range []string{"login-plain", "login-refused", "secret-echoed", "expired", "panic", "private-address",
		"nowhere"} {
		_, r := w.ask(ada(), w.channel, "login "+host+".test:587")
		if r.Modal == nil {
			t.Fatalf("%s: %+v", host, r)
		}
		i, _ := w.submit(r.Modal, filled(canary))
		w.Until("the end of "+host, func() bool {
			m, _ := i.Original()
			return m.Content != "" && !strings.Contains(m.Words(), "Testing")
		})
	}
	_, form := w.ask(ada(), w.channel, "login login-plain.test")
	values := filled(canary)
	values["from"] = canary
	w.submit(form.Modal, values)
	w.ask(ada(), w.channel, "bob:"+canary+"@smtp.example.com")
	if err := w.Stop(); err != nil {
		t.Error(err)
	}
	os.Stderr = stderr
	out.Close()
	all, complete := w.discord.Received()
	if !complete || len(all) < 20 {
		t.Fatalf("%d are kept, all: %t", len(all), complete)
	}
	s := secret.New(canary)
	if !s.In(w.Heard()) {
		t.Error("no server has read the password")
	}
	for _, x := range append(all, fakediscord.Octets{Where: "the log", Data: []byte(w.Log.String())},
		fakediscord.Octets{Where: "stderr", Data: []byte(<-said)}) {
		if s.In(string(x.Data)) || strings.Contains(string(x.Data), "hunter2") {
			t.Errorf("%s holds the password: %s", x.Where, x.Data)
		}
	}
}

// TestProfileByRole: a profile is for those who have its role, and works
// while forms are off; where they are on, it is chosen there.
func TestProfileByRole(t *testing.T) {
	t.Parallel()
	for _, form := range []bool{false, true} {
		profileByRole(t, form)
	}
}

func profileByRole(t *testing.T, form bool) {
	const role = "500000000000000001"
	folder, file := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	for name, text := range map[string]string{
		file: "correct horse\n",
		filepath.Join(folder, "relay"): "hosts: login-plain.test:587\nuser: ada@example.test\npassword-file: " + file +
			"\ndiscord: " + role + "\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := newFixture(t, fakediscord.Options{}, func(c *Config, inner *bottest.Fixture) {
		if c.LoginForm = form; !form {
			inner.Handler.Logins.OffOn = []formatting.Platform{formatting.Discord}
		}
		var problems []error
		if inner.Handler.Profiles, problems = profile.Read(folder, nil); len(problems) > 0 {
			t.Fatal(problems)
		}
	})
	option := fakediscord.Option{Name: "profile", Value: "relay"}
	member := fakediscord.User{ID: bob().ID, Roles: []string{role}}
	i, r := w.ask(member, w.channel, "login login-plain.test:587", option)
	if !r.Ephemeral {
		t.Errorf("%+v", r)
	}
	w.shows(i, "Works: TLS and login tested")
	if form {
		if _, r = w.ask(member, w.channel, "login login-plain.test:587"); len(r.Modal.Fields) != 4 {
			t.Fatalf("%+v", r.Modal)
		}
		var err error
		chosen := map[string]string{"profile": "relay", "mechanism": "PLAIN"}
		if i, err = w.discord.Submit(member, r.Modal, chosen); err != nil {
			t.Fatal(err)
		}
		w.shows(i, "Works: TLS and login tested")
	}
	i, r = w.ask(ada(), w.channel, "login login-plain.test:587", option)
	if !r.Ephemeral || !strings.Contains(told(i), "no profile of that name") {
		t.Errorf("%+v %s", r, told(i))
	}
	w.clean()
}
