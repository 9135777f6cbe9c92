package command

import (
	"strings"
	"testing"

	"smtptest/formatting"
)

func TestLoginOptions(t *testing.T) {
	c, err := ParseArgs([]string{"smtp.example.com", "--login", "Alice Smith", "--mechanism", "scram-sha-256",
		"--password-file", "/run/secrets/—pw"}, Dialect{Terminal: true})
	if err != nil {
		t.Fatal(err)
	}
	if c.User != "Alice Smith" || c.Mechanism != "SCRAM-SHA-256" || c.PasswordFile != "/run/secrets/—pw" ||
		c.Request.Login != nil {
		t.Errorf("%+v", c)
	}
}

func TestLoginOptionsAreForTerminals(t *testing.T) {
	for _, option := range []string{"--login alice", "--password-file pw", "--token-file t", "--mechanism PLAIN"} {
		_, err := Parse("smtp.example.com "+option, Dialect{})
		wantUsage(t, err, formatting.UsageOptionElsewhere, "")
	}
}

var loginUsages = []struct {
	args []string
	id   formatting.TextID
}{
	{[]string{"smtp.example.com", "--login="}, formatting.UsageBadUser},
	{[]string{"smtp.example.com", "--login", "a\nb"}, formatting.UsageBadUser},
	{[]string{"smtp.example.com", "--login", "alice", "--mechanism", "PLAIN X"}, formatting.UsageBadMechanism},
	{[]string{"smtp.example.com", "--login", "alice", "--mechanism", "ABCDEFGHIJKLMNOPQRSTU"},
		formatting.UsageBadMechanism},
	{[]string{"smtp.example.com", "--mechanism", "PLAIN"}, formatting.UsageLoginAlone},
	{[]string{"smtp.example.com", "--password-file", "pw"}, formatting.UsageLoginAlone},
	{[]string{"smtp.example.com", "--token-file", "t"}, formatting.UsageLoginAlone},
	{[]string{"smtp.example.com", "--json", "--ticket"}, formatting.UsageTwoForms},
	{[]string{"smtp.example.com", "--repeat", "21"}, formatting.UsageBadCount},
	{[]string{"smtp.example.com", "--repeat", "1"}, formatting.UsageBadCount},
	{[]string{"smtp.example.com", "--repeat", "5", "--login", "alice"}, formatting.UsageNotTogether},
	{[]string{"smtp.example.com", "--repeat", "5", "--to", "a@example.com"}, formatting.UsageNotTogether},
	{[]string{"compare", "a.example.com"}, formatting.UsageTwoServers},
	{[]string{"compare", "a.example.com", "b.example.com", "--to", "a@example.com"}, formatting.UsageNoMeaning},
	{[]string{"compare", "a.example.com", "b.example.com", "192.0.2.1"}, formatting.UsageTwoServers},
	{[]string{"compare", "a.example.com", "b@example.com"}, formatting.UsageMailAddress},
	{[]string{"smtp.example.com", "--expect", "tls>=1.9"}, formatting.UsageBadExpect},
	{[]string{"domain", "example.com", "--block-list", "zen.spamhaus.org,1"}, formatting.UsageBadBlockList},
	{[]string{"smtp.example.com", "--block-list", "zen.spamhaus.org"}, formatting.UsageOnlyDomain},
	{[]string{"smtp.example.com", "--junit", "out.xml"}, formatting.UsageExpectAlone},
	{[]string{"smtp.example.com", "--expect", "cert", "--ticket"}, formatting.UsageTwoForms},
	{[]string{"smtp.example.com", "--expect", "cert", "--as", "slack"}, formatting.UsageTwoForms},
	{[]string{"explain"}, formatting.UsageNothingToExplain},
	{[]string{"login", "smtp.example.com"}, formatting.UsageLoginOption},
	{[]string{"exlpain", "535"}, formatting.UsageUnknownCommand},
	{[]string{"sandbx"}, formatting.UsageUnknownCommand},
	{[]string{"explain", "password=hunter2"}, formatting.UsageSecret},
	{[]string{"explain", "token", "xoxb-1234567890"}, formatting.UsageSecret},
}

func TestLoginUsages(t *testing.T) {
	for _, tt := range loginUsages {
		_, err := ParseArgs(tt.args, Dialect{Terminal: true})
		if usage, ok := err.(*UsageError); !ok || usage.ID != tt.id {
			t.Errorf("%q: %#v, want %s", tt.args, err, tt.id)
		}
	}
}

// TestExplainLongText: what is pasted to be explained is cut, never refused.
func TestExplainLongText(t *testing.T) {
	stack := strings.Repeat("at org.example.Mailer ", 2000)
	c, err := ParseArgs([]string{"explain", "535 no", stack}, Dialect{Terminal: true})
	if err != nil || !strings.HasPrefix(c.Topic, "535 no at") || len(c.Topic) > 16384 {
		t.Errorf("%v, %d octets", err, len(c.Topic))
	}
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"explain 535 5.7.139", "535 5.7.139"},
		{"EXPLAIN STARTTLS", "STARTTLS"},
		{"explain 535-5.7.8 Username and Password not accepted", "535-5.7.8 Username and Password not accepted"},
		{"explain Application-specific password required", "Application-specific password required"},
		{"explain 554 5.7.1 <a@b.example>: Relay access denied", "554 5.7.1 <a@b.example>: Relay access denied"},
		{"explain 451 4.7.1 <https://grafana.example/d/1|View alert>", "451 4.7.1 View alert"},
	} {
		c, err := Parse(tt.text, Dialect{})
		if err != nil || c.Verb != VerbExplain || c.Topic != tt.want {
			t.Errorf("%s: %+v, %v", tt.text, c, err)
		}
	}
}
