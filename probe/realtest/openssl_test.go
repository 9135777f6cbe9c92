//go:build unix

package realtest

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
)

// openssl shakes hands with a listener as the probe does, offering the same
// versions, and the same cipher suites in the same order, and returns what
// s_client found.
func (s *site) openssl(t *testing.T, l listener, way probe.Security) facts {
	t.Helper()
	return readOpenSSL(t, s.sclient(t, l, way), suiteNames(t))
}

// sclient returns what s_client printed.
func (s *site) sclient(t *testing.T, l listener, way probe.Security) string {
	t.Helper()
	v13, v12 := offered(t, suiteNames(t))
	args := []string{
		"s_client", "-connect", fmt.Sprintf("%s:%d", loopback, l.port), "-servername", mailHost, "-verify_hostname", mailHost,
		"-CAfile", s.roots, "-min_protocol", "TLSv1.2", "-ciphersuites", v13, "-cipher", v12, "-showcerts", "-nocommands",
	}
	if way == probe.SecuritySTARTTLS {
		args = append(args, "-starttls", "smtp", "-name", probeHost)
	}
	if l.from != "" {
		args = append(args, "-bind", l.from+":0")
	}
	return witness(t, "openssl", args...)
}

// suiteNames translates OpenSSL's names of cipher suites into IANA's.
func suiteNames(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	for line := range strings.Lines(witness(t, "openssl", "ciphers", "-stdname", "ALL:@SECLEVEL=0")) {
		if words := strings.Fields(line); len(words) > 2 {
			names[words[2]] = words[0]
		}
	}
	if len(names) == 0 {
		t.Fatal("openssl lists no cipher suites")
	}
	return names
}

// offered are the cipher suites that Go's client offers on this machine (the
// order depends on its processor), as the two lists that s_client takes: TLS
// 1.3 and before.
func offered(t *testing.T, names map[string]string) (v13, v12 string) {
	t.Helper()
	var lists [2][]string
	for _, id := range clientHello(t).CipherSuites {
		for short, iana := range names {
			if iana != tls.CipherSuiteName(id) {
				continue
			}
			before := 1
			if strings.HasPrefix(short, "TLS_") {
				before = 0
			}
			lists[before] = append(lists[before], short)
		}
	}
	return strings.Join(lists[0], ":"), strings.Join(lists[1], ":")
}

// clientHello is what crypto/tls offers by default, as a server reads it.
func clientHello(t *testing.T) *tls.ClientHelloInfo {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	go tls.Client(here, &tls.Config{ServerName: mailHost}).Handshake()
	var hello *tls.ClientHelloInfo
	tls.Server(there, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		hello = h
		return nil, errors.New("seen")
	}}).Handshake()
	if hello == nil {
		t.Fatal("no ClientHello came")
	}
	return hello
}

// What s_client prints of a handshake. After a failed one it may still print
// a suite; an error line says so.
var (
	agreedLine = regexp.MustCompile(`(?m)^New, (TLSv[\d.]+), Cipher is (\S+)`)
	groupLine  = regexp.MustCompile(`(?m)^(?:Server|Peer) Temp Key: (?:ECDH, )?([^,\s]+)`)
	alertLine  = regexp.MustCompile(`SSL alert number (\d+)`)
	errorLine  = regexp.MustCompile(`(?m)^[0-9A-F]+:error:`)
	faultLine  = regexp.MustCompile(`(?m)^(?:verify error:num=|.*Verify return code: )(\d+)`)
)

// certificateAsked stands in the output when the server wants a client
// certificate (RFC 8446 §4.3.2).
const certificateAsked = "Requested Signature Algorithms"

func readOpenSSL(t *testing.T, output string, names map[string]string) facts {
	t.Helper()
	f := facts{handshake: "failed", trust: strings.Join(opensslFaults(output), ", ")}
	if m := agreedLine.FindStringSubmatch(output); m != nil && !errorLine.MatchString(output) {
		f[handshake], f[version], f[suite] = "complete", versionName(m[1]), names[m[2]]
		if g := groupLine.FindStringSubmatch(output); g != nil {
			f[group] = groupName(g[1])
		}
	}
	if m := alertLine.FindStringSubmatch(output); m != nil {
		f[breach] = "alert " + m[1]
	} else if strings.Contains(output, "wrong version number") {
		f[breach] = "not TLS"
	}
	chain := 0
	for rest := []byte(output); ; chain++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		f[certificateFact(chain)] = describe(t, pem.EncodeToMemory(block)).String()
	}
	f[chainLength] = fmt.Sprint(chain)
	return f
}

