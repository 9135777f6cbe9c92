package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

// sessionRules judge what can happen at any point of a session.
func sessionRules() []rule {
	return slices.Concat(sayingRules(), endingRules(), limitRules(), formRules())
}

// sayingRules are what servers say at any point. It explains why a command
// was refused, and so why it was refused inside TLS.
func sayingRules() []rule {
	anywhere := []ID{EHLORefusedInsideTLS}
	return []rule{
		{
			id: Throttled, owner: OwnerSender, reference: "RFC 5321 §4.2.2", inconclusive: true,
			suppresses:  anywhere,
			title:       "The server limits how often this address may ask",
			advice:      "Wait a few minutes before the next test.",
			reply:       Throttled,
			explanation: "The server said {reply}: that is about this client, not about the server's health.",
		},
		reputationRule(Reputation),
		{
			id: SessionFault, reference: "RFC 3463 §3.4",
			suppresses: anywhere,
			title:      "The server reports a fault of its own",
			advice:     "Look at the server's log: its configuration, or something that it depends on, is broken.",
			reply:      SessionFault,
			match:      serverFault,
		},
		{
			id: Overloaded, reference: "RFC 5321 §3.8",
			suppresses:  anywhere,
			title:       "The server closes the session: service not available",
			advice:      "Test again in a few minutes; if it stays, look at the server's log.",
			reply:       Overloaded,
			explanation: "The server said {reply}.",
		},
	}
}

// endingRules judge a session that broke off without a word.
func endingRules() []rule {
	return []rule{
		{
			id: SessionClosed, reference: "RFC 5321 §3.8",
			title:  "The server hangs up in the middle of the session",
			advice: "Look for this connection in the server's log: a crash, a block, or a proxy that lost its server.",
			match:  ended(probe.KindClosed, probe.KindReset),
		},
		{
			id: SessionTimeout, reference: "RFC 5321 §4.5.3.2",
			title:  "The server stops answering",
			advice: "Look at the server's load and at what stands behind its front end.",
			match:  ended(probe.KindTimeout),
		},
		{
			id: SessionAlert, reference: "RFC 8446 §6",
			title:  "The server ends TLS in the middle of the session",
			advice: "Look at the TLS settings and the log of the server.",
			match:  ended(probe.KindAlert),
		},
		{
			id: SessionBroken, confidence: Likely, reference: "RFC 5321 §3.8",
			title:  "The session breaks off",
			advice: "Test again; if it stays, look for a proxy or firewall on the way.",
			match: func(s *session) *result {
				if !s.failed(probe.KindLocal, probe.KindTLS, probe.KindNotTLS) || s.failure.Phase == probe.PhaseConnect || s.failure.Phase == probe.PhaseHandshake {
					return nil
				}
				return s.because("At %s the connection failed: %s.", phaseWords(s.failure.Phase), s.failure.Detail)
			},
		},
	}
}

// limitRules judge what ended on our side.
func limitRules() []rule {
	return []rule{
		{
			id: TimeOver, owner: OwnerYou, reference: "RFC 5321 §4.5.3.2", inconclusive: true,
			title:  "The time of the test was over",
			advice: "Test again and give it more time.",
			match: func(s *session) *result {
				if !s.failed(probe.KindRunTimeout) {
					return nil
				}
				limit := s.report.Request.Timeout
				res := s.because("%s when the limit of %s ended the test. Whether more would have come was not tested.%s",
					awaited(s.failure.Phase), seconds(limit), s.otherAddresses())
				res.fix = Fix{LongerThan: limit}
				return res
			},
		},
		{
			id: Canceled, severity: Info, owner: OwnerYou, reference: "house policy", inconclusive: true,
			title: "The test was stopped",
			match: func(s *session) *result {
				if !s.failed(probe.KindCanceled) {
					return nil
				}
				return s.because("It was stopped at %s; what had been seen is shown.", phaseWords(s.failure.Phase))
			},
		},
		{
			id: Unsendable, owner: OwnerYou, reference: "RFC 5321 §4.5.3.1.4",
			title:  "A command would have been too long",
			advice: "Use shorter addresses or a shorter EHLO name.",
			match: func(s *session) *result {
				if !s.failed(probe.KindUnsendable) || s.failure.Phase == probe.PhaseAuth {
					return nil
				}
				return s.because("It was not sent: %s.", s.failure.Detail)
			},
		},
	}
}

