package command

import (
	"errors"
	"testing"

	"smtptest/formatting"
	"smtptest/probe"
)

// targets are all forms in which people paste a server. Options are not
// their subject.
var targets = []struct {
	name, text string
	host       string
	port       uint16
	given      bool
	security   probe.Security
}{
	{"host and port", "smtp.example.com:587", "smtp.example.com", 587, true, "auto"},
	{"host alone", "smtp.example.com", "smtp.example.com", 587, false, "auto"},
	{"the word test", "test smtp.example.com:25", "smtp.example.com", 25, true, "auto"},
	{"upper case", "SMTP.EXAMPLE.COM:587", "smtp.example.com", 587, true, "auto"},
	{"trailing dot", "smtp.example.com.", "smtp.example.com", 587, false, "auto"},
	{"trailing dot before the port", "smtp.example.com.:25", "smtp.example.com", 25, true, "auto"},
	{"smtps", "smtps://smtp.example.com", "smtp.example.com", 465, false, "implicit"},
	{"smtps with port", "smtps://smtp.example.com:2525", "smtp.example.com", 2525, true, "implicit"},
	{"submissions", "submissions://smtp.example.com", "smtp.example.com", 465, false, "implicit"},
	{"submission", "submission://smtp.example.com", "smtp.example.com", 587, false, "auto"},
	{"smtp", "smtp://smtp.example.com", "smtp.example.com", 587, false, "auto"},
	{"smtp with port", "SMTP://smtp.example.com:25/", "smtp.example.com", 25, true, "auto"},
	{"smtps with an address", "smtps://[2001:db8::1]", "2001:db8::1", 465, false, "implicit"},
	{"http, as browsers copy it", "https://smtp.example.com/", "smtp.example.com", 587, false, "auto"},
	{"port as a word", "smtp.example.com 587", "smtp.example.com", 587, true, "auto"},
	{"port as a word with colon", "smtp.example.com :587", "smtp.example.com", 587, true, "auto"},
	{"port twice, agreeing", "smtp.example.com:25 25", "smtp.example.com", 25, true, "auto"},
	{"port behind a scheme", "smtps://smtp.example.com 2525", "smtp.example.com", 2525, true, "implicit"},
	{"port by name", "smtp.example.com:smtp", "smtp.example.com", 25, true, "auto"},
	{"submission by name", "smtp.example.com:submission", "smtp.example.com", 587, true, "auto"},
	{"smtps by name", "smtp.example.com:SMTPS", "smtp.example.com", 465, true, "auto"},
	{"port by name as a word", "smtp.example.com submissions", "smtp.example.com", 465, true, "auto"},
	{"colon without port", "smtp.example.com:", "smtp.example.com", 587, false, "auto"},
	{"comma", "smtp.example.com:587,", "smtp.example.com", 587, true, "auto"},
	{"comma and port as a word", "smtp.example.com, 587.", "smtp.example.com", 587, true, "auto"},
	{"full stop", "smtp.example.com:587.", "smtp.example.com", 587, true, "auto"},
	{"question mark", "smtp.example.com:587?", "smtp.example.com", 587, true, "auto"},
	{"parentheses", "(smtp.example.com:587)", "smtp.example.com", 587, true, "auto"},
	{"slash", "smtp.example.com:587/", "smtp.example.com", 587, true, "auto"},
	{"quotes", `"smtp.example.com:587"`, "smtp.example.com", 587, true, "auto"},
	{"curly quotes", "“smtp.example.com:587”", "smtp.example.com", 587, true, "auto"},
	{"curly quotes around all", "“smtp.example.com 587”", "smtp.example.com", 587, true, "auto"},
	{"backquotes", "`smtp.example.com:587`", "smtp.example.com", 587, true, "auto"},
	{"bold", "**smtp.example.com:587**", "smtp.example.com", 587, true, "auto"},
	{"angle brackets", "<smtp.example.com:587>", "smtp.example.com", 587, true, "auto"},
	{"Slack link", "<http://smtp.example.com|smtp.example.com>:587", "smtp.example.com", 587, true, "auto"},
	{"Slack link with port", "<http://smtp.example.com:587|smtp.example.com:587>", "smtp.example.com", 587, true, "auto"},
	{"Slack link, case differs", "<http://smtp.example.com|SMTP.Example.com>", "smtp.example.com", 587, false, "auto"},
	{"Slack link, IDN", "<http://xn--bcher-kva.example|bücher.example>:25", "xn--bcher-kva.example", 25, true, "auto"},
	{"Slack link without label", "<http://smtp.example.com:25>", "smtp.example.com", 25, true, "auto"},
	{"Slack link with a scheme of ours", "<smtps://smtp.example.com|smtps://smtp.example.com>", "smtp.example.com",
		465, false, "implicit"},
	{"Slack escapes", "&lt;smtp.example.com&gt;", "smtp.example.com", 587, false, "auto"},
	{"NBSP", "smtp.example.com\u00a0587", "smtp.example.com", 587, true, "auto"},
	{"ideographic space", "smtp.example.com\u3000587", "smtp.example.com", 587, true, "auto"},
	{"newline", "smtp.example.com\n587", "smtp.example.com", 587, true, "auto"},
	{"zero-width characters", "\ufeffsmtp\u200b.exam\u2060ple.com:5\u200d87", "smtp.example.com", 587, true, "auto"},
	{"bidi controls", "\u202asmtp.example.com:587\u202c", "smtp.example.com", 587, true, "auto"},
	{"full width", "ｓｍｔｐ．ｅｘａｍｐｌｅ．ｃｏｍ：５８７", "smtp.example.com", 587, true, "auto"},
	{"en dash in a name", "smtp–out.example.com", "smtp-out.example.com", 587, false, "auto"},
	{"non-breaking hyphen", "smtp‑out.example.com", "smtp-out.example.com", 587, false, "auto"},
	{"underscore", "smtp_out.example.com", "smtp_out.example.com", 587, false, "auto"},
	{"IDN", "bücher.example:25", "xn--bcher-kva.example", 25, true, "auto"},
	{"IDN with ideographic full stop", "例え。テスト", "xn--r8jz45g.xn--zckzah", 587, false, "auto"},
	{"IPv4 address", "192.0.2.7:25", "192.0.2.7", 25, true, "auto"},
	{"IPv4 address in full width", "１９２．０．２．７", "192.0.2.7", 587, false, "auto"},
	{"IPv4 address in brackets", "[192.0.2.7]:25", "192.0.2.7", 25, true, "auto"},
	{"IPv6 address", "2001:db8::1", "2001:db8::1", 587, false, "auto"},
	{"IPv6 address and port", "[2001:DB8::1]:25", "2001:db8::1", 25, true, "auto"},
	{"IPv6 address in brackets", "[2001:db8::1]", "2001:db8::1", 587, false, "auto"},
	{"IPv6 address and port as a word", "2001:db8::1 25", "2001:db8::1", 25, true, "auto"},
	{"IPv6 address that ends in colons", "2001:db8::", "2001:db8::", 587, false, "auto"},
	{"address literal", "[IPv6:2001:db8::1]:25", "2001:db8::1", 25, true, "auto"},
	{"name that contains a secret's name", "password.example.com:587", "password.example.com", 587, true, "auto"},
}

