package expect

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtptest/probe/diagnosis"
	"smtptest/probe/smtp"
)

// SyntaxError says which item of a list cannot be read, in words that follow
// "It": "has “tls>=2” as its 1st item: …".
type SyntaxError struct {
	Item int    // its place, from 1; 0: the list as such
	Text string // of the item, printable, at most 60 octets
	Want string // what would be right, in words
}

// Error implements error.
func (e *SyntaxError) Error() string {
	if e.Item == 0 {
		return e.Want
	}
	return fmt.Sprintf("has “%s” as item %d: %s", e.Text, e.Item, e.Want)
}

var form = regexp.MustCompile(`^(?i:(no)\s+)?([a-z]+)(?:\s*(>=|<=|!=|==|=|>|<)\s*(\S+)|:\s*(\S+))?$`)

// Parse reads a list. Errors: *SyntaxError.
func Parse(text string) (List, error) {
	parts := strings.Split(text, ",")
	if strings.TrimSpace(text) == "" {
		return nil, &SyntaxError{Want: "is empty"}
	}
	if len(parts) > MaxItems {
		return nil, &SyntaxError{Want: fmt.Sprintf("has more than %d items", MaxItems)}
	}
	var list List
	for i, part := range parts {
		item, want := parseItem(strings.TrimSpace(part))
		if want != "" {
			return nil, &SyntaxError{Item: i + 1, Text: smtp.Printable([]byte(cut(strings.TrimSpace(part)))), Want: want}
		}
		list = append(list, item)
	}
	return list, nil
}

// cut bounds what an error repeats.
func cut(text string) string {
	const most = 60 // octets
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// parseItem reads one item; want says what is wrong with it, empty if nothing.
func parseItem(text string) (item Item, want string) {
	m := form.FindStringSubmatch(strings.ToLower(text[:min(len(text), 200)]))
	if m == nil {
		return item, "an item is a word such as cert, auth:PLAIN or tls>=1.2"
	}
	s, ok := subjects[m[2]]
	if !ok {
		return item, "there is no such subject; there are " + strings.Join(order, ", ")
	}
	item = Item{Text: text, no: m[1] != "", subject: s, value: strings.ToUpper(m[5])}
	item.op = strings.Replace(m[3], "==", "=", 1)
	return item, item.settle(m[4])
}

// settle checks that a subject has the form in which it was written, and reads
// the amount.
func (i *Item) settle(amount string) (want string) {
	write := "write " + strings.ReplaceAll(i.subject.forms, ", ", " or ")
	switch {
	case i.op == "" && i.value == "" && i.subject.name == "ext":
		return write
	case i.value != "" && !i.subject.values:
		return write
	case i.subject.name == "finding" && i.value != "" && !diagnosis.Known(diagnosis.ID(strings.ToLower(i.value))):
		return "there is no finding of that id"
	case i.op == "":
		return ""
	case i.subject.amount == nil:
		return write
	}
	var ok bool
	if i.amount, ok = i.subject.amount(amount); !ok {
		return write
	}
	return ""
}

// version reads 1.2 or tls1.2.
func version(text string) (float64, bool) {
	n := slices.Index([]string{"1.0", "1.1", "1.2", "1.3"}, strings.TrimPrefix(strings.TrimPrefix(text, "tls"), "v"))
	return float64(10+n) / 10, n >= 0
}

// span reads 14d, 2w, 12h, 500ms or 5s, in the given unit: a bare number has it.
// Of days, m could be meant for months: there it is refused, as all below an
// hour.
func span(unit time.Duration) func(string) (float64, bool) {
	return func(text string) (float64, bool) {
		if unit > time.Hour && strings.ContainsAny(text, "mµs") {
			return 0, false
		}
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n, n >= 0 && n < 1e6
		}
		for suffix, long := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
			if n, err := strconv.ParseFloat(strings.TrimSuffix(text, suffix), 64); err == nil {
				return n * float64(long) / float64(unit), n >= 0 && n < 1e6
			}
		}
		d, err := time.ParseDuration(text)
		return float64(d) / float64(unit), err == nil && d >= 0
	}
}

// octets reads 26214400, 25600k, 25m or 1g, in powers of two.
func octets(text string) (float64, bool) {
	shift := 0
	for i, suffix := range []string{"k", "m", "g"} {
		if rest, found := strings.CutSuffix(strings.TrimSuffix(text, "b"), suffix); found {
			text, shift = rest, 10*(i+1)
			break
		}
	}
	n, err := strconv.ParseUint(text, 10, 40)
	return float64(n) * float64(uint64(1)<<shift), err == nil
}
