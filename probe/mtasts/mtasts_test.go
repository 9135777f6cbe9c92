package mtasts

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	const good = "version: STSv1\r\nmode: enforce\r\nmx: MX.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"
	for _, c := range []struct{ name, file, fault string }{
		{"as it is meant", good, ""},
		{"line feeds alone, an unknown field", strings.ReplaceAll(good, "\r", "") + "new: 1\n", ""},
		{"the first mode counts", good + "mode: none\r\n", ""},
		{"no version", strings.Replace(good, "version: STSv1\r\n", "", 1), "the policy has no version"},
		{"another version", strings.Replace(good, "STSv1", "STSv2", 1), "line 1: the version is not STSv1"},
		{"another mode", strings.Replace(good, "enforce", "strict", 1), "line 2: the mode is none of enforce, testing, none"},
		{"no mx", "version: STSv1\nmode: testing\nmax_age: 1\n", "the policy has no mx"},
		{"none needs no mx", "version: STSv1\nmode: none\nmax_age: 1\n", ""},
		{"a star inside", strings.Replace(good, "*.example.net", "a.*.example.net", 1),
			"line 4: the mx pattern is no host name, with or without *. in front"},
		{"a control character", strings.Replace(good, "*.example.net", "a\x1b[31m.example", 1),
			"line 4: the mx pattern is no host name, with or without *. in front"},
		{"a long pattern", strings.Replace(good, "*.example.net", strings.Repeat("a", 300), 1),
			"line 4: the mx pattern is no host name, with or without *. in front"},
		{"over a year", strings.Replace(good, "604800", "31557601", 1),
			"line 5: max_age is not a number of seconds up to 31557600"},
		{"HTML", "<html>\n", "line 1: there is no colon"},
		{"too long", strings.Repeat(" ", MaxOctets+1), "the policy is longer than 64 KiB"},
		{"too many", good + strings.Repeat("mx: a.example\n", maxMX), "line 68: there are more than 64 mx lines"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.file))
			if err == nil && c.fault != "" || err != nil && err.Error() != c.fault {
				t.Errorf("got %v, want %q", err, c.fault)
			}
		})
	}
}

// TestCovers: a star is one label (RFC 8461 §4.1).
func TestCovers(t *testing.T) {
	p := Policy{MX: []string{"mx.example.com", "*.example.net"}}
	for host, want := range map[string]bool{
		"mx.example.com": true, "MX.Example.Com.": true, "a.example.net": true,
		"example.net": false, "a.b.example.net": false, ".example.net": false, "mx.example.org": false,
	} {
		if got := p.Covers(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

func TestRecords(t *testing.T) {
	for record, want := range map[string]string{
		"v=STSv1; id=20260101T0000Z;": "", "v=STSv1;id=1": "", "v=STSv1; id=": "the record has no id",
		"v=STSv1; id=a-b": "the id is not 1 to 32 letters and digits", "v=STSv1; id": "a field has no equals sign",
		"id=1; v=STSv1": "the record does not begin with v=STSv1",
	} {
		if _, err := ParseID(record); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", record, err, want)
		}
	}
	to, err := ParseReports("v=TLSRPTv1; rua=mailto:a@example.com, https://example.com/r")
	if err != nil || len(to) != 2 {
		t.Errorf("%v %v", to, err)
	}
	if _, err := ParseReports("v=TLSRPTv1; rua=a@example.com"); err == nil {
		t.Error("an address without scheme was taken")
	}
}

// FuzzParse wants a fault or a policy that can be used, whatever comes.
func FuzzParse(f *testing.F) {
	f.Add("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\n")
	f.Add("v=STSv1; id=1")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := Parse([]byte(text)); err == nil && (p.Mode == "" || p.Mode != None && len(p.MX) == 0) {
			t.Errorf("%+v", p)
		}
		if id, err := ParseID(text); err == nil && (id == "" || len(id) > maxID) {
			t.Errorf("id %q", id)
		}
		_, _ = ParseReports(text)
	})
}