// groupName is the name that crypto/tls has for a group.
func groupName(openssl string) string {
	switch openssl {
	case "prime256v1":
		return tls.CurveP256.String()
	case "secp384r1":
		return tls.CurveP384.String()
	case "secp521r1":
		return tls.CurveP521.String()
	}
	return openssl
}

// opensslFaults words what s_client found wrong with a certificate, as
// faults does. The numbers are those of X509_V_ERR_… in x509_vfy.h.
func opensslFaults(output string) []string {
	said := map[string]bool{}
	for _, m := range faultLine.FindAllStringSubmatch(output, -1) {
		said[m[1]] = true
	}
	delete(said, "0")
	var out []string
	for _, fault := range []struct {
		word    string
		numbers []string
	}{
		{string(probe.NameMismatch), []string{"62"}},
		{string(probe.DatesNotYet), []string{"9"}},
		{string(probe.DatesExpired), []string{"10"}},
		{string(probe.ChainSelfSigned), []string{"18"}},
		{string(probe.ChainUnknownIssuer), []string{"19"}},
		{string(probe.ChainIncomplete), []string{"20", "21"}},
		{string(probe.UsageOther), []string{"26"}},
	} {
		if slices.ContainsFunc(fault.numbers, func(n string) bool { return said[n] }) {
			out = append(out, fault.word)
		}
		for _, n := range fault.numbers {
			delete(said, n)
		}
	}
	for n := range said {
		out = append(out, "verify error "+n)
	}
	return out
}

// describe lets openssl x509 read a certificate.
func describe(t *testing.T, certificate []byte) described {
	t.Helper()
	cmd := exec.Command("openssl", "x509", "-noout", "-nameopt", "RFC2253", "-subject", "-issuer", "-serial", "-dates",
		"-fingerprint", "-sha256", "-ext", "subjectAltName")
	cmd.Stdin = strings.NewReader(string(certificate))
	out, err := cmd.Output()
	must(t, err)
	var d described
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "subject":
			d.subject = value
		case "issuer":
			d.issuer = value
		case "serial":
			d.serial = value
		case "notBefore":
			d.notBefore = opensslTime(t, value)
		case "notAfter":
			d.notAfter = opensslTime(t, value)
		case "sha256 Fingerprint":
			d.sha256 = value
		default:
			d.names = append(d.names, alternativeNames(line)...)
		}
	}
	return d
}

func opensslTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("Jan _2 15:04:05 2006 MST", text)
	must(t, err)
	return at
}

// alternativeNames reads a line such as "DNS:a.example, IP Address:192.0.2.1".
func alternativeNames(line string) []string {
	var names []string
	for word := range strings.SplitSeq(strings.TrimSpace(line), ", ") {
		if kind, name, ok := strings.Cut(word, ":"); ok && (kind == "DNS" || kind == "IP Address") {
			names = append(names, name)
		}
	}
	return names
}

func TestReadOpenSSL(t *testing.T) {
	names := map[string]string{"ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}
	cases := []struct {
		name, said string
		want       facts
	}{
		{"complete", `CONNECTED(00000003)
Server Temp Key: X25519, 253 bits
New, TLSv1.2, Cipher is ECDHE-RSA-AES128-GCM-SHA256
    Verify return code: 0 (ok)
250 CHUNKING
`, facts{handshake: "complete", version: "TLS 1.2", suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", group: "X25519"}},
		{"bad certificate", `depth=0 CN = mail.example.test
verify error:num=20:unable to get local issuer certificate
verify error:num=21:unable to verify the first certificate
verify error:num=10:certificate has expired
Server Temp Key: ECDH, prime256v1, 256 bits
New, TLSv1, Cipher is ECDHE-RSA-AES128-GCM-SHA256
Verify return code: 10 (certificate has expired)
`, facts{handshake: "complete", version: "TLS 1.0", suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
			group: "CurveP256", trust: "expired, incomplete"}},
		{"unknown fault", "Verify return code: 67 (CA signature digest algorithm too weak)\n",
			facts{handshake: "failed", trust: "verify error 67"}},
		{"alert after the server's hello", "803BB47C167F0000:error:0A000438:SSL routines:" +
			`ssl3_read_bytes:tlsv1 alert internal error:rec_layer_s3.c:1602:SSL alert number 80
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
Verify return code: 0 (ok)
`, facts{handshake: "failed", breach: "alert 80"}},
		{"words instead of TLS", "809BEE624F7F0000:error:0A00010B:SSL routines:" +
			`ssl3_get_record:wrong version number:ssl3_record.c:350:
New, (NONE), Cipher is (NONE)
`, facts{handshake: "failed", breach: "not TLS"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.want[chainLength] = "0"
			got := readOpenSSL(t, c.said, names)
			if got[trust] == "" {
				delete(got, trust)
			}
			same(t, got, c.want)
		})
	}
}
