package console_test

import (
	"regexp"
	"strings"
	"testing"

	"smtptest/bot/console"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
)

const password = `hunter2-"&‹\é`

// sessions are what people type. What they see is in testdata/NAME.session.
var sessions = map[string][]string{
	"first-steps": {"", "help", "/smtptest help ports", "/smtptest good.test:587", "1", "quit", "good.test"},
	"buttons":     {"plain-465.test:465", "2", "/smtptest mail-domain.test", "3", "5", "2"},
	"refusals": {"/smtptest good.test --tsl none", "smtp.example.com:22", "1", "private-address.test:25", "99",
		"explain 535 5.7.8"},
	"login": {
		"login login-plain.test:587", "", password, "77", "nobody", "",
		"ada@example.test", password, "", "", "", "2", "EXIT",
	},
	"private":        {"good.test --private", "2", "cancel", "q"},
	"left-in-a-form": {"login login-plain.test:587", "ada@example.test"},
}

func TestSessions(t *testing.T) {
	goldens := formattest.Goldens{Files: "testdata/*.session"}
	for name, typed := range sessions {
		goldens.Compare(t, name, func(t *testing.T) string {
			got := constant(session(t, console.Plain(plain.Style{}), typed...))
			if strings.Contains(got, "hunter2") {
				t.Errorf("the password is shown:\n%s", got)
			}
			return got
		})
	}
	goldens.LeftOver(t)
}

func TestPrompt(t *testing.T) {
	got := session(t, console.Plain(plain.Style{}), "help", "quit", "good.test")
	wants(t, got, "Hello.\n", "> help\n", "What to type", "> quit\n")
	if strings.Contains(got, "Testing") {
		t.Error("it goes on after quit")
	}
}

// TestNamesInFront: people put the bot's name in front, or another command's.
func TestNamesInFront(t *testing.T) {
	for _, name := range []string{"@smtptest", "smtptest", "/SMTPTEST"} {
		wants(t, session(t, console.Plain(plain.Style{}), name+" good.test"), "✅ Work", "mx.example.test:587")
	}
	wants(t, session(t, console.Plain(plain.Style{}), "/foo good.test"), "There is one command here: /smtptest")
}

// TestLogin fills the form in wrongly, then rightly.
func TestLogin(t *testing.T) {
	got := session(t, console.Plain(plain.Style{}), sessions["login"]...)
	wants(t, got,
		"Test a login  login-plain.test:587", "Mechanism (number, Enter for 1): 77",
		"User name: The user name is missing.", "Mechanism: This mechanism is not known.", "Sender to ask about: This is "+
			"not a mail address.",
		"User name: ada@example.test\nPassword or token: \n", "Works: TLS and login tested", "[2] Share the verdict",
		"> 2\n✅ Works: TLS and login tested", "Shared from a private test",
	)
	if strings.Contains(got, "hunter2") {
		t.Errorf("the password is shown:\n%s", got)
	}
}

// TestChoicesStay: a refusal has no buttons, so those above it go on to work.
func TestChoicesStay(t *testing.T) {
	got := session(t, console.Plain(plain.Style{}), "good.test", "help limits", "5")
	wants(t, got, "[1] Run again", "Tests per person", "openssl s_client")
}

func TestEndOfInput(t *testing.T) {
	for name, typed := range map[string][]string{
		"at once": nil, "in a form": sessions["left-in-a-form"], "at the secret": {"login good.test",
			"ada"}, "form left": {"login good.test", "Cancel"},
	} {
		got := session(t, console.Plain(plain.Style{}), typed...)
		if strings.Contains(got, "Testing") {
			t.Errorf("%s: a test was run:\n%s", name, got)
		}
	}
}

// runID is new for each run.
var runID = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

func constant(text string) string {
	return runID.ReplaceAllString(formattest.Constant(text), strings.Repeat("0", 32))
}
