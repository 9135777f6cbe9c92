package formatting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtptest/probe/bounce"
	"smtptest/probe/diagnosis"
	"smtptest/probe/explain"
	"smtptest/probe/replies"
)

// maxExplainedFailures is how many failures of a notice are explained. More say
// the same of more servers.
const maxExplainedFailures = 3

// Bounce words a notice of a message that was not delivered, or the way of a
// message. It says which server refused and what that means; to whom the message
// was, and what the server said in its own words, it does not.
func Bounce(n bounce.Notice, where Platform) Message {
	m := Message{Fact: wayFact(n)}
	for i := range n.Failures[:min(len(n.Failures), maxExplainedFailures)] {
		f := &n.Failures[i]
		e := explain.At(f.Answered, f.Said)
		if i == 0 {
			m.Fact = failureFact(f)
			if len(e.Items) > 0 {
				m.Owner, m.Try = senderWords(e.Items[0].Side, where), optionsAt(first(e.Items[0].Try), where)
			}
		}
		m.Sections = append(m.Sections, failureRows(n, f, where))
		if len(e.Items) > 0 { // the first is the most specific
			m.Sections = append(m.Sections, meaningRows(e.Items[0], i > 0, where))
		}
	}
	if more := len(n.Failures) - maxExplainedFailures + n.FailuresOmitted; more > 0 {
		m.Notes = append(m.Notes, "More failures are in it: "+strconv.Itoa(more)+".")
	}
	if len(n.Hops) > 0 {
		m.Sections = append(m.Sections, wayTable(n))
	}
	if words := wayWords(n.Hops); len(words.Paragraphs) > 0 {
		m.Sections = append(m.Sections, words)
	}
	return m
}

// meaningRows are what a code or a text means. What to try, and who can fix it,
// stand in the head already where it is the first one.
func meaningRows(item explain.Item, whole bool, where Platform) Facts {
	who, rows := strings.TrimSuffix(WhoWords, ":"), explained(item, where)
	rows.Rows = slices.DeleteFunc(rows.Rows, func(r Fact) bool {
		return !whole && (r.Name == who || len(item.Try) == 1 && r.Name == strings.TrimSuffix(TryWords, ":"))
	})
	for i := range rows.Rows {
		if rows.Rows[i].Name == who {
			rows.Rows[i].Value = senderWords(item.Side, where)
		}
	}
	return rows
}

