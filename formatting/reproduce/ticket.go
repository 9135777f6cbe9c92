package reproduce

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/smtp"
)

// Limits of a ticket, in octets. What is shortened says so.
const (
	maxTicketBytes = 4 << 10 // fits into any form of a support desk
	maxValueBytes  = 320     // of one fact: a host name and a mailbox fit
	maxQuoteBytes  = 600     // of one reply: the longest seen that mattered has some 400
	maxNoteBytes   = 160     // of what a step failed with
)

// mostTried is how many addresses without a connection are named.
const mostTried = 3

// Ticket is a plain text for the people who run the server: what was tested,
// from where, when (UTC), how far it came, what the server said word for
// word, and its own ids of the session. It has at most 4 KiB, holds no secret and
// nothing that was only guessed. user is the name that was logged in with, which
// no Report holds: it is named in part, and not at all if it is empty. Empty: the
// target was not tested.
func Ticket(j diagnosis.Judged, user string) string {
	r, d := j.Report, j.Diagnosis
	if denied(r) || d.Verdict.Outcome == diagnosis.NotTested {
		return ""
	}
	t := &ticket{report: r, session: r.Main(), user: inPart(user)}
	t.distrusted = d.Verdict.Outcome == diagnosis.Failed && d.Verdict.Stage == probe.PhaseHandshake
	t.line("SMTP test of %s: %s", r.Request.Target, formatting.VerdictWords(j))
	t.line("")
	t.line("Hello,")
	t.line("this is the record of one SMTP test of your server. Times are UTC. No message was sent.")
	t.line("")
	t.facts()
	t.diagnosis(d)
	if t.session != nil {
		t.quotes()
		t.ids()
		t.steps()
	}
	closing := closingWords(d.Verdict.Outcome)
	text := clip(t.String(), maxTicketBytes-len(closing))
	return strings.TrimRight(text, "\n") + closing
}

func closingWords(o diagnosis.Outcome) string {
	if o == diagnosis.Working {
		return "\n\nPlease tell us if your logs show something else. Thank you.\n"
	}
	return "\n\nPlease look into this and tell us what you find. Thank you.\n"
}

// ticket is a text while it grows.
type ticket struct {
	strings.Builder
	report  *probe.Report
	session *probe.Session // nil: no connection was tried
	user    string         // in part; empty: not said

	distrusted bool // it failed because of the certificate
}

func (t *ticket) line(format string, args ...any) {
	t.WriteString(formatting.Isolate(fmt.Sprintf(format, args...)) + "\n")
}

// fact writes one row; none for an empty value.
func (t *ticket) fact(name, value string) {
	if value != "" {
		t.line("%-12s %s", name, clip(value, maxValueBytes))
	}
}

// clock is a time of day within the main session.
func (t *ticket) clock(at time.Duration) string {
	return t.report.Started.Add(t.session.Began + at).UTC().Format("15:04:05.000")
}

func (t *ticket) facts() {
	r := t.report
	t.fact("Began", r.Started.UTC().Format("2006-01-02 15:04:05.000")+", took "+probe.Duration(r.Elapsed))
	if t.session == nil {
		t.fact("Looked up", r.Lookup.Name)
		t.fact("DNS answer", formatting.AnswerWords(&r.Lookup))
		return
	}
	s := t.session
	t.fact("Server", fmt.Sprintf("%s, asked for as %s, %s", s.Address, r.Request.Target.Host,
		formatting.SecurityName(s.Security)))
	t.fact("Client", clientWords(r, s))
	t.envelope()
	t.fact("Login", loginWords(s.Auth, t.user))
	t.fact("TLS", tlsWords(s.TLS))
	t.certificate(s.TLS)
	t.tried()
}

// clientWords say where the test came from. A private address is not the one
// that the server has in its log.
func clientWords(r *probe.Report, s *probe.Session) string {
	if !s.Source.IsValid() {
		return "never connected"
	}
	words := s.Source.String()
	if ours(s.Source.Addr()) && !ours(s.Address.Addr()) {
		words += " (behind a gateway: your log has the gateway's address)"
	}
	if name := helloName(r, s); name != "" {
		words += ", EHLO name " + name
	}
	return words
}

// ours reports an address that means something here only.
func ours(a netip.Addr) bool { return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() }

func (t *ticket) envelope() {
	e := t.report.Request.Envelope
	if e == nil || t.session.Envelope == nil {
		return
	}
	t.fact("Sender", "<"+e.From.String()+">")
	if e.To != nil {
		t.fact("Recipient", "<"+e.To.String()+">")
	}
}

