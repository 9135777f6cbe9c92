package probe

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"time"
)

// What other measurements of a server share with a probe: the way to it, and
// the words for what goes wrong.

// Addresses looks a target up and leaves out what the policy or the family
// forbids, as Probe does. What it returns may be dialled as it is, in this
// order; where there is nothing, Lookup.Failure says why.
func (l *Local) Addresses(ctx context.Context, req Request) (Lookup, []netip.Addr) {
	r := &run{local: l, req: req.own(), began: time.Now()}
	addresses := r.lookup(ctx)
	return r.report.Lookup, addresses
}

// Connect opens a connection to an address that Addresses returned, and asks
// the guard once more.
func (l *Local) Connect(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	return l.dial(ctx, l.Policy, to)
}

// FailureOf translates an error of a connection. ctx decides whether the run
// itself was over; limit is how long was waited.
func FailureOf(ctx context.Context, err error, limit time.Duration) *Failure {
	return failureOf(ctx, err, limit)
}

// CertificateOf describes a certificate as it was sent, as far as it can be read.
// Its cost is linear in the octets, which the caller bounds.
func CertificateOf(der []byte) Certificate {
	if c, err := x509.ParseCertificate(der); err == nil {
		return describe(c)
	}
	return readCertificate(der)
}
