package formattest

import (
	"strings"
	"testing"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
)

// Shape is a message or a form whose rendering a person has read on each
// platform. The shapes together use every part of a Message and of a Form;
// package plain alone keeps a golden file for every case.
type Shape struct {
	Name    string
	Message formatting.Message
	Private bool             // shown to one person, where there is no thread
	Form    *formatting.Form // in place of the message; nil: none
}

// shapeCases are the cases among the shapes: what each one is there for.
func shapeCases() map[string]string {
	return map[string]string{
		"accepted-one-by-one":    "works, with an envelope",
		"address-not-named":      "a comparison without SNI",
		"app-password":           "a login that was refused, with a provider's advice",
		"cisco-greeting":         "works in the clear, with a warning",
		"cram-md5":               "a login that was accepted",
		"dropped":                "no connection, to several addresses",
		"endless-greeting":       "a transcript that needs a file",
		"endless-line":           "a line that needs several pieces",
		"expired-and-wrong-name": "several findings, a bad certificate",
		"fake-lines":             "several warnings, hostile replies",
		"first-refused":          "two transcripts",
		"own-limit":              "not tested, because the target is at its limit",
		"injected-binary":        "replies of bytes that are no text",
		"intercepted":            "a certificate of somebody else",
		"mail-domain":            "a lookup alone",
		"many-keywords":          "a long list of capabilities",
		"plain-465":              "a comparison with another security",
		"private-address":        "not tested, because of policy",
		"relay-denied-exchange":  "an envelope that was refused",
		"stopped":                "stopped before its end",
		"terminal-tricks":        "escape sequences in a greeting",
		"thread-limit":           "inconclusive, with a login",
	}
}

// Shapes are all shapes, worded for the place where they are read: some cases,
// and messages that no test of a server leads to.
func Shapes(t *testing.T, where formatting.Platform) []Shape {
	t.Helper()
	var all []Shape
	for _, c := range Cases(t) {
		if _, ok := shapeCases()[c.Name]; ok {
			all = append(all, Shape{Name: c.Name, Message: Message(t, c, where)})
		}
	}
	if n, want := len(all), len(shapeCases()); n != want {
		t.Fatalf("%d of %d cases of the shapes exist", n, want)
	}
	return append(all, Composed()...)
}

// Composed are the shapes that are no cases.
func Composed() []Shape {
	target := probe.Target{Host: "smtp.example.com", Port: 587}
	form := formatting.LoginForm(strings.Repeat("0", 32), target, "Slack")
	waiting := formatting.Testing(probe.Request{Target: target})
	waiting.By = formatting.Person{ID: "123456789012345678", Name: "ada"}
	limit := formatting.Refusal(formatting.LimitPerson, formatting.Value{Name: "limit", Text: "10"},
		formatting.Value{Name: "window", Text: formatting.Window(time.Minute)},
		formatting.Value{Name: "wait", Text: formatting.Wait(34 * time.Second)})
	return []Shape{
		{Name: "answer", Message: answer()},
		{Name: "answer-private", Message: answer(), Private: true},
		{Name: "file", Message: formatting.Message{Sections: []formatting.Section{
			formatting.File{Name: "smtptest.json", Title: "Result as JSON", Text: "{\n  \"schema\": 1\n}\n"},
		}}},
		{Name: "form", Form: &form},
		{Name: "form-that-hints", Form: &formatting.Form{
			ID: "f", Title: "A form", Submit: "Send", Cancel: "Cancel", Fields: []formatting.Field{
				{ID: "user", Label: "User name", Hint: "Often the whole mail address", MaxRunes: 20, Initial: "ada@example.com"},
				{ID: "text", Label: "Lines of a log", Lines: true},
			},
		}},
		{Name: "help", Message: help(), Private: true},
		{Name: "long", Message: overlong(90)},
		{Name: "long-private", Message: overlong(600), Private: true},
		{Name: "markup", Message: markup()},
		{Name: "places", Message: places()},
		{Name: "refusal", Message: limit, Private: true},
		{Name: "table", Message: table()},
		{Name: "testing", Message: waiting},
	}
}

// table is a message with a table, after which prose goes on.
func table() formatting.Message {
	return formatting.Message{
		Verdict: "Compared",
		Sections: []formatting.Section{
			formatting.Table{
				Title: "Mail servers", Header: []string{"MX", "Address", "TLS", "Certificate"}, Rows: [][]string{
					{"10 mx1.example.com", "192.0.2.1", "1.3", "valid"},
					{"10 mx1.example.com", "2001:db8::1", "none", ""},
					{"20 mx2.example.com", "192.0.2.2 <!here> *a* `b` ``` c", "fails", "EXPIRED"},
				},
			},
			formatting.Prose{Title: "What it means", Paragraphs: []string{"The second address has no TLS."}},
		},
	}
}

