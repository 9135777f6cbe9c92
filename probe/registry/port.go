package registry

import (
	"fmt"
	"strconv"
	"sync"
)

// Port is what is known of a TCP port that a mail client may be pointed at.
type Port struct {
	Number    uint16
	Service   string // IANA's service name; empty: none that says something of use
	Speaks    string // the protocol, by the name that Protocol gives it
	Implicit  bool   // TLS comes first (RFC 8314 §3); false: the session begins in cleartext
	Reference string // RFC and section; empty: common practice
	Meaning   string // one line
}

var ports = sync.OnceValue(func() map[uint16]Port {
	return load("ports.tsv", 6, readPort)
})

func readPort(c []string) (uint16, Port, error) {
	n, err := strconv.ParseUint(c[0], 10, 16)
	if err != nil || n == 0 {
		return 0, Port{}, fmt.Errorf("%q is not a port", c[0])
	}
	implicit, err := yes(c[3])
	return uint16(n), Port{Number: uint16(n), Service: c[1], Speaks: c[2],
		Implicit: implicit, Reference: c[4], Meaning: c[5]}, err
}

// PortOf is the row of a port. ok is false for a port that nothing is known
// of.
func PortOf(port uint16) (p Port, ok bool) {
	p, ok = ports()[port]
	return p, ok
}
