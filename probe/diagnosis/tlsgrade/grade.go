package tlsgrade

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

// Grade is a security level of NCSC-NL.
type Grade string

// The grades, best first. The zero value is none: nothing is known.
const (
	Good         Grade = "good"
	Sufficient   Grade = "sufficient"
	PhaseOut     Grade = "phase out"
	Insufficient Grade = "insufficient"
)

// Grades are all grades, best first.
func Grades() []Grade { return []Grade{Good, Sufficient, PhaseOut, Insufficient} }

// worse is the worse of two grades.
func worse(a, b Grade) Grade {
	all := Grades()
	return all[max(slices.Index(all, a), slices.Index(all, b), 0)]
}

// Edition names the guideline that the grades are of.
const Edition = "NCSC-NL 2025-05"

//go:embed data/ncsc.tsv
var ncsc []byte

// levels is the grade of a kind and name.
var levels = sync.OnceValue(func() map[[2]string]Grade {
	all := map[[2]string]Grade{}
	for _, r := range registry.MustTable("ncsc.tsv", ncsc, 4, readLevel) {
		all[[2]string{r.kind, r.name}] = r.grade
	}
	return all
})

type level struct {
	grade      Grade
	kind, name string
}

func readLevel(c []string) (level, error) {
	g := Grade(strings.ReplaceAll(c[0], "-", " "))
	if !slices.Contains(Grades(), g) {
		return level{}, fmt.Errorf("%q is no grade", c[0])
	}
	return level{g, c[1], c[2]}, nil
}

// levelOf is insufficient for all that the guideline does not list.
func levelOf(kind, name string) Grade {
	if g, ok := levels()[[2]string{kind, name}]; ok {
		return g
	}
	return Insufficient
}

// VersionName is the name of a protocol version.
func VersionName(number uint16) string {
	if number == tlsscan.SSL30 {
		return "SSL 3.0"
	}
	return fmt.Sprintf("TLS 1.%d", number-tlsscan.TLS10)
}

// OfVersion is the grade of a protocol version.
func OfVersion(number uint16) Grade { return levelOf("version", VersionName(number)) }

// OfSuite is the grade of a cipher suite.
func OfSuite(number uint16) Grade { return levelOf("suite", registry.SuiteName(number)) }

// OfGroup is the grade of a group that was agreed by name.
func OfGroup(number uint16) Grade { return levelOf("group", registry.GroupName(number)) }

// OfDH is the grade of a Diffie-Hellman exchange of which the size of the prime
// is known, and not the prime: those of RFC 7919 from 3072 bits on are to be
// phased out, all others are insufficient. Empty: it may be either.
func OfDH(bits int) Grade {
	if bits < 3072 {
		return Insufficient
	}
	return ""
}

// OfScheme is the grade of a signature scheme: that of its hash. Schemes with a
// hash of their own are Ed25519 and Ed448.
func OfScheme(number uint16) Grade {
	name := registry.SchemeName(number)
	if strings.HasPrefix(name, "ed") && !strings.HasPrefix(name, "ecdsa") {
		return Good
	}
	for _, hash := range []string{"sha256", "sha384", "sha512", "sha224"} {
		if strings.HasSuffix(name, hash) {
			return levelOf("hash", strings.ToUpper(hash))
		}
	}
	return Insufficient
}

// OfKey is the grade of a certificate's key, as probe.Certificate words it.
// Empty: it is of another kind, or could not be read.
func OfKey(key string) Grade {
	bits, isRSA := rsaBits(key)
	switch {
	case !isRSA && !strings.HasPrefix(key, "ECDSA ") && !strings.HasPrefix(key, "Ed"):
		return ""
	case !isRSA:
		return levelOf("key", key)
	case bits >= 3072: // NCSC-NL 2025-05, 3.3.2
		return Sufficient
	case bits >= 2048:
		return PhaseOut
	}
	return Insufficient
}

func rsaBits(key string) (bits int, isRSA bool) {
	text, isRSA := strings.CutPrefix(key, "RSA ")
	bits, err := strconv.Atoi(text)
	return bits, isRSA && err == nil
}

// OfSignature is the grade of the signature on a certificate, such as
// "SHA256-RSA", by its hash. Empty: it could not be read.
func OfSignature(algorithm string) Grade {
	name := strings.ToUpper(strings.ReplaceAll(algorithm, "-", ""))
	switch {
	case name == "":
		return ""
	case strings.Contains(name, "ED25519"), strings.Contains(name, "ED448"):
		return Good
	}
	for _, hash := range []string{"SHA256", "SHA384", "SHA512", "SHA224"} {
		if strings.Contains(name, hash) {
			return levelOf("hash", hash)
		}
	}
	return Insufficient
}
