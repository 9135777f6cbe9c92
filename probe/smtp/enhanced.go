package smtp

import (
	"fmt"
	"strconv"
	"strings"
)

// EnhancedCode is an enhanced mail system status code, class.subject.detail
// (RFC 3463 §2, RFC 2034). The zero value means that there is none.
type EnhancedCode struct {
	Class   int // 2, 4 or 5
	Subject int // 0 to 999
	Detail  int // 0 to 999
}

// IsZero reports that there is no code.
func (e EnhancedCode) IsZero() bool { return e == EnhancedCode{} }

// String is the code in its written form, "" for none.
func (e EnhancedCode) String() string {
	if e.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", e.Class, e.Subject, e.Detail)
}

// ParseEnhanced reads an enhanced code at the start of a reply line's text.
// rest is the text behind it. ok is false, and rest the whole text, when the
// text does not begin with one.
func ParseEnhanced(text string) (code EnhancedCode, rest string, ok bool) {
	if len(text) < len("2.0.0") || text[1] != '.' {
		return EnhancedCode{}, text, false
	}
	word, rest, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 {
		return EnhancedCode{}, text, false
	}
	var n [3]int
	for i, p := range parts {
		if n[i], ok = number(p); !ok {
			return EnhancedCode{}, text, false
		}
	}
	if n[0] != 2 && n[0] != 4 && n[0] != 5 {
		return EnhancedCode{}, text, false
	}
	return EnhancedCode{n[0], n[1], n[2]}, rest, true
}

// number reads one to three digits (RFC 3463 §2: no leading zeros are
// promised by all servers, so they are let pass).
func number(s string) (int, bool) {
	if len(s) < 1 || len(s) > 3 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
