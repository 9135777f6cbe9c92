package jsonreport

import (
	"time"

	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
)

// EncodePlaces writes what several places saw of a server, as #/$defs/places of
// the schema describes.
func EncodePlaces(j vantages.Judged) ([]byte, error) {
	return indented(placesJSON{
		Version: Version, Host: j.Target.Host, Port: j.Target.Port, Outcome: string(j.Outcome),
		Findings: each(j.Findings, placeFinding), Places: each(j.Places, place),
	})
}

type placesJSON struct {
	Version  int                `json:"version"`
	Host     string             `json:"host"`
	Port     uint16             `json:"port"`
	Outcome  string             `json:"outcome"`
	Findings []placeFindingJSON `json:"findings"`
	Places   []placeJSON        `json:"places"`
}

type placeFindingJSON struct {
	ID          string   `json:"id"`
	Severity    string   `json:"severity"`
	Title       string   `json:"title"`
	Explanation string   `json:"explanation"`
	Advice      string   `json:"advice,omitempty"`
	Owner       string   `json:"owner"`
	At          []string `json:"at,omitempty"`
	Confidence  string   `json:"confidence"`
	Reference   string   `json:"reference"`
	Evidence    []int    `json:"evidence"`
}

func placeFinding(f vantages.Finding) placeFindingJSON {
	return placeFindingJSON{
		string(f.ID), string(f.Severity), f.Title, f.Explanation, f.Advice, string(f.Owner), f.At, string(f.Confidence),
		f.Reference, f.Evidence,
	}
}

type placeJSON struct {
	Name     string       `json:"name"`
	State    string       `json:"state"`
	Absent   string       `json:"absent,omitempty"`
	Seen     *time.Time   `json:"last_seen,omitempty"`
	AnswerMS milliseconds `json:"answered_ms"`
	Test     *testJSON    `json:"test,omitempty"`
	Again    *testJSON    `json:"again,omitempty"`
}

func place(p vantages.Place) placeJSON {
	out := placeJSON{
		Name: p.Label(), State: string(p.State()), Absent: string(p.Absent), AnswerMS: milliseconds(p.Answer),
		Test: testIf(&p.Report), Again: testIf(p.Again),
	}
	if !p.Seen.IsZero() {
		seen := instant(p.Seen)
		out.Seen = &seen
	}
	return out
}

// testIf is a test that was made; nil: it was not.
func testIf(j *diagnosis.Judged) *testJSON {
	if j == nil || j.Report == nil {
		return nil
	}
	test := testOf(*j)
	return &test
}
