package registry

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"smtptest/probe/smtp"
)

// Limits of what is taken over from a server into a meaning.
const (
	maxMechanisms     = 8  // named in one line; the others are counted
	maxMechanismChars = 20 // RFC 4422 §3.1
	maxSecondsDigits  = 9  // RFC 2852 and RFC 4865 allow nine digits
	maxCountDigits    = 6  // RFC 9422 §4 allows six digits
)

// Meaning says in one line what a capability tells: that of its keyword, or
// that of its parameters where they can be read. Empty for an unknown
// keyword. Of the server's words only the names of SASL mechanisms are taken
// over, in upper case, at most eight.
func Meaning(c smtp.Capability) string {
	k, ok := KeywordOf(c.Keyword)
	if !ok {
		return ""
	}
	if said := parameters(k.Name, c); said != "" {
		return said
	}
	return k.Meaning
}

// parameters reads the parameters of the keywords whose parameters matter to
// people; empty when there is nothing to add to the keyword's own meaning.
func parameters(name string, c smtp.Capability) string {
	switch name {
	case "SIZE":
		return sizeMeaning(c.Params)
	case "AUTH":
		return authMeaning(c)
	case "LIMITS":
		return limitsMeaning(c.Params)
	case "DELIVERBY":
		return deliverByMeaning(c.Params)
	case "FUTURERELEASE":
		return futureReleaseMeaning(c.Params)
	case "MT-PRIORITY":
		return priorityMeaning(c.Params)
	case "X-RCPTLIMIT":
		return recipientLimitMeaning(c.Params)
	}
	return ""
}

// sizeMeaning reads the parameter of SIZE. Zero means that there is no fixed
// limit, and none that nothing is said about one (RFC 1870 §3); to a sender
// both come to the same.
func sizeMeaning(params []string) string {
	if len(params) == 0 {
		return "no fixed limit declared"
	}
	octets, err := strconv.ParseUint(params[0], 10, 64)
	switch {
	case err != nil:
		return ""
	case octets == 0:
		return "no fixed limit declared"
	}
	return "largest message " + sizeWords(octets)
}

// sizeWords is a number of octets in binary units, with one decimal at most.
func sizeWords(octets uint64) string {
	units := []struct {
		octets uint64
		name   string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}}
	for _, u := range units {
		if octets >= u.octets {
			return decimal(float64(octets)/float64(u.octets)) + " " + u.name
		}
	}
	return plural(strconv.FormatUint(octets, 10), "octet")
}

// authMeaning names the mechanisms that AUTH lists (RFC 4954 §3).
func authMeaning(c smtp.Capability) string {
	var names []string
	more := 0
	for _, m := range (smtp.Capabilities{c}).Mechanisms() {
		if len(names) < maxMechanisms && isMechanism(m) {
			names = append(names, m)
		} else {
			more++
		}
	}
	if len(names) == 0 {
		return "login announced, but without a mechanism"
	}
	said := "log in with " + strings.Join(names, ", ")
	if more > 0 {
		said += fmt.Sprintf(" and %d more", more)
	}
	if c.Equals {
		said += " (old spelling)"
	}
	return said
}

// isMechanism reports a mechanism name of RFC 4422 §3.1.
func isMechanism(name string) bool {
	if name == "" || len(name) > maxMechanismChars {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// limitsMeaning reads the limits that RFC 9422 §4 registers and passes over
// the others.
func limitsMeaning(params []string) string {
	known := []struct{ name, one, per string }{
		{"RCPTMAX", "recipient", " a message"},
		{"MAILMAX", "message", " a session"},
		{"RCPTDOMAINMAX", "recipient domain", " a session"},
	}
	var said []string
	for _, k := range known {
		for _, p := range params {
			name, value, _ := strings.Cut(p, "=")
			n, ok := count(value, maxCountDigits)
			if ok && strings.EqualFold(name, k.name) {
				said = append(said, plural(strconv.Itoa(n), k.one)+k.per)
				break
			}
		}
	}
	if len(said) == 0 {
		return ""
	}
	return "at most " + strings.Join(said, ", ")
}

// deliverByMeaning reads the shortest deadline, in seconds (RFC 2852).
func deliverByMeaning(params []string) string {
	if len(params) == 0 {
		return ""
	}
	seconds, ok := count(params[0], maxSecondsDigits)
	if !ok {
		return ""
	}
	return "a delivery deadline of " + timeWords(seconds) + " or more may be set"
}

// futureReleaseMeaning reads the longest hold, in seconds, and the latest
// date (RFC 4865).
func futureReleaseMeaning(params []string) string {
	if len(params) == 0 {
		return ""
	}
	seconds, ok := count(params[0], maxSecondsDigits)
	if !ok {
		return ""
	}
	said := "a message may be held for up to " + timeWords(seconds)
	if len(params) < 2 {
		return said
	}
	latest, err := time.Parse(time.RFC3339, params[1])
	if err != nil {
		return said
	}
	return said + ", until " + latest.UTC().Format(time.DateOnly)
}

// priorityMeaning names the profile of the priorities (RFC 6710).
func priorityMeaning(params []string) string {
	for _, profile := range []string{"MIXER", "STANAG4406", "NSEP"} {
		if len(params) > 0 && strings.EqualFold(params[0], profile) {
			return "messages may carry a priority level of the " + profile + " profile"
		}
	}
	return ""
}

func recipientLimitMeaning(params []string) string {
	if len(params) == 0 {
		return ""
	}
	n, ok := count(params[0], maxCountDigits)
	if !ok {
		return ""
	}
	return "at most " + plural(strconv.Itoa(n), "recipient") + " a message"
}

// count reads a positive number of at most so many digits.
func count(s string, digits int) (int, bool) {
	if len(s) > digits {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return int(n), err == nil && n > 0
}

// timeWords is a number of seconds in the largest unit that it fills.
func timeWords(seconds int) string {
	units := []struct {
		seconds int
		name    string
	}{{24 * 60 * 60, "day"}, {60 * 60, "hour"}, {60, "minute"}}
	for _, u := range units {
		if seconds >= u.seconds {
			return plural(decimal(float64(seconds)/float64(u.seconds)), u.name)
		}
	}
	return plural(strconv.Itoa(seconds), "second")
}

// decimal has one place behind the point, or none where it would be a zero.
func decimal(f float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
}

func plural(number, one string) string {
	if number == "1" {
		return number + " " + one
	}
	return number + " " + one + "s"
}
