package registry

import (
	"fmt"
	"strings"
	"sync"
)

// Mechanism is what is known of a SASL mechanism (RFC 4422).
type Mechanism struct {
	Name        string // in upper case; that of a family ends in "*"
	Usage       Usage
	Reference   string // RFC or draft; empty: a vendor's own paper, or none
	Carries     Carried
	Discouraged bool   // it is advised against, in TLS too
	Meaning     string // one line
}

// Usage is IANA's word for how far a mechanism is meant to be used.
type Usage string

// The usages. The last is not IANA's.
const (
	UsageCommon       Usage = "common"
	UsageLimited      Usage = "limited"
	UsageObsolete     Usage = "obsolete"
	UsageUnregistered Usage = "unregistered"
)

// Carried is the secret that an exchange itself holds, in a form that could
// be used again by whoever reads it.
type Carried string

// What an exchange may carry.
const (
	CarriesNothing  Carried = "nothing"  // proofs, tickets and codes that serve once
	CarriesPassword Carried = "password" // base64 hides nothing
	CarriesToken    Carried = "token"    // serves until it expires
)

var mechanisms = sync.OnceValue(func() map[string]Mechanism {
	return load("mechanisms.tsv", 6, readMechanism)
})

func readMechanism(c []string) (string, Mechanism, error) {
	m := Mechanism{Name: c[0], Usage: Usage(c[1]), Reference: c[2], Carries: Carried(c[3]), Meaning: c[5]}
	switch m.Usage {
	case UsageCommon, UsageLimited, UsageObsolete, UsageUnregistered:
	default:
		return "", m, fmt.Errorf("%q is not a usage", c[1])
	}
	switch m.Carries {
	case CarriesNothing, CarriesPassword, CarriesToken:
	default:
		return "", m, fmt.Errorf("%q is not carried", c[3])
	}
	var err error
	m.Discouraged, err = yes(c[4])
	return m.Name, m, err
}

// MechanismOf is the row of a SASL mechanism, compared without case; that of
// its family where it has none of its own. ok is false for an unknown one.
func MechanismOf(name string) (m Mechanism, ok bool) {
	name = strings.ToUpper(name)
	if m, ok = mechanisms()[name]; ok {
		return m, true
	}
	if !isMechanism(name) {
		return Mechanism{}, false
	}
	family, _, ok := strings.Cut(name, "-")
	if !ok {
		return Mechanism{}, false
	}
	m, ok = mechanisms()[family+"-*"]
	return m, ok
}
