package explain

import (
	"slices"
	"strings"
	"testing"
)

// titles are the items in short form, in order.
func titles(e Explanation) string {
	var out []string
	for _, i := range e.Items {
		out = append(out, string(i.Kind)+": "+i.Title)
	}
	return strings.Join(out, "; ")
}

func TestOf(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"535", "reply code: Reply code 535"},
		{"reply code 250?", "reply code: Reply code 250"},
		{"547", "reply code: Reply code 547"},
		{"5.7.8", "enhanced code: Enhanced code 5.7.8"},
		{"535 5.7.139", "provider: 5.7.139 at Microsoft 365; enhanced code: Enhanced code 5.7.139; reply code: Reply " +
			"code 535"},
		{"535-5.7.139", "provider: 5.7.139 at Microsoft 365; enhanced code: Enhanced code 5.7.139; reply code: Reply " +
			"code 535"},
		{"550 5.7.30", "provider: 5.7.30 at Gmail; provider: 5.7.30 at Microsoft 365; enhanced code: Enhanced code " +
			"5.7.30; reply code: Reply code 550"},
		{"550 5.7.30 gmail", "provider: At Gmail; enhanced code: Enhanced code 5.7.30; reply code: Reply code 550"},
		{"554 5.7.1 <a@b>: Relay access denied", "error text: The server does not pass on mail for strangers; " +
			"enhanced " +
			"code: Enhanced code 5.7.1; reply code: Reply code 554"},
		{"465", "port: Port 465"},
		{"25", "port: Port 25"},
		{"port 587", "port: Port 587"},
		{"465 vs 587", "port: Port 465; port: Port 587"},
		{"STARTTLS", "extension: STARTTLS; topic: STARTTLS"},
		{"what is starttls?", "extension: STARTTLS; topic: STARTTLS"},
		{"size", "extension: SIZE"},
		{"HELP", "extension: HELP"},
		{"CRAM-MD5", "login mechanism: CRAM-MD5"},
		{"scram-sha-512-plus", "login mechanism: SCRAM-SHA-512-PLUS"},
		{"login", "login mechanism: LOGIN; topic: Login over SMTP"},
		{"auth", "extension: AUTH; topic: Login over SMTP"},
		{"auth plain", "extension: AUTH; topic: Login over SMTP; login mechanism: PLAIN"},
		{"tls", "topic: TLS for mail"},
		{"implicit TLS", "topic: Implicit TLS"},
		{"connection refused", "topic: Connection refused"},
		{"greylisting", "topic: Greylisting"},
		{"null mx", "topic: Null MX"},
		{"ports", "topic: Ports for mail"},
		{"smtp", "topic: SMTP"},
		{"XXXXXXXA", "extension: Masked keyword"},
		{"alert 40", "TLS alert: TLS alert 40, handshake_failure"},
		{"protocol_version", "TLS alert: TLS alert 70, protocol_version"},
		{"gmail", "provider: Gmail"},
		{"250-mail.example.org\n250-SIZE 35882577\n250-AUTH LOGIN PLAIN HUNTER2\n250 STARTTLS",
			"reply code: Reply code 250; extension: SIZE; extension: AUTH; login mechanism: LOGIN; login mechanism: " +
				"PLAIN; extension: STARTTLS"},
		{"535 5.7.8 Username and Password not accepted. x12 - gsmtp",
			"provider: At Gmail; error text: The login was refused; enhanced code: Enhanced code 5.7.8; reply code: " +
				"Reply code 535"},
		{"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. " +
			"[X.eurprd01.prod.outlook.com]",
			"provider: At Microsoft 365; error text: A setting of the organisation blocks this login; enhanced code: " +
				"Enhanced code 5.7.139; reply code: Reply code 535"},
	} {
		if got := titles(Of(c.text)); got != c.want {
			t.Errorf("Of(%q)\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestProvidersMeaningIsMarked(t *testing.T) {
	item := Of("535 5.7.139").Items[0]
	if !slices.Contains(item.Rows, Row{"Whose meaning", notIANA}) || len(item.Try) == 0 ||
		item.Confidence != Possible || len(item.References) == 0 {
		t.Errorf("%+v", item)
	}
	if item := Of("535 5.7.139 office365").Items[0]; item.Confidence != Likely || item.Side == "" {
		t.Errorf("%+v", item)
	}
}

func TestCodesAdviseOnlyAlone(t *testing.T) {
	for text, want := range map[string]int{"535": 1, "5.7.8": 1, "535 5.7.8": 1, "535 5.7.139": 1,
		"554 5.7.1 <a@b>: Relay access denied": 1, "535 gmail": 1} {
		count := 0
		for _, i := range Of(text).Items {
			count += len(i.Try)
		}
		if count != want {
			t.Errorf("Of(%q) gives %d pieces of advice", text, count)
		}
	}
}

// The same reply as different programs show it.
func TestFormsOfAReply(t *testing.T) {
	for _, text := range []string{
		"550-5.7.26 Unauthenticated email\n550-5.7.26 from b.example is not accepted - gsmtp",
		"550-5.7.26 Unauthenticated\r\n550 5.7.26 email from b.example is not accepted - gsmtp",
		"(550, b'5.7.26 Unauthenticated email from b.example is not accepted. x - gsmtp', 'a@b.example')",
		"smtp; 550 5.7.26 Unauthenticated email from b.example is not accepted - gsmtp",
	} {
		got := titles(Of(text))
		if want := "provider: At Gmail; error text: SPF, DKIM or DMARC failed; enhanced code: Enhanced code 5.7.26; " +
			"reply code: Reply code 550"; got != want {
			t.Errorf("Of(%q)\n got %s\nwant %s", text, got, want)
		}
	}
}

// Nobody asks for 465 as a reply code: there is none.
func TestPortThatLooksLikeACode(t *testing.T) {
	for _, port := range []string{"465", "587"} {
		e := Of(port)
		if titles(e) != "port: Port "+port || strings.Contains(said(e), "reply code") {
			t.Errorf("%s", said(e))
		}
	}
}

func TestSuggestions(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"STARTLS", "STARTTLS"}, {"greylistng", "greylisting"}, {"cram-md4", "CRAM-MD5"}, {"tsl",
			"ssl"}, {"hunter2secret", ""},
	} {
		got := Of(c.text)
		if strings.Join(got.Suggestions, " ") != c.want {
			t.Errorf("Of(%q) suggests %q, want %q", c.text, got.Suggestions, c.want)
		}
		if (len(got.Items) == 0) != (len(got.Ask) > 0) {
			t.Errorf("Of(%q) understood %s and offers %q", c.text, titles(got), got.Ask)
		}
	}
	if got := Of("startls 587"); titles(got) != "port: Port 587" || len(got.Suggestions) != 1 {
		t.Errorf("%s, %q", titles(got), got.Suggestions)
	}
}

