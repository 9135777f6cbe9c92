// Package timeline words a server that is tested again and again: what a
// message says while it is watched, what is said when it turns, and the window
// of the outage at the end, ready for an incident's timeline.
package timeline

import (
	"fmt"
	"strings"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/outage"
)

// Watch is what is known of a server that is watched.
type Watch struct {
	Target string
	Series outage.Series
	Last   Head              // of the newest test
	Every  time.Duration     // from one test to the next
	Stays  time.Duration     // for how long it is tested once it works
	Next   time.Time         // of the next test; zero: there is none
	Until  time.Time         // it is not tested any more then
	By     formatting.Person // who asked
	Missed string            // why the newest test was not made; empty: it was
}

// Head is what a verdict says, in words that can be kept: no evidence.
type Head struct {
	Tone    formatting.Tone `json:"tone"`
	Verdict string          `json:"verdict"`
	Fact    string          `json:"fact"`
	Quote   []string        `json:"quote"`
	Try     string          `json:"try"`
	Owner   string          `json:"owner"`
	Footer  string          `json:"footer"`
}

// HeadOf is the head of a judged test, worded for the place where it is read.
func HeadOf(j diagnosis.Judged, where formatting.Platform) Head {
	m := formatting.Verdict(j, where)
	return Head{m.Tone, m.Verdict, m.Fact, m.Quote, m.Try, m.Owner, m.Footer}
}

// head is a message with these words.
func (w Watch) head(verdict string) formatting.Message {
	h := w.Last
	return formatting.Message{
		Tone: h.Tone, Verdict: verdict, Target: w.Target, Fact: h.Fact, Quote: h.Quote, Try: h.Try, Owner: h.Owner,
		Footer: h.Footer, By: w.By,
	}
}

// Message is what the one message says while the server is watched.
func Message(w Watch) formatting.Message {
	m := w.head("Watching: " + lower(w.Last.Verdict))
	m.Chart = Chart(w.Series)
	m.Notes = append(m.Notes, Counted(w.Series))
	m.Notes = append(m.Notes, w.changed()...)
	if w.Missed != "" {
		m.Notes = append(m.Notes, w.Missed)
	}
	m.Notes = append(m.Notes, w.plan())
	m.Times = append(m.Times, formatting.Moment{Name: sinceWords[w.Series.Kind], At: w.Series.Since})
	if !w.Next.IsZero() {
		m.Times = append(m.Times, formatting.Moment{Name: "Next test", At: w.Next})
	}
	return m
}

var sinceWords = map[outage.Kind]string{
	outage.Works: "Works since", outage.Fails: "Fails since", outage.Unsure: "Inconclusive since",
}

// plan says when it ends.
func (w Watch) plan() string {
	every := "Tested every " + probe.Duration(w.Every)
	if w.Series.Kind == outage.Works {
		ends := w.Series.Since.Add(w.Stays)
		if w.Until.Before(ends) {
			ends = w.Until
		}
		return every + "; ends at " + clock(ends) + " if it goes on to work."
	}
	return every + " until it works, at the longest until " + clock(w.Until) + "."
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }

// changed says how often the outcome changed, where that is worth saying.
func (w Watch) changed() []string {
	switch n := w.Series.Changes(); {
	case w.Series.Doubt != nil:
		return []string{"The newest test ended in another way. Such a change is repeated before it counts."}
	case n > 1:
		return []string{fmt.Sprintf("It turned %d times: the fault is intermittent.", n)}
	}
	return nil
}

// Turned is what is said when the server turned, below the one message.
func Turned(w Watch) formatting.Message {
	m := w.head(w.turn())
	m.Times = []formatting.Moment{{Name: sinceWords[w.Series.Kind], At: w.Series.Since}}
	if n := w.stood(); n != "" {
		m.Notes = append(m.Notes, n)
	}
	m.Notes = append(m.Notes, w.changed()...)
	return m
}

// Told is Turned for the channel: what people there wait for, in few lines.
func Told(w Watch, link string) formatting.Message {
	m := Turned(w)
	m.Quote, m.Footer = nil, ""
	if w.Series.Kind == outage.Works {
		m.Try, m.Owner = "", ""
	}
	if link != "" {
		m.Links = []formatting.Link{{Label: "The watch", URL: link}}
	}
	return m
}

// turn is the verdict of a turn.
func (w Watch) turn() string {
	switch {
	case w.Series.Kind == outage.Works && w.Series.Turns > 1:
		return "Works again: " + tested(w.Last.Verdict)
	case w.Series.Kind == outage.Works:
		return "Works now: " + tested(w.Last.Verdict)
	case w.Series.From == outage.Works:
		return "Does not work any more: " + lower(w.Last.Verdict)
	}
	return w.Last.Verdict
}

