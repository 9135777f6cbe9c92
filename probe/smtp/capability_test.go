package smtp

import (
	"slices"
	"strings"
	"testing"
)

var capabilities = []struct {
	name, line, keyword string
	params              []string
	equals              bool
}{
	{"keyword", "STARTTLS", "STARTTLS", nil, false},
	{"one parameter", "SIZE 35882577", "SIZE", []string{"35882577"}, false},
	{"two parameters", "AUTH PLAIN LOGIN", "AUTH", []string{"PLAIN", "LOGIN"}, false},
	{"lower case", "starttls", "starttls", nil, false},
	{"spaces around", "  SIZE  10  ", "SIZE", []string{"10"}, false},
	{"old AUTH", "AUTH=LOGIN PLAIN", "AUTH", []string{"LOGIN", "PLAIN"}, true},
	{"old AUTH, one mechanism", "AUTH=LOGIN", "AUTH", []string{"LOGIN"}, true},
	{"old AUTH, then a space", "AUTH= LOGIN", "AUTH", []string{"", "LOGIN"}, true},
	{"equals in a parameter", "LIMITS RCPTMAX=10", "LIMITS", []string{"RCPTMAX=10"}, false},
	{"two equals", "AUTH=A=B", "AUTH", []string{"A=B"}, true},
	{"equals first", "=LOGIN", "=LOGIN", nil, false},
	{"private", "X-EXPS GSSAPI NTLM", "X-EXPS", []string{"GSSAPI", "NTLM"}, false},
	{"masked by a firewall", "XXXXXXXA", "XXXXXXXA", nil, false},
	{"escaped octets", `SIZE\t10`, `SIZE\t10`, nil, false},
}

func TestParseCapability(t *testing.T) {
	for _, tt := range capabilities {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := ParseCapability(tt.line)
			if !ok || got.Keyword != tt.keyword || !slices.Equal(got.Params, tt.params) || got.Equals != tt.equals ||
				got.Line != tt.line {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
	for _, line := range []string{"", " ", "   "} {
		if got, ok := ParseCapability(line); ok {
			t.Errorf("%q is read as %+v", line, got)
		}
	}
}

func TestParseCapabilities(t *testing.T) {
	r, err := read(ehlo)
	if err != nil {
		t.Fatal(err)
	}
	caps := ParseCapabilities(&r)
	if len(caps) != 11 || caps[0].Keyword != "SIZE" || caps[10].Keyword != "SMTPUTF8" {
		t.Errorf("got %v", caps)
	}
	for _, keyword := range []string{"STARTTLS", "StartTLS", "starttls"} {
		if !caps.Has(keyword) {
			t.Errorf("%s is not found", keyword)
		}
	}
	if caps.Has("REQUIRETLS") || caps.Has("") {
		t.Error("has what is not listed")
	}
	if size, ok := caps.Get("size"); !ok || size.Params[0] != "157286400" || size.Name() != "SIZE" {
		t.Errorf("SIZE is %+v", size)
	}
}

func TestParseCapabilitiesOfLittle(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     int
	}{
		{"one line", "250 mx.example.test\r\n", 0},
		{"empty lines", "250-mx\r\n250-\r\n250 \r\n", 0},
		{"code alone", "250-mx\r\n250-DSN\r\n250\r\n", 1},
		{"the first line is the name", "250-STARTTLS\r\n250 DSN\r\n", 1},
	} {
		r, err := read(tt.in)
		if got := ParseCapabilities(&r); err != nil || len(got) != tt.want {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
	}
	if got := ParseCapabilities(&Reply{}); got != nil {
		t.Errorf("no line: %v", got)
	}
}

func TestMechanisms(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"one line", "250-mx\r\n250 AUTH PLAIN LOGIN\r\n", []string{"PLAIN", "LOGIN"}},
		{"both forms", "250-mx\r\n250-AUTH PLAIN LOGIN\r\n250 AUTH=PLAIN LOGIN\r\n", []string{"PLAIN", "LOGIN"}},
		{"the old form adds", "250-mx\r\n250-AUTH PLAIN\r\n250 AUTH=LOGIN\r\n", []string{"PLAIN", "LOGIN"}},
		{"old form with a space", "250-mx\r\n250 AUTH= LOGIN\r\n", []string{"LOGIN"}},
		{"lower case", "250-mx\r\n250 auth plain Login\r\n", []string{"PLAIN", "LOGIN"}},
		{"twice", "250-mx\r\n250 AUTH PLAIN plain\r\n", []string{"PLAIN"}},
		{"AUTH without any", "250-mx\r\n250 AUTH\r\n", nil},
		{"other keyword", "250-mx\r\n250 X-AUTH PLAIN\r\n", nil},
	} {
		r, err := read(tt.in)
		if got := ParseCapabilities(&r).Mechanisms(); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}

func FuzzParseCapability(f *testing.F) {
	for _, tt := range capabilities {
		f.Add(tt.line)
	}
	for _, tt := range replies {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, ok := ParseCapability(line)
		if ok == (strings.TrimSpace(line) == "") {
			t.Fatalf("%q: found %v", line, ok)
		}
		if !ok {
			return
		}
		if c.Keyword == "" || c.Line != line || strings.ContainsAny(c.Keyword, " \t\r\n") {
			t.Fatalf("%q: read as %+v", line, c)
		}
		for i, p := range c.Params {
			if strings.ContainsAny(p, " \t\r\n") || p == "" && !(c.Equals && i == 0) {
				t.Fatalf("%q: parameter %q", line, p)
			}
		}
		if _, found := (Capabilities{c}).Get(c.Keyword); !found {
			t.Fatalf("%q: %q does not find itself", line, c.Keyword)
		}
		for _, m := range (Capabilities{c}).Mechanisms() {
			if m == "" || m != strings.ToUpper(m) {
				t.Fatalf("%q: mechanism %q", line, m)
			}
		}
	})
}
