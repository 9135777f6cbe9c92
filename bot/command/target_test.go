package command

import (
	"errors"
	"os"
	"strconv"
	"testing"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/registry"
)

// pasted is a form in which people paste a server.
type pasted struct {
	name, text, host string
	port             uint64
	given            bool
	security         probe.Security
}

func targets(t testing.TB) []pasted {
	t.Helper()
	return rows(t, "targets.tsv", 6, func(c []string) (pasted, error) {
		text, err := unquoted(c[1])
		port, bad := strconv.ParseUint(c[3], 10, 16)
		return pasted{c[0], text, c[2], port, c[4] == "true", probe.Security(c[5])}, errors.Join(err, bad)
	})
}

// rows reads a table of testdata.
func rows[V any](t testing.TB, name string, columns int, read func(cells []string) (V, error)) []V {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := registry.ReadTable(name, string(text), columns, read)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func unquoted(cell string) (string, error) { return strconv.Unquote(`"` + cell + `"`) }

func TestTargets(t *testing.T) {
	for _, tt := range targets(t) {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(tt.text, Dialect{})
			if err != nil {
				t.Fatalf("%s: %v", tt.text, err)
			}
			r, want := c.Request, probe.Target{Host: tt.host, Port: uint16(tt.port)}
			if c.Verb != VerbTest || r.Target != want || r.Security != tt.security || c.PortGiven != tt.given {
				t.Errorf("%s: %s %s %s given=%v", tt.text, c.Verb, r.Target, r.Security, c.PortGiven)
			}
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
