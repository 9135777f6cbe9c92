package diagnosis

import (
	"regexp"
	"slices"
	"strings"

	"smtptest/probe/smtp"
)

// clue ties what a server said to a finding. Empty fields are not looked at.
type clue struct {
	finding  ID
	to       []string // what the reply answers: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT; empty: any
	text     []string // any of these, lower case, in the reply's text
	enhanced []string // any of these enhanced codes, x standing for the class
	code     []int    // any of these reply codes
	class    int      // first digit of the code
}

// The order of belief: words before numbers, and the registry's meaning
// before the class. A provider's own meaning comes before all of them, see
// knowledge: the same enhanced code means different things at different
// providers.
const (
	beliefText = iota
	beliefEnhanced
	beliefCode
	beliefClass
	beliefNone
)

// believe finds what a reply means: the finding of the most trusted clue,
// the first of equals; empty when no clue fits. to is the command that the
// reply answers.
func believe(known []clue, r *smtp.Reply, to string) ID {
	best, finding := beliefNone, ID("")
	for _, c := range known {
		if b := c.belief(r, to); b < best {
			best, finding = b, c.finding
		}
	}
	return finding
}

// belief is how much this clue is worth for a reply; beliefNone: it does not
// fit. Every field that is set must fit.
func (c clue) belief(r *smtp.Reply, to string) int {
	switch {
	case len(c.to) > 0 && !slices.Contains(c.to, to),
		len(c.text) > 0 && !containsAny(folded(r), c.text),
		len(c.enhanced) > 0 && !slices.ContainsFunc(c.enhanced, func(e string) bool { return enhancedIs(r.Enhanced, e) }),
		len(c.code) > 0 && !slices.Contains(c.code, r.Code),
		c.class != 0 && c.class != r.Class():
		return beliefNone
	case len(c.text) > 0:
		return beliefText
	case len(c.enhanced) > 0:
		return beliefEnhanced
	case len(c.code) > 0:
		return beliefCode
	}
	return beliefClass
}

// folded is the reply's text as clues are written: in lower case, and in one
// line, since servers break their lines anywhere. Of a mail address only the @
// is left: words such as pipeline or dmarc stand in many of them.
func folded(r *smtp.Reply) string {
	text := mailAddress.ReplaceAllString(r.Text(), "@")
	return strings.ToLower(strings.ReplaceAll(text, "\n", " "))
}

var mailAddress = regexp.MustCompile(`[^\s<>()\[\],;:"']+@[^\s<>()\[\],;:"']+`)

// within reports whether host is the domain or below it.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

func containsAny(text string, needles []string) bool {
	return slices.ContainsFunc(needles, func(n string) bool { return strings.Contains(text, n) })
}

// enhancedIs compares with a written code such as "5.7.1" or "x.7.1".
func enhancedIs(e smtp.EnhancedCode, want string) bool {
	have := e.String()
	if rest, any := strings.CutPrefix(want, "x"); any {
		return have != "" && have[1:] == rest
	}
	return have == want
}
