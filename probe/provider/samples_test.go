package provider

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"smtptest/probe/replies"
	"smtptest/probe/smtp"
)

// sample is a reply as a provider was seen to give it, and the id that it
// has to lead to.
type sample struct {
	provider string
	at       replies.Place
	reply    string // lines as on the wire, joined by newlines
	id       replies.ID
}

// reply reads a sample's lines: no more than the tests need.
func reply(t *testing.T, text string) *smtp.Reply {
	t.Helper()
	r := &smtp.Reply{}
	for _, raw := range strings.Split(text, "\n") {
		if len(raw) < 4 {
			t.Fatalf("sample line %q", raw)
		}
		code, err := strconv.Atoi(raw[:3])
		if err != nil {
			t.Fatalf("sample line %q: %v", raw, err)
		}
		l := smtp.Line{Code: code, More: raw[3] == '-', Text: raw[4:]}
		if e, _, ok := smtp.ParseEnhanced(l.Text); ok && r.Enhanced.IsZero() {
			r.Enhanced = e
		}
		r.Code, r.Lines = code, append(r.Lines, l)
	}
	return r
}

func gmailSamples() []sample {
	return []sample{
		{"gmail", replies.MAIL, "530-5.7.0 Must issue a STARTTLS command first. For more information, go to\n530 " +
			"5.7.0  " +
			"https://support.google.com/a/answer/3221692 d2e1a - gsmtp", "envelope.tls-required"},
		{"gmail", replies.MAIL, "530-5.7.0 Authentication Required. For more information, go to\n530 5.7.0  " +
			"https://support.google.com/accounts/troubleshooter/2402620. - gsmtp", "envelope.login-required"},
		{"gmail", replies.MAIL, "530 5.5.1 Authentication Required. Learn more at", "envelope.login-required"},
		{"gmail", replies.AUTH, "534-5.7.9 Application-specific password required. For more information, go to\n534 " +
			"5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor d2e1a - gsmtp", "auth.app-password"},
		{"gmail", replies.AUTH, "534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1> Please\n534-5.7.14 " +
			"log in via your web browser and then try again.\n534 5.7.14  " +
			"https://support.google.com/mail/?p=WebLoginRequired - gsmtp", "auth.web-login"},
		{"gmail", replies.AUTH, "535-5.7.8 Username and Password not accepted. For more information, go to\n535 " +
			"5.7.8  " +
			"https://support.google.com/mail/?p=BadCredentials d2e1a - gsmtp", "auth.credentials-refused"},
		{"gmail", replies.AUTH, "334 eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=", "auth.token-refused"},
		{"gmail", replies.AUTH, "454 4.7.0 Too many login attempts, please try again later. - gsmtp", "auth.throttled"},
		{"gmail", replies.DATA, "421-4.7.0 Our system has detected an unusual rate of unsolicited\n421-4.7.0 mail " +
			"originating from your IP address.\n421 4.7.0 - gsmtp", "session.reputation"},
		{"gmail", replies.DATA, "421 4.7.28 Gmail has detected an unusual rate - gsmtp", "session.reputation"},
		{"gmail", replies.DATA, "550 5.7.28 rate - gsmtp", "session.reputation"},
		{"gmail", replies.DATA, "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n550 " +
			"5.4.5 " +
			"sending limits go to - gsmtp", "account.quota"},
		{"gmail", replies.MAIL, "552-5.3.4 Your message exceeded Google's message size limits.\n552 5.3.4 - gsmtp",
			"data.too-big"},
		{"gmail", replies.RCPT, "421-4.7.0 IP not in whitelist for RCPT domain, closing connection. - gsmtp",
			"account.relay-not-registered"},
		{"gmail", replies.MAIL, "550-5.7.1 Invalid credentials for relay [192.0.2.1]. The IP address you've\n550 " +
			"5.7.1 " +
			"registered - gsmtp", "account.relay-not-registered"},
		{"gmail", replies.RCPT, "421 4.7.0 TLS required for RCPT domain, closing connection. - gsmtp",
			"envelope.tls-required"},
		{"gmail", replies.EHLO, "421 4.7.0 Try again later, closing connection. (EHLO) d2e1a - gsmtp",
			"ehlo.name-refused"},
		{"gmail", replies.DATA, "550-5.7.1 [192.0.2.1] The IP you're using to send mail is not authorized " +
			"to\n550-5.7.1 send email directly to our servers.\n550 5.7.1  " +
			"https://support.google.com/mail/?p=NotAuthorizedError - gsmtp", "session.reputation"},
		{"gmail", replies.DATA, "550 5.7.25 The IP address sending this message does not have a PTR record - gsmtp",
			"sender.no-reverse-name"},
		{"gmail", replies.DATA, "421 4.7.23 The sending IP does not match - gsmtp", "sender.no-reverse-name"},
		{"gmail", replies.DATA, "550 5.7.26 This mail has been blocked because the sender is unauthenticated. - " +
			"gsmtp", "sender.unauthenticated"},
		{"gmail", replies.DATA, "550 5.7.27 SPF - gsmtp", "envelope.sender-spf"},
		{"gmail", replies.DATA, "550 5.7.29 TLS - gsmtp", "tls.not-used"},
		{"gmail", replies.DATA, "550 5.7.30 DKIM - gsmtp", "sender.dkim"},
		{"gmail", replies.DATA, "421 4.7.31 DMARC - gsmtp", "envelope.sender-dmarc"},
		{"gmail", replies.DATA, "550 5.7.40 DMARC - gsmtp", "envelope.sender-dmarc"},
		{"gmail", replies.DATA, "421 4.7.32 From - gsmtp", "sender.alignment"},
		{"gmail", replies.RCPT, "550 5.4.5 Daily sending quota exceeded - gsmtp", "account.quota"},
		{"gmail", replies.RCPT, "450-4.2.1 The user you are trying to contact is receiving mail too quickly.\n450 " +
			"4.2.1 - gsmtp", "delivery.recipient-busy"},
		{"gmail", replies.DATA, "552-5.7.0 This message was blocked because its content presents a " +
			"potential\n552-5.7.0 security issue.\n552 5.7.0 - gsmtp", "data.content-refused"},
		{"gmail", replies.MAIL, "552 5.3.4 message exceeds the size limit - gsmtp", "data.too-big"},
		{"gmail", replies.STARTTLS, "454 4.5.0 SMTP protocol violation, no commands allowed to pipeline after " +
			"STARTTLS " +
			"- gsmtp", "starttls.pipelined"},
	}
}

