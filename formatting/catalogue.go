package formatting

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The rules of the voice, for all that people read outside a diagnosis:
//
//   - What failed, then what that means if it is not plain, then what to try:
//     one sentence each, the last one imperative. A sentence that would only
//     fill its place is left out.
//   - No blame, no "please", no "invalid", no "error", no exclamation mark.
//   - The field's words: host name, address, port, mail address, option.
//   - Words before symbols. A symbol or a colour never says anything alone.
//   - Numbers have their unit. A wait says when it is over.
//   - A word that somebody typed is pointed at by its place; it is repeated
//     only where it is known to be harmless.
//   - An example stands in every sentence where a person may wonder about the
//     form.
//
// Every sentence stands in the catalogue under an id that never changes its
// meaning: tests and translations go by it.

// TextID names one text of the catalogue.
type TextID string

// text is what is said; {name} stands for a value.
type text struct{ what, means, try string }

// catalogue finds a text in the tables, each beside its subject.
func catalogue(id TextID) (text, bool) {
	for _, table := range []map[TextID]text{usageTexts, refusalTexts, noteTexts, vantageTexts} {
		if t, ok := table[id]; ok {
			return t, true
		}
	}
	return text{}, false
}

// TextIDs are the ids of all texts, sorted.
func TextIDs() []TextID {
	var ids []TextID
	for _, table := range []map[TextID]text{usageTexts, refusalTexts, noteTexts, vantageTexts} {
		ids = slices.AppendSeq(ids, maps.Keys(table))
	}
	slices.Sort(ids)
	return ids
}

// Value is what stands for {name} in a text.
type Value struct{ Name, Text string }

// Words are the sentences of one text: what failed, what it means, what to
// try. The last two may be empty.
type Words struct{ What, Means, Try string }

// Say finds a text and puts the values in. An id without a text says itself,
// which a test forbids.
func Say(id TextID, values ...Value) Words {
	t, ok := catalogue(id)
	if !ok {
		return Words{What: string(id)}
	}
	var pairs []string
	for _, v := range values {
		pairs = append(pairs, "{"+v.Name+"}", v.Text)
	}
	r := strings.NewReplacer(pairs...)
	return Words{r.Replace(t.what), r.Replace(t.means), r.Replace(t.try)}
}

// String is the sentences in one line.
func (w Words) String() string {
	return Join([]string{w.What, w.Means, w.Try}, " ")
}

// Wait writes a wait in whole seconds or minutes, rounded up: nobody is to
// come too early.
func Wait(d time.Duration) string {
	seconds := max(1, int((d+time.Second-1)/time.Second))
	if seconds <= 120 {
		return count(seconds, "second")
	}
	return count((seconds+59)/60, "minute")
}

// Rate writes how much may happen within a time: "5 a minute".
func Rate(most int, per time.Duration) string {
	switch per {
	case time.Minute:
		return strconv.Itoa(most) + " a minute"
	case time.Hour:
		return strconv.Itoa(most) + " an hour"
	}
	return strconv.Itoa(most) + " in " + Wait(per)
}

// Window writes the time that a limit counts over.
func Window(d time.Duration) string {
	switch d {
	case time.Minute:
		return "the last minute"
	case time.Hour:
		return "the last hour"
	}
	if d%time.Hour == 0 {
		return "the last " + count(int(d/time.Hour), "hour")
	}
	return "the last " + Wait(d)
}
