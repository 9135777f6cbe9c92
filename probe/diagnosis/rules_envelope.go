package diagnosis

import "smtptest/probe"

// envelopeEntries judge the replies to MAIL and RCPT (RFC 5321 §3.3).
func envelopeEntries() []entry {
	return []entry{
		reply(entry{
			id: TLSRequired, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 3207 §4",
			title:  "The server wants TLS before any mail",
			advice: "Use --tls starttls, or implicit TLS on port 465.",
		}, "The server said %s."),
		reply(entry{
			id: LoginRequired, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 4954 §6, RFC 6409 §4.3",
			title:  "The server wants a login before any mail",
			advice: "Log in first; a submission port refuses strangers, and is right to.",
		}, "The server said %s."),
		reply(entry{
			id: Greylisted, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 6647 §5", inconclusive: true,
			title:  "The server greylists: it wants to see the same sender again later",
			advice: "Test again in 5 to 15 minutes with the same addresses; real senders retry by themselves.",
		}, "The server said %s."),
		reply(entry{
			id: RelayDenied, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §3.6.2, §7.8",
			title:  "The server does not relay to this recipient",
			advice: "Name a recipient in one of its own domains, or log in on port 587.",
		}, "The server said %s: right for a recipient elsewhere from a client that has not logged in."),
		reply(entry{
			id: UnknownRecipient, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 3463 §3.2",
			title:  "The server does not know the recipient",
			advice: "Check the address; the way to the server works.",
		}, "The server said %s."),
		reply(entry{
			id: MailboxFull, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3463 §3.3",
			title:  "The recipient's mailbox is full",
			advice: "Make room in the mailbox; the way to the server works.",
		}, "The server said %s."),
		reply(entry{
			id: SenderDomain, severity: Error, owner: OwnerYou, confidence: Likely, reference: "RFC 5321 §4.1.1.2",
			title:  "The server refuses the sender's domain",
			advice: "Use a sender address whose domain has an MX or address record.",
		}, "The server said %s."),
		reply(entry{
			id: Deferred, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §4.2.1", inconclusive: true,
			title:  "The server puts the mail off",
			advice: "Test again in a few minutes.",
		}, "The server said %s: a temporary answer, after which real senders try again."),
		reply(entry{
			id: SenderRefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §3.3",
			title:  "The server refuses the sender",
			advice: "Read the server's words; try another sender address.",
		}, "To MAIL FROM the server said %s."),
		reply(entry{
			id: RecipientRefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §3.3",
			title:  "The server refuses the recipient",
			advice: "Read the server's words; try a recipient that is known to work.",
		}, "To RCPT TO the server said %s."),
		{
			id: "envelope.smtputf8-not-offered", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 6531 §3.1",
			title:  "The server does not take addresses beyond ASCII",
			advice: "Use an address in ASCII, or switch SMTPUTF8 on at the server.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseEnvelope, probe.KindNotOffered) {
					return nil
				}
				return v.because("One of the addresses needs SMTPUTF8, which the server does not list.")
			},
		},
	}
}
