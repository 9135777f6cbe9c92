// Package mtasts reads what a mail domain publishes about the TLS of its mail
// servers: the _mta-sts record and its policy (RFC 8461), and the _smtp._tls
// record (RFC 8460). It asks nobody.
package mtasts

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Mode is what a policy asks of senders (RFC 8461 §5).
type Mode string

// The modes.
const (
	Enforce Mode = "enforce" // mail is not delivered to a server that does not fit
	Testing Mode = "testing" // it is delivered, and reported
	None    Mode = "none"    // the domain has no policy any more
)

// Policy is one policy file.
type Policy struct {
	Mode   Mode
	MX     []string      // patterns, in lower case
	MaxAge time.Duration // how long senders keep it, at most a year
}

// Limits of a policy.
const (
	MaxOctets = 64 << 10 // RFC 8461 §3.3: senders may refuse longer ones
	maxMX     = 64       // patterns
	maxAge    = 31557600 // seconds; RFC 8461 §3.2
	maxID     = 32       // letters and digits; RFC 8461 §3.1
	maxName   = 254      // octets of a pattern, its last dot included; RFC 1035 §2.3.4
)

// SyntaxError says what is wrong with a record or a policy.
type SyntaxError struct {
	Line   int    // of the policy, from 1; 0: of the record, or of the whole
	Reason string // a sentence without its full stop
}

// Error names the line.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// ParseID reads the record at _mta-sts (RFC 8461 §3.1) and returns its id.
func ParseID(record string) (string, error) {
	fields, err := fields(record, "STSv1")
	if err != nil {
		return "", err
	}
	id := fields["id"]
	switch {
	case id == "":
		return "", &SyntaxError{Reason: "the record has no id"}
	case len(id) > maxID || strings.ContainsFunc(id, notAlphanumeric):
		return "", &SyntaxError{Reason: "the id is not 1 to 32 letters and digits"}
	}
	return id, nil
}

// ParseReports reads the record at _smtp._tls (RFC 8460 §3) and returns the
// addresses for reports.
func ParseReports(record string) ([]string, error) {
	fields, err := fields(record, "TLSRPTv1")
	if err != nil {
		return nil, err
	}
	var out []string
	for address := range strings.SplitSeq(fields["rua"], ",") {
		address = strings.TrimSpace(address)
		if !strings.HasPrefix(address, "mailto:") && !strings.HasPrefix(address, "https:") {
			return nil, &SyntaxError{Reason: "rua has an address that begins neither with mailto: nor with https:"}
		}
		out = append(out, address)
	}
	return out, nil
}

// fields reads the tags of a record that begins with this version.
func fields(record, version string) (map[string]string, error) {
	out := map[string]string{}
	for i, field := range strings.Split(record, ";") {
		key, value, ok := strings.Cut(field, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case i == 0 && (key != "v" || value != version):
			return nil, &SyntaxError{Reason: "the record does not begin with v=" + version}
		case key == "" && !ok:
			continue // after the last semicolon
		case !ok:
			return nil, &SyntaxError{Reason: "a field has no equals sign"}
		}
		if _, twice := out[key]; !twice {
			out[key] = value
		}
	}
	return out, nil
}

func notHost(c rune) bool { return notAlphanumeric(c) && c != '-' && c != '.' && c != '_' }

func notAlphanumeric(c rune) bool {
	letter := c|0x20 >= 'a' && c|0x20 <= 'z'
	return !letter && (c < '0' || c > '9')
}

// Parse reads a policy file (RFC 8461 §3.2). Lines may end in LF alone, and
// fields that are not known are passed over, as it says.
func Parse(file []byte) (Policy, error) {
	var p Policy
	if len(file) > MaxOctets {
		return p, &SyntaxError{Reason: "the policy is longer than 64 KiB"}
	}
	seen := map[string]bool{}
	for i, line := range bytes.Split(file, []byte("\n")) {
		text := strings.TrimRight(string(line), " \t\r")
		if text == "" {
			continue
		}
		key, value, ok := strings.Cut(text, ":")
		if !ok {
			return p, &SyntaxError{i + 1, "there is no colon"}
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if key != "mx" && seen[key] {
			continue // the first one counts (RFC 8461 §3.2)
		}
		seen[key] = true
		if reason := p.set(key, value); reason != "" {
			return p, &SyntaxError{i + 1, reason}
		}
	}
	return p, p.whole(seen)
}

// set takes one field; the reason is empty when it is right.
func (p *Policy) set(key, value string) (reason string) {
	switch key {
	case "version":
		if value != "STSv1" {
			return "the version is not STSv1"
		}
	case "mode":
		p.Mode = Mode(value)
		if p.Mode != Enforce && p.Mode != Testing && p.Mode != None {
			return "the mode is none of enforce, testing, none"
		}
	case "max_age":
		seconds, err := strconv.ParseUint(value, 10, 32)
		if err != nil || seconds > maxAge {
			return "max_age is not a number of seconds up to 31557600"
		}
		p.MaxAge = time.Duration(seconds) * time.Second
	case "mx":
		if len(p.MX) == maxMX {
			return "there are more than 64 mx lines"
		}
		if rest := strings.TrimPrefix(value, "*."); rest == "" || len(rest) > maxName || strings.ContainsFunc(rest, notHost) {
			return "the mx pattern is no host name, with or without *. in front"
		}
		p.MX = append(p.MX, strings.ToLower(strings.TrimSuffix(value, ".")))
	}
	return ""
}

// whole checks what must be there.
func (p *Policy) whole(seen map[string]bool) error {
	for _, key := range []string{"version", "mode", "max_age"} {
		if !seen[key] {
			return &SyntaxError{Reason: "the policy has no " + key}
		}
	}
	if p.Mode != None && len(p.MX) == 0 {
		return &SyntaxError{Reason: "the policy has no mx"}
	}
	return nil
}

// Covers reports that a pattern of the policy fits a mail server's name. A star
// stands for one label (RFC 8461 §4.1): *.example.com covers neither
// example.com nor a.b.example.com.
func (p Policy) Covers(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, pattern := range p.MX {
		if pattern == host {
			return true
		}
		if rest, wild := strings.CutPrefix(pattern, "*."); wild {
			if label, parent, ok := strings.Cut(host, "."); ok && label != "" && parent == rest {
				return true
			}
		}
	}
	return false
}