// senderWords say who can fix it, to somebody who reads a bounce: they have sent
// the message, or speak for whoever did.
func senderWords(o replies.Owner, where Platform) string {
	if o == replies.OwnerYou {
		return "whoever sent the message"
	}
	return ownerWords(diagnosis.Owner(o), where, "")
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// actionTerms are what became of a message (RFC 3464 §2.3.3).
var actionTerms = map[string]string{
	"failed": "Not delivered", "": "Not delivered", "delayed": "Not delivered yet", "delivered": "Delivered",
	"relayed": "Handed on to a server that reports nothing more", "expanded": "Delivered to a list",
}

// failureFact is what happened, in one line.
func failureFact(f *bounce.Failure) string {
	words := actionTerms[f.Action]
	if host := f.Host(); host != "" {
		words += ": " + host
		if f.Answered != "" {
			words += " at " + string(f.Answered)
		}
	}
	return Join([]string{words, codes(f)}, " · ")
}

// codes are the code of a reply and the enhanced one.
func codes(f *bounce.Failure) string {
	code := ""
	if f.Code != 0 {
		code = strconv.Itoa(f.Code)
	}
	return Join([]string{code, f.Enhanced}, " ")
}

func failureRows(n bounce.Notice, f *bounce.Failure, where Platform) Facts {
	rows := Facts{Title: actionTerms[f.Action]}
	add := func(name, value string) {
		if value != "" {
			rows.Rows = append(rows.Rows, Fact{name, value})
		}
	}
	server := f.Remote
	if f.Address.IsValid() {
		server = strings.TrimSpace(server + " [" + f.Address.String() + "]")
	}
	add("Server", server)
	add("It answered", string(f.Answered))
	add("Code", codes(f))
	if f.Recipients > 1 {
		add("Recipients", strconv.Itoa(f.Recipients))
	}
	if !f.Retried.IsZero() {
		add("Tried until", When(f.Retried))
	}
	add("Written by", n.Reporting)
	if host := f.Host(); host != "" && where == Terminal {
		add("Test it now", "smtptest "+bounceTarget(f))
	}
	return rows
}

// bounceTarget is the server of a failure on the port of mail servers.
func bounceTarget(f *bounce.Failure) string {
	if f.Remote == "" && f.Address.Is6() {
		return "[" + f.Host() + "]:25"
	}
	return f.Host() + ":25"
}

// wayFact is how long a message was under way. Where the clocks contradict each
// other it is not known.
func wayFact(n bounce.Notice) string {
	var from, to time.Time
	for _, h := range n.Hops {
		if from.IsZero() {
			from = h.At
		}
		if !h.At.IsZero() {
			to = h.At
		}
	}
	servers := count(len(n.Hops)+n.HopsOmitted, "server")
	if len(n.Hops) < 2 || to.IsZero() || to.Before(from) {
		return servers
	}
	return fmt.Sprintf("%s in %s", servers, lapse(to.Sub(from)))
}

// wayTable are the servers that had the message, the first one first.
func wayTable(n bounce.Notice) Table {
	t := Table{Title: "The way of the message", Header: []string{"Server", "Had it from", "Protocol", "UTC", "After"}}
	for i, h := range n.Hops {
		if n.HopsOmitted > 0 && i == len(n.Hops)-1 {
			t.Rows = append(t.Rows, []string{"(" + count(n.HopsOmitted, "server") + " left out)"})
		}
		from, at, after := h.From, "", ""
		if h.IP.IsValid() {
			from = strings.TrimSpace(from + " [" + h.IP.String() + "]")
		}
		if !h.At.IsZero() {
			at = h.At.UTC().Format("2006-01-02 15:04:05")
		}
		if h.Delayed {
			after = lapse(h.Delay)
		}
		t.Rows = append(t.Rows, []string{h.By, from, h.With, at, after})
	}
	return t
}

// wayWords say where the time went, and where the clocks do not agree.
func wayWords(hops []bounce.Hop) Prose {
	p := Prose{Title: "Its times"}
	if len(hops) == 0 {
		return p
	}
	slowest, known := 0, false
	for i, h := range hops {
		known = known || h.Delayed
		if h.Delayed && h.Delay > hops[slowest].Delay {
			slowest = i
		}
		if h.Delayed && h.Delay < 0 {
			p.Paragraphs = append(p.Paragraphs, fmt.Sprintf(
				"The clocks of %s and %s differ: the later one has written a time that is %s earlier. The times beside it are "+
					"wrong by that much at least.", hopName(hops[i-1]), hopName(h), lapse(-h.Delay)))
		}
	}
	const noticeable = 5 * time.Second
	if most := hops[slowest]; most.Delay >= noticeable {
		p.Paragraphs = append(p.Paragraphs, fmt.Sprintf("The longest wait was %s, before %s had it.", lapse(most.Delay),
			hopName(most)))
	}
	if len(p.Paragraphs) == 0 && known {
		p.Paragraphs = []string{"No server has kept it waiting, as far as their times tell."}
	}
	return p
}

func hopName(h bounce.Hop) string {
	if h.By == "" {
		return "a server that is not named"
	}
	return h.By
}

// lapse is a time between two servers, which write seconds.
func lapse(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "−", -d
	}
	d = d.Round(time.Second)
	days, hours, minutes, seconds := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%s%d d %d h", sign, days, hours)
	case hours > 0:
		return fmt.Sprintf("%s%d h %d min", sign, hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%s%d min %d s", sign, minutes, seconds)
	}
	return fmt.Sprintf("%s%d s", sign, seconds)
}
