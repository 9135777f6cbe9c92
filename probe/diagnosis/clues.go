package diagnosis

// clues is what replies are known to mean. Texts are lower case and short
// enough to survive small changes of wording.
func clues() []clue {
	return append(greetingClues(), append(authClues(), append(sessionClues(), envelopeClues()...)...)...)
}

func greetingClues() []clue {
	greeting := []string{"greeting"}
	return []clue{
		{finding: GreetingReputation, to: greeting, text: []string{"ip reputation"}}, // also where it is why the rate is limited
		{finding: GreetingThrottled, to: greeting, text: throttleTexts()},
		{finding: GreetingReputation, to: greeting, text: reputationTexts()},
		{finding: Overloaded, to: greeting, text: []string{
			"all server ports are busy", "too much load", "load too high", "load average", "overloaded", "too busy", "smtp server is not available",
			"resources unavailable",
		}},
		{finding: GreetingNoClientName, to: greeting, text: reverseTexts()},
		{finding: GreetingNoService, to: greeting, text: []string{"does not accept mail", "no mail service", "no smtp service", "not accepting mail", "accepts no mail"}},
		{finding: GreetingComeBack, to: greeting, class: 4, text: []string{
			"service currently unavailable", "service temporarily unavailable", "try again in a few minutes", "come back later",
		}},
		{finding: GreetingClientRefused, to: greeting, class: 5, text: []string{
			"service currently unavailable", // postscreen's word for addresses that it drops
			"client host rejected", "access denied", "administrative prohibition", "not allowed to connect",
			"not permitted to connect", "your ip", "from your host", "connection refused", "connection rejected",
			"not welcome", "blocked",
		}},
		{finding: GreetingThrottled, to: greeting, enhanced: []string{"x.4.5"}},
		{finding: GreetingNoClientName, to: greeting, enhanced: []string{"x.7.25"}},
		{finding: GreetingClientRefused, to: greeting, enhanced: []string{"x.7.0", "x.7.1"}},
		{finding: GreetingNoService, to: greeting, code: []int{521}},
		{finding: GreetingComeBack, to: greeting, code: []int{450, 451, 452}},
		{finding: Overloaded, to: greeting, code: []int{421}},
		{finding: GreetingRefused, to: greeting, class: 4},
		{finding: GreetingRefused, to: greeting, class: 5},
		{finding: GreetingRefused, to: greeting, class: 2},
		{finding: GreetingRefused, to: greeting, class: 3},
	}
}

func throttleTexts() []string {
	return []string{
		"too many recipients from", "too much mail from", "too many auth commands", "too many new tls sessions",
		"too many connections", "too many open connections", "too many concurrent", "maximum number of concurrent",
		"too many errors", "too many sessions", "too many requests", "too many emails", "too many bad recipients",
		"too many invalid recipients", "too many messages in this connection", "too many messages from", "sent too many times",
		"connection rate", "rate limit", "count quota exceeded", "sending quota", "send limit exceeded",
		"try again later, closing connection", "throttl", "connection limit",
	}
}

func reputationTexts() []string {
	return []string{
		"blocked using", "black list", "blacklist", "blocklist", "block list", "dnsbl", "spamhaus", "barracuda",
		"poor reputation", "bad reputation", "listed at", "is listed in", "is listed on", "is listed by",
		"banned sending ip", "not authorized to send email directly",
		"dynamic ip", "residential", "ip reputation", "email reputation", "ipcheck.proofpoint.com", "traffic not accepted from this ip", "blocked for abuse", "too much spam",
	}
}

// reverseTexts are complaints about the reverse DNS of the caller.
func reverseTexts() []string {
	return []string{
		"cannot find your hostname", "cannot find your reverse hostname", "reverse dns", "ptr record", "no ptr", "dns ptr",
		"ip name lookup failed", "reverse lookup", "fcrdns", "requires ptr", "reverse ptr", "no rdns", "no reverse name",
	}
}

// faultTexts are what servers say when something of their own is broken.
func faultTexts() []string {
	return []string{
		"local error", "server configuration error", "server configuration problem", "local configuration error", "temporary lookup failure", "temporary local problem",
		"unexpected failure", "internal server error", "internal error", "temporary system problem",
	}
}

func sessionClues() []clue {
	early, ehlo, starttls := []string{"greeting", "EHLO"}, []string{"EHLO"}, []string{"STARTTLS"}
	return []clue{
		// Behind these words servers quote what another server said.
		{finding: SenderDomain, to: []string{"MAIL", "RCPT"}, text: []string{"sender verify failed"}},
		{finding: Deferred, to: []string{"MAIL", "RCPT"}, class: 4, text: []string{"rejected: unverified address"}},
		{finding: ClientCertificate, text: []string{"client cert"}},
		{finding: ClientCertificate, code: []int{403}, text: []string{"not authenticated", "cert issuer", "cert subject"}}, // Sendmail's TLS_Clt
		{finding: ForeignCommand, text: []string{
			"i can break rules", "non-smtp command", "not an smtp command", "http request", "not an http", "not a web server", "this is an smtp server",
			"cursing shoplifters",  // chasquid
			"rejecting open proxy", // Sendmail
		}},
		{finding: AccessDenied, to: []string{"MAIL", "RCPT"}, text: []string{"locally blacklisted"}}, // a list of the server's own
		{finding: Reputation, text: []string{"ip reputation"}},
		{finding: Throttled, text: throttleTexts()},
		{finding: Reputation, text: reputationTexts()},
		{finding: SessionFault, to: early, text: faultTexts()},
		{finding: GreetingComeBack, to: []string{"greeting"}, code: []int{450, 451}, text: []string{"try later", "try again later"}}, // behind all that gives a reason
		{finding: SessionFault, to: early, enhanced: []string{"4.3.0", "4.3.5", "5.3.5"}},
		{finding: EHLORefused, to: ehlo, code: []int{500, 502}, text: []string{"helo", "ehlo", "command", "recogni", "implemented"}},
		{finding: EHLOClientRefused, to: ehlo, text: reverseTexts()},
		{finding: EHLOClientRefused, to: ehlo, enhanced: []string{"x.7.25"}},
		{finding: EHLONameRefused, to: ehlo, text: []string{
			"helo", "ehlo", "fully-qualified", "fully qualified", "hostname", "host not found", "domain name", "do not believe you",
		}},
		{finding: EHLONameRefused, to: ehlo, code: []int{501, 504, 553}},
		{finding: EHLORefused, to: ehlo, class: 3},
		{finding: EHLORefused, to: ehlo, class: 4},
		{finding: EHLORefused, to: ehlo, class: 5},
		{finding: Throttled, to: starttls, text: []string{"too many new tls sessions"}},
		{finding: STARTTLSBroken, to: starttls, text: []string{
			"tls not available", "tls is not available", "tls currently unavailable", "tls unavailable", "tls temporar", "local problem",
			"start couriertls",
		}},
		{finding: STARTTLSBroken, to: starttls, code: []int{454, 403}},
		{finding: STARTTLSRefused, to: starttls, class: 2},
		{finding: STARTTLSRefused, to: starttls, class: 3},
		{finding: STARTTLSRefused, to: starttls, class: 4},
		{finding: STARTTLSRefused, to: starttls, class: 5},
		{finding: Overloaded, code: []int{421}},
	}
}
