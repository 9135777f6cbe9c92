package explain

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// vocabulary is every word that stands in the tables and in the code of this
// package and of those whose facts it shows.
func vocabulary(t testing.TB) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	for _, pattern := range []string{"*.go", "*.tsv", "../replies/*.go", "../replies/*.tsv", "../registry/*.go",
		"../registry/*.tsv", "../provider/*.go", "../provider/data/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			octets, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range letters(string(octets)) {
				known[w] = true
			}
		}
	}
	return known
}

// letters cuts a text into runs of letters; numbers are allowed everywhere.
func letters(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

// said is everything that an explanation says.
func said(e Explanation) string {
	out := append(append([]string{}, e.Suggestions...), e.Ask...)
	for _, i := range e.Items {
		out = append(out, i.Title, i.Wire, string(i.Kind), string(i.Side), string(i.Confidence))
		for _, r := range i.Rows {
			out = append(out, r.Name, r.Meaning)
		}
		out = append(append(out, i.Try...), i.References...)
	}
	return strings.Join(out, "\n")
}

func TestNothingTypedComesBack(t *testing.T) {
	for _, text := range []string{
		"535 5.7.139 user zweihorn password Tr0ub4dor", "Zq7Canary", "STARTTLS Zq7Canary", "250-AUTH LOGIN " +
			"ZQ7CANARY", "SCRAM-ZQ7CANARY",
		"ZQ7-CANARY-99", "554 5.7.1 <zq7canary@example.org>: Relay access denied", "Invalid login: 535 zq7canary { " +
			"code: 'EAUTH' }",
		"550 5.1.1 <zq7canary@zq7canary.example>: User unknown - gsmtp", "alert " +
			"zq7_canary", "zq7canary.smtp.gmail.com:587 535",
	} {
		got := strings.ToLower(said(Of(text)))
		for _, secret := range []string{"zq7", "canary", "zweihorn", "tr0ub4dor"} {
			if strings.Contains(got, secret) {
				t.Errorf("Of(%q) says %q: %s", text, secret, got)
			}
		}
	}
}

// maxSaidOctets bounds an explanation: sixteen items of about a kilobyte.
const maxSaidOctets = 24 << 10

func FuzzExplain(f *testing.F) {
	known := vocabulary(f)
	for _, s := range allSamples(f) {
		f.Add(s.text)
	}
	for _, s := range append(falseAlarms(), "535 5.7.139", "465", "250-AUTH LOGIN PLAIN HUNTER2", "alert 40", "gmail",
		"startls 587", "5.7.1-", "535-", "250-", ".", "550 .js:25") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := Of(text)
		all := said(e)
		if len(all) > maxSaidOctets || len(e.Items) > maxItems || len(e.Suggestions) > maxSuggestions {
			t.Errorf("%d octets, %d items, %d suggestions", len(all), len(e.Items), len(e.Suggestions))
		}
		for _, w := range letters(all) {
			if !known[w] {
				t.Errorf("Of(%q) says %q, which is none of our words", text, w)
			}
		}
		for _, i := range e.Items {
			if i.Title == "" || i.Kind == "" || i.Confidence == "" || len(i.Rows) == 0 && i.Wire == "" {
				t.Errorf("Of(%q): incomplete item %+v", text, i)
			}
		}
	})
}

func BenchmarkOf(b *testing.B) {
	paste := allSamples(b)
	long := strings.Repeat("550 5.1.1 a_b <a@b.example>: no such mailbox here, 421 or 535\n", maxInputOctets/64)
	for name, text := range map[string]string{"code": "535 5.7.139", "library": paste[45].text,
		"gmail": "535 5.7.8 not accepted - gsmtp", "longest": long} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Of(text)
			}
		})
	}
}
