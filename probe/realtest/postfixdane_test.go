//go:build unix

package realtest

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/dane"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/domain"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// Chains that servers show, as certificate takes them.
const (
	showsFull     = "names=*.example.test"
	showsLeaf     = "names=*.example.test chain=leaf"
	showsRoot     = "names=*.example.test chain=root"
	showsReversed = "names=*.example.test chain=reversed"
	showsExpired  = "names=*.example.test chain=root not-after=-1h"
	showsOther    = "names=other.test chain=root"
	showsSubject  = "names=- cn=mx-subject.example.test chain=root"
	showsDomain   = "names=unsigned.test,next.example.test chain=root"
)

// daneCase is a mail domain whose server is mx-NAME.
type daneCase struct {
	name  string
	shows string
	tlsa  string // records, each "3 1 1 of", parted by commas
}

// daneCases are in the signed zone example.test.
var daneCases = []daneCase{
	{"good", showsFull, "3 1 1 leaf"},
	{"wrong", showsFull, "3 1 1 nobody"},
	{"rollover", showsFull, "3 1 1 nobody, 3 1 1 leaf"},
	{"whole", showsFull, "3 0 0 leaf"},
	{"expired-key", showsExpired, "3 1 1 leaf"},
	{"other-name-key", showsOther, "3 1 1 leaf"},
	{"none", showsFull, ""},
	{"unusable", showsFull, "1 1 1 leaf"},
	{"short", showsFull, "3 1 1 short"},
	{"root", showsRoot, "2 1 1 root"},
	{"between", showsFull, "2 0 1 between"},
	{"reversed", showsReversed, "2 0 1 root"},
	{"unsent", showsFull, "2 1 1 root"},
	{"unsent-whole", showsFull, "2 0 0 root"},
	{"unsent-key", showsFull, "2 1 0 root"},
	{"unsent-next-key", showsLeaf, "2 1 0 between"},
	{"unsent-gap", showsLeaf, "2 0 0 root"},
	{"unsent-gap-key", showsLeaf, "2 1 0 root"},
	{"own-as-authority", showsFull, "2 1 1 leaf"},
	{"expired", showsExpired, "2 1 1 root"},
	{"other-name", showsOther, "2 1 1 root"},
	{"subject", showsSubject, "2 1 1 root"},
	{"stronger", showsFull, "3 1 1 leaf, 3 1 2 nobody"},
	{"stronger-elsewhere", showsFull, "3 1 1 leaf, 3 0 2 nobody"},
	{"next", showsDomain, "2 1 1 root"},
}

// TestPostfixWithDANE compares what the row "Postfix with DANE" says with
// Postfix's own client behind a validating resolver, over domains that are good,
// wrong, unsigned and bogus.
func TestPostfixWithDANE(t *testing.T) {
	s := newSite(t)
	d := newDANEClient(s)
	n := newNameServer(s)
	var records strings.Builder
	domains := map[string]string{} // the chain that each one's server shows
	for _, c := range daneCases {
		fmt.Fprintf(&records, "%s IN MX 10 mx-%[1]s\nmx-%[1]s IN A 127.0.0.1\n", c.name)
		records.WriteString(d.tlsa("mx-"+c.name, c.shows, c.tlsa))
		domains[c.name+".example.test"] = c.shows
	}
	// Aliases: signed ones lead to a server that is not signed, and to one that is.
	for _, c := range []daneCase{{"alias", showsFull, "3 1 1 leaf"}, {"alias-wrong", showsFull, "3 1 1 nobody"}} {
		fmt.Fprintf(&records, "%s IN MX 10 mx-%[1]s\nmx-%[1]s IN CNAME host.unsigned.test.\n", c.name)
		records.WriteString(d.tlsa("mx-"+c.name, c.shows, c.tlsa))
		domains[c.name+".example.test"] = c.shows
	}
	records.WriteString("alias-signed IN MX 10 mx-alias-signed\nmx-alias-signed IN CNAME mx-good\n")
	records.WriteString(d.tlsa("mx-alias-signed", showsFull, "3 1 1 nobody"))
	records.WriteString("alias-above IN MX 10 mx-alias-above\nmx-alias-above IN CNAME mx-none\n")
	records.WriteString(d.tlsa("mx-alias-above", showsFull, "3 1 1 nobody"))
	domains["alias-signed.example.test"], domains["alias-above.example.test"] = showsFull, showsFull
	n.signed("example.test", records.String())
	n.unsigned("unsigned.test", "@ IN MX 10 mx-next.example.test.\nhost IN A 127.0.0.1\n"+
		"own IN MX 10 mx\nmx IN A 127.0.0.1\n"+d.tlsa("mx", showsFull, "3 1 1 nobody")+
		"led IN MX 10 led-alias\nled-alias IN CNAME mx-wrong.example.test.\n"+
		"hosted IN MX 10 mx-good.example.test.\nhosted-elsewhere IN MX 10 mx-other-name.example.test.\n")
	n.signed("forged.test", "@ IN MX 10 mx\nmx IN A 127.0.0.1\n"+d.tlsa("mx", showsFull, "3 1 1 leaf"))
	n.forge("forged.test", "TLSA\t3 1 1 ", "TLSA\t3 1 1 00")
	n.signed("expired.test", "@ IN MX 10 mx\nmx IN A 127.0.0.1\n", "-P", "-s", stamp(time.Now().AddDate(0, -2, 0)),
		"-e", stamp(time.Now().AddDate(0, -1, 0)))
	for name, shows := range map[string]string{
		"unsigned.test": showsDomain, "own.unsigned.test": showsFull, "led.unsigned.test": showsFull,
		"hosted.unsigned.test":           showsFull,
		"hosted-elsewhere.unsigned.test": showsOther, "forged.test": showsFull, "expired.test": showsFull,
	} {
		domains[name] = shows
	}
	zones := []string{"example.test", "unsigned.test", "forged.test", "expired.test"}
	n.serve(zones...)
	d.dns = n.validated(zones)
	d.root = s.fingerRoot(d.dns)
	for name, shows := range domains {
		s.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, postfix := d.ours(t, n, name, shows), d.postfix(t, name, shows)
			if ours != postfix {
				t.Errorf("we say %s, Postfix %s", ours, postfix)
			}
		})
	}
}

