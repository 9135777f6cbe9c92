package diagnosis

// envelopeClues are in the order of belief among equals: what is asked of
// the client, then the sender, then the recipient, then the server's own
// troubles.
func envelopeClues() []clue {
	all := clientClues()
	all = append(all, senderClues()...)
	all = append(all, recipientClues()...)
	return append(all, serverClues()...)
}

// clientClues are about what the client did not do, or did in a wrong way.
func clientClues() []clue {
	either := []string{"MAIL", "RCPT"}
	return []clue{
		{finding: TLSRequired, to: either, text: []string{
			"issue a starttls", "starttls is required", "starttls required", "encryption required", "encryption is required",
			"tls required", "tls is required", "must use tls", "requires tls",
		}},
		// Before the login: it is the mail that is unauthenticated there, not the client.
		{finding: SenderDMARC, to: either, class: 5, text: []string{"dmarc", "unauthenticated email", "unauthenticated mail is prohibited", "domain owner policy"}},
		// Before the login and the client's name too: for want of them it is the relaying that is refused.
		{finding: RelayDenied, to: []string{"RCPT"}, text: []string{"relay access denied", "relaying denied", "permitted to relay"}},
		{finding: LoginRequired, to: either, text: []string{
			"authentication required", "authentication is required", "authenticate first", "not authenticated",
			"unauthenticated senders not allowed", "unauthenticated user", "unauthenticated client",
			"log in first", "not logged in", "issue an auth command", "must be authenticated",
		}},
		{finding: RequireTLS, to: either, enhanced: []string{"x.7.30"}},
		{finding: Greylisted, to: either, text: []string{
			"greylist", "graylist", "grey list", "grey-list", "please come back later", "try again in", "intentional policy rejection",
			"mail is temporarily denied", "not yet authorized to deliver",
		}},
		{finding: PipeliningRefused, to: either, text: []string{
			"command pipelining", "pipelining not", "protocol synchronization", "synchronization error", "synchronisation error", "out of sync",
		}},
		{finding: CommandLost, to: either, text: []string{"timeout exceeded", "command timeout", "idle timeout", "timeout - closing"}},
		{finding: CommandLost, to: either, code: []int{421}, text: []string{"connection timed out"}}, // under another code it is a third server's
		// Servers put these off until there is a recipient.
		{finding: EHLOClientRefused, to: either, text: reverseTexts()},
		{finding: EHLONameRefused, to: either, text: []string{
			"helo command rejected: need", "helo command rejected: host", "helo command rejected: invalid", "helo name", "helo invalid",
		}},
		{finding: ParameterRefused, to: either, class: 5, text: []string{"unsupported option", "smtputf8 is not"}},
		{finding: TLSRequired, to: either, enhanced: []string{"x.7.10", "x.7.11"}},
		{finding: LoginRequired, to: either, enhanced: []string{"5.7.57"}},
		{finding: Throttled, to: either, enhanced: []string{"4.7.500", "4.7.550", "4.7.650", "4.7.651", "4.7.652"}},
		{finding: LoginRequired, to: either, code: []int{530}},
		{finding: ParameterRefused, to: either, code: []int{555}},
	}
}

// senderClues are about the address in MAIL FROM. Servers that put off all
// checks give them to RCPT.
func senderClues() []clue {
	either, mail := []string{"MAIL", "RCPT"}, []string{"MAIL"}
	return []clue{
		{finding: SenderNotYours, to: either, text: []string{
			"not owned by", "match authenticated user", "match auth domain", "same as authorization user", "equal authorized user",
			"mismatch with login user", "not authorized for this account", "sender address is not allowed", "permissions to send as",
			"send as this sender", "sendasdenied", "not authorised to send from", "not authorized to send from",
			"relaying disallowed as", "verified sender identity", "email address is not verified",
		}},
		{finding: SenderDomain, to: either, text: []string{
			"sender address rejected: domain not found", "domain of sender", "sender domain", "sender verify failed", "sender verification failed",
			"does not accept mail (nullmx)", "mailfrom domain", "mx for your from",
		}},
		{finding: SenderDomain, to: mail, text: []string{"domain name required", "valid mx", "invalid dns mx", "unresolvable"}}, // to RCPT it is the recipient's
		{finding: SenderSPF, to: either, text: []string{"spf ", "spf:", "[spf]", "sender policy framework", "openspf"}},
		{finding: SenderDomain, to: either, enhanced: []string{"x.1.8"}},
		{finding: SenderSPF, to: either, enhanced: []string{"x.7.23", "x.7.24"}},
		{finding: SenderRefused, to: mail, class: 5},
		{finding: SenderRefused, to: mail, class: 3},
	}
}

