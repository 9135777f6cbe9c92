package diagnosis

import (
	"slices"
	"strings"

	"smtptest/probe"
)

// envelopeRules judge the replies to MAIL and RCPT (RFC 5321 §3.3).
func envelopeRules() []rule {
	return slices.Concat(clientRules(), commandRules(), senderRules(), recipientRules(), postponedRules())
}

// clientRules are about what the client did not do before the mail.
func clientRules() []rule {
	return []rule{
		{
			id: TLSRequired, owner: OwnerYou, reference: "RFC 3207 §4",
			title:      "The server wants TLS before any mail",
			advice:     "Use STARTTLS, or implicit TLS on port 465.",
			fix:        Fix{Security: probe.SecuritySTARTTLS},
			suppresses: []ID{STARTTLSNotOffered},
			reply:      TLSRequired,
			match:      tlsRequired,
		},
		{
			id: LoginRequired, owner: OwnerYou, reference: "RFC 4954 §6, RFC 6409 §4.3",
			title:  "The server wants a login before any mail",
			advice: "Log in first; a submission port refuses strangers, and is right to.",
			match:  loginRequired,
		},
		{
			id: AccessDenied, confidence: Likely, reference: "RFC 5321 §7.8",
			title:  "An access rule of the server refuses the mail",
			advice: "Look for the address that is named in the reply in the server's access tables.",
			match: func(s *session) *result {
				if s.classification != AccessDenied || s.stranger() {
					return nil
				}
				return s.replied(answered + " Servers say this when a rule of their own names the client, " +
					"the sender or the recipient.")
			},
		},
	}
}

// commandRules are about commands that do not arrive, or not in a way that the
// server takes.
func commandRules() []rule {
	return []rule{
		{
			id: PipeliningRefused, confidence: Likely, reference: "RFC 2920 §3.1",
			title: "The server refuses commands that are sent together",
			advice: "Switch PIPELINING off on the server, or look for a filter before it that " +
				"takes commands one by one.",
			reply:       PipeliningRefused,
			explanation: answered + " The client sends MAIL, RCPT and RSET together only where PIPELINING is listed.",
		},
		{
			id: ParameterRefused, reference: "RFC 5321 §4.1.1.11",
			title: "The server refuses a parameter that it offers",
			advice: "Look for a filter that answers in the server's place: " +
				"it and the server offer different extensions.",
			reply: ParameterRefused,
			explanation: answered + " The only parameter that this test sends is SMTPUTF8, " +
				"and only where it is listed.",
		},
		{
			id: CommandLost, owner: OwnerNetwork, confidence: Likely, reference: "RFC 5321 §4.5.3.2.7",
			title: "The server waited in vain for a command",
			advice: "Look for packet loss or a firewall between here and the server, " +
				"and at the server's own time limits.",
			suppresses: []ID{SessionSlow},
			reply:      CommandLost,
			explanation: answered + " The command had been sent at once: it was lost on the way, " +
				"or the server's patience is very short.",
		},
		{
			id: SMTPUTF8NotOffered, reference: "RFC 6531 §3.1",
			title:  "The server does not take addresses beyond ASCII",
			advice: "Use an address in ASCII, or switch SMTPUTF8 on at the server.",
			match: func(s *session) *result {
				if !s.failedAt(probe.PhaseEnvelope, probe.KindNotOffered) {
					return nil
				}
				return s.because("The part before the @ of one address needs SMTPUTF8, " +
					"which the server does not list; MAIL was not sent.")
			},
		},
	}
}