func microsoftSamples() []sample {
	return []sample{
		{"microsoft", replies.AUTH, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled " +
			"for " +
			"the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. " +
			"[AM0PR02CA0123.eurprd02.prod.outlook.com]", "auth.disabled-by-admin"},
		{"microsoft", replies.AUTH, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled " +
			"for " +
			"the Mailbox. [AM0PR02CA0123.eurprd02.prod.outlook.com]", "auth.disabled-by-admin"},
		{"microsoft", replies.AUTH, "535 5.7.139 Authentication unsuccessful, user is locked by your organization's " +
			"security defaults policy. Contact your administrator.", "auth.security-defaults"},
		{"microsoft", replies.AUTH, "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria " +
			"to " +
			"be authenticated successfully. Contact your administrator.", "auth.conditional-access"},
		{"microsoft", replies.AUTH, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. " +
			"[AM0PR02CA0123.eurprd02.prod.outlook.com]", "auth.basic-auth-off"},
		{"microsoft", replies.AUTH, "535 5.7.139 Authentication unsuccessful, for a reason yet unheard of",
			"account.policy"},
		{"microsoft", replies.AUTH, "550 5.7.30 Basic authentication is not supported for Client Submission.",
			"auth.basic-auth-off"},
		{"microsoft", replies.AUTH, "535 5.7.3 Authentication unsuccessful [AM0PR02CA0123.eurprd02.prod.outlook.com]",
			"auth.credentials-refused"},
		{"microsoft", replies.AUTH, "504 5.7.4 Unrecognized authentication type " +
			"[AM0PR02CA0123.eurprd02.prod.outlook.com]", "auth.mechanism-refused"},
		{"microsoft", replies.MAIL, "530 5.7.57 Client not authenticated to send mail. SMTP; Client was not " +
			"authenticated to send anonymous mail during MAIL FROM", "envelope.login-required"},
		{"microsoft", replies.DATA, "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
			"envelope.sender-not-yours"},
		{"microsoft", replies.DATA, "554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com",
			"envelope.sender-not-yours"},
		{"microsoft", replies.DATA, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
			"session.throttled"},
		{"microsoft", replies.MAIL, "432 4.3.2 concurrent connection limit exceeded", "session.throttled"},
		{"microsoft", replies.MAIL, "432 4.3.2 Concurrent connections limit exceeded. Visit " +
			"https://aka.ms/concurrent_sending", "session.throttled"},
		{"microsoft", replies.EHLO, "421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client " +
			"to support TLS 1.2. Visit https://aka.ms/smtp_auth_tls.", "tls.version-too-old"},
		{"microsoft", replies.MAIL, "451 5.7.3 STARTTLS is required to send mail " +
			"[AM0PR02CA0123.eurprd02.prod.outlook.com]", "envelope.tls-required"},
		{"microsoft", replies.RCPT, "550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this " +
			"organization from unauthorized sources", "account.direct-send-refused"},
		{"microsoft", replies.RCPT, "550 5.7.51 TenantInboundAttribution; There is a partner connector configured",
			"account.direct-send-refused"},
		{"microsoft", replies.RCPT, "550 5.4.1 Recipient address rejected: Access denied. " +
			"[DB5EUR01FT001.eop-EUR01.prod.protection.outlook.com]", "envelope.unknown-recipient"},
		{"microsoft", replies.MAIL, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "session.reputation"},
		{"microsoft", replies.MAIL, "550 5.7.649 Access denied", "session.reputation"},
		{"microsoft", replies.MAIL, "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. (S3150)",
			"session.reputation"},
		{"microsoft", replies.MAIL, "550 5.7.511 Access denied, banned sender", "session.reputation"},
		{"microsoft", replies.MAIL, "451 4.7.500 Server busy. Please try again later from [192.0.2.1].",
			"session.reputation"},
		{"microsoft", replies.MAIL, "451 4.7.650 The mail server has been temporarily rate limited",
			"session.reputation"},
		{"microsoft", replies.DATA, "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this " +
			"IP", "account.blocked"},
		{"microsoft", replies.DATA, "550 5.7.705 Service unavailable. Access denied, tenant has exceeded threshold",
			"account.blocked"},
		{"microsoft", replies.DATA, "550 5.7.515 Access denied, sending domain example.com doesn't meet the required " +
			"authentication level.", "sender.unauthenticated"},
		{"microsoft", replies.RCPT, "450 4.4.316 Connection refused [Message=Socket error code 10061]",
			"delivery.their-side"},
		{"microsoft", replies.RCPT, "450 4.7.320 Certificate validation failed", "delivery.their-side"},
		{"microsoft", replies.RCPT, "450 4.7.325 certificate-host-mismatch", "delivery.their-side"},
	}
}

