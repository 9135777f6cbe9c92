// Package blocklist asks DNS block lists about IP addresses (RFC 5782).
//
// A list is asked about its test points first: one that does not list 127.0.0.2,
// or lists 127.0.0.1 too, is broken, gone, or gives this name server no answers
// (RFC 5782 §5). What it would say about an address is not known then.
package blocklist

import (
	"context"
	"encoding/hex"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"smtptest/probe/dnssec"
	"smtptest/probe/resolve"
	"smtptest/probe/smtp"
)

// Limits of one run. With all lists and addresses at most 200 questions are
// asked: four about test points, one an address, one a reason.
const (
	MaxZones        = 10
	MaxAddresses    = 12
	maxReasons      = 4   // of one list
	maxUnanswered   = 2   // questions that a list leaves open before it is asked no more
	maxCodes        = 8   // answers kept about one address
	maxReasonOctets = 300 // of a TXT record; RFC 5782 §2.1 has a sentence or a URL there
)

// Zone is a list by its zone. Zones of customers hold their key in a label, so
// that a Zone prints without it.
type Zone struct{ name string }

// maxZoneOctets leaves room for an IPv6 address in a name of 253 (RFC 1035 §2.3.4).
const maxZoneOctets = 180

// ParseZone reads a zone as an operator names it.
func ParseZone(text string) (Zone, error) {
	name, err := smtp.ParseDomain(strings.TrimSuffix(text, "."))
	switch {
	case err != nil:
		return Zone{}, err
	case len(name) > maxZoneOctets:
		return Zone{}, errLong
	}
	return Zone{strings.ToLower(name)}, nil
}

type zoneError string

// Error implements error.
func (e zoneError) Error() string { return string(e) }

const errLong = zoneError("it is longer than 180 octets")

// keyOctets is the length from which on a label is taken for a key; those of
// Spamhaus have 26, and no list is known to have a name as long.
const keyOctets = 20

// String is the zone as it may be shown.
func (z Zone) String() string {
	labels := strings.Split(z.name, ".")
	for i, label := range labels {
		if len(label) >= keyOctets {
			labels[i] = "…"
		}
	}
	return strings.Join(labels, ".")
}

// hide takes the keys out of a list's own words.
func (z Zone) hide(text string) string {
	for label := range strings.SplitSeq(z.name, ".") {
		if len(label) >= keyOctets {
			text = regexp.MustCompile("(?i)"+regexp.QuoteMeta(label)).ReplaceAllString(text, "…")
		}
	}
	return text
}

// Asker puts questions to name servers; *dnssec.Run is one.
type Asker interface {
	Unproven(ctx context.Context, name string, t resolve.Type) dnssec.Answer
}

// Check is what a list's test points say about the list.
type Check string

// The outcomes of a check.
const (
	Good     Check = "good"          // it lists the one and not the other
	NoPoint  Check = "no-test-point" // 127.0.0.2 is not listed: the list is gone, or has no addresses of this family
	ListsAll Check = "lists-all"     // 127.0.0.1 is listed too
	Refused  Check = "refused"       // it answers with an error, see Code
	Silent   Check = "no-answer"     // no answer that says anything
)

// List is what one list says.
type List struct {
	Zone       string     // as it may be shown
	IP4, IP6   Check      // empty: there was no address of this family
	Code       netip.Addr // the error that it answers with; zero: none was seen
	Asked      int        // addresses that it was asked about, and answered for
	Unanswered int        // addresses that it was not asked about, or gave no answer for
	Listings   []Listing
}

// Listing is one address on a list.
type Listing struct {
	IP     netip.Addr
	Codes  []netip.Addr // what the list answers, in 127.0.0.0/8; what each means is the list's own
	Reason string       // in the list's words, printable; empty: it gives none, or was not asked
}

