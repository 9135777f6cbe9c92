package registry

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"smtptest/probe/smtp"
)

// Enhanced is what IANA's registry says of an enhanced status code
// (RFC 3463, RFC 5248).
type Enhanced struct {
	Code      smtp.EnhancedCode // as it was asked for
	Class     string            // what the class tells; never empty
	Subject   string            // what the subject tells; empty: an unassigned one
	Meaning   string            // class left aside, one line; empty: this detail is not registered
	Reference string            // RFC and section; empty: none, or not registered
	Basic     []int             // reply codes that belong to it; empty: any, many or none
}

// detail is a code without its class: the registry lists most codes for
// several classes at once.
type detail struct{ subject, detail int }

var enhanced = sync.OnceValue(func() map[detail]Enhanced {
	return load("enhanced.tsv", 4, readEnhanced)
})

func readEnhanced(c []string) (detail, Enhanced, error) {
	rest, found := strings.CutPrefix(c[0], "X.")
	code, after, ok := smtp.ParseEnhanced("5." + rest)
	if !found || !ok || after != "" {
		return detail{}, Enhanced{}, fmt.Errorf("%q is not a code of the form X.7.8", c[0])
	}
	e := Enhanced{Reference: c[2], Meaning: c[3]}
	var err error
	e.Basic, err = readBasic(c[1])
	return detail{code.Subject, code.Detail}, e, err
}

// readBasic reads reply codes with commas between them.
func readBasic(cell string) ([]int, error) {
	if cell == "" {
		return nil, nil
	}
	var out []int
	for s := range strings.SplitSeq(cell, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 200 || n > 599 {
			return nil, fmt.Errorf("%q is not a reply code", s)
		}
		out = append(out, n)
	}
	return out, nil
}

// EnhancedOf is IANA's row of an enhanced status code. Class and subject are
// filled in for an unregistered code too; ok is false then, and for a class
// other than 2, 4 and 5 (RFC 3463 §2).
func EnhancedOf(code smtp.EnhancedCode) (e Enhanced, ok bool) {
	class := classWords(code.Class)
	if class == "" {
		return Enhanced{Code: code}, false
	}
	e, ok = enhanced()[detail{code.Subject, code.Detail}]
	e.Code, e.Class, e.Subject = code, class, subjectWords(code.Subject)
	e.Basic = slices.Clone(e.Basic) // the caller's own, the table is shared
	return e, ok
}

func classWords(class int) string {
	switch class {
	case 2:
		return "success"
	case 4:
		return "temporary: the same may work later"
	case 5:
		return "permanent: the same will be refused again"
	}
	return ""
}

// subjectWords names the subjects of RFC 3463 §2.
func subjectWords(subject int) string {
	words := []string{"no particular subject", "addresses", "mailbox", "mail system",
		"network and routing", "protocol", "content", "security and policy"}
	if subject < 0 || subject >= len(words) {
		return ""
	}
	return words[subject]
}