func serviceSamples() []sample {
	return []sample{
		{"ses", replies.MAIL, "530 Authentication required", "envelope.login-required"},
		{"ses", replies.AUTH, "535 Authentication Credentials Invalid", "auth.credentials-refused"},
		{"ses", replies.DATA, "554 Message rejected: Email address is not verified. The following identities failed " +
			"the check in region EU-WEST-1: a@example.com", "envelope.sender-not-yours"},
		{"ses", replies.DATA, "554 Access denied: User `arn:aws:iam::123456789012:user/mail' is not authorized to " +
			"perform `ses:SendRawEmail' on resource", "account.not-allowed"},
		{"ses", replies.DATA, "454 Throttling failure: Maximum sending rate exceeded.", "session.throttled"},
		{"ses", replies.DATA, "454 Throttling failure: Daily message quota exceeded.", "account.quota"},
		{"ses", replies.Greeting, "421 Too many concurrent SMTP connections; please try again later.",
			"session.throttled"},
		{"ses", replies.DATA, "451 4.4.2 Timeout waiting for data from client.", "envelope.command-lost"},
		{"ses", replies.DATA, "552 Message is too long.", "data.too-big"},
		{"ses", replies.DATA, "250 Ok 0100018f2b3c4d5e-000000", "data.accepted"},
		{"sendgrid", replies.AUTH, "535 Authentication failed: Bad username / password", "auth.credentials-refused"},
		{"sendgrid", replies.AUTH, "535 Authentication failed: The provided authorization grant is invalid, expired, " +
			"or revoked", "auth.credentials-refused"},
		{"sendgrid", replies.AUTH, "451 Authentication failed: Maximum credits exceeded", "account.quota"},
		{"sendgrid", replies.DATA, "550 The from address does not match a verified Sender Identity. Mail cannot be " +
			"sent until this error is resolved.", "envelope.sender-not-yours"},
		{"sendgrid", replies.DATA, "403 You are not authorized to send from that email address",
			"envelope.sender-not-yours"},
		{"sendgrid", replies.MAIL, "550 Unauthenticated senders not allowed", "envelope.login-required"},
		{"sendgrid", replies.RCPT, "452 Too many recipients received this hour", "session.throttled"},
		{"mailgun", replies.AUTH, "535 5.7.0 Authentication failed", "auth.credentials-refused"},
		{"mailgun", replies.DATA, "421 Domain sandbox1.mailgun.org is not allowed to send: Sandbox subdomains are " +
			"for " +
			"test purposes only. Please add your own domain or add the address to authorized recipients in domain " +
			"settings.", "account.not-allowed"},
		{"mailgun", replies.DATA, "550 Domain example.com is not allowed to send: disabled", "account.not-allowed"},
		{"mailgun", replies.RCPT, "550 5.7.1 Relaying denied", "envelope.relay-denied"},
		{"mailgun", replies.DATA, "250 Great success", "data.accepted"},
		{"postmark", replies.AUTH, "535 5.7.8 Error: authentication failed:", "auth.credentials-refused"},
		{"brevo", replies.AUTH, "525 5.7.1 Unauthorized IP address", "auth.client-refused"},
		{"brevo", replies.AUTH, "535 5.7.8 Authentication failed", "auth.credentials-refused"},
		{"brevo", replies.DATA, "502 5.7.0 Your SMTP account is not yet activated. Please contact us at " +
			"contact@example.com", "account.not-activated"},
		{"sparkpost", replies.AUTH, "535 5.7.8 Sorry. *** No authentication type succeeded",
			"auth.credentials-refused"},
		{"sparkpost", replies.DATA, "550 5.7.1 Unconfigured Sending Domain <example.com>", "envelope.sender-not-yours"},
		{"sparkpost", replies.DATA, "550 5.6.0 JSON parsing error in X-MSYS-API", "data.header-malformed"},
		{"zeptomail", replies.AUTH, "535 Authentication Failed", "auth.credentials-refused"},
		{"resend", replies.AUTH, "535 Authentication failed", "auth.credentials-refused"},
	}
}

