package tlsgrade

import (
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/registry"
)

// TestGoOffers compares the row of Go with what crypto/tls offers.
func TestGoOffers(t *testing.T) {
	var hello *tls.ClientHelloInfo
	near, far := net.Pipe()
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	server := tls.Server(far, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		hello = h
		return nil, net.ErrClosed
	}})
	done := make(chan error)
	go func() { done <- tls.Client(near, &tls.Config{ServerName: "mx.example.test"}).Handshake() }()
	_ = server.Handshake()
	<-done
	row := clients()[slices.IndexFunc(clients(), func(c Client) bool { return strings.HasPrefix(c.ID, "go-") })]
	groups := make([]uint16, len(hello.SupportedCurves))
	for i, g := range hello.SupportedCurves {
		groups[i] = uint16(g)
	}
	schemes := make([]uint16, len(hello.SignatureSchemes))
	for i, s := range hello.SignatureSchemes {
		schemes[i] = uint16(s)
	}
	for name, pair := range map[string][2][]uint16{
		"versions": {row.versions, hello.SupportedVersions}, "suites": {row.suites, hello.CipherSuites},
		"groups": {row.groups, groups}, "schemes": {row.schemes, schemes},
	} {
		// Without AES in the processor the order is another one.
		if !slices.Equal(slices.Sorted(slices.Values(pair[0])), slices.Sorted(slices.Values(pair[1]))) {
			t.Errorf("%s: %04x in the table, %04x offered", name, pair[0], pair[1])
		}
	}
}

// TestEveryNameIsOfTheRegistry: a name with a slip would grade nothing.
func TestEveryNameIsOfTheRegistry(t *testing.T) {
	known := map[string]bool{"TLS 1.3": true, "TLS 1.2": true}
	for _, s := range registry.Suites() {
		known[s.Name] = true
	}
	for _, g := range registry.Groups() {
		known[g.Name] = true
	}
	count := map[Grade]int{}
	for _, l := range registry.MustTable("ncsc.tsv", ncsc, 4, readLevel) {
		if l.kind != "hash" && l.kind != "key" && !known[l.name] {
			t.Errorf("ncsc.tsv: %q", l.name)
		}
		if l.kind == "suite" {
			count[l.grade]++
		}
	}
	if count[Good] != 2 || count[Sufficient] != 10 || count[PhaseOut] != 35 { // as many as Internet.nl lists
		t.Errorf("suites: %v", count)
	}
	for _, p := range profiles() {
		for _, name := range p.suites {
			if !known[name] {
				t.Errorf("mozilla.tsv, %s: %q", p.name, name)
			}
		}
	}
	for _, c := range clients() {
		for _, n := range c.suites {
			if s, ok := registry.SuiteOf(n); !ok || s.Signal() {
				t.Errorf("%s: suite %04x", c.ID, n)
			}
		}
		for _, n := range c.groups {
			if _, ok := registry.GroupOf(n); !ok {
				t.Errorf("%s: group %04x", c.ID, n)
			}
		}
		if c.Source == "" || c.Date == "" || len(c.suites) == 0 || len(c.versions) == 0 {
			t.Errorf("%s: %+v", c.ID, c)
		}
	}
}

// TestGrades holds each kind of thing to what the guideline says of it.
func TestGrades(t *testing.T) {
	for _, row := range []struct {
		what      string
		got, want Grade
	}{
		{"TLS 1.1", OfVersion(0x0302), Insufficient}, {"SSL 3.0", OfVersion(0x0300), Insufficient},
		{"AES-128-GCM of TLS 1.3", OfSuite(0x1301), Sufficient}, {"AES-256-GCM of TLS 1.3", OfSuite(0x1302), Good},
		{"ECDHE, CBC, SHA-256", OfSuite(0xc027), PhaseOut}, {"ECDHE, CBC, SHA-1", OfSuite(0xc013), Insufficient},
		{"RSA key exchange", OfSuite(0x009c), Insufficient}, {"CCM_8", OfSuite(0x1305), Insufficient},
		{"x25519", OfGroup(29), Sufficient}, {"secp224r1", OfGroup(21), PhaseOut}, {"ffdhe2048", OfGroup(256), Insufficient},
		{"X25519MLKEM768", OfGroup(0x11ec), Good}, {"2048 bits", OfDH(2048), Insufficient}, {"4096 bits", OfDH(4096), ""},
		{"rsa_pss_rsae_sha256", OfScheme(0x0804), Good}, {"rsa_pkcs1_sha1", OfScheme(0x0201), Insufficient},
		{"ecdsa_sha224", OfScheme(0x0303), PhaseOut}, {"ed25519", OfScheme(0x0807), Good},
		{"MD5", OfScheme(0x0101), Insufficient},
		{"RSA 3072", OfKey("RSA 3072"), Sufficient}, {"RSA 2048", OfKey("RSA 2048"), PhaseOut},
		{"RSA 1024", OfKey("RSA 1024"), Insufficient}, {"P-256", OfKey("ECDSA P-256"), Sufficient},
		{"P-224", OfKey("ECDSA P-224"), PhaseOut}, {"Ed25519", OfKey("Ed25519"), Sufficient}, {"unreadable", OfKey(""), ""},
		{"signed with SHA-1", OfSignature("SHA1-RSA"), Insufficient}, {"ECDSA-SHA384", OfSignature("ECDSA-SHA384"), Good},
		{"SHA256-RSAPSS", OfSignature("SHA256-RSAPSS"), Good},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.what, row.got, row.want)
		}
	}
}
