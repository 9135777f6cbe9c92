package diagnosis

import (
	"slices"
	"strings"
	"testing"

	"smtptest/probe/replies"
)

// quotedWordings are replies that are known from servers. They were known
// when the rules were written.
func quotedWordings() []wording {
	return []wording{
		{"Brevo, address list", "AUTH", "525 5.7.1 Unauthorized IP address", AuthClientRefused},
		{"Postfix, no SASL", "AUTH", "503 5.5.1 Error: authentication not enabled", AuthNotOffered},
		{"Exim, not here", "AUTH", "503 AUTH command used when not advertised", AuthNotOffered},
		{"Postfix, wrapper mode", "greeting", "421 4.7.1 mx.example.test: Error: No client certificate presented", ClientCertificate},
		{"Postfix, slow client", "RCPT", "421 4.4.2 mx.example.test Error: timeout exceeded", CommandLost},
		{"Exim, slow client", "RCPT", "421 mx.example.test: SMTP command timeout - closing connection", CommandLost},
		{"Exchange Online, mailbox", "AUTH", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.", DisabledByAdmin},
		{"Gmail, browser", "AUTH", "534 5.7.14 Please log in via your web browser and then try again.", WebLogin},
		{"Postfix", "EHLO", "221 2.7.0 Error: I can break rules, too. Goodbye.", ForeignCommand},
		{"postscreen", "greeting", "450 4.3.2 Service currently unavailable", GreetingComeBack},
		{"RFC 7504", "greeting", "521 mx.example.test does not accept mail", GreetingNoService},
		{"Postfix", "MAIL", "503 5.5.0 Error: Improper use of SMTP command pipelining", PipeliningRefused},
		{"Gmail", "MAIL", "554 5.5.0 Error: SMTP protocol synchronization", PipeliningRefused},
		{"Exim", "MAIL", "554 SMTP synchronization error", PipeliningRefused},
		{"Postfix, SASL", "AUTH", "500 5.5.6 SASL response limit exceeded", ResponseTooLong},
	}
}

// composedWordings were made up for this test, with the rules in view, in the
// manner of the program that each names. They show that a rule stands small
// changes of wording; they are no evidence of what any server says.
func composedWordings() []wording {
	return []wording{
		{"Postfix, by helo access", "MAIL", "554 5.7.1 <bad.example.test>: Helo command rejected: Access denied", AccessDenied},
		{"Postfix, by recipient access", "RCPT", "554 5.7.1 <bob@example.test>: Recipient address rejected: Access denied", AccessDenied},
		{"Zimbra, locked", "AUTH", "535 5.7.8 Error: authentication failed: account is locked", AccountDisabled},
		{"cPanel, suspended", "AUTH", "535 Account suspended", AccountDisabled},
		{"relay, address list", "AUTH", "535 5.7.0 Your IP address is not allowed to log in", AuthClientRefused},
		{"relay, address list in other words", "AUTH", "535 login not allowed from your IP", AuthClientRefused},
		{"Haraka, not here", "AUTH", "503 AUTH not available", AuthNotOffered},
		{"Exim, by ACL", "MAIL", "550 Client certificate required", ClientCertificate},
		{"appliance", "EHLO", "550 5.7.0 A client certificate is required on this port", ClientCertificate},
		{"Sendmail, slow client", "MAIL", "421 4.4.1 mx.example.test Lost input channel: command timeout", CommandLost},
		{"hosting, switched off", "AUTH", "535 5.7.0 SMTP access is disabled for this account", DisabledByAdmin},
		{"appliance, switched off", "AUTH", "535 SMTP AUTH is disabled by the administrator", DisabledByAdmin},
		{"iCloud", "AUTH", "535 5.7.8 Error: use an app-specific password", AppPassword},
		{"Zoho", "AUTH", "535 Authentication Failed: use an application-specific password", AppPassword},
		{"Spamhaus through Exim", "EHLO", "550 192.0.2.7 is listed at zen.spamhaus.org", Reputation},
		{"Barracuda at MAIL", "MAIL", "554 Service unavailable; Client host [192.0.2.7] blocked using Barracuda Reputation", Reputation},
		{"qmail", "EHLO", "502 unimplemented (#5.5.1)", EHLORefused},
		{"Gmail, browser, code word", "AUTH", "534 5.7.9 Please log in with your browser, p=WebLoginRequired", WebLogin},
		{"Yandex, browser", "AUTH", "535 5.7.8 Error: sign in with your web browser first", WebLogin},
		{"Postfix, postscreen", "EHLO", "521 5.5.1 non-SMTP command", ForeignCommand},
		{"appliance", "MAIL", "500 GET is not an SMTP command", ForeignCommand},
		{"appliance", "greeting", "421 Service temporarily unavailable, closing transmission channel", GreetingComeBack},
		{"hosting", "greeting", "451 Please try again in a few minutes", GreetingComeBack},
		{"Gmail", "greeting", "550 5.7.25 The IP address sending this message does not have a PTR record setup", GreetingNoClientName},
		{"Exim", "greeting", "550 No reverse DNS for your address", GreetingNoClientName},
		{"gmx", "greeting", "554 No SMTP service here", GreetingNoService},
		{"Sendmail", "greeting", "554 mx.example.test ESMTP not accepting mail", GreetingNoService},
		{"Exchange", "RCPT", "550 5.2.1 This mailbox is inactive", MailboxDisabled},
		{"Gmail", "RCPT", "550 5.2.1 The email account that you tried to reach is disabled.", MailboxDisabled},
		{"Zimbra", "RCPT", "550 5.2.1 mailbox disabled, not accepting messages", MailboxDisabled},
		{"Dovecot LMTP behind Postfix", "RCPT", "552 5.2.2 <bob@example.test> Quota exceeded (mailbox for user is full)", MailboxFull},
		{"Exim", "RCPT", "452 mailbox is full: retry timeout not reached", MailboxFull},
		{"Exchange", "RCPT", "552 5.2.2 Mailbox full", MailboxFull},
		{"RFC 4954", "AUTH", "432 4.7.12 A password transition is needed", PasswordTransition},
		{"code alone", "AUTH", "432 try another mechanism first", PasswordTransition},
		{"enhanced code alone", "AUTH", "454 4.7.12 change it first", PasswordTransition},
		{"Exim, line", "AUTH", "500 line too long", ResponseTooLong},
		{"Courier, line", "AUTH", "500 Error: authentication input too long", ResponseTooLong},
		{"Outlook.com", "RCPT", "550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of reject.", SenderDMARC},
		{"Gmail", "RCPT", "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy.", SenderDMARC},
		{"Yahoo", "MAIL", "554 5.7.9 Message not accepted for policy reasons: DMARC", SenderDMARC},
		{"pypolicyd-spf", "RCPT", "550 5.7.23 <bob@example.test>: Recipient address rejected: Message rejected due to: SPF fail - not authorized.", SenderSPF},
		{"milter", "MAIL", "550 5.7.1 SPF: 192.0.2.7 is not allowed to send for example.com", SenderSPF},
		{"old Exim", "MAIL", "550 Please see http://www.openspf.org/Why?id=a", SenderSPF},
	}
}

func TestFurtherWordings(t *testing.T) {
	for _, tt := range slices.Concat(quotedWordings(), composedWordings()) {
		t.Run(tt.name, func(t *testing.T) {
			if got := classify(t, tt.to, tt.reply); got != tt.want {
				t.Errorf("%s means %q, want %q", tt.reply, got, tt.want)
			}
		})
	}
}

// tooFewWordings are the rules for which fewer than three wordings of servers
// have been collected. A rule leaves this list when they have been.
func tooFewWordings() []ID {
	return []ID{
		AuthClientRefused, // Brevo and JetEmail; Mailgun says only "535 Authentication failed"
	}
}

// notHeldOut are the rules that no wording was kept from. Behind each is what
// a search in November 2026 came upon.
func notHeldOut() []ID {
	return []ID{
		AuthClientRefused, // two providers say it in words; the others only refuse the password
	}
}

// TestEveryTextRuleHasWordings: what reads the words of servers is held to at
// least three different ones, and to one that it had not been written for,
// the rules of the lists above excepted. What was composed does not count.
func TestEveryTextRuleHasWordings(t *testing.T) {
	const atLeast = 3
	count, heldOut := map[ID]map[string]bool{}, map[ID]bool{}
	add := func(want ID, reply string) {
		if count[want] == nil {
			count[want] = map[string]bool{}
		}
		count[want][strings.ToLower(reply)] = true
	}
	for _, list := range [][]wording{envelopeWordings(), senderAndRecipientWordings(), authWordings(), quotedWordings()} {
		for _, w := range list {
			add(w.want, w.reply)
		}
	}
	for _, w := range wordings {
		add(w.want, w.reply)
	}
	for _, w := range foundWordings() {
		add(w.want, w.reply)
		heldOut[w.want] = heldOut[w.want] || w.heldOut
	}
	for _, id := range readByWords() {
		if few := len(count[id]) < atLeast; few != slices.Contains(tooFewWordings(), id) {
			t.Errorf("%s is checked against %d wordings: collect more, or correct tooFewWordings", id, len(count[id]))
		}
		if heldOut[id] == slices.Contains(notHeldOut(), id) {
			t.Errorf("%s, checked against a wording that it was not written for: %v; correct notHeldOut", id, heldOut[id])
		}
	}
}

// readByWords are the findings that the words of a reply can lead to.
func readByWords() []ID {
	var out []ID
	for _, e := range replies.Entries() {
		for _, at := range e.At {
			if id := e.ID.At(at); at != replies.DATA && len(e.Words) > 0 && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}