// recipientClues are about the address in RCPT TO.
func recipientClues() []clue {
	either, rcpt := []string{"MAIL", "RCPT"}, []string{"RCPT"}
	return []clue{
		{finding: UnknownRecipient, to: rcpt, text: []string{"address rejected: access denied"}, enhanced: []string{"5.4.1"}},
		{finding: RelayDenied, to: rcpt, text: []string{
			"relay denied", "relaying is denied", "relay not permitted", "relaying not", "relaying is not", "relaying disallowed", "relaying prohibited", "unable to relay", "cannot relay", "do not relay",
			"does not relay", "no relaying", "allowed rcpthosts", "i cannot deliver mail for", "user not local",
			"relay not allowed", "allowed to relay", "relaying to", "(relaying)", "relay of mail", "configured to relay",
			"don't handle mail", "non-local e-mail", "not a gateway",
		}},
		{finding: UnknownRecipient, to: rcpt, text: []string{
			"user unknown", "unknown user", "no such user", "no such recipient", "no such mailbox", "no mailbox here", "does not exist",
			"doesn't exist", "mailbox unavailable", "mailbox not found", "recipient not found", "recipnotfound", "recipientnotfound",
			"unknown recipient", "recipient unknown", "unrouteable address", "unroutable address", "user not found", "user not exist",
			"> address unknown", "no such email", "unknown destination",
		}},
		{finding: MailboxFull, to: rcpt, text: []string{
			"mailbox full", "mailbox is full", "over quota", "overquota", "quota exceed", "exceeds quota", "storage quota", "quota is over",
			"out of quota", "over quote", "recipient storage full", "mailbox limit", "delivery error.mailbox",
		}},
		{finding: MailboxDisabled, to: rcpt, text: []string{
			"account is disabled", "mailbox disabled", "is disabled", "account disabled", "disabled mailbox",
			"mailbox was disabled", "recipient disabled", "currently disabled", "receiving disabled", "mailbox is inactive",
			"rejected: inactive", "due to inactivity", "long-time inactivity", "deactivated", "user suspended", "account locked",
			"mailbox is frozen", "destinataire est bloque",
		}},
		{finding: AccessDenied, to: either, class: 5, text: []string{
			"access denied", "client host rejected", "access to submit messages", "badmailfrom", "from that country",
		}},
		{finding: UnknownRecipient, to: rcpt, enhanced: []string{"x.1.1", "x.1.10"}},
		{finding: MailboxDisabled, to: rcpt, enhanced: []string{"x.2.1"}},
		{finding: MailboxFull, to: rcpt, enhanced: []string{"x.2.2"}},
		{finding: RecipientRefused, to: rcpt, class: 5},
		{finding: RecipientRefused, to: rcpt, class: 3},
	}
}

// serverClues are about troubles of the server's own. What is only put off
// says nothing; what cannot be done says something.
func serverClues() []clue {
	either := []string{"MAIL", "RCPT"}
	return []clue{
		{finding: StorageFull, to: either, text: []string{"insufficient system storage", "insufficient disk space", "space shortage", "disk full", "no space left", "mail system full"}},
		{finding: EnvelopeFault, to: either, text: append(faultTexts(), "queue file write error", "backend failure", "error checking address")},
		{finding: StorageFull, to: either, enhanced: []string{"x.3.1"}},
		{finding: EnvelopeFault, to: either, enhanced: []string{"4.3.0", "x.3.5"}},
		{finding: Deferred, to: either, class: 4},
	}
}
