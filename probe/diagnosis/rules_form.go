package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// formRules judge the form of replies, and when they come.
func formRules() []rule {
	return []rule{
		{
			id: OutOfStep, reference: "RFC 5321 §4.2",
			title: "The server sends replies that nobody asked for",
			advice: "Look for a proxy or filter that adds replies; " +
				"until that is mended no answer of this server can be matched to its question.",
			suppresses: []ID{STARTTLSNotOffered, HELOOnly, BrokenReply, EHLORefused, EHLONameRefused, SessionClosed},
			match:      outOfStep,
		},
		{
			id: BrokenReply, reference: "RFC 5321 §4.2.1",
			title:  "A reply of the server cannot be understood",
			advice: "Look for a proxy or filter that mixes replies; strict clients give up here.",
			match:  brokenReply,
		},
		{
			id: BareCR, reference: "RFC 5321 §2.3.8",
			title:      "The server ends its lines with CR alone",
			advice:     "Make the program that writes the replies end them with CR and LF, or look for a filter that drops LF.",
			suppresses: []ID{GreetingTimeout, SessionTimeout},
			match: func(s *session) *result {
				if !s.failed(probe.KindTimeout) || !strings.HasSuffix(s.failure.Octets, `\x0d`) {
					return nil
				}
				return s.because("At %s came %s and then nothing for %s. A line ends with CR and LF; after CR alone every "+
					"client waits for the rest.", s.failure.Phase.Words(), s.quotedReply(), probe.Duration(s.failure.Limit))
			},
		},
		{
			id: OddReplies, severity: Warning, reference: "RFC 5321 §2.3.8, §4.2",
			title:  "The server's replies are malformed",
			advice: "Update the server or the proxy in front of it; strict clients may stop here.",
			match:  oddReplies,
		},
		{
			id: SessionSlow, severity: Warning, reference: "RFC 5321 §4.5.3.2",
			title: "The server takes long to answer",
			advice: "Look at the server's load and at what it asks before it answers; " +
				"clients with short limits give up before.",
			match: slowReply,
		},
	}
}

// brokenReply says which rule was broken: a mixture of codes, or a length that
// no reply needs.
func brokenReply(s *session) *result {
	if !s.failed(probe.KindProtocol) || s.auth().Evidence.Problem != "" {
		return nil
	}
	at, r := s.failure.Phase.Words(), s.failure.Reply
	if r == nil || len(r.Lines) == 0 || r.Has(smtp.DeviationMixedCodes) {
		return s.because("At %s the server sent %s: %s.", at, s.quotedReply(), s.failure.Detail)
	}
	res := s.because("At %s the server sent %s and went on; this test reads no more of one reply. It began with %s",
		at, linesWords(r), fullStop("“"+firstLine(r.Lines[0].String())+"”"))
	res.title = "A reply of the server is longer than this test reads"
	res.advice = "Look at what sends this: a broken proxy, or a trap for clients that read without limit."
	return res
}

// linesWords is how much was read of a reply that is too long.
func linesWords(r *smtp.Reply) string {
	if len(r.Lines) == 1 {
		return fmt.Sprintf("one line of over %d KiB", smtp.MaxReplyOctets>>10)
	}
	return fmt.Sprintf("%d lines", len(r.Lines))
}

// firstLine keeps of a long answer what shows what it is.
func firstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	text, _, _ = strings.Cut(text, `\x0d`) // as smtp.Printable writes CR
	const maxRunes = 80
	if runes := []rune(text); len(runes) > maxRunes {
		return string(runes[:maxRunes]) + "…"
	}
	return text
}

// outOfStep recognises replies that were there before the command, and a
// second greeting in the place of EHLO's answer. 421 may come at any time
// (RFC 5321 §3.8).
func outOfStep(s *session) *result {
	if s.main == nil {
		return nil
	}
	for _, r := range s.replies() {
		second := r.phase == probe.PhaseEHLO && r.Code == 220 && len(r.Lines) == 1
		if (second || r.Has(smtp.DeviationAlreadyThere)) && r.Code != 421 {
			res := &result{evidence: s.evidenceAt(r.phase)}
			res.explanation = fmt.Sprintf("In place of the answer to %s came %s, which had been sent before the "+
				"question or belongs to another one. All that follows is shifted.", r.phase.Words(), quote(r.Reply))
			switch {
			case r.phase == probe.PhaseQuit:
				res.severity = Warning
			case r.phase == probe.PhaseEHLO && r.Class() == 5:
				res.explanation += " A balancer that puts a PROXY header before the client's octets has this effect " +
					"at a server that does not expect one: it takes the header for commands."
				res.advice = "Compare the PROXY protocol settings of the server and of the load balancer in front of it."
			}
			return res
		}
	}
	return nil
}

