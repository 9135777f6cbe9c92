package formatting

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

// connection tells which addresses there are and which was used.
func connection(r *probe.Report, s *probe.Session) Facts {
	rows := append(lookupRows(r), Fact{"Address", address(s)}, Fact{"Security", securityWords(s)})
	if g := s.Greeting; g != nil {
		rows = append(rows, Fact{"Greeting", strings.ReplaceAll(g.String(), "\n", " / ")})
	}
	return Facts{Title: "Connection", Rows: append(rows, timings(r, s)...)}
}

func address(s *probe.Session) string {
	if !s.Source.IsValid() {
		return s.Address.String() + ", not connected"
	}
	return s.Address.String()
}

func securityWords(s *probe.Session) string {
	switch s.Security {
	case probe.SecurityImplicit:
		return "implicit TLS"
	case probe.SecuritySTARTTLS:
		return "STARTTLS"
	case probe.SecurityAuto:
		return "STARTTLS if offered"
	}
	return "none, in the clear"
}

// lookupRows name every address, tried or not.
func lookupRows(r *probe.Report) []Fact {
	l := &r.Lookup
	var rows []Fact
	if l.Name != "" {
		rows = append(rows, Fact{"DNS", fmt.Sprintf("%s: %s, %s", l.Name, answerWords(l), Duration(l.Elapsed))})
	}
	for _, mx := range l.MX {
		rows = append(rows, Fact{"MX", fmt.Sprintf("%d %s", mx.Preference, mx.Host)})
	}
	for _, s := range r.Sessions {
		if s.Look == probe.LookNone && !s.Source.IsValid() && s.Failure != nil && r.Main() != nil && r.Main().Address != s.Address {
			rows = append(rows, Fact{"Tried", fmt.Sprintf("%s: %s after %s", s.Address, s.Failure.Kind, Duration(s.Elapsed))})
		}
	}
	for _, u := range l.Untried {
		rows = append(rows, Fact{"Not tried", u.Address.String() + ": " + untriedWords(u.Reason)})
	}
	return rows
}

func answerWords(l *probe.Lookup) string {
	switch l.Answer {
	case probe.AnswerAddresses:
		return count(len(l.Addresses), "address")
	case probe.AnswerNoName:
		return "no such name (NXDOMAIN)"
	case probe.AnswerNoData:
		return "no address"
	case probe.AnswerServFail:
		return "the name server could not answer (SERVFAIL)"
	case probe.AnswerBogus:
		return "DNSSEC validation failed (SERVFAIL)"
	case probe.AnswerTimeout:
		return "no answer in time"
	}
	return "no address, reason unknown"
}

func untriedWords(u probe.UntriedReason) string {
	switch u {
	case probe.UntriedAnswered:
		return "another address answered first"
	case probe.UntriedFamily:
		return "excluded by --ip"
	case probe.UntriedDenied:
		return "not allowed from here"
	case probe.UntriedLimit:
		return "enough addresses were tried"
	case probe.UntriedTime:
		return "the time was over"
	}
	return "the server asked to be left alone"
}

// timings say how long each part took, in order.
func timings(r *probe.Report, s *probe.Session) []Fact {
	var parts []string
	if r.Lookup.Name != "" {
		parts = append(parts, "DNS "+Duration(r.Lookup.Elapsed))
	}
	for _, step := range s.Steps {
		if step.Outcome != probe.Skipped {
			parts = append(parts, PhaseName(step.Phase)+" "+Duration(step.Elapsed))
		}
	}
	return []Fact{{"Timing", strings.Join(append(parts, "total "+Duration(r.Elapsed)), " · ")}}
}

// sessionSections are TLS summary and capabilities.
func sessionSections(s *probe.Session) []Section {
	var out []Section
	if s.TLS != nil {
		out = append(out, tlsFacts(s.TLS))
	}
	out = append(out, capabilities(s)...)
	if e := s.Envelope; e != nil {
		out = append(out, envelope(e))
	}
	return out
}

// capabilities lists what counts, which is the last answer to EHLO, and what
// TLS changed.
func capabilities(s *probe.Session) []Section {
	h := s.Hello()
	if h == nil || len(h.Capabilities) == 0 {
		return nil
	}
	f := Facts{Title: fmt.Sprintf("Capabilities (%d)", len(h.Capabilities))}
	if h.Secure {
		f.Title = fmt.Sprintf("Capabilities inside TLS (%d)", len(h.Capabilities))
	}
	for _, c := range h.Capabilities {
		f.Rows = append(f.Rows, Fact{c.Line, registry.Meaning(c)})
	}
	if before := s.Hellos[0]; before.Secure != h.Secure {
		if gone := missing(before.Capabilities, h.Capabilities); gone != "" {
			f.Rows = append(f.Rows, Fact{"Only before TLS", gone})
		}
		if came := missing(h.Capabilities, before.Capabilities); came != "" {
			f.Rows = append(f.Rows, Fact{"Only inside TLS", came})
		}
	}
	return []Section{f}
}

// missing are the lines of one list that the other does not have.
func missing(from, in smtp.Capabilities) string {
	var lines []string
	for _, c := range from {
		if !slices.ContainsFunc(in, func(o smtp.Capability) bool { return strings.EqualFold(o.Line, c.Line) }) {
			lines = append(lines, c.Line)
		}
	}
	return strings.Join(lines, ", ")
}

func envelope(e *probe.EnvelopeResult) Facts {
	f := Facts{Title: "Envelope (no message was sent)"}
	for _, row := range []struct {
		name  string
		reply *smtp.Reply
	}{{"MAIL FROM", e.Mail}, {"RCPT TO", e.Rcpt}, {"RSET", e.Rset}} {
		if row.reply != nil {
			f.Rows = append(f.Rows, Fact{row.name, strings.ReplaceAll(row.reply.String(), "\n", " / ")})
		}
	}
	return f
}

// transcripts are the conversations of all sessions, second looks named.
func transcripts(r *probe.Report) []Section {
	var out []Section
	for i := range r.Sessions {
		s := &r.Sessions[i]
		if len(s.Transcript) == 0 {
			continue
		}
		c := Code{Title: transcriptTitle(s)}
		for _, e := range s.Transcript {
			c.Lines = append(c.Lines, CodeLine{At: e.At, Side: string(e.Side), Secure: e.Secure, Text: e.Text})
		}
		if s.Dropped > 0 {
			kept := len(s.Transcript)
			c.Lines = append(c.Lines, CodeLine{At: s.Elapsed, Side: "*", Text: fmt.Sprintf("%d of %d lines shown; the rest was not kept", kept, kept+s.Dropped)})
		}
		out = append(out, c)
	}
	return out
}

func transcriptTitle(s *probe.Session) string {
	switch s.Look {
	case probe.LookTLS:
		return "Second look: does the port begin with TLS?"
	case probe.LookLegacy:
		return "Second look: with old TLS versions and suites offered"
	}
	return "Transcript " + s.Address.String()
}
