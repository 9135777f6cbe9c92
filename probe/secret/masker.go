package secret

import (
	"encoding/base64"
	"slices"
	"strings"
)

// Limits of the search.
const (
	gramBytes   = 6  // a run of a form that is recognised; shorter ones are in texts by chance
	longRun     = 8  // of base64, and of letters and digits alone, where words that stand side by side meet
	maxDepth    = 3  // encodings inside one another
	budget      = 12 // bytes that are decoded for each byte of a text
	carryOctets = 24 // of the lines before, to see a secret that is spread over lines
)

// Masker finds several secrets in many texts: their forms are made once. It
// recognises each form of Forms, and every run of six bytes of a value, of its
// base64 or of either backwards: in any case, with characters other than
// letters and digits between, with the escapes of URLs, HTML, JSON, C and
// quoted-printable, and inside base64, base32 and hexadecimal, up to three deep.
// It is not safe for use by several goroutines.
type Masker struct {
	mark  string
	exact []string
	grams map[uint64]struct{}
	runs  map[int]bool // lengths of those among letters and digits alone; a shorter secret has shorter ones
	maybe []uint64     // a bit for each gram's hash: most runs are in no secret
}

// NewMasker makes a Masker that puts a mark in the place of values.
func NewMasker(mark string, values ...string) *Masker {
	m := &Masker{mark: mark, grams: map[uint64]struct{}{}, runs: map[int]bool{}}
	m.Add(values...)
	return m
}

// NewForms is a Masker that knows the forms of whole values alone, see Forms.
func NewForms(mark string, values ...string) *Masker {
	m := &Masker{mark: mark}
	for _, value := range values {
		m.exact = append(m.exact, Forms(value)...)
	}
	return m
}

// Add makes further values known. Those under four octets are not looked for.
func (m *Masker) Add(values ...string) {
	for _, value := range values {
		m.exact = append(m.exact, Forms(value)...)
		if len(value) < gramBytes {
			continue
		}
		m.addGrams(value, gramBytes)
		for _, form := range inBase64(value) {
			m.addGrams(form, longRun)
		}
	}
	m.index()
}

// index leaves out what every refusal holds, and makes the runs quick to find.
func (m *Masker) index() {
	// A run that an ordinary word of a refusal holds would be masked in every
	// refusal, and the mask would tell that the secret holds it.
	for word := range strings.FieldsSeq(ordinary) {
		known := func(_ int, g uint64) { delete(m.grams, g) }
		eachGram([]byte(" "+word+" "), gramBytes, known)
		eachGram([]byte(word), longRun, known)
		for _, form := range inBase64(word) {
			eachGram([]byte(lowerASCII(form)), longRun, known)
		}
	}
	m.maybe = make([]uint64, 1<<(hashBits-6))
	for g := range m.grams {
		h := hash(g)
		m.maybe[h>>6] |= 1 << (h & 63)
	}
}

// AddLine makes a line known that held a value in base64, with what else was in
// it, and what it was made of: each is recognised as a whole.
func (m *Masker) AddLine(data string) {
	m.exact = append(m.exact, Forms(data)...)
	m.exact = append(m.exact, Forms(base64.StdEncoding.EncodeToString([]byte(data)))...)
}

// AddRuns is AddLine, and recognises also eight characters of the line, whatever
// they stand for: of one that is cut nothing is left.
func (m *Masker) AddRuns(data string) {
	m.AddLine(data)
	m.addGrams(base64.StdEncoding.EncodeToString([]byte(data)), longRun)
	m.index()
}

const hashBits = 18

// hash is Fibonacci hashing.
func hash(gram uint64) uint64 { return gram * 0x9E3779B97F4A7C15 >> (64 - hashBits) }

// has reports whether a secret holds a run.
func (m *Masker) has(gram uint64) bool {
	h := hash(gram)
	if m.maybe[h>>6]>>(h&63)&1 == 0 {
		return false
	}
	_, found := m.grams[gram]
	return found
}

