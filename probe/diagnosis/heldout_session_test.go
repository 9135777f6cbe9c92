package diagnosis

import "slices"

// foundSessionWordings are replies to all but AUTH.
func foundSessionWordings() []foundWording {
	return slices.Concat(foundGreetings(), foundHellos(), foundEnvelopeWordings(), foundSenderWordings(), foundRecipientWordings(), foundLaterWordings())
}

// Places where more than one of the replies was found. The public code index
// names a file by its number where it does not tell the repository.
const (
	zoneMTA     = "zone-eu/zone-mta, config/bounces.txt"
	bounceRules = "twisted1919/bounce-handler, BounceHandler/rules.php"
	mailcow     = "monk24215/mailcow-repo, scripts/parser-test.mjs (from a live log)"
	logStats    = "public code index, file 70145588860 (patterns for the replies in Postfix logs)"
	laPoste     = "sisimai/go-sisimai, rhost/for-franceptt.go"
	postfix     = "Debian, postfix 3.7.11-0+deb12u1"
	exim        = "Debian, exim4-daemon-heavy 4.96-15+deb12u10, exim4"
	eximConf    = "Debian, exim4-config 4.96-15+deb12u10, acl/30_exim4-config_check_rcpt"
	sendmail    = "Debian, sendmail-bin 8.17.1.9-2+deb12u2, sendmail"
	sendCF      = "Debian, sendmail-cf 8.17.1.9-2+deb12u2"
	smtpd       = "Debian, opensmtpd 6.8.0p2-4+b4, smtpd"
	courier     = "Debian, courier-mta 1.0.16-3+b6"
	qpsmtpd     = "Debian, qpsmtpd 0.94-5"
	cyrus       = "Debian, cyrus-common 3.6.1-4+deb12u5, lmtpd"
	aiosmtpd    = "Debian, python3-aiosmtpd 1.4.3-1.1+deb12u1"
	haraka      = "npm, Haraka 3.3.4"
	nodeSMTP    = "npm, smtp-server 3.21.6, smtp-connection.js"
	postfixLogs = "public code index, file 10909999702 (rules for Postfix logs, each with lines that they are for)"
	goSMTP      = "Go module, github.com/emersion/go-smtp v0.25.1"
	chasquid    = "albertito/chasquid, internal/smtpsrv/conn.go"
	moxSMTP     = "mjl-/mox, smtpserver/server.go"
)

