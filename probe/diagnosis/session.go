package diagnosis

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"smtptest/probe"
	"smtptest/probe/provider"
	"smtptest/probe/replies"
	"smtptest/probe/smtp"
)

// session is the session that answers the request, within its report, with
// what most rules ask for at hand.
type session struct {
	report         *probe.Report
	main           *probe.Session // answers the request; nil: no connection was tried
	index          int            // of main in report.Sessions; -1 without
	failure        *probe.Failure // of the lookup or of main; nil: it went through
	classification ID             // what the reply that ended it means; empty: not a reply

	reading provider.Reading // the same, with what the provider of that reply means by it, see addProviderMeaning
}

func newSession(r *probe.Report) *session {
	s := &session{report: r, index: judgedSession(r), failure: r.Lookup.Failure}
	if s.index >= 0 {
		s.main = &r.Sessions[s.index]
		s.failure = ehloRefused(s.main)
	}
	if s.failed(probe.KindReply) && s.failure.Reply != nil {
		s.reading = provider.Classify(s.host(), s.replyTo(), s.failure.Reply)
		s.classification = s.classify()
	}
	return s
}

// ehloRefused is how a session ended; where EHLO was refused, that it was, and
// not that the server then closed or left HELO without an answer.
func ehloRefused(main *probe.Session) *probe.Failure {
	f, all := main.Failure, main.Hellos
	if f == nil || f.Phase != probe.PhaseEHLO {
		return f
	}
	if f.Kind == probe.KindReply && f.Reply.Code == 421 && len(all) > 0 {
		all = all[:len(all)-1] // HELO's answer
	} else if f.Kind != probe.KindClosed && f.Kind != probe.KindReset {
		return f
	}
	if n := len(all); n > 0 && all[n-1].Verb == "EHLO" && !all[n-1].Reply.Positive() {
		return &probe.Failure{Phase: f.Phase, Kind: probe.KindReply, Reply: &all[n-1].Reply}
	}
	return f
}

// classify is the finding that the reply leads to.
func (s *session) classify() ID {
	if s.replyTo() == replies.AUTH {
		return s.classifyLogin(s.reading.ID)
	}
	return s.reading.ID
}

// judgedSession is the index of the session that is judged: the last that is
// no variant of another. That this machine has no IPv6 says nothing, so such a
// session makes way for any other. -1: no connection was tried.
func judgedSession(r *probe.Report) int {
	last := -1
	for i := len(r.Sessions) - 1; i >= 0; i-- {
		if r.Sessions[i].Variant != probe.VariantMain {
			continue
		}
		if !noIPv6Here(&r.Sessions[i]) {
			return i
		}
		last = max(last, i)
	}
	return last
}

// noIPv6Here reports an IPv6 address to which there is no route from here.
func noIPv6Here(s *probe.Session) bool {
	return s.Address.Addr().Is6() && s.Failure != nil && s.Failure.Kind == probe.KindUnreachable
}

func (s *session) host() string { return s.report.Request.Target.Host }
func (s *session) port() uint16 { return s.report.Request.Target.Port }

// failed reports whether the request ended in one of these kinds.
func (s *session) failed(kinds ...probe.Kind) bool {
	return s.failure != nil && slices.Contains(kinds, s.failure.Kind)
}

// failedAt is failed, in one phase.
func (s *session) failedAt(phase probe.Phase, kinds ...probe.Kind) bool {
	return s.failed(kinds...) && s.failure.Phase == phase
}

// stage is where the request ended; the handshake when it went through, for
// then a certificate may still be at fault.
func (s *session) stage() probe.Phase {
	if s.failure != nil {
		return s.failure.Phase
	}
	return probe.PhaseHandshake
}

// broke is where the cause stands: a login that was not sent because of the
// certificate broke at TLS, one for which there was no TLS at STARTTLS.
func (s *session) broke(findings []Finding) probe.Phase {
	at := s.stage()
	if len(findings) == 0 || s.failure != nil && s.failure.Kind != probe.KindUnprotected {
		return at
	}
	if findings[0].ID == STARTTLSNotOffered {
		return probe.PhaseSTARTTLS
	}
	return first(s.phaseOf(findings[0].Evidence), at)
}

