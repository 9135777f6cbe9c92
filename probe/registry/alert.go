package registry

import (
	"fmt"
	"strconv"
	"sync"
)

// Alert is what is known of a TLS alert (RFC 8446 §6).
type Alert struct {
	Number    int    // 0 to 255
	Name      string // as the RFC spells it, without its _RESERVED
	Identity  bool   // it is about a name, a certificate or a key of one side
	Reference string // RFC and section
	Meaning   string // one line
}

var alerts = sync.OnceValue(func() map[int]Alert {
	return load("alerts.tsv", 5, readAlert)
})

func readAlert(c []string) (int, Alert, error) {
	n, err := strconv.ParseUint(c[0], 10, 8)
	if err != nil {
		return 0, Alert{}, fmt.Errorf("%q is not an alert number", c[0])
	}
	identity, err := yes(c[2])
	return int(n), Alert{Number: int(n), Name: c[1], Identity: identity, Reference: c[3], Meaning: c[4]}, err
}

// AlertOf is the row of an alert number. ok is false for an unassigned one.
func AlertOf(number int) (a Alert, ok bool) {
	a, ok = alerts()[number]
	return a, ok
}

// AlertName is the name of an alert number, "unassigned" where it has none.
func AlertName(number int) string {
	if a, ok := AlertOf(number); ok {
		return a.Name
	}
	return "unassigned"
}

// AlertAboutIdentity reports an alert about a name, a certificate or a key:
// another TLS version or cipher suite would not cure it. False for an
// unassigned number.
func AlertAboutIdentity(number int) bool { return alerts()[number].Identity }
