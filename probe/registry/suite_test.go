package registry

import (
	"crypto/tls"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestSuites(t *testing.T) {
	for number, want := range map[uint16]Suite{
		0x0003: {KeyExchange: "RSA", Authentication: "RSA", Export: true, Cipher: "RC4_40", Bits: 40, Hash: "MD5",
			Since: ssl30},
		0x000a: {KeyExchange: "RSA", Authentication: "RSA", Cipher: "3DES_EDE_CBC", Bits: 112, Hash: "SHA", Since: ssl30},
		0x0034: {KeyExchange: "DH", Authentication: "anon", Cipher: "AES_128_CBC", Bits: 128, Hash: "SHA", Since: ssl30},
		0x0064: {KeyExchange: "RSA", Authentication: "RSA", Export: true, Cipher: "RC4_56", Bits: 56, Hash: "SHA",
			Since: ssl30},
		0xc006: {KeyExchange: "ECDHE", Authentication: "ECDSA", Cipher: "NULL", Hash: "SHA", Since: tls10},
		0xc02f: {KeyExchange: "ECDHE", Authentication: "RSA", Cipher: "AES_128_GCM", Bits: 128, Hash: "SHA256", AEAD: true,
			Since: tls12},
		0xc0a3: {KeyExchange: "DHE", Authentication: "RSA", Cipher: "AES_256_CCM_8", Bits: 256, AEAD: true, Since: tls12},
		0xcca8: {KeyExchange: "ECDHE", Authentication: "RSA", Cipher: "CHACHA20_POLY1305", Bits: 256, Hash: "SHA256",
			AEAD: true, Since: tls12},
		0x1301: {Cipher: "AES_128_GCM", Bits: 128, Hash: "SHA256", AEAD: true, Since: tls13},
		0xc0b4: {Cipher: "NULL", Hash: "SHA256", Since: tls13},
		0x008c: {KeyExchange: "PSK", Authentication: "PSK", Cipher: "AES_128_CBC", Bits: 128, Hash: "SHA", Since: ssl30},
		0xc102: {KeyExchange: "GOST", Authentication: "GOSTR341112", Cipher: "28147_CNT", Bits: 256, Hash: "IMIT",
			Since: tls12},
	} {
		got, ok := SuiteOf(number)
		want.Number, want.Name, want.Reference = got.Number, got.Name, got.Reference
		if !ok || got != want {
			t.Errorf("SuiteOf(%04x) = %+v, %t; want %+v", number, got, ok, want)
		}
	}
	if s, _ := SuiteOf(0xc02f); !s.ForwardSecret() || s.Shared() || s.Signal() {
		t.Errorf("%+v", s)
	}
	if s, _ := SuiteOf(0x002f); s.ForwardSecret() {
		t.Errorf("%+v", s)
	}
	if s, _ := SuiteOf(0x00a8); !s.Shared() {
		t.Errorf("%+v", s)
	}
	if SuiteName(0x9999) != "0x9999" || GroupName(0x9999) != "0x9999" || SchemeName(0x9999) != "0x9999" {
		t.Error("a number without a row is not named by its number")
	}
}

// Go's tables are a second opinion on numbers, names and versions.
func TestSuitesAgreeWithGo(t *testing.T) {
	for _, known := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		s, ok := SuiteOf(known.ID)
		if !ok || s.Name != known.Name || !slices.Contains(known.SupportedVersions, max(s.Since, tls10)) ||
			s.Since > tls10 && slices.Contains(known.SupportedVersions, s.Since-1) {
			t.Errorf("SuiteOf(%04x) = %+v; Go says %s from %x", known.ID, s, known.Name, known.SupportedVersions)
		}
	}
	for id := range uint16(0x0fff) {
		_, known := schemes()[id]
		if name := tls.SignatureScheme(id).String(); !strings.HasPrefix(name, "SignatureScheme(") && !known {
			t.Errorf("Go knows %s, %04x", name, id)
		}
	}
	for _, id := range []tls.CurveID{tls.CurveP256, tls.CurveP384, tls.CurveP521, tls.X25519, tls.X25519MLKEM768} {
		if g, ok := GroupOf(uint16(id)); !ok || g.PostQuantum() != (id == tls.X25519MLKEM768) || !g.TLS13 {
			t.Errorf("GroupOf(%d) = %+v, %t; Go calls it %s", id, g, ok, id)
		}
	}
}

func TestEveryRowOfTLS(t *testing.T) {
	source := regexp.MustCompile(`^(RFC [1-9][0-9]{2,4}|draft-[a-z0-9-]+|Netscape)$`)
	for _, s := range Suites() {
		if strings.Contains(s.Name, "PSK") && (!s.Shared() || s.ForwardSecret() != strings.Contains(s.Name, "DHE")) {
			t.Errorf("%+v", s)
		}
		if !source.MatchString(s.Reference) || s.Since == 0 || !s.Signal() && s.Number != 0 && s.Cipher == "" {
			t.Errorf("%+v", s)
		}
	}
	for _, g := range Groups() {
		if !source.MatchString(g.Reference) || g.Bits == 0 || !g.TLS12 && !g.TLS13 ||
			!slices.Contains([]GroupKind{GroupCurve, GroupFiniteField, GroupHybrid, GroupMLKEM}, g.Kind) {
			t.Errorf("%+v", g)
		}
	}
	for _, s := range Schemes() {
		if !source.MatchString(s.Reference) {
			t.Errorf("%+v", s)
		}
	}
	if n := len(Suites()); n < 370 || len(Groups()) != 54 || len(Schemes()) != 44 {
		t.Errorf("%d suites, %d groups, %d schemes", n, len(Groups()), len(Schemes()))
	}
}
