package formatting

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
)

// Arrived are the parts of a report that came before its place fell silent: its
// conversations, without a judgement.
func Arrived(j diagnosis.Judged) []Section { return transcripts(j.Report) }

// TestingFrom is the message of a test that has begun at another place, or at so
// many at once.
func TestingFrom(m Message, vantage string, places int) Message {
	if places > 0 {
		m.Fact = fmt.Sprintf("From %d places at once · %s", places, m.Fact)
	} else {
		m.Fact = "From " + vantage + " · " + m.Fact
	}
	return m
}

// VerdictFrom is the message of a test from another place: who reads the channel
// alone is to know that it was not made here.
func VerdictFrom(m Message, vantage string) Message {
	if vantage != "" && !strings.HasSuffix(m.Verdict, "from "+vantage) {
		m.Fact = strings.TrimSuffix("From "+vantage+" · "+m.Fact, " · ")
	}
	return m
}

// PlacesProgress says how many places have answered.
func PlacesProgress(done, of int) string {
	return fmt.Sprintf("%d of %d places have answered", done, of)
}

// Places words what several places saw of a server.
func Places(j vantages.Judged, where Platform) Message {
	m := Message{
		Tone: outcomeTones[j.Outcome], Verdict: placesVerdict(j), Target: j.Target.String(), Began: began(j),
		Notes: placesNotes(j),
	}
	if len(j.Findings) > 0 {
		f := j.Findings[0]
		m.Fact, m.Try, m.Owner = f.Title, f.Advice, placeOwner(f, where)
		switch f.ID {
		case vantages.WorksEverywhere: // which the verdict says; what all of them warn of does not stand there
			m.Fact, m.Try, m.Owner = own(of(j, vantages.Works), where)
			m.Notes = append([]string{f.Explanation}, m.Notes...)
		case vantages.OnePlace: // what it saw comes before that it is one
			if fact, try, owner := own(of(j, vantages.Fails), where); fact != "" {
				m.Fact, m.Try, m.Owner = fact, try, owner
				m.Notes = append([]string{f.Explanation}, m.Notes...)
			}
		}
		m.Sections = append(m.Sections, placesFindings(j.Findings, where))
	}
	m.Sections = append(m.Sections, placesTable(j))
	return m
}

// own is what the first of these places that has something to say says itself, with
// its advice and its owner; empty: none has.
func own(all []vantages.Place, where Platform) (title, try, owner string) {
	for _, p := range all {
		if f, ok := headline(p.Latest().Diagnosis); ok {
			return f.Title, advice(f, where), ownerWords(f.Owner, where, p.Name)
		}
	}
	return "", "", ""
}

// began is when the first of the tests began.
func began(j vantages.Judged) (first time.Time) {
	for _, p := range j.Places {
		if r := p.Report.Report; r != nil && (first.IsZero() || r.Started.Before(first)) {
			first = r.Started
		}
	}
	return first
}

// of are the places in one of these states.
func of(j vantages.Judged, states ...vantages.State) (all []vantages.Place) {
	for _, p := range j.Places {
		if slices.Contains(states, p.State()) {
			all = append(all, p)
		}
	}
	return all
}

func labels(all []vantages.Place) []string {
	var names []string
	for _, p := range all {
		names = append(names, p.Label())
	}
	return names
}

// placesVerdict says from how many places it works. A place from which nothing is
// known is counted apart: it is neither one that works nor one that fails.
func placesVerdict(j vantages.Judged) string {
	works := of(j, vantages.Works, vantages.Intermittent)
	fails, unsure := of(j, vantages.Fails), of(j, vantages.Inconclusive)
	asked := len(works) + len(fails) + len(unsure)
	switch {
	case asked == 0:
		return "Not tested"
	case len(unsure) == asked:
		return "Inconclusive " + fromEach(j, unsure)
	case len(works) == 0:
		return "Fails " + fromSome(j, fails, asked) + unknownFrom(unsure)
	case len(works) == asked && j.Outcome != diagnosis.Working:
		return "Works with warnings " + fromEach(j, works)
	}
	return "Works " + fromSome(j, works, asked) + unknownFrom(unsure)
}

