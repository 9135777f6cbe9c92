package compared

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/differ"
	"smtptest/probe/series"
)

// Repeating is what is shown while a series runs.
func Repeating(r probe.Request, times int) formatting.Message {
	m := formatting.Testing(r)
	m.Fact = fmt.Sprintf("%d tests, one after the other", times)
	return m
}

// Progress says how many tests of a series are over.
func Progress(done, times int) string { return fmt.Sprintf("%d of %d tests are over", done, times) }

// Series words what repeated tests of one server showed together; asked is how
// many were to be made.
func Series(s differ.Series, asked int, stop series.Stop, where formatting.Platform) formatting.Message {
	first := s.Runs[0]
	m := formatting.Message{
		Tone: tone(s), Verdict: verdict(s), Target: first.Report.Request.Target.String(), Fact: fact(s),
		Began: first.Report.Started, Footer: footer(s, asked, stop),
	}
	bad := s.FirstBad()
	if bad >= 0 {
		v := formatting.Verdict(s.Runs[bad], where)
		m.Quote, m.Try, m.Owner = v.Quote, v.Try, v.Owner
	}
	if len(s.Varied) > 0 {
		m.Sections = append(m.Sections, variedTable(s))
	}
	m.Sections = append(m.Sections, runsTable(s))
	if len(s.Timings) > 0 {
		m.Sections = append(m.Sections, timesTable(s))
	}
	if bad >= 0 {
		m.Sections = append(m.Sections, evidence(s.Runs[bad], fmt.Sprintf("Test %d", bad+1), where)...)
	}
	if good := slices.IndexFunc(s.Runs, differ.Works); good >= 0 {
		m.Sections = append(m.Sections, evidence(s.Runs[good], fmt.Sprintf("Test %d", good+1), where)...)
	}
	return m
}

func tone(s differ.Series) formatting.Tone {
	switch {
	case s.Worked == len(s.Runs):
		return formatting.ToneGood
	case s.Failed > 0:
		return formatting.ToneBad
	}
	return formatting.ToneUnsure
}

func verdict(s differ.Series) string {
	all := len(s.Runs)
	switch bad := s.FirstBad(); {
	case s.Worked == all:
		return "Works " + times(all) + " of " + strconv.Itoa(all)
	case s.Worked == 0 && s.Failed == all && len(s.Ways()) == 1:
		return formatting.VerdictWords(s.Runs[bad]) + ", " + times(all) + " of " + strconv.Itoa(all)
	default:
		return fmt.Sprintf("Works %s of %d", times(s.Worked), all)
	}
}

// fact is the one line that matters most: what the failures have in common, or
// what was not the same each time.
func fact(s differ.Series) string {
	var varied []differ.Aspect
	for _, v := range s.Varied {
		if v.Aspect != differ.Verdict && v.Aspect != differ.Findings && v.Aspect != differ.Trust {
			varied = append(varied, v.Aspect)
		}
	}
	switch {
	case len(s.Apart) > 0:
		return apart(s)
	case s.Failed > 0 && s.Worked > 0:
		return ways(s) + " · nothing else that was seen tells these from the others"
	case s.Worked < len(s.Runs):
		return ways(s)
	case len(varied) > 0:
		return "not the same each time: " + aspectNames(varied)
	}
	return "the same each time"
}

// apart says which value goes with the failures.
func apart(s differ.Series) string {
	v := s.Apart[0]
	for _, value := range v.Values {
		if value.Failed > 0 {
			return fmt.Sprintf("%s · each time with the %s %s, which no test that works shows", ways(s),
				aspectTerms[v.Aspect], cell(value.Text, "“none”"))
		}
	}
	return ways(s)
}

// ways count the ways in which tests did not work.
func ways(s differ.Series) string {
	text := ""
	for _, w := range s.Ways() {
		j := s.Runs[w.Runs[0]]
		if text += ", "; w.Text == "" {
			text += formatting.VerdictWords(j)
		} else {
			text += j.Findings[0].Title
		}
		text += ": " + times(len(w.Runs))
	}
	return text[min(2, len(text)):]
}

func variedTable(s differ.Series) formatting.Table {
	t := formatting.Table{
		Title: "What was not the same each time", Header: []string{"what", "value", "tests", "of them failed"},
	}
	for _, v := range s.Varied {
		for _, value := range v.Values {
			t.Rows = append(t.Rows, []string{aspectTerms[v.Aspect], cell(value.Text, "none of that"),
				strconv.Itoa(len(value.Runs)), strconv.Itoa(value.Failed)})
		}
	}
	const most = 60 // rows: greetings may differ each time
	t.Rows = t.Rows[:min(most, len(t.Rows))]
	return t
}

func runsTable(s differ.Series) formatting.Table {
	t := formatting.Table{Title: "Each test", Header: []string{"test", "verdict", "address", "time"}}
	for i, j := range s.Runs {
		address, took := "", ""
		if main := j.Report.Main(); main != nil {
			address, took = main.Address.Addr().String(), probe.Duration(main.Elapsed)
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(i + 1), formatting.VerdictWords(j), address, took})
	}
	return t
}

func timesTable(s differ.Series) formatting.Table {
	t := formatting.Table{
		Title: "Times of what went well", Header: []string{"part", "tests", "least", "half within", "90 % within", "most"},
	}
	for _, row := range s.Timings {
		name := "whole session"
		if row.Phase != "" {
			name = formatting.PhaseName(row.Phase)
		}
		cells := []string{name, strconv.Itoa(row.Count)}
		for _, d := range []time.Duration{row.Least, row.Median, row.P90, row.Most} {
			cells = append(cells, probe.Duration(d))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// stopTerms say why a series ended early.
var stopTerms = map[series.Stop]string{
	series.StopTime:    "then the time was over",
	series.StopLimit:   "then no more connections could be made",
	series.StopRefused: "then the server refused twice in a row to talk",
}

func footer(s differ.Series, asked int, stop series.Stop) string {
	text := fmt.Sprintf("%d tests on fresh connections, one after the other", len(s.Runs))
	if stop != series.StopNone {
		text = fmt.Sprintf("%d of %d tests, %s", len(s.Runs), asked, stopTerms[stop])
	}
	return text
}

// TestName is one of several tests in a list to choose from: at most 75
// characters, as Slack has it.
func TestName(i int, j diagnosis.Judged, compares bool) string {
	name := fmt.Sprintf("Test %d", i+1)
	if compares {
		name = Name(j.Report.Request)
	}
	return formatting.Shorten(name+": "+formatting.VerdictWords(j), 75, formatting.Characters)
}

// OutcomeOf counts two tests as one: the worse.
func OutcomeOf(a, b diagnosis.Judged) diagnosis.Outcome {
	for _, bad := range []diagnosis.Outcome{diagnosis.Failed, diagnosis.Inconclusive, diagnosis.NotTested} {
		if a.Verdict.Outcome == bad || b.Verdict.Outcome == bad {
			return bad
		}
	}
	return diagnosis.Working
}

// Outcome counts a series as one of the outcomes of a test.
func Outcome(s differ.Series) diagnosis.Outcome {
	switch tone(s) {
	case formatting.ToneGood:
		return diagnosis.Working
	case formatting.ToneBad:
		return diagnosis.Failed
	}
	return diagnosis.Inconclusive
}
