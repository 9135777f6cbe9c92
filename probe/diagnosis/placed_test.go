package diagnosis

import "testing"

// TestPlaced: what is said of this place is said of the other one, and the server's
// words are left alone.
func TestPlaced(t *testing.T) {
	for text, want := range map[string]string{
		"This network blocks port 25": "The network of berlin blocks port 25",
		"no route from here to it":    "no route from berlin to it",
		"It says “554 not from here”. This machine said nothing.": "It says “554 not from here”. " +
			"The machine at berlin said nothing.",
		`It says "not from here`: `It says "not from here`,
		"":                       "",
	} {
		all := []Finding{{Title: text, Explanation: text, Advice: text}}
		placed(all, "berlin")
		if f := all[0]; f.Title != want || f.Explanation != want || f.Advice != want {
			t.Errorf("%q became %q, want %q", text, f.Explanation, want)
		}
		all = []Finding{{Title: text}}
		if placed(all, ""); all[0].Title != text {
			t.Errorf("%q became %q without a name", text, all[0].Title)
		}
	}
}
