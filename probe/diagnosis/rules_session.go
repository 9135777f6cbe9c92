package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/registry"
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
			id: Throttled, owner: OwnerOperator, reference: "RFC 5321 §4.2.2", inconclusive: true,
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
			suppresses: anywhere,
			title:      "The server closes the session: service not available",
			advice:     "Test again in a few minutes; if it stays, look at the server's log.",
			reply:      Overloaded,
			match:      serverFault,
		},
	}
}

// endingRules judge a session that broke off without a word.
func endingRules() []rule {
	return []rule{
		{
			id: Intermittent, reference: "RFC 5321 §4.5.4.1",
			suppresses: []ID{TLSAlert, TLSClosed, TLSTimeout, TLSFailed, ServerNameUnknown, GreetingClosed,
				EHLONameRefused, EHLOClientRefused, EHLORefused, SessionClosed},
			title: "It fails at times and works at others",
			advice: "Test a few more times; look for several servers behind this name of which one is broken, " +
				"and for a limit on connections.",
			match: intermittent,
		},
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
				if !s.failed(probe.KindLocal, probe.KindTLS, probe.KindNotTLS) {
					return nil
				}
				if at := s.failure.Phase; at == probe.PhaseConnect || at == probe.PhaseHandshake {
					return nil // those phases have rules of their own
				}
				return s.because("At %s the connection failed: %s.", s.failure.Phase.Words(), s.failure.Detail)
			},
		},
	}
}

// limitRules judge what ended on our side.
func limitRules() []rule {
	return []rule{
		{
			id: TimeOver, owner: OwnerOperator, reference: "RFC 5321 §4.5.3.2", inconclusive: true,
			title:  "The time of the test was over",
			advice: "Test again and give it more time.",
			match: func(s *session) *result {
				if !s.failed(probe.KindRunTimeout) {
					return nil
				}
				limit := s.report.Request.Timeout
				res := s.because("%s when the limit of %s ended the test. "+
					"Whether more would have come was not tested.%s",
					awaited(s.failure.Phase), probe.Duration(limit), s.otherAddresses())
				res.fix = Fix{LongerThan: limit}
				return res
			},
		},
		{
			id: Canceled, severity: Info, owner: OwnerOperator, reference: "house policy", inconclusive: true,
			title: "The test was stopped",
			match: func(s *session) *result {
				if !s.failed(probe.KindCanceled) {
					return nil
				}
				return s.because("It was stopped at %s; what had been seen is shown.", s.failure.Phase.Words())
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

// serverFault adds what a refusal after a long silence means: Postfix waits
// for the line of the PROXY protocol, 5 s unless it is configured otherwise.
func serverFault(s *session) *result {
	res := s.replied("The server said {reply}.")
	if s.failure.Phase == probe.PhaseGreeting && s.took(probe.PhaseGreeting) >= 4*time.Second {
		res.explanation += fmt.Sprintf(" It took %s to say so: Postfix does that when its port expects the PROXY "+
			"protocol and whoever connects does not speak it.", probe.Duration(s.took(probe.PhaseGreeting)))
		res.confidence = Likely
		res.advice = "Look at the server's log first; then compare the PROXY protocol settings of the server and of " +
			"the load balancer in front of it."
	}
	return res
}

// intermittent recognises a failure that did not come again when nothing was
// changed, or came with what had just worked.
func intermittent(s *session) *result {
	if s.failure == nil || s.repeated() != repeatedElse {
		return nil
	}
	how := first(s.quotedReply(), failedHow(s.failure))
	res := s.because("The first connection failed at %s (%s). Another one, made a little differently, came through "+
		"once and failed once: so the difference is not the cause.", s.failure.Phase.Words(), how)
	if again := s.report.FollowUp(probe.VariantAgain); again != nil {
		res = s.because("The first connection failed at %s (%s). A later one, made in the same way, came through it.",
			s.failure.Phase.Words(), how)
	}
	return res
}

// ended recognises a session that broke off outside connection, greeting and
// handshake, which have rules of their own; alerts at the greeting are
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
		at := s.failure.Phase.Words()
		how := fmt.Sprintf("It ended the connection %s.", s.where())
		switch s.failure.Kind {
		case probe.KindReset:
			how = fmt.Sprintf("The connection was reset %s.", s.where())
		case probe.KindAlert:
			how = fmt.Sprintf("At %s it sent TLS alert %d, %s.",
				at, s.failure.Alert, registry.AlertName(s.failure.Alert))
		case probe.KindTimeout:
			how = fmt.Sprintf("At %s no complete reply came within %s.", at, probe.Duration(s.failure.Limit))
		}
		if s.failedAt(probe.PhaseEHLO, probe.KindClosed, probe.KindReset) && strings.Contains(s.greeting(), "Postfix") {
			how += " Postfix does this when its SASL service, mostly Dovecot, is away: its log then says “no SASL " +
				"authentication mechanisms”."
		}
		if said := s.quotedReply(); said != "" {
			how += " The last it said was " + fullStop(said)
		}
		return s.because("%s", how)
	}
}

// greeting is what the main session was greeted with; empty: nothing.
func (s *session) greeting() string {
	if s.main == nil || s.main.Greeting == nil {
		return ""
	}
	return s.main.Greeting.Text()
}

// where names the command that was not answered, where the envelope shows
// it. Of commands sent together it is the first without an answer.
func (s *session) where() string {
	e := s.main.Envelope
	if s.failure.Phase != probe.PhaseEnvelope || e == nil {
		return "at " + s.failure.Phase.Words()
	}
	command, asked := "RSET", s.report.Request.Envelope
	switch {
	case e.Mail == nil:
		command = "MAIL FROM"
	case e.Rcpt == nil && (e.Pipelined || e.Mail.Positive()) && asked != nil && asked.To != nil:
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
	return "The server had not answered at " + p.Words()
}
