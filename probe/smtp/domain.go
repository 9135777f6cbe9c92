package smtp

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Limits of a domain in octets, as A-labels without the trailing dot.
const (
	maxDomainOctets = 253  // RFC 1035 §2.3.4 allows 255 in its wire form; RFC 5321 §4.5.3.1.2 allows 255 written
	maxLabelOctets  = 63   // RFC 1035 §2.3.4
	maxTypedBytes   = 1024 // of what is converted at all: punycode takes time
)

// SyntaxError says which rule a mail address, domain or EHLO name breaks. It
// never holds the text that was read.
type SyntaxError struct {
	Subject string // "mail address", "domain", "EHLO name"
	Fault   Fault
}

// Error is the fault in one clause without the text that was read.
func (e *SyntaxError) Error() string { return "the " + e.Subject + " " + string(e.Fault) }

// Fault is a rule that was broken, in words that follow "It".
type Fault string

// The faults.
const (
	FaultEmpty       Fault = "is empty"
	FaultLength      Fault = "is too long"
	FaultInvisible   Fault = "holds a character that cannot be seen"
	FaultCharacter   Fault = "holds a character that no host name may hold"  // RFC 5890 §2.3.1
	FaultHyphen      Fault = "has a label that begins or ends with a hyphen" // RFC 5890 §2.3.1
	FaultEmptyLabel  Fault = "has two dots in a row, or begins with one"
	FaultLabelLength Fault = "has a label longer than 63 octets"
	FaultIDN         Fault = "is not a valid internationalised name"  // RFC 5891 §5
	FaultNumber      Fault = "ends in a number, as only addresses do" // RFC 3696 §2
	FaultLiteral     Fault = "is not an address in brackets, such as [192.0.2.7] or [IPv6:2001:db8::1]"
	FaultBareAddress Fault = "is an address without its brackets, such as [192.0.2.7] or [IPv6:2001:db8::1]"
	FaultNoAt        Fault = "has no @ between name and domain"
	FaultLocal       Fault = "has something before the @ that is not allowed there"
	FaultLocalLength Fault = "has more than 64 octets before the @"
	FaultSourceRoute Fault = "names a route, which is obsolete" // RFC 5321 §4.1.2, appendix C
)

// ParseDomain reads a host name to look up, ASCII or internationalised, and
// returns its A-labels (RFC 5890 §2.3.2.1) in lower case without the
// trailing dot: 1 to 253 octets, labels of 1 to 63. It holds letters, digits,
// hyphens and, because names with them are in use, underscores. One label is
// enough. A name whose last label is a number is refused: it is an address
// written in an unusual form. Errors: *SyntaxError.
func ParseDomain(s string) (string, error) {
	domain, fault := toALabels(s)
	if fault != "" {
		return "", &SyntaxError{"domain", fault}
	}
	return domain, nil
}

// ParseHelloName reads the argument of EHLO or HELO (RFC 5321 §4.1.1.1): a
// domain without underscores, or an address literal, which comes out in its
// canonical form. Errors: *SyntaxError.
func ParseHelloName(s string) (string, error) {
	name, fault := mailDomain(s)
	if _, err := netip.ParseAddr(s); err == nil {
		fault = FaultBareAddress
	}
	if fault != "" {
		return "", &SyntaxError{"EHLO name", fault}
	}
	return name, nil
}

// AddressLiteral is an address as EHLO and mailboxes carry it (RFC 5321
// §4.1.3): [192.0.2.7] or [IPv6:2001:db8::1]. An IPv4 address that is mapped
// into IPv6 is written as IPv4, and a zone is left out. "" for the zero Addr.
func AddressLiteral(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return bracket(a.Unmap().WithZone(""))
}

func bracket(a netip.Addr) string {
	if a.Is4() {
		return "[" + a.String() + "]"
	}
	return "[IPv6:" + a.String() + "]"
}

// addressLiteral reads [192.0.2.7] or [IPv6:2001:db8::1]. Literals of other
// kinds have a registry (RFC 5321 §4.1.3), but nothing is in it.
func addressLiteral(s string) (string, Fault) {
	body, closed := strings.CutSuffix(strings.TrimPrefix(s, "["), "]")
	tagged := len(body) > 5 && strings.EqualFold(body[:5], "IPv6:")
	if tagged {
		body = body[5:]
	}
	a, err := netip.ParseAddr(body)
	if !closed || err != nil || a.Zone() != "" || a.Is4() == tagged {
		return "", FaultLiteral
	}
	return bracket(a), ""
}

// lookup maps as UTS 46 and RFC 5895 say. ASCII is judged by labelsFault
// instead: names with underscores, and with two hyphens in the third and
// fourth place, are in use though idna refuses them.
var lookup = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(),
	idna.StrictDomainName(false), idna.CheckHyphens(false))

// toALabels is the one way from a typed name to the name that is looked up
// or sent: mapped, then limited to the letters, digits and hyphens of RFC 5890
// §2.3.1, and underscores.
func toALabels(s string) (string, Fault) {
	if len(s) > maxTypedBytes {
		return "", FaultLength
	}
	domain, err := lookup.ToASCII(s)
	domain = strings.TrimSuffix(domain, ".")
	again, errAgain := lookup.ToASCII(domain)
	switch {
	case domain == "":
		return "", FaultEmpty
	case unseen(s):
		return "", FaultInvisible
	// idna lets some names pass whose A-labels it then refuses.
	case err != nil || errAgain != nil || again != domain:
		return "", FaultIDN
	case len(domain) > maxDomainOctets:
		return "", FaultLength
	}
	return domain, labelsFault(strings.Split(domain, "."))
}

func labelsFault(labels []string) Fault {
	for _, l := range labels {
		switch {
		case l == "":
			return FaultEmptyLabel
		case len(l) > maxLabelOctets:
			return FaultLabelLength
		case strings.ContainsFunc(l, func(r rune) bool { return !alphanumeric(r) && r != '-' && r != '_' }):
			return FaultCharacter
		case l[0] == '-' || l[len(l)-1] == '-':
			return FaultHyphen
		}
	}
	if numeric(labels[len(labels)-1]) {
		return FaultNumber
	}
	return ""
}

// numeric reports a label that some resolvers would read as part of an IPv4
// address: decimal, octal or hexadecimal (inet_aton's forms).
func numeric(label string) bool {
	digits := "0123456789"
	if hex, found := strings.CutPrefix(label, "0x"); found {
		label, digits = hex, "0123456789abcdef"
	}
	return strings.Trim(label, digits) == ""
}

// unseen reports octets that are no character or one that does not show.
func unseen(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !visible(r) })
}

func alphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// DisplayDomain is a name from ParseDomain with U-labels where it has
// internationalised ones (RFC 5890 §2.3.2.1), for people to read beside the
// A-labels. A name that cannot be shown safely comes back as it is.
func DisplayDomain(domain string) string {
	shown, err := idna.Display.ToUnicode(domain)
	if err != nil {
		return domain
	}
	return Printable([]byte(shown))
}
