package formatting

import (
	"strings"
	"testing"
)

// TestBrief: in somebody's thread a few lines say what the evidence shows, and
// the evidence is in a file.
func TestBrief(t *testing.T) {
	code := Code{Title: "Transcript", Lines: []CodeLine{{Text: "220 mx"}}}
	findings := Findings{Items: []Finding{{Severity: "Error", Title: "The first"},
		{Severity: "Warning", Title: "Another"}}}
	m := Brief(Message{Sections: []Section{findings,
		Facts{Title: "TLS", Short: "TLS 1.3", Rows: []Fact{{"Protocol", "TLS 1.3"}}},
		Facts{Title: "TLS of another", Rows: []Fact{{"Verification", "not trusted"}}}, code}})
	if got, want := rowText(m.Sections[0].(Facts).Rows),
		"Warning: Another\nTLS: TLS 1.3\nTLS of another: not trusted\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if f := m.Sections[1].(File); !strings.Contains(f.Text, "220 mx") || !strings.Contains(f.Text, "The first") {
		t.Errorf("the file says %q", f.Text)
	}
	if m := Brief(Message{Sections: []Section{findings}}); len(m.Sections) != 1 {
		t.Error("an answer without a transcript has a file")
	}
	for range 9 {
		findings.Items = append(findings.Items, Finding{Severity: "Note", Title: "x"})
	}
	m = Brief(Message{Sections: []Section{findings, code}})
	if rows := m.Sections[0].(Facts).Rows; len(rows) != 6 || rows[5].Name != "(5 more in the file)" {
		t.Errorf("%d rows end in %q", len(rows), rows[len(rows)-1].Name)
	}
}
