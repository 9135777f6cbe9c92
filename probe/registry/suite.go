package registry

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Suite is a TLS cipher suite. All but the first three fields are read from its
// name, which says how it is made.
type Suite struct {
	Number    uint16
	Name      string // as IANA spells it
	Reference string // RFC, draft or company
	// KeyExchange is RSA, DH, DHE, ECDH, ECDHE, PSK, GOST and the like; empty in TLS 1.3, where the group is
	// agreed apart.
	KeyExchange    string
	Authentication string // RSA, DSS, ECDSA, anon, PSK and the like; empty in TLS 1.3
	Export         bool   // weakened for the export rules of the 1990s
	Cipher         string // such as AES_128_GCM, 3DES_EDE_CBC, NULL
	Bits           int    // of effective key length; 0: no encryption
	Hash           string // of the record MAC, or of the key derivation of an AEAD; empty: the name has none
	AEAD           bool   // authenticated encryption (RFC 5116)
	Since          uint16 // the first protocol version in which it exists: 0x0300 for SSL 3.0 to 0x0304 for TLS 1.3
}

// ForwardSecret reports a suite whose keys are made anew for each connection.
func (s Suite) ForwardSecret() bool {
	return s.Since == tls13 || strings.HasSuffix(s.KeyExchange, "DHE") ||
		s.Authentication == "anon" && strings.HasSuffix(s.KeyExchange, "DH")
}

// Shared reports a suite that needs a secret which both sides have beforehand: a
// key (RFC 4279), a password (RFC 5054, RFC 8492) or a ticket (RFC 2712).
func (s Suite) Shared() bool {
	return slices.Contains([]string{"PSK", "SRP", "KRB5", "ECCPWD"}, s.Authentication)
}

// Signal reports a number that is no suite but says something about the client
// (RFC 5746 §3.3, RFC 7507).
func (s Suite) Signal() bool { return strings.HasSuffix(s.Name, "_SCSV") }

const (
	ssl30 = 0x0300
	tls10 = 0x0301
	tls12 = 0x0303
	tls13 = 0x0304
)

var suites = sync.OnceValue(func() map[uint16]Suite { return load("suites.tsv", 3, readSuite) })

// SuiteOf is the row of a cipher suite; ok is false for an unassigned number.
func SuiteOf(number uint16) (s Suite, ok bool) {
	s, ok = suites()[number]
	return s, ok
}

// Suites are all rows, by number.
func Suites() []Suite {
	return sorted(suites(), func(a, b Suite) int { return int(a.Number) - int(b.Number) })
}

// SuiteName is the name of a suite, its number in hexadecimal where it has none.
func SuiteName(number uint16) string {
	if s, ok := SuiteOf(number); ok {
		return s.Name
	}
	return fmt.Sprintf("0x%04X", number)
}

func readSuite(c []string) (uint16, Suite, error) {
	n, err := hexadecimal(c[0])
	s := Suite{Number: n, Name: c[1], Reference: c[2]}
	s.readName()
	return n, s, err
}

func hexadecimal(cell string) (uint16, error) {
	n, err := strconv.ParseUint(cell, 16, 16)
	if err != nil || len(cell) != 4 {
		return 0, fmt.Errorf("%q is not a number of four hexadecimal digits", cell)
	}
	return uint16(n), nil
}

// readName takes a name such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 apart.
func (s *Suite) readName() {
	_, name, _ := strings.Cut(s.Name, "_") // TLS_ or SSL_
	exchange, cipher, before13 := strings.Cut(name, "_WITH_")
	s.Since = tls13
	if !before13 {
		exchange, cipher = "", name
	}
	s.readExchange(exchange)
	cipher = strings.TrimSuffix(cipher, "_OLD")
	s.Cipher = cipher
	if i := strings.LastIndexByte(cipher, '_'); i > 0 && isHash(cipher[i+1:]) {
		s.Cipher, s.Hash = cipher[:i], cipher[i+1:]
	}
	s.AEAD = slices.ContainsFunc([]string{"GCM", "CCM", "POLY1305", "MGM", "AEGIS"}, func(mode string) bool {
		return strings.Contains(cipher, mode)
	})
	if before13 && !strings.Contains(cipher, "MGM") {
		s.Since = s.since()
	}
	if isHash(s.Cipher) { // integrity alone (RFC 9150)
		s.Cipher = "NULL"
	}
	s.Bits = bits(s.Cipher)
}

func (s *Suite) readExchange(words string) {
	for _, mark := range []string{"_EXPORT1024", "_EXPORT"} {
		if rest, found := strings.CutSuffix(words, mark); found {
			words, s.Export = rest, true
			break
		}
	}
	first, rest, _ := strings.Cut(words, "_")
	s.KeyExchange, s.Authentication = first, rest
	switch {
	case strings.HasPrefix(first, "GOST"):
		s.KeyExchange, s.Authentication = "GOST", first
	case first == "FORTEZZA":
		s.Authentication = "DSS"
	case rest == "" || rest == "FIPS" || first == "SRP":
		s.Authentication = first
	case words == "PSK_DHE": // RFC 6655 §6 turns the two words of its CCM_8 round
		s.KeyExchange, s.Authentication = rest, first
	}
}

// since is the first version of a suite that is older than TLS 1.3: suites with
// curves came with TLS 1.0 (RFC 4492), AEAD and the longer hashes with TLS 1.2
// (RFC 5246 §1.2, RFC 5288).
func (s *Suite) since() uint16 {
	switch {
	case s.AEAD || s.Hash == "SHA256" || s.Hash == "SHA384" || strings.Contains(s.Name, "_OMAC") ||
		s.Authentication == "GOSTR341112":
		return tls12
	case slices.Contains([]string{"ECDH", "ECDHE", "SRP", "GOST"}, s.KeyExchange):
		return tls10
	}
	return ssl30
}

func isHash(word string) bool {
	return slices.Contains([]string{"MD5", "SHA", "SHA256", "SHA384", "SHA512", "SM3", "IMIT", "OMAC", "GOSTR3411"}, word)
}

// bits is the effective length of a cipher's key.
func bits(cipher string) int {
	if cipher == "NULL" {
		return 0
	}
	for _, known := range []struct {
		word string
		bits int
	}{
		{"3DES", 112}, {"DES40", 40}, {"_40", 40}, {"DES", 56}, {"_56", 56}, {"256", 256}, {"CHACHA20", 256},
		{"28147", 256}, {"KUZNYECHIK", 256}, {"MAGMA", 256}, {"FORTEZZA", 80},
	} {
		if strings.Contains(cipher, known.word) {
			return known.bits
		}
	}
	return 128 // AES, Camellia, ARIA, SEED, IDEA, RC4, SM4 and AEGIS of 128 bits
}
