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

// Result words a judged report for the place where it is read: the verdict
// with its sections.
func Result(j diagnosis.Judged, where Platform) Message {
	m := Verdict(j, where)
	m.Sections = Sections(j, where)
	return m
}

// Sections are the evidence below a verdict; advice is worded for the place
// where they are read. Of a target that policy denies
// there is no more than the verdict: not even whether the name exists.
func Sections(j diagnosis.Judged, where Platform) []Section {
	r := j.Report
	var all []Section
	if len(j.Findings) > 0 {
		all = append(all, findings(j.Findings, where, r.Vantage))
	}
	if s := r.Main(); s != nil {
		all = append(all, sessionSections(j, s)...)
		all = append(all, connection(j, s))
	} else if rows := lookupRows(r); len(rows) > 0 && j.Verdict.Outcome != diagnosis.NotTested {
		all = append(all, Facts{Title: "Lookup", Rows: append(rows, timing(r))})
	}
	return append(all, transcripts(r)...)
}

// Verdict is the answer without its sections; advice is worded for the place
// where it is read.
func Verdict(j diagnosis.Judged, where Platform) Message {
	r, d := j.Report, j.Diagnosis
	m := Message{
		Tone: outcomeTones[d.Verdict.Outcome], Verdict: VerdictWords(j), Target: r.Request.Target.String(),
		Fact: headlineFact(r, d), Quote: quote(r, d), Footer: footer(r, d), Began: r.Started,
	}
	if f, ok := headline(d); ok {
		m.Try, m.Owner = advice(f, where), ownerWords(f.Owner, where, r.Vantage)
	}
	return m
}

// VerdictWords say the outcome with its reach: what was tested, and how far.
func VerdictWords(j diagnosis.Judged) string {
	switch v := j.Verdict; v.Outcome {
	case diagnosis.Working:
		return "Works" + reachWords(v, " ")
	case diagnosis.WithWarnings:
		return "Works with " + count(v.Warnings, "warning") + reachWords(v, ", ")
	case diagnosis.Failed:
		return "Failed at " + stageName(j.Report, v.Stage)
	case diagnosis.Inconclusive:
		if r := j.Report; r.Vantage != "" {
			return "Inconclusive from " + r.Vantage
		}
		return "Inconclusive from here"
	}
	return "Not tested"
}

// reachWords name what was tested, and the first thing that people could take
// for tested: "works up to TLS" was read as "works until TLS".
func reachWords(v diagnosis.Verdict, between string) string {
	var tested []string
	for _, r := range []diagnosis.Reach{
		diagnosis.ReachTLS, diagnosis.ReachLogin, diagnosis.ReachSender, diagnosis.ReachRecipient,
	} {
		if !slices.Contains(v.Untested, r) {
			tested = append(tested, reachTerms[r])
		}
	}
	var parts []string
	if len(tested) > 0 {
		parts = append(parts, and(tested)+" tested")
	}
	if slices.Contains(v.Untested, diagnosis.ReachLogin) {
		parts = append(parts, reachTerms[diagnosis.ReachLogin]+" not tested")
	}
	words := strings.Join(parts, ", ")
	if words != "" {
		words = ": " + words
	}
	if slices.Contains(v.Untested, diagnosis.ReachTLS) {
		words = between + withoutTLS + words
	}
	return words
}

// headline is the finding that a verdict names: the cause of a failure, or the
// first warning.
func headline(d diagnosis.Diagnosis) (f diagnosis.Finding, ok bool) {
	if len(d.Findings) == 0 || d.Findings[0].Severity == diagnosis.Info && works(d.Verdict) {
		return f, false
	}
	return d.Findings[0], true
}

// stageName is PhaseName, but of the envelope it names the command.
func stageName(r *probe.Report, p probe.Phase) string {
	if p != probe.PhaseEnvelope {
		return PhaseName(p)
	}
	if s := r.Main(); s != nil && s.Envelope != nil && s.Envelope.Mail != nil && s.Envelope.Mail.Positive() {
		return "RCPT TO"
	}
	return "MAIL FROM"
}

func works(v diagnosis.Verdict) bool {
	return v.Outcome == diagnosis.Working || v.Outcome == diagnosis.WithWarnings
}

