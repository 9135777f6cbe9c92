package formatting

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// lookupRows say what DNS answered and name every address: the one that was
// used, those that were tried before it, those that were not tried. What
// policy denied is counted, not named: names must not become a way to learn
// the addresses of a network that may not be tested.
func lookupRows(r *probe.Report) []Fact {
	l := &r.Lookup
	var rows []Fact
	switch {
	case l.Name != "":
		rows = append(rows, Fact{"DNS", l.Name + " · " + lookupWords(l)})
	case r.Request.At.IsValid():
		rows = append(rows, Fact{"DNS", "not asked, the address was given"})
	}
	for _, mx := range l.MX {
		rows = append(rows, Fact{"MX", fmt.Sprintf("%d %s", mx.Preference, mx.Host)})
	}
	if l.MXOmitted > 0 {
		rows = append(rows, Fact{"MX", fmt.Sprintf("and %d more", l.MXOmitted)})
	}
	rows = append(rows, triedRows(r)...)
	rows = append(rows, untriedRows(r)...)
	for _, o := range diagnosis.Outlets(r.Control) {
		rows = append(rows, Fact{fmt.Sprintf("Port %d elsewhere", o.Port), outletWords(o)})
	}
	return rows
}

// outletWords say which control hosts took a connection, and how others failed.
func outletWords(o diagnosis.Outlet) string {
	var words []string
	for _, c := range o.Conns {
		how := "accepted in " + probe.Duration(c.Elapsed)
		if c.Kind != "" {
			how = (&probe.Failure{Kind: c.Kind, Limit: c.Elapsed}).Words()
		}
		words = append(words, c.Host+": "+how)
	}
	return strings.Join(words, "; ")
}

func lookupWords(l *probe.Lookup) string {
	text := AnswerWords(l)
	if l.Alias != "" {
		text = "alias of " + l.Alias + ", " + text
	}
	if l.Server != "" {
		text += ", asked " + l.Server
	}
	return text
}

// triedRows name the addresses that were dialled: the one that took the
// connection, and those that did not.
func triedRows(r *probe.Report) []Fact {
	var rows []Fact
	for i := range r.Sessions {
		switch s := &r.Sessions[i]; {
		case s.Variant == probe.VariantFamily:
			rows = append(rows, Fact{"Compared", comparedWords(s)})
		case s.Variant != probe.VariantMain:
		case s.Source.IsValid():
			rows = append(rows, Fact{"Address", s.Address.String()})
		default:
			rows = append(rows, Fact{"Tried", s.Address.String() + " · " + s.Failure.Words()})
		}
	}
	return rows
}

func comparedWords(s *probe.Session) string {
	if s.Source.IsValid() {
		return s.Address.String() + " · connected, see its transcript"
	}
	return s.Address.String() + " · " + s.Failure.Words()
}

// untriedRows gather the addresses that were not dialled by their reason.
// What was dialled for a comparison has its row already.
func untriedRows(r *probe.Report) []Fact {
	var reasons []probe.UntriedReason
	by := map[probe.UntriedReason][]string{}
	for _, u := range r.Lookup.Untried {
		if s := r.FollowUp(probe.VariantFamily); s != nil && s.Address.Addr() == u.Address {
			continue
		}
		if by[u.Reason] == nil {
			reasons = append(reasons, u.Reason)
		}
		by[u.Reason] = append(by[u.Reason], u.Address.String())
	}
	var rows []Fact
	for _, reason := range reasons {
		names := strings.Join(by[reason], ", ")
		if reason == probe.UntriedDenied {
			names = count(len(by[reason]), "address")
		}
		rows = append(rows, Fact{"Not tried", names + " · " + term(untriedTerms, reason, untriedTerms[probe.UntriedStopped])})
	}
	return rows
}