// oddReplies gathers the departures that strict clients stumble over, each
// where it showed first.
func oddReplies(s *session) *result {
	if s.main == nil {
		return nil
	}
	var noticed []smtp.Deviation
	var res result
	for _, r := range s.replies() {
		for _, o := range r.Deviations {
			if serious(o) && !slices.Contains(noticed, o) {
				noticed = append(noticed, o)
				res.explanation += fmt.Sprintf(" At %s: %s.", r.phase.Words(), o.Words())
				res.evidence = append(res.evidence, s.evidenceAt(r.phase)...)
			}
		}
	}
	if len(noticed) == 0 {
		return nil
	}
	res.explanation = strings.TrimPrefix(res.explanation, " ")
	return &res
}

// serious leaves out what is common and harmless, and what has a rule of
// its own.
func serious(o smtp.Deviation) bool {
	switch o {
	case smtp.Deviation8Bit, smtp.DeviationLongLine, smtp.DeviationNoLineEnd, smtp.DeviationNoFinalLine,
		smtp.DeviationAlreadyThere:
		return false
	}
	return true
}

// slowReply names the slowest answer to a command, or all of them where each
// was slow and clients wait as long as for one.
func slowReply(s *session) *result {
	var slowest probe.Phase
	for _, p := range []probe.Phase{
		probe.PhaseEHLO, probe.PhaseClearMail, probe.PhaseSTARTTLS, probe.PhaseAuth, probe.PhaseEnvelope,
	} {
		if p == probe.PhaseAuth && !s.auth().Accepted {
			continue // servers hold the answer to a wrong password back on purpose
		}
		if s.took(p) > s.took(slowest) {
			slowest = p
		}
	}
	switch {
	case s.failed(probe.KindTimeout, probe.KindRunTimeout, probe.KindCanceled):
		return nil
	case s.took(slowest) < slowAfter:
		return allSlow(s, slowest)
	}
	return &result{
		explanation: fmt.Sprintf("It took %s to answer at %s.", probe.Duration(s.took(slowest)), slowest.Words()),
		evidence:    s.evidenceAt(slowest),
	}
}

// allSlow recognises a server of which every answer is slow.
func allSlow(s *session, slowest probe.Phase) *result {
	const each, fewest = time.Second, 3
	if s.main == nil {
		return nil
	}
	var sum time.Duration
	var answers int
	for _, step := range s.main.Steps {
		if step.Phase == probe.PhaseConnect || step.Phase == probe.PhaseQuit || step.Outcome == probe.Skipped {
			continue
		}
		if step.Elapsed < each && step.Phase != probe.PhaseHandshake {
			return nil
		}
		answers, sum = answers+1, sum+step.Elapsed
	}
	if answers < fewest || sum < slowAfter {
		return nil
	}
	return &result{
		explanation: fmt.Sprintf("Every answer took its time, %s in all; the longest, at %s, %s.",
			probe.Duration(sum), slowest.Words(), probe.Duration(s.took(slowest))),
		evidence: s.evidenceAt(slowest),
	}
}

// phased is a reply with the phase that it belongs to.
type phased struct {
	*smtp.Reply
	phase probe.Phase
}

// replies are all replies of the main session, in order.
func (s *session) replies() []phased {
	main := s.main
	all := []phased{{main.Greeting, probe.PhaseGreeting}}
	for i := range main.Hellos {
		all = append(all, phased{&main.Hellos[i].Reply, probe.PhaseEHLO})
		if i == 0 {
			if m := main.ClearMail; m != nil {
				all = append(all, phased{m.Mail, probe.PhaseClearMail}, phased{m.Rset, probe.PhaseClearMail})
			}
			all = append(all, phased{main.STARTTLS, probe.PhaseSTARTTLS})
		}
	}
	if a := main.Auth; a != nil {
		all = append(all, phased{a.Reply, probe.PhaseAuth})
	}
	if e := main.Envelope; e != nil {
		for _, r := range []*smtp.Reply{e.Mail, e.Rcpt, e.Rset} {
			all = append(all, phased{r, probe.PhaseEnvelope})
		}
	}
	all = append(all, phased{main.Quit, probe.PhaseQuit})
	return slices.DeleteFunc(all, func(r phased) bool { return r.Reply == nil })
}