func mailboxSamples() []sample {
	return []sample{
		{"yahoo", replies.AUTH, "535 5.7.0 (#AUTH005) Too many bad auth attempts.", "auth.app-password"},
		{"yahoo", replies.AUTH, "535 5.7.0 (#MBR1212) Incorrect username or password.", "auth.credentials-refused"},
		{"yahoo", replies.MAIL, "530 5.7.1 Authentication required", "envelope.login-required"},
		{"yahoo", replies.DATA, "553 From: address not verified; see http://help.yahoo.com",
			"envelope.sender-not-yours"},
		{"yahoo", replies.DATA, "554 5.7.9 Message not accepted for policy reasons. See " +
			"https://postmaster.yahooinc.com/error-codes", "data.content-refused"},
		{"yahoo", replies.DATA, "554 5.7.0 Message not accepted for policy reasons.", "data.content-refused"},
		{"yahoo", replies.MAIL, "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected " +
			"volume or user complaints - 4.16.55.1", "session.reputation"},
		{"yahoo", replies.Greeting, "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the " +
			"ip " +
			"is in Spamhaus's list", "session.reputation"},
		{"icloud", replies.AUTH, "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", "auth.credentials-refused"},
		{"icloud", replies.MAIL, "550 5.7.0 From address is not one of your addresses", "envelope.sender-not-yours"},
		{"icloud", replies.RCPT, "554 5.7.1 [HM08] Message rejected due to local policy.", "session.reputation"},
		{"icloud", replies.RCPT, "554 5.7.1 [CS01] Message rejected due to local policy.", "session.reputation"},
		{"zoho", replies.MAIL, "530 Must issue a STARTTLS command first", "envelope.tls-required"},
		{"zoho", replies.AUTH, "535 Authentication Failed", "auth.credentials-refused"},
		{"zoho", replies.DATA, "553 Relaying disallowed as a@example.com", "envelope.sender-not-yours"},
		{"zoho", replies.DATA, "554 5.1.8 Email Outgoing Blocked: unusual sending activity detected", "account.quota"},
		{"zoho", replies.DATA, "554 5.7.1 You have reached limit", "account.quota"},
		{"fastmail", replies.AUTH, "535 5.7.8 Incorrect username or password", "auth.credentials-refused"},
		{"fastmail", replies.DATA, "551 5.7.1 Not authorised to send from this header address",
			"envelope.sender-not-yours"},
		{"fastmail", replies.RCPT, "554 5.7.1 <a@example.com>: Client host rejected: Address locked or deactivated; " +
			"see https://example.com/locked.html", "account.blocked"},
		{"fastmail", replies.Greeting, "421 Client host [192.0.2.1] blocked using internal list; Too many timeouts",
			"session.throttled"},
	}
}

