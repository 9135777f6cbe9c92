package reproduce

import (
	"regexp"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/smtp"
)

// quotation is one thing that the server said.
type quotation struct {
	what string        // "Greeting", "Reply to RCPT TO"
	at   time.Duration // since the session began
	text string        // printable; lines joined by newlines
}

// quotes are the greeting, and the reply that ended the session or, where
// none did, those to the envelope.
func quotes(e *probe.Envelope, s *probe.Session) []quotation {
	var all []quotation
	add := func(what string, r *smtp.Reply) {
		if r != nil && len(r.Lines) > 0 {
			all = append(all, quotation{what, r.Lines[len(r.Lines)-1].At, verbatim(e, s, r)})
		}
	}
	add(greetingTitle, s.Greeting)
	f := s.Failure
	switch {
	case f == nil && s.Envelope != nil:
		add("Reply to MAIL FROM", s.Envelope.Mail)
		add("Reply to RCPT TO", s.Envelope.Rcpt)
	case f == nil || f.Phase == probe.PhaseGreeting && s.Greeting != nil:
	case f.Reply != nil && len(f.Reply.Lines) > 0:
		add(answered(s, f.Phase), f.Reply)
	case f.Octets != "":
		all = append(all, quotation{"What came instead", s.Elapsed, hide(e, s, f.Octets)})
	}
	return all
}

const greetingTitle = "Greeting"

// answered names what the reply that ended the session in a phase answers.
func answered(s *probe.Session, p probe.Phase) string {
	switch {
	case p == probe.PhaseGreeting:
		return greetingTitle
	case p == probe.PhaseAuth:
		return "Reply to the login"
	case p != probe.PhaseEnvelope:
		return "Reply to " + formatting.PhaseName(p)
	case s.Envelope != nil && s.Envelope.Mail != nil && s.Envelope.Mail.Positive():
		return "Reply to RCPT TO"
	}
	return "Reply to MAIL FROM"
}

// verbatim is a reply as it stood on the wire. The challenge of a login
// belongs to the exchange and helps nobody: its code is enough.
func verbatim(e *probe.Envelope, s *probe.Session, r *smtp.Reply) string {
	if r.Code == 334 {
		return "334 (challenge left out)"
	}
	return hide(e, s, r.String())
}

// A user name, where servers name it after a login: it stands in one word
// with a secret that was masked, such as a response in base64; it follows
// Postfix's words for a sender that is somebody else's; it looks like a
// mailbox.
var (
	byRedacted  = regexp.MustCompile(`\S*(?:` + regexp.QuoteMeta(redacted) + `\S*)+`)
	likeMailbox = regexp.MustCompile(`[^\s<>()\[\]{}"',;:=]+@[^\s<>()\[\]{}"',;:=]+`)
	ownedBy     = regexp.MustCompile(`(?i)(\bowned by user )\S+`)
)

// redacted stands where package probe has masked a secret.
const redacted = "[redacted]"

// hide takes user names out of what a server said in a session with a login.
// A Report does not know the user name, so every mailbox goes; only those of
// the envelope stay: they stand in the ticket anyway.
func hide(e *probe.Envelope, s *probe.Session, text string) string {
	if s.Auth == nil {
		return text
	}
	const hidden = "[user name]"
	text = byRedacted.ReplaceAllString(text, redacted)
	text = ownedBy.ReplaceAllString(text, "${1}"+hidden)
	return likeMailbox.ReplaceAllStringFunc(text, func(mailbox string) string {
		if ofEnvelope(e, s, mailbox) {
			return mailbox
		}
		return hidden
	})
}

func ofEnvelope(e *probe.Envelope, s *probe.Session, mailbox string) bool {
	if e == nil || s.Envelope == nil {
		return false
	}
	return mailbox == e.From.String() || e.To != nil && mailbox == e.To.String()
}

// clip shortens a text to at most so many bytes and says so.
func clip(text string, most int) string { return formatting.Shorten(text, most, formatting.Bytes) }