func loginWords(a *probe.Auth, user string) string {
	as := ""
	if user != "" {
		as = ", as " + user
	}
	switch {
	case a == nil:
		return ""
	case !a.Sent:
		return "not tried" + as
	case a.Accepted:
		return a.Mechanism + ", accepted" + as
	}
	return a.Mechanism + ", not accepted" + as
}

// inPart is a user name that its server's operators find in a log, and others
// cannot use: the first letter, and what is behind the @.
func inPart(user string) string {
	name, domain, isMailbox := strings.Cut(smtp.Printable([]byte(user)), "@")
	_, size := utf8.DecodeRuneInString(name)
	switch {
	case name == "":
		return ""
	case isMailbox:
		return name[:size] + "…@" + domain
	}
	return name[:size] + "…"
}

func tlsWords(t *probe.TLS) string {
	switch {
	case t == nil:
		return ""
	case !t.Complete:
		return "handshake not completed"
	}
	words := t.Version + ", " + t.CipherSuite
	if t.Group != "" {
		words += ", " + t.Group
	}
	return words + ", SNI " + cmp.Or(t.ServerName, "not sent")
}

// certificate names what its owner looks for: who issued which one, until when.
func (t *ticket) certificate(of *probe.TLS) {
	if of == nil || len(of.Chain) == 0 {
		return
	}
	const day = "2006-01-02"
	leaf := of.Chain[0]
	t.fact("Certificate", fmt.Sprintf("%s, valid %s to %s", leaf.Subject, leaf.NotBefore.UTC().Format(day),
		leaf.NotAfter.UTC().Format(day)))
	t.fact("Issued by", leaf.Issuer)
	t.fact("Serial", leaf.Serial)
	t.fact("SHA-256", leaf.SHA256)
	t.fact("Verified", formatting.Verification(of.Trust))
}

// tried names the addresses that did not take a connection before.
func (t *ticket) tried() {
	n := 0
	for i := range t.report.Sessions {
		s := &t.report.Sessions[i]
		if s == t.session || s.Variant != probe.VariantMain || s.Failure == nil || s.Failure.Kind == probe.KindDenied {
			continue
		}
		if n++; n <= mostTried {
			at := t.report.Started.Add(s.Began).UTC().Format("15:04:05.000")
			t.fact("Tried before", fmt.Sprintf("%s at %s: %s", s.Address, at, cmp.Or(noteOf(s, lastStep(s)), "no connection")))
		}
	}
	if n > mostTried {
		t.fact("Tried before", fmt.Sprintf("and %d more", n-mostTried))
	}
}

// diagnosis is the cause in one sentence, unless it is only a guess.
func (t *ticket) diagnosis(d diagnosis.Diagnosis) {
	if len(d.Findings) == 0 {
		return
	}
	f := d.Findings[0]
	if f.Severity == diagnosis.Info || f.Confidence == diagnosis.Guess {
		return
	}
	t.line("")
	t.line("Diagnosis (%s): %s (%s).",
		formatting.ConfidenceWords(f.Confidence), clip(f.Title, maxValueBytes), clip(f.Reference, maxValueBytes))
}

func (t *ticket) quotes() {
	for _, s := range quotes(t.report.Request.Envelope, t.session) {
		t.line("")
		t.line("%s at %s:", s.what, t.clock(s.at))
		for line := range strings.SplitSeq(clip(s.text, maxQuoteBytes), "\n") {
			t.WriteString("  " + line + "\n") // word for word
		}
	}
}

func (t *ticket) ids() {
	all := idsOf(t.session)
	if len(all) > 0 {
		t.line("")
	}
	for _, i := range all {
		t.line("%s: %s", i.kind, i.value)
	}
}

// steps are the timeline. What a step failed with stands in the transcript,
// in the probe's words, unless it was a reply.
func (t *ticket) steps() {
	t.line("")
	for _, step := range t.session.Steps {
		words := string(step.Outcome)
		if note := noteOf(t.session, step); note != "" {
			words += ": " + note
		}
		if t.distrusted && step.Phase == probe.PhaseHandshake && step.Outcome == probe.Passed {
			words = "completed, but the certificate does not verify"
		}
		t.line("%s  %-9s %s", t.clock(step.Start), formatting.PhaseName(step.Phase), words)
	}
}

// noteOf is what the probe noted last in a failed step.
func noteOf(s *probe.Session, step probe.Step) string {
	note := ""
	if step.Outcome != probe.Failed {
		return note
	}
	for i := step.From; i < min(step.To, len(s.Transcript)); i++ {
		if e := s.Transcript[i]; e.Side == probe.SideNote {
			note = e.Text
		}
	}
	return clip(note, maxNoteBytes)
}
