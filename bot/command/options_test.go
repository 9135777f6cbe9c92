package command

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// plainRequest is what "smtp.example.com:587" asks for, changed by change.
func plainRequest(change func(*probe.Request)) probe.Request {
	r := probe.Request{Target: probe.Target{Host: "smtp.example.com", Port: 587}, Security: probe.SecurityAuto}
	change(&r)
	return r
}

func mailbox(local string) smtp.Mailbox { return smtp.Mailbox{Local: local, Domain: "example.com"} }

func sender(from smtp.Mailbox) func(*probe.Request) {
	return func(r *probe.Request) { r.Envelope = &probe.Envelope{From: from} }
}

func secured(s probe.Security) func(*probe.Request) {
	return func(r *probe.Request) { r.Security = s }
}

// requests are options for smtp.example.com:587. Each is read in all three
// ways; {T} is where the target stands.
var requests = []struct {
	name, text string
	fields     []NamedValue
	change     func(*probe.Request)
}{
	{"tls", "{T} --tls starttls", []NamedValue{{"tls", "starttls"}}, secured("starttls")},
	{"tls with =", "{T} --tls=implicit", []NamedValue{{"tls", "implicit"}}, secured("implicit")},
	{"tls in capitals", "--TLS None {T}", []NamedValue{{"tls", "None"}}, secured("none")},
	{"tls auto", "{T} --tls auto", nil, secured("auto")},
	{"em dash", "{T} —tls starttls", nil, secured("starttls")},
	{"en dash", "{T} –tls=starttls", nil, secured("starttls")},
	{"single hyphen", "{T} -tls starttls", nil, secured("starttls")},
	{"from", "{T} --from alice@example.com", []NamedValue{{"from", "alice@example.com"}}, sender(mailbox("alice"))},
	{"from, Slack link", "{T} --from <mailto:alice@example.com|alice@example.com>",
		[]NamedValue{{"from", "<alice@example.com>"}}, sender(mailbox("alice"))},
	{"empty sender", "{T} --from <>", []NamedValue{{"from", "<>"}}, sender(smtp.Mailbox{})},
	{"curly apostrophe", "{T} --from o’brien@example.com", []NamedValue{{"from", "o'brien@example.com"}},
		sender(mailbox("o'brien"))},
	{"quoted local-part", `{T} --from "al:ice"@example.com`, []NamedValue{{"from", `"al:ice"@example.com`}},
		sender(mailbox("al:ice"))},
	{"to alone", "{T} --to bob@example.com", []NamedValue{{"to", "bob@example.com"}}, func(r *probe.Request) {
		to := mailbox("bob")
		r.Envelope = &probe.Envelope{To: &to}
	}},
	{"enforced", "{T} --enforced", []NamedValue{{"enforced", "true"}}, func(r *probe.Request) { r.Enforced = true }},
	{"from and to", "--to bob@example.com --from alice@example.com {T}",
		[]NamedValue{{"from", "alice@example.com"}, {"to", "bob@example.com"}}, func(r *probe.Request) {
			to := mailbox("bob")
			r.Envelope = &probe.Envelope{From: mailbox("alice"), To: &to}
		}},
	{"deep with other options", "{T} --deep --ip 4", []NamedValue{{"deep", "true"}, {"ip", "4"}},
		func(r *probe.Request) { r.Family = probe.FamilyIP4 }},
	{"ehlo", "{T} --ehlo Client.Example.com", []NamedValue{{"ehlo", "client.example.com"}},
		func(r *probe.Request) { r.EHLOName = "client.example.com" }},
	{"ehlo literal", "{T} --ehlo=[ipv6:2001:db8::7]", []NamedValue{{"ehlo", "[IPv6:2001:db8::7]"}},
		func(r *probe.Request) { r.EHLOName = "[IPv6:2001:db8::7]" }},
	{"ip 4", "{T} --ip 4", []NamedValue{{"ip", "4"}}, func(r *probe.Request) { r.Family = probe.FamilyIP4 }},
	{"ip 6", "--ip=6 {T}", []NamedValue{{"ip", "6"}}, func(r *probe.Request) { r.Family = probe.FamilyIP6 }},
	{"at", "{T} --at 192.0.2.7", []NamedValue{{"at", "192.0.2.7"}},
		func(r *probe.Request) { r.At = netip.MustParseAddr("192.0.2.7") }},
	{"at, in brackets", "{T} --at [2001:db8::1] --ip 6", []NamedValue{{"at", "2001:db8::1"}, {"ip", "6"}},
		func(r *probe.Request) {
			r.At, r.Family = netip.MustParseAddr("2001:db8::1"), probe.FamilyIP6
		}},
	{"timeout", "{T} --timeout 30s", []NamedValue{{"timeout", "30s"}},
		func(r *probe.Request) { r.Timeout = 30 * time.Second }},
	{"timeout in seconds", "{T} --timeout 30", []NamedValue{{"timeout", "30"}},
		func(r *probe.Request) { r.Timeout = 30 * time.Second }},
	{"timeout of a minute", "{T} --timeout=1m", []NamedValue{{"timeout", "60"}},
		func(r *probe.Request) { r.Timeout = time.Minute }},
	{"comma behind a value", "{T} --tls starttls, --ip 4", nil,
		func(r *probe.Request) { r.Security, r.Family = "starttls", probe.FamilyIP4 }},
}

