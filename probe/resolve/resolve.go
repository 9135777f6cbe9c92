// Package resolve turns a host name into addresses, and says why there are
// none.
//
// Addresses come from the system's resolver, hosts file included: what any
// other client on this machine would get. The name is looked up absolute, so
// that no search list changes its meaning. Only when that brings no address
// is one question put to the name servers directly (RFC 1035 §4), for the
// name's MX records: its answer distinguishes a name that does not exist from one
// that has no address (RFC 2308 §2), and names the mail servers when a mail
// domain was given instead of a server. After SERVFAIL the same question is
// asked once more with checking disabled, which distinguishes a failed DNSSEC
// validation (RFC 4035 §5.5) from a name server that cannot answer.
//
// It never asks by itself about a name that it found in an answer, never dials what it
// found, never validates DNSSEC itself and never keeps an answer for later.
// Who may be asked about is the business of package guard.
package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Limits of a lookup.
const (
	addressesLimit = 10 * time.Second // resolv.conf(5) waits 5 s for a name server: the second still has its turn
	maxAddresses   = 32               // no mail server is known to have more
)

// Resolver looks names up. The zero value asks the system and its name
// servers. It is only read, so it may be shared.
type Resolver struct {
	servers []netip.AddrPort // nil: those that the system lists
	system  *net.Resolver    // nil: the system's
}

// At is a Resolver that asks these name servers instead of the system's, the
// first one for addresses. The hosts file still comes before them.
func At(servers ...netip.AddrPort) *Resolver {
	servers = append([]netip.AddrPort{}, servers...)
	toFirst := func(ctx context.Context, network, _ string) (net.Conn, error) {
		if len(servers) == 0 {
			return nil, errNobody
		}
		return dial(ctx, network, servers[0].String())
	}
	return &Resolver{servers: servers, system: &net.Resolver{PreferGo: true, Dial: toFirst}}
}

// ParseServer reads the address of a name server, with or without a port: 53 is
// the usual one. A host name is an error, for somebody would have to look it up.
func ParseServer(text string) (netip.AddrPort, error) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at, nil
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return netip.AddrPortFrom(addr, 53), err
}

var errNobody = errors.New("there is no name server to ask")

// dial opens a name server's socket for a net.Resolver and closes it when the
// lookup is given up: net.Resolver would wait for the time limit of
// resolv.conf(5).
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err == nil {
		context.AfterFunc(ctx, func() { conn.Close() })
	}
	return conn, err
}

// NameError says that a host is no name that could be looked up.
type NameError struct{ Reason string }

// Error names the reason, never the name.
func (e *NameError) Error() string { return "the name cannot be looked up: " + e.Reason }

// Addresses lists a host's addresses, IPv4-mapped ones as IPv4, each once, at
// most 32, in the system's order of preference (RFC 6724 §6). host is a name
// of ASCII labels with or without the final dot, or an IP address, which is
// returned as it is. It takes at most 10 s. A lookup by the C library cannot
// be called off and may go on behind the scenes for a while.
//
// Errors: *NameError before anything is asked, and *net.DNSError, whose
// IsNotFound says that there is no address and whose IsTimeout that there
// was no answer. Explanation.After wants that error.
func (r *Resolver) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr.Unmap()}, nil
	}
	name, err := absolute(host)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, addressesLimit)
	defer cancel()
	if found := inHostsFile(ctx, strings.TrimSuffix(name, ".")); len(found) > 0 {
		return distinct(found), nil
	}
	found, err := r.resolver().LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, err
	}
	return distinct(found), nil
}

// inHostsFile looks a name up where the final dot is unknown: with it, Go
// does not find single labels in the hosts file, and some C libraries no name
// at all. Without a name server the lookup ends there, so that the search
// list does no harm.
func inHostsFile(ctx context.Context, name string) []netip.Addr {
	nobody := func(context.Context, string, string) (net.Conn, error) { return nil, errNobody }
	r := &net.Resolver{PreferGo: true, Dial: nobody}
	found, err := r.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil
	}
	return found
}

func (r *Resolver) resolver() *net.Resolver {
	if r.system == nil {
		return &net.Resolver{Dial: dial}
	}
	return r.system
}

// distinct keeps the order.
func distinct(found []netip.Addr) []netip.Addr {
	var out []netip.Addr
	seen := map[netip.Addr]bool{}
	for _, addr := range found {
		addr = addr.Unmap()
		if !seen[addr] && len(out) < maxAddresses {
			seen[addr] = true
			out = append(out, addr)
		}
	}
	return out
}

// absolute ends a name in a dot. What it refuses could not be sent, or
// would be sent as another name than the one that was meant: a backslash
// begins an escape (RFC 1035 §5.1).
func absolute(host string) (string, error) {
	name := strings.TrimSuffix(host, ".")
	if len(name) > 253 {
		return "", &NameError{"it is longer than 253 octets (RFC 1035 §2.3.4)"}
	}
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case label == "":
			return "", &NameError{"a label is empty"}
		case len(label) > 63:
			return "", &NameError{"a label is longer than 63 octets (RFC 1035 §2.3.4)"}
		case strings.ContainsFunc(label, outsideNames):
			return "", &NameError{"it holds a character other than letters, digits, hyphens and underscores"}
		}
	}
	return name + ".", nil
}

func outsideNames(c rune) bool {
	letter := c|0x20 >= 'a' && c|0x20 <= 'z'
	return !letter && (c < '0' || c > '9') && c != '-' && c != '_'
}
