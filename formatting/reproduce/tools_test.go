package reproduce_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/guard"
	"smtptest/probe/probetest"
	"smtptest/probe/secret"
)

// toolLimit is how long one command may take.
const toolLimit = 30 * time.Second

// wrong is a password that no server takes and no tool may show.
const wrong = "hunter2zq"

// TestTools runs the printed lines through sh against servers of the sandbox.
// They show what the probe saw, and end as its verdict does.
func TestTools(t *testing.T) {
	for _, c := range []struct {
		name     string
		security probe.Security
	}{
		{"good", probe.SecurityAuto}, {"implicit", probe.SecurityImplicit}, {"cleartext-wanted", probe.SecurityNone},
		{"accepted-one-by-one", probe.SecurityAuto}, {"recipient-refused", probe.SecurityAuto},
		{"no-starttls-auto", probe.SecurityAuto}, {"no-starttls", probe.SecuritySTARTTLS},
		{"blocked", probe.SecurityAuto}, {"ehlo-refused", probe.SecurityNone}, {"tls-1.0", probe.SecurityAuto},
		{"expired", probe.SecurityAuto}, {"not-yet-valid", probe.SecurityAuto}, {"wrong-name", probe.SecurityAuto},
		{"self-signed", probe.SecurityAuto}, {"private-ca", probe.SecurityAuto},
		{"missing-intermediate", probe.SecurityAuto}, {"password-wrong", probe.SecurityAuto},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run := inSandbox(t, c.name, c.security)
			for _, command := range reproduce.Commands(&run.report, reproduce.Here{CAFile: run.roots}) {
				run.check(t, command)
			}
		})
	}
}

// sandboxRun is a report of a server that other programs find where the
// commands say.
type sandboxRun struct {
	report probe.Report
	failed bool
	roots  string // file
}

func inSandbox(t *testing.T, name string, security probe.Security) *sandboxRun {
	t.Helper()
	c := cases(t)[name]
	sandbox, err := probetest.NewSandbox([]*probetest.Case{c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sandbox.Close() })
	run := &sandboxRun{roots: filepath.Join(t.TempDir(), "root.pem")}
	if err := os.WriteFile(run.roots, sandbox.RootPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(sandbox.RootPEM())
	at := netip.MustParseAddrPort(sandbox.Address(name).String())
	request := c.Request
	request.Target.Port, request.At, request.Security = at.Port(), at.Addr(), security
	if request.Login != nil {
		login := *request.Login
		login.Credential.Password = secret.New(wrong)
		request.Login = &login
	}
	local := &probe.Local{Policy: guard.Policy{Open: true}, EHLOName: "[198.51.100.7]", Roots: roots}
	if run.report, err = local.Probe(t.Context(), request, probe.Hooks{}); err != nil {
		t.Fatal(err)
	}
	outcome := diagnosis.Judge(&run.report).Verdict.Outcome
	run.failed = outcome != diagnosis.Working && outcome != diagnosis.WithWarnings
	return run
}

// check runs one command as a person would, without a terminal.
func (run *sandboxRun) check(t *testing.T, c reproduce.Command) {
	t.Helper()
	if _, err := exec.LookPath(c.Argv[0]); err != nil {
		t.Skip("not installed (.ci/real-servers installs it):", c.Argv[0])
	}
	argv := c.Argv
	if c.Name == "swaks" && newSwaks(t) && strings.Contains(c.Shows, "--tls-verify-target") {
		argv = append(argv, "--tls-verify-target", run.report.Request.Target.Host)
	}
	ctx, cancel := context.WithTimeout(t.Context(), toolLimit)
	defer cancel()
	tool := exec.CommandContext(ctx, "sh", "-c", reproduce.Quote(argv))
	tool.Stdin = strings.NewReader("ada@example.test\n" + wrong + "\n")
	out, err := tool.CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	if failed, said := err != nil, run.expects(t, c); failed != said {
		t.Errorf("%s\nfails: %t, and it should: %t\n%s", c.Line(), failed, said, out)
	}
	for _, form := range []string{wrong, base64.StdEncoding.EncodeToString([]byte("\x00ada@example.test\x00" + wrong))} {
		if strings.Contains(string(out), form) {
			t.Errorf("%s\nshows the password:\n%s", c.Line(), out)
		}
	}
	for _, want := range seen(run.report.Main(), c) {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s\ndoes not show %q but\n%s", c.Line(), want, out)
		}
	}
}

// expects reports that a tool should fail: openssl sees TLS alone, and what is
// said of the name in swaks holds.
func (run *sandboxRun) expects(t *testing.T, c reproduce.Command) bool {
	t.Helper()
	s := run.report.Main()
	switch {
	case strings.Contains(c.Shows, "old TLS versions"):
		return false // that is what is compared
	case c.Name == "openssl s_client":
		return !s.TLS.Complete || !s.TLS.Trust.Trusted()
	case strings.Contains(c.Shows, "does not compare the name"):
		return newSwaks(t)
	}
	return run.failed
}

// newSwaks reports a version that compares the name in the certificate.
func newSwaks(t *testing.T) bool {
	t.Helper()
	out, err := exec.Command("swaks", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(out))
	return len(words) > 2 && words[2] >= "2024"
}

// seen is what the probe saw, as a tool prints it.
func seen(s *probe.Session, c reproduce.Command) []string {
	if strings.Contains(c.Shows, "old TLS versions") {
		return []string{"New, TLSv1.0, Cipher is "}
	}
	agreed := s.TLS != nil && s.TLS.Complete
	trusted := agreed && s.TLS.Trust.Trusted()
	version := ""
	if agreed {
		version = strings.Replace(s.TLS.Version, "TLS ", "TLSv", 1)
	}
	switch {
	case c.Name == "openssl s_client" && trusted:
		return []string{"New, " + version + ", Cipher is " + s.TLS.CipherSuite, "BEGIN CERTIFICATE",
			"Verify return code: 0 (ok)"}
	case c.Name == "openssl s_client" && agreed:
		return []string{"verify error:", opensslWords(s.TLS.Trust)}
	case c.Name == "openssl s_client":
		return []string{"alert protocol version"}
	}
	var want []string
	if g := s.Greeting; g != nil {
		want = append(want, g.Lines[0].String())
	}
	nameOnly := agreed && s.TLS.Trust.Name == probe.NameMismatch
	if s.TLS != nil && !trusted && !nameOnly {
		return append(want, "TLS startup failed")
	}
	if agreed && !nameOnly {
		want = append(want, "TLS started with cipher "+version+":")
	}
	if f := s.Failure; f != nil && f.Reply != nil {
		want = append(want, f.Reply.Lines[0].String())
	}
	if e := s.Envelope; e != nil && e.Rcpt != nil {
		want = append(want, "RCPT TO:<", e.Rcpt.Lines[0].String())
	}
	return append(want, "QUIT")
}

// opensslWords are openssl's for what is wrong with a certificate.
func opensslWords(t probe.Trust) string {
	switch {
	case t.Dates == probe.DatesExpired:
		return "certificate has expired"
	case t.Dates == probe.DatesNotYet:
		return "certificate is not yet valid"
	case t.Name == probe.NameMismatch:
		return "ostname mismatch" // openssl 3 begins it with a small letter
	}
	return "certificate"
}