// foundGreetings are refusals in the greeting's place.
func foundGreetings() []foundWording {
	return []foundWording{
		{wording{"KPN, list under 521", "greeting", "521 5.5.0 Your IP [192.0.2.7] has been blacklisted. Please contact abuse@kpn.com for more information.", GreetingReputation}, mailcow, true},
		{wording{"T-Online, unknown address", "greeting", "554 IP=192.0.2.7 - None/bad reputation. Ask your postmaster for help or to contact tobr@rx.t-online.de for reset. (NOWL)", GreetingReputation}, "bllmnn.de, 2024-05, Fehler 554 None/bad reputation", true},
		{wording{"Comcast, list", "greeting", "554 resimta.example.test resimta.example.test 192.0.2.7 found on one or more DNSBLs, see http://postmaster.comcast.net/smtp-error-codes.php#BL000010", GreetingReputation}, zoneMTA, true},
		{wording{"AT&T, list", "greeting", "521-192.0.2.7 blocked by ldap:ou=rblmx,dc=att,dc=net\n521 Error - Blocked for abuse. Contact abuse_rbl@abuse-att.net.", GreetingReputation}, "public code index, file 57152814878 (forum post with a Postfix log)", false},
		{wording{"Facebook, list", "greeting", "554 5.7.1 POL-P1 http://www.spamhaus.org/query/bl?ip=192.0.2.7", GreetingReputation}, "public code index, file 56781468802 (forum post of 2011-11-20)", true},
		{wording{"Cloudmark", "greeting", "550 Rejected: 192.0.2.7, listed at http://csi.cloudmark.com/reset-request for remediation.", GreetingReputation}, "public code index, file 40677438988 (notes with a Postfix queue)", true},
		{wording{"Comcast, PTR", "greeting", "554 imta.example.test comcast 192.0.2.7 Comcast requires that all mail servers must have a PTR record with a valid Reverse DNS entry. Currently your mail server does not fill that requirement. For more information, refer to: http://www.comcast.net/help/faq/index.jsp?faq=SecurityMail_Policy18784", GreetingNoClientName}, "avolio.com/weblog, 2008-06-28", true},
		{wording{"Free, PTR", "greeting", "421 Refused. Your reverse DNS entry does not resolve to an IP.", GreetingNoClientName}, "iredmail/iRedMail#156", true},
		{wording{"Haraka, PTR", "greeting", "554 Sorry, no FCrDNS match found", GreetingNoClientName}, "npm, haraka-plugin-fcrdns 1.2.1 (hook lookup_rdns)", true},
		{wording{"Sendmail, connections", "greeting", "421 4.3.2 Too many open connections.", GreetingThrottled}, sendCF + ", proto.m4 (conncontrol)", false},
		{wording{"Sendmail, rate", "greeting", "421 4.3.2 Connection rate limit exceeded.", GreetingThrottled}, sendCF + ", proto.m4 (ratecontrol)", true},
		{wording{"Exim, one address", "greeting", "421 Too many concurrent SMTP connections from this IP address; please try again later.", GreetingThrottled}, exim, true},
		{wording{"Orange, connections", "greeting", "421 mwinf5c79 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR005_104 [104]", GreetingThrottled}, laPoste, true},
		{wording{"postscreen, ports", "greeting", "421 4.3.2 All screening ports are busy", Overloaded}, postfix + ", postscreen", true},
		{wording{"Haraka, busy", "greeting", "421 Too busy; please try again later", Overloaded}, haraka + ", plugins/toobusy.js", true},
		{wording{"hostedemail", "greeting", "421 Service not available, closing transmission channel", Overloaded}, "public code index, file 51936514264 (Postfix log of 2026-03)", true},
		{wording{"qpsmtpd, load", "greeting", "450 Server load too high, please try again later.", Overloaded}, qpsmtpd + ", plugins/loadcheck", false},
		{wording{"go-smtp, busy", "greeting", "421 4.4.5 Too busy. Try again later.", Overloaded}, goSMTP + ", conn.go", false},
		{wording{"Yahoo, resources", "greeting", "420 Resources unavailable temporarily. Please try later (mta1060.mail.sp2.yahoo.com)", Overloaded}, "public code index, file 3059110693 (patterns for Postfix logs, with a line of 2012-07)", false},
		{wording{"OCN, unavailable", "greeting", "421 Server Temporarily unavailable", Overloaded}, "public code index, file 56756486044 (a Postfix log)", true},
		{wording{"Exim, configuration", "greeting", "421 Local configuration error; please try again later.", SessionFault}, exim, false},
		{wording{"Postfix, configuration in the greeting", "greeting", "421 4.3.5 Server configuration error", SessionFault}, postfix + ", smtpd", true},
		{wording{"clamsmtpd, thread", "greeting", "421 Local Error, cannot start thread", SessionFault}, "Debian, clamsmtp 1.10-17.2, clamsmtpd", false},
		{wording{"Haraka, later", "greeting", "421 Come back later", GreetingComeBack}, haraka + ", connection.js", false},
		{wording{"later, without a name", "greeting", "452 try later", GreetingComeBack}, "public code index, file 13774787035 (rules for bounces)", true},
		{wording{"Gandi, configuration", "greeting", "450 Server configuration problem", SessionFault}, postfixLogs, false},
		{wording{"RFC 7504, in other words", "greeting", "521 Server does not accept mail", GreetingNoService}, "RFC 7504 §3 in sisimai/p5-sisimai#130; public code index, files 34629056121 and 3509040835 (two small servers)", true},
		{wording{"RFC 1846", "greeting", "521 mx.example.test does not accept mail (see rfc1846)", GreetingNoService}, "knownhost.com, SMTP Error 521", true},
		{wording{"not allowed to connect", "greeting", "554 5.7.1 You are not allowed to connect.", GreetingClientRefused}, "zone-eu/zone-mta#496", true},
		{wording{"access denied", "greeting", "554 Access Denied", GreetingClientRefused}, logStats, true},
		{wording{"Haraka, access list", "greeting", "554 You are not welcome here.", GreetingClientRefused}, "npm, haraka-plugin-access 1.4.0", false},
		{wording{"MailChannels", "greeting", "550 [S10] Blocked", GreetingClientRefused}, mailcow, false},
		{wording{"Postfix, certificate of another", "greeting", "421 4.7.1 mx.example.test Error: Client certificate not trusted", ClientCertificate}, postfix + ", smtpd (421 4.7.1 %s Error: %s)", true},
		{wording{"Sendmail, talks before it was greeted", "greeting", "554 mx.example.test ESMTP not accepting messages", GreetingRefused}, "public code index, file 34905150196 (a bounce)", true},
	}
}

