package formatting

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

// connection tells which addresses there are and which was used.
func connection(j diagnosis.Judged, s *probe.Session) Facts {
	r := j.Report
	rows := append(lookupRows(r), Fact{"Security", SecurityName(s.Security)})
	if r.Request.Enforced && s.Hello() != nil {
		rows = append(rows, Fact{"STARTTLS enforced", enforcement(j)})
	}
	if g := s.Greeting; g != nil && !endedIn(s, probe.PhaseGreeting) {
		rows = append(rows, Fact{"Greeting", brief(g)})
	}
	f := Facts{Title: "Connection", Rows: append(rows, Fact{"Began", When(r.Started)}, timing(r))}
	if len(lookupRows(r)) <= 2 && s.Source.IsValid() && !r.Request.Enforced { // DNS and the one address
		f.Short = Join([]string{s.Address.String(), SecurityName(s.Security), When(r.Started), timing(r).Value}, " · ")
	}
	return f
}

// enforcement says what became of MAIL FROM:<> before STARTTLS.
func enforcement(j diagnosis.Judged) string {
	words, asked := enforcementTerms[j.Enforcement], j.Report.ClearMail()
	switch {
	case asked == nil:
		return "not asked: there was no STARTTLS to come"
	case asked.ClearMail.Mail != nil:
		words += " “" + brief(asked.ClearMail.Mail) + "”"
	}
	return words
}

// endedIn reports a phase in which the session failed: its reply stands in
// the finding.
func endedIn(s *probe.Session, p probe.Phase) bool { return s.Failure != nil && s.Failure.Phase == p }

// sessionSections are login, envelope, TLS summary and capabilities: what was
// asked for by name comes first.
func sessionSections(j diagnosis.Judged, s *probe.Session) []Section {
	r := j.Report
	var out []Section
	if s.Auth != nil {
		out = append(out, login(r.Request.Target.Host, s.Auth))
	}
	if e := s.Envelope; e != nil && (e.Mail != nil || e.Rcpt != nil || e.Rset != nil) {
		out = append(out, envelope(e))
	}
	return append(append(out, tlsSections(j, s)...), capabilities(j, s)...)
}

// troubled reports that something is wrong of which the findings of a phase
// speak: what is wrong is shown whole.
func troubled(d diagnosis.Diagnosis, phases ...string) bool {
	return slices.ContainsFunc(d.Findings, func(f diagnosis.Finding) bool {
		phase, _, _ := strings.Cut(string(f.ID), ".")
		return f.Severity != diagnosis.Info && slices.Contains(phases, phase)
	})
}

// capabilities lists what counts, which is the last answer to EHLO, and what
// TLS changed.
func capabilities(j diagnosis.Judged, s *probe.Session) []Section {
	h := s.Hello()
	if h == nil || len(h.Capabilities) == 0 {
		return nil
	}
	f := Facts{Title: fmt.Sprintf("Capabilities in the clear (%d)", len(h.Capabilities))}
	if h.Secure {
		f.Title = fmt.Sprintf("Capabilities inside TLS (%d)", len(h.Capabilities))
	}
	f.Rows = capabilityRows(h.Capabilities)
	if !troubled(j.Diagnosis, "ehlo", "starttls", "capability") {
		f.Short = shortCapabilities(f.Rows)
	}
	f.Rows = append(f.Rows, changeRows(s.Hellos[0], *h)...)
	return []Section{f}
}

// What is listed of capabilities by name. The longest healthy lists have some
// 20; what a server says beyond is in the transcript.
const (
	mostCapabilities   = 40
	mostUnknown        = 10 // of them are not in any registry
	mostCapabilityText = 80 // runes of one: the longest of a healthy list, AUTH, has some 60
)