func TestSuggestibleWordsAreKnown(t *testing.T) {
	for _, w := range suggestible() {
		if e := Of(w); len(e.Items) == 0 {
			t.Errorf("%q is suggested and not understood", w)
		}
	}
}

// Sentences that are not about any of this.
func TestFalseAlarms(t *testing.T) {
	for _, s := range falseAlarms() {
		if e := Of(s); len(e.Items) > 0 {
			t.Errorf("%q is explained as %s", s, titles(e))
		}
	}
	if len(falseAlarms()) < 50 {
		t.Errorf("%d sentences", len(falseAlarms()))
	}
}

func falseAlarms() []string {
	return []string{
		"", " ", "?", "hello", "how are you today", "what is the weather like", "the meeting is in room 250 tomorrow",
		"I have 550 unread books", "please send help to the third floor", "my car does not start",
		"we shipped version " +
			"5.2.1 yesterday",
		"upgrade to 4.7.1 before Monday", "server rack 465 has a broken fan", "see issue 421 in the tracker", "http " +
			"error 502 bad gateway",
		"502 Bad Gateway", "500 Internal Server Error", "404 not found", "HTTP/1.1 503 Service Unavailable", "the " +
			"website says 550",
		"the bank refused my card", "his connection timed out emotionally", "the train was cancelled", "turn left at " +
			"the lights",
		"external contractors need a badge", "an anonymous donor gave 500 dollars", "size matters in this " +
			"case", "plain yoghurt is fine",
		"limits of growth", "she works at a spa in town", "the cat sat on the mat", "pods are crash looping in staging",
		"kubectl get pods -n default", "SELECT * FROM users WHERE id = 535", "git rebase --onto main feature", "npm " +
			"install failed with code 1",
		"panic: runtime error: index out of range [5] with length 3", "NullPointerException at Foo.java:587", "at " +
			"index.js:465:13",
		"10.0.0.5:8080 is unreachable from the pod", "disk usage at 252 GB of 554 GB", "lunch at 12:25", "the alert " +
			"fired at 4.2.2026",
		"CPU alert for node 40", "my password is hunter2", "call me on 555 250 4211", "SHA-256 of the file " +
			"differs", "HT-29 cells grew",
		"iPhone 5.1.1 screen", "the port of Hamburg is large", "relay race on Saturday", "a login form with rounded " +
			"corners", "chain of command",
		"certificate of attendance for Bob", "data is the new oil", "she quit her job", "expired milk in the " +
			"fridge", "he blocked me yesterday",
		"Lorem ipsum dolor sit amet", "\u202e\x00\x1b[31m", strings.Repeat("a", 5000),
	}
}

// Versions, times and line numbers inside a text about mail are no codes.
func TestNumbersInTextAboutMail(t *testing.T) {
	for _, s := range []string{
		"PHPMailer 5.2.4 works great", "we use MailKit 4.7.1 for email", "the email was sent 250 " +
			"times", "smtp.js:465:11", "SMTP.php line 349",
		"the smtp server was rebooted at 5.2.26",
	} {
		if e := Of(s); len(e.Items) > 0 {
			t.Errorf("%q is explained as %s", s, titles(e))
		}
	}
}

func TestNumbersInTheirPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"dial smtp.example.org:587 went wrong":    "port: Port 587",
		"cannot reach it on port 465 any more":    "port: Port 465",
		"the smtp server says: 452 something odd": "reply code: Reply code 452",
		"Diagnostic-Code: smtp; 550 5.1.1 gone now": "error text: The recipient does not exist there; " +
			"enhanced code: Enhanced code 5.1.1; reply code: Reply code 550",
		"Status: 5.1.1 in the report that came back": "error text: The recipient does not exist there; " +
			"enhanced code: Enhanced code 5.1.1",
		"421 #4.4.5 so many of them here from a host": "error text: Too many connections or messages; " +
			"enhanced code: Enhanced code 4.4.5; reply code: Reply code 421",
	} {
		if got := titles(Of(text)); got != want {
			t.Errorf("Of(%q)\n got %s\nwant %s", text, got, want)
		}
	}
}

// TestOldCharacterSets: "please log in with your authorisation code" in GBK.
func TestOldCharacterSets(t *testing.T) {
	text := "535 Error: \xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc\xa1\xa3"
	if got := Of(text).Meaning.ID; got != "auth.app-password" {
		t.Errorf("got %q", got)
	}
}