// foundHellos are replies to EHLO and STARTTLS.
func foundHellos() []foundWording {
	return []foundWording{
		{wording{"Haraka, unknown", "EHLO", "500 Unrecognized command", EHLORefused}, haraka + ", connection.js", true},
		{wording{"qpsmtpd, unknown", "EHLO", "502 command unrecognized: 'EHLO mail.example.test'", EHLORefused}, qpsmtpd + ", Qpsmtpd/TcpServer.pm", true},
		{wording{"aiosmtpd, unknown", "EHLO", "500 Error: command \"EHLO\" not recognized", EHLORefused}, aiosmtpd, true},
		{wording{"OpenSMTPD, unknown", "EHLO", "500 5.5.1 Invalid command: Command unrecognized", EHLORefused}, smtpd, true},
		{wording{"Postal, unknown", "EHLO", "502 Invalid/unsupported command", EHLORefused}, "postalserver/postal#993", true},
		{wording{"go-smtp, LMTP", "EHLO", "500 5.5.1 This is a LMTP server, use LHLO", EHLORefused}, goSMTP + ", conn.go", true},
		{wording{"clamsmtpd, unknown", "EHLO", "502 Command not implemented", EHLORefused}, "Debian, clamsmtp 1.10-17.2, clamsmtpd", true},
		{wording{"Haraka, not qualified", "EHLO", "550 HELO host must be a FQDN or address literal (RFC 5321 2.3.5)", EHLONameRefused}, "npm, haraka-plugin-helo.checks 1.1.3", true},
		{wording{"Haraka, PTR of another name", "EHLO", "550 HELO host does not match rDNS", EHLONameRefused}, "npm, haraka-plugin-helo.checks 1.1.3", true},
		{wording{"qpsmtpd, not qualified", "EHLO", "550 HELO name is not fully qualified. Read RFC 2821", EHLONameRefused}, qpsmtpd + ", plugins/helo", true},
		{wording{"qpsmtpd, not believed", "EHLO", "550 I do not believe you are mail.example.test.", EHLONameRefused}, qpsmtpd + ", plugins/helo", false},
		{wording{"Gmail, argument", "EHLO", "501 5.5.4 HELO/EHLO argument is invalid, please review this article.", EHLONameRefused}, "public code index, file 44567883975 (list of Gmail's replies)", true},
		{wording{"smtp-server, argument", "EHLO", "501 Error: Bad hostname syntax", EHLONameRefused}, nodeSMTP, true},
		{wording{"infokitchen, not qualified", "EHLO", "451-HELO/EHLO must contain a FQDN or IP literal\n451 Please see RFC 2821 section 4.1.1.1", EHLONameRefused}, "public code index, file 26217771068 (quoted in a mail plugin)", true},
		{wording{"Postfix, PTR with the code of its subject", "EHLO", "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", EHLOClientRefused}, logStats + "; " + postfix + ", smtpd", true},
		{wording{"smtp-server, HTTP", "EHLO", "421 HTTP requests not allowed", ForeignCommand}, nodeSMTP, true},
		{wording{"postscreen, HTTP", "EHLO", "521 5.7.0 Error: I can break rules, too. Goodbye.", ForeignCommand}, postfix + ", postscreen; its words were known", false},
		{wording{"Sendmail, HTTP", "EHLO", "421 4.7.0 mx.example.test Rejecting open proxy mail.example.test [192.0.2.7]", ForeignCommand}, "Sendmail 8.14, sendmail/srvrsmtp.c, and a log of curl's (public code index, files 749904920 and 24197608460)", false},
		{wording{"chasquid, HTTP", "EHLO", "502 5.7.0 You hear someone cursing shoplifters", ForeignCommand}, chasquid, false},
		{wording{"go-smtp, fault", "EHLO", "421 4.0.0 Internal server error", SessionFault}, goSMTP + ", conn.go", true},
		{wording{"Gmail, fault", "EHLO", "421 4.7.0 Temporary System Problem. Try again later.", SessionFault}, "public code index, file 44567883975 (list of Gmail's replies)", false},

		{wording{"Sendmail, now", "STARTTLS", "454 4.3.3 TLS not available right now", STARTTLSBroken}, sendmail, true},
		{wording{"Cyrus, failed", "STARTTLS", "454 4.3.3 STARTTLS failed", STARTTLSBroken}, cyrus, true},
		{wording{"Courier, resources", "STARTTLS", "500 Unable to start couriertls - insufficient resources.", STARTTLSBroken}, courier + ", courieresmtpd", false},
		{wording{"go-smtp, no TLS", "STARTTLS", "502 5.5.1 TLS not supported", STARTTLSRefused}, goSMTP + ", conn.go", true},
		{wording{"Sendmail, no TLS", "STARTTLS", "503 5.5.0 TLS not available", STARTTLSBroken}, sendmail, false},
		{wording{"OpenSMTPD, no TLS", "STARTTLS", "503 5.5.1 Invalid command: Command not supported", STARTTLSRefused}, smtpd, true},
	}
}
