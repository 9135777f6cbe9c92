package probetest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"smtptest/probe"
)

// Digest writes a Report as text for people and for comparison. It leaves
// out what differs from run to run: keys, serial numbers, fingerprints.
func Digest(r *probe.Report) string {
	var b strings.Builder
	lookup(&b, &r.Lookup)
	for i := range r.Sessions {
		session(&b, i, &r.Sessions[i])
	}
	for _, c := range r.Control {
		fmt.Fprintf(&b, "control %s:%d %s in %s\n", c.Host, c.Port, cmp.Or(c.Kind, "accepted"), seconds(c.Elapsed))
	}
	return b.String()
}

func lookup(b *strings.Builder, l *probe.Lookup) {
	if l.Name != "" {
		fmt.Fprintf(b, "lookup %s: %s", l.Name, l.Answer)
		for _, a := range l.Addresses {
			fmt.Fprintf(b, " %s", a)
		}
		for _, mx := range l.MX {
			fmt.Fprintf(b, " MX %d %s", mx.Preference, mx.Host)
		}
		b.WriteString("\n")
	}
	for _, u := range l.Untried {
		fmt.Fprintf(b, "untried %s: %s\n", u.Address, u.Reason)
	}
	failure(b, "", l.Failure)
}

func session(b *strings.Builder, i int, s *probe.Session) {
	fmt.Fprintf(b, "session %d: %s %s", i, s.Address, s.Security)
	if s.Variant != probe.VariantMain {
		fmt.Fprintf(b, ", variant %s", s.Variant)
	}
	fmt.Fprintf(b, " at %s\n", seconds(s.Began))
	for _, step := range s.Steps {
		fmt.Fprintf(b, "  %s %s in %s\n", step.Phase, step.Outcome, seconds(step.Elapsed))
	}
	for _, h := range s.Hellos {
		fmt.Fprintf(b, "  %s %d secure=%t mechanisms=%v\n", h.Verb, h.Reply.Code, h.Secure, h.Capabilities.Mechanisms())
	}
	tlsFacts(b, s.TLS)
	if s.Injected != nil {
		fmt.Fprintf(b, "  injected %q\n", s.Injected)
	}
	if a := s.Auth; a != nil {
		fmt.Fprintf(b, "  auth offered=%v mechanism=%q reason=%s sent=%t accepted=%t", a.Offered, a.Mechanism, a.Reason,
			a.Sent, a.Accepted)
		if a.Reply != nil {
			fmt.Fprintf(b, " reply=%d %s", a.Reply.Code, a.Reply.Enhanced)
		}
		fmt.Fprintf(b, " challenges=%d prompts=%q proof=%s problem=%s\n", a.Evidence.Challenges, a.Evidence.Prompts,
			a.Evidence.Proof, a.Evidence.Problem)
		if a.Form != nil {
			fmt.Fprintf(b, "  login form user=%q secret=%q\n", a.Form.User, a.Form.Secret)
		}
	}
	if e := s.ClearMail; e != nil {
		fmt.Fprintf(b, "  mail in the clear pipelined=%t", e.Pipelined)
		if e.Mail != nil {
			fmt.Fprintf(b, " reply=%d %s", e.Mail.Code, e.Mail.Enhanced)
		}
		b.WriteString("\n")
	}
	if e := s.Envelope; e != nil {
		fmt.Fprintf(b, "  envelope pipelined=%t\n", e.Pipelined)
	}
	failure(b, "  ", s.Failure)
	transcript(b, s)
}

func tlsFacts(b *strings.Builder, t *probe.TLS) {
	if t == nil {
		return
	}
	fmt.Fprintf(b, "  tls complete=%t implicit=%t sni=%q version=%q group=%q", t.Complete, t.Implicit, t.ServerName,
		t.Version, t.Group)
	for _, flag := range []struct {
		on   bool
		name string
	}{{t.PostQuantum, "post-quantum"}, {t.HelloRetry, "hello-retry"}, {t.ClientCertAsked, "client-certificate-asked"},
		{t.LegacyOffered, "legacy-offered"}, {t.StapleUnreadable, "staple-unreadable"}} {
		if flag.on {
			b.WriteString(" " + flag.name)
		}
	}
	b.WriteString("\n")
	if len(t.ClientCAs) > 0 {
		fmt.Fprintf(b, "  client certificates of %q\n", t.ClientCAs)
	}
	if t.Refused != "" {
		fmt.Fprintf(b, "  refused %q\n", t.Refused)
	}
	for _, c := range t.Chain {
		fmt.Fprintf(b, "  certificate %q by %q names=%v key=%q signature=%q ca=%t\n", c.Subject, c.Issuer, c.Names, c.Key,
			c.Signature, c.CA)
	}
	if t.Staple != nil {
		fmt.Fprintf(b, "  staple %s\n", t.Staple.Status)
	}
	if u := t.Trust; u.Reference != "" {
		fmt.Fprintf(b, "  trust for %s: name=%s dates=%s chain=%s usage=%s order=%s", u.Reference, u.Name, u.Dates,
			u.Chain, u.Usage, u.Order)
		if u.Unneeded > 0 {
			fmt.Fprintf(b, " unneeded=%d", u.Unneeded)
		}
		b.WriteString("\n")
	}
}

func failure(b *strings.Builder, indent string, f *probe.Failure) {
	if f == nil {
		return
	}
	fmt.Fprintf(b, "%sfailure at %s: %s", indent, f.Phase, f.Kind)
	if f.Reply != nil {
		fmt.Fprintf(b, " reply=%d %s", f.Reply.Code, f.Reply.Enhanced)
	}
	if f.Alert != 0 {
		fmt.Fprintf(b, " alert=%d", f.Alert)
	}
	if f.Limit != 0 {
		fmt.Fprintf(b, " limit=%s", seconds(f.Limit))
	}
	if f.Octets != "" {
		fmt.Fprintf(b, " octets=%q", head(f.Octets))
	}
	b.WriteString("\n")
}

// maxDigestEntries keeps a flood's digest readable.
const maxDigestEntries = 80

func transcript(b *strings.Builder, s *probe.Session) {
	for i, e := range s.Transcript {
		if i == maxDigestEntries {
			fmt.Fprintf(b, "  | … %d more entries\n", len(s.Transcript)-i)
			break
		}
		mark := " "
		if e.Secure {
			mark = "~"
		}
		fmt.Fprintf(b, "  |%7.3f %s%s %s\n", e.At.Seconds(), e.Side, mark, head(constant(e.Text)))
	}
	if s.Dropped > 0 {
		fmt.Fprintf(b, "  dropped %d entries\n", s.Dropped)
	}
}

// constant leaves out what a SCRAM server says first: it begins with the
// client's nonce: r= is cj0 or cj1 in base64.
func constant(text string) string {
	if strings.HasPrefix(text, "334 cj0") || strings.HasPrefix(text, "334 cj1") {
		return "334 [server first message]"
	}
	return text
}

// head is the beginning of a text: digests are read by people.
func head(text string) string {
	const maxHeadBytes = 200
	if len(text) > maxHeadBytes {
		return fmt.Sprintf("%s… %d octets", strings.ToValidUTF8(text[:maxHeadBytes], ""), len(text))
	}
	return text
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3fs", d.Seconds()) }
