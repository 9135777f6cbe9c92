package diagnosis

// foundSenderWordings are replies about the address in MAIL FROM. Servers
// give most of those about DMARC after the message; this test sends none, so
// that it sees only those of servers that look earlier.
func foundSenderWordings() []foundWording {
	const wordToTheWise = "wordtothewise.com, 2014-04, example bounces due to Yahoo p=reject"
	return []foundWording{
		{wording{"Comcast, DMARC", "RCPT", "550 5.2.0 meQj1n01053u42A0HeQj3v Message rejected due to DMARC. Please see http://postmaster.comcast.net/smtp-error-codes.php#DM000001", SenderDMARC}, wordToTheWise, true},
		{wording{"XS4ALL, DMARC", "RCPT", "550 5.7.1  DMARC failure for domain example.test, policy reject", SenderDMARC}, wordToTheWise, true},
		{wording{"Hotmail, DMARC without its name", "RCPT", "550 5.7.0 (COL0-MC6-F31) Unfortunately, messages from (192.0.2.7) on behalf of (example.test) could not be delivered due to domain owner policy restrictions.", SenderDMARC}, wordToTheWise, false},
		{wording{"iCloud, DMARC", "RCPT", "554 5.7.1 Your message was rejected due to example.test's DMARC policy.", SenderDMARC}, "spamresource.com, 2024-04, a sampling of DMARC rejection examples", true},
		{wording{"mail.ru, DMARC", "RCPT", "550 5.7.1 This message was not accepted due to domain (example.test) owner DMARC policy (RFC 7489) https://help.mail.ru/mail-help/postmaster/dmarc", SenderDMARC}, "help.ishosting.com/en/dmarc-check", true},
		{wording{"OpenDMARC", "RCPT", "550 5.7.1 rejected by DMARC policy for example.test", SenderDMARC}, "Debian, opendmarc 1.4.2-2+b1, opendmarc", true},
		{wording{"mox, DMARC", "RCPT", "550 5.7.26 rejecting per dmarc policy", SenderDMARC}, "mjl-/mox, smtpserver/analyze.go", true},
		{wording{"La Poste, DMARC", "RCPT", "571 5.7.1 Message refused, DMARC verification Failed. Message refuse, verification DMARC en echec LPN007_517", SenderDMARC}, laPoste, true},
		{wording{"qpsmtpd, DMARC", "RCPT", "550 failed DMARC policy", SenderDMARC}, qpsmtpd + ", plugins/dmarc", true},

		{wording{"Debian's Exim, SPF", "RCPT", "550 [SPF] 192.0.2.7 is not allowed to send mail from example.test.", SenderSPF}, eximConf, false},
		{wording{"La Poste, SPF", "RCPT", "550 5.5.0 SPF: 192.0.2.7 is not allowed to send mail. LPN004_401", SenderSPF}, laPoste, true},
		{wording{"Orange, SPF for now", "MAIL", "421 smtp.orange.fr [192.0.2.7] Emetteur invalide, Veuillez verifier la configuration SPF/DNS de votre nom de domaine. Invalid Sender. SPF check failed, please verify the SPF/DNS configuration for your domain name.", SenderSPF}, laPoste, true},
		{wording{"SPF of the record's owner", "MAIL", "550 5.1.0 192.0.2.7 is not allowed to send from <example.test> per it's SPF Record. Please inspect your SPF settings, and try again.", SenderSPF}, "public code index, file 23241577093 (a bounce in snapwebsites' tests)", true},
		{wording{"Microsoft, SPF", "RCPT", "550 5.7.23 The message was rejected because of Sender Policy Framework violation", SenderSPF}, "sisimai/go-sisimai, rhost/for-microsoft.go", true},
		{wording{"pypolicyd-spf", "RCPT", "550 5.7.23 <b@example.test>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=helo;id=example.test;ip=192.0.2.7;r=<UNKNOWN>", SenderSPF}, "docker-mailserver/docker-mailserver#1600; the same words had been composed", false},

		{wording{"Haraka, domain", "MAIL", "550 No MX for your FROM address", SenderDomain}, "npm, haraka-plugin-mail_from.is_resolvable 1.3.0", false},
		{wording{"mox, domain", "MAIL", "550 5.7.27 mailfrom domain not configured for mail", SenderDomain}, moxSMTP, false},
		{wording{"Yahoo, domain", "MAIL", "451 Message temporarily deferred due to unresolvable RFC.5321 from domain. See https://senders.yahooinc.com/error-codes//unresolvable-from-domain", SenderDomain}, "sisimai/go-sisimai, rhost/for-yahooinc.go", false},
		{wording{"Sendmail, no domain", "MAIL", "553 5.5.4 <a@localhost>... Domain name required for sender address a@localhost", SenderDomain}, sendCF + ", proto.m4", false},
		{wording{"Sendmail, domain for now", "MAIL", "451 4.1.8 <a@example.test>... Domain of sender address a@example.test does not resolve", SenderDomain}, sendCF + ", proto.m4", true},
		{wording{"Debian's Exim, domain", "RCPT", "550 Sender verification failed", SenderDomain}, eximConf, false},

		{wording{"mox, not owned", "MAIL", "550 5.7.1 must match authenticated user", SenderNotYours}, moxSMTP, false},
		{wording{"Haraka, not owned", "MAIL", "550 Envelope domain 'example.com' doesn't match AUTH domain 'example.test'", SenderNotYours}, haraka + ", plugins/auth/auth_base.js", false},
		{wording{"Yandex, not owned", "MAIL", "553 5.7.1 Sender address rejected: not owned by auth user.", SenderNotYours}, "splitbrain/dokuwiki-plugin-smtp#38", false},
		{wording{"Orange, sender", "MAIL", "501 5.1.0 Emetteur invalide. Invalid Sender. OFR004_405 [405]", SenderRefused}, laPoste, true},
		{wording{"cPanel's Exim, name of the client", "MAIL", "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)", EHLONameRefused}, "zone-eu/zone-mta#162, roundcube/roundcubemail#7316", false},
	}
}

