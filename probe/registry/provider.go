package registry

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"smtptest/probe/smtp"
)

// The providers whose own meanings of enhanced status codes are known.
const (
	Gmail     = "gmail"     // Gmail and Google Workspace
	Microsoft = "microsoft" // Exchange Online, Microsoft 365, Outlook.com
)

// ProviderCode is what one provider means by an enhanced status code. It is
// not IANA's meaning and often contradicts it.
type ProviderCode struct {
	Provider string // Gmail or Microsoft
	Meaning  string // one line
	Source   string // where it was read
}

// span is one code of a provider, or a range of details.
type span struct {
	provider            string
	class, subject      int
	firstDetail, detail int // both included
}

var providerCodes = sync.OnceValue(func() map[span]ProviderCode {
	return load("providers.tsv", 4, readProviderCode)
})

func readProviderCode(c []string) (span, ProviderCode, error) {
	from, to, ranged := strings.Cut(c[1], "-")
	code, after, ok := smtp.ParseEnhanced(from)
	if !ok || after != "" {
		return span{}, ProviderCode{}, fmt.Errorf("%q is not an enhanced status code", c[1])
	}
	s := span{c[0], code.Class, code.Subject, code.Detail, code.Detail}
	if ranged {
		last, err := strconv.Atoi(to)
		if err != nil || last <= s.firstDetail {
			return span{}, ProviderCode{}, fmt.Errorf("%q is not a range of codes", c[1])
		}
		s.detail = last
	}
	return s, ProviderCode{Provider: c[0], Meaning: c[2], Source: c[3]}, nil
}

// holds reports whether a code of a provider falls into the span.
func (s span) holds(provider string, code smtp.EnhancedCode) bool {
	return s.provider == provider && s.class == code.Class && s.subject == code.Subject &&
		s.firstDetail <= code.Detail && code.Detail <= s.detail
}

func (s span) width() int { return s.detail - s.firstDetail }

// EnhancedAt is what a provider itself means by an enhanced status code; a
// row for the code alone comes before a range. provider is one of the
// constants. ok is false when the provider is not known to mean something of
// its own: EnhancedOf then holds.
func EnhancedAt(provider string, code smtp.EnhancedCode) (c ProviderCode, ok bool) {
	var best span
	for s, row := range providerCodes() {
		if s.holds(provider, code) && (!ok || s.width() < best.width()) {
			best, c, ok = s, row, true
		}
	}
	return c, ok
}