// Ask asks one list about addresses, one question after the other.
func Ask(ctx context.Context, ask Asker, zone Zone, addresses []netip.Addr) List {
	l := &lookup{ask: ask, zone: zone, list: List{Zone: zone.String()}}
	for _, ip := range addresses[:min(len(addresses), MaxAddresses)] {
		check := &l.list.IP4
		if ip.Is6() {
			check = &l.list.IP6
		}
		if *check == "" {
			*check = l.check(ctx, ip.Is6())
		}
		if *check != Good || l.open == maxUnanswered || ctx.Err() != nil {
			l.list.Unanswered++
			continue
		}
		l.address(ctx, ip)
	}
	return l.list
}

// lookup is one list while it is asked.
type lookup struct {
	ask  Asker
	zone Zone
	list List
	open int // questions that it left open
}

// testPoint is one of those that a list must have, 127.0.0.2, and must not
// have, 127.0.0.1. For IPv6 they are the same, mapped (RFC 5782 §5).
func testPoint(last byte) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, last}) }

// check asks about the test points.
func (l *lookup) check(ctx context.Context, six bool) Check {
	if codes, outcome := l.codes(ctx, testPoint(2), six); outcome != Good {
		return outcome
	} else if len(codes) == 0 {
		return NoPoint
	}
	switch codes, outcome := l.codes(ctx, testPoint(1), six); {
	case outcome != Good:
		return outcome
	case len(codes) > 0:
		return ListsAll
	}
	return Good
}

func (l *lookup) address(ctx context.Context, ip netip.Addr) {
	codes, outcome := l.codes(ctx, ip, ip.Is6())
	if outcome != Good {
		l.open++
		l.list.Unanswered++
		return
	}
	l.list.Asked++
	if len(codes) == 0 {
		return
	}
	listing := Listing{IP: ip, Codes: codes}
	if len(l.list.Listings) < maxReasons {
		listing.Reason = l.reason(ctx, ip)
	}
	l.list.Listings = append(l.list.Listings, listing)
}

// codes are a list's answers about an address; none: it is not listed. An
// answer outside 127.0.0.0/8 is none of a list (RFC 5782 §2.1), but of whoever
// has bought its name.
func (l *lookup) codes(ctx context.Context, ip netip.Addr, six bool) (codes []netip.Addr, outcome Check) {
	a := l.ask.Unproven(ctx, l.name(ip, six), resolve.TypeA)
	switch a.Outcome {
	case resolve.NoName, resolve.NoData:
		return nil, Good
	case "":
	default:
		return nil, Silent
	}
	outcome = Silent
	for _, rr := range a.Records {
		switch {
		case isError(rr.IP):
			l.list.Code = rr.IP
			return nil, Refused
		case rr.IP.IsLoopback() && len(codes) < maxCodes && !slices.Contains(codes, rr.IP):
			codes, outcome = append(codes, rr.IP), Good
		}
	}
	return codes, outcome
}

// isError reports an answer about the question instead of the address: to those
// in 127.255.255.0/24 belong “public resolver” and “too many questions”
// (https://www.spamhaus.org/news/article/788/). 127.0.0.1 is no listing by
// convention, and some lists refuse with it.
func isError(ip netip.Addr) bool {
	b := ip.As4()
	return ip.IsLoopback() && (ip == testPoint(1) || b[1] == 255 && b[2] == 255)
}

// reason is what a list says about a listing.
func (l *lookup) reason(ctx context.Context, ip netip.Addr) string {
	a := l.ask.Unproven(ctx, l.name(ip, ip.Is6()), resolve.TypeTXT)
	if len(a.Records) == 0 {
		return ""
	}
	text := l.zone.hide(a.Records[0].Text)
	if len(text) > maxReasonOctets {
		text = strings.ToValidUTF8(text[:maxReasonOctets], "") + "…"
	}
	return smtp.Printable([]byte(text))
}

// name is what a list is asked for: the parts of the address backwards, octets
// of an IPv4 address or nibbles of an IPv6 address (RFC 5782 §2.1, §2.4).
func (l *lookup) name(ip netip.Addr, six bool) string {
	var parts []string
	if six {
		octets := ip.As16()
		parts = strings.Split(hex.EncodeToString(octets[:]), "")
	} else {
		parts = strings.Split(ip.String(), ".")
	}
	slices.Reverse(parts)
	return strings.Join(parts, ".") + "." + l.zone.name
}