// senderRules are about the address in MAIL FROM.
func senderRules() []rule {
	return []rule{
		{
			id: SenderNotYours, owner: OwnerYou, reference: "RFC 6409 §6.1",
			title:       "The account may not send as this sender",
			advice:      "Use the account's own address as sender, or have this one allowed for it.",
			reply:       SenderNotYours,
			explanation: answered,
		},
		{
			id: SenderDomain, owner: OwnerYou, confidence: Likely, reference: "RFC 5321 §4.1.1.2",
			title:  "The server does not accept the sender's domain",
			advice: "Use a sender address whose domain has an MX or address record.",
			reply:  SenderDomain,
			explanation: answered + " It looks up the domain in MAIL FROM: the name has no mail server, " +
				"or the server's DNS does not find it.",
		},
		{
			id: SenderSPF, owner: OwnerSender, reference: "RFC 7208 §8.4", inconclusive: true,
			title: "The sender's domain does not allow mail from this address (SPF)",
			advice: "Test with a sender whose SPF record names the tester, " +
				"or from the machine that sends the real mail.",
			reply: SenderSPF,
			explanation: answered + " That is about the address that this test comes from, " +
				"not about the server's health.",
		},
		{
			id: SenderDMARC, owner: OwnerSender, reference: "RFC 7489 §6.3, §10.3", inconclusive: true,
			title: "The sender's domain forbids this mail (DMARC)",
			advice: "Use a sender whose domain allows this machine, or test from the machine " +
				"that sends the real mail.",
			reply: SenderDMARC,
			explanation: answered + " The policy of the sender's domain tells receivers to refuse mail that passes " +
				"neither SPF nor DKIM; a test sends no message, so there is nothing to sign.",
		},
		{
			id: NullSenderRefused, reference: "RFC 5321 §4.5.5, §6.1",
			title:      "The server refuses the null sender",
			advice:     "Make the server accept MAIL FROM:<> on the port where mail comes in.",
			suppresses: []ID{SenderRefused},
			match: func(s *session) *result {
				if s.classification != SenderRefused || !s.report.Request.Envelope.From.IsZero() {
					return nil
				}
				return s.replied(answered + " Bounces and delivery reports come from <>; " +
					"a server that refuses it never hears of them.")
			},
		},
		{
			id: SenderRefused, reference: "RFC 5321 §3.3",
			title:       "The server refuses the sender",
			advice:      "Read the server's words; try another sender address.",
			reply:       SenderRefused,
			explanation: answered,
		},
	}
}

// recipientRules are about the address in RCPT TO.
func recipientRules() []rule {
	return []rule{
		{
			id: RelayDenied, owner: OwnerYou, reference: "RFC 5321 §3.6.2, §7.8",
			title:  "The server does not relay to this recipient",
			advice: "Name a recipient in one of the server's own domains, or log in on port 587.",
			reply:  RelayDenied,
			match:  relayDenied,
		},
		{
			id: UnknownRecipient, owner: OwnerYou, reference: "RFC 3463 §3.2",
			title:       "The server does not know the recipient",
			advice:      "Check the recipient's address.",
			reply:       UnknownRecipient,
			explanation: answered + " The sender had been accepted.",
		},
		{
			id: MailboxDisabled, reference: "RFC 3463 §3.3",
			title:       "The recipient's mailbox is disabled",
			advice:      "Have the mailbox enabled, or use another recipient.",
			reply:       MailboxDisabled,
			explanation: answered + " The sender had been accepted.",
		},
		{
			id: MailboxFull, reference: "RFC 3463 §3.3",
			title:       "The recipient's mailbox is full",
			advice:      "Ask the recipient to make room, or raise the quota; the server itself is healthy.",
			reply:       MailboxFull,
			explanation: answered + " The sender had been accepted.",
		},
		{
			id: RecipientRefused, reference: "RFC 5321 §3.3",
			title:  "The server refuses the recipient",
			advice: "Read the server's words; try a recipient that is known to work.",
			reply:  RecipientRefused,
			match:  recipientRefused,
		},
	}
}

// postponedRules are about answers that are not for good (4yz).
func postponedRules() []rule {
	return []rule{
		{
			id: Greylisted, confidence: Likely, reference: "RFC 6647 §5", inconclusive: true,
			title:  "The server greylists: it wants to see the same sender again later",
			advice: "Test again in 5 to 15 minutes with the same addresses.",
			reply:  Greylisted,
			explanation: answered + " Real senders retry by themselves; " +
				"whether the recipient is accepted then is not known.",
		},
		{
			id: StorageFull, reference: "RFC 3463 §3.4",
			title:       "The server has no room for mail",
			advice:      "Free disk space on the server, first of all where its queue is.",
			reply:       StorageFull,
			explanation: answered,
		},
		{
			id: EnvelopeFault, confidence: Likely, reference: "RFC 3463 §3.4",
			title:       "The server reports a fault of its own",
			advice:      "Look at the server's log: its configuration, or a lookup that it depends on, is broken.",
			reply:       EnvelopeFault,
			explanation: answered + " Real senders try again; without a repair they get the same answer.",
		},
		{
			id: Deferred, confidence: Likely, reference: "RFC 5321 §4.2.1", inconclusive: true,
			title:       "The server puts the mail off",
			advice:      "Test again in a few minutes.",
			reply:       Deferred,
			explanation: answered + " That is a temporary answer, after which real senders try again.",
		},
	}
}

