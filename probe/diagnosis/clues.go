package diagnosis

// The findings that replies lead to.
const (
	GreetingReputation ID = "greeting.reputation"
	GreetingThrottled  ID = "greeting.throttled"
	GreetingNoService  ID = "greeting.no-mail-service"
	GreetingComeBack   ID = "greeting.come-back-later"
	GreetingRefused    ID = "greeting.refused"
	EHLONameRefused    ID = "ehlo.name-refused"
	EHLOClientRefused  ID = "ehlo.client-refused"
	EHLORefused        ID = "ehlo.refused"
	STARTTLSBroken     ID = "starttls.unavailable"
	STARTTLSRefused    ID = "starttls.refused"
	LoginRequired      ID = "envelope.login-required"
	TLSRequired        ID = "envelope.tls-required"
	Greylisted         ID = "envelope.greylisted"
	RelayDenied        ID = "envelope.relay-denied"
	UnknownRecipient   ID = "envelope.unknown-recipient"
	MailboxFull        ID = "envelope.mailbox-full"
	SenderDomain       ID = "envelope.sender-domain"
	Deferred           ID = "envelope.deferred"
	SenderRefused      ID = "envelope.sender-refused"
	RecipientRefused   ID = "envelope.recipient-refused"
	Throttled          ID = "session.throttled"
	Reputation         ID = "session.reputation"
	Overloaded         ID = "session.service-unavailable"
)

// clues is what replies are known to mean. Texts are lower case and short
// enough to survive small changes of wording.
func clues() []clue {
	return append(greetingClues(), append(sessionClues(), envelopeClues()...)...)
}

func greetingClues() []clue {
	greeting := []string{"greeting"}
	return []clue{
		{finding: GreetingThrottled, to: greeting, provider: gmail(), text: []string{"unusual rate", "try again later"}},
		{finding: GreetingReputation, to: greeting, provider: microsoft(), text: []string{"s3150", "banned sending ip", "blocklist"}},
		{finding: GreetingReputation, to: greeting, provider: yahoo(), text: []string{"tss0", "[bl"}},
		{finding: GreetingThrottled, to: greeting, text: throttleTexts()},
		{finding: GreetingReputation, to: greeting, text: reputationTexts()},
		{finding: GreetingNoService, to: greeting, text: []string{"does not accept mail", "no mail service", "not accepting mail", "accepts no mail"}},
		{finding: GreetingComeBack, to: greeting, text: []string{"service currently unavailable", "service temporarily unavailable"}},
		{finding: GreetingNoService, to: greeting, code: []int{521}},
		{finding: GreetingComeBack, to: greeting, code: []int{450, 451}},
		{finding: GreetingThrottled, to: greeting, enhanced: []string{"4.7.0", "4.4.5", "4.3.2"}},
		{finding: Overloaded, to: greeting, code: []int{421}},
		{finding: GreetingRefused, to: greeting, class: 4},
		{finding: GreetingRefused, to: greeting, class: 5},
		{finding: GreetingRefused, to: greeting, class: 2},
		{finding: GreetingRefused, to: greeting, class: 3},
	}
}

func throttleTexts() []string {
	return []string{
		"too many connections", "too many concurrent", "too many errors", "too many sessions", "connection rate",
		"rate limit", "all server ports are busy", "too much load", "try again later, closing connection", "throttl",
	}
}

func reputationTexts() []string {
	return []string{
		"blocked using", "black list", "blacklist", "blocklist", "block list", "dnsbl", "spamhaus", "barracuda",
		"poor reputation", "bad reputation", "listed at", "listed in", "banned sending ip", "not authorized to send email directly",
		"dynamic ip", "residential",
	}
}

func sessionClues() []clue {
	ehlo, starttls := []string{"EHLO"}, []string{"STARTTLS"}
	return []clue{
		{finding: EHLOClientRefused, to: ehlo, text: []string{"cannot find your hostname", "cannot find your reverse hostname", "reverse dns", "ptr record", "no ptr"}},
		{finding: EHLONameRefused, to: ehlo, text: []string{"helo", "ehlo", "fully-qualified", "hostname", "host not found", "domain name"}},
		{finding: EHLONameRefused, to: ehlo, code: []int{501, 504, 553}},
		{finding: EHLORefused, to: ehlo, class: 4},
		{finding: EHLORefused, to: ehlo, class: 5},
		{finding: STARTTLSBroken, to: starttls, text: []string{"not available", "unavailable", "local problem", "temporar"}},
		{finding: STARTTLSBroken, to: starttls, code: []int{454, 403}},
		{finding: STARTTLSRefused, to: starttls, class: 2},
		{finding: STARTTLSRefused, to: starttls, class: 3},
		{finding: STARTTLSRefused, to: starttls, class: 4},
		{finding: STARTTLSRefused, to: starttls, class: 5},
		{finding: Throttled, text: throttleTexts()},
		{finding: Reputation, text: reputationTexts()},
		{finding: Overloaded, code: []int{421}},
	}
}

func envelopeClues() []clue {
	either, mail, rcpt := []string{"MAIL", "RCPT"}, []string{"MAIL"}, []string{"RCPT"}
	return []clue{
		{finding: TLSRequired, to: either, text: []string{"issue a starttls", "starttls is required", "encryption required", "tls required", "must use tls"}},
		{finding: LoginRequired, to: either, text: []string{"authentication required", "authenticate first", "not authenticated", "unauthenticated", "log in first", "authentication is required"}},
		{finding: Greylisted, to: either, text: []string{"greylist", "graylist", "grey list", "please come back later", "try again in"}},
		{finding: RelayDenied, to: rcpt, text: []string{"relay", "allowed rcpthosts", "i cannot deliver mail for", "not local"}},
		{finding: UnknownRecipient, to: rcpt, text: []string{"user unknown", "unknown user", "no such user", "no such recipient", "does not exist", "mailbox unavailable", "user doesn't exist", "recipient not found", "unrouteable address"}},
		{finding: MailboxFull, to: rcpt, text: []string{"mailbox full", "over quota", "quota exceeded", "mailbox is full"}},
		{finding: SenderDomain, to: either, text: []string{"sender address rejected: domain not found", "domain of sender", "sender domain", "sender verify failed"}},
		{finding: LoginRequired, to: either, code: []int{530}},
		{finding: UnknownRecipient, to: rcpt, enhanced: []string{"x.1.1"}},
		{finding: MailboxFull, to: rcpt, enhanced: []string{"x.2.2"}},
		{finding: SenderDomain, to: either, enhanced: []string{"x.1.8"}},
		{finding: Deferred, to: either, class: 4},
		{finding: SenderRefused, to: mail, class: 5},
		{finding: SenderRefused, to: mail, class: 3},
		{finding: RecipientRefused, to: rcpt, class: 5},
		{finding: RecipientRefused, to: rcpt, class: 3},
	}
}

func gmail() []string     { return []string{"google.com", "gmail.com", "googlemail.com"} }
func microsoft() []string { return []string{"outlook.com", "office365.com", "mx.microsoft"} }
func yahoo() []string     { return []string{"yahoodns.net", "yahoo.com", "aol.com"} }
