package diagnosis

import (
	"testing"

	"smtptest/probe/replies"
)

// envelopeWordings are replies of real servers to MAIL and RCPT, and to
// STARTTLS before them.
func envelopeWordings() []wording {
	return []wording{
		{"Postfix, key", "STARTTLS", "454 4.7.0 TLS not available due to local problem", STARTTLSBroken},
		{"Exim, key", "STARTTLS", "454 TLS currently unavailable", STARTTLSBroken},
		{"Sendmail, start", "STARTTLS", "454 4.3.3 TLS not available after start", STARTTLSBroken},
		{"454 alone", "STARTTLS", "454 no", STARTTLSBroken},
		{"Postfix, TLS rate", "STARTTLS", "454 4.7.0 Error: too many new TLS sessions from unknown[198.51.100.7]", Throttled},
		{"not about TLS", "STARTTLS", "421 4.3.2 Service not available, closing transmission channel", Overloaded},
		{"proxy", "STARTTLS", "502 5.5.1 Error: command not implemented", STARTTLSRefused},
		{"Exim, not advertised", "STARTTLS", "503 STARTTLS command used when not advertised", STARTTLSRefused},
		{"Sendmail, pipelined", "STARTTLS", "554 5.5.0 Error: SMTP protocol synchronization", STARTTLSRefused},
		{"Postfix, client certificate", "greeting", "421 4.7.1 mx Error: No client certificate presented", ClientCertificate},

		{"Postfix, TLS first", "MAIL", "530 5.7.0 Must issue a STARTTLS command first", TLSRequired},
		{"OpenSMTPD, TLS first", "MAIL", "530 5.5.1 Invalid command: Must issue a STARTTLS command first", TLSRequired},
		{"Exchange, TLS first", "MAIL", "451 5.7.3 STARTTLS is required to send mail", TLSRequired},
		{"IANA code of TLS first", "MAIL", "550 5.7.10 no", TLSRequired},
		{"Sendmail, login", "MAIL", "530 5.7.0 Authentication required", LoginRequired},
		{"nginx, login", "MAIL", "530 5.7.1 Authentication required", LoginRequired},
		{"530 alone", "MAIL", "530 no", LoginRequired},
		{"OpenSMTPD, login", "MAIL", "530 5.5.1 Invalid command: Must issue an AUTH command first", LoginRequired},
		{"chasquid, login", "MAIL", "550 5.7.9 Mail to submission port must be authenticated", LoginRequired},
		{"maddy, login", "MAIL", "502 5.7.0 Please authenticate first.", LoginRequired},
		{"Courier, login", "MAIL", "535 Authentication required.", LoginRequired},
		{"Exchange, login", "MAIL", "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", LoginRequired},
		{"Postfix, owner", "RCPT", "553 5.7.1 <a@example.test>: Sender address rejected: not logged in", LoginRequired},
		{"Postfix, access", "RCPT", "554 5.7.1 <a@example.test>: Sender address rejected: Access denied", AccessDenied},
		{"Postfix, pipelining", "RCPT", "503 5.5.0 <a@example.test>: Recipient address rejected: Improper use of SMTP command pipelining", PipeliningRefused},
		{"Exim, pipelining", "MAIL", "554 SMTP synchronization error", PipeliningRefused},
		{"Postfix, parameter", "MAIL", "555 5.5.4 Unsupported option: SMTPUTF8", ParameterRefused},
		{"Postfix, impatient", "MAIL", "421 4.4.2 mx.example.test Error: timeout exceeded", CommandLost},
		{"Exim, impatient", "MAIL", "421 mx.example.test: SMTP command timeout - closing connection", CommandLost},
		{"Postfix, errors", "RCPT", "421 4.7.0 mx.example.test Error: too many errors", Throttled},
		{"Microsoft, busy", "MAIL", "451 4.7.500 Server busy. Please try again later from [198.51.100.7].", Throttled},
	}
}

