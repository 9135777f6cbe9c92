//go:build unix

package realtest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/probetest/long"
	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

// spoken is what a witness found: "TLS 1.2", "TLS 1.2 TLS_RSA_WITH_…" and
// "TLS 1.3 x25519", each true.
type spoken map[string]bool

// TestScan holds the scan against openssl s_client, sslscan and testssl.sh, all
// at the same servers.
func TestScan(t *testing.T) {
	for _, kind := range []struct {
		name  string
		start func(*site) []scanned
	}{
		{"Postfix", scannedPostfix}, {"Dovecot", scannedDovecot}, {"Exim", scannedExim}, {"nginx", scannedNginx},
		{"stunnel", scannedStunnel}, {"Go", scannedGo},
	} {
		t.Run(kind.name, func(t *testing.T) {
			s := newSite(t)
			for _, x := range kind.start(s) {
				s.compareScans(x)
			}
		})
	}
}

func (s *site) compareScans(x scanned) {
	s.Helper()
	rep := s.tlsscan(x)
	if rep.Failure != nil || rep.Stopped != nil {
		s.Fatalf("%s: failure %+v, stopped %+v", x.name, rep.Failure, rep.Stopped)
	}
	if got := rep.Version(tlsscan.TLS12).Order; x.order != "" && got != x.order {
		s.Errorf("%s: the order is %s's", x.name, got)
	}
	for _, suite := range rep.Version(tlsscan.TLS12).Suites {
		if x.dhBits != 0 && suite.DHBits != 0 && suite.DHBits != x.dhBits {
			s.Errorf("%s: %s with %d bits, not %d", x.name, registry.SuiteName(suite.Number), suite.DHBits, x.dhBits)
		}
	}
	ours := found(rep)
	s.Logf("%s: %d connections, %s, %d facts", x.name, len(rep.Connections), rep.Elapsed, len(ours))
	s.differences(x, "sslscan", ours, s.sslscan(x))
	if x.all || long.Requested() {
		s.differences(x, "openssl", ours, s.opensslScan(x))
		s.differences(x, "testssl", united(ours), s.testssl(x, "-p", "-e", "-f"))
	}
}

func (s *site) tlsscan(x scanned) tlsscan.Report {
	s.Helper()
	scanner := tlsscan.Scanner{Local: &probe.Local{Policy: guard.Policy{Open: true}, EHLOName: probeHost}}
	rep, err := scanner.Scan(s.Context(), tlsscan.Request{
		Target: probe.Target{Host: mailHost, Port: x.port}, At: netip.MustParseAddr(loopback), Security: x.security,
	}, tlsscan.Hooks{})
	must(s, err)
	return rep
}

func found(rep tlsscan.Report) spoken {
	out := spoken{}
	for _, v := range rep.Versions {
		if v.Offered != tlsscan.Yes {
			continue
		}
		name := tlsscan.VersionName(v.Number)
		out[name] = true
		for _, x := range v.Suites {
			out[name+" "+registry.SuiteName(x.Number)] = true
		}
		for _, g := range v.Groups {
			out[name+" "+registry.GroupName(g)] = true
		}
	}
	return out
}

// united leaves out in which version: testssl.sh does not say it.
func united(all spoken) spoken {
	out := spoken{}
	for fact := range all {
		if words := strings.Fields(fact); len(words) == 3 {
			fact = words[2]
		}
		out[fact] = true
	}
	return out
}

// theirs are what a witness does not find at a server, each with its reason.
// There is nothing that only a witness finds.
func theirs() []struct{ witness, server, fact, reason string } {
	const (
		alone = "it offers one group alone, and then takes no certificate on another curve"
		kem   = "it is built with OpenSSL 3.0, which has no ML-KEM"
	)
	return []struct{ witness, server, fact, reason string }{
		{"sslscan", "nginx", "TLS 1.2 (x25519|secp384r1)", alone},
		{"openssl", "nginx", "TLS 1.2 (x25519|secp384r1)", alone},
		{"openssl", "crypto/tls", "TLS 1.2 (x25519|secp384r1|secp521r1)", alone},
		{"sslscan", "crypto/tls", "TLS 1.3 .*MLKEM.*", kem},
		{"openssl", "crypto/tls", "TLS 1.3 .*MLKEM.*", kem},
		{"testssl", "crypto/tls", ".*MLKEM.*", kem},
	}
}