// headlineFact is the cause when there is one, and what works otherwise.
func headlineFact(r *probe.Report, d diagnosis.Diagnosis) string {
	var parts []string
	if f, ok := headline(d); ok {
		parts = append(parts, f.Title)
	}
	switch d.Verdict.Outcome {
	case diagnosis.Working, diagnosis.WithWarnings:
		parts = append(parts, workingFacts(r)...)
	case diagnosis.Inconclusive:
		parts = append(parts, "it ended at "+stageName(r, d.Verdict.Stage))
	case diagnosis.Failed:
		if len(parts) == 0 {
			parts = append(parts, "no known cause fits; the transcript shows how it ended")
		}
	}
	return strings.Join(append(parts, elapsedWords(r)), " · ")
}

func workingFacts(r *probe.Report) []string {
	s := r.Main()
	if s == nil {
		return nil
	}
	var parts []string
	if t := s.TLS; t != nil && t.Complete {
		parts = append(parts, t.Version)
		if t.Trust.Trusted() {
			parts = append(parts, "certificate valid for "+probe.Span(t.Chain[0].NotAfter.Sub(r.Started)))
		}
	}
	if a := s.Auth; a != nil && a.Accepted {
		parts = append(parts, "logged in with "+a.Mechanism)
	} else if h := s.Hello(); h != nil && len(h.Capabilities.Mechanisms()) > 0 {
		parts = append(parts, "login offered: "+mechanismWords(h.Capabilities.Mechanisms()))
	}
	return parts
}

// mechanismWords name the mechanisms that are known and count the others:
// a headline has none of the server's words.
func mechanismWords(all []string) string {
	const most = 6
	var known []string
	for _, m := range all {
		if _, ok := registry.MechanismOf(m); ok && len(known) < most {
			known = append(known, m)
		}
	}
	if more := len(all) - len(known); more > 0 {
		known = append(known, fmt.Sprintf("%d more", more))
	}
	return strings.Join(known, ", ")
}

// quote is what the server said to end the session, line by line, if it is
// text: of octets that are not, people have the transcript. Large providers
// refuse in several lines; what has no room is cut with a count. Where the cause
// is the reply to an earlier command, the last one is no word about it.
func quote(r *probe.Report, d diagnosis.Diagnosis) []string {
	const mostLines, mostRunes = 4, 200 // with the verdict, Try and who can fix it: what is read at a glance
	s := r.Main()
	if s == nil || s.Failure == nil {
		return nil
	}
	text := s.Failure.Octets
	if reply := s.Failure.Reply; reply != nil && reply.Code != 0 {
		text = reply.String()
	}
	text = strings.TrimRight(strings.ReplaceAll(text, `\x0d\x0a`, "\n"), "\n")
	if text == "" || strings.Contains(text, `\x`) {
		return nil
	}
	if len(d.Findings) > 0 && d.Findings[0].ID == diagnosis.EHLORefused &&
		!strings.Contains(d.Findings[0].Explanation, smtp.OneLine(text)) {
		return nil
	}
	lines := strings.Split(text, "\n")
	if all := len(lines); all > mostLines {
		lines = append(lines[:mostLines-1], fmt.Sprintf("… (%d lines, see the transcript)", all))
	}
	for i, l := range lines {
		lines[i] = Shorten(l, mostRunes, Characters)
	}
	return lines
}

func footer(r *probe.Report, d diagnosis.Diagnosis) string {
	var parts []string
	if s := r.Main(); s != nil && s.Source.IsValid() {
		from := "from " + s.Source.Addr().String()
		if r.Vantage != "" {
			from = fmt.Sprintf("from %s (%s)", r.Vantage, s.Source.Addr())
		}
		parts = append(parts, from)
	}
	var names []string
	for _, u := range d.Verdict.Untested {
		if u != diagnosis.ReachTLS && u != diagnosis.ReachLogin { // of these the verdict speaks
			names = append(names, reachTerms[u])
		}
	}
	if len(names) > 0 {
		parts = append(parts, "not tested: "+strings.Join(names, ", "))
	}
	return strings.Join(parts, " · ")
}

func findings(all []diagnosis.Finding, where Platform, vantage string) Findings {
	var f Findings
	for _, x := range all {
		f.Items = append(f.Items, Finding{
			Severity: severityTerms[x.Severity], Title: x.Title, Explanation: x.Explanation, Advice: advice(x, where),
			Owner: ownerWords(x.Owner, where, vantage), Confidence: ConfidenceWords(x.Confidence), Reference: x.Reference,
			ID: string(x.ID),
		})
	}
	return f
}
