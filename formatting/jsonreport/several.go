package jsonreport

import (
	"encoding/json"

	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/differ"
	"smtptest/probe/series"
)

// EncodeSeries writes repeated tests of one server with what they show together,
// as #/$defs/series of the schema describes.
func EncodeSeries(s differ.Series, asked int, stop series.Stop) ([]byte, error) {
	return indented(seriesJSON{
		Version: Version, Asked: asked, Stopped: string(stop), Worked: s.Worked, Failed: s.Failed,
		Varied: each(s.Varied, variation), Apart: each(s.Apart, aspect), Timings: each(s.Timings, timingOf),
		Tests: each(s.Runs, testOf),
	})
}

// EncodePair writes the tests of two servers and their differences, as
// #/$defs/comparison of the schema describes.
func EncodePair(a, b diagnosis.Judged) ([]byte, error) {
	return indented(pairJSON{
		Version: Version, A: testOf(a), B: testOf(b), Differences: each(differ.Between(a, b), difference),
	})
}

func indented(document any) ([]byte, error) {
	out, err := json.MarshalIndent(document, "", "  ")
	return append(out, '\n'), err
}

type testJSON struct {
	Request   requestJSON   `json:"request"`
	Report    reportJSON    `json:"report"`
	Diagnosis diagnosisJSON `json:"diagnosis"`
}

func testOf(j diagnosis.Judged) testJSON {
	return testJSON{Request: request(j.Report.Request), Report: report(j.Report), Diagnosis: judgement(j.Diagnosis)}
}

type seriesJSON struct {
	Version int             `json:"version"`
	Asked   int             `json:"asked"`
	Stopped string          `json:"stopped,omitempty"`
	Worked  int             `json:"worked"`
	Failed  int             `json:"failed"`
	Varied  []variationJSON `json:"varied"`
	Apart   []string        `json:"apart"`
	Timings []timingJSON    `json:"timings"`
	Tests   []testJSON      `json:"tests"`
}

type variationJSON struct {
	Aspect string      `json:"aspect"`
	Values []valueJSON `json:"values"`
}

type valueJSON struct {
	Text   string `json:"text"`
	Tests  []int  `json:"tests"`
	Failed int    `json:"failed"`
}

func variation(v differ.Variation) variationJSON {
	return variationJSON{Aspect: string(v.Aspect), Values: each(v.Values, func(v differ.Value) valueJSON {
		return valueJSON{Text: v.Text, Tests: v.Runs, Failed: v.Failed}
	})}
}

func aspect(v differ.Variation) string { return string(v.Aspect) }

type timingJSON struct {
	Phase  string       `json:"phase,omitempty"` // empty: the whole session
	Count  int          `json:"count"`
	Least  milliseconds `json:"least_ms"`
	Median milliseconds `json:"median_ms"`
	P90    milliseconds `json:"p90_ms"`
	Most   milliseconds `json:"most_ms"`
}

func timingOf(t differ.Timing) timingJSON {
	return timingJSON{
		Phase: string(t.Phase), Count: t.Count, Least: milliseconds(t.Least), Median: milliseconds(t.Median),
		P90: milliseconds(t.P90), Most: milliseconds(t.Most),
	}
}

type pairJSON struct {
	Version     int              `json:"version"`
	A           testJSON         `json:"a"`
	B           testJSON         `json:"b"`
	Differences []differenceJSON `json:"differences"`
}

type differenceJSON struct {
	Aspect string   `json:"aspect"`
	A      []string `json:"a"` // null: the test did not get to see it
	B      []string `json:"b"`
	OnlyA  []string `json:"only_a"`
	OnlyB  []string `json:"only_b"`
}

func difference(d differ.Difference) differenceJSON {
	return differenceJSON{
		Aspect: string(d.Aspect), A: d.A, B: d.B,
		OnlyA: append([]string{}, d.OnlyA...), OnlyB: append([]string{}, d.OnlyB...),
	}
}
