package results

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"smtptest/probe"
	"smtptest/probe/provider"
)

// PersonKey names a person of a platform, who is the same in all its
// workspaces, servers and direct messages.
func PersonKey(p Place, person string) string { return string(p.Platform) + "\x00" + person }

// ChannelKey names a channel of a platform.
func ChannelKey(p Place) string { return p.workspace() + p.Channel }

func (p Place) workspace() string { return string(p.Platform) + "\x00" + p.Workspace + "\x00" }

// TargetKey names a server by its host name.
func TargetKey(host string) string { return strings.ToLower(host) }

// RunKey names one test, whatever is asked.
func RunKey(id string) string { return "run\x00" + id }

// RequestKey names what is asked and where, so that the same can be joined.
func RequestKey(p Place, r probe.Request) string {
	envelope := "-"
	if e := r.Envelope; e != nil {
		envelope = e.From.String() + ">"
		if e.To != nil {
			envelope += e.To.String()
		}
	}
	return fmt.Sprintf("%s\x00%s %s %d %s %s %s %t",
		ChannelKey(p), r.Target, r.Security, r.Family, r.At, r.EHLOName, envelope, r.Enforced)
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

// ProviderKey names who runs a host: a provider that is known, or whoever has
// registered the domain.
func ProviderKey(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if p, ok := provider.Of(host); ok {
		return p.ID
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return AddressKey(a)
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// AccountKey names an account without containing its name: the same for all
// names of its provider's servers, and for all spellings that lead to it.
func AccountKey(host, user string) string {
	sum := sha256.Sum256([]byte(ProviderKey(host) + "\x00" + foldUser(user, ProviderKey(host))))
	return hex.EncodeToString(sum[:])
}

// foldUser is the account that a user name leads to, as far as its spelling
// shows it. Two accounts that fold into one share a limit, which does less harm
// than one account with two.
func foldUser(user, provider string) string {
	user = strings.ToLower(strings.TrimSpace(user))
	user = user[strings.LastIndexByte(user, '\\')+1:] // DOMAIN\alice, as Windows has it
	local, domain, _ := strings.Cut(user, "@")
	local, _, _ = strings.Cut(local, "+") // RFC 5233
	switch domain = strings.Trim(domain, ". "); domain {
	case "":
		domain = provider
	case "gmail.com", "googlemail.com": // one domain, and dots do not matter
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + ProviderKey(domain)
}
