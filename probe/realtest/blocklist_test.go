//go:build unix

package realtest

import (
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"smtptest/probe/blocklist"
	"smtptest/probe/dnssec"
	"smtptest/probe/resolve"
)

// TestBlockLists asks rbldnsd, which serves block lists (and mapped IPv6 addresses
// from lists of IPv4): a good one with both
// families, one that lists everything, one that is refused, one that it has not.
func TestBlockLists(t *testing.T) {
	s := newSite(t)
	at := netip.AddrPortFrom(netip.MustParseAddr(loopback), freePorts(s, 1)[0])
	folder := s.subfolder("lists")
	var args []string
	for name, data := range map[string]string{
		"good.test:ip4set":  ":4:Listed, see https://good.test/$\n127.0.0.2\n192.0.2.0/24\n!192.0.2.9\n",
		"good.test:ip6trie": ":3:Listed\n0:0:0:0:0:ffff:7f00:2/128\n2001:db8:0:0/64\n",
		"all.test:ip4set":   ":2:All\n127.0.0.0/8\n",
		"shut.test:ip4set":  ":127.255.255.254:Error\n127.0.0.0/8\n",
	} {
		file := fmt.Sprintf("list%d", len(args))
		s.publish(filepath.Join(folder, file), data)
		args = append(args, name+":"+file)
	}
	s.run(exec.Command("rbldnsd", append([]string{"-n", "-w", folder, "-b", fmt.Sprintf("%s/%d", at.Addr(), at.Port())},
		args...)...), folder)
	ask := dnssec.NewRun(resolve.At(at), nil)
	for until := time.Now().Add(startLimit); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if ask.Unproven(t.Context(), "2.0.0.127.good.test", resolve.TypeA).Outcome == "" {
			break
		}
	}
	addresses := []netip.Addr{
		netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr("2001:db8::5"),
		netip.MustParseAddr("2001:db8:1::5"),
	}
	for zone, want := range map[string]string{
		"good.test": "good good 4 [{192.0.2.1 [127.0.0.4] Listed, see https://good.test/192.0.2.1} " +
			"{2001:db8::5 [127.0.0.3] Listed}]",
		"all.test":  "lists-all lists-all 0 []",
		"shut.test": "refused refused 0 []",
		"gone.test": "no-answer no-answer 0 []",
	} {
		z, err := blocklist.ParseZone(zone)
		must(t, err)
		l := blocklist.Ask(t.Context(), ask, z, addresses)
		if got := fmt.Sprint(l.IP4, " ", l.IP6, " ", l.Asked, " ", l.Listings); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", zone, got, want)
		}
	}
}
