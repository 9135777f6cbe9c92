package diagnosis

import (
	"strings"

	"smtptest/probe"
)

// envelopeEntries judge the replies to MAIL and RCPT (RFC 5321 §3.3).
func envelopeEntries() []entry {
	all := clientEntries()
	all = append(all, senderEntries()...)
	all = append(all, recipientEntries()...)
	return append(all, postponedEntries()...)
}

// clientEntries are about what the client did not do, or did in a way that
// the server does not take.
func clientEntries() []entry {
	return []entry{
		{
			id: TLSRequired, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 3207 §4",
			title:    "The server wants TLS before any mail",
			advice:   "Use --tls starttls, or implicit TLS on port 465.",
			silences: []ID{STARTTLSNotOffered},
			seen:     tlsRequired,
		},
		{
			id: LoginRequired, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 4954 §6, RFC 6409 §4.3",
			title:  "The server wants a login before any mail",
			advice: "Log in first; a submission port refuses strangers, and is right to.",
			seen:   loginRequired,
		},
		{
			id: AccessDenied, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §7.8",
			title:  "An access rule of the server refuses the mail",
			advice: "Look for the address that is named in the reply in the server's access tables.",
			seen: func(v *view) *match {
				if v.belief != AccessDenied || v.stranger() {
					return nil
				}
				return v.answer("Servers say this when a rule of their own names the client, the sender or the recipient.")
			},
		},
		envelopeReply(entry{
			id: PipeliningRefused, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 2920 §3.1",
			title:  "The server refuses commands that are sent together",
			advice: "Switch PIPELINING off on the server, or look for a filter before it that takes commands one by one.",
		}, "The client sends MAIL, RCPT and RSET together only where PIPELINING is listed."),
		envelopeReply(entry{
			id: ParameterRefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.1.1.11",
			title:  "The server refuses a parameter that it offers",
			advice: "Look for a filter that answers in the server's place: it and the server offer different extensions.",
		}, "The only parameter that this test sends is SMTPUTF8, and only where it is listed."),
		envelopeReply(entry{
			id: CommandLost, severity: Error, owner: OwnerNetwork, confidence: Likely, reference: "RFC 5321 §4.5.3.2.7",
			title:    "The server waited in vain for a command",
			advice:   "Look for packet loss or a firewall between here and the server, and at the server's own time limits.",
			silences: []ID{SessionSlow},
		}, "The command had been sent at once: it was lost on the way, or the server's patience is very short."),
		{
			id: SMTPUTF8NotOffered, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 6531 §3.1",
			title:  "The server does not take addresses beyond ASCII",
			advice: "Use an address in ASCII, or switch SMTPUTF8 on at the server.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseEnvelope, probe.KindNotOffered) {
					return nil
				}
				return v.because("The part before the @ of one address needs SMTPUTF8, which the server does not list; MAIL was not sent.")
			},
		},
	}
}

// senderEntries are about the address in MAIL FROM.
func senderEntries() []entry {
	return []entry{
		envelopeReply(entry{
			id: SenderNotYours, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 6409 §6.1",
			title:  "The account may not send as this sender",
			advice: "Use the account's own address as sender, or have this one allowed for it.",
		}, ""),
		envelopeReply(entry{
			id: SenderDomain, severity: Error, owner: OwnerYou, confidence: Likely, reference: "RFC 5321 §4.1.1.2",
			title:  "The server does not accept the sender's domain",
			advice: "Use a sender address whose domain has an MX or address record.",
		}, "It looks up the domain in MAIL FROM: the name has no mail server, or the server's DNS does not find it."),
		envelopeReply(entry{
			id: SenderSPF, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 7208 §8.4", inconclusive: true,
			title:  "The sender's domain does not allow mail from this address (SPF)",
			advice: "Test with a sender whose SPF record names the tester, or from the machine that sends the real mail.",
		}, "That is about the address that this test comes from, not about the server's health."),
		envelopeReply(entry{
			id: SenderDMARC, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 7489 §6.3, §10.3", inconclusive: true,
			title:  "The sender's domain forbids this mail (DMARC)",
			advice: "Use a sender whose domain allows this machine, or test from the machine that sends the real mail.",
		}, "The policy of the sender's domain tells receivers to refuse mail that passes neither SPF nor DKIM; a test sends no message, so there is nothing to sign."),
		{
			id: NullSenderRefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.5.5, §6.1",
			title:    "The server refuses the null sender",
			advice:   "Make the server accept MAIL FROM:<> on the port where mail comes in.",
			silences: []ID{SenderRefused},
			seen: func(v *view) *match {
				if v.belief != SenderRefused || !v.report.Request.Envelope.From.IsZero() {
					return nil
				}
				return v.answer("Bounces and delivery reports come from <>; a server that refuses it never hears of them.")
			},
		},
		envelopeReply(entry{
			id: SenderRefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §3.3",
			title:  "The server refuses the sender",
			advice: "Read the server's words; try another sender address.",
		}, ""),
	}
}