func (s *site) differences(x scanned, witness string, ours, other spoken) {
	s.Helper()
	if len(other) < 3 {
		s.Fatalf("%s: %s found %v", x.name, witness, other)
	}
	for fact := range ours {
		known := false
		for _, d := range theirs() {
			named, _ := regexp.MatchString("^"+d.fact+"$", fact)
			known = known || named && d.witness == witness && strings.HasPrefix(x.name, d.server)
		}
		if !other[fact] && !known {
			s.Errorf("%s: %s does not find %s", x.name, witness, fact)
		}
	}
	for fact := range other {
		if !ours[fact] {
			s.Errorf("%s: only %s finds %s", x.name, witness, fact)
		}
	}
}

func (x scanned) address() string { return loopback + ":" + strconv.Itoa(int(x.port)) }

// sslscan reads what sslscan writes as XML.
func (s *site) sslscan(x scanned) spoken {
	s.Helper()
	args := []string{"--xml=-", "--no-heartbleed", "--no-check-certificate", "--sni-name=" + mailHost,
		"--timeout=30"} // of each connection: its three seconds are too few on a busy machine
	if x.security == probe.SecuritySTARTTLS {
		args = append(args, "--starttls-smtp")
	}
	var document struct {
		Protocols []struct {
			Type    string `xml:"type,attr"`
			Version string `xml:"version,attr"`
			Enabled int    `xml:"enabled,attr"`
		} `xml:"ssltest>protocol"`
		Ciphers []struct {
			Version string `xml:"sslversion,attr"`
			ID      string `xml:"id,attr"`
		} `xml:"ssltest>cipher"`
		Groups []struct {
			Version string `xml:"sslversion,attr"`
			ID      string `xml:"id,attr"`
		} `xml:"ssltest>group"`
	}
	text, _ := exec.CommandContext(s.Context(), "sslscan", append(args, x.address())...).Output()
	if err := xml.Unmarshal(text, &document); err != nil {
		s.Fatalf("sslscan: %v\n%s", err, text)
	}
	out := spoken{}
	for _, p := range document.Protocols {
		if p.Enabled == 1 {
			out[strings.ToUpper(p.Type)+" "+p.Version] = true
		}
	}
	for _, c := range document.Ciphers {
		out[versionName(c.Version)+" "+registry.SuiteName(hexNumber(s, c.ID))] = true
	}
	for _, g := range document.Groups {
		out[versionName(g.Version)+" "+registry.GroupName(hexNumber(s, g.ID))] = true
	}
	return out
}

func hexNumber(s *site, text string) uint16 {
	n, err := strconv.ParseUint(text, 0, 16)
	must(s, err)
	return uint16(n)
}

// opensslScan asks s_client for each suite of each version by itself, and for
// each group.
func (s *site) opensslScan(x scanned) spoken {
	s.Helper()
	var mu sync.Mutex
	out := spoken{}
	ask := func(fact string, args ...string) {
		args = append([]string{"s_client", "-connect", x.address(), "-servername", mailHost}, args...)
		if x.security == probe.SecuritySTARTTLS {
			args = append(args, "-starttls", "smtp", "-name", probeHost)
		}
		text, _ := exec.CommandContext(s.Context(), "openssl", args...).CombinedOutput()
		if m := cipherLine.FindStringSubmatch(string(text)); m == nil || m[1] == "(NONE)" || errorLine.Match(text) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		out[fact] = true
		out[strings.Join(strings.Fields(fact)[:2], " ")] = true
	}
	var all sync.WaitGroup
	room := make(chan struct{}, 4)
	do := func(fact string, args ...string) {
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			ask(fact, args...)
		})
	}
	list := witness(s.T, "openssl", "ciphers", "-stdname", "-ciphersuites", "TLS_AES_128_GCM_SHA256:"+
		"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256",
		everything)
	for line := range strings.Lines(list) {
		words := strings.Fields(line) // NAME - SHORT VERSION …
		if suite, ok := suiteNamed(words[0]); !ok || suite.Shared() {
			continue
		}
		if words[0] == words[2] {
			do("TLS 1.3 "+words[0], "-tls1_3", "-ciphersuites", words[2])
			continue
		}
		for flag, version := range map[string]string{"-tls1_2": "TLS 1.2", "-tls1_1": "TLS 1.1", "-tls1": "TLS 1.0"} {
			do(version+" "+words[0], flag, "-cipher", words[2]+":@SECLEVEL=0")
		}
	}
	for short, name := range map[string]string{
		"X25519": "x25519", "X448": "x448", "P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1",
		"ffdhe2048": "ffdhe2048", "ffdhe3072": "ffdhe3072", "ffdhe4096": "ffdhe4096", "ffdhe6144": "ffdhe6144",
		"ffdhe8192": "ffdhe8192",
	} {
		do("TLS 1.3 "+name, "-tls1_3", "-groups", short)
		if !strings.HasPrefix(short, "ff") {
			do("TLS 1.2 "+name, "-tls1_2", "-groups", short, "-cipher", "ECDHE:@SECLEVEL=0")
		}
	}
	all.Wait()
	return out
}

