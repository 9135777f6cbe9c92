package formatting

import (
	"strings"
	"testing"

	"smtptest/probe/explain"
)

func TestExplanation(t *testing.T) {
	m := Explanation(explain.Explanation{Items: []explain.Item{{
		Title: "Reply code 535", Kind: explain.KindCode, Rows: []explain.Row{{Name: "Meaning", Meaning: "login refused"}},
		Wire: "The server said no.", Side: "server", Try: []string{"Check this.", "Check that."},
		References: []string{"RFC 4954 §6", "RFC 5321 §4.2"},
	}, {Title: "relay", Kind: explain.KindTopic}}}, Terminal)
	want := []Section{
		Facts{Title: "Reply code 535", Rows: []Fact{
			{"Meaning", "login refused"}, {"On the wire", "The server said no."}, {"Who can fix it", "the server's operators"},
			{"Try", "Check this."}, {"Try", "Check that."}, {"Reference", "RFC 4954 §6, RFC 5321 §4.2"},
		}},
		Facts{Title: "relay (topic)"},
	}
	if len(m.Sections) != len(want) {
		t.Fatalf("%+v", m.Sections)
	}
	for i, w := range want {
		got, ok := m.Sections[i].(Facts)
		w := w.(Facts)
		if !ok || got.Title != w.Title || len(got.Rows) != len(w.Rows) {
			t.Fatalf("%+v\nwant %+v", m.Sections[i], w)
		}
		for j := range w.Rows {
			if got.Rows[j] != w.Rows[j] {
				t.Errorf("row %d: %+v, want %+v", j, got.Rows[j], w.Rows[j])
			}
		}
	}
}

func TestExplanationOfNothingKnown(t *testing.T) {
	m := Explanation(explain.Explanation{Suggestions: []string{"STARTTLS"}, Ask: []string{"535 5.7.8", "tls"}}, Terminal)
	f, ok := m.Sections[0].(Facts)
	if !ok || !strings.Contains(f.Title, "Nothing") || len(f.Rows) != 2 || f.Rows[0].Value != "STARTTLS" {
		t.Errorf("%+v", m)
	}
}