// formRules judge the form of replies, and when they come.
func formRules() []rule {
	return []rule{
		{
			id: OutOfStep, reference: "RFC 5321 §4.2",
			title:      "The server sends replies that nobody asked for",
			advice:     "Look for a proxy or filter that adds replies; until that is mended no answer of this server can be matched to its question.",
			suppresses: []ID{STARTTLSNotOffered, HELOOnly, BrokenReply},
			match:      outOfStep,
		},
		{
			id: BrokenReply, reference: "RFC 5321 §4.2.1",
			title:  "A reply of the server cannot be understood",
			advice: "Look for a proxy or filter that mixes replies; strict clients give up here.",
			match:  brokenReply,
		},
		{
			id: OddReplies, severity: Warning, reference: "RFC 5321 §2.3.8, §4.2",
			title:  "The server's replies are malformed",
			advice: "Update the server or the proxy in front of it; strict clients may stop here.",
			match:  oddReplies,
		},
		{
			id: SessionSlow, severity: Warning, reference: "RFC 5321 §4.5.3.2",
			title:  "The server takes long to answer",
			advice: "Look at the server's load and at what it asks before it answers; clients with short limits give up before.",
			match:  slowReply,
		},
	}
}

func serverFault(s *session) *result {
	res := s.replied("The server said {reply}.")
	// Postfix waits 5 s for the line of the PROXY protocol.
	if s.failure.Phase == probe.PhaseGreeting && s.took(probe.PhaseGreeting) >= 4*time.Second {
		res.explanation += fmt.Sprintf(" It took %s to say so: Postfix does that when its port expects the PROXY protocol and the load balancer does not speak it.", seconds(s.took(probe.PhaseGreeting)))
		res.confidence = Likely
		res.advice = "Look at the server's log first; then compare the PROXY protocol settings of the server and of the load balancer in front of it."
	}
	return res
}

// ended recognises a session that broke off outside connection, greeting and
// handshake, which have entries of their own; alerts at the greeting are
// here, for it may be the first thing that is read inside TLS.
func ended(kinds ...probe.Kind) func(*session) *result {
	return func(s *session) *result {
		if !s.failed(kinds...) || s.main == nil || s.auth().Evidence.Problem != "" {
			return nil
		}
		switch s.failure.Phase {
		case probe.PhaseConnect, probe.PhaseHandshake:
			return nil
		case probe.PhaseGreeting:
			if !s.failed(probe.KindAlert) {
				return nil
			}
		}
		at := phaseWords(s.failure.Phase)
		how := fmt.Sprintf("It ended the connection %s.", s.where())
		switch s.failure.Kind {
		case probe.KindReset:
			how = fmt.Sprintf("The connection was reset %s.", s.where())
		case probe.KindAlert:
			how = fmt.Sprintf("At %s it sent TLS alert %d, %s.", at, s.failure.Alert, registry.AlertName(s.failure.Alert))
		case probe.KindTimeout:
			how = fmt.Sprintf("At %s no complete reply came within %s.", at, seconds(s.failure.Limit))
		}
		if said := s.quotedReply(); said != "" {
			how += " The last it said was " + fullStop(said)
		}
		return s.because("%s", how)
	}
}

// where names the command that was not answered, where the envelope shows
// it. Of commands sent together it is the first without an answer.
func (s *session) where() string {
	e := s.main.Envelope
	if s.failure.Phase != probe.PhaseEnvelope || e == nil {
		return "at " + phaseWords(s.failure.Phase)
	}
	command := "RSET"
	switch {
	case e.Mail == nil:
		command = "MAIL FROM"
	case e.Rcpt == nil && (e.Pipelined || e.Mail.Positive()) && s.report.Request.Envelope != nil && s.report.Request.Envelope.To != nil:
		command = "RCPT TO"
	}
	if e.Pipelined {
		return "before " + command + " was answered"
	}
	return "after " + command
}

