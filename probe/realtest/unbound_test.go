//go:build unix

package realtest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// validated starts Unbound, which validates the zones from the anchor of "test."
// down, and returns where it answers. more is for its configuration.
func (n *nameServer) validated(zones []string, more ...string) netip.AddrPort {
	n.Helper()
	at := netip.AddrPortFrom(freeNetwork(n, 53), 53)
	folder := n.subfolder("unbound")
	config := fmt.Sprintf("server:\n  directory: %q\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"\"\n  interface: %s\n"+
		"  use-syslog: no\n  logfile: \"\"\n  do-not-query-localhost: no\n  local-zone: \"test.\" nodefault\n"+
		"  module-config: \"validator iterator\"\n  trust-anchor: %q\n%s",
		folder, at.Addr(), strings.Join(strings.Fields(n.ds), " "), strings.Join(more, ""))
	for _, zone := range append(zones, "test") {
		config += fmt.Sprintf("stub-zone:\n  name: %q\n  stub-addr: %s@%d\n", zone+".", loopback, n.port)
	}
	file := filepath.Join(folder, "unbound.conf")
	n.write(file, []byte(config))
	n.run(exec.Command("unbound", "-d", "-p", "-c", file), filepath.Join(folder, "log"))
	for until := time.Now().Add(startLimit); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if c, err := net.DialTimeout("tcp", at.String(), time.Second); err == nil {
			c.Close()
			return at
		}
	}
	n.Fatal("the resolver does not answer")
	return at
}

// freeNetwork is the first address of a /24 of loopback in which nobody has a
// port. Ports such as 53 cannot be chosen: the C library asks no other.
func freeNetwork(t testing.TB, port uint16) netip.Addr {
	t.Helper()
	for range 100 {
		at := netip.AddrFrom4([4]byte{127, byte(1 + rand.IntN(250)), byte(rand.IntN(256)), 1})
		if l, err := net.Listen("tcp", netip.AddrPortFrom(at, port).String()); err == nil {
			l.Close()
			return at
		}
	}
	t.Fatalf("port %d is in use on every address", port)
	return netip.Addr{}
}

// posttlsFinger is Postfix's client.
const posttlsFinger = "/usr/sbin/posttls-finger"

// fingerRoot makes a folder in which posttls-finger can live after chroot, and
// asks this name server. It says that DNSSEC is there if "test." is proven.
func (s *site) fingerRoot(dns netip.AddrPort) string {
	s.Helper()
	root := s.rootFor(posttlsFinger)
	for name, text := range map[string]string{
		"etc/resolv.conf": "nameserver " + dns.Addr().String() + "\n", "etc/nsswitch.conf": "hosts: dns\n",
		"etc/postfix/main.cf": "compatibility_level = 3.6\ndnssec_probe = ns:test\n", "etc/services": "smtp 25/tcp\n",
	} {
		must(s, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		must(s, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	return root
}

// rootFor makes a folder in which a program of this machine can live after chroot.
func (s *site) rootFor(program string) string {
	s.Helper()
	root := s.subfolder("root-" + filepath.Base(program))
	libraries, err := exec.Command("ldd", program).Output()
	must(s, err)
	args := []string{"-L", "--parents", "-t", root, "/etc/passwd", "/etc/group", program}
	args = append(args, regexp.MustCompile(`/\S+`).FindAllString(string(libraries), -1)...)
	if out, err := exec.Command("cp", args...).CombinedOutput(); err != nil {
		s.Fatalf("cp: %v\n%s", err, out)
	}
	return root
}
