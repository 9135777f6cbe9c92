// Package differ says in what tests differ: two of different servers, or many
// of one. It reads judged reports and nothing else, and says no more than what
// was measured: why they differ is not known here.
package differ

import (
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// Aspect is one thing in which tests may differ.
type Aspect string

// The aspects, in the order in which a session shows them.
const (
	Verdict     Aspect = "verdict"
	Address     Aspect = "address"
	ServerName  Aspect = "name"     // by which the server greets (RFC 5321 §4.2)
	Software    Aspect = "greeting" // the rest of its greeting, without numbers: they change each time
	Security    Aspect = "security"
	Version     Aspect = "tls-version"
	Suite       Aspect = "suite"
	Group       Aspect = "group"
	Certificate Aspect = "certificate"
	Trust       Aspect = "trust"
	Extensions  Aspect = "extensions" // listed in the last answer to EHLO, with their parameters
	Mechanisms  Aspect = "mechanisms"
	Findings    Aspect = "findings" // ids
)

// Aspects are all of them, in order.
func Aspects() []Aspect {
	return []Aspect{Verdict, Address, ServerName, Software, Security, Version, Suite, Group, Certificate, Trust,
		Extensions, Mechanisms, Findings}
}

// seen is what one test shows of each aspect. What it did not get to see is
// not there.
type seen map[Aspect][]string

// of reads a report. A list is sorted: its order is no difference.
func of(j diagnosis.Judged) seen {
	out := seen{Verdict: {verdict(j.Verdict)}, Findings: {}}
	for _, f := range j.Findings {
		out[Findings] = append(out[Findings], string(f.ID))
	}
	slices.Sort(out[Findings])
	s := j.Report.Main()
	if s == nil {
		return out
	}
	if s.Address.IsValid() {
		out[Address] = []string{s.Address.Addr().String()}
	}
	out.greeting(s)
	out.hello(s)
	out.tls(s)
	return out
}

func verdict(v diagnosis.Verdict) string {
	switch v.Outcome {
	case diagnosis.Working, diagnosis.WithWarnings:
		return "works"
	case diagnosis.Failed:
		return "failed at " + string(v.Stage)
	}
	return strings.TrimSuffix(string(v.Outcome)+" at "+string(v.Stage), " at ")
}

func (o seen) greeting(s *probe.Session) {
	if s.Greeting == nil || !s.Greeting.Positive() || len(s.Greeting.Lines) == 0 {
		return
	}
	name, rest, _ := strings.Cut(s.Greeting.Lines[0].Text, " ")
	o[ServerName] = []string{name}
	var words []string
	for word := range strings.FieldsSeq(rest) {
		if !strings.ContainsAny(word, "0123456789") {
			words = append(words, word)
		}
	}
	o[Software] = []string{strings.Join(words, " ")}
}

// hello reads the last answer to EHLO, if it is the one that counts: where TLS
// was begun and not finished, the list in the clear says nothing.
func (o seen) hello(s *probe.Session) {
	h := s.Hello()
	if h == nil || !h.Reply.Positive() || s.TLS != nil && !h.Secure {
		return
	}
	o[Extensions], o[Mechanisms] = []string{}, slices.Sorted(slices.Values(h.Capabilities.Mechanisms()))
	for _, c := range h.Capabilities {
		if c.Name() != "AUTH" {
			o[Extensions] = append(o[Extensions], strings.TrimSpace(c.Name()+" "+strings.Join(c.Params, " ")))
		}
	}
	slices.Sort(o[Extensions])
}

func (o seen) tls(s *probe.Session) {
	t := s.TLS
	if t == nil {
		if s.Failure == nil {
			o[Security] = []string{"no TLS"}
		}
		return
	}
	o[Security] = []string{"STARTTLS"}
	if t.Implicit {
		o[Security] = []string{"implicit TLS"}
	}
	for aspect, value := range map[Aspect]string{Version: t.Version, Suite: t.CipherSuite, Group: t.Group} {
		if value != "" {
			o[aspect] = []string{value}
		}
	}
	if len(t.Chain) > 0 {
		o[Certificate] = []string{certificate(t.Chain[0])}
		o[Trust] = []string{trust(t.Trust)}
	}
}

// certificate names a certificate so that people recognise it and no two have
// one name.
func certificate(c probe.Certificate) string {
	name := c.CommonName
	if len(c.Names) > 0 {
		name = c.Names[0]
	}
	const most = 12 // digits of the fingerprint: enough that two certificates have two
	digits := c.SHA256[:min(most, len(c.SHA256))]
	return name + " until " + c.NotAfter.UTC().Format(time.DateOnly) + ", SHA-256 " + digits + "…"
}

func trust(t probe.Trust) string {
	switch {
	case t.Trusted():
		return "verifies"
	case t.Dates == probe.DatesExpired:
		return "expired"
	case t.Name != probe.NameMatches:
		return "for another name"
	}
	return "does not verify"
}