// fromSome is "from 2 of 3 places", of those that have been asked; where these are all, see fromEach.
func fromSome(j vantages.Judged, some []vantages.Place, asked int) string {
	if len(some) < asked && asked > 2 {
		return fmt.Sprintf("from %d of %d places", len(some), asked)
	}
	return fromEach(j, some)
}

// fromEach is "from all 3 places"; one and two are named.
func fromEach(j vantages.Judged, all []vantages.Place) string {
	answered := len(j.Places) - len(of(j, vantages.Missing, vantages.Denied))
	switch {
	case len(all) == 1 && answered == 1:
		return "from " + all[0].Label() + ", the only place that answered"
	case len(all) <= 2:
		return "from " + placeList(all)
	case answered < len(j.Places):
		return fmt.Sprintf("from all %d places that answered", len(all))
	}
	return fmt.Sprintf("from all %d places", len(all))
}

// unknownFrom says from how many places nothing is known.
func unknownFrom(unsure []vantages.Place) string {
	switch len(unsure) {
	case 0:
		return ""
	case 1:
		return ", nothing known from " + unsure[0].Label()
	}
	return fmt.Sprintf(", nothing known from %d", len(unsure))
}

// placesNotes name the places by what they saw: what a table in a thread says too,
// for those who read the channel alone.
func placesNotes(j vantages.Judged) (notes []string) {
	works := of(j, vantages.Works, vantages.Intermittent)
	failing, unsure := of(j, vantages.Fails), of(j, vantages.Inconclusive)
	if len(works) > 0 && len(failing)+len(unsure) > 0 {
		notes = append(notes, "Works from "+placeList(works)+".")
	}
	if len(failing) > 0 {
		notes = append(notes, "Does not work from "+placesWithCause(failing)+".")
	}
	if len(unsure) > 0 {
		notes = append(notes, "Nothing is known from "+placesWithCause(unsure)+".")
	}
	if denied := of(j, vantages.Denied); len(denied) > 0 {
		notes = append(notes, "May not be tested at "+placeList(denied)+".")
	}
	for _, a := range slices.Sorted(slices.Values(absences(j))) {
		var gone []vantages.Place
		for _, p := range of(j, vantages.Missing) {
			if p.Absent == a {
				gone = append(gone, p)
			}
		}
		notes = append(notes, strings.ToUpper(absenceCell(a)[:1])+absenceCell(a)[1:]+": "+placeList(gone)+".")
	}
	return notes
}

// placesWithCause are places, each with what it saw.
func placesWithCause(all []vantages.Place) string {
	var said []string
	for _, p := range all[:min(len(all), mostPlaces)] {
		said = append(said, p.Label()+" ("+causeWords(p.Latest(), sentenceRunes)+")")
	}
	if more := len(all) - len(said); more > 0 {
		said = append(said, fmt.Sprintf("%d more", more))
	}
	return and(said)
}

// mostPlaces is how many are named in a sentence.
const mostPlaces = 5

func placeList(all []vantages.Place) string {
	names := labels(all)
	if more := len(names) - mostPlaces; more > 0 {
		names = append(names[:mostPlaces:mostPlaces], fmt.Sprintf("%d more", more))
	}
	return and(names)
}

// absences are the reasons for which places have no report, each once.
func absences(j vantages.Judged) (all []vantages.Absence) {
	for _, p := range of(j, vantages.Missing) {
		if !slices.Contains(all, p.Absent) {
			all = append(all, p.Absent)
		}
	}
	return all
}

func absenceCell(a vantages.Absence) string { return term(absenceCells, a, "could not test") }

// How much of a cause stands in a sentence and in a cell of a table, in characters.
const sentenceRunes, cellRunes = 60, 36

