package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"

	"github.com/miekg/dns"
)

// The answers of an Explanation; package probe has the same words.
const (
	NoName   = "nxdomain" // the name does not exist (RFC 2308 §2.1)
	NoData   = "nodata"   // the name exists but has no address (RFC 2308 §2.2)
	ServFail = "servfail" // the name server could not answer (RFC 1035 §4.1.1)
	Bogus    = "bogus"    // SERVFAIL that turns into an answer with checking disabled (RFC 4035 §5.5)
	Timeout  = "timeout"  // no name server answered in time
	Unknown  = "unknown"  // an answer that explains nothing, none that could be read, or nobody to ask
)

// Explanation says why a name has no address. Text in it is printable and
// bounded.
type Explanation struct {
	Answer string // one of NoName, NoData, ServFail, Bogus, Timeout, Unknown
	// MX is there with NoData, and with Unknown where only the system can be
	// asked; sorted by preference, then by name, each once.
	MX        []MX
	MXOmitted int // records beyond the 20 that are kept
	// Alias is where the name's chain of aliases ends; with NoName it is this one
	// that does not exist (RFC 6604 §3). Empty: no alias.
	Alias  string
	Server string // the name server's address and port; empty: none was asked directly
}

// Why asks the name servers why a host has no address. Call it only after
// Addresses brought none: that the name has none is taken from there. It
// takes at most 5 s for each of at most two questions.
func (r *Resolver) Why(ctx context.Context, host string) Explanation {
	name, err := absolute(host)
	if err != nil {
		return Explanation{Answer: Unknown}
	}
	servers := r.nameServers()
	if len(servers) == 0 {
		return r.systemMX(ctx, name)
	}
	got := askInTurn(ctx, servers, question(name))
	if got.err != nil {
		return Explanation{Answer: unanswered(got.err), Server: got.server.String()}
	}
	e := explain(got.message)
	e.Server = got.server.String()
	if e.Answer == ServFail && answersUnchecked(ctx, got.server, name) {
		e.Answer = Bogus
	}
	return e
}

// After compares an explanation with the error with which Addresses had
// ended. That a name has no address was not seen when the question for
// addresses failed, however well the one for MX was answered.
func (e Explanation) After(err error) Explanation {
	var lookup *net.DNSError
	if e.Answer != NoData || !errors.As(err, &lookup) || lookup.IsNotFound {
		return e
	}
	switch {
	case lookup.IsTimeout:
		e.Answer = Timeout
	case lookup.IsTemporary:
		e.Answer = ServFail
	default:
		e.Answer = Unknown
	}
	return e
}

// resolvConf is the system's list of name servers, see resolv.conf(5).
const resolvConf = "/etc/resolv.conf"

// nameServers are the first of the system's name servers, none when the
// system keeps no such list.
func (r *Resolver) nameServers() []netip.AddrPort {
	if r.servers != nil {
		return r.servers[:min(len(r.servers), maxServers)]
	}
	file, err := os.Open(resolvConf)
	if err != nil {
		return nil
	}
	defer file.Close()
	config, err := dns.ClientConfigFromReader(file)
	if err != nil {
		return nil
	}
	return listed(config.Servers)
}

// listed reads the addresses of name servers. Where none is listed the
// machine itself is one, see resolv.conf(5).
func listed(addresses []string) []netip.AddrPort {
	if len(addresses) == 0 {
		addresses = []string{"127.0.0.1"}
	}
	var out []netip.AddrPort
	for _, s := range addresses {
		if addr, err := netip.ParseAddr(s); err == nil && len(out) < maxServers {
			out = append(out, netip.AddrPortFrom(addr, 53))
		}
	}
	return out
}

// systemMX is for systems that do not say where their name servers are.
func (r *Resolver) systemMX(ctx context.Context, name string) Explanation {
	ctx, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	// With names that Go refuses there are records beside the error.
	records, _ := r.resolver().LookupMX(ctx, name)
	e := Explanation{Answer: Unknown}
	var found []MX
	for _, mx := range records {
		found = append(found, MX{mx.Pref, hostText(mx.Host)})
	}
	e.MX, e.MXOmitted = orderMX(found)
	return e
}

// unanswered is the answer when no message came that could be read.
func unanswered(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || timedOut(err) {
		return Timeout
	}
	return Unknown
}

// answersUnchecked asks again with the CD bit set: what a validating name
// server then gives out had not passed its validation.
func answersUnchecked(ctx context.Context, server netip.AddrPort, name string) bool {
	q := question(name)
	q.CheckingDisabled = true
	got := askInTurn(ctx, []netip.AddrPort{server}, q)
	return got.err == nil && definite(got.message)
}
