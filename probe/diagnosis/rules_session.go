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

// sessionEntries judge what can happen at any point of a session.
func sessionEntries() []entry {
	return slices.Concat(sayingEntries(), endingEntries(), limitEntries(), formEntries())
}

// sayingEntries are what servers say at any point. It explains why a command
// was refused, and so why it was refused inside TLS.
func sayingEntries() []entry {
	anywhere := []ID{EHLORefusedInsideTLS}
	return []entry{
		reply(entry{
			id: Throttled, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 5321 §4.2.2", inconclusive: true,
			silences: anywhere,
			title:    "The server limits how often this address may ask",
			advice:   "Wait a few minutes before the next test.",
		}, "The server said %s: that is about this client, not about the server's health."),
		reputation(Reputation),
		{
			id: SessionFault, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3463 §3.4",
			silences: anywhere,
			title:    "The server reports a fault of its own",
			advice:   "Look at the server's log: its configuration, or something that it depends on, is broken.",
			seen:     serverFault,
		},
		reply(entry{
			id: Overloaded, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §3.8",
			silences: anywhere,
			title:    "The server closes the session: service not available",
			advice:   "Test again in a few minutes; if it stays, look at the server's log.",
		}, "The server said %s."),
	}
}

// endingEntries judge a session that broke off without a word.
func endingEntries() []entry {
	return []entry{
		{
			id: SessionClosed, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §3.8",
			title:  "The server hangs up in the middle of the session",
			advice: "Look for this connection in the server's log: a crash, a block, or a proxy that lost its server.",
			seen:   ended(probe.KindClosed, probe.KindReset),
		},
		{
			id: SessionTimeout, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.5.3.2",
			title:  "The server stops answering",
			advice: "Look at the server's load and at what stands behind its front end.",
			seen:   ended(probe.KindTimeout),
		},
		{
			id: SessionAlert, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 8446 §6",
			title:  "The server ends TLS in the middle of the session",
			advice: "Look at the TLS settings and the log of the server.",
			seen:   ended(probe.KindAlert),
		},
		{
			id: SessionBroken, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §3.8",
			title:  "The session breaks off",
			advice: "Test again; if it stays, look for a proxy or firewall on the way.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindLocal, probe.KindTLS, probe.KindNotTLS) || v.failure.Phase == probe.PhaseConnect || v.failure.Phase == probe.PhaseHandshake {
					return nil
				}
				return v.because("At %s the connection failed: %s.", phaseWords(v.failure.Phase), v.failure.Detail)
			},
		},
	}
}

// limitEntries judge what ended on our side.
func limitEntries() []entry {
	return []entry{
		{
			id: TimeOver, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §4.5.3.2", inconclusive: true,
			title:  "The time of the test was over",
			advice: "Test again with a longer --timeout.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindRunTimeout) {
					return nil
				}
				return v.because("%s when the limit of %s ended the test. Whether more would have come was not tested.%s", awaited(v.failure.Phase), seconds(v.report.Request.Timeout), v.otherAddresses())
			},
		},
		{
			id: Canceled, severity: Info, owner: OwnerYou, confidence: Certain, reference: "house policy", inconclusive: true,
			title: "The test was stopped",
			seen: func(v *view) *match {
				if !v.failed(probe.KindCanceled) {
					return nil
				}
				return v.because("It was stopped at %s; what had been seen is shown.", phaseWords(v.failure.Phase))
			},
		},
		{
			id: Unsendable, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §4.5.3.1.4",
			title:  "A command would have been too long",
			advice: "Use shorter addresses or a shorter EHLO name.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindUnsendable) || v.failure.Phase == probe.PhaseAuth {
					return nil
				}
				return v.because("It was not sent: %s.", v.failure.Detail)
			},
		},
	}
}

// formEntries judge the form of replies, and when they come.
func formEntries() []entry {
	return []entry{
		{
			id: OutOfStep, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.2",
			title:    "The server sends replies that nobody asked for",
			advice:   "Look for a proxy or filter that adds replies; until that is mended no answer of this server can be matched to its question.",
			silences: []ID{STARTTLSNotOffered, HELOOnly, BrokenReply},
			seen:     outOfStep,
		},
		{
			id: BrokenReply, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.2.1",
			title:  "A reply of the server cannot be understood",
			advice: "Look for a proxy or filter that mixes replies; strict clients give up here.",
			seen:   brokenReply,
		},
		{
			id: OddReplies, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §2.3.8, §4.2",
			title:  "The server's replies are malformed",
			advice: "Update the server or the proxy in front of it; strict clients may stop here.",
			seen:   oddReplies,
		},
		{
			id: SessionSlow, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.5.3.2",
			title:  "The server takes long to answer",
			advice: "Look at the server's load and at what it asks before it answers; clients with short limits give up before.",
			seen:   slowReply,
		},
	}
}

func serverFault(v *view) *match {
	if v.belief != SessionFault {
		return nil
	}
	m := v.because("The server said %s.", v.said())
	// Postfix waits 5 s for the line of the PROXY protocol.
	if v.failure.Phase == probe.PhaseGreeting && v.took(probe.PhaseGreeting) >= 4*time.Second {
		m.explanation += fmt.Sprintf(" It took %s to say so: Postfix does that when its port expects the PROXY protocol and the load balancer does not speak it.", seconds(v.took(probe.PhaseGreeting)))
		m.confidence = Likely
		m.advice = "Look at the server's log first; then compare the PROXY protocol settings of the server and of the load balancer in front of it."
	}
	return m
}