func TestRequestsInAllReadings(t *testing.T) {
	const target = "smtp.example.com:587"
	for _, tt := range requests {
		t.Run(tt.name, func(t *testing.T) {
			want := plainRequest(tt.change)
			text := strings.ReplaceAll(tt.text, "{T}", target)
			got, err := Parse(text, Dialect{})
			wantRequest(t, got, err, want)
			got, err = ParseArgs(strings.Fields(text), Dialect{Terminal: true})
			wantRequest(t, got, err, want)
			got, err = ParseOptions(text, nil, Dialect{})
			wantRequest(t, got, err, want)
			if tt.fields != nil {
				got, err = ParseOptions(target, tt.fields, Dialect{})
				wantRequest(t, got, err, want)
			}
		})
	}
}

func wantRequest(t *testing.T, got Command, err error, want probe.Request) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got.Request, want) {
		t.Errorf("got %+v, %v; want %+v", got.Request, err, want)
	}
}

func TestSpaceInQuotedLocalPart(t *testing.T) {
	want := plainRequest(sender(mailbox("al ice")))
	got, err := Parse(`smtp.example.com:587 --from "al ice"@example.com`, Dialect{})
	wantRequest(t, got, err, want)
	got, err = ParseArgs([]string{"smtp.example.com:587", "--from", `"al ice"@example.com`}, Dialect{Terminal: true})
	wantRequest(t, got, err, want)
}

func TestChatOptions(t *testing.T) {
	for text, want := range map[string]bool{
		"smtp.example.com": false, "smtp.example.com --private": true, "—private smtp.example.com": true,
		"smtp.example.com --private=false": false, "smtp.example.com --private=true": true,
	} {
		if c, err := Parse(text, Dialect{}); err != nil || c.Private != want {
			t.Errorf("%s: %v, %v", text, c.Private, err)
		}
	}
	c, err := ParseOptions("smtp.example.com", []NamedValue{{"private", "true"}}, Dialect{})
	if err != nil || !c.Private {
		t.Errorf("typed option: %v, %v", c.Private, err)
	}
}

func TestTerminalOptions(t *testing.T) {
	for _, args := range [][]string{
		{"smtp.example.com", "--ca", "My “Roots”,.pem", "--json", "--timeout", "10m"},
		{"--json", "--ca=My “Roots”,.pem", "--timeout=600", "smtp.example.com"},
	} {
		c, err := ParseArgs(args, Dialect{Terminal: true})
		if err != nil || c.CAFile != "My “Roots”,.pem" || !c.JSON || c.Request.Timeout != 10*time.Minute {
			t.Errorf("%q: %+v, %v", args, c, err)
		}
	}
}

func TestNameServer(t *testing.T) {
	for typed, want := range map[string]string{
		"9.9.9.9": "9.9.9.9:53", "9.9.9.9:5353": "9.9.9.9:5353", "2620:fe::fe": "[2620:fe::fe]:53",
		"[2620:fe::fe]": "[2620:fe::fe]:53", "[2620:fe::fe]:5353": "[2620:fe::fe]:5353", "dns.example.com": "",
	} {
		c, err := ParseArgs([]string{"smtp.example.com", "--dns", typed}, Dialect{Terminal: true})
		if (err == nil) != (want != "") || err == nil && c.DNS.String() != want {
			t.Errorf("%s: %v, %v", typed, c.DNS, err)
		}
	}
}

func TestHelpAsked(t *testing.T) {
	for text, topic := range map[string]string{
		"": "", "  ": "", "help": "", "Help": "", "?": "", "--help": "", "-h": "", "—help": "",
		"help options": "options", "help tls": "tls", "help --tls": "tls", "smtp.example.com --help": "",
	} {
		if c, err := Parse(text, Dialect{}); err != nil || !reflect.DeepEqual(c, Command{Verb: VerbHelp, Topic: topic}) {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
	if c, err := ParseOptions("help tls", nil, Dialect{}); err != nil || c.Topic != "tls" {
		t.Errorf("typed options: %+v, %v", c, err)
	}
	if c, err := ParseArgs(nil, Dialect{Terminal: true}); err != nil || c.Verb != VerbHelp {
		t.Errorf("no arguments: %+v, %v", c, err)
	}
	if _, err := ParseArgs([]string{""}, Dialect{Terminal: true}); err == nil {
		t.Error("an empty argument, as of an unset variable, asked for help")
	}
}
