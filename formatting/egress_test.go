package formatting

import (
	"fmt"
	"strings"
	"testing"

	"smtptest/probe"
)

// conns are control connections written as PORT:KIND, no kind where it was
// accepted.
func conns(text string) []probe.ControlConn {
	var all []probe.ControlConn
	for i, word := range strings.Fields(text) {
		var port uint16
		number, kind, _ := strings.Cut(word, ":")
		fmt.Sscan(number, &port)
		all = append(all, probe.ControlConn{Host: fmt.Sprintf("host%d.test", i), Port: port, Kind: probe.Kind(kind)})
	}
	return all
}

func TestEgress(t *testing.T) {
	for _, c := range []struct{ conns, verdict, fact, try string }{
		{"25 465 587 2525 443", "Every mail port is let out", "Let out: ports 25, 465, 587, 2525", ""},
		{"25:timeout 25 443", "Every mail port is let out", "Let out: port 25", ""}, // one host may be ill
		{"25:timeout 25:timeout 465 587 443", "Not let out: port 25", "Let out: ports 465, 587", "relay on port 587"},
		{"25:refused 465:refused 587:refused 2525 443", "Not let out: ports 25, 465, 587", "Let out: port 2525",
			"relay on port 2525"},
		{"25:timeout 587:timeout 443", "No mail port is let out", "", "Ask whoever runs this network"},
		{"25:timeout 587:unreachable 443:timeout", "This machine has no way out", "", "own network and firewall"},
		{"25:no-address 443:no-address", "The control hosts could not be asked", "", ""},
		{"25:timeout 587:denied 443", "No mail port is let out", "", "port 25."},
		{"", "The control hosts could not be asked", "", ""},
	} {
		m := Egress(conns(c.conns))
		var try []string
		for _, row := range m.Sections[len(m.Sections)-1].(Facts).Rows {
			try = append(try, row.Value)
		}
		advised := len(m.Sections) == 2
		if m.Verdict != c.verdict || m.Fact != c.fact || advised != (c.try != "") ||
			!strings.Contains(strings.Join(try, "\n"), c.try) {
			t.Errorf("%s: %q, %q, %q", c.conns, m.Verdict, m.Fact, try)
		}
	}
}
