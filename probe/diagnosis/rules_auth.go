package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/provider"
	"smtptest/probe/sasl"
)

// authEntries judge a login (RFC 4954): why it was not tried, what went wrong
// in the exchange, what the server answered, and what it offers.
func authEntries() []entry {
	var all []entry
	for _, some := range [][]entry{untriedEntries(), exchangeEntries(), ruleEntries(), obstacleEntries(), credentialEntries(), offerEntries()} {
		all = append(all, some...)
	}
	return all
}

// auth is what the main session's login showed; an empty value if none.
func (v *view) auth() probe.Auth {
	if v.main == nil || v.main.Auth == nil {
		return probe.Auth{}
	}
	return *v.main.Auth
}

// authBelief is what a reply to AUTH means once the exchange before it is
// known: a token is no password.
func (v *view) authBelief(said ID) ID {
	seen := v.auth().Evidence
	if seen.TokenError != nil || said == CredentialsRefused && takesToken(v.auth().Mechanism) {
		return TokenRefused
	}
	return said
}

func takesToken(mechanism string) bool { return mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER" }

// ruleEntries are refusals by a rule that someone made.
func ruleEntries() []entry {
	return []entry{
		authReply(entry{
			id: AppPassword, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 4954 §6",
			title:  "The account needs an app password",
			advice: "Make an app password in the account's security settings and log in with that, or use OAuth.",
		}, "Accounts with two-step verification do not take their own password here."),
		authReply(entry{
			id: WebLogin, severity: Error, owner: OwnerProvider, confidence: Certain, reference: "RFC 4954 §6",
			title:  "The provider wants a login with a browser first",
			advice: "Sign in once with a browser and confirm that it was you; for machines use OAuth or a relay.",
		}, "It takes this login for a risk, which is common for logins from data centres; the password may be right."),
		authReply(entry{
			id: DisabledByAdmin, severity: Error, owner: OwnerProvider, confidence: Certain, reference: "RFC 4954 §6",
			title:  "Logins for sending are switched off for this account",
			advice: "Have an administrator allow authenticated SMTP for the mailbox or the organisation.",
		}, "That is a setting; the password may be right."),
		authReply(entry{
			id: SecurityDefaults, severity: Error, owner: OwnerProvider, confidence: Certain, reference: "RFC 4954 §6",
			title:  "The organisation's security defaults block logins by password",
			advice: "Use OAuth, or have an administrator replace the security defaults by a rule with an exception.",
		}, "That is a setting; the password may be right."),
		authReply(entry{
			id: ConditionalAccess, severity: Error, owner: OwnerProvider, confidence: Certain, reference: "RFC 4954 §6",
			title:  "An access rule of the organisation refused the login",
			advice: "Have an administrator look this login up in the sign-in logs, which name the rule.",
		}, "Such rules look at the place, the device and the second factor; the password may be right."),
		authReply(entry{
			id: BasicAuthOff, severity: Error, owner: OwnerProvider, confidence: Certain, reference: "RFC 4954 §6",
			title:  "The account takes no passwords any more",
			advice: "Log in with OAuth (XOAUTH2).",
		}, "The provider has switched logins by password off; no password works."),
		authReply(entry{
			id: AuthClientRefused, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 4954 §6", inconclusive: true,
			title:  "The account may not be used from this address",
			advice: "Add the address that this test comes from to the account's list of allowed addresses, or test from one that is on it.",
		}, "It looked at the address that this test comes from; whether the password is right was not told."),
		authReply(entry{
			id: AccountDisabled, severity: Error, owner: OwnerProvider, confidence: Certain, reference: "RFC 5248 §2.4",
			title:  "The account is disabled or locked",
			advice: "Have the account enabled again; look for what locked it, such as a program with an old password.",
		}, ""),
	}
}

// obstacleEntries are refusals that are not about the password.
func obstacleEntries() []entry {
	return []entry{
		authReply(entry{
			id: AuthThrottled, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 4954 §6", inconclusive: true,
			title:  "There were too many logins in a short time",
			advice: "Wait some minutes, then try once; look for a program that keeps trying an old password.",
		}, "Whether the password is right was not told."),
		{
			id: BackendDown, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 4954 §6",
			title:  "The server cannot check passwords at the moment",
			advice: "Look at what the server asks about passwords: Dovecot, LDAP or the database behind it.",
			seen:   backendDown,
		},
		{
			id: EncryptionRequired, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 4954 §6, RFC 3207 §4",
			title:  "The server wants TLS before a login",
			advice: "Make the proxy pass TLS through to the server, or tell the server that the proxy's connections are protected.",
			seen:   encryptionRequired,
		},
		authReply(entry{
			id: PasswordTransition, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 4954 §6",
			title:  "The server wants one login with PLAIN before it takes this mechanism",
			advice: "Log in once with PLAIN inside TLS, so that the server can store what the new mechanism needs.",
		}, "It has no key for this mechanism and can make one only from the password itself."),
		{
			id: ResponseTooLong, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 4954 §4",
			title:  "The login is longer than the server takes",
			advice: "Use a smaller token: fewer scopes or groups in it; or raise the server's limit for a line.",
			seen:   tooLong,
		},
		authReply(entry{
			id: MechanismRefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 4954 §4, §6",
			title:  "The server refuses a mechanism that it offers",
			advice: "Try another of the mechanisms that it offers.",
		}, "The mechanism stands in its list."),
	}
}

// credentialEntries are refusals of what was sent.
func credentialEntries() []entry {
	return []entry{
		{
			id: TokenRefused, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 7628 §3.2.2",
			title:  "The server refuses the access token",
			advice: "Get a fresh token for this very account and scope; access tokens live for about an hour.",
			seen:   tokenRefused,
		},
		{
			id: CredentialsRefused, severity: Error, owner: OwnerYou, confidence: Likely, reference: "RFC 4954 §6",
			title:  "The server refuses user name and password",
			advice: "Check the user name first, then the password; do not try often, for many servers lock accounts.",
			seen:   credentialsRefused,
		},
		authReply(entry{
			id: AuthRefused, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 4954 §6",
			title:  "The server refuses the login",
			advice: "Look for this login in the server's log; its words do not say why.",
		}, "That is not the answer to a wrong password."),
	}
}

// authReply completes an entry that is recognised by what the reply to AUTH
// means.
func authReply(e entry, meaning string) entry {
	e.seen = func(v *view) *match {
		if v.belief != e.id || v.failure.Phase != probe.PhaseAuth {
			return nil
		}
		return v.refusedLogin(meaning)
	}
	return e
}

// refusedLogin says what was tried and what the server said to it.
func (v *view) refusedLogin(meaning string) *match {
	m := v.because("To the login with %s the server said %s.", v.auth().Mechanism, v.said())
	if meaning != "" {
		m.explanation += " " + meaning
	}
	return m
}

func backendDown(v *view) *match {
	if v.belief != BackendDown || v.failure.Phase != probe.PhaseAuth {
		return nil
	}
	m := v.refusedLogin("That is the answer of a server that cannot ask, not of one that has compared: an outage.")
	if text := strings.ToLower(v.failure.Reply.Text()); !containsAny(text, []string{"server", "backend", "ldap", "lookup"}) {
		m.confidence = Likely
		m.explanation += " A few servers, maddy and Twisted among them, give it to a wrong password too."
	}
	return m
}

// encryptionRequired is the answer of a server that does not see TLS. Without
// TLS a login goes out only where the operator allows it.
func encryptionRequired(v *view) *match {
	if v.belief != EncryptionRequired || v.failure.Phase != probe.PhaseAuth {
		return nil
	}
	if v.tls().Complete {
		return v.refusedLogin("This session is inside TLS: a proxy ends TLS, and the server behind it does not know.")
	}
	m := v.refusedLogin("")
	m.owner, m.confidence, m.advice = OwnerYou, Certain, "Use --tls starttls, or implicit TLS on port 465."
	return m
}

func tooLong(v *view) *match {
	switch {
	case v.belief == ResponseTooLong && v.failure.Phase == probe.PhaseAuth:
		m := v.refusedLogin("RFC 4954 asks servers to take lines of 12288 octets.")
		if !v.auth().Evidence.HeldBack {
			m.confidence = Likely
		}
		return m
	case v.auth().Evidence.Problem == sasl.ProblemResponse:
		m := v.because("The answer to the server's challenge would be longer than the 12288 octets that RFC 4954 allows, so the login was canceled.")
		m.owner, m.advice = OwnerYou, "Use a smaller token: fewer scopes or groups in it."
		return m
	}
	return nil
}

// credentialsRefused lists what to check in the order in which it is most
// often wrong. Nothing of the credential itself is in the report.
func credentialsRefused(v *view) *match {
	if v.belief != CredentialsRefused {
		return nil
	}
	m := v.refusedLogin("Usual causes: the user name is not the whole mail address; an app password or API key is wanted; a blank was copied along; the account is locked; a rule forbids the login.")
	if name := v.auth().Mechanism; strings.HasSuffix(name, "-MD5") {
		m.explanation += fmt.Sprintf(" %s can be listed and never work, where the server keeps passwords hashed: PLAIN may do.", name)
	}
	if word := v.auth().Evidence.ServerError; word != "" {
		m.explanation += fmt.Sprintf(" Inside the exchange it gave the reason “%s”.", word)
	}
	for _, note := range v.auth().Notes {
		m.explanation += " " + note
	}
	return m
}

// tokenRefused shows what the server said about the token before its 535.
func tokenRefused(v *view) *match {
	if v.belief != TokenRefused {
		return nil
	}
	m := v.refusedLogin("")
	if e := v.auth().Evidence.TokenError; e != nil {
		m.explanation += tokenWords(*e)
	} else {
		m.explanation += " It did not say what is wrong with the token: it may have expired, or be for another user, scope or audience."
	}
	if p, ok := provider.Of(v.host()); ok {
		if note, ok := p.Note("oauth"); ok {
			m.explanation += " " + note.Says
		}
	}
	for _, note := range v.auth().Notes {
		m.explanation += " " + note
	}
	return m
}

func tokenWords(e sasl.TokenError) string {
	var parts []string
	for _, field := range []struct{ name, value string }{
		{"status", e.Status}, {"schemes", e.Schemes}, {"scope", e.Scope}, {"openid-configuration", e.Configuration},
	} {
		if field.value != "" {
			parts = append(parts, fmt.Sprintf("%s “%s”", field.name, field.value))
		}
	}
	if len(parts) == 0 {
		return " Its explanation before that cannot be read as the JSON that it should be."
	}
	return " Before that it explained: " + strings.Join(parts, ", ") + "."
}
