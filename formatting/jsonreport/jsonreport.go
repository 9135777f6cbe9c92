// Package jsonreport renders a report and its diagnosis as JSON for
// programs. The form is versioned and described by report.schema.json, which
// a test validates the output against. Its structs are its own: other packages may change
// its types without changing what others read.
//
// Times are RFC 3339 in UTC, durations are milliseconds. Text from the server
// is printable; the octets behind it are given in base64 where the text does
// not show them all.
package jsonreport

import (
	_ "embed"
	"encoding/json"
	"net/netip"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/expect"
)

// Version of the form. It changes when a field changes its meaning or goes;
// new fields may appear at any time.
const Version = 2

//go:embed report.schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of what Encode writes.
func Schema() []byte { return append([]byte(nil), schema...) }

// Encode writes one report with its diagnosis, indented, with a final
// newline. What was expected of the server comes last; nil: nothing was.
func Encode(j diagnosis.Judged, expected ...expect.Result) ([]byte, error) {
	r := j.Report
	d := document{Version: Version, Request: request(r.Request), Report: report(r), Diagnosis: judgement(j.Diagnosis)}
	if len(expected) > 0 {
		d.Expected = each(expected, expectation)
	}
	out, err := json.MarshalIndent(d, "", "  ")
	return append(out, '\n'), err
}

type expectJSON struct {
	Text    string `json:"text"`
	Met     bool   `json:"met"`
	Unknown bool   `json:"unknown,omitempty"`
	Got     string `json:"got"`
}

func expectation(r expect.Result) expectJSON {
	return expectJSON{Text: r.Item.Text, Met: r.Met, Unknown: r.Unknown, Got: r.Got}
}

// EncodeEgress writes the answers of control hosts in the same manner, as
// #/$defs/egress of the schema describes.
func EncodeEgress(conns []probe.ControlConn) ([]byte, error) {
	w := diagnosis.Egress(conns)
	out, err := json.MarshalIndent(egressJSON{
		Version: Version, Outcome: string(w.Outcome), Control: each(conns, control),
		Open: each(w.Open, itself), Closed: each(w.Closed, itself),
	}, "", "  ")
	return append(out, '\n'), err
}

type egressJSON struct {
	Version int           `json:"version"`
	Outcome string        `json:"outcome"`
	Open    []uint16      `json:"open"`
	Closed  []uint16      `json:"closed"`
	Control []controlJSON `json:"control"`
}

func itself(port uint16) uint16 { return port }

type document struct {
	Version   int           `json:"version"`
	Request   requestJSON   `json:"request"`
	Report    reportJSON    `json:"report"`
	Diagnosis diagnosisJSON `json:"diagnosis"`
	Expected  []expectJSON  `json:"expectations,omitempty"`
}

type requestJSON struct {
	Host      string        `json:"host"`
	Port      uint16        `json:"port"`
	Security  string        `json:"security"`
	Family    int           `json:"ip_version,omitempty"`
	At        string        `json:"at,omitempty"`
	EHLOName  string        `json:"ehlo_name,omitempty"`
	Envelope  *envelopeJSON `json:"envelope,omitempty"`
	Enforced  bool          `json:"enforced,omitempty"`
	TimeoutMS milliseconds  `json:"timeout_ms"`
}

type envelopeJSON struct {
	From string  `json:"from"` // empty: the null reverse-path
	To   *string `json:"to,omitempty"`
}

func request(r probe.Request) requestJSON {
	out := requestJSON{
		Host: r.Target.Host, Port: r.Target.Port, Security: string(r.Security), Family: int(r.Family),
		At: address(r.At), EHLOName: r.EHLOName, Enforced: r.Enforced, TimeoutMS: milliseconds(r.Timeout),
	}
	if e := r.Envelope; e != nil {
		out.Envelope = &envelopeJSON{From: e.From.String()}
		if e.To != nil {
			to := e.To.String()
			out.Envelope.To = &to
		}
	}
	return out
}

// milliseconds is a duration as JSON shows it, to the microsecond.
type milliseconds time.Duration

// MarshalJSON implements json.Marshaler.
func (m milliseconds) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Duration(m).Microseconds()) / 1000)
}

func address(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func addressPort(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// instant is a time in UTC, within the years that RFC 3339 can write: a
// certificate may name others.
func instant(t time.Time) time.Time {
	first := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	switch t = t.UTC(); {
	case t.Before(first):
		return first
	case t.After(last):
		return last
	}
	return t
}

// moment is an instant, nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = instant(t)
	return &t
}

// each converts a slice; the result is never null.
func each[A, B any](in []A, convert func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, a := range in {
		out = append(out, convert(a))
	}
	return out
}

// some converts what a pointer points to, nil to nil.
func some[A, B any](in *A, convert func(A) B) *B {
	if in == nil {
		return nil
	}
	out := convert(*in)
	return &out
}
