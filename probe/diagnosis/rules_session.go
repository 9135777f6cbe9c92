package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// sessionEntries judge what can happen at any point of a session.
func sessionEntries() []entry {
	return []entry{
		reply(entry{
			id: Throttled, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 5321 §4.2.2", inconclusive: true,
			title:  "The server limits how often this address may ask",
			advice: "Wait a few minutes before the next test.",
		}, "The server said %s."),
		reply(entry{
			id: Reputation, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 5321 §7.9", inconclusive: true,
			title:  "The server refuses the address that this test comes from",
			advice: "Test from the machine that sends the mail; if that is refused too, ask the list named in the reply to remove it.",
		}, "The server said %s: a judgement of the tester's address, not of the server's health."),
		reply(entry{
			id: Overloaded, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §3.8",
			title:  "The server closes the session: service not available",
			advice: "Test again in a few minutes; if it stays, look at the server's log.",
		}, "The server said %s."),
		{
			id: "session.closed", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §3.8",
			title:  "The server hangs up in the middle of the session",
			advice: "Look for this connection in the server's log: a crash, a block, or a proxy that lost its server.",
			seen:   ended(probe.KindClosed, probe.KindReset),
		},
		{
			id: "session.timeout", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.5.3.2",
			title:  "The server stops answering",
			advice: "Look at the server's load and at what stands behind its front end.",
			seen:   ended(probe.KindTimeout),
		},
		{
			id: "session.alert", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 8446 §6",
			title:  "The server ends TLS in the middle of the session",
			advice: "Look at the TLS settings and the log of the server.",
			seen:   ended(probe.KindAlert),
		},
		{
			id: "session.broken-reply", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.2.1",
			title:  "A reply of the server cannot be understood",
			advice: "Look for a proxy or filter that mixes replies; strict clients give up here.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindProtocol) {
					return nil
				}
				return v.because("In %s the server sent %s: %s.", phaseWords(v.failure.Phase), v.said(), v.failure.Detail)
			},
		},
		{
			id: "session.patience", severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §4.5.3.2", inconclusive: true,
			title:  "The time of the test was over",
			advice: "Test again with a longer --timeout.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindPatience) {
					return nil
				}
				return v.because("After %s the test stopped at %s; nothing had failed by then.", seconds(v.report.Request.Patience), phaseWords(v.failure.Phase))
			},
		},
		{
			id: "session.canceled", severity: Error, owner: OwnerYou, confidence: Certain, reference: "house policy", inconclusive: true,
			title: "The test was stopped",
			seen: func(v *view) *match {
				if !v.failed(probe.KindCanceled) {
					return nil
				}
				return v.because("It was stopped at %s; what had been seen is shown.", phaseWords(v.failure.Phase))
			},
		},
		{
			id: "session.unsendable", severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §4.5.3.1.4",
			title:  "A command would have been too long",
			advice: "Use shorter addresses or a shorter EHLO name.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindUnsendable) {
					return nil
				}
				return v.because("It was not sent: %s.", v.failure.Detail)
			},
		},
		{
			id: "session.odd-replies", severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §2.3.8, §4.2",
			title:  "Replies break the form that RFC 5321 prescribes",
			advice: "Update the server or the proxy in front of it; strict clients may stop here.",
			seen:   oddReplies,
		},
	}
}

// ended recognises a session that broke off after the greeting and outside
// the handshake: those have entries of their own.
func ended(kinds ...probe.Kind) func(*view) *match {
	return func(v *view) *match {
		if !v.failed(kinds...) || v.main == nil {
			return nil
		}
		switch v.failure.Phase {
		case probe.PhaseConnect, probe.PhaseGreeting, probe.PhaseHandshake:
			return nil
		}
		how := fmt.Sprintf("It ended the connection at %s.", phaseWords(v.failure.Phase))
		if v.failed(probe.KindTimeout) {
			how = fmt.Sprintf("At %s no complete reply came within %s.", phaseWords(v.failure.Phase), seconds(v.failure.Limit))
		}
		if said := v.said(); said != "" {
			how += " The last it said was " + said + "."
		}
		return v.because("%s", how)
	}
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
	case probe.PhaseEnvelope:
		return "the envelope"
	}
	return string(p)
}

// oddReplies gathers the departures that strict clients stumble over.
func oddReplies(v *view) *match {
	if v.main == nil {
		return nil
	}
	var words []string
	for _, r := range v.replies() {
		for _, o := range r.Oddities {
			if w := o.Words(); serious(o) && !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	if len(words) == 0 {
		return nil
	}
	m := v.because("%s.", strings.ToUpper(words[0][:1])+strings.Join(words, "; ")[1:])
	m.evidence = v.at(probe.PhaseGreeting)
	return m
}

// serious leaves out what is common and harmless.
func serious(o smtp.Oddity) bool {
	return o != smtp.Odd8Bit && o != smtp.OddLongLine && o != smtp.OddNoLineEnd && o != smtp.OddNoFinalLine
}

// replies are all replies of the main session.
func (v *view) replies() []*smtp.Reply {
	s := v.main
	all := []*smtp.Reply{s.Greeting, s.STARTTLS, s.Quit}
	for i := range s.Hellos {
		all = append(all, &s.Hellos[i].Reply)
	}
	if s.Envelope != nil {
		all = append(all, s.Envelope.Mail, s.Envelope.Rcpt, s.Envelope.Rset)
	}
	return slices.DeleteFunc(all, func(r *smtp.Reply) bool { return r == nil })
}
