package diagnosis

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// view is a report with what most rules ask for at hand.
type view struct {
	report  *probe.Report
	main    *probe.Session // answers the request; nil: no connection was tried
	index   int            // of main in report.Sessions; -1 without
	failure *probe.Failure // of the lookup or of main; nil: it went through
	belief  ID             // what the reply that ended it means, see belief.go; empty: not a reply
	known   knowledge      // what the provider of that reply means by it, see known.go
}

func newView(r *probe.Report) *view {
	v := &view{report: r, index: telling(r), failure: r.Lookup.Failure}
	if v.index >= 0 {
		v.main = &r.Sessions[v.index]
		v.failure = v.main.Failure
	}
	if v.failed(probe.KindReply) && v.failure.Reply != nil {
		v.known = v.knownReply()
		v.belief = v.mean()
	}
	return v
}

// mean is the finding that the reply leads to: first by what its provider is
// known to mean, then by the clues.
func (v *view) mean() ID {
	to := v.replyTo()
	id := meaning(v.failure.Reply, to, v.known)
	if to == "AUTH" {
		return v.authBelief(id)
	}
	return id
}

func meaning(r *smtp.Reply, to string, k knowledge) ID {
	return first(k.hint(to), believe(clues(), r, to))
}

// telling is the index of the session that is judged: the last that was not
// a second look. That this machine has no IPv6 says nothing, so such a
// session makes way for any other. -1: no connection was tried.
func telling(r *probe.Report) int {
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

func (v *view) host() string { return v.report.Request.Target.Host }
func (v *view) port() uint16 { return v.report.Request.Target.Port }

// failed reports whether the request ended in one of these kinds.
func (v *view) failed(kinds ...probe.Kind) bool {
	return v.failure != nil && slices.Contains(kinds, v.failure.Kind)
}

// failedAt is failed, in one phase.
func (v *view) failedAt(phase probe.Phase, kinds ...probe.Kind) bool {
	return v.failed(kinds...) && v.failure.Phase == phase
}

// stage is where the request ended; the handshake when it went through, for
// then a certificate may still be at fault.
func (v *view) stage() probe.Phase {
	if v.failure != nil {
		return v.failure.Phase
	}
	return probe.PhaseHandshake
}

// replyTo is the command that the failing reply answers.
func (v *view) replyTo() string {
	switch v.failure.Phase {
	case probe.PhaseGreeting:
		return "greeting"
	case probe.PhaseEHLO:
		return "EHLO"
	case probe.PhaseSTARTTLS:
		return "STARTTLS"
	case probe.PhaseAuth:
		return "AUTH"
	case probe.PhaseEnvelope:
		if e := v.main.Envelope; e != nil && e.Mail != nil && e.Mail.Positive() {
			return "RCPT"
		}
		return "MAIL"
	}
	return ""
}

// tls is what the main session's handshake showed; an empty value if none.
func (v *view) tls() probe.TLS {
	if v.main == nil || v.main.TLS == nil {
		return probe.TLS{}
	}
	return *v.main.TLS
}

// said quotes the server's words that ended the session.
func (v *view) said() string {
	switch {
	case v.failure == nil:
		return ""
	case v.failure.Reply != nil && v.failure.Reply.Code >= 200:
		return quote(v.failure.Reply)
	case v.failure.Octets != "":
		return "“" + short(oneLine(v.failure.Octets)) + "”"
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

// oneLine joins lines whose ends have been made visible, as quote does.
func oneLine(printable string) string {
	const crlf = `\x0d\x0a`
	return strings.ReplaceAll(strings.TrimSuffix(printable, crlf), crlf, " / ")
}

// short cuts what is quoted.
func short(text string) string {
	if runes := []rune(text); len(runes) > maxQuoteRunes {
		return string(runes[:maxQuoteRunes]) + "…"
	}
	return text
}

// phaseOf is the phase that evidence points into; empty: none in particular.
func (v *view) phaseOf(e []Evidence) probe.Phase {
	if len(e) == 0 || e[0].Session < 0 || e[0].Step < 0 {
		return ""
	}
	return v.report.Sessions[e[0].Session].Steps[e[0].Step].Phase
}

// reach is how far the main session worked, and what lies beyond.
func (v *view) reach() (Reach, []Reach) {
	all := []Reach{ReachGreeting, ReachTLS, ReachLogin, ReachSender, ReachRecipient}
	passed := []bool{true, v.tls().Complete, v.auth().Accepted, v.accepted().mail, v.accepted().rcpt}
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

func (v *view) accepted() accepted {
	if v.main == nil || v.main.Envelope == nil {
		return accepted{}
	}
	e := v.main.Envelope
	return accepted{
		mail: e.Mail != nil && e.Mail.Positive(),
		rcpt: e.Rcpt != nil && e.Rcpt.Positive(),
	}
}

// here is the evidence in the last step of the phase in which it ended: the
// reply that ended it, where commands sent together were answered by others
// as well; the lookup, when no connection was tried.
func (v *view) here() []Evidence {
	if v.main == nil {
		return []Evidence{{Session: -1, Step: -1, Entry: -1}}
	}
	at := v.at(v.stage())
	if v.failure != nil && v.failure.Reply != nil {
		return v.line(at, v.failure.Reply)
	}
	return at
}

// at is the evidence in the main session's last step of a phase.
func (v *view) at(phase probe.Phase) []Evidence {
	return v.in(v.index, phase)
}

// in is the evidence in a session's last step of a phase: its last server
// line, or else its last entry.
func (v *view) in(session int, phase probe.Phase) []Evidence {
	s := &v.report.Sessions[session]
	for i := len(s.Steps) - 1; i >= 0; i-- {
		if s.Steps[i].Phase == phase {
			return []Evidence{{Session: session, Step: i, Entry: lastSaid(s, s.Steps[i])}}
		}
	}
	return []Evidence{{Session: session, Step: -1, Entry: -1}}
}

func lastSaid(s *probe.Session, step probe.Step) int {
	to := min(step.To, len(s.Transcript))
	for i := to - 1; i >= step.From; i-- {
		if s.Transcript[i].Side == probe.SideServer {
			return i
		}
	}
	return max(to-1, -1)
}

// line points evidence at the last line of a reply instead of the last line
// of its step. A reply that is not in the transcript leaves it as it is.
func (v *view) line(at []Evidence, r *smtp.Reply) []Evidence {
	if len(at) == 0 || at[0].Session < 0 || at[0].Step < 0 || len(r.Lines) == 0 {
		return at
	}
	s := &v.report.Sessions[at[0].Session]
	step, last := s.Steps[at[0].Step], r.Lines[len(r.Lines)-1].String()
	for i := step.From; i < min(step.To, len(s.Transcript)); i++ {
		if e := s.Transcript[i]; e.Side == probe.SideServer && e.Text == last {
			return []Evidence{{at[0].Session, at[0].Step, i}}
		}
	}
	return at
}

// look is the evidence in a second look.
func (v *view) look(look probe.Variant, phase probe.Phase) []Evidence {
	for i := range v.report.Sessions {
		if v.report.Sessions[i].Variant == look {
			return v.in(i, phase)
		}
	}
	return nil
}

// address is the address of the main session.
func (v *view) address() netip.AddrPort {
	if v.main == nil {
		return netip.AddrPort{}
	}
	return v.main.Address
}

// because makes a match from a text and the evidence where it ended.
func (v *view) because(format string, args ...any) *match {
	return &match{explanation: fmt.Sprintf(format, args...), evidence: v.here()}
}
