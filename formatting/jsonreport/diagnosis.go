package jsonreport

import "smtptest/probe/diagnosis"

type diagnosisJSON struct {
	Verdict  verdictJSON   `json:"verdict"`
	Findings []findingJSON `json:"findings"`
	// Whether mail is refused before STARTTLS; empty: not asked, or not answered.
	Enforcement string `json:"enforcement,omitempty"`
}

type verdictJSON struct {
	Outcome  string   `json:"outcome"`
	Reach    string   `json:"reach,omitempty"`
	Stage    string   `json:"stage,omitempty"`
	Warnings int      `json:"warnings"`
	Untested []string `json:"untested"`
}

type findingJSON struct {
	ID          string         `json:"id"`
	Severity    string         `json:"severity"`
	Title       string         `json:"title"`
	Explanation string         `json:"explanation"`
	Advice      string         `json:"advice,omitempty"`
	Fix         *fixJSON       `json:"fix,omitempty"`
	Owner       string         `json:"owner"`
	Confidence  string         `json:"confidence"`
	Reference   string         `json:"reference"`
	Evidence    []evidenceJSON `json:"evidence"`
}

// fixJSON is what to change in the next test, under the names that the
// request has. What is left out stays as it is.
type fixJSON struct {
	Host       string       `json:"host,omitempty"`
	Port       uint16       `json:"port,omitempty"`
	At         string       `json:"at,omitempty"`
	Security   string       `json:"security,omitempty"`
	Family     int          `json:"ip_version,omitempty"`
	AnyFamily  bool         `json:"any_ip_version,omitempty"`
	EHLOName   bool         `json:"other_ehlo_name,omitempty"`
	TrustRoots bool         `json:"trust_roots,omitempty"`
	MoreThanMS milliseconds `json:"more_than_ms,omitempty"`
}

// evidenceJSON points into report.sessions; -1 stands for the lookup, and for
// no step or entry in particular.
type evidenceJSON struct {
	Session int `json:"session"`
	Step    int `json:"step"`
	Entry   int `json:"entry"`
}

func judgement(d diagnosis.Diagnosis) diagnosisJSON {
	return diagnosisJSON{
		Verdict: verdictJSON{
			Outcome: string(d.Verdict.Outcome), Reach: string(d.Verdict.Reach), Stage: string(d.Verdict.Stage),
			Warnings: d.Verdict.Warnings,
			Untested: each(d.Verdict.Untested, func(r diagnosis.Reach) string { return string(r) }),
		},
		Findings: each(d.Findings, finding), Enforcement: string(d.Enforcement),
	}
}

func finding(f diagnosis.Finding) findingJSON {
	return findingJSON{
		ID: string(f.ID), Severity: string(f.Severity), Title: f.Title, Explanation: f.Explanation, Advice: f.Advice,
		Fix:   fix(f.Fix),
		Owner: string(f.Owner), Confidence: string(f.Confidence), Reference: f.Reference,
		Evidence: each(f.Evidence, func(e diagnosis.Evidence) evidenceJSON { return evidenceJSON(e) }),
	}
}

// fix is nil where nothing is to be changed.
func fix(f diagnosis.Fix) *fixJSON {
	if f == (diagnosis.Fix{}) {
		return nil
	}
	return &fixJSON{
		Host: f.Target.Host, Port: f.Target.Port, At: address(f.At), Security: string(f.Security),
		Family: int(f.Family), AnyFamily: f.AnyFamily, EHLOName: f.EHLOName, TrustRoots: f.TrustRoots,
		MoreThanMS: milliseconds(f.LongerThan),
	}
}
