package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

// numbers are those of the input that mean something, each once, in order.
type numbers struct {
	codes    []int
	enhanced []smtp.EnhancedCode
	alerts   []int
	ports    []uint16
}

// number reads the numbers.
func (in *input) number() numbers {
	var n numbers
	for i, w := range in.words {
		if e, ok := in.enhancedAt(i); ok {
			n.enhanced = once(n.enhanced, e)
		}
		if a, ok := in.alertAt(i); ok {
			n.alerts = once(n.alerts, a)
			continue
		}
		if !digits(w.text) || len(w.text) > 5 {
			continue
		}
		value, _ := strconv.Atoi(w.text)
		if in.codeAt(i) {
			n.codes = once(n.codes, value)
		}
		if in.portAt(i) {
			n.ports = once(n.ports, uint16(value))
		}
	}
	return n
}

func once[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// codeAt reports a reply code: a known one in the place of a reply code, or
// one that was asked for by itself.
func (in *input) codeAt(i int) bool {
	w := in.words[i]
	if !threeDigits(w.text) || w.text < "200" || w.text > "599" || in.isWeb {
		return false
	}
	value, _ := strconv.Atoi(w.text)
	_, known := registry.CodeOf(value)
	_, port := registry.PortOf(uint16(value))
	if in.quick() && !slices.Contains([]string{"port", "ports", "alert", "number"}, in.at(i-1)) {
		return known || !port
	}
	return known && in.codePlace(i)
}

// codePlace reports a place where reply codes stand in other text: before an
// enhanced code, at the start of a line, behind a colon or a bracket in a
// text about mail, or behind a word that announces it.
func (in *input) codePlace(i int) bool {
	w, previous := in.words[i], in.at(i-1)
	if i+1 < len(in.words) {
		if _, ok := enhancedWord(in.words[i+1].text); ok {
			return true
		}
	}
	switch {
	case in.expected(i):
		return false
	case w.first:
		return true
	case slices.Contains([]string{"port", "line", "timeout", "errno", "after", "version"}, previous):
		return false
	case slices.Contains([]string{"code", "responsecode", "reply", "response", "smtp", "error", "said", "status", "stat"},
		previous):
		return in.isAbout
	}
	return w.before != ":" && strings.ContainsAny(w.before, `:("'`) && in.isAbout
}

// expected reports a code that a program says it had waited for: of two codes
// the one that came counts.
func (in *input) expected(i int) bool {
	const near = 4 // "expected response code 250"
	expects := false
	for j := max(0, i-near); j < i; j++ {
		switch in.at(j) {
		case "expected", "expecting":
			expects = true
		case "but", "got":
			expects = false
		}
	}
	return expects
}

// enhancedAt reads an enhanced code that follows a reply code, begins a line,
// is announced, or was asked for by itself: versions look the same.
func (in *input) enhancedAt(i int) (smtp.EnhancedCode, bool) {
	e, ok := enhancedWord(in.words[i].text)
	if !ok {
		return e, false
	}
	w, previous := in.words[i], in.at(i-1)
	place := in.quick() || w.first || strings.Contains(w.before, "#") ||
		strings.Contains(w.before, ":") && e.Class >= 4 && previous != "version" ||
		slices.Contains([]string{"status", "dsn", "was", "responded"}, previous) ||
		i > 0 && threeDigits(previous) && in.codeAt(i-1)
	return e, place
}

// enhancedWord reads a word that is an enhanced code and nothing more.
func enhancedWord(text string) (smtp.EnhancedCode, bool) {
	e, rest, ok := smtp.ParseEnhanced(text)
	return e, ok && rest == ""
}

// portAt reports a port: one that was asked for by itself, one that is called
// so, or a port of mail behind a host name.
func (in *input) portAt(i int) bool {
	w, previous := in.words[i], in.at(i-1)
	value, err := strconv.ParseUint(w.text, 10, 16)
	p, known := registry.PortOf(uint16(value))
	switch {
	case err != nil || !known || w.text[0] == '0' || previous == "alert" || previous == "code":
		return false
	case in.quick() || previous == "port" || previous == "ports":
		return true
	}
	colonBehind := i+1 < len(in.words) && strings.HasPrefix(in.words[i+1].before, ":") && digits(in.at(i+1))
	return w.before == ":" && p.Speaks == "SMTP" && !colonBehind && strings.Contains(previous, ".") &&
		!sourceFile(previous)
}

// sourceFile reports a name of a program's source file, behind which line
// numbers stand.
func sourceFile(name string) bool {
	dot := strings.LastIndex(name, ".")
	return slices.Contains([]string{".js", ".ts", ".mjs", ".cjs", ".go", ".py", ".java", ".php", ".cs", ".c", ".rb"},
		name[dot:])
}

// alertAt reads a TLS alert, by its number behind the word alert, or by its
// name with underscores or behind that word.
func (in *input) alertAt(i int) (int, bool) {
	w := in.words[i]
	if in.at(i-1) == "alert" || in.at(i-1) == "number" && in.at(i-2) == "alert" {
		if n, err := strconv.ParseUint(w.text, 10, 8); err == nil {
			_, ok := registry.AlertOf(int(n))
			return int(n), ok
		}
	}
	name := w.lower
	if in.at(i-1) == "alert" && i+1 < len(in.words) {
		name += "_" + in.at(i+1)
	}
	return alertNamed(name)
}

// maxAlert is the highest number that a TLS alert can have (RFC 8446 §6).
const maxAlert = 255

func alertNamed(name string) (int, bool) {
	n, ok := alertNames()[name]
	return n, ok
}

// alertNames are the numbers of the alerts; every name holds an underscore,
// which tells it from other words.
var alertNames = sync.OnceValue(func() map[string]int {
	names := map[string]int{}
	for n := range maxAlert + 1 {
		if a, ok := registry.AlertOf(n); ok {
			names[a.Name] = n
		}
	}
	return names
})

// items explains the numbers, enhanced codes before basic ones. Their advice
// stands only where nothing more specific is known: nothing likely for an
// enhanced code, and nothing at all for a basic one, for a provider may mean
// the opposite.
func (n numbers) items(before []Item) []Item {
	var items []Item
	likely := slices.ContainsFunc(before, func(i Item) bool { return i.Confidence == Likely })
	advised := len(before) > 0
	for _, e := range n.enhanced {
		item := enhancedItem(e)
		if !likely {
			advised = item.adviseEnhanced(e) || advised
		}
		items = append(items, item)
	}
	for _, c := range n.codes {
		item := codeItem(c)
		if !advised {
			item.advise(strconv.Itoa(c))
		}
		items = append(items, item)
	}
	for _, a := range n.alerts {
		items = append(items, alertItem(a))
	}
	for _, p := range n.ports {
		items = append(items, portItem(p))
	}
	return items
}

func enhancedItem(code smtp.EnhancedCode) Item {
	e, known := registry.EnhancedOf(code)
	item := Item{Title: "Enhanced code " + code.String(), Kind: KindEnhanced, Confidence: Defined}
	meaning := e.Meaning
	if !known {
		meaning, item.Confidence = "not registered with IANA: a meaning of one provider's own", Possible
	}
	item.Rows = rows(Row{"Meaning", meaning}, Row{"Class", e.Class}, Row{"Subject", e.Subject},
		Row{"Comes with", basicWords(e.Basic)})
	if e.Reference != "" {
		item.References = []string{e.Reference}
	}
	return item
}

// basicWords lists reply codes; empty when there are so many that they tell
// nothing.
func basicWords(codes []int) string {
	const telling = 4
	if len(codes) > telling {
		return ""
	}
	var out []string
	for _, c := range codes {
		out = append(out, strconv.Itoa(c))
	}
	return strings.Join(out, ", ")
}

// rows leaves out those without a meaning.
func rows(all ...Row) []Row {
	return slices.DeleteFunc(all, func(r Row) bool { return r.Meaning == "" })
}

// advise adds what the table says about a code, if it says anything.
func (i *Item) advise(code string) bool {
	a, ok := facts().advice[code]
	if ok {
		i.Side, i.Try = a.side, []string{a.try}
	}
	return ok
}

// adviseEnhanced prefers the row of the very code. A temporary code alone
// tells no side: greylisting, limits and faults of the server share it.
func (i *Item) adviseEnhanced(code smtp.EnhancedCode) bool {
	const success, temporary = 2, 4
	if code.Class == success {
		return false
	}
	advised := i.advise(code.String()) || i.advise(fmt.Sprintf("X.%d.%d", code.Subject, code.Detail))
	if code.Class == temporary {
		i.Side = ""
	}
	return advised
}

func codeItem(code int) Item {
	c, known := registry.CodeOf(code)
	item := Item{Title: "Reply code " + strconv.Itoa(code), Kind: KindCode, Confidence: Defined}
	meaning := c.Meaning
	if !known {
		meaning, item.Confidence = "not a code of the standards: its class is all that is known", Possible
	}
	item.Rows = rows(Row{"Meaning", meaning}, Row{"Class", registry.CodeClass(code)})
	if c.Reference != "" {
		item.References = []string{c.Reference}
	}
	return item
}

func alertItem(number int) Item {
	a, _ := registry.AlertOf(number)
	item := Item{
		Title: fmt.Sprintf("TLS alert %d, %s", number, a.Name), Kind: KindAlert,
		Rows: []Row{{"Meaning", a.Meaning}}, References: []string{a.Reference}, Confidence: Defined,
	}
	if a.Identity {
		item.Rows = append(item.Rows, Row{"About", "a name, a certificate or a key: other versions or cipher suites " +
			"do " +
			"not cure it"})
	}
	return item
}

func portItem(number uint16) Item {
	p, _ := registry.PortOf(number)
	item := Item{Title: "Port " + strconv.Itoa(int(number)), Kind: KindPort, Confidence: Defined}
	item.Rows = rows(Row{"Meaning", p.Meaning}, Row{"Speaks", p.Speaks}, Row{"Service", p.Service},
		Row{"TLS", tlsWords(p)})
	if p.Reference != "" {
		item.References = []string{p.Reference}
	}
	if p.Speaks == "SMTP" {
		item.Try = []string{securityFor(p)}
	}
	return item
}

func tlsWords(p registry.Port) string {
	switch {
	case p.Implicit:
		return "first (implicit TLS)"
	case p.Speaks == "SMTP":
		return "after STARTTLS, if the server offers it"
	}
	return ""
}

func securityFor(p registry.Port) string {
	if p.Implicit {
		return "Set the client to implicit TLS (SSL/TLS, SMTPS), not to STARTTLS."
	}
	return "Set the client to STARTTLS, not to implicit TLS (SSL/TLS, SMTPS)."
}
