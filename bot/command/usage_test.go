package command

import (
	"strings"
	"testing"

	"smtptest/formatting"
)

var usages = []struct {
	name, text string
	id         formatting.TextID
	says       string // the whole sentence
}{
	{"mistyped option", "smtp.example.com --tsl none", formatting.UsageUnknownOption,
		"--tsl is not an option. Did you mean --tls?"},
	{"mistyped option with =", "smtp.example.com --tsl=none", formatting.UsageUnknownOption,
		"--tsl is not an option. Did you mean --tls?"},
	{"unknown option", "smtp.example.com --frobnicate", formatting.UsageUnknownOption,
		"--frobnicate is not an option. Write help options for a list of the options."},
	{"unknown option with =", "smtp.example.com --frobnicate=1", formatting.UsageUnknownOption,
		"The 2nd word is not an option. Write help options for a list of the options."},
	{"unknown option, one hyphen", "smtp.example.com -frobnicate", formatting.UsageUnknownOption,
		"The 2nd word is not an option. Write help options for a list of the options."},
	{"unknown option that could act", "smtp.example.com --<!here>", formatting.UsageExtraWord,
		"The 2nd word is one too many. A command holds one server, its port and options. Write HOST:PORT, for example " +
			"smtp.example.com:587."},
	{"unknown option with markup", "smtp.example.com --x<!here>", formatting.UsageUnknownOption,
		"The 2nd word is not an option. Write help options for a list of the options."},
	{"unknown option, long", "smtp.example.com --a23456789a23456789a234567", formatting.UsageUnknownOption,
		"The 2nd word is not an option. Write help options for a list of the options."},
	{"option of other programs", "smtp.example.com --starttls", formatting.UsageUnknownOption,
		"--starttls is not an option. Did you mean --tls starttls?"},
	{"port as an option", "smtp.example.com -p 25", formatting.UsageUnknownOption,
		"-p is not an option. Did you mean HOST:PORT?"},
	{"option of the terminal", "smtp.example.com --json", formatting.UsageOptionElsewhere,
		"--json does not exist here. Some options are for terminals only, others for chats only. Leave it out."},
	{"mistyped value", "smtp.example.com --tls startls", formatting.UsageBadValue,
		`“startls” is not known. Did you mean starttls?`},
	{"unknown value", "smtp.example.com --tls required", formatting.UsageBadValue,
		"The value of --tls is not known. Write --tls auto|starttls|implicit|none."},
	{"ip 5", "smtp.example.com --ip 5", formatting.UsageBadValue, "The value of --ip is not known. Write --ip 4|6."},
	{"value missing at the end", "smtp.example.com --tls", formatting.UsageNoValue,
		"--tls lacks its value. Write --tls auto|starttls|implicit|none."},
	{"value missing before an option", "smtp.example.com --tls --private", formatting.UsageNoValue,
		"--tls lacks its value. Write --tls auto|starttls|implicit|none."},
	{"option twice", "smtp.example.com --tls none --tls starttls", formatting.UsageOptionTwice,
		"--tls is given twice. Give it once."},
	{"switch with a value", "smtp.example.com --private=maybe", formatting.UsageBadSwitch,
		"The value of --private is neither true nor false. Write --private alone."},
	{"option without dashes", "smtp.example.com:587 starttls", formatting.UsageExtraWord,
		`“starttls” is one too many. A command holds one server, its port and options. Did you mean --tls starttls?`},
	{"mistyped option without dashes", "smtp.example.com:587 timout", formatting.UsageExtraWord,
		`“timout” is one too many. A command holds one server, its port and options. Did you mean --timeout?`},
	{"extra word", "smtp.example.com:587 --ip 4 hunter2", formatting.UsageExtraWord,
		"The 4th word is one too many. A command holds one server, its port and options. Write HOST:PORT, for example " +
			"smtp.example.com:587."},
	{"bad profile", "login smtp.example.com --profile ../etc", formatting.UsageBadProfile,
		"The value of --profile is not the name of a profile. Write help login for a list of those that you may use."},
	{"bad sender", "smtp.example.com --from alice", formatting.UsageBadMailbox,
		"The value of --from is not a mail address. It has no @ between name and domain. Write it like --from " +
			"alice@example.com."},
	{"empty recipient", "smtp.example.com --to <>", formatting.UsageBadMailbox,
		"The value of --to is not a mail address. It is empty. Write it like --to alice@example.com."},
	{"bad EHLO name", "smtp.example.com --ehlo 192.0.2.7", formatting.UsageBadEHLO,
		"The value of --ehlo cannot be used with EHLO. It is an address without its brackets, such as [192.0.2.7] or " +
			"[IPv6:2001:db8::1]. Write a host name or an address in brackets, for example --ehlo client.example.com."},
	{"bad address", "smtp.example.com --at mx.example.com", formatting.UsageBadAddress,
		"The value of --at is not an IP address. Write it like --at 192.0.2.7 or --at 2001:db8::1."},
	{"odd IPv4 address", "smtp.example.com --at 127.1", formatting.UsageBadAddress,
		"The value of --at is not an IP address. Write it like --at 192.0.2.7 or --at 2001:db8::1."},
	{"bad time", "smtp.example.com --timeout soon", formatting.UsageBadTime,
		"The value of --timeout is not a time. Write seconds or minutes, for example --timeout 30s or --timeout 1m."},
	{"time too long", "smtp.example.com --timeout 61", formatting.UsageTimeRange,
		"The value of --timeout is too short or too long. It may be 5s to 60s. Write it like --timeout 30s."},
	{"time negative", "smtp.example.com --timeout -5s", formatting.UsageTimeRange,
		"The value of --timeout is too short or too long. It may be 5s to 60s. Write it like --timeout 30s."},
	{"time that overflows", "smtp.example.com --timeout 99999999999999999", formatting.UsageBadTime,
		"The value of --timeout is not a time. Write seconds or minutes, for example --timeout 30s or --timeout 1m."},
	{"scheme and tls", "smtps://smtp.example.com --tls starttls", formatting.UsageSchemeTLS,
		"The target begins with smtps:// or submissions://, and --tls says otherwise. That scheme means TLS from the first " +
			"octet. Leave one of the two out."},
	{"ip 4 and IPv6 target", "[2001:db8::1]:25 --ip 4", formatting.UsageFamilyTarget,
		"--ip asks for one IP version, and the target is an address of the other. Leave --ip out."},
	{"ip 6 and IPv4 target", "192.0.2.7 --ip 6", formatting.UsageFamilyTarget,
		"--ip asks for one IP version, and the target is an address of the other. Leave --ip out."},
	{"ip and at", "smtp.example.com --ip 6 --at 192.0.2.7", formatting.UsageFamilyAt,
		"--ip asks for one IP version, and the address to connect to is of the other. Leave one of the two out."},
	{"login and at", "login smtp.example.com --at 192.0.2.8", formatting.UsageAtLogin,
		"--at cannot be used with a login. A password goes only to the addresses that the name itself has. " +
			"Leave --at out."},
	{"target and at", "192.0.2.7 --at 192.0.2.8", formatting.UsageAtTarget,
		"The target is one address and --at is another. Only one of them can be connected to. Leave one of the two out."},
	{"target and at of the other version", "192.0.2.7 --at 2001:db8::1", formatting.UsageAtTarget,
		"The target is one address and --at is another. Only one of them can be connected to. Leave one of the two out."},
	{"unknown topic", "help optoins", formatting.UsageUnknownTopic,
		`“optoins” is not a topic of help. Did you mean help options?`},
	{"foreign topic", "help smtp.example.com", formatting.UsageUnknownTopic,
		"The 2nd word is not a topic of help. Write help options for a list of the options."},
	{"too long", strings.Repeat("ü", 1001), formatting.UsageTooLong,
		"The text is longer than 1,000 characters. Send the server and the options alone."},
	{"bad host", "smtp..example.com", formatting.UsageBadHost,
		"The 1st word is not a host name or an IP address. It has two dots in a row, or begins with one. Write HOST:PORT, " +
			"for example smtp.example.com:587."},
}

func TestUsageErrors(t *testing.T) {
	for _, tt := range usages {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.text, Dialect{})
			usage, ok := err.(*UsageError)
			if !ok || usage.ID != tt.id || usage.Error() != tt.says {
				t.Fatalf("got  %#v\nsays %v\nwant %s\nsays %s", err, err, tt.id, tt.says)
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
	_, err := ParseArgs([]string{"smtp.example.com", "--ip", "4", "mx.example.com"}, Dialect{Terminal: true})
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
	for _, tt := range usages {
		seen[tt.id] = true
	}
	for _, tt := range notTargets {
		seen[tt.id] = true
	}
	seen[formatting.UsageSecret], seen[formatting.UsageBadFile] = true, true // secrets_test.go; only --ca= gives the other
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