// foundRecipientWordings are replies about the address in RCPT TO.
func foundRecipientWordings() []foundWording {
	return []foundWording{
		{wording{"chasquid, relay", "RCPT", "503 5.7.1 Relay not allowed", RelayDenied}, chasquid, false},
		{wording{"Haraka, relay plugin", "RCPT", "550 You are not allowed to relay", RelayDenied}, "npm, haraka-plugin-relay 1.0.2", false},
		{wording{"Sendmail, relay with login", "RCPT", "550 5.7.1 <b@example.test>... Relaying denied. Proper authentication required.", RelayDenied}, sendCF + ", proto.m4", false},
		{wording{"relay by administrator", "RCPT", "550 relaying to <b@example.test> prohibited by administrator", RelayDenied}, bounceRules, false},
		{wording{"no gateway", "RCPT", "550 not local host example.test, not a gateway", RelayDenied}, bounceRules, false},
		{wording{"cPanel, relay", "RCPT", "550-mail.example.test [192.0.2.7] is currently not permitted to\n550-relay through this server. Perhaps you have not logged into the pop/imap\n550-server in the last 30 minutes or do not have SMTP Authentication turned on\n550 in your email client.", RelayDenied}, bounceRules, false},
		{wording{"Exchange Online, relay", "RCPT", "550 5.7.64 TenantAttribution; Relay Access Denied [mx.example.test]", RelayDenied}, logStats, true},

		{wording{"Haraka, LDAP user", "RCPT", "550 Sorry - no mailbox here by that name.", UnknownRecipient}, "npm, haraka-plugin-rcpt-ldap 1.1.0", true},
		{wording{"chasquid, user", "RCPT", "550 5.1.1 Destination address is unknown (user does not exist)", UnknownRecipient}, chasquid, true},
		{wording{"Cyrus, user", "RCPT", "550-Mailbox unknown.  Either there is no mailbox associated with this\n550-name or you do not have authorization to see it.\n550 5.1.1 User unknown", UnknownRecipient}, cyrus, true},
		{wording{"user without code", "RCPT", "550 b@example.test:user not exist", UnknownRecipient}, bounceRules, false},
		{wording{"unknown address", "RCPT", "553 <b@example.test> address unknown.", UnknownRecipient}, logStats, false},
		{wording{"i.ua, user", "RCPT", "550 User not found. See http://mail.i.ua/err/3/", UnknownRecipient}, logStats, false},

		{wording{"Sendmail, disabled", "RCPT", "550 5.2.1 <b@example.test>... Mailbox disabled for this recipient", MailboxDisabled}, sendCF + ", proto.m4 (confRCPTREJ_MSG)", true},
		{wording{"QQ, deactivated", "RCPT", "551 <b@example.test> is a deactivated mailbox", MailboxDisabled}, bounceRules, false},
		{wording{"Coremail, suspended", "RCPT", "550 User suspended", MailboxDisabled}, bounceRules + "; icoremail.vip", false},
		{wording{"disabled for now", "RCPT", "452 4.2.1 mailbox temporarily disabled: b@example.test", MailboxDisabled}, bounceRules, true},
		{wording{"closed", "RCPT", "550 <b@example.test>: Recipient address rejected: Account closed due to inactivity. No forwarding information is available.", MailboxDisabled}, bounceRules, false},
		{wording{"frozen", "RCPT", "550 Mailbox is frozen. See http://example.test/", MailboxDisabled}, logStats, false},
		{wording{"inactive", "RCPT", "540 5.7.1 <b@example.test>: recipient address rejected: Inactive", MailboxDisabled}, logStats, false},
		{wording{"La Poste, blocked", "RCPT", "550 5.5.0 Le compte du destinataire est bloque. The recipient account isblocked. LPN007_426", MailboxDisabled}, laPoste, false},

		{wording{"storage of the recipient", "RCPT", "552 recipient storage full, try again later", MailboxFull}, bounceRules, false},
		{wording{"mailbox and quota", "RCPT", "552 Requested mailbox exceeds quota.", MailboxFull}, bounceRules, false},
		{wording{"Gmail, full", "RCPT", "452-4.2.2 The recipient's inbox is out of storage space. Please direct the\n452-4.2.2 recipient to\n452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp - gsmtp", MailboxFull}, logStats + "; " + mailcow, true},
		{wording{"over quota", "RCPT", "552 5.2.2 <b@example.test>: user is over quota", MailboxFull}, logStats, true},
		{wording{"full, under 550", "RCPT", "550 Mailbox is full / Blocks limit exceeded / Inode limit exceeded", MailboxFull}, logStats, true},
		{wording{"GMX, full", "RCPT", "552-Requested mail action aborted: exceeded storage allocation\n552-Quota exceeded.\n552 For explanation visit https://postmaster.gmx.net/en/case?c=r1503&i=ip&v=192.0.2.7&r=0M", MailboxFull}, logStats, true},
		{wording{"Orange, full, with the code of another", "RCPT", "552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]", MailboxFull}, laPoste, true},
		{wording{"limit of the mailbox", "RCPT", "552 Mailbox limit exeeded for this email address", MailboxFull}, logStats, false},

		{wording{"sqlgrey", "RCPT", "450 4.7.1 <b@example.test>: Recipient address rejected: Greylisted for 5 minutes", Greylisted}, "Debian, sqlgrey 1:1.8.0-4", true},
		{wording{"qpsmtpd, greylisting", "RCPT", "450 This mail is temporarily denied", Greylisted}, qpsmtpd + ", plugins/greylisting", false},
		{wording{"greylistd", "RCPT", "451 192.0.2.7 is not yet authorized to deliver mail from <a@example.test> to <b@example.test>. Please try later.", Greylisted}, "Debian, greylistd 0.9.0.2+nmu1, exim4-acl-example.txt", false},
		{wording{"Haraka, greylisting", "RCPT", "451 4.7.1 Greylisted. Please come back later.", Greylisted}, "npm, haraka-plugin-greylist 1.2.1", true},
		{wording{"antispam, for now", "RCPT", "451 4.7.1 Mail deferred due to antispam policy", Deferred}, logStats, true},
	}
}