// causeWords are the cause of a failure, short.
func causeWords(j diagnosis.Judged, most int) string {
	if f, ok := headline(j.Diagnosis); ok {
		return Shorten(f.Title, most, Characters)
	}
	return "ended at " + stageName(j.Report, j.Verdict.Stage)
}

// placeOwner says who can fix what was found about places.
func placeOwner(f vantages.Finding, where Platform) string {
	if len(f.At) == 0 {
		return ownerWords(f.Owner, where, "")
	}
	var all []string
	for _, name := range f.At[:min(len(f.At), mostPlaces)] {
		if name == vantages.Here {
			name = ""
		}
		all = append(all, ownerWords(f.Owner, where, name))
	}
	return and(all)
}

func placesFindings(all []vantages.Finding, where Platform) Findings {
	var out Findings
	for _, f := range all {
		out.Items = append(out.Items, Finding{
			Severity: severityTerms[f.Severity], Title: f.Title, Explanation: f.Explanation, Advice: f.Advice,
			Owner: placeOwner(f, where), Confidence: ConfidenceWords(f.Confidence), Reference: f.Reference, ID: string(f.ID),
		})
	}
	return out
}

// placesTable is a row for each place, those that are absent among them.
func placesTable(j vantages.Judged) Table {
	t := Table{Title: "From each place", Header: []string{"Place", "Address", "Result", "Greeting", "Total"}}
	for _, p := range j.Places {
		row := []string{p.Label(), "", placeResult(p), "", ""}
		if r := p.Latest().Report; r != nil {
			if s := r.Main(); s != nil {
				row[1], row[3] = s.Address.Addr().String(), greetingTime(s)
			}
			row[4] = milliseconds(r.Elapsed)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// placeResult is the verdict on a place in a few words.
func placeResult(p vantages.Place) string {
	j := p.Latest()
	twice := ""
	if p.Again != nil {
		twice = ", twice"
	}
	switch p.State() {
	case vantages.Works:
		words := "works"
		if s := j.Report.Main(); s != nil && s.TLS != nil && s.TLS.Complete {
			words += ", " + s.TLS.Version
		} else {
			words += ", " + withoutTLS
		}
		if n := j.Verdict.Warnings; n > 0 {
			words += ", " + count(n, "warning")
		}
		return words
	case vantages.Intermittent:
		return "failed, then worked"
	case vantages.Fails:
		return "fails" + twice + ": " + causeWords(j, cellRunes)
	case vantages.Inconclusive:
		return "inconclusive" + twice + ": " + causeWords(j, cellRunes)
	case vantages.Denied:
		return "may not be tested there"
	}
	words := absenceCell(p.Absent)
	if p.Absent == vantages.NotConnected && !p.Seen.IsZero() {
		words += ", last seen " + Wait(time.Since(p.Seen)) + " ago"
	}
	return words
}

// greetingTime is how long it took from the first packet to the greeting.
func greetingTime(s *probe.Session) string {
	for _, step := range s.Steps {
		if step.Phase == probe.PhaseGreeting && step.Outcome == probe.Passed {
			return milliseconds(step.Start + step.Elapsed)
		}
	}
	return ""
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// VantageFact is a place to test from and how it stands, for help.
type VantageFact struct {
	Name      string
	Connected bool
	Logins    bool      // a login can be sent from there
	Seen      time.Time // zero: never since the bot began
}

// Standing is how it stands in a few words.
func (v VantageFact) Standing() string {
	switch {
	case !v.Connected && v.Seen.IsZero():
		return "not connected"
	case !v.Connected:
		return "not connected, last seen " + Wait(time.Since(v.Seen)) + " ago"
	case !v.Logins:
		return "connected, without logins"
	}
	return "connected"
}

// SentFrom says before the notice of a form from where a login will be sent.
func SentFrom(vantage, notice string) string {
	const most = 150 // see Form.Notice
	for _, before := range []string{"Sent from " + vantage + ". ", "From " + vantage + ". "} {
		if utf8.RuneCountInString(before+notice) <= most {
			return before + notice
		}
	}
	return "From " + vantage + "."
}