// replyTo is the command that the failing reply answers.
func (s *session) replyTo() replies.Place {
	switch s.failure.Phase {
	case probe.PhaseGreeting:
		return replies.Greeting
	case probe.PhaseEHLO:
		return replies.EHLO
	case probe.PhaseSTARTTLS:
		return replies.STARTTLS
	case probe.PhaseAuth:
		return replies.AUTH
	case probe.PhaseEnvelope:
		if e := s.main.Envelope; e != nil && e.Mail != nil && e.Mail.Positive() {
			return replies.RCPT
		}
		return replies.MAIL
	}
	return replies.Anywhere
}

// hello is the answer to the main session's last EHLO or HELO; nil: none came.
func (s *session) hello() *probe.Hello {
	if s.main == nil {
		return nil
	}
	return s.main.Hello()
}

// tls is what the main session's handshake showed; an empty value if none.
func (s *session) tls() probe.TLS {
	if s.main == nil || s.main.TLS == nil {
		return probe.TLS{}
	}
	return *s.main.TLS
}

// quotedReply quotes the server's words that ended the session.
func (s *session) quotedReply() string {
	switch {
	case s.failure == nil:
		return ""
	case s.failure.Reply != nil && s.failure.Reply.Code >= 200:
		return quote(s.failure.Reply)
	case s.failure.Octets != "":
		return "“" + short(smtp.OneLine(s.failure.Octets)) + "”"
	}
	return ""
}

// maxQuoteRunes keeps quotations to a size that people read.
const maxQuoteRunes = 300

// quote is a reply in quotation marks, its lines joined. Lines that would
// not be shown are not looked at: a hostile reply has a thousand.
func quote(r *smtp.Reply) string {
	var b strings.Builder
	for i, l := range r.Lines {
		if i > 0 {
			b.WriteString(" / ")
		}
		b.WriteString(l.String())
		if b.Len() > maxQuoteRunes*utf8.UTFMax {
			break
		}
	}
	return "“" + short(b.String()) + "”"
}

// short cuts what is quoted.
func short(text string) string {
	if runes := []rune(text); len(runes) > maxQuoteRunes {
		return string(runes[:maxQuoteRunes]) + "…"
	}
	return text
}

// phaseOf is the phase that evidence points into; empty: none in particular.
func (s *session) phaseOf(e []Evidence) probe.Phase {
	if len(e) == 0 || e[0].Session < 0 || e[0].Step < 0 {
		return ""
	}
	return s.report.Sessions[e[0].Session].Steps[e[0].Step].Phase
}

// reach is how far the main session worked, and what lies beyond.
func (s *session) reach() (Reach, []Reach) {
	all := []Reach{ReachGreeting, ReachTLS, ReachLogin, ReachSender, ReachRecipient}
	passed := []bool{true, s.tls().Complete, s.auth().Accepted, s.accepted().mail, s.accepted().rcpt}
	var reach Reach
	var untested []Reach
	for i, ok := range passed {
		if ok {
			reach = all[i]
		} else {
			untested = append(untested, all[i])
		}
	}
	return reach, untested
}

type accepted struct{ mail, rcpt bool }

func (s *session) accepted() accepted {
	if s.main == nil || s.main.Envelope == nil {
		return accepted{}
	}
	e := s.main.Envelope
	return accepted{
		mail: e.Mail != nil && e.Mail.Positive(),
		rcpt: e.Rcpt != nil && e.Rcpt.Positive(),
	}
}

// endEvidence is the evidence in the last step of the phase in which the
// session ended: the reply that ended it, where commands sent together were
// answered by others as well; the lookup, when no connection was tried.
func (s *session) endEvidence() []Evidence {
	if s.main == nil {
		return []Evidence{{Session: -1, Step: -1, Entry: -1}}
	}
	at := s.evidenceAt(s.stage())
	if s.failure != nil && s.failure.Reply != nil {
		return s.replyEvidence(at, s.failure.Reply)
	}
	return at
}

