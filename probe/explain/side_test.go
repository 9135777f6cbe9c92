package explain

import (
	"strings"
	"testing"

	"smtptest/probe/replies"
)

// A temporary code does not tell whose fault it is; its text may.
func TestSideOfTemporaryRefusals(t *testing.T) {
	for _, c := range []struct {
		text string
		side replies.Owner
		try  string
	}{
		{"4.7.1", "", "greylisting"},
		{"450 4.7.1", "", "greylisting"},
		{"4.1.1", "", "address"},
		{"451", "", "Wait"},
		{"5.7.1", "", "Read the text"},
		{"550", "", "Read the text"},
		{"5.7.8", replies.OwnerYou, "password"},
		{"451 4.7.1 Greylisting in action, please come back later", replies.OwnerServer, "Wait 5 to 15 minutes"},
		{"454 4.7.1 <a@b.example>: Relay access denied", replies.OwnerYou, "Log in"},
	} {
		item := Of(c.text).Items[0]
		if item.Side != c.side || len(item.Try) != 1 || !strings.Contains(item.Try[0], c.try) {
			t.Errorf("Of(%q): side %q, %q", c.text, item.Side, item.Try)
		}
	}
}

func TestGoodNewsNeedsNoAdvice(t *testing.T) {
	for _, code := range []string{"220", "221", "235", "250", "2.1.0"} {
		if item := Of(code).Items[0]; len(item.Try) > 0 {
			t.Errorf("Of(%s) advises %q", code, item.Try)
		}
	}
}

func TestConfidenceOfAnErrorTextAlone(t *testing.T) {
	for text, want := range map[string]Confidence{
		"Error: wrong version number":                  Likely,
		"certificate verify failed: Hostname mismatch": Likely,
		"tls: handshake failure":                       Likely,
		"ECONNREFUSED 192.0.2.1:587":                   Likely,
		"ECONNREFUSED 192.0.2.1:5432":                  Possible,
		"ETIMEDOUT":                                    Possible,
		"unexpected EOF":                               Possible,
		"connection reset by peer":                     Possible,
		"smtp: connection reset by peer":               Likely,
	} {
		if e := Of(text); len(e.Items) == 0 || e.Items[0].Confidence != want {
			t.Errorf("Of(%q) is %s, want %s", text, titles(e), want)
		}
	}
}

// The same words in sentences that are about something else.
func TestErrorWordsInOtherSentences(t *testing.T) {
	for _, text := range []string{
		"the wrong version number is printed on the box", "unexpected EOF while parsing the JSON document", "the " +
			"packet length too long for our parcel service",
		"postgres pool: connection reset by peer", "curl of the download page: certificate verify failed",
		"handshake " +
			"failure of two diplomats",
		"the door says incorrect username or password to my cat", "he forgot his password again", "come back " +
			"soon", "my invalid password joke", "psql: FATAL: password authentication failed for user \"postgres\"",
	} {
		if e := Of(text); len(e.Items) > 0 {
			t.Errorf("%q is explained as %s", text, titles(e))
		}
	}
}

func TestPasswordsAskedFor(t *testing.T) {
	for text, want := range map[string]string{
		"password":                               "topic: The password for SMTP",
		"app password":                           "topic: App password",
		"Application-specific password required": "error text: The provider wants an app password",
		"Invalid login: 535 password incorrect":  "library error: The login was refused; reply code: Reply code 535",
	} {
		if got := titles(Of(text)); got != want {
			t.Errorf("Of(%q)\n got %s\nwant %s", text, got, want)
		}
	}
}
