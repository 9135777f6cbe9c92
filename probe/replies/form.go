package replies

import (
	_ "embed" // the table
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smtptest/probe/smtp"
)

var (
	//go:embed forms.tsv
	formsTable []byte
	//go:embed makers.tsv
	makersTable []byte
)

// codesOf are the numbers of a text that can be codes of refusals.
func codesOf(text string) []int {
	var out []int
	for _, w := range strings.FieldsFunc(text, betweenCodes) {
		if code, err := strconv.Atoi(w); err == nil && len(w) == 3 && code >= 400 && code <= 599 {
			out = append(out, code)
		}
	}
	return out
}

// betweenCodes reports what divides numbers in a text.
func betweenCodes(r rune) bool { return r != '.' && between(r) || r == '-' }

// form is a row of forms.tsv: what a program writes around the reply to a
// command.
type form struct {
	at    Place
	words string
}

func readForm(c []string) (form, error) {
	f := form{Place(c[0]), c[1]}
	switch {
	case !slices.Contains(Places(), f.at):
		return f, fmt.Errorf("%q is not a place", c[0])
	case f.words != strings.ToLower(f.words) || len(f.words) < gram:
		return f, fmt.Errorf("%q is not at least %d octets in lower case", f.words, gram)
	}
	return f, nil
}

// place is what the reply in a pasted text probably answered: by what is
// written around it, or else by its code and what its words are about;
// Anywhere where nothing tells. What is written around it is certain.
func (s *store) place(t Text, has []bool, written found) (likely, certain Place) {
	if certain := t.placeOf530(); certain != Anywhere {
		return certain, certain
	}
	for _, f := range s.forms {
		if written.one(f.words) {
			return f.at, f.at
		}
	}
	about := func(concept string) bool { return has != nil && has[s.lexicon.number[concept]] }
	for _, code := range t.Codes {
		if at := placeOfCode(code, about); at != Anywhere {
			return at, Anywhere
		}
	}
	if len(t.Codes) == 0 && len(t.Enhanced) > 0 {
		return placeOf(t.Enhanced[0], about("login") && !about("recipient") && !about("sender")), Anywhere
	}
	return Anywhere, Anywhere
}

// placeOf530 is where 530 is said: at commands that need a login or TLS first,
// whatever the client calls its error (RFC 4954 §6, RFC 3207 §4).
func (t Text) placeOf530() Place {
	if slices.Contains(t.Codes, 530) && !slices.ContainsFunc(t.Codes, func(c int) bool { return c != 530 && c != 500 }) {
		return MAIL
	}
	return Anywhere
}

// placeOfCode is what a reply code probably answers, where its words are about
// certain ideas.
func placeOfCode(code int, about func(concept string) bool) Place {
	switch {
	case slices.Contains([]int{432, 454, 525, 534, 535, 538}, code):
		if about("tls") && !about("login") {
			return STARTTLS
		}
		return AUTH
	case about("helo"):
		return EHLO
	case code == 530:
		return MAIL
	}
	if at := placeOfWords(code, about); at != Anywhere {
		return at
	}
	switch code {
	case 450, 451, 452, 550, 551, 552, 553, 554:
		return RCPT
	case 421:
		return Greeting
	}
	return Anywhere
}

// placeOfWords is what a code that many commands are answered with probably
// answers, by what its words are about.
func placeOfWords(code int, about func(concept string) bool) Place {
	switch {
	case slices.Contains([]int{500, 501, 503, 504, 555}, code) && about("sender") && !about("recipient"):
		return MAIL
	case about("login") && about("wrong") && !about("need") && !ofEnvelope(about):
		return AUTH
	case code >= 550 && slices.ContainsFunc([]string{"content", "spam", "message"}, about) && !ofEnvelope(about):
		return DATA
	case code == 554 && !slices.ContainsFunc([]string{"recipient", "user", "relay"}, about):
		return DATA
	}
	return Anywhere
}

// ofEnvelope reports words about an address, or about who may send to it.
func ofEnvelope(about func(concept string) bool) bool {
	return slices.ContainsFunc([]string{"sender", "recipient", "user", "relay", "domain", "address", "ptr", "spf"}, about)
}

// placeOf is what an enhanced code without a reply code probably answers
// (RFC 3463, RFC 4954 §6). login: its words are about a login.
func placeOf(e smtp.EnhancedCode, login bool) Place {
	switch {
	case e.Class < 4:
		return Anywhere
	case e.Subject == 7 && (login || e.Detail >= 8 && e.Detail <= 13 || e.Detail == 3):
		return AUTH
	case e.Subject == 6, e.Subject == 3 && e.Detail == 4:
		return DATA
	case e.Subject == 1 && e.Detail >= 7:
		return MAIL
	case e.Subject == 3:
		return MAIL
	case e.Subject == 4 || e.Subject == 5:
		return Anywhere
	}
	return RCPT
}

// elsewhere reports the names of programs that refuse logins and commands in
// the words of mail servers.
func elsewhere(words string) bool {
	return slices.ContainsFunc([]string{"psql:", "postgres", "mysql", "mongodb", "redis", "sshd", "ssh:"},
		func(name string) bool { return strings.Contains(words, name) })
}

// maker is a row of makers.tsv: words that only the texts of one library hold.
type maker struct{ library, words string }

func readMaker(c []string) (maker, error) {
	m := maker{c[0], c[1]}
	if m.words != strings.ToLower(m.words) || len(m.words) < gram {
		return m, fmt.Errorf("%q is not at least %d octets in lower case", m.words, gram)
	}
	return m, nil
}

// makersOf are the libraries whose own words a text holds.
func (s *store) makersOf(written found) []string {
	var out []string
	for _, m := range s.makers {
		if written.one(m.words) && !slices.Contains(out, m.library) {
			out = append(out, m.library)
		}
	}
	return out
}

// speaks reports whether a row may speak about a text of these makers: of a
// library only to its own texts, where it is known whose they are. OpenSSL's
// words stand inside those of all others.
func (r *row) speaks(makers []string) bool {
	return r.library == "" || r.library == openSSL || len(makers) == 0 || slices.Contains(makers, r.library)
}
