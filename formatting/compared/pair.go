package compared

import (
	"slices"
	"strings"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/differ"
)

// Comparing is what is shown while two servers are tested.
func Comparing(a, b probe.Request) formatting.Message {
	m := formatting.Testing(a)
	m.Target, m.Fact = names(a, b), "both at once"
	return m
}

// Pair words in what two tests differ; what is the same is said in one line.
func Pair(a, b diagnosis.Judged, where formatting.Platform) formatting.Message {
	differences := differ.Between(a, b)
	nameA, nameB := sides(a.Report.Request, b.Report.Request)
	m := formatting.Message{
		Tone: worse(a, b), Verdict: pairVerdict(a, b, differences), Target: names(a.Report.Request, b.Report.Request),
		Began: a.Report.Started,
	}
	same := slices.DeleteFunc(differ.Same(a, b), func(a differ.Aspect) bool {
		return a == differ.Verdict || a == differ.Findings
	})
	if len(same) > 0 {
		m.Fact = "the same: " + aspectNames(same)
	}
	if len(differences) > 0 {
		m.Sections = append(m.Sections, pairTable(a, b, differences))
	}
	lead, name := a, nameA
	if rank(b) > rank(a) { // what fails before what works with a warning
		lead, name = b, nameB
	}
	if v := formatting.Verdict(lead, where); v.Try != "" {
		m.Quote, m.Owner, m.Try = v.Quote, v.Owner, name+": "+v.Try
	}
	m.Sections = append(m.Sections, evidence(a, nameA, where)...)
	m.Sections = append(m.Sections, evidence(b, nameB, where)...)
	return m
}

// Name is a target, with the address where that was given.
func Name(r probe.Request) string {
	if r.At.IsValid() {
		return r.Target.String() + " at " + r.At.String()
	}
	return r.Target.String()
}

// sides are the names of two targets, which differ.
func sides(a, b probe.Request) (string, string) {
	if Name(a) == Name(b) {
		return "the first " + Name(a), "the second"
	}
	return Name(a), Name(b)
}

func names(a, b probe.Request) string {
	x, y := sides(a, b)
	return x + " and " + y
}

func pairVerdict(a, b diagnosis.Judged, differences []differ.Difference) string {
	x, y := formatting.VerdictWords(a), formatting.VerdictWords(b)
	switch {
	case x != y:
		return x + " | " + y
	case len(differences) == 0:
		return "No difference. Both: " + strings.ToLower(x[:1]) + x[1:]
	}
	return "Both: " + strings.ToLower(x[:1]) + x[1:]
}

func worse(a, b diagnosis.Judged) formatting.Tone { return tones()[max(rank(a), rank(b))] }

// tones are in order, the worst last.
func tones() []formatting.Tone {
	return []formatting.Tone{formatting.ToneGood, formatting.ToneWarning, formatting.ToneUnsure, formatting.ToneRefused,
		formatting.ToneBad}
}

func rank(j diagnosis.Judged) int {
	return max(0, slices.Index(tones(), formatting.Verdict(j, formatting.Terminal).Tone))
}

func pairTable(a, b diagnosis.Judged, differences []differ.Difference) formatting.Table {
	nameA, nameB := sides(a.Report.Request, b.Report.Request)
	t := formatting.Table{Title: "What differs", Header: []string{"what", nameA, nameB}}
	for _, d := range differences {
		x, y := d.A, d.B
		if len(d.OnlyA) < len(d.A) || len(d.OnlyB) < len(d.B) { // the rest of a list is the same
			x, y = d.OnlyA, d.OnlyB
		}
		if d.Aspect == differ.Verdict {
			x, y = []string{formatting.VerdictWords(a)}, []string{formatting.VerdictWords(b)}
		}
		t.Rows = append(t.Rows, []string{aspectTerms[d.Aspect], value(x, d.A), value(y, d.B)})
	}
	return t
}

func value(only, all []string) string {
	if all == nil {
		return "not seen"
	}
	return cell(strings.Join(only, ", "), "none of that")
}