// ordinary are words of six letters and more in replies to AUTH, lower case.
const ordinary = `access accepted account accounts administrator allowed another application applications
	attempt attempts authenticate authenticated authentication authorization authorized bearer because before blocked
	cannot channel client command configure connection contact correct credential credentials decode denied details
	disabled domain enable enabled encryption error example exceeded exchange expected expired failed failure forbidden
	google gmail hotmail incorrect information initial internal invalid invalid_token limits locked logged mailbox maximum
	mechanism mechanisms message method microsoft missing number office outlook parameter password passwords permanent
	permitted please policy privileges problem protocol provided received rejected remote request required response
	review scheme secure security server servers service specific started starttls status string submission
	successful suggested support supported syntax system temporarily temporary tenant timeout tokens transport
	unable unavailable unauthorized unknown unrecognized unsuccessful unsupported username verify version website
	yahoo wrong smtpclientauthentication application-specific continue expecting challenge unexpected`

// Mask is a text with the mark in the place of what was found.
func (m *Masker) Mask(text string) string { return m.put(text, m.find(text)) }

// Trail is the end of the texts that came one after the other. The zero value
// has seen none.
type Trail struct{ end Secret }

// Crosses reports that a value begins in what came before and goes on in this
// text, and remembers the text's end for the next one. What came before holds the
// value's first octets, which nobody could recognise then.
func (t *Trail) Crosses(m *Masker, text string) bool {
	end := t.end.Reveal()
	all, border := end+text, len(end)
	t.end = New(all[max(len(all)-carryOctets, 0):])
	near := all[:min(len(all), border+carryOctets)]
	return border > 0 && slices.ContainsFunc(m.matches(near),
		func(sp span) bool { return sp.from < border && border < sp.to })
}

func (m *Masker) put(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for _, sp := range spans {
		b.WriteString(text[from:sp.from])
		b.WriteString(m.mark)
		from = sp.to
	}
	b.WriteString(text[from:])
	return b.String()
}

// find lists where the values stand, in order; what overlaps or touches is one
// span.
func (m *Masker) find(text string) []span { return joined(m.matches(text)) }

// matches are the places of forms and runs, in no order.
func (m *Masker) matches(text string) []span {
	var all []span
	for _, form := range m.exact {
		if len(form) <= len(text) {
			all = appendSpans(all, text, form)
		}
	}
	s := search{masker: m, left: budget * len(text), spans: all}
	if len(m.grams) > 0 {
		s.run(text)
	}
	return s.spans
}

// joined sorts spans and makes one of those that overlap or touch.
func joined(all []span) []span {
	slices.SortFunc(all, func(a, b span) int { return a.from - b.from })
	var out []span
	for _, sp := range all {
		if n := len(out); n > 0 && sp.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, sp.to)
			continue
		}
		out = append(out, sp)
	}
	return out
}

// inBase64 is what of the base64 of a text that holds the value depends on the
// value alone, for the three places where it can begin.
func inBase64(value string) []string {
	var forms []string
	for before := range 3 {
		whole := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + value))
		forms = append(forms, whole[(before*8+5)/6:(before+len(value))*8/6])
	}
	return forms
}

// addGrams adds the runs of a form and of the form backwards.
func (m *Masker) addGrams(form string, run int) {
	add := func(_ int, g uint64) { m.grams[g] = struct{}{} }
	for range 2 {
		v := plainView(form)
		eachGram(v.folded().data, run, add)
		squeezed := v.squeezed().data
		if n := min(len(squeezed), longRun); n >= gramBytes {
			m.runs[n] = true
			eachGram(squeezed, n, add)
		}
		backwards := []byte(form)
		slices.Reverse(backwards)
		form = string(backwards)
	}
}

// eachGram calls for each run of some bytes, at most eight, packed into a number.
func eachGram(data []byte, length int, do func(at int, gram uint64)) {
	keep := ^uint64(0) >> (64 - 8*length)
	var gram uint64
	for i, c := range data {
		gram = (gram<<8 | uint64(c)) & keep
		if i >= length-1 {
			do(i-length+1, gram)
		}
	}
}
