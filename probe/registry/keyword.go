package registry

import (
	"strings"
	"sync"
)

// Keyword is what is known of an EHLO keyword (RFC 5321 §4.1.1.1).
type Keyword struct {
	Name       string // in upper case
	Registered bool   // it stands in IANA's registry "SMTP Service Extensions"
	Vendor     string // whose own keyword it is; empty: registered, or a command that may be listed (RFC 5321 §3.5.2)
	Masked     bool   // letters that a firewall wrote over a real keyword
	Reference  string // RFC and section; empty: none
	Parameters string // what may follow the keyword; empty: nothing
	Meaning    string // one line
}

var keywords = sync.OnceValue(func() map[string]Keyword {
	return load("keywords.tsv", 5, readKeyword)
})

func readKeyword(c []string) (string, Keyword, error) {
	k := Keyword{Name: c[0], Vendor: c[1], Reference: c[2], Parameters: c[3], Meaning: c[4]}
	if k.Vendor == "IANA" {
		k.Registered, k.Vendor = true, ""
	}
	return k.Name, k, nil
}

// KeywordOf is the row of an EHLO keyword, compared without case. ok is
// false for a keyword that nobody here knows.
func KeywordOf(name string) (k Keyword, ok bool) {
	name = strings.ToUpper(name)
	if isMask(name) {
		return Keyword{
			Name:    name,
			Vendor:  "inspecting firewall",
			Masked:  true,
			Meaning: "masked by an inspecting firewall",
		}, true
	}
	k, ok = keywords()[name]
	return k, ok
}

// Lengths of a mask, which is as long as the keyword that it hides: private
// names shorter than the first are left alone, and nothing registered comes
// near the second.
const (
	minMaskLetters = 4
	maxMaskLetters = 64
)

// isMask reports a keyword of X's alone, or of X's and one last letter: what
// Cisco's "inspect esmtp" leaves of STARTTLS is XXXXXXXA.
func isMask(name string) bool {
	if len(name) < minMaskLetters || len(name) > maxMaskLetters {
		return false
	}
	last := name[len(name)-1]
	return strings.Trim(name[:len(name)-1], "X") == "" && last >= 'A' && last <= 'Z'
}
