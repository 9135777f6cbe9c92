package command

import (
	"strings"
	"testing"

	"smtptest/formatting"
)

// usage is what is said of a command that is none.
type usage struct {
	name, text string
	id         formatting.TextID
	suggestion string
	says       string // the whole sentence
}

func usages(t testing.TB) []usage {
	t.Helper()
	all := rows(t, "usages.tsv", 5, func(c []string) (usage, error) {
		text, err := unquoted(c[1])
		return usage{c[0], text, formatting.TextID(c[2]), c[3], c[4]}, err
	})
	return append(all, usage{"too long", strings.Repeat("ü", 1001), formatting.UsageTooLong, "",
		"The text is longer than 1,000 characters. Send the server and the options alone."})
}

func TestUsageErrors(t *testing.T) {
	for _, tt := range usages(t) {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.text, Dialect{})
			if usage := wantUsage(t, err, tt.id, tt.suggestion); usage.Error() != tt.says {
				t.Errorf("says %v\nwant %s", err, tt.says)
			}
		})
	}
}

func TestUsageErrorsInFields(t *testing.T) {
	for _, tt := range []struct {
		name   string
		target string
		fields []NamedValue
		id     formatting.TextID
		says   string
	}{
		{"bad value", "smtp.example.com", []NamedValue{{"from", "alice"}}, formatting.UsageBadMailbox,
			"The value of --from is not a mail address. It has no @ between name and domain. Write it like --from " +
				"alice@example.com."},
		{"twice", "smtp.example.com --tls none", []NamedValue{{"tls", "none"}}, formatting.UsageOptionTwice,
			"--tls is given twice. Give it once."},
		{"secret", "smtp.example.com", []NamedValue{{"ehlo", "alice:hunter2@example.com"}}, formatting.UsageSecret,
			"The value of --ehlo looks like a password or a token. I did not use it and will not repeat it. Change it, " +
				"because it stays in the history of the place where you typed it."},
		{"unknown field", "smtp.example.com", []NamedValue{{"frobnicate", "hunter3"}}, formatting.UsageUnknownOption,
			"--frobnicate is not an option. Write help options for a list of the options."},
		{"all fields together too long", "smtp.example.com", []NamedValue{{"from", strings.Repeat("a", 500)},
			{"to", strings.Repeat("a", 500)}}, formatting.UsageTooLong, "The text is longer than 1,000 characters. Send the " +
			"server and the options alone."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseOptions(tt.target, tt.fields, Dialect{})
			if usage := wantUsage(t, err, tt.id, ""); usage.Error() != tt.says {
				t.Errorf("says %s\nwant %s", usage, tt.says)
			}
		})
	}
}

func TestUsageErrorPointsAtTheWord(t *testing.T) {
	_, err := ParseArgs([]string{"smtp.example.com", "--ip", "4", "hunter2"}, Dialect{Terminal: true})
	if usage := wantUsage(t, err, formatting.UsageExtraWord, ""); usage.Word != 4 || usage.Quoted != "" {
		t.Errorf("%+v", usage)
	}
	_, err = ParseArgs([]string{"smtp.example.com", "--private"}, Dialect{Terminal: true})
	if usage := wantUsage(t, err, formatting.UsageOptionElsewhere, ""); usage.Option != "--private" {
		t.Errorf("%+v", usage)
	}
}

func TestEveryUsageHasItsText(t *testing.T) {
	seen := map[formatting.TextID]bool{}
	for _, tt := range usages(t) {
		seen[tt.id] = true
	}
	// secrets_test.go; --ca= gives the other
	seen[formatting.UsageSecret], seen[formatting.UsageBadFile] = true, true
	seen[formatting.UsageUnknownVantage], seen[formatting.UsageVantageAll] = true, true // vantage_test.go
	for _, tt := range loginUsages {
		seen[tt.id] = true
	}
	for _, id := range formatting.TextIDs() {
		if !strings.HasPrefix(string(id), "usage.") {
			continue
		}
		if !seen[id] {
			t.Errorf("no test brings about %s", id)
		}
		if words := formatting.Say(id); words.What == "" || words.Try == "" {
			t.Errorf("%s does not say what or what to try", id)
		}
		delete(seen, id)
	}
	for id := range seen {
		t.Errorf("%s has no text", id)
	}
}

func TestEmptyFileName(t *testing.T) {
	_, err := ParseArgs([]string{"smtp.example.com", "--ca="}, Dialect{Terminal: true})
	wantUsage(t, err, formatting.UsageBadFile, "")
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"tls", "tls", 0}, {"tsl", "tls", 2}, {"tl", "tls", 1}, {"ttls", "tls", 1}, {"helo", "ehlo", 2},
		{"startls", "starttls", 1}, {"abc", "xyz", 3}, {"tls", "timeout", 3}, {"", "ip", 2}, {"tlß", "tls", 1},
	} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%s to %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
