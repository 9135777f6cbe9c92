package diagnosis

// foundLaterWordings were met only after the rules had been widened by the
// other wordings that were found: they tell whether that widening reaches
// beyond what it was made for. Of the first 54, 22 were read rightly at once,
// of the 26 after these 15.
func foundLaterWordings() []foundWording {
	const (
		bounces    = "public code index, file 21114823096 (patterns for bounces, by provider)"
		barricade  = "public code index, file 21720675628 (BarricadeMX, Lua rules)"
		smtpe      = "public code index, file 21332385019 (BarricadeMX, smtpe.c)"
		synchronet = "SynchronetBBS/sbbs, src/sbbs3/mailsrvr.cpp"
		javaServer = "public code index, file 70887013574 (SMTP server in Java)"
	)
	return []foundWording{
		{wording{"alice.it, busy", "greeting", "421 <mx.example.test> Service not available - too busy", Overloaded}, bounces, true},
		{wording{"McAfee proxy", "greeting", "451 Request action aborted on MFE proxy, SMTP server is not available.", Overloaded}, "nodemailer/nodemailer#952", false},
		{wording{"no reverse DNS", "greeting", "554 Client address rejected: No reverse DNS for 192.0.2.7", GreetingNoClientName}, bounces, true},
		{wording{"PTR under 521", "greeting", "521 mx.example.test Service not available - no PTR record for 192.0.2.7", GreetingNoClientName}, bounces, true},
		{wording{"PTR without login", "greeting", "554 This server requires PTR for unauthenticated connections", GreetingNoClientName}, bounces, false},
		{wording{"PTR for now", "greeting", "451 Missing reverse PTR - please fix it and try again", GreetingNoClientName}, bounces, false},
		{wording{"tiscali, spam", "greeting", "554 mx.example.test ESMTP - Too much Spam from this IP", GreetingReputation}, bounces, false},
		{wording{"connections from this IP", "greeting", "554 5.3.2 Sorry, we do not accept connections from your IP", GreetingClientRefused}, bounces, true},
		{wording{"bizsmtp, client", "greeting", "554 mx.example.test bizsmtp Connection refused from 192.0.2.7", GreetingClientRefused}, bounces, true},
		{wording{"BarricadeMX, rate", "greeting", "421 4.4.5 E000 mail.example.test [192.0.2.7] connections 12 exceed 10/60s", GreetingThrottled}, smtpe, true},

		{wording{"PTR by HELO", "EHLO", "501 - Connection Refused: IP Address <192.0.2.7> - HELO/EHLO Invalid or Non-Existent Reverse DNS", EHLOClientRefused}, bounces, true},
		{wording{"name without DNS", "EHLO", "550 5.7.0 HELO argument [mail.example.test] is missing a DNS entry", EHLONameRefused}, bounces, true},
		{wording{"BarricadeMX, name", "EHLO", "550 Invalid HELO; argument must be host/domain or address literal", EHLONameRefused}, barricade, true},
		{wording{"BarricadeMX, EHLO", "EHLO", "502 5.5.1 EHLO not allowed from your host", EHLORefused}, barricade, true},
		{wording{"BarricadeMX, fault", "EHLO", "421 4.3.0 internal error", SessionFault}, smtpe, true},
		{wording{"a server in Java, HTTP", "EHLO", "421 4.7.0 This is an SMTP server; closing the connection", ForeignCommand}, javaServer, false},

		{wording{"BarricadeMX, pipelining", "MAIL", "550 5.3.3 E000 pipelining not allowed", PipeliningRefused}, smtpe, true},
		{wording{"QQ, not owned", "MAIL", "501 mail from address must be same as authorization user", SenderNotYours}, "swiftmailer/swiftmailer#92, nodeSolidServer/node-solid-server#1281", false},
		{wording{"domain without MX", "MAIL", "550 5.1.0 <a@example.test> sender rejected: domain does not have neither a valid MX or A record", SenderDomain}, bounces, false},
		{wording{"SPF in brackets", "RCPT", "550 SPF check failed (Fail)", SenderSPF}, bounces, true},
		{wording{"a country", "RCPT", "550 Not allowed to send from that country", AccessDenied}, bounces, false},
		{wording{"plain access", "RCPT", "550 5.7.1 Access denied", AccessDenied}, bounces, true},
		{wording{"valid reverse DNS", "RCPT", "550 5.7.0 Your server IP address 192.0.2.7 does not have a valid reverse DNS entry", EHLOClientRefused}, bounces, true},
		{wording{"RDNS", "RCPT", "550 No RDNS entry for 192.0.2.7", EHLOClientRefused}, bounces, false},
		{wording{"no reverse name", "RCPT", "421 4.1.2 <b@example.test>: Recipient address rejected: No reverse name for your IP address", EHLOClientRefused}, bounces, false},
		{wording{"BarricadeMX, PTR", "RCPT", "550 Host 192.0.2.7 has no rDNS name", EHLOClientRefused}, barricade, false},
		{wording{"BarricadeMX, list", "RCPT", "550 5.7.0 Host 192.0.2.7 black listed by zen.spamhaus.org", Reputation}, barricade, true},
		{wording{"alice.it, list", "RCPT", "550 mail not accepted from blacklisted IP address", Reputation}, bounces, true},
		{wording{"name at RCPT", "RCPT", "554 5.7.1 Helo invalid", EHLONameRefused}, bounces, false},
		{wording{"libero.it, recipients", "RCPT", "451 too many invalid recipients", Throttled}, bounces, false},
		{wording{"Synchronet, requests", "MAIL", "421 too many requests, try again later", Throttled}, synchronet, false},
		{wording{"Postfix, configuration of the sender's rule", "MAIL", "451 4.3.5 <a@example.test>: Sender address rejected: Server configuration problem", EnvelopeFault}, bounces, true},

		{wording{"inactive mailbox", "RCPT", "550 user mailbox is inactive", MailboxDisabled}, bounces, true},
		{wording{"disabled mailbox", "RCPT", "552 <b@example.test> is a disabled mailbox", MailboxDisabled}, bounces, false},
		{wording{"was disabled", "RCPT", "550 Recipient mailbox was disabled", MailboxDisabled}, bounces, false},
		{wording{"blocked for inactivity", "RCPT", "550 <b@example.test> Account blocked due to inactivity", MailboxDisabled}, bounces, false},
		{wording{"disabled, with the code of another", "RCPT", "550 5.1.1 <b@example.test> recipient disabled", MailboxDisabled}, bounces, false},
		{wording{"locked", "RCPT", "540 5.7.1 <b@example.test> Recipient address rejected: Account locked by abuse team", MailboxDisabled}, bounces, false},
		{wording{"currently disabled", "RCPT", "550 sorry, this mailbox is currently disabled, try again", MailboxDisabled}, bounces, false},

		{wording{"quota is over", "RCPT", "550 Quota is over for this user", MailboxFull}, bounces, false},
		{wording{"quota exceed", "RCPT", "450 Disk quota exceed for b@example.test", MailboxFull}, bounces, false},
		{wording{"storage quota", "RCPT", "550 Account exceeds storage quota", MailboxFull}, bounces, false},
		{wording{"over quote", "RCPT", "552 Permanent failure, user is over quote", MailboxFull}, bounces, false},
		{wording{"size limit of the mailbox", "RCPT", "552 5.2.2 Mailbox size limit exceeded", MailboxFull}, bounces, true},
		{wording{"out of quota", "RCPT", "451 Account b out of quota. Try later", MailboxFull}, bounces, false},
		{wording{"recipient's mailbox", "RCPT", "522 sorry, recipient mailbox is full", MailboxFull}, bounces, true},

		{wording{"we do not relay", "RCPT", "571 b@example.test prohibited. We do not relay", RelayDenied}, bounces, true},
		{wording{"login for others", "RCPT", "503 This mail server requires authentication when attempting to send to a non-local e-mail address", RelayDenied}, bounces, false},
		{wording{"qmail, relay of mail", "RCPT", "553 sorry, relay of mail is not allowed", RelayDenied}, bounces, false},
		{wording{"not configured to relay", "RCPT", "501 This system is not configured to relay mail to example.test", RelayDenied}, bounces, false},
		{wording{"relaying in brackets", "RCPT", "554 Refused. Sending to remote addresses (relaying) is not allowed", RelayDenied}, bounces, false},

		{wording{"no such address", "RCPT", "550 No such email address", UnknownRecipient}, bounces, false},
		{wording{"unknown destination", "RCPT", "550 Unknown destination address", UnknownRecipient}, bounces, false},
		{wording{"not a valid mailbox", "RCPT", "550 5.1.1 <b@example.test> is not a valid mailbox", UnknownRecipient}, bounces, true},

		{wording{"Synchronet, not owned", "MAIL", "550 Sender address <a@example.test> not authorized for this account, try <b@example.test>", SenderNotYours}, synchronet, false},
		{wording{"Synchronet, list", "RCPT", "550 Mail from 192.0.2.7 refused due to listing at dnsbl.example.test", Reputation}, synchronet, true},
		{wording{"Synchronet, mails of the day", "RCPT", "452 Too many emails today", Throttled}, synchronet, false},
		{wording{"Synchronet, relay", "RCPT", "550 Relay not allowed.", RelayDenied}, synchronet, true},
		{wording{"cloud-security.net", "RCPT", "554 5.5.4 Your IP 192.0.2.7 address has a bad reputation. To unblock visit http://cloud-security.net/unblock?id", Reputation}, zoneMTA, true},
		{wording{"hostkarma", "RCPT", "550 Black listed at hostkarma http://ipadmin.junkemailfilter.com/remove.php?ip=192.0.2.7", Reputation}, zoneMTA, true},
		{wording{"spamrl", "RCPT", "550 The sending IP (192.0.2.7) is listed on https://spamrl.com/. Please resolve this and retry.", Reputation}, zoneMTA, false},
		{wording{"no handling", "RCPT", "550 We don't handle mail for example.test", RelayDenied}, bounces, false},
		{wording{"relay by SMTP AUTH", "RCPT", "550 RCPT TO:<b@example.test> Relaying not allowed - please use SMTP AUTH", RelayDenied}, bounces, true},
		{wording{"PTR, C14", "RCPT", "554 5.7.1 [C14] Missing reverse DNS for 192.0.2.7", EHLOClientRefused}, bounces, true},
		{wording{"PTR, invalid", "RCPT", "550 5.7.0 Server 192.0.2.7 has an invalid PTR record", EHLOClientRefused}, bounces, true},
		{wording{"name, bad", "EHLO", "550-Bad HELO: mail.example.test does not exist\n550 Please see RFC 2821 section 4.1.1.1", EHLONameRefused}, bounces, true},
		{wording{"receiving disabled", "RCPT", "552 <b@example.test> mail receiving disabled, rejecting", MailboxDisabled}, bounces, false},
		{wording{"blocked for long", "RCPT", "550 Mailbox is blocked due to long-time inactivity", MailboxDisabled}, bounces, false},
		{wording{"inactive user", "RCPT", "550 <b@example.test>: Recipient address rejected: Inactive user", MailboxDisabled}, bounces, true},
		{wording{"FULL", "RCPT", "550 Delivery error.Mailbox of b@example.test is FULL", MailboxFull}, bounces, false},
		{wording{"account is full", "RCPT", "552 <b@example.test> account is full (quota exceeded)", MailboxFull}, bounces, true},
		{wording{"Orange, overquota", "RCPT", "550 5.1.1 <b@example.test> recipient overquota", MailboxFull}, bounces, true},
		{wording{"no user here", "RCPT", "550 5.1.1 <b@example.test> Sorry, no user here by that name", UnknownRecipient}, bounces, true},
		{wording{"SiteGround", "RCPT", "550 SITEGROUND: No Such mailbox here", UnknownRecipient}, bounces, true},
		{wording{"Synchronet, user", "RCPT", "550 Unknown User: <b@example.test>", UnknownRecipient}, synchronet, true},
		{wording{"GMX, not owned", "MAIL", "550-Requested action not taken: mailbox unavailable\n550 Sender address is not allowed.", SenderNotYours}, "loganmarchione/docker-postfixrelay#46, nodemailer/nodemailer#548", false},
		{wording{"1und1, domain", "MAIL", "550-Requested action not taken: mailbox unavailable\n550 invalid DNS MX or A/AAAA resource record", SenderDomain}, "nodemailer/nodemailer#510", false},
		{wording{"NetEase, not owned", "MAIL", "553 Mail from must equal authorized user", SenderNotYours}, "xuxueli/xxl-job#3858, splitbrain/dokuwiki-plugin-smtp#1", false},
		{wording{"Sina, not owned", "MAIL", "553 Envolope sender mismatch with login user", SenderNotYours}, "toeverything/AFFiNE#13820", false},
		{wording{"Exchange Online, not owned", "MAIL", "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message Cannot submit message.", SenderNotYours}, "public code index, file 61953172213 (release notes); jstedfast/MailKit#1176", true},
	}
}
