package formatting

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// Result words a report and its diagnosis.
func Result(r *probe.Report, d diagnosis.Diagnosis) Message {
	m := Verdict(r, d)
	if len(d.Findings) > 0 {
		m.Sections = append(m.Sections, findings(d.Findings))
	}
	if s := r.Main(); s != nil {
		m.Sections = append(m.Sections, connection(r, s))
		m.Sections = append(m.Sections, sessionSections(s)...)
	} else if r.Lookup.Name != "" {
		m.Sections = append(m.Sections, Facts{Title: "DNS", Rows: lookupRows(r)})
	}
	m.Sections = append(m.Sections, transcripts(r)...)
	return m
}

// Verdict is the answer in one line, with its footer and without sections.
func Verdict(r *probe.Report, d diagnosis.Diagnosis) Message {
	return Message{
		Tone: tone(d.Verdict.Outcome), Verdict: verdict(d.Verdict), Target: r.Request.Target.String(),
		Fact: headlineFact(r, d), Footer: footer(r, d),
	}
}

func tone(o diagnosis.Outcome) Tone {
	switch o {
	case diagnosis.Working:
		return ToneGood
	case diagnosis.WithWarnings:
		return ToneWarning
	case diagnosis.Failed:
		return ToneBad
	case diagnosis.Inconclusive:
		return ToneUnsure
	}
	return ToneRefused
}

func verdict(v diagnosis.Verdict) string {
	switch v.Outcome {
	case diagnosis.Working:
		return "Working " + reachWords(v.Reach)
	case diagnosis.WithWarnings:
		return "Working " + reachWords(v.Reach) + ", " + count(v.Warnings, "warning")
	case diagnosis.Failed:
		return "Failed at " + PhaseName(v.Stage)
	case diagnosis.Inconclusive:
		return "Inconclusive from here"
	}
	return "Not tested"
}

func reachWords(r diagnosis.Reach) string {
	switch r {
	case diagnosis.ReachTLS:
		return "up to TLS"
	case diagnosis.ReachLogin:
		return "up to login"
	case diagnosis.ReachSender:
		return "up to the sender"
	case diagnosis.ReachRecipient:
		return "up to the recipient"
	}
	return "in the clear, without TLS"
}

// PhaseName is what people call a phase.
func PhaseName(p probe.Phase) string {
	switch p {
	case probe.PhaseLookup:
		return "DNS"
	case probe.PhaseGuard:
		return "policy"
	case probe.PhaseConnect:
		return "connect"
	case probe.PhaseEHLO:
		return "EHLO"
	case probe.PhaseSTARTTLS:
		return "STARTTLS"
	case probe.PhaseHandshake:
		return "TLS"
	case probe.PhaseAuth:
		return "login"
	case probe.PhaseQuit:
		return "QUIT"
	}
	return string(p)
}

// headlineFact is the cause when there is one, and what works otherwise.
func headlineFact(r *probe.Report, d diagnosis.Diagnosis) string {
	parts := []string{}
	if len(d.Findings) > 0 && d.Findings[0].Severity != diagnosis.Info {
		parts = append(parts, d.Findings[0].Title)
	}
	if s := r.Main(); s != nil && (d.Verdict.Outcome == diagnosis.Working || d.Verdict.Outcome == diagnosis.WithWarnings) {
		parts = append(parts, workingFacts(r, s)...)
	}
	return strings.Join(append(parts, Duration(r.Elapsed)), " · ")
}

func workingFacts(r *probe.Report, s *probe.Session) []string {
	var parts []string
	if t := s.TLS; t != nil {
		parts = append(parts, t.Version)
		if t.Trust.Trusted() {
			parts = append(parts, "certificate valid for "+lifetime(t.Chain[0].NotAfter.Sub(r.Started)))
		}
	}
	if h := s.Hello(); h != nil && len(h.Capabilities.Mechanisms()) > 0 {
		parts = append(parts, "login offered: "+strings.Join(h.Capabilities.Mechanisms(), ", "))
	}
	return parts
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
	parts = append(parts, r.Started.Format("2006-01-02 15:04:05 UTC"))
	if len(d.Verdict.Untested) > 0 {
		var names []string
		for _, u := range d.Verdict.Untested {
			names = append(names, untestedWords(u))
		}
		parts = append(parts, "not tested: "+strings.Join(names, ", "))
	}
	return strings.Join(parts, " · ")
}

func untestedWords(r diagnosis.Reach) string {
	if r == diagnosis.ReachTLS {
		return "TLS"
	}
	return string(r)
}

func findings(all []diagnosis.Finding) Findings {
	var f Findings
	for _, x := range all {
		f.Items = append(f.Items, Finding{
			Severity: severityWord(x.Severity), Title: x.Title, Explanation: x.Explanation, Advice: x.Advice,
			Owner: ownerWords(x.Owner), Confidence: confidenceWord(x.Confidence), Reference: x.Reference, ID: string(x.ID),
		})
	}
	return f
}

func severityWord(s diagnosis.Severity) string {
	switch s {
	case diagnosis.Error:
		return "Error"
	case diagnosis.Warning:
		return "Warning"
	}
	return "Note"
}

func ownerWords(o diagnosis.Owner) string {
	switch o {
	case diagnosis.OwnerYou:
		return "in what was asked for"
	case diagnosis.OwnerServer:
		return "on the server's side"
	case diagnosis.OwnerNetwork:
		return "in the network between"
	case diagnosis.OwnerProvider:
		return "with the mail provider"
	}
	return "where this test comes from"
}

func confidenceWord(c diagnosis.Confidence) string {
	if c == diagnosis.Certain {
		return "measured"
	}
	return string(c)
}
