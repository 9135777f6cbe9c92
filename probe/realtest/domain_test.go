//go:build unix

package realtest

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/dane"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// TestDNSSEC compares each proof with BIND's validator.
func TestDNSSEC(t *testing.T) {
	n := newNameServer(newSite(t))
	const mx = "@ IN MX 10 mx\nmx IN A 192.0.2.1\nalias IN CNAME mx\n_25._tcp.mx IN TLSA 3 1 1 " +
		"0000000000000000000000000000000000000000000000000000000000000001\n"
	now := time.Now()
	zones := []string{"good.test", "nsec3.test", "expired.test", "future.test", "forged.test", "plain.test", "rsa.test",
		"orphan.test"}
	n.signed("good.test", mx)
	n.signed("nsec3.test", mx, "-3", "-")
	n.signed("expired.test", mx, "-P", "-s", stamp(now.AddDate(0, -2, 0)), "-e", stamp(now.AddDate(0, -1, 0)))
	n.signed("future.test", mx, "-P", "-s", stamp(now.AddDate(0, 1, 0)), "-e", stamp(now.AddDate(0, 2, 0)))
	n.signed("forged.test", mx)
	n.forge("forged.test", "192.0.2.1", "192.0.2.2")
	n.unsigned("plain.test", mx)
	n.signed("orphan.test", mx)
	must(t, os.Remove(filepath.Join(n.folder, "dsset-orphan.test."))) // signed, and the parent knows nothing of it
	n.signed("rsa.test", mx)
	n.serve(zones...)
	for _, zone := range zones {
		for name, kind := range map[string]resolve.Type{
			zone: resolve.TypeMX, "mx." + zone: resolve.TypeA, "_25._tcp.mx." + zone: resolve.TypeTLSA,
			"alias." + zone: resolve.TypeA,
		} {
			got := dnssec.NewRun(n.resolver(), n.anchors()).Lookup(t.Context(), name, kind)
			if want := n.delv(name, kind.String()); got.Proof.Status != want {
				t.Errorf("%s %s: %+v, delv says %s", name, kind, got.Proof, want)
			}
		}
	}
}

// forge changes a record after it was signed.
func (n *nameServer) forge(zone, from, to string) {
	n.Helper()
	file := filepath.Join(n.folder, zone)
	text, err := os.ReadFile(file)
	must(n, err)
	n.write(file, []byte(strings.ReplaceAll(string(text), from, to)))
}

// TestDomain examines a domain with DANE and MTA-STS whose mail server is
// Postfix; openssl's own DANE is the second opinion.
func TestDomain(t *testing.T) {
	s := newSite(t)
	p := &postfix{Services: []service{{Program: "smtpd"}}}
	p.start(s)
	port, leaf := p.Services[0].Port, s.leaf(p.Certificate)
	key, ok := dane.Select(leaf, 1, 1)
	if !ok {
		t.Fatal("the certificate cannot be read")
	}
	right := fmt.Sprintf("3 1 1 %x", key)
	wrong := "3 1 1 " + strings.Repeat("00", 32)
	web := s.policyHost("version: STSv1\r\nmode: enforce\r\nmx: mail.example.test\r\nmax_age: 604800\r\n")
	for record, want := range map[string]dane.Result{right: dane.Matches, wrong: dane.NoMatch} {
		n := &nameServer{site: s, folder: s.subfolder("zones-" + string(want))}
		n.signed("example.test", "@ IN MX 10 mail\nmail IN A 127.0.0.1\nmta-sts IN A 127.0.0.1\n"+
			"_mta-sts IN TXT \"v=STSv1; id=1\"\n_25._tcp.mail IN TLSA "+record+"\n")
		n.serve("example.test")
		roots, err := probe.ReadRoots(s.roots)
		must(t, err)
		local := &probe.Local{Policy: guard.Policy{Open: true}, Roots: roots, EHLOName: probeHost}
		e := &domain.Examiner{
			Sessions: local, DNS: n.resolver(), Anchors: n.anchors(), Policy: local.Policy, Roots: roots,
			Ports: domain.Ports{Mail: port, Web: web},
		}
		report, err := e.Examine(context.Background(), domain.Request{Domain: "example.test"}, domain.Hooks{})
		must(t, err)
		s.checkDomain(&report, want)
		if agrees := s.opensslDANE(port, record); agrees != (want == dane.Matches) {
			t.Errorf("%s: openssl verified it: %v", record, agrees)
		}
	}
}

// checkDomain wants what both sides of the comparison show.
func (s *site) checkDomain(r *domain.Report, want dane.Result) {
	s.Helper()
	a := r.Hosts[0].Addresses[0]
	if a.DANE.Result != want || r.Hosts[0].TLSA.Proof.Status != dnssec.Secure || r.STS.Policy == nil {
		s.Errorf("%+v, %+v, policy %+v %+v", a.DANE, r.Hosts[0].TLSA.Proof, r.STS.Policy, r.STS.Fetch)
	}
	outcomes := map[string]delivery.Outcome{}
	for _, sender := range delivery.Judge(r).Senders {
		outcomes[sender.Kind.ID] = sender.Domain
	}
	byDANE := delivery.Verified
	if want != dane.Matches {
		byDANE = delivery.Bounces
	}
	if outcomes["postfix-dane"] != byDANE || outcomes["gmail"] != delivery.Verified ||
		outcomes["opportunistic"] != delivery.Encrypted {
		s.Errorf("%v", outcomes)
	}
}

// leaf is the server's own certificate of a PEM file, in DER.
func (s *site) leaf(file string) []byte {
	s.Helper()
	rest, err := os.ReadFile(file)
	must(s, err)
	for block, rest := pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return block.Bytes
		}
	}
	s.Fatal("there is no certificate in " + file)
	return nil
}

// policyHost serves a policy at mta-sts.example.test.
func (s *site) policyHost(policy string) uint16 {
	s.Helper()
	c, err := s.ca.Certificate("", "mta-sts.example.test")
	must(s, err)
	l, err := tls.Listen("tcp", loopback+":0", &tls.Config{Certificates: []tls.Certificate{*c}})
	must(s, err)
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, policy)
		})}
	go server.Serve(l)
	s.Cleanup(func() { server.Close() })
	return netip.MustParseAddrPort(l.Addr().(*net.TCPAddr).String()).Port()
}

// opensslDANE lets openssl verify the server by a TLSA record.
func (s *site) opensslDANE(port uint16, record string) bool {
	s.Helper()
	cmd := exec.Command("openssl", "s_client", "-starttls", "smtp", "-name", probeHost, "-brief",
		"-connect", net.JoinHostPort(loopback, strconv.Itoa(int(port))), "-verify_return_error",
		"-dane_tlsa_domain", mailHost, "-dane_tlsa_rrdata", record)
	cmd.Stdin = strings.NewReader("QUIT\r\n")
	out, err := cmd.CombinedOutput()
	verified := strings.Contains(string(out), "Verification: OK")
	if verified != (err == nil) && verified {
		s.Logf("openssl: %v\n%s", err, out)
	}
	return verified
}
