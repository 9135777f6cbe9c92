package reproduce_test

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/probetest"
)

// toolLimit is how long one command may take.
const toolLimit = 30 * time.Second

// TestRealTools runs the printed lines through sh against servers of the
// sandbox and wants from them what the probe saw.
func TestRealTools(t *testing.T) {
	if os.Getenv("SMTPTEST_REAL") != "1" {
		t.Skip("swaks and openssl are run after .ci/real-servers: SMTPTEST_REAL=1 go test ./formatting/reproduce")
	}
	for _, c := range []struct {
		name     string
		security probe.Security
	}{
		{"good", probe.SecurityAuto}, {"implicit", probe.SecurityImplicit}, {"cleartext-wanted", probe.SecurityNone},
		{"accepted-one-by-one", probe.SecurityAuto}, {"recipient-refused", probe.SecurityAuto},
		{"no-starttls-auto", probe.SecurityAuto}, {"blocked", probe.SecurityAuto}, {"ehlo-refused", probe.SecurityNone},
		{"tls-1.0", probe.SecurityAuto},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			report := sandboxReport(t, c.name, c.security)
			for _, command := range reproduce.Commands(&report) {
				checkTool(t, &report, command)
			}
		})
	}
}

// sandboxReport probes a server of the sandbox at its real address, so that
// other programs find it where the commands say.
func sandboxReport(t *testing.T, name string, security probe.Security) probe.Report {
	t.Helper()
	c := cases(t)[name]
	sandbox, err := probetest.NewSandbox([]*probetest.Case{c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sandbox.Close() })
	at := netip.MustParseAddrPort(sandbox.Address(name).String())
	request := c.Request
	request.Target.Port, request.At, request.Security = at.Port(), at.Addr(), security
	local := &probe.Local{Policy: guard.Policy{Open: true}, EHLOName: "[198.51.100.7]"}
	report, err := local.Probe(t.Context(), request, probe.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// checkTool runs one command as a person would, without a terminal.
func checkTool(t *testing.T, r *probe.Report, c reproduce.Command) {
	t.Helper()
	if _, err := exec.LookPath(c.Argv[0]); err != nil {
		t.Fatalf("run .ci/real-servers first: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), toolLimit)
	defer cancel()
	// How it ends does not matter: a refused recipient is an error to swaks.
	out, _ := exec.CommandContext(ctx, "sh", "-c", c.Line()).CombinedOutput()
	for _, want := range seen(r.Main(), c) {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s\ndoes not show %q but\n%s", c.Line(), want, out)
		}
	}
}

// seen is what the probe saw, as a tool prints it.
func seen(s *probe.Session, c reproduce.Command) []string {
	if strings.Contains(c.Shows, "old TLS versions") {
		return []string{"New, TLSv1.0, Cipher is "}
	}
	version, agreed := "", s.TLS != nil && s.TLS.Complete
	if agreed {
		version = strings.Replace(s.TLS.Version, "TLS ", "TLSv", 1)
	}
	switch {
	case c.Name == "openssl s_client" && agreed:
		return []string{"New, " + version + ", Cipher is " + s.TLS.CipherSuite, "BEGIN CERTIFICATE"}
	case c.Name == "openssl s_client":
		return []string{"alert protocol version"}
	}
	var want []string
	if g := s.Greeting; g != nil {
		want = append(want, g.Lines[0].String())
	}
	if s.TLS != nil && !agreed {
		return append(want, "TLS startup failed")
	}
	if agreed {
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