func senderAndRecipientWordings() []wording {
	return []wording{
		{"Postfix, not owned", "RCPT", "553 5.7.1 <a@example.test>: Sender address rejected: not owned by user b", SenderNotYours},
		{"Exchange, not owned", "MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", SenderNotYours},
		{"Fastmail, not owned", "MAIL", "551 5.7.1 Not authorised to send from this header address", SenderNotYours},
		{"Zoho, not owned", "MAIL", "553 Relaying disallowed as a@example.test", SenderNotYours},
		{"SendGrid, not owned", "MAIL", "550 The from address does not match a verified Sender Identity.", SenderNotYours},
		{"Postfix, domain", "RCPT", "450 4.1.8 <a@example.test>: Sender address rejected: Domain not found", SenderDomain},
		{"Sendmail, domain, at RCPT", "RCPT", "553 5.1.8 <a@example.test>... Domain of sender address a@example.test does not exist", SenderDomain},
		{"Exim, domain", "RCPT", "550 Sender verify failed", SenderDomain},
		{"IANA code of the domain", "MAIL", "550 5.1.8 no", SenderDomain},
		{"SPF", "RCPT", "550 5.7.23 <b@example.test>: Recipient address rejected: SPF fail - not authorized", SenderSPF},
		{"DMARC, of the mail and not the client", "MAIL", "550 5.7.1 Unauthenticated email from example.com is not accepted due to domain DMARC policy", SenderDMARC},
		{"DMARC, in one word", "RCPT", "550 5.7.1 DMARC reject", SenderDMARC},
		{"DMARC, cannot be asked now", "RCPT", "451 4.7.1 DMARC lookup failed", Deferred},
		{"an unauthenticated client", "MAIL", "550 Unauthenticated senders not allowed", LoginRequired},
		{"an unauthenticated mail is not a missing login", "MAIL", "550 5.7.26 This mail has been blocked because the sender is unauthenticated.", SenderRefused},
		{"SPF without code", "RCPT", "550 SPF: 198.51.100.7 is not allowed to send mail from example.test", SenderSPF},
		{"sender, no reason", "MAIL", "553 no", SenderRefused},

		{"Postfix, relay", "RCPT", "554 5.7.1 <b@example.test>: Relay access denied", RelayDenied},
		{"Exim, relay", "RCPT", "550 relay not permitted", RelayDenied},
		{"Haraka, relay", "RCPT", "550 I cannot deliver mail for <b@example.test>", RelayDenied},
		{"qmail, relay", "RCPT", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", RelayDenied},
		{"Sendmail, relay", "RCPT", "550 5.7.1 <b@example.test>... Relaying denied", RelayDenied},
		{"Exchange, relay", "RCPT", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", RelayDenied},
		{"Courier, relay", "RCPT", "513 Relaying denied.", RelayDenied},
		{"a host that is called relay", "RCPT", "550 5.1.1 <b@example.test>: relay1.example.test says: user unknown", UnknownRecipient},
		{"Postfix, user", "RCPT", "550 5.1.1 <b@example.test>: Recipient address rejected: User unknown in virtual mailbox table", UnknownRecipient},
		{"Exim, user", "RCPT", "550 Unrouteable address", UnknownRecipient},
		{"Dovecot, user", "RCPT", "550 5.1.1 <b@example.test> User doesn't exist: b@example.test", UnknownRecipient},
		{"qmail, user", "RCPT", "550 sorry, no mailbox here by that name. (#5.1.1)", UnknownRecipient},
		{"Exchange Online, user", "RCPT", "550 5.4.1 Recipient address rejected: Access denied.", UnknownRecipient},
		{"Exchange, user", "RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", UnknownRecipient},
		{"Gmail, user", "RCPT", "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1 double-checking the address. - gsmtp", UnknownRecipient},
		{"IANA code of the user", "RCPT", "550 5.1.1 no", UnknownRecipient},
		{"Gmail, disabled", "RCPT", "550 5.2.1 The email account that you tried to reach is disabled. - gsmtp", MailboxDisabled},
		{"full for now", "RCPT", "452 4.2.2 Mailbox full", MailboxFull},
		{"full for good", "RCPT", "552 5.2.2 <b@example.test> Quota exceeded", MailboxFull},
		{"recipient, no reason", "RCPT", "550 no", RecipientRefused},

		{"Postgrey", "RCPT", "450 4.2.0 <b@example.test>: Recipient address rejected: Greylisted, see http://postgrey.example.test/", Greylisted},
		{"milter-greylist", "RCPT", "451 4.7.1 Greylisting in action, please come back in 00:05:00", Greylisted},
		{"iRedAPD", "RCPT", "451 4.7.1 <b@example.test>: Recipient address rejected: Intentional policy rejection, please try again later", Greylisted},
		{"temporary, no reason", "RCPT", "451 no", Deferred},
		{"Postfix, disk", "MAIL", "452 4.3.1 Insufficient system storage", StorageFull},
		{"Exim, disk", "MAIL", "452 Space shortage, please try later", StorageFull},
		{"Sendmail, disk", "MAIL", "452 4.4.5 Insufficient disk space; try again later", StorageFull},
		{"Postfix, lookup", "RCPT", "451 4.3.0 <b@example.test>: Temporary lookup failure", EnvelopeFault},
		{"Postfix, configuration", "RCPT", "451 4.3.5 Server configuration error", EnvelopeFault},
		{"Exim, fault", "RCPT", "451 Temporary local problem - please try later", EnvelopeFault},
		{"RBL at RCPT", "RCPT", "554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using relays.example.test", Reputation},
	}
}

// wording is a reply, what it answers, and what it means.
type wording struct {
	name  string
	to    replies.Place
	reply string
	want  ID
}

func TestEnvelopeWordings(t *testing.T) {
	for _, tt := range append(envelopeWordings(), senderAndRecipientWordings()...) {
		t.Run(tt.name, func(t *testing.T) {
			if got := classify(t, tt.to, tt.reply); got != tt.want {
				t.Errorf("%s\ngot %q, want %q", tt.reply, got, tt.want)
			}
		})
	}
}

// TestProvidersOwnWords mean what they say at that provider only.
func TestProvidersOwnWords(t *testing.T) {
	for _, tt := range []struct {
		host, reply string
		want        ID
	}{
		{"gmail-smtp-in.l.google.com", "421-4.7.28 Our system has detected an unusual rate of unsolicited mail\n421 4.7.28 - gsmtp", Reputation},
		{"mta5.am0.yahoodns.net", "421 4.7.0 [TSS04] Messages from 198.51.100.7 temporarily deferred", Reputation},
		{"example-com.mail.protection.outlook.com", "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. (S3150)", Reputation},
		{"example-com.mail.protection.outlook.com", "550 5.7.511 Access denied, banned sender[198.51.100.7]", Reputation},
		{"mx.example.test", "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. (S3150)", SenderRefused},
	} {
		if got := classifyAt(t, tt.host, replies.MAIL, tt.reply); got != tt.want {
			t.Errorf("%s: %s\ngot %q, want %q", tt.host, tt.reply, got, tt.want)
		}
	}
}
