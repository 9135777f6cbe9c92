package command

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/smtp"
)

// target is a server as it was written.
type target struct {
	host   string // A-labels or an address
	shown  string // U-labels or the address
	port   uint16 // 0: not named
	scheme scheme // zero: none
}

// scheme is what may stand in front of "://".
type scheme struct {
	name     string
	port     uint16         // when none is named; 0: DefaultPort
	security probe.Security // empty: the scheme says nothing about it
}

// schemes are those that mail programs know. The last two say nothing: chat
// clients put them in front of anything with a dot.
var schemes = []scheme{
	{"smtp", 0, ""},
	{"submission", 587, ""},
	{"smtps", 465, probe.SecurityImplicit},
	{"submissions", 465, probe.SecurityImplicit}, // RFC 8314 §7.3
	{"http", 0, ""},
	{"https", 0, ""},
}

// services are the names of ports (IANA "Service Name and Transport Protocol
// Port Number Registry"; smtps is in wide use for submissions).
var services = map[string]uint16{"smtp": 25, "smtps": 465, "submission": 587, "submissions": 465}

// readTarget reads [SCHEME://]HOST[:PORT].
func readTarget(text string, d Dialect) (target, *UsageError) {
	var t target
	rest, err := t.cutScheme(trimTarget(text))
	if err != nil {
		return target{}, err
	}
	rest = strings.TrimRight(rest, "/")
	switch {
	case strings.Contains(rest, "@"):
		return target{}, &UsageError{ID: formatting.UsageMailAddress}
	case strings.ContainsAny(rest, `/\?#`):
		return target{}, &UsageError{ID: formatting.UsageBehindPort}
	}
	host, port, err := splitHostPort(rest)
	if err != nil {
		return target{}, err
	}
	if t.port, err = optionalPort(port); err != nil {
		return target{}, err
	}
	return t, t.setHost(host, d)
}

// trimTarget takes off what surrounds a host in running text.
func trimTarget(text string) string {
	return strings.TrimRight(strings.TrimLeft(text, "(<*"), ",;!?.)>*")
}

func (t *target) cutScheme(text string) (rest string, err *UsageError) {
	name, rest, found := strings.Cut(text, "://")
	if !found {
		return text, nil
	}
	for _, s := range schemes {
		if strings.EqualFold(s.name, name) {
			t.scheme = s
			return rest, nil
		}
	}
	return "", &UsageError{ID: formatting.UsageUnknownScheme}
}

// splitHostPort splits at the colon that is not part of an IPv6 address.
// Brackets come off (RFC 3986 §3.2.2), and so does the tag of an address
// literal (RFC 5321 §4.1.3).
func splitHostPort(text string) (host, port string, err *UsageError) {
	if inner, found := strings.CutPrefix(text, "["); found {
		host, tail, closed := strings.Cut(inner, "]")
		port, colon := strings.CutPrefix(tail, ":")
		if _, isAddress := readAddress(host); !isAddress || !closed || tail != "" && !colon {
			return "", "", &UsageError{ID: formatting.UsageBadHost, Reason: string(smtp.FaultLiteral)}
		}
		return host, port, nil
	}
	if _, isAddress := readAddress(text); isAddress {
		return text, "", nil
	}
	host, port, _ = strings.Cut(text, ":")
	if strings.Contains(port, ":") {
		return "", "", &UsageError{ID: formatting.UsageBadHost, Reason: "has more than one colon and is not an IPv6 address"}
	}
	return host, port, nil
}

func optionalPort(text string) (uint16, *UsageError) {
	if text == "" {
		return 0, nil
	}
	port, ok := readPort(text)
	if !ok {
		return 0, &UsageError{ID: formatting.UsageBadPort, Suggestion: near(text, slices.Sorted(maps.Keys(services)))}
	}
	return port, nil
}

// readPort reads a port number, 1 to 65535, or a service name.
func readPort(text string) (uint16, bool) {
	if port, ok := services[strings.ToLower(text)]; ok {
		return port, true
	}
	if !digits(text) {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return uint16(n), err == nil && n > 0
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func (t *target) setHost(host string, d Dialect) *UsageError {
	if a, ok := readAddress(host); ok {
		t.host, t.shown = a.String(), a.String()
		return nil
	}
	if host == "" {
		return &UsageError{ID: formatting.UsageNoTarget}
	}
	if name := strings.ToLower(host); d.Terminal && slices.Contains(d.Hosts, name) { // of the sandbox: “tls-1.0” is one
		t.host, t.shown = name, name
		return nil
	}
	domain, err := smtp.ParseDomain(host)
	if err != nil {
		return hostError(err)
	}
	if _, found := findSecret([]word{{text: domain}}); found { // in capitals, say, or in parentheses
		return &UsageError{ID: formatting.UsageSecret}
	}
	if !strings.Contains(domain, ".") && !d.singleLabel(domain) {
		return &UsageError{ID: formatting.UsageSingleLabel}
	}
	t.host, t.shown = domain, smtp.DisplayDomain(domain)
	return nil
}

func hostError(err error) *UsageError {
	syntax, _ := errors.AsType[*smtp.SyntaxError](err)
	if syntax != nil && syntax.Fault == smtp.FaultNumber {
		return &UsageError{ID: formatting.UsageHostNumber}
	}
	return &UsageError{ID: formatting.UsageBadHost, Reason: faultOf(err)}
}

// faultOf is the rule that was broken, in words that follow "It".
func faultOf(err error) string {
	if syntax, ok := errors.AsType[*smtp.SyntaxError](err); ok {
		return string(syntax.Fault)
	}
	return ""
}

// readAddress reads an address without brackets. Zones mean something on one
// machine only, and odd forms of IPv4 are not read.
func readAddress(text string) (netip.Addr, bool) {
	if len(text) > 5 && strings.EqualFold(text[:5], "IPv6:") {
		text = text[5:]
	}
	a, err := netip.ParseAddr(text)
	return a, err == nil && a.Zone() == ""
}

// singleLabel reports that a host name without a dot may be tested.
func (d Dialect) singleLabel(name string) bool {
	return d.Terminal || d.AllowSingleLabel && (len(d.Hosts) == 0 || slices.Contains(d.Hosts, name))
}