// awaited says what had not happened yet in a phase.
func awaited(p probe.Phase) string {
	switch p {
	case probe.PhaseLookup:
		return "DNS had not answered"
	case probe.PhaseConnect:
		return "The server had not accepted the connection"
	case probe.PhaseGreeting:
		return "The server had not greeted"
	case probe.PhaseHandshake:
		return "The TLS handshake was not complete"
	}
	return "The server had not answered at " + phaseWords(p)
}

// phaseWords says where a session was.
func phaseWords(p probe.Phase) string {
	switch p {
	case probe.PhaseLookup:
		return "the DNS lookup"
	case probe.PhaseConnect:
		return "the connection"
	case probe.PhaseGreeting:
		return "the greeting"
	case probe.PhaseEHLO:
		return "EHLO"
	case probe.PhaseSTARTTLS:
		return "STARTTLS"
	case probe.PhaseHandshake:
		return "the TLS handshake"
	case probe.PhaseAuth:
		return "the login"
	case probe.PhaseEnvelope:
		return "the envelope"
	}
	return string(p)
}

// brokenReply says which rule was broken: a mixture of codes, or no end.
func brokenReply(s *session) *result {
	if !s.failed(probe.KindProtocol) || s.auth().Evidence.Problem != "" {
		return nil
	}
	at, r := phaseWords(s.failure.Phase), s.failure.Reply
	if r == nil || len(r.Lines) == 0 || r.Has(smtp.DeviationMixedCodes) {
		return s.because("At %s the server sent %s: %s.", at, s.quotedReply(), s.failure.Detail)
	}
	res := s.because("At %s the server sent %s and did not stop; reading ended there. It began with %s",
		at, linesWords(r), fullStop("“"+firstLine(r.Lines[0].String())+"”"))
	res.title = "A reply of the server does not end"
	res.advice = "Look at what sends this: a broken proxy, or a trap for clients that read without limit."
	return res
}

// linesWords is how much came of a reply that does not end.
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
			res.explanation = fmt.Sprintf("In place of the answer to %s came %s, which had been sent before the question or belongs to another one. All that follows is shifted.", phaseWords(r.phase), quote(r.Reply))
			if r.phase == probe.PhaseQuit {
				res.severity = Warning
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
				res.explanation += fmt.Sprintf(" At %s: %s.", phaseWords(r.phase), o.Words())
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

// serious leaves out what is common and harmless, and what has an entry of
// its own.
func serious(o smtp.Deviation) bool {
	switch o {
	case smtp.Deviation8Bit, smtp.DeviationLongLine, smtp.DeviationNoLineEnd, smtp.DeviationNoFinalLine, smtp.DeviationAlreadyThere:
		return false
	}
	return true
}

// slowReply names the slowest answer to a command.
func slowReply(s *session) *result {
	var slowest probe.Phase
	for _, p := range []probe.Phase{probe.PhaseEHLO, probe.PhaseSTARTTLS, probe.PhaseAuth, probe.PhaseEnvelope} {
		if p == probe.PhaseAuth && !s.auth().Accepted {
			continue // servers hold the answer to a wrong password back on purpose
		}
		if s.took(p) > s.took(slowest) {
			slowest = p
		}
	}
	if s.took(slowest) < slowAfter || s.failed(probe.KindTimeout, probe.KindRunTimeout, probe.KindCanceled) {
		return nil
	}
	return &result{
		explanation: fmt.Sprintf("It took %s to answer at %s.", seconds(s.took(slowest)), phaseWords(slowest)),
		evidence:    s.evidenceAt(slowest),
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
			all = append(all, phased{main.STARTTLS, probe.PhaseSTARTTLS})
		}
	}
	if a := main.Auth; a != nil {
		all = append(all, phased{a.Reply, probe.PhaseAuth})
	}
	if e := main.Envelope; e != nil {
		all = append(all, phased{e.Mail, probe.PhaseEnvelope}, phased{e.Rcpt, probe.PhaseEnvelope}, phased{e.Rset, probe.PhaseEnvelope})
	}
	all = append(all, phased{main.Quit, probe.PhaseQuit})
	return slices.DeleteFunc(all, func(r phased) bool { return r.Reply == nil })
}