// recipientEntries are about the address in RCPT TO.
func recipientEntries() []entry {
	return []entry{
		{
			id: RelayDenied, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §3.6.2, §7.8",
			title:  "The server does not relay to this recipient",
			advice: "Name a recipient in one of the server's own domains, or log in on port 587.",
			seen:   relayDenied,
		},
		envelopeReply(entry{
			id: UnknownRecipient, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 3463 §3.2",
			title:  "The server does not know the recipient",
			advice: "Check the recipient's address.",
		}, "The sender had been accepted."),
		envelopeReply(entry{
			id: MailboxDisabled, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3463 §3.3",
			title:  "The recipient's mailbox is disabled",
			advice: "Have the mailbox enabled, or use another recipient.",
		}, "The sender had been accepted."),
		envelopeReply(entry{
			id: MailboxFull, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3463 §3.3",
			title:  "The recipient's mailbox is full",
			advice: "Ask the recipient to make room, or raise the quota; the server itself is healthy.",
		}, "The sender had been accepted."),
		{
			id: RecipientRefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §3.3",
			title:  "The server refuses the recipient",
			advice: "Read the server's words; try a recipient that is known to work.",
			seen:   recipientRefused,
		},
	}
}

// postponedEntries are about answers that are not for good (4yz).
func postponedEntries() []entry {
	return []entry{
		envelopeReply(entry{
			id: Greylisted, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 6647 §5", inconclusive: true,
			title:  "The server greylists: it wants to see the same sender again later",
			advice: "Test again in 5 to 15 minutes with the same addresses.",
		}, "Real senders retry by themselves; whether the recipient is accepted then is not known."),
		envelopeReply(entry{
			id: StorageFull, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3463 §3.4",
			title:  "The server has no room for mail",
			advice: "Free disk space on the server, first of all where its queue is.",
		}, ""),
		envelopeReply(entry{
			id: EnvelopeFault, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 3463 §3.4",
			title:  "The server reports a fault of its own",
			advice: "Look at the server's log: its configuration, or a lookup that it depends on, is broken.",
		}, "Real senders try again; without a repair they get the same answer."),
		envelopeReply(entry{
			id: Deferred, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §4.2.1", inconclusive: true,
			title:  "The server puts the mail off",
			advice: "Test again in a few minutes.",
		}, "That is a temporary answer, after which real senders try again."),
	}
}

// envelopeReply completes an entry that is recognised by what the reply to
// MAIL or RCPT means; meaning says what follows from it.
func envelopeReply(e entry, meaning string) entry {
	e.seen = func(v *view) *match {
		if v.belief != e.id {
			return nil
		}
		return v.answer(meaning)
	}
	return e
}

// answer says what the server answered to which command, and what follows
// from it.
func (v *view) answer(meaning string) *match {
	command := map[string]string{"MAIL": "MAIL FROM", "RCPT": "RCPT TO"}[v.replyTo()]
	m := v.because("To %s the server said %s.", command, v.said())
	if meaning != "" {
		m.explanation += " " + meaning
	}
	return m
}

// submission reports a port for a domain's own users; on 25 strangers bring
// mail (RFC 6409 §3.1).
func (v *view) submission() bool { return v.port() != 25 }

// stranger reports a session on a submission port in which nobody logged in.
func (v *view) stranger() bool { return v.submission() && !v.auth().Accepted }

// recipientRefused knows answers that hold no reason to read.
func recipientRefused(v *view) *match {
	if v.belief != RecipientRefused {
		return nil
	}
	m := v.answer("")
	const fewestWords = 3 // "550 No." and "550 5.7.1 Recipient rejected" tell nothing
	words := strings.Fields(strings.TrimPrefix(v.failure.Reply.Text(), v.failure.Reply.Enhanced.String()))
	if len(words) < fewestWords {
		m.advice = "Look for the reason in the server's log, then try a recipient that is known to work."
	}
	return m
}

func tlsRequired(v *view) *match {
	if v.belief != TLSRequired {
		return nil
	}
	m := v.answer("")
	switch hello := v.main.Hello(); {
	case v.tls().Complete:
		m.owner, m.confidence = OwnerServer, Likely
		m.explanation += " This session is inside TLS: a proxy ends TLS, and the server behind it does not know."
		m.advice = "Make the proxy pass TLS through to the server, or tell the server that the proxy's connections are protected."
	case !hello.Capabilities.Has("STARTTLS"):
		m.owner = OwnerServer
		m.explanation += " Yet it does not list STARTTLS, so no client can do what it asks."
		m.advice = "Configure a certificate so that the server offers STARTTLS; until then try implicit TLS on port 465."
	}
	return m
}

// loginRequired knows the answer in its many forms. Postfix's submission
// port tells strangers that access is denied.
func loginRequired(v *view) *match {
	switch {
	case v.belief == LoginRequired:
		return v.answer("")
	case v.belief == AccessDenied && v.stranger():
		m := v.answer("On a submission port this is the usual answer to a client that has not logged in.")
		m.confidence = Likely
		m.title = "The server refuses the mail, probably because nobody has logged in"
		if strings.Contains(strings.ToLower(v.failure.Reply.Text()), "sender address rejected") {
			m.title = "The server refuses the sender, probably because nobody has logged in"
		}
		return m
	}
	return nil
}

func relayDenied(v *view) *match {
	if v.belief != RelayDenied {
		return nil
	}
	m := v.answer("That is right for a recipient elsewhere, from a client that has not logged in.")
	if v.submission() {
		m.advice = "Log in first, or name a recipient in one of the server's own domains."
	}
	return m
}