// ended recognises a session that broke off outside connection, greeting and
// handshake, which have entries of their own; alerts at the greeting are
// here, for it may be the first thing that is read inside TLS.
func ended(kinds ...probe.Kind) func(*view) *match {
	return func(v *view) *match {
		if !v.failed(kinds...) || v.main == nil || v.auth().Evidence.Problem != "" {
			return nil
		}
		switch v.failure.Phase {
		case probe.PhaseConnect, probe.PhaseHandshake:
			return nil
		case probe.PhaseGreeting:
			if !v.failed(probe.KindAlert) {
				return nil
			}
		}
		at := phaseWords(v.failure.Phase)
		how := fmt.Sprintf("It ended the connection %s.", v.where())
		switch v.failure.Kind {
		case probe.KindReset:
			how = fmt.Sprintf("The connection was reset %s.", v.where())
		case probe.KindAlert:
			how = fmt.Sprintf("At %s it sent TLS alert %d, %s.", at, v.failure.Alert, registry.AlertName(v.failure.Alert))
		case probe.KindTimeout:
			how = fmt.Sprintf("At %s no complete reply came within %s.", at, seconds(v.failure.Limit))
		}
		if said := v.said(); said != "" {
			how += " The last it said was " + said + "."
		}
		return v.because("%s", how)
	}
}

// where names the command that was not answered, where the envelope shows
// it. Of commands sent together it is the first without an answer.
func (v *view) where() string {
	e := v.main.Envelope
	if v.failure.Phase != probe.PhaseEnvelope || e == nil {
		return "at " + phaseWords(v.failure.Phase)
	}
	command := "RSET"
	switch {
	case e.Mail == nil:
		command = "MAIL FROM"
	case e.Rcpt == nil && (e.Pipelined || e.Mail.Positive()) && v.report.Request.Envelope != nil && v.report.Request.Envelope.To != nil:
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
func brokenReply(v *view) *match {
	if !v.failed(probe.KindProtocol) || v.auth().Evidence.Problem != "" {
		return nil
	}
	at, r := phaseWords(v.failure.Phase), v.failure.Reply
	if r == nil || len(r.Lines) == 0 || r.Has(smtp.DeviationMixedCodes) {
		return v.because("At %s the server sent %s: %s.", at, v.said(), v.failure.Detail)
	}
	m := v.because("At %s the server sent %s and did not stop; reading ended there. It began with “%s”.", at, linesWords(r), firstLine(r.Lines[0].String()))
	m.title = "A reply of the server does not end"
	m.advice = "Look at what sends this: a broken proxy, or a trap for clients that read without limit."
	return m
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
func outOfStep(v *view) *match {
	if v.main == nil {
		return nil
	}
	for _, r := range v.replies() {
		second := r.phase == probe.PhaseEHLO && r.Code == 220 && len(r.Lines) == 1
		if (second || r.Has(smtp.DeviationAlreadyThere)) && r.Code != 421 {
			m := &match{evidence: v.at(r.phase)}
			m.explanation = fmt.Sprintf("In place of the answer to %s came %s, which had been sent before the question or belongs to another one. All that follows is shifted.", phaseWords(r.phase), quote(r.Reply))
			if r.phase == probe.PhaseQuit {
				m.severity = Warning
			}
			return m
		}
	}
	return nil
}

// oddReplies gathers the departures that strict clients stumble over, each
// where it showed first.
func oddReplies(v *view) *match {
	if v.main == nil {
		return nil
	}
	var noticed []smtp.Deviation
	var m match
	for _, r := range v.replies() {
		for _, o := range r.Deviations {
			if serious(o) && !slices.Contains(noticed, o) {
				noticed = append(noticed, o)
				m.explanation += fmt.Sprintf(" At %s: %s.", phaseWords(r.phase), o.Words())
				m.evidence = append(m.evidence, v.at(r.phase)...)
			}
		}
	}
	if len(noticed) == 0 {
		return nil
	}
	m.explanation = strings.TrimPrefix(m.explanation, " ")
	return &m
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
func slowReply(v *view) *match {
	var slowest probe.Phase
	for _, p := range []probe.Phase{probe.PhaseEHLO, probe.PhaseSTARTTLS, probe.PhaseAuth, probe.PhaseEnvelope} {
		if p == probe.PhaseAuth && !v.auth().Accepted {
			continue // servers hold the answer to a wrong password back on purpose
		}
		if v.took(p) > v.took(slowest) {
			slowest = p
		}
	}
	if v.took(slowest) < slowAfter || v.failed(probe.KindTimeout, probe.KindRunTimeout, probe.KindCanceled) {
		return nil
	}
	return &match{
		explanation: fmt.Sprintf("It took %s to answer at %s.", seconds(v.took(slowest)), phaseWords(slowest)),
		evidence:    v.at(slowest),
	}
}

// phased is a reply with the phase that it belongs to.
type phased struct {
	*smtp.Reply
	phase probe.Phase
}

// replies are all replies of the main session, in order.
func (v *view) replies() []phased {
	s := v.main
	all := []phased{{s.Greeting, probe.PhaseGreeting}}
	for i := range s.Hellos {
		all = append(all, phased{&s.Hellos[i].Reply, probe.PhaseEHLO})
		if i == 0 {
			all = append(all, phased{s.STARTTLS, probe.PhaseSTARTTLS})
		}
	}
	if a := s.Auth; a != nil {
		all = append(all, phased{a.Reply, probe.PhaseAuth})
	}
	if e := s.Envelope; e != nil {
		all = append(all, phased{e.Mail, probe.PhaseEnvelope}, phased{e.Rcpt, probe.PhaseEnvelope}, phased{e.Rset, probe.PhaseEnvelope})
	}
	all = append(all, phased{s.Quit, probe.PhaseQuit})
	return slices.DeleteFunc(all, func(r phased) bool { return r.Reply == nil })
}
