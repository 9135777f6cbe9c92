package smtp

import (
	"strings"
	"unicode/utf8"
)

// Limits of a mailbox in octets, as it stands on the wire.
const (
	maxLocalOctets   = 64  // RFC 5321 §4.5.3.1.1, quotes included
	maxMailboxOctets = 254 // RFC 5321 §4.5.3.1.3: a path has at most 256, "<" and ">" included
)

// Mailbox is a mail address as the envelope carries it: local-part and
// domain (RFC 5321 §4.1.2). The zero value is no mailbox; as a reverse-path
// it stands for the null path <>.
type Mailbox struct {
	Local  string // without quotes
	Domain string // A-labels, or an address literal with its brackets
}

// ParseMailbox reads one mail address (RFC 5321 §4.1.2): a local-part, plain
// or quoted, "@", and a domain or an address literal. Angle brackets around
// it are taken off. Beyond the RFC's ASCII the local-part may hold printable
// Unicode (RFC 6531 §3.3); beyond RFC 6531, what a reader could not see is
// refused. Errors: *SyntaxError.
func ParseMailbox(s string) (Mailbox, error) {
	if strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">") {
		s = s[1 : len(s)-1]
	}
	m, fault := parseMailbox(s)
	if fault != "" {
		return Mailbox{}, &SyntaxError{"mail address", fault}
	}
	return m, nil
}

func parseMailbox(s string) (Mailbox, Fault) {
	switch {
	case s == "":
		return Mailbox{}, FaultEmpty
	case len(s) > 2*maxMailboxOctets:
		return Mailbox{}, FaultLength
	case unseen(s):
		return Mailbox{}, FaultInvisible
	case s[0] == '@':
		return Mailbox{}, FaultSourceRoute
	}
	local, rest, fault := cutLocal(s)
	if fault != "" {
		return Mailbox{}, fault
	}
	domain, fault := mailDomain(rest)
	if fault != "" {
		return Mailbox{}, fault
	}
	m := Mailbox{local, domain}
	if len(quoteLocal(local)) > maxLocalOctets {
		return Mailbox{}, FaultLocalLength
	}
	if len(m.String()) > maxMailboxOctets {
		return Mailbox{}, FaultLength
	}
	return m, ""
}

// cutLocal takes the local-part off, with its quotes undone, and the "@"
// behind it.
func cutLocal(s string) (local, rest string, fault Fault) {
	if s[0] == '"' {
		return cutQuoted(s[1:])
	}
	local, rest, found := strings.Cut(s, "@")
	switch {
	case !found:
		return "", "", FaultNoAt
	case !dotString(local):
		return "", "", FaultLocal
	}
	return local, rest, ""
}

// cutQuoted reads a Quoted-string from behind its first quote.
func cutQuoted(s string) (local, rest string, fault Fault) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			rest, found := strings.CutPrefix(s[i+1:], "@")
			if !found {
				return "", "", FaultNoAt
			}
			return b.String(), rest, ""
		case '\\':
			if i++; i == len(s) || s[i] >= utf8.RuneSelf { // quoted-pairSMTP is ASCII
				return "", "", FaultLocal
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", FaultLocal
}

// dotString reports whether a local-part needs no quotes: Dot-string of RFC
// 5321 §4.1.2, with the atext of RFC 5322 §3.2.3 and RFC 6531 §3.3.
func dotString(local string) bool {
	for _, atom := range strings.Split(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !atext(r) }) {
			return false
		}
	}
	return true
}

func atext(r rune) bool {
	return r >= utf8.RuneSelf || alphanumeric(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// mailDomain reads what stands behind the "@". Unlike a host that is looked
// up it may hold no underscore.
func mailDomain(s string) (string, Fault) {
	if strings.HasPrefix(s, "[") {
		return addressLiteral(s)
	}
	domain, fault := toALabels(s)
	if fault == "" && strings.Contains(domain, "_") {
		fault = FaultCharacter
	}
	return domain, fault
}

// String is the mailbox as it stands in MAIL FROM:<…>, the local-part in
// quotes when it needs them; "" for the zero value.
func (m Mailbox) String() string {
	if m.IsZero() {
		return ""
	}
	return quoteLocal(m.Local) + "@" + m.Domain
}

// IsZero reports that there is no mailbox.
func (m Mailbox) IsZero() bool { return m == Mailbox{} }

// ASCII reports whether the local-part is ASCII. One that is not may be sent
// only to a server that offers SMTPUTF8 (RFC 6531 §3.1). The domain always is.
func (m Mailbox) ASCII() bool { return plainASCII([]byte(m.Local)) }

func quoteLocal(local string) string {
	if dotString(local) {
		return local
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`
}
