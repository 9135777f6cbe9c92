package formatting

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

// Result words a judged report for the place where it is read: the verdict
// with its sections.
func Result(j diagnosis.Judged, where Platform) Message {
	m := Verdict(j)
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
		all = append(all, findings(j.Findings, where))
	}
	if s := r.Main(); s != nil {
		all = append(all, connection(j, s))
		all = append(all, sessionSections(r, s)...)
	} else if rows := lookupRows(r); len(rows) > 0 && j.Verdict.Outcome != diagnosis.NotTested {
		all = append(all, Facts{Title: "Lookup", Rows: append(rows, timing(r))})
	}
	return append(all, transcripts(r)...)
}

// Verdict is the answer in one line, with its footer and without sections.
func Verdict(j diagnosis.Judged) Message {
	r, d := j.Report, j.Diagnosis
	return Message{
		Tone: outcomeTones[d.Verdict.Outcome], Verdict: verdict(d.Verdict, stageName(r, d.Verdict.Stage)),
		Target: r.Request.Target.String(),
		Fact:   headlineFact(r, d), Quote: quote(r, d), Footer: footer(r, d),
	}
}

func verdict(v diagnosis.Verdict, stage string) string {
	switch v.Outcome {
	case diagnosis.Working:
		return "Working " + reachTerms[v.Reach]
	case diagnosis.WithWarnings:
		return "Working " + reachTerms[v.Reach] + ", " + count(v.Warnings, "warning")
	case diagnosis.Failed:
		return "Failed at " + stage
	case diagnosis.Inconclusive:
		return "Inconclusive from here"
	}
	return "Not tested"
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
	if len(d.Findings) > 0 && (d.Findings[0].Severity != diagnosis.Info || !works(d.Verdict)) {
		parts = append(parts, d.Findings[0].Title)
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

// quote is what the server said to end the session, if it fits into a
// headline and is text: of octets that are not, people have the transcript.
// Where the cause is the reply to an earlier command, the last one is no word
// about it.
func quote(r *probe.Report, d diagnosis.Diagnosis) string {
	const most = 160 // runes
	s := r.Main()
	if s == nil || s.Failure == nil {
		return ""
	}
	text := smtp.OneLine(s.Failure.Octets)
	if reply := s.Failure.Reply; reply != nil && reply.Code != 0 {
		text = smtp.OneLine(reply.String())
	}
	if len([]rune(text)) > most || strings.Contains(text, `\x`) {
		return ""
	}
	if len(d.Findings) > 0 && d.Findings[0].ID == diagnosis.EHLORefused &&
		!strings.Contains(d.Findings[0].Explanation, text) {
		return ""
	}
	return text
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
	parts = append(parts, r.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	if len(d.Verdict.Untested) > 0 {
		var names []string
		for _, u := range d.Verdict.Untested {
			names = append(names, untestedTerms[u])
		}
		parts = append(parts, "not tested: "+strings.Join(names, ", "))
	}
	return strings.Join(parts, " · ")
}

func findings(all []diagnosis.Finding, where Platform) Findings {
	var f Findings
	for _, x := range all {
		f.Items = append(f.Items, Finding{
			Severity: severityTerms[x.Severity], Title: x.Title, Explanation: x.Explanation, Advice: advice(x, where),
			Owner: ownerTerms[x.Owner], Confidence: ConfidenceWords(x.Confidence), Reference: x.Reference, ID: string(x.ID),
		})
	}
	return f
}
