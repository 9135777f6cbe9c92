package replies

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"smtptest/probe/smtp"
)

// Match is one row that fits a pasted text.
type Match struct {
	ID      ID
	Layer   Layer
	Library string // whose text it is; empty: a server's, or an operating system's
	Fix     string // with the name of the library's setting; empty: the meaning's own
	Source  string // where the words were found; empty: none is at hand
	Vague   bool   // the words may come from a program that has nothing to do with mail
	row     ID     // of the row, before it was called by its place
	weight  int
}

// Find are the rows whose words stand in a pasted text, the most telling
// first. One text may hold several: an exception, what it wraps, and the reply
// that it quotes.
func Find(t Text) []Match { return loaded().find(t) }

func (s *store) find(t Text) []Match {
	f := s.read(&t)
	var fit []Match
	for i := range s.rows {
		r := &s.rows[i]
		if r.layer() <= LayerConcept && r.answers(t) && f.fit(r) && r.isMet(t) {
			vague := (r.needs == needVague || r.needs == needAny) && !t.aboutMail()
			fit = append(fit, Match{
				s.called(r.id, t.Place, f.form), r.layer(), r.library, r.fix, r.source, vague, r.id, r.weight(f.form, t.replied()),
			})
		}
	}
	if t.Place == Anywhere {
		if len(fit) == 0 {
			return s.byCode(t, f)
		}
		slices.SortStableFunc(fit, func(a, b Match) int { return cmp.Compare(b.weight, a.weight) })
		reasonFirst(fit, t.temporary())
	}
	return fit
}

// byCode is what the codes of a pasted text mean at their place, where none of
// its words is known; their class alone only where the place is certain.
func (s *store) byCode(t Text, f features) []Match {
	if f.place == Anywhere {
		return nil
	}
	least := LayerCode
	if f.form != Anywhere {
		least = LayerClass
	}
	t.Place = f.place
	var best *row
	for i := range s.rows {
		r := &s.rows[i]
		if r.layer() >= LayerEnhanced && r.layer() <= least && (best == nil || r.layer() < best.layer()) && r.answers(t) {
			best = r
		}
	}
	if best == nil {
		return nil
	}
	return []Match{{ID: s.called(best.id, Anywhere, f.form), Layer: best.layer(), Source: best.source, row: best.id}}
}

// called is the id of a match at its place. In a pasted text, where the place
// is read from the form, only troubles of the whole session are called by it:
// of others the reader wants to hear what they are.
func (s *store) called(id ID, place, form Place) ID {
	if place == Anywhere && !strings.HasPrefix(string(id), "session.") {
		return id
	}
	return s.at(id, form)
}

// isMet reports whether the text holds what else the row needs.
func (r *row) isMet(t Text) bool {
	switch r.needs {
	case needCode:
		return len(t.Codes) > 0
	case needMail:
		return t.Mail
	case needAlone, needVague:
		return t.aboutMail() || only(t.Words, r.words)
	}
	return true
}

// aboutMail reports a word of mail or a reply code.
func (t Text) aboutMail() bool { return t.Mail || len(t.Codes) > 0 }

// maxOnlyOctets is how long an error text may be that stands by itself.
const maxOnlyOctets = 240

// only reports whether a text holds nothing beside the fragments but words
// that programs put around an error: names of hosts and functions, numbers.
func only(text string, fragments []string) bool {
	if len(text) > maxOnlyOctets {
		return false
	}
	for _, f := range fragments {
		text = strings.ReplaceAll(text, f, " ")
	}
	for _, w := range strings.FieldsFunc(text, between) {
		if w = strings.Trim(w, ".-_+*"); w != "" && !wrapper(w) && !strings.ContainsAny(w, "0123456789._@") {
			return false
		}
	}
	return true
}

// between reports what divides words. Mail addresses are held together.
func between(r rune) bool {
	return !strings.ContainsRune(".-_@+*", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// wrapper reports words that people and programs write around an error.
func wrapper(lower string) bool {
	return slices.Contains([]string{
		"a", "an", "and", "are", "at", "do", "does", "from", "in", "is", "of", "or", "please", "the", "versus", "vs",
		"what", "whats", "why", "with", "explain", "mean", "meaning", "means",
		"alert", "auth", "authentication", "by", "caused", "code", "command", "connect", "dial", "enhanced", "err",
		"errno", "error", "errors", "exception", "failed", "fatal", "handshake", "invalid", "ioerror", "keyword",
		"login", "mail", "mechanism", "number", "oserror", "read", "remote", "reply", "routines", "server", "ssl",
		"status", "tcp", "tls", "warning", "write",
	}, lower)
}

// Weights of a match: a library's words tell more than a server's, those of a
// library that only wraps another error less, and OpenSSL's stand inside the
// others'. Within a kind more fragments come before longer ones, and of the
// same words those that stand at more places, for the place is not known.
const (
	weightLibrary  = 1 << 24
	weightOpenSSL  = 1 << 23
	weightWrapping = 1 << 22
	weightFragment = 1 << 14
	weightOctet    = 1 << 4
)

// What texts mean that tell nothing themselves: of a library that wraps the
// error of another, and of a server that gives its reason in other words.
const (
	wrapping ID = "client.connect-failed"
	comeBack ID = "envelope.deferred"
)

// temporary reports a text whose codes all ask to come back later.
func (t Text) temporary() bool {
	return t.replied() && !slices.ContainsFunc(t.Codes, func(c int) bool { return c/100 != 4 }) &&
		!slices.ContainsFunc(t.Enhanced, func(e smtp.EnhancedCode) bool { return e.Class != 4 })
}

// replied reports a text that holds a reply, and not only what a client says.
func (t Text) replied() bool { return len(t.Codes) > 0 || len(t.Enhanced) > 0 }

// weight is how telling a row is, for a reply to the command of form where that
// is certain: words of replies to other commands come last. Ideas come after
// all that is known, those of a reply first; of them the first row decides.
func (r *row) weight(form Place, replied bool) int {
	if form != Anywhere && len(r.at) > 0 && !r.pasted && !slices.Contains(r.at, form) {
		return -2 * len(Places())
	}
	weight := weightFragment * len(r.words)
	for _, f := range r.words {
		weight += weightOctet * len(f)
	}
	weight += r.breadth()
	switch {
	case r.layer() == LayerConcept && replied && !r.pasted:
		return 2 - len(Places())
	case r.layer() == LayerConcept:
		return 1 - len(Places())
	case r.id == comeBack:
		return r.breadth()
	case r.library == "":
		return weight
	case r.id == wrapping:
		return weight + weightWrapping
	case r.library == openSSL:
		return weight + weightOpenSSL
	}
	return weight + weightLibrary
}

// breadth is at how many places the words can stand, less than an octet's
// weight; a row for pasted texts is for every place.
func (r *row) breadth() int {
	switch {
	case r.pasted:
		return len(Places()) + 1
	case len(r.at) == 0:
		return len(Places())
	}
	return len(r.at)
}