// daneClient is Postfix's client with the servers that it meets.
type daneClient struct {
	*site
	ports map[string]uint16   // by what the server there shows
	sent  map[string][][]byte // the same
	root  string              // folder that the client lives in
	dns   netip.AddrPort      // of the resolver
}

// newDANEClient starts a server for each chain.
func newDANEClient(s *site) *daneClient {
	s.Helper()
	d := &daneClient{site: s, ports: map[string]uint16{}, sent: map[string][][]byte{}}
	p := &postfix{}
	all := []string{
		showsFull, showsLeaf, showsRoot, showsReversed, showsExpired, showsOther, showsSubject, showsDomain,
	}
	for i, shows := range all {
		file := filepath.Join(s.folder, fmt.Sprintf("chain%d.pem", i))
		must(s, os.Rename(s.certificate(shows), file)) // Postfix takes a star in a name for a pattern
		d.sent[shows] = s.certificates(file)
		p.Services = append(p.Services, service{Program: "smtpd", Options: []string{"smtpd_tls_chain_files=" + file}})
	}
	p.start(s)
	for i, shows := range all {
		d.ports[shows] = p.Services[i].Port
	}
	return d
}

// certificates are those of a PEM file, in DER.
func (s *site) certificates(file string) (out [][]byte) {
	s.Helper()
	rest, err := os.ReadFile(file)
	must(s, err)
	for block, rest := pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			out = append(out, block.Bytes)
		}
	}
	return out
}

// tlsa are the records of a server, on the port that a sender would use and on
// the one that the server has here.
func (d *daneClient) tlsa(host, shows, records string) string {
	d.Helper()
	var out strings.Builder
	for record := range strings.SplitSeq(records, ",") {
		if record == "" {
			continue
		}
		var r dane.Record
		var of string
		if _, err := fmt.Sscan(record, &r.Usage, &r.Selector, &r.Matching, &of); err != nil {
			d.Fatalf("%q: %v", record, err)
		}
		r.Data = d.data(r, shows, of)
		for _, port := range []uint16{25, d.ports[shows]} {
			fmt.Fprintf(&out, "_%d._tcp.%s IN TLSA %d %d %d %x\n", port, host, r.Usage, r.Selector, r.Matching, r.Data)
		}
	}
	return out.String()
}

func (d *daneClient) data(r dane.Record, shows, of string) []byte {
	whole := d.sent[showsRoot]
	der, known := map[string][]byte{
		"leaf": d.sent[shows][0], "between": whole[1], "root": whole[2], "nobody": nil, "short": nil,
	}[of]
	if !known {
		d.Fatalf("%q is no certificate", of)
	}
	if der == nil {
		return make([]byte, map[string]int{"short": 4, "nobody": 32 * int(r.Matching)}[of])
	}
	data, _ := dane.Select(der, r.Selector, r.Matching)
	return data
}

// postfix is what Postfix's client does.
func (d *daneClient) postfix(t *testing.T, name, shows string) string {
	t.Helper()
	cmd := exec.Command(posttlsFinger, "-v", "-l", "dane", "-a", "ipv4",
		"-o", "smtp_tls_dane_insecure_mx_policy=dane", name+":"+strconv.Itoa(int(d.ports[shows])))
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Chroot: d.root}
	out, _ := cmd.CombinedOutput()
	switch text := string(out); {
	case strings.Contains(text, "Verified TLS connection established"):
		return "verified"
	case strings.Contains(text, "Trusted TLS connection established"): // the name came from unsigned MX records
		return "encrypted"
	case strings.Contains(text, `resorting to "secure"`), strings.Contains(text, "fallback to unauthenticated TLS"):
		return "encrypted"
	case strings.Contains(text, "TLS connection established"), strings.Contains(text, "lookup error"),
		strings.Contains(text, "lookup failed"):
		return "waits"
	default:
		t.Fatalf("posttls-finger: %s", text)
		return ""
	}
}

// ours is what the judgement says of the same domain.
func (d *daneClient) ours(t *testing.T, n *nameServer, name, shows string) string {
	t.Helper()
	local := &probe.Local{Policy: guard.Policy{Open: true}, Roots: x509.NewCertPool(), EHLOName: probeHost}
	e := &domain.Examiner{
		Sessions: local, DNS: resolve.At(d.dns), Anchors: n.anchors(), Policy: local.Policy,
		Ports: domain.Ports{Mail: d.ports[shows]},
	}
	report, err := e.Examine(t.Context(), domain.Request{Domain: name}, domain.Hooks{})
	must(t, err)
	for _, s := range delivery.Judge(&report).Senders {
		if s.Kind.ID == "postfix-dane" {
			return map[delivery.Outcome]string{
				delivery.Verified: "verified", delivery.Encrypted: "encrypted", delivery.Bounces: "waits",
			}[s.Domain]
		}
	}
	return ""
}
