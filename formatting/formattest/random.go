package formattest

import (
	"math/rand/v2"
	"strings"
	"time"

	"smtptest/formatting"
	"smtptest/probe/smtp"
)

// Random is a message of random sections made from Nasty and more texts; the
// same for the same arguments.
func Random(seed uint64, more ...string) formatting.Message {
	r := random{rand.New(rand.NewPCG(seed, 0)), append(Nasty(), more...)}
	return r.message()
}

// Nasty are texts that servers send to get at a terminal or a reader.
func Nasty() []string {
	return []string{
		"", " ", "220 mx.example.test ESMTP", "two\r\nlines", "\x1b[31mred\x1b[0m", "\x1b]0;title\a", "\x9b2J",
		"\u202etxt.exe", "\u2066a\u2069",
		"\xff\xfe\xc3\x28", "a\x00b", "\u200b\u200d\ufeff", "a\u0301\u0302\u0303\u0304\u0305\u0306", "\u2028\u2029\u0085",
		"\b\b\b\x7f", "äöü 日本語 🎉",
		strings.Repeat("x", 300), strings.Repeat("long words make long lines ", 40), " · ", "· a · b ·", "trailing  ",
		"\t\v\f", "```", "<!channel> @everyone", "[1m", "0m",
	}
}

// random makes a message of random sections. All its text has passed the one
// sanitiser of text from servers.
type random struct {
	*rand.Rand
	texts []string
}

func (r random) text() string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(r.texts[r.IntN(len(r.texts))])
	}
	return smtp.Printable([]byte(b.String()))
}

func (r random) message() formatting.Message {
	tones := append(formatting.Tones(), "")
	m := formatting.Message{
		Tone: tones[r.IntN(len(tones))], Verdict: r.text(), Target: r.text(), Fact: r.text(),
		Quote: []string{r.text(), r.text()},
		Try:   r.text(), Owner: r.text(), Footer: r.text(),
	}
	for range r.IntN(3) {
		m.Notes = append(m.Notes, r.text())
	}
	if r.IntN(3) == 0 {
		m.Chart = "××▂▃█?"
		m.Times = []formatting.Moment{{Name: r.text(), At: time.Unix(r.Int64N(1<<33), 0)}}
	}
	if r.IntN(2) == 0 {
		m.Began = time.Unix(r.Int64N(1<<33), 0)
		m.By = formatting.Person{ID: "U0123ABC", Name: r.text()}
		m.Links = []formatting.Link{{Label: "Running now", URL: "https://chat.example.test/archives/C1/p1"}}
		m.Actions = actions()
	}
	for range r.IntN(6) {
		m.Sections = append(m.Sections, r.section())
	}
	return m
}

// actions are those of a failed run.
func actions() []formatting.Action {
	const run = "0123456789abcdef0123456789abcdef"
	return []formatting.Action{
		{Verb: "again", Run: run, Label: "Run again", Accessible: "Run the test of smtp.example.com port 587 again",
			Main: true},
		{Verb: "variant", Run: run, Label: "Try port 465", Request: "AAECAw"},
		{Verb: "login", Run: run, Label: "Test a login…"},
		{Verb: "more", Run: run, Label: "More…", Choices: []formatting.Choice{
			{Value: "transcript", Label: "Transcript as a file"}, {Value: "json", Label: "Result as JSON"},
			{Value: "commands", Label: "Commands to reproduce it"}, {Value: "ticket", Label: "Text for the server's operators"},
		}},
	}
}

func (r random) table() formatting.Table {
	t := formatting.Table{Title: r.text(), Header: r.row(22)}
	for range r.IntN(6) {
		t.Rows = append(t.Rows, r.row(len(t.Header)+1))
	}
	return t
}

// row begins with a letter: a line that began with the mark of one that goes
// on would be read as that.
func (r random) row(most int) []string {
	row := []string{"a" + r.text()}
	for range r.IntN(most) {
		row = append(row, r.text())
	}
	return row
}

func (r random) section() formatting.Section {
	switch r.IntN(6) {
	case 0:
		f := formatting.Facts{Title: r.text()}
		for range r.IntN(8) {
			f.Rows = append(f.Rows, formatting.Fact{Name: r.text(), Value: r.text()})
		}
		return f
	case 1:
		var f formatting.Findings
		for range r.IntN(4) {
			severity := []string{"Error", "Warning", "Note"}[r.IntN(3)]
			f.Items = append(f.Items, formatting.Finding{
				Severity: severity, Title: r.text(), Explanation: r.text(), Advice: r.text(),
				Owner: r.text(), Confidence: r.text(), Reference: r.text(), ID: r.text(),
			})
		}
		return f
	case 2:
		return formatting.Prose{Title: r.text(), Paragraphs: []string{r.text(), r.text()}}
	case 3:
		return formatting.File{Name: "smtptest.txt", Title: r.text(), Text: r.text() + "\n"}
	}
	if r.IntN(2) == 0 {
		return r.table()
	}
	c := formatting.Code{Title: r.text()}
	for range r.IntN(8) {
		c.Lines = append(c.Lines, formatting.CodeLine{
			At: time.Duration(r.Int64N(int64(time.Hour))), Side: []string{"C", "S", "*"}[r.IntN(3)], Secure: r.IntN(2) == 0,
			Text: r.text(),
		})
	}
	return c
}
