package bounce

import (
	"net/mail"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"smtptest/probe/smtp"
)

// field is one field of a header or of a status. block counts the blank lines
// before it.
type field struct {
	name, value string // the name in lower case
	block       int
}

// fieldLine begins a field (RFC 5322 §2.2).
var fieldLine = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t]+(.*)|)$`)

// fields reads what has the form of fields, wherever it stands. A line that
// begins none goes on with the one before, also where a chat or a terminal has
// eaten the blank that it began with (RFC 5322 §2.2.3).
func fields(text string) (all []field) {
	open, block := false, 0
	for line := range strings.SplitSeq(text, "\n") {
		line = unquoted(line)
		m := fieldLine.FindStringSubmatch(line)
		switch {
		case strings.TrimSpace(line) == "":
			open = false
			block++
		case m != nil && len(all) == maxFields:
			return all
		case m != nil:
			all = append(all, field{strings.ToLower(m[1]), bounded(m[2], maxFieldBytes), block})
			open = true
		case open:
			last := &all[len(all)-1]
			if room := maxFieldBytes - len(last.value) - 1; room > 0 {
				last.value += " " + bounded(strings.TrimSpace(line), room)
			}
		}
	}
	return all
}

// unquoted takes off what mail programs put before the lines of another
// message.
func unquoted(line string) string {
	line = strings.TrimRight(line, " \t\r")
	for range 5 {
		if strings.HasPrefix(line, ">>> ") { // what sendmail said to a server
			break
		}
		rest, quoted := strings.CutPrefix(line, ">")
		if !quoted {
			break
		}
		line = strings.TrimPrefix(rest, " ")
	}
	return line
}

func bounded(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// hostName is a host name with a dot, as a server may be called; empty: it is
// none.
func hostName(text string) string {
	text = strings.Trim(text, ".,;:()<>[]'\"")
	if _, err := netip.ParseAddr(text); err == nil || !strings.Contains(text, ".") {
		return ""
	}
	name, err := smtp.ParseDomain(text)
	if err != nil {
		return ""
	}
	return strings.ToLower(name)
}

// address is the first IP address of a text; invalid: there is none.
func address(text string) netip.Addr {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t()[]<>,;=", r) }) {
		word = strings.TrimPrefix(strings.TrimPrefix(word, "IPv6:"), "ipv6:")
		if a, err := netip.ParseAddr(word); err == nil {
			return a.Unmap().WithZone("")
		}
	}
	return netip.Addr{}
}

// date reads a date (RFC 5322 §3.3); zero: it is none.
func date(text string) time.Time {
	text = strings.TrimSpace(text)
	at, err := mail.ParseDate(text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