func TestTargets(t *testing.T) {
	for _, tt := range targets {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(tt.text, Dialect{})
			if err != nil {
				t.Fatalf("%s: %v", tt.text, err)
			}
			r := c.Request
			if c.Verb != VerbTest || r.Target != (probe.Target{Host: tt.host, Port: tt.port}) || r.Security != tt.security ||
				c.PortGiven != tt.given {
				t.Errorf("%s: %s %s %s given=%v", tt.text, c.Verb, r.Target, r.Security, c.PortGiven)
			}
		})
	}
}

var notTargets = []struct {
	name, text string
	id         formatting.TextID
	suggestion string
}{
	{"port 0", "smtp.example.com:0", formatting.UsageBadPort, ""},
	{"port 70000", "smtp.example.com:70000", formatting.UsageBadPort, ""},
	{"port 70000 as a word", "smtp.example.com 70000", formatting.UsageBadPort, ""},
	{"very long port", "smtp.example.com:99999999999999999999999", formatting.UsageBadPort, ""},
	{"negative port", "smtp.example.com:-25", formatting.UsageBadPort, ""},
	{"unknown service", "smtp.example.com:submision", formatting.UsageBadPort, "submission"},
	{"ports differ", "smtp.example.com:25 587", formatting.UsagePortTwice, ""},
	{"three ports", "smtp.example.com 25 587", formatting.UsagePortTwice, ""},
	{"two hosts", "smtp.example.com mx.example.com", formatting.UsageExtraWord, ""},
	{"options alone", "--tls none", formatting.UsageNoTarget, ""},
	{"the word test alone", "test", formatting.UsageNoTarget, ""},
	{"port alone", ":587", formatting.UsageNoTarget, ""},
	{"scheme alone", "smtps://", formatting.UsageNoTarget, ""},
	{"single label", "mailhub", formatting.UsageSingleLabel, ""},
	{"near to the word test", "host", formatting.UsageSingleLabel, ""},
	{"help, mistyped", "hlep", formatting.UsageSingleLabel, "help"},
	{"mail address", "alice@example.com", formatting.UsageMailAddress, ""},
	{"mail address and port", "alice@smtp.example.com:587", formatting.UsageMailAddress, ""},
	{"mailto link", "<mailto:alice@example.com|alice@example.com>", formatting.UsageMailAddress, ""},
	{"user in a URL", "smtp://alice@example.com", formatting.UsageMailAddress, ""},
	{"unknown scheme", "imaps://imap.example.com", formatting.UsageUnknownScheme, ""},
	{"mistyped scheme", "smpts://smtp.example.com", formatting.UsageUnknownScheme, ""},
	{"path", "smtp.example.com:587/inbox", formatting.UsageBehindPort, ""},
	{"network", "192.0.2.0/24", formatting.UsageBehindPort, ""},
	{"link to another host", "<http://evil.example|smtp.example.com>:587", formatting.UsageForgedLink, ""},
	{"mail link to another address", "smtp.example.com --to <mailto:eve@evil.example|bob@example.com>",
		formatting.UsageForgedLink, ""},
	{"link behind words", "<http://smtp.example.com|click here>", formatting.UsageForgedLink, ""},
	{"short IPv4 address", "127.1", formatting.UsageHostNumber, ""},
	{"decimal IPv4 address", "2130706433", formatting.UsageHostNumber, ""},
	{"octal IPv4 address", "0177.0.0.1:25", formatting.UsageHostNumber, ""},
	{"leading zeros", "127.000.000.001", formatting.UsageHostNumber, ""},
	{"hexadecimal IPv4 address", "0x7f000001", formatting.UsageHostNumber, ""},
	{"mixed IPv4 address", "0x7f.1:25", formatting.UsageHostNumber, ""},
	{"octet over 255", "192.0.2.256", formatting.UsageHostNumber, ""},
	{"five octets", "192.0.2.7.1", formatting.UsageHostNumber, ""},
	{"IPv4 address by ideographic full stops", "127。0。0。1", formatting.UsageHostNumber, ""},
	{"zone", "[fe80::1%eth0]:25", formatting.UsageBadHost, ""},
	{"name in brackets", "[smtp.example.com]:25", formatting.UsageBadHost, ""},
	{"bracket not closed", "[2001:db8::1:25", formatting.UsageBadHost, ""},
	{"text behind bracket", "[2001:db8::1]25", formatting.UsageBadHost, ""},
	{"two colons", "smtp.example.com:587:25", formatting.UsageBadHost, ""},
	{"percent", "%31%32.example.com", formatting.UsageBadHost, ""},
	{"NUL", "smtp\x00.example.com", formatting.UsageBadHost, ""},
	{"invalid UTF-8", "smtp\xff.example.com", formatting.UsageBadHost, ""},
	{"wildcard", "*.example.com", formatting.UsageBadHost, ""},
	{"label too long", "a23456789a23456789a23456789a23456789a23456789a23456789a2345678901.example",
		formatting.UsageBadHost, ""},
}