// evidenceAt is the evidence in the main session's last step of a phase.
func (s *session) evidenceAt(phase probe.Phase) []Evidence {
	return s.evidenceIn(s.index, phase)
}

// evidenceIn is the evidence in a session's last step of a phase: its last
// server line, or else its last entry.
func (s *session) evidenceIn(index int, phase probe.Phase) []Evidence {
	other := &s.report.Sessions[index]
	for i := len(other.Steps) - 1; i >= 0; i-- {
		if other.Steps[i].Phase == phase {
			return []Evidence{{Session: index, Step: i, Entry: lastSaid(other, other.Steps[i])}}
		}
	}
	return []Evidence{{Session: index, Step: -1, Entry: -1}}
}

// lastSaid is the last line of the server in a step, or else its last entry.
func lastSaid(s *probe.Session, step probe.Step) int {
	to := min(step.To, len(s.Transcript))
	for i := to - 1; i >= step.From; i-- {
		if s.Transcript[i].Side == probe.SideServer {
			return i
		}
	}
	return max(to-1, -1)
}

// replyEvidence points evidence at the last line of a reply instead of the
// last line of its step. A reply that is not in the transcript leaves it as it is.
func (s *session) replyEvidence(at []Evidence, r *smtp.Reply) []Evidence {
	if len(at) == 0 || at[0].Session < 0 || at[0].Step < 0 || len(r.Lines) == 0 {
		return at
	}
	other := &s.report.Sessions[at[0].Session]
	step, last := other.Steps[at[0].Step], r.Lines[len(r.Lines)-1].String()
	for i := step.From; i < min(step.To, len(other.Transcript)); i++ {
		if e := other.Transcript[i]; e.Side == probe.SideServer && e.Text == last {
			return []Evidence{{at[0].Session, at[0].Step, i}}
		}
	}
	return at
}

// variantEvidence is the evidence in the session that tried a variant.
func (s *session) variantEvidence(variant probe.Variant, phase probe.Phase) []Evidence {
	for i := range s.report.Sessions {
		if s.report.Sessions[i].Variant == variant {
			return s.evidenceIn(i, phase)
		}
	}
	return nil
}

// address is the address of the main session.
func (s *session) address() netip.AddrPort {
	if s.main == nil {
		return netip.AddrPort{}
	}
	return s.main.Address
}

// because makes a result from a text and the evidence where it ended.
func (s *session) because(format string, args ...any) *result {
	return &result{explanation: fmt.Sprintf(format, args...), evidence: s.endEvidence()}
}

// answered is how most explanations of a reply begin, see replied.
const answered = "To {command} the server said {reply}."

// replied makes a result from the reply that ended the session. In the text,
// {command} stands for what the reply answered and {reply} for its words.
func (s *session) replied(text string) *result {
	quoted := s.quotedReply()
	words := strings.NewReplacer("{command}", s.command(), "{reply}.", fullStop(quoted), "{reply}", quoted)
	return &result{explanation: words.Replace(text), evidence: s.endEvidence()}
}

// command is what the client did before the reply that ended the session.
func (s *session) command() string {
	if e := s.main.Envelope; e != nil && e.Rset != nil && e.Rset == s.failure.Reply {
		return "RSET"
	}
	switch to := s.replyTo(); to {
	case replies.MAIL:
		return "MAIL FROM"
	case replies.RCPT:
		return "RCPT TO"
	case replies.AUTH:
		return "the login with " + s.auth().Mechanism
	case replies.Greeting:
		return "the connection"
	default:
		return string(to)
	}
}

// fullStop ends a sentence with a quotation: one full stop is enough where
// the quotation has its own.
func fullStop(quotation string) string {
	if text, ok := strings.CutSuffix(quotation, ".”"); ok {
		return text + "”."
	}
	return quotation + "."
}

// within reports whether host is the domain or below it.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

func containsAny(text string, needles []string) bool {
	return slices.ContainsFunc(needles, func(n string) bool { return strings.Contains(text, n) })
}