// submission reports a port for a domain's own users; on 25 strangers bring
// mail (RFC 6409 §3.1).
func (s *session) submission() bool { return s.port() != 25 }

// stranger reports a session on a submission port in which nobody logged in.
func (s *session) stranger() bool { return s.submission() && !s.auth().Accepted }

// recipientRefused knows answers that hold no reason to read.
func recipientRefused(s *session) *result {
	res := s.replied(answered)
	const fewestWords = 3 // "550 No." and "550 5.7.1 Recipient rejected" tell nothing
	words := strings.Fields(strings.TrimPrefix(s.failure.Reply.Text(), s.failure.Reply.Enhanced.String()))
	if len(words) < fewestWords {
		res.advice = "Look for the reason in the server's log, then try a recipient that is known to work."
	}
	return res
}

func tlsRequired(s *session) *result {
	res := s.replied(answered)
	switch hello := s.main.Hello(); {
	case s.tls().Complete:
		res.owner, res.confidence = OwnerServer, Likely
		res.explanation += " This session is inside TLS: a proxy ends TLS, and the server behind it does not know."
		res.advice = "Make the proxy pass TLS through to the server, or tell the server that the proxy's " +
			"connections are protected."
	case !hello.Capabilities.Has("STARTTLS"):
		res.owner = OwnerServer
		res.explanation += " Yet it does not list STARTTLS, so no client can do what it asks."
		res.advice = "Configure a certificate so that the server offers STARTTLS; " +
			"until then try implicit TLS on port 465."
	}
	return res
}

// loginRequired knows the answer in its many forms. Postfix's submission
// port tells strangers that access is denied.
func loginRequired(s *session) *result {
	switch {
	case s.classification == LoginRequired:
		return s.loginMissing()
	case s.classification == AccessDenied && s.stranger():
		res := s.replied(answered + " On a submission port this is the usual answer to a " +
			"client that has not logged in.")
		res.confidence = Likely
		res.title = "The server refuses the mail, probably because nobody has logged in"
		if strings.Contains(strings.ToLower(s.failure.Reply.Text()), "sender address rejected") {
			res.title = "The server refuses the sender, probably because nobody has logged in"
		}
		return res
	}
	return nil
}

// loginMissing tells a server that asks for a login from one that had it, and
// from one at which nobody can log in.
func (s *session) loginMissing() *result {
	res := s.replied(answered)
	switch {
	case s.auth().Accepted:
		res.title, res.owner = "The server took the login and asks for one all the same", OwnerServer
		res.explanation += " The login before it had been accepted: what checks the mail does not know of it."
		res.advice = "Look for a proxy, filter or second server that takes the mail without knowing who logged in."
	case len(s.offered()) == 0 && s.tls().Complete:
		res.owner = OwnerServer
		res.explanation += " Yet it lists no login, so no client can do what it asks."
		res.advice = "Switch logins on for this port, or test the port on which the server offers them."
	case len(s.offered()) == 0:
		res.explanation += " It lists no login outside TLS."
		res.advice, res.fix = "Use TLS, and log in there.", Fix{Security: probe.SecuritySTARTTLS}
		if !s.hello().Capabilities.Has("STARTTLS") {
			res.advice, res.fix = "Use a port with TLS, mostly 587 or 465, and log in there.", Fix{}
		}
	}
	return res
}

func relayDenied(s *session) *result {
	if s.auth().Accepted {
		res := s.replied(answered + " The login had been accepted: this account may not send to others through this " +
			"server, or what relays does not know of the login.")
		res.owner = OwnerServer
		res.advice = "Allow clients that have logged in to relay (Postfix: permit_sasl_authenticated), or use the " +
			"server that the account belongs to."
		return res
	}
	res := s.replied(answered + " That is right for a recipient elsewhere, from a client that has not logged in.")
	switch {
	case s.submission() && s.tls().Complete && len(s.offered()) == 0:
		res.advice = "Name a recipient in one of the server's own domains; this port offers no login."
	case s.submission():
		res.advice = "Log in first, or name a recipient in one of the server's own domains."
	}
	return res
}
