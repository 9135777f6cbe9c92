package command

import (
	"testing"

	"smtptest/formatting"
)

// TestDeepIsMadeFromHere: nobody scans at a vantage point, and what a test sees
// from there is no scan.
func TestDeepIsMadeFromHere(t *testing.T) {
	d := Dialect{Vantages: []string{"berlin"}}
	for text, want := range map[string]formatting.TextID{
		"smtp.example.com --deep from berlin":           formatting.UsageOptionDeep,
		"smtp.example.com --from-vantage berlin --deep": formatting.UsageOptionDeep,
		"smtp.example.com --deep --watch":               formatting.UsageOptionDeep,
		"smtp.example.com --deep --repeat 5":            formatting.UsageOptionDeep,
	} {
		if _, err := Parse(text, d); err == nil || err.(*UsageError).ID != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	if c, err := Parse("smtp.example.com:465 --deep --ip 4 --timeout 20s --private", d); err != nil || !c.Deep {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := Parse("smtp.example.com --deep", Dialect{NoDeep: true}); err == nil {
		t.Error("taken where nobody scans")
	}
}
