package registry

import "testing"

func TestPorts(t *testing.T) {
	for _, c := range []struct {
		port     uint16
		service  string
		speaks   string
		implicit bool
	}{
		{25, "smtp", "SMTP", false}, {587, "submission", "SMTP", false}, {465, "submissions", "SMTP", true},
		{2525, "", "SMTP", false}, {2587, "", "SMTP", false}, {2465, "", "SMTP", true},
		{24, "", "LMTP", false}, {110, "pop3", "POP3", false}, {143, "imap", "IMAP", false},
		{993, "imaps", "IMAP", true}, {995, "pop3s", "POP3", true}, {80, "http", "HTTP", false}, {443, "https",
			"HTTP", true},
	} {
		p, ok := PortOf(c.port)
		if !ok || p.Number != c.port || p.Service != c.service || p.Speaks != c.speaks || p.Implicit != c.implicit {
			t.Errorf("PortOf(%d) = %+v, %t", c.port, p, ok)
		}
	}
	for _, port := range []uint16{0, 1, 588, 65535} {
		if p, ok := PortOf(port); ok {
			t.Errorf("PortOf(%d) = %+v", port, p)
		}
	}
}

// Only LDAP is never heard: its servers wait for the client and would answer
// in binary.
func TestPortsSpeakProtocolsThatAreKnown(t *testing.T) {
	known := map[string]bool{"LDAP": true}
	for _, s := range signatures() {
		known[s.protocol] = true
	}
	for n, p := range ports() {
		if !known[p.Speaks] {
			t.Errorf("port %d speaks %q, which has no signature", n, p.Speaks)
		}
	}
}