func samples() []sample {
	all := append(gmailSamples(), microsoftSamples()...)
	all = append(all, serviceSamples()...)
	return append(all, mailboxSamples()...)
}

func byID(t testing.TB, id string) Provider {
	t.Helper()
	for _, p := range All() {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("no provider %q", id)
	return Provider{}
}

func TestMeans(t *testing.T) {
	for _, s := range samples() {
		got, ok := byID(t, s.provider).Means(s.at, reply(t, s.reply))
		if !ok || got.ID != s.id {
			t.Errorf("%s at %s: %q means %q (%t), want %s", s.provider, s.at, s.reply, got.ID, ok, s.id)
		}
	}
}

// A form that no sample fits is a slip, and a row that none means is hidden
// behind another.
func TestEveryTextHasItsSample(t *testing.T) {
	fitted, meant := map[string]bool{}, map[string]bool{}
	for _, s := range samples() {
		p, r := byID(t, s.provider), reply(t, s.reply)
		got, _ := p.Means(s.at, r)
		meant[p.ID+got.Means] = true
		for _, text := range p.Texts {
			for _, w := range text.When {
				if w.fits(s.at, r, fold(r)) {
					fitted[p.ID+fmt.Sprint(w)] = true
				}
			}
		}
	}
	for _, p := range All() {
		for _, text := range p.Texts {
			if !meant[p.ID+text.Means] {
				t.Errorf("%s: no sample means %q", p.ID, text.Means)
			}
			for _, w := range text.When {
				if !fitted[p.ID+fmt.Sprint(w)] {
					t.Errorf("%s: no sample fits %v", p.ID, w)
				}
			}
		}
	}
}

// The order of belief: words, then the enhanced code, then the basic one,
// and the first of equals.
func TestOrderOfBelief(t *testing.T) {
	form := func(v string) []When {
		w, err := readWhen(v)
		if err != nil {
			t.Fatal(err)
		}
		return []When{w}
	}
	p := Provider{Texts: []Text{
		{Means: "code", When: form("- 550")},
		{Means: "code again", When: form("- 550")},
		{Means: "enhanced", When: form("- - 5.7.1-9")},
		{Means: "both", When: form("- 550 5.7.1")},
		{Means: "word", When: form("- - - no")},
		{Means: "more words", When: form("- - - no way")},
	}}
	for text, want := range map[string]string{
		"550 x": "code", "554 5.7.2 x": "enhanced", "550 5.7.2 x": "enhanced", "550 5.7.1 x": "both", "550 5.6.2 " +
			"x": "code",
		"550 5.7.1 No": "word", "450 No\tway": "more words", "450-4.7.1 No\n450 4.7.1 way": "more words", "450 x": "",
	} {
		if got, ok := p.Means(replies.MAIL, reply(t, text)); got.Means != want || ok != (want != "") {
			t.Errorf("%q means %q, %t; want %q", text, got.Means, ok, want)
		}
	}
}

// The same reply can mean one thing here and another there.
func TestMeansWhat(t *testing.T) {
	for _, c := range []struct{ name, provider, reply, holds string }{
		{"5.7.30 at Gmail is about DKIM", "gmail", "550 5.7.30 x", "DKIM"},
		{"the tenant's switch", "microsoft", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is " +
			"disabled for the Tenant.", "whole organisation"},
		{"the mailbox's switch", "microsoft", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is " +
			"disabled for the Mailbox.", "this mailbox"},
		{"Security Defaults", "microsoft", "535 5.7.139 user is locked by your organization's security defaults " +
			"policy.", "Security Defaults"},
		{"Conditional Access", "microsoft", "535 5.7.139 the request did not meet the criteria to be authenticated " +
			"successfully.", "Conditional Access"},
		{"no password fault", "sendgrid", "451 Authentication failed: Maximum credits exceeded",
			"password is not at fault"},
		{"told after DATA only", "brevo", "502 5.7.0 Your SMTP account is not yet activated.", "after DATA"},
	} {
		at := replies.AUTH
		if strings.HasPrefix(c.reply, "550") || strings.HasPrefix(c.reply, "502") {
			at = replies.DATA
		}
		if got, ok := byID(t, c.provider).Means(at, reply(t, c.reply)); !ok || !strings.Contains(got.Means, c.holds) {
			t.Errorf("%s: %q means %q", c.name, c.reply, got.Means)
		}
	}
}

func TestMeansNothing(t *testing.T) {
	for _, s := range []sample{
		{"gmail", replies.MAIL, "250 2.1.0 OK d2e1a - gsmtp", ""},
		{"gmail", replies.RCPT, "535-5.7.8 Username and Password not accepted.", ""},
		{"ses", replies.AUTH, "235 Authentication successful.", ""},
		{"brevo", replies.Greeting, "525 5.7.1 Unauthorized IP address", ""},
		{"microsoft", replies.MAIL, "550 5.7.650 Access denied", ""},
		{"mailtrap", replies.AUTH, "535 5.7.0 Invalid login or password", ""},
	} {
		if got, ok := byID(t, s.provider).Means(s.at, reply(t, s.reply)); ok {
			t.Errorf("%s at %s: %q means %q", s.provider, s.at, s.reply, got.ID)
		}
	}
}

func FuzzMeans(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.reply)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := &smtp.Reply{Code: 535}
		for _, l := range strings.Split(text, "\n") {
			r.Lines = append(r.Lines, smtp.Line{Code: 535, Text: l})
		}
		for _, p := range All() {
			if got, ok := p.Means(replies.AUTH, r); ok != (got.Means != "") {
				t.Errorf("%s: %q means %q, %t", p.ID, text, got.Means, ok)
			}
		}
	})
}