// tested is a verdict that works without its first word.
func tested(verdict string) string {
	verdict = strings.TrimPrefix(verdict, "Works")
	return strings.TrimLeft(strings.TrimPrefix(verdict, ":"), " ")
}

// stood says how long the other state was seen before this one.
func (w Watch) stood() string {
	all := w.Series.All
	i := len(all) - 1
	for i >= 0 && !all[i].At.Before(w.Series.Since) {
		i--
	}
	last := i
	for i > 0 && all[i-1].Kind == all[last].Kind {
		i--
	}
	if last < 0 || i == last {
		return ""
	}
	span := probe.Duration(w.Series.Since.Sub(all[i].At))
	if all[last].Kind == outage.Works {
		return "It had worked for " + span + "."
	}
	return "It had not worked for " + span + ", as far as this watch saw."
}

// Over is why a watch has ended.
type Over string

// The reasons.
const (
	OverWorks   Over = "works"   // it has worked for long enough
	OverTime    Over = "time"    // its time is over
	OverStopped Over = "stopped" // somebody has stopped it
	OverRestart Over = "restart" // the bot that kept it in its memory ends
	OverDenied  Over = "denied"  // it may not be tested any more
)

// End is what the one message says at the end. by is who stopped it; empty:
// nobody, or it is not said.
func End(w Watch, why Over, by string) formatting.Message {
	m := w.head("Watched: " + lower(w.Last.Verdict))
	if why == OverRestart {
		m.Tone, m.Verdict = formatting.ToneUnsure, "Stopped: start it again"
	}
	m.Chart = Chart(w.Series)
	m.Notes = append(m.Notes, Counted(w.Series))
	m.Notes = append(m.Notes, w.over(why, by))
	if line, ok := Line(w.Target, w.Series, w.Every); ok {
		m.Notes = append(m.Notes, line)
	}
	m.Times = Moments(w.Series)
	return m
}

func (w Watch) over(why Over, by string) string {
	switch why {
	case OverWorks:
		return "The watch is over: it has worked for " + probe.Duration(w.Stays) + "."
	case OverTime:
		return "The watch is over: its time is up. Start it again to go on."
	case OverStopped:
		if by != "" {
			return "The watch was stopped by " + by + "."
		}
		return "The watch was stopped."
	case OverRestart:
		return "The bot was restarted, and a watch lives in its memory. This is what it had seen until then."
	}
	return "The watch is over: the server may not be tested here any more."
}

// Moments are the ends of the window of an outage, and when it worked.
func Moments(s outage.Series) []formatting.Moment {
	w, ok := s.Window()
	if !ok {
		if s.Kind == "" {
			return nil
		}
		return []formatting.Moment{{Name: "Works since", At: s.Since}}
	}
	first, last := "First failed test", "Last failed test"
	if s.Count(outage.Unsure) > 0 {
		first, last = "First test that did not work", "Last test that did not work"
	}
	var all []formatting.Moment
	for _, m := range []formatting.Moment{
		{Name: "Last test that worked before", At: w.Before}, {Name: first, At: w.FirstBad}, {Name: last, At: w.LastBad},
		{Name: "First test that worked after", At: w.After},
	} {
		if !m.At.IsZero() {
			all = append(all, m)
		}
	}
	return all
}

// Line is the window of an outage as one line for the timeline of an incident,
// in UTC. ok is false where every test worked: there was no outage to report.
func Line(target string, s outage.Series, every time.Duration) (line string, ok bool) {
	w, ok := s.Window()
	if !ok {
		return "", false
	}
	const form = "2006-01-02 15:04:05"
	did := "failed"
	if s.Count(outage.Unsure) > 0 {
		did = "did not work"
	}
	line = fmt.Sprintf("%s UTC to %s UTC: %s %s", w.FirstBad.UTC().Format(form), w.LastBad.UTC().Format(form), target, did)
	if w.After.IsZero() {
		line += ", and had not worked again"
	} else {
		line += ", works since " + w.After.UTC().Format(form) + " UTC"
	}
	if w.Changes > 2 {
		line += fmt.Sprintf("; it turned %d times", w.Changes)
	}
	return line + " (seen by tests every " + probe.Duration(every) + ", so ±" + probe.Duration(every) + ").", true
}

// lower makes the first word of a verdict one inside a sentence.
func lower(verdict string) string {
	if verdict == "" {
		return verdict
	}
	return strings.ToLower(verdict[:1]) + verdict[1:]
}
