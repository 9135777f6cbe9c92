package diagnosis

import (
	"testing"
)

// TestMisread holds the rules to replies that they once took for something
// else: words inside mail addresses, words of a third server that are quoted,
// words that mean less than they seem to.
func TestMisread(t *testing.T) {
	for _, tt := range []wording{
		{"Postfix, address with a keyword", "RCPT", "550 5.1.1 <bob@pipeline.com>: Recipient address rejected: User unknown", UnknownRecipient},
		{"Postfix, reports address", "RCPT", "550 5.1.1 <dmarc@example.test>: Recipient address rejected: User unknown in virtual mailbox table", UnknownRecipient},
		{"Postfix, relay for a reports address", "RCPT", "554 5.7.1 <dmarc-reports@example.test>: Relay access denied", RelayDenied},
		{"Postfix, company of lists", "RCPT", "550 5.1.1 <bob@barracuda.com>: Recipient address rejected: User unknown", UnknownRecipient},
		{"Exim, callout", "RCPT", "550-Verification failed for <a@example.test>\n550-Called:   198.51.100.9\n550-Sent:     RCPT TO:<a@example.test>\n550-Response: 554 5.7.1 <a@example.test>: Relay access denied\n550 Sender verify failed", SenderDomain},
		{"cPanel", "RCPT", "550-Verification failed for <a@example.test>\n550-The mail server could not deliver mail to a@example.test.  The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.\n550 Sender verify failed", SenderDomain},
		{"Postfix, policy server down", "RCPT", "451 4.3.5 <unknown[192.0.2.7]>: Client host rejected: Server configuration error", EnvelopeFault},
		{"Exchange Online, throttled", "RCPT", "451 4.7.550 Access denied, please try again later", Throttled},
		{"Exchange Online, address", "RCPT", "550 5.7.708 Access denied, traffic not accepted from this IP", Reputation},
		{"Proofpoint", "greeting", "554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.7", GreetingReputation},
		{"1&1, out of step", "AUTH", "503 Command sequence error", AuthRefused},
		{"Exchange, out of step", "AUTH", "503 5.5.2 Send hello first", AuthRefused},
		{"Cyrus SASL", "AUTH", "535 5.7.8 Error: authentication failed: encryption needed to use mechanism", EncryptionRequired},
		{"policyd", "RCPT", "554 5.7.1 <bob@example.test>: Recipient address rejected: Policy rejection; Message count quota exceeded", Throttled},
		{"GMX", "RCPT", "450-Requested mail action not taken: mailbox unavailable\n450 Mail send limit exceeded.", Throttled},
		{"Orange", "greeting", "421 mwinf5c10 ME Service refuse. Veuillez essayer plus tard. Service refused, please try later. OFR006_103 192.0.2.1 [103]", Overloaded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := classify(t, tt.to, tt.reply); got != tt.want {
				t.Errorf("%s means %q, want %q", tt.reply, got, tt.want)
			}
		})
	}
}