func TestTargetsRefused(t *testing.T) {
	for _, tt := range notTargets {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.text, Dialect{})
			wantUsage(t, err, tt.id, tt.suggestion)
		})
	}
}

func wantUsage(t *testing.T, err error, id formatting.TextID, suggestion string) *UsageError {
	t.Helper()
	usage, ok := errors.AsType[*UsageError](err)
	if !ok || usage.ID != id || usage.Suggestion != suggestion {
		t.Fatalf("err = %#v, want %s, suggestion %q", err, id, suggestion)
	}
	return usage
}

func TestSingleLabels(t *testing.T) {
	for _, d := range []Dialect{{AllowSingleLabel: true}, {Terminal: true}} {
		c, err := Parse("mailhub:25", d)
		if err != nil || c.Request.Target.Host != "mailhub" {
			t.Errorf("%+v: %v, %v", d, c.Request.Target, err)
		}
		if _, err := Parse("2130706433", d); err == nil {
			t.Errorf("%+v: a decimal IPv4 address became a name", d)
		}
	}
}

func TestTypedShowsULabels(t *testing.T) {
	for text, want := range map[string]string{
		"xn--bcher-kva.example": "bücher.example", "BÜCHER.example": "bücher.example",
		"SMTP.example.com": "smtp.example.com", "[2001:DB8::1]": "2001:db8::1",
	} {
		if c, err := Parse(text, Dialect{}); err != nil || c.Typed != want {
			t.Errorf("%s: %q, %v; want %q", text, c.Typed, err, want)
		}
	}
}