func suiteNamed(name string) (registry.Suite, bool) {
	all := registry.Suites()
	i := slices.IndexFunc(all, func(s registry.Suite) bool { return s.Name == name })
	if i < 0 {
		return registry.Suite{}, false
	}
	return all[i], true
}

func groupNamed(name string) bool {
	return slices.ContainsFunc(registry.Groups(), func(g registry.Group) bool { return g.Name == name })
}

// testssl reads what testssl.sh writes as JSON.
func (s *site) testssl(x scanned, what ...string) spoken {
	s.Helper()
	file := filepath.Join(s.folder, fmt.Sprintf("testssl-%d.json", x.port))
	args := []string{"--quiet", "--color", "0", "--warnings", "off", "--jsonfile", file, "--ip", loopback}
	args = append(args, what...)
	if x.security == probe.SecuritySTARTTLS {
		args = append(args, "-t", "smtp")
	}
	text, _ := exec.CommandContext(s.Context(), "testssl", append(args, x.address())...).CombinedOutput()
	raw, err := os.ReadFile(file)
	var rows []struct{ ID, Finding string }
	if err == nil {
		err = json.Unmarshal(raw, &rows)
	}
	if err != nil {
		s.Fatalf("testssl: %v\n%s", err, text)
	}
	out := spoken{}
	for _, row := range rows {
		version, isVersion := map[string]string{
			"SSLv3": "SSL 3.0", "TLS1": "TLS 1.0", "TLS1_1": "TLS 1.1", "TLS1_2": "TLS 1.2", "TLS1_3": "TLS 1.3",
		}[row.ID]
		switch {
		case isVersion && strings.HasPrefix(row.Finding, "offered"):
			out[version] = true
		case strings.HasPrefix(row.ID, "cipher"):
			if m := ianaName.FindString(row.Finding); m != "" {
				out[m] = true
			}
		case strings.HasSuffix(row.ID, "_ECDHE_curves") || row.ID == "DH_groups":
			for _, name := range strings.Fields(row.Finding) {
				if name = curveName(name); groupNamed(name) { // a prime without a number has another name
					out[name] = true
				}
			}
		}
	}
	return out
}

var cipherLine = regexp.MustCompile(`(?m)^New, \S+ Cipher is (\S+)`)

var ianaName = regexp.MustCompile(`\b(TLS|SSL)_[A-Za-z0-9_]+$`)

// curveName is IANA's name for OpenSSL's.
func curveName(name string) string {
	switch name {
	case "prime256v1":
		return "secp256r1"
	case "X25519", "X448":
		return strings.ToLower(name)
	}
	return name
}

// timesFaster is how much sooner a scan has to be over than the other programs.
const timesFaster = 8

// TestScanSpeed measures all three at the same servers, 50 ms away in each
// direction; of the scan the best of three runs counts, of the others, which take
// minutes, the only one:
//
//	SMTPTEST_REAL=1 go test ./probe/realtest -run ScanSpeed -long -v
func TestScanSpeed(t *testing.T) {
	long.Only(t)
	s := newSite(t)
	for _, x := range scannedPostfix(s)[:2] {
		ours, connections := s.timed(x, func(x scanned) { s.tlsscan(x) })
		for range 2 { // the first finds the server asleep
			again, _ := s.timed(x, func(x scanned) { s.tlsscan(x) })
			ours = min(ours, again)
		}
		t.Logf("%s: the scan took %.1f s and %d connections", x.name, ours.Seconds(), connections)
		for _, program := range []struct {
			name string
			run  func(scanned)
		}{
			{"sslscan", func(x scanned) { s.sslscan(x) }},
			{"testssl", func(x scanned) { s.testssl(x, "-p", "-e", "-f") }},
		} {
			took, connections := s.timed(x, program.run)
			t.Logf("%s: %s took %.1f s and %d connections, %.1f times ours", x.name, program.name, took.Seconds(),
				connections, float64(took)/float64(ours))
			if took < timesFaster*ours {
				t.Errorf("%s takes %s, less than %d times our %s", program.name, took, timesFaster, ours)
			}
		}
	}
}

// timed runs a program against a server behind the delay, and counts its connections.
func (s *site) timed(x scanned, run func(scanned)) (took time.Duration, connections int64) {
	s.Helper()
	address, counter := delayedAndCounted(s.T, x.address())
	x.port = netip.MustParseAddrPort(address).Port()
	began := time.Now()
	run(x)
	return time.Since(began), counter.Load()
}