// answer is a message that has everything but a tone of its own.
func answer() formatting.Message {
	m := markup()
	m.Tone, m.Verdict, m.Target = formatting.ToneBad, "Failed at STARTTLS", "mx.example.com:587"
	m.Fact, m.Quote = "The server offers STARTTLS but cannot do it · 42 ms", []string{
		"454-4.7.0 TLS not available", "454 4.7.0 <!here> *Try* later"}
	m.Try, m.Owner = "Check the server's key and certificate files.", "the server's operators"
	m.Began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

	m.Chart = "××▂▃█?"
	m.Times = []formatting.Moment{{Name: "First failed test", At: m.Began}}
	m.Notes = []string{"Understood: no port was named, so port 587 is tested."}
	m.By = formatting.Person{ID: "U0123ABC", Name: "ada"}
	m.Links = []formatting.Link{{Label: "The test before", URL: "https://chat.example.test/archives/C1/p1"}}
	m.Actions = actions()
	m.Footer = "from 198.51.100.7 · not tested: sender, recipient"
	m.Sections = append(m.Sections, formatting.Facts{
		Title: "TLS", Short: "TLS 1.3 · <!here> · trusted", Rows: []formatting.Fact{{Name: "Protocol", Value: "TLS 1.3"}},
	}, formatting.File{Name: "smtptest.txt", Title: "A file", Text: "one\ntwo\n"})
	return m
}

// help is an answer without a verdict: paragraphs and facts.
func help() formatting.Message {
	var sections []formatting.Section
	for _, t := range formatting.Topics() {
		sections = append(sections, formatting.Prose{Title: t.Title, Paragraphs: t.Paragraphs})
	}
	options := formatting.Facts{Rows: []formatting.Fact{
		{Name: "--tls", Value: "starttls, implicit or none"}, {Name: "--private"}, {Value: "and more"},
	}}
	return formatting.Message{
		Fact: formatting.HelpHead(), Notes: []string{formatting.HelpTail()}, Sections: append(sections, options),
	}
}

// overlong is a message whose sections have no room in one post.
func overlong(lines int) formatting.Message {
	text := strings.Repeat("long words make long lines ", 150)
	code := formatting.Code{Title: "Transcript 192.0.2.1:587"}
	for i := range lines {
		at := time.Duration(i) * time.Millisecond
		code.Lines = append(code.Lines, formatting.CodeLine{At: at, Side: "S",
			Text: "250-X-KEYWORD " + strings.Repeat("x", 40)})
	}
	return formatting.Message{Verdict: "Long", Sections: []formatting.Section{
		formatting.Findings{Items: []formatting.Finding{{Severity: "Warning", Title: "Much", Explanation: text + text + text,
			Advice: "Read."}}},
		code,
	}}
}

// markup is a message whose texts would be read as markup if they were let.
func markup() formatting.Message {
	const text = "*a* _b_ ~c~ `d` <!channel> <@U0123ABC> @everyone :smile: [e](https://evil.test) # f - g > h || i || & j"
	var lines []formatting.CodeLine
	for i, side := range []string{"S", "C", "*", ""} {
		at := time.Duration(i) * 1234 * time.Millisecond
		lines = append(lines, formatting.CodeLine{At: at, Side: side, Secure: i == 1, Text: text + " ``` k"})
	}
	lines = append(lines, formatting.CodeLine{})
	return formatting.Message{
		Tone: formatting.ToneUnsure, Verdict: text, Target: "mx_1_.example.com:587", Fact: text, Footer: text,
		Quote: []string{text, text}, Try: text, Owner: text, Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Notes: []string{text}, By: formatting.Person{Name: text},
		Links: []formatting.Link{{Label: text, URL: "javascript:l"}},
		Sections: []formatting.Section{
			formatting.Findings{Items: []formatting.Finding{
				{Severity: "Error", Title: text, Explanation: text, Advice: text, Owner: text, Confidence: text, Reference: text,
					ID: text},
				{Severity: "Note", Title: "A note", Explanation: "There is nothing to do."},
			}},
			formatting.Facts{Title: text, Rows: []formatting.Fact{{Name: text, Value: text}}},
			formatting.Prose{Title: text, Paragraphs: []string{text}},
			formatting.Code{Title: text, Legend: text, Lines: lines},
		},
	}
}
