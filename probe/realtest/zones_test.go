//go:build unix

package realtest

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"smtptest/probe/dnssec"
	"smtptest/probe/resolve"
)

// nameServer is Knot DNS with zones that BIND's tools have signed: neither is
// a part of what is tested.
type nameServer struct {
	*site
	folder string
	port   uint16
	ds     string // of "test.", the topmost zone
}

// signed makes a zone below "test." and signs it; options shift the dates or
// leave out the check of what was signed.
func (n *nameServer) signed(zone, records string, options ...string) {
	n.Helper()
	n.unsigned(zone, records)
	for _, flag := range []string{"KSK", ""} {
		args := []string{"-q", "-a", "ECDSAP256SHA256", "-K", n.folder}
		if flag != "" {
			args = append(args, "-f", flag)
		}
		n.tool("dnssec-keygen", append(args, zone)...)
	}
	args := append([]string{"-q", "-S", "-K", n.folder, "-d", n.folder, "-o", zone}, options...)
	n.tool("dnssec-signzone", append(args, filepath.Join(n.folder, zone))...)
	must(n, os.Rename(filepath.Join(n.folder, zone+".signed"), filepath.Join(n.folder, zone)))
}

func (n *nameServer) unsigned(zone, records string) {
	text := fmt.Sprintf("$TTL 60\n$ORIGIN %s.\n@ IN SOA ns.test. host.test. 1 3600 600 86400 60\n@ IN NS ns.test.\n%s\n",
		zone, records)
	n.write(filepath.Join(n.folder, zone), []byte(text))
}

func (n *nameServer) tool(name string, args ...string) string {
	n.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = n.folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// serve signs "test." with the delegations of all zones and starts the server.
func (n *nameServer) serve(zones ...string) {
	n.Helper()
	records := "ns IN A 127.0.0.1\n"
	for _, zone := range zones {
		records += zone + ". IN NS ns.test.\n"
		if ds, err := os.ReadFile(filepath.Join(n.folder, "dsset-"+zone+".")); err == nil {
			records += string(ds)
		}
	}
	n.signed("test", records)
	ds, err := os.ReadFile(filepath.Join(n.folder, "dsset-test."))
	must(n, err)
	n.ds = string(ds)
	n.port = freePorts(n, 1)[0]
	config := fmt.Sprintf("server:\n  rundir: %q\n  listen: 127.0.0.1@%d\n  user: root\ndatabase:\n  storage: %q\nzone:\n",
		n.folder, n.port, n.folder)
	for _, zone := range append(zones, "test") {
		config += fmt.Sprintf("  - domain: %s.\n    file: %q\n", zone, filepath.Join(n.folder, zone))
	}
	file := filepath.Join(n.folder, "knot.conf")
	n.write(file, []byte(config))
	n.run(exec.Command("knotd", "-c", file), filepath.Join(n.folder, "log"), n.port)
}

func (n *nameServer) resolver() *resolve.Resolver {
	return resolve.At(netip.AddrPortFrom(netip.MustParseAddr(loopback), n.port))
}

func (n *nameServer) anchors() dnssec.Anchors {
	n.Helper()
	anchors, err := dnssec.ParseAnchors(strings.NewReader(n.ds))
	must(n, err)
	return anchors
}

// delv is the second opinion: BIND's validator, on the same server and anchor.
func (n *nameServer) delv(name, kind string) dnssec.Status {
	n.Helper()
	f := strings.Fields(n.ds) // test. IN DS tag algorithm digest-type digest, the digest in parts
	keys := filepath.Join(n.folder, "delv.keys")
	n.write(keys, fmt.Appendf(nil, "trust-anchors { test. initial-ds %s %s %s %q; };\n", f[3], f[4], f[5],
		strings.Join(f[6:], "")))
	out, _ := exec.Command("delv", "@"+loopback, "-p", strconv.Itoa(int(n.port)), "-a", keys, "+root=test", name, kind).
		CombinedOutput()
	switch text := string(out); {
	case strings.Contains(text, "; unsigned answer"):
		return dnssec.Insecure
	case strings.Contains(text, "resolution failed"), strings.Contains(text, "no valid signature found"):
		return dnssec.Bogus // also behind an alias that verifies
	case strings.Contains(text, "; fully validated"):
		return dnssec.Secure
	default:
		n.Fatalf("delv %s %s: %s", name, kind, text)
		return ""
	}
}

// newNameServer makes the folder.
func newNameServer(s *site) *nameServer {
	return &nameServer{site: s, folder: s.subfolder("zones")}
}

// stamp is a time as dnssec-signzone takes it.
func stamp(t time.Time) string { return t.UTC().Format("20060102150405") }
