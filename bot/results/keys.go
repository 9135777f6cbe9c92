package results

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"smtptest/probe"
)

// PersonKey names a person of a platform.
func PersonKey(p Place, person string) string { return p.workspace() + person }

// ChannelKey names a channel of a platform.
func ChannelKey(p Place) string { return p.workspace() + p.Channel }

func (p Place) workspace() string { return string(p.Platform) + "\x00" + p.Workspace + "\x00" }

// RequestKey names what is asked and where, so that the same can be joined.
func RequestKey(p Place, r probe.Request) string {
	envelope := "-"
	if e := r.Envelope; e != nil {
		envelope = e.From.String() + ">"
		if e.To != nil {
			envelope += e.To.String()
		}
	}
	return fmt.Sprintf("%s\x00%s %s %d %s %s %s",
		ChannelKey(p), r.Target, r.Security, r.Family, r.At, r.EHLOName, envelope)
}

var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// AddressKey names what counts as one server: an address of IPv4, a /64 of
// IPv6.
func AddressKey(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) { // the translator of the whole network (RFC 6052 §2.1): the server is behind it
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if a.Is4() {
		return a.String()
	}
	prefix, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return prefix.String()
}

// AccountKey names an account without containing its name.
func AccountKey(host, user string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(host) + "\x00" + strings.ToLower(user)))
	return hex.EncodeToString(sum[:])
}
