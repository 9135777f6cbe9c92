package command

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/smtp"
)

func FuzzParse(f *testing.F) {
	for _, tt := range targets(f) {
		f.Add(tt.text)
	}
	for _, tt := range requests {
		f.Add(strings.ReplaceAll(tt.text, "{T}", "smtp.example.com:587"))
	}
	for _, tt := range usages(f) {
		f.Add(tt.text)
	}
	for _, tt := range append(pastes(f, "pastes.tsv"), pastes(f, "pastes_unseen.tsv")...) {
		f.Add(tt.text)
	}
	for _, tt := range secrets {
		f.Add(tt.text)
	}
	for _, text := range []string{
		"from berlin smtp.example.com", "smtp.example.com from all", "domain a.example from berln",
	} {
		f.Add(text)
	}
	allowed := vocabulary()
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []Dialect{{}, {Terminal: true}, placesToTestFrom()} {
			c, err := Parse(text, d)
			checkOutcome(t, text, c, err, allowed)
			if err == nil && c.Verb == VerbTest {
				checkRequest(t, text, c.Request)
				checkStable(t, text, c, d)
			}
			for _, read := range []func() (Command, error){
				func() (Command, error) { return ParseArgs(strings.Split(text, " "), d) },
				func() (Command, error) { return ParseOptions("smtp.example.com", []NamedValue{{"from", text}}, d) },
				func() (Command, error) { return ParseOptions("smtp.example.com", []NamedValue{{"tsl", text}}, d) },
			} {
				c, err := read()
				checkOutcome(t, text, c, err, allowed)
				if err == nil && c.Verb == VerbTest {
					checkRequest(t, text, c.Request)
				}
			}
		}
	})
}

// vocabulary is every word that an error may say by itself: those of the
// catalogue, of the options, of the reasons.
func vocabulary() map[string]bool {
	said := []string{"Did you mean", "The value of", "The word", "A word", "It may be 2s 5s to 60s 10m",
		"test help options", "--", "and more 1 2 3 4 5 6 7 8 9", "from berlin tokyo-2 paris all here"}
	for _, id := range formatting.TextIDs() {
		words := formatting.Say(id)
		said = append(said, words.What, words.Means, words.Try)
	}
	for _, o := range options {
		said = append(append(said, "--"+o.name, o.name, o.shape), o.choices...)
	}
	for name, meant := range habits {
		said = append(said, "--"+name, meant)
	}
	said = append(said, slices.Collect(maps.Keys(services))...)
	for _, o := range unwatched() {
		said = append(said, o[1])
	}
	for _, f := range []smtp.Fault{
		smtp.FaultEmpty, smtp.FaultLength, smtp.FaultInvisible, smtp.FaultCharacter, smtp.FaultHyphen,
		smtp.FaultEmptyLabel, smtp.FaultLabelLength, smtp.FaultIDN, smtp.FaultNumber, smtp.FaultLiteral,
		smtp.FaultBareAddress, smtp.FaultNoAt, smtp.FaultLocal, smtp.FaultLocalLength, smtp.FaultSourceRoute,
		"has more than one colon and is not an IPv6 address", "may be at most 30s with --deep",
	} {
		said = append(said, string(f))
	}
	words := map[string]bool{}
	for _, w := range saidWords(strings.Join(said, " ")) {
		words[w] = true
	}
	return words
}

func saidWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,.?“”`, r) })
}

// checkOutcome checks an error against the rule of bad input: nothing
// that was typed is in it but what is nearly one of our own words, and words
// that begin with "--" and contain no "=".
func checkOutcome(t *testing.T, text string, c Command, err error, allowed map[string]bool) {
	t.Helper()
	if err == nil {
		return
	}
	usage, ok := err.(*UsageError)
	if !ok || !reflect.DeepEqual(c, Command{}) {
		t.Fatalf("%q: %#v beside %+v", text, err, c)
	}
	said := usage.Error()
	if strings.ContainsAny(said, "{}") || strings.Contains(said, "  ") ||
		formatting.Say(usage.ID).What == string(usage.ID) {
		t.Fatalf("%q: unfinished text: %s", text, said)
	}
	if q := usage.Quoted; q != "" {
		if !plain(q) || !strings.HasPrefix(q, "--") && near(strings.TrimLeft(q, "-"), ourWords()) == "" {
			t.Fatalf("%q: %q may not be repeated", text, q)
		}
		said = strings.Replace(said, q, "", 1)
	}
	for _, target := range usage.Targets {
		if c, err := Parse(target, Dialect{Terminal: true}); err != nil || c.Request.Target.String() != target || c.Pasted {
			t.Fatalf("%q: %q is no target to choose: %v", text, target, err)
		}
		said = strings.Replace(said, target, "", 1)
	}
	for _, w := range saidWords(said) {
		if !allowed[w] && !strings.HasPrefix(w, strconv.Itoa(usage.Word)) {
			t.Fatalf("%q: foreign word %q in: %s", text, w, usage)
		}
	}
}

func ourWords() []string {
	words := append(Topics(placesToTestFrom()), commandNames(Dialect{})...)
	words = append(words, placesToTestFrom().vantages()...)
	for _, o := range options {
		words = append(append(words, o.name), o.choices...)
	}
	return words
}

// checkRequest checks what would reach the resolver and the wire against
// their alphabets.
func checkRequest(t *testing.T, text string, r probe.Request) {
	t.Helper()
	if r.Target.Host == "" || r.Target.Port == 0 ||
		strings.Trim(r.Target.Host, "abcdefghijklmnopqrstuvwxyz0123456789-._:") != "" {
		t.Fatalf("%q: target %+v", text, r.Target)
	}
	if _, isAddress := r.Target.Address(); !isAddress {
		if again, err := smtp.ParseDomain(r.Target.Host); err != nil || again != r.Target.Host {
			t.Fatalf("%q: host %q: %v", text, r.Target.Host, err)
		}
	}
	wire := r.EHLOName
	if r.Envelope != nil {
		wire += r.Envelope.From.Domain
		if r.Envelope.To != nil {
			wire += r.Envelope.To.Domain
		}
	}
	if strings.ContainsAny(wire, "\r\n\x00 <>") {
		t.Fatalf("%q: unfit for the wire: %q", text, wire)
	}
}

// checkStable writes a command back and reads it again.
func checkStable(t *testing.T, text string, c Command, d Dialect) {
	t.Helper()
	args := render(c)
	again, err := ParseArgs(args, d)
	if usage, ok := err.(*UsageError); ok && usage.ID == formatting.UsageSecret {
		return // a name in capitals can look like a token in its canonical form
	}
	c.PortGiven, c.Pasted, c.LeftOut = true, false, false
	if err != nil || !reflect.DeepEqual(again, c) {
		t.Fatalf("%q became %+v; %q became %+v, %v", text, c, args, again, err)
	}
	if c.CAFile != "" {
		return // a shell's business: a file's name may hold anything
	}
	if again, err = Parse(strings.Join(args, " "), d); err != nil || !reflect.DeepEqual(again, c) {
		t.Fatalf("%q became %+v; as text %q became %+v, %v", text, c, args, again, err)
	}
}

// render writes a test as the arguments that ask for it.
func render(c Command) []string {
	r := c.Request
	args := []string{r.Target.String(), "--tls=" + string(r.Security)}
	if r.Envelope != nil {
		args = append(args, "--from=<"+r.Envelope.From.String()+">")
		if r.Envelope.To != nil {
			args = append(args, "--to="+r.Envelope.To.String())
		}
	}
	if r.Enforced {
		args = append(args, "--enforced")
	}
	if c.Deep {
		args = append(args, "--deep")
	}
	if r.EHLOName != "" {
		args = append(args, "--ehlo", r.EHLOName)
	}
	switch r.Family {
	case probe.FamilyIP4:
		args = append(args, "--ip=4")
	case probe.FamilyIP6:
		args = append(args, "--ip=6")
	}
	if r.At.IsValid() {
		args = append(args, "--at", r.At.String())
	}
	if r.Timeout != 0 {
		args = append(args, "--timeout", r.Timeout.String())
	}
	if c.Private {
		args = append(args, "--private")
	}
	if c.Vantage != "" {
		args = append(args, "--"+optionVantage, c.Vantage)
	}
	if c.CAFile != "" {
		args = append(args, "--ca="+c.CAFile)
	}
	if c.DNS.IsValid() {
		args = append(args, "--dns="+c.DNS.String())
	}
	if c.JSON {
		args = append(args, "--json")
	}
	return args
}
