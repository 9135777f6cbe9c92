//go:build unix

package realtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// facts are what one witness says of one session, by name. An empty fact
// says that the witness saw no such thing.
type facts map[string]string

// The names. Replies are given as on the wire, lines joined by newlines.
const (
	greeting    = "greeting"
	clearHello  = "EHLO in the clear"
	startTLS    = "STARTTLS"
	handshake   = "handshake" // "complete" or "failed"
	breach      = "breach"    // how it failed: "alert 80", "not TLS"
	version     = "TLS version"
	suite       = "cipher suite" // IANA name
	group       = "key-exchange group"
	chainLength = "certificates"
	trust       = "trust" // what is wrong, in a fixed order
	secureHello = "EHLO inside TLS"
	clearCaps   = "capabilities in the clear" // in order, as spelled
	secureCaps  = "capabilities inside TLS"
	auth        = "AUTH" // the reply that ended the exchange
	mail        = "MAIL"
	rcpt        = "RCPT"
	quit        = "QUIT"
)

// certificateFact is the name of the facts about the nth certificate, from 0.
func certificateFact(n int) string { return fmt.Sprintf("certificate %d", n) }

// differ fails the test for each of the names on which the probe and another
// witness disagree.
func differ(t *testing.T, probe facts, witness string, other facts, names ...string) {
	t.Helper()
	for _, name := range names {
		if probe[name] != other[name] {
			t.Errorf("%s:\nthe probe says\n%s\n%s says\n%s", name, indent(probe[name]), witness, indent(other[name]))
		}
	}
}

func indent(text string) string {
	if text == "" {
		text = "nothing"
	}
	return "\t" + strings.ReplaceAll(text, "\n", "\n\t")
}

// ofSession are the facts of a session of the probe.
func ofSession(s *probe.Session) facts {
	f := facts{
		greeting: reply(s.Greeting), startTLS: reply(s.STARTTLS), quit: reply(s.Quit),
	}
	for _, h := range s.Hellos {
		hello, caps := clearHello, clearCaps
		if h.Secure {
			hello, caps = secureHello, secureCaps
		}
		var lines []string
		for _, c := range h.Capabilities {
			lines = append(lines, c.Line)
		}
		f[hello], f[caps] = reply(&h.Reply), strings.Join(lines, "\n")
	}
	if s.Auth != nil {
		f[auth] = reply(s.Auth.Reply)
	}
	if s.Envelope != nil {
		f[mail], f[rcpt] = reply(s.Envelope.Mail), reply(s.Envelope.Rcpt)
	}
	if s.TLS != nil {
		f.addTLS(s.TLS, s.Failure)
	}
	return f
}

func reply(r *smtp.Reply) string {
	if r == nil {
		return ""
	}
	return r.String()
}

func (f facts) addTLS(seen *probe.TLS, failure *probe.Failure) {
	f[handshake] = "failed"
	if seen.Complete {
		f[handshake], f[version], f[suite], f[group] = "complete", seen.Version, seen.CipherSuite, seen.Group
	} else if failure != nil {
		f[breach] = breachOf(failure)
	}
	f[trust] = strings.Join(faults(seen.Trust), ", ")
	f[chainLength] = fmt.Sprint(len(seen.Chain))
	for i, c := range seen.Chain {
		f[certificateFact(i)] = described{
			subject: c.Subject, issuer: c.Issuer, names: c.Names, serial: c.Serial,
			notBefore: c.NotBefore, notAfter: c.NotAfter, sha256: c.SHA256,
		}.String()
	}
}

func breachOf(f *probe.Failure) string {
	switch f.Kind {
	case probe.KindAlert:
		return fmt.Sprintf("alert %d", f.Alert)
	case probe.KindNotTLS:
		return "not TLS"
	}
	return string(f.Kind)
}

// faults words what the probe found wrong with a certificate.
func faults(t probe.Trust) []string {
	var out []string
	for _, answer := range []struct {
		said string
		good bool
	}{
		{string(t.Name), t.Name == probe.NameMatches},
		{string(t.Dates), t.Dates == probe.DatesValid},
		{string(t.Chain), t.Chain == probe.ChainTrusted},
		{string(t.Usage), t.Usage == probe.UsageServer},
	} {
		if !answer.good && answer.said != "" {
			out = append(out, answer.said)
		}
	}
	return out
}

// described is a certificate as two witnesses can describe it.
type described struct {
	subject, issuer     string // RFC 2253
	names               []string
	serial, sha256      string // hexadecimal
	notBefore, notAfter time.Time
}

// String evens out how the numbers are written.
func (d described) String() string {
	serial := strings.TrimLeft(strings.ToLower(d.serial), "0")
	fingerprint := strings.ToLower(strings.ReplaceAll(d.sha256, ":", ""))
	names := slices.Sorted(slices.Values(d.names))
	return fmt.Sprintf("subject %s\nissuer %s\nnames %s\nserial %s\nfrom %s\nuntil %s\nSHA-256 %s", d.subject, d.issuer,
		strings.Join(names, " "),
		serial, d.notBefore.UTC().Format(time.RFC3339), d.notAfter.UTC().Format(time.RFC3339), fingerprint)
}
