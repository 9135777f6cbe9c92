// Package compared words what tests have in common and in what they differ: many
// of one server, or two of two.
package compared

import (
	"fmt"
	"strings"

	"smtptest/formatting"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/differ"
)

// aspectTerms name what may differ.
var aspectTerms = map[differ.Aspect]string{
	differ.Verdict:     "verdict",
	differ.Address:     "address",
	differ.ServerName:  "name in the greeting",
	differ.Software:    "greeting",
	differ.Security:    "security",
	differ.Version:     "TLS version",
	differ.Suite:       "cipher suite",
	differ.Group:       "key exchange",
	differ.Certificate: "certificate",
	differ.Trust:       "its verification",
	differ.Extensions:  "capabilities",
	differ.Mechanisms:  "login mechanisms",
	differ.Findings:    "findings",
}

func aspectNames(all []differ.Aspect) string {
	var names []string
	for _, a := range all {
		names = append(names, aspectTerms[a])
	}
	return and(names)
}

func and(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// maxCell bounds a value in a table; the transcripts have it whole.
const maxCell = 160 // characters

func cell(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return formatting.Shorten(formatting.Clean(text), maxCell, formatting.Characters)
}

// evidence are the findings and the transcript of one test, under a title of its
// own.
func evidence(j diagnosis.Judged, title string, where formatting.Platform) []formatting.Section {
	var out []formatting.Section
	for _, s := range formatting.Sections(j, where) {
		switch s := s.(type) {
		case formatting.Findings:
			out = append(out, formatting.Prose{Title: "What is wrong: " + title}, s)
		case formatting.Code:
			s.Title = title + ": " + strings.ToLower(s.Title[:1]) + s.Title[1:]
			out = append(out, s)
		}
	}
	return out
}
