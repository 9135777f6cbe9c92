package diagnosis

import (
	"testing"

	"smtptest/probe/replies"
)

// wordings are replies of real servers, with the host that said them where
// its meaning is its own.
var wordings = []struct {
	name, host string
	to         replies.Place
	reply      string
	want       ID
}{
	{"Gmail, rate", "gmail-smtp-in.l.google.com", "greeting", "421-4.7.0 [198.51.100.7] Our system has detected an unusual rate of\n421 4.7.0 unsolicited mail. - gsmtp", GreetingReputation},
	{"the same words elsewhere", "mx.example.test", "greeting", "421-4.7.0 [198.51.100.7] Our system has detected an unusual rate of\n421 4.7.0 unsolicited mail.", GreetingClientRefused},
	{"Gmail relay", "smtp-relay.gmail.com", "greeting", "421 4.7.0 Try again later, closing connection. (EHLO)", GreetingThrottled},
	{"Microsoft, S3150", "example-com.mail.protection.outlook.com", "greeting", "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. (S3150)", GreetingReputation},
	{"the number alone elsewhere", "mx.example.test", "greeting", "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. (S3150)", GreetingClientRefused},
	{"Microsoft, banned", "example-com.mail.protection.outlook.com", "greeting", "550 5.7.606 Access denied, banned sending IP [198.51.100.7]", GreetingReputation},
	{"Yahoo, TSS04", "mta5.am0.yahoodns.net", "greeting", "421 4.7.0 [TSS04] Messages from 198.51.100.7 temporarily deferred due to unexpected volume or user complaints", GreetingReputation},
	{"Yahoo, BL21", "mta5.am0.yahoodns.net", "greeting", "553 5.7.1 [BL21] Connections will not be accepted from 198.51.100.7", GreetingReputation},
	{"Postfix, RBL", "", "greeting", "554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using bl.example.test", GreetingReputation},
	{"IronPort, reputation", "", "greeting", "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.", GreetingReputation},
	{"gmx, list", "", "greeting", "554-gmx.example.test Nemesis ESMTP Service not available\n554-No SMTP service\n554 IP address is black listed.", GreetingReputation},
	{"gmx, PTR", "", "greeting", "554-No SMTP service\n554 Bad DNS PTR resource record.", GreetingNoClientName},
	{"Postfix, connections", "", "greeting", "421 4.7.0 mx Error: too many connections from 198.51.100.7", GreetingThrottled},
	{"Postfix, rate", "", "greeting", "421 4.7.0 mx Error: too many new TLS sessions; connection rate limit exceeded", GreetingThrottled},
	{"Exim, concurrency", "", "greeting", "421 Too many concurrent SMTP connections; please try again later", GreetingThrottled},
	{"IronPort, connections", "", "greeting", "421 #4.4.5 Too many connections from your host.", GreetingThrottled},
	{"IANA congestion without words", "", "greeting", "421 4.4.5 no", GreetingThrottled},
	{"Postfix, processes", "", "greeting", "421 4.3.2 All server ports are busy", Overloaded},
	{"Exim, load", "", "greeting", "421 Too much load; please try again later", Overloaded},
	{"Exchange, service", "", "greeting", "421 4.3.2 Service not available", Overloaded},
	{"postscreen, first contact", "", "greeting", "450 4.3.2 Service currently unavailable", GreetingComeBack},
	{"the same words with a final code", "", "greeting", "521 5.3.2 Service currently unavailable", GreetingClientRefused},
	{"RFC 7504", "", "greeting", "521 mx.example.test does not accept mail", GreetingNoService},
	{"521 alone", "", "greeting", "521 mx.example.test", GreetingNoService},
	{"Postfix, client", "", "greeting", "554 5.7.1 <unknown[198.51.100.7]>: Client host rejected: Access denied", GreetingClientRefused},
	{"Exim, ACL", "", "greeting", "550 Administrative prohibition", GreetingClientRefused},
	{"no reason", "", "greeting", "554 mx.example.test ESMTP not accepting connections", GreetingRefused},
	{"Postfix, PROXY", "", "greeting", "421 4.3.0 mx.example.test Server local error", SessionFault},
	{"Exim, fault", "", "greeting", "421 Unexpected failure, please try later", SessionFault},
	{"Exim, lookup", "", "EHLO", "451 Temporary local problem - please try later", SessionFault},
	{"Postfix, configuration", "", "EHLO", "451 4.3.5 Server configuration error", SessionFault},
	{"Postfix, not qualified", "", "EHLO", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", EHLONameRefused},
	{"Postfix, unresolved", "", "EHLO", "450 4.7.1 <a.example.test>: Helo command rejected: Host not found", EHLONameRefused},
	{"Exim, argument", "", "EHLO", "501 Syntactically invalid EHLO argument(s)", EHLONameRefused},
	{"Sendmail, name", "", "EHLO", "501 5.0.0 Invalid domain name", EHLONameRefused},
	{"Haraka, name", "", "EHLO", "550 HELO denied", EHLONameRefused},
	{"Postfix, PTR", "", "EHLO", "450 4.7.1 Client host rejected: cannot find your reverse hostname, [198.51.100.7]", EHLOClientRefused},
	{"OpenSMTPD, PTR", "", "EHLO", "421 4.7.1 FCrDNS check failed", EHLOClientRefused},
	{"IANA code of PTR", "", "EHLO", "550 5.7.25 no", EHLOClientRefused},
	{"Sendmail, unknown", "", "EHLO", "500 5.5.1 Command unrecognized: \"EHLO\"", EHLORefused},
	{"Postfix, unknown", "", "EHLO", "502 5.5.2 Error: command not recognized", EHLORefused},
	{"list at EHLO", "", "EHLO", "554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org", Reputation},
	{"421 at EHLO", "", "EHLO", "421 mx.example.test closing", Overloaded},
	{"Microsoft, defaults", "smtp.office365.com", "AUTH", "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.", SecurityDefaults},
	{"Microsoft, criteria", "smtp.office365.com", "AUTH", "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator.", ConditionalAccess},
	{"Microsoft, end of passwords", "smtp.office365.com", "AUTH", "550 5.7.30 Basic authentication is not supported for Client Submission.", BasicAuthOff},
	{"Outlook.com, by its signature", "", "AUTH", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [PN0PR01CA0024.INDPRD01.PROD.OUTLOOK.COM 2025-01-26T18:54:30.055Z 08DD3DD7D75D7743]", BasicAuthOff},
	{"the same words of nobody known", "", "AUTH", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", CredentialsRefused},
	{"421 at RCPT", "", "RCPT", "421 4.3.2 Service shutting down", Overloaded},
}

func TestWordings(t *testing.T) {
	for _, tt := range wordings {
		t.Run(tt.name, func(t *testing.T) {
			if got := classifyAt(t, tt.host, tt.to, tt.reply); got != tt.want {
				t.Errorf("%s\ngot %q, want %q", tt.reply, got, tt.want)
			}
		})
	}
}

// TestEveryReplyMeansSomething: no reply that ends a session may be left
// without a finding.
func TestEveryReplyMeansSomething(t *testing.T) {
	for _, to := range replies.Places()[:6] {
		for _, code := range []string{"354", "399", "400", "421", "499", "500", "554", "599"} {
			if classify(t, to, code+" no") == "" {
				t.Errorf("%s to %s means nothing", code, to)
			}
		}
	}
	for _, code := range []string{"200", "250", "299"} {
		if classify(t, replies.Greeting, code+" yes") == "" {
			t.Errorf("%s in the greeting's place means nothing", code)
		}
	}
}