// capabilityRows are lines of EHLO with their meaning. Long lists and long
// lines that nobody knows are cut, with a count: they must not crowd out what
// people look for.
func capabilityRows(all smtp.Capabilities) []Fact {
	var rows []Fact
	unknown := 0
	for _, c := range all {
		meaning := registry.Meaning(c)
		if meaning == "" {
			unknown++
		}
		if len(rows) < mostCapabilities && (meaning != "" || unknown <= mostUnknown) {
			rows = append(rows, Fact{Shorten(c.Line, mostCapabilityText, Characters), meaning})
		}
	}
	if n := len(rows); n < len(all) {
		rows = append(rows, Fact{fmt.Sprintf("(%d of %d shown, see the transcript)", n, len(all)), ""})
	}
	return rows
}

// shortCapabilities are the names in one line; empty: they have no room in one.
func shortCapabilities(rows []Fact) string {
	const most = 500 // runes
	var names []string
	for _, row := range rows {
		names = append(names, row.Name)
	}
	return Shorten(strings.Join(names, ", "), most, Characters)
}

// changeRows say what TLS took away and what it brought.
func changeRows(before, after probe.Hello) []Fact {
	const most = 10
	var rows []Fact
	if before.Secure == after.Secure {
		return nil
	}
	if gone := missing(before.Capabilities, after.Capabilities); len(gone) > 0 {
		rows = append(rows, Fact{"Only before TLS", listed(gone, most, len(gone))})
	}
	if came := missing(after.Capabilities, before.Capabilities); len(came) > 0 {
		rows = append(rows, Fact{"Only inside TLS", listed(came, most, len(came))})
	}
	return rows
}

// missing are the lines of one list that the other does not have. STARTTLS
// is left out: inside TLS it must not be offered (RFC 3207 §4.2).
func missing(from, in smtp.Capabilities) []string {
	var lines []string
	for _, c := range from {
		same := func(line string) bool { return strings.EqualFold(line, c.Line) }
		known := slices.ContainsFunc(in, func(o smtp.Capability) bool { return same(o.Line) })
		if c.Name() != "STARTTLS" && !known && !slices.ContainsFunc(lines, same) {
			lines = append(lines, Shorten(c.Line, mostCapabilityText, Characters))
		}
	}
	return lines
}

func envelope(e *probe.EnvelopeResult) Facts {
	f := Facts{Title: "Envelope (no message was sent)"}
	for _, row := range []struct {
		name  string
		reply *smtp.Reply
	}{{"MAIL FROM", e.Mail}, {"RCPT TO", e.Rcpt}, {"RSET", e.Rset}} {
		if row.reply != nil {
			f.Rows = append(f.Rows, Fact{row.name, brief(row.reply)})
		}
	}
	return f
}

// brief is a reply as a fact: whole unless it is very long, which is said.
func brief(r *smtp.Reply) string {
	const most = 300 // runes
	text := []rune(smtp.OneLine(r.String()))
	if len(text) <= most {
		return string(text)
	}
	return fmt.Sprintf("%s… (%d of %d characters, see the transcript)", string(text[:most]), most, len(text))
}

// transcripts are the conversations of all sessions, follow-ups named.
func transcripts(r *probe.Report) []Section {
	var out []Section
	for i := range r.Sessions {
		s := &r.Sessions[i]
		if len(s.Transcript) == 0 {
			continue
		}
		c := Code{Title: transcriptTitle(s)}
		if len(out) == 0 {
			c.Legend = legend
		}
		for _, e := range s.Transcript {
			c.Lines = append(c.Lines, CodeLine{At: e.At, Side: string(e.Side), Secure: e.Secure, Text: e.Text})
		}
		if s.Dropped > 0 {
			kept := len(s.Transcript)
			c.Lines = append(c.Lines, CodeLine{At: s.Elapsed, Side: string(probe.SideNote),
				Text: fmt.Sprintf("%d of %d lines shown; the rest was not kept", kept, kept+s.Dropped)})
		}
		out = append(out, c)
	}
	return out
}

// legend explains the marks of a transcript, where the first one stands.
const legend = "S the server · C the client · * this test · ~ inside TLS"

func transcriptTitle(s *probe.Session) string {
	if s.Variant == probe.VariantMain {
		return "Transcript " + s.Address.String()
	}
	return VariantName(s)
}
