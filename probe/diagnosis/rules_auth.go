package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/provider"
	"smtptest/probe/sasl"
)

// authRules judge a login (RFC 4954): why it was not tried, what went wrong
// in the exchange, what the server answered, and what it offers.
func authRules() []rule {
	return slices.Concat(
		untriedRules(), exchangeRules(), policyRules(), accountRules(), obstacleRules(), credentialRules(), offerRules(),
	)
}

// auth is what the main session's login showed; an empty value if none.
func (s *session) auth() probe.Auth {
	if s.main == nil || s.main.Auth == nil {
		return probe.Auth{}
	}
	return *s.main.Auth
}

// classifyLogin is what a reply to AUTH means once the exchange before it is
// known: a token is no password.
func (s *session) classifyLogin(meaning ID) ID {
	login := s.auth()
	if login.Evidence.TokenError != nil || meaning == CredentialsRefused && takesToken(login.Mechanism) {
		return TokenRefused
	}
	return meaning
}

func takesToken(mechanism string) bool { return mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER" }

// policyRules are refusals by a rule that someone made.
func policyRules() []rule {
	return []rule{
		{
			id: AppPassword, owner: OwnerYou, reference: "RFC 4954 §6",
			title:       "The account needs an app password",
			advice:      "Make an app password in the account's security settings and log in with that, or use OAuth.",
			reply:       AppPassword,
			explanation: answered + " Accounts with two-step verification do not take their own password here.",
		},
		{
			id: WebLogin, owner: OwnerProvider, reference: "RFC 4954 §6",
			title:  "The provider wants a login with a browser first",
			advice: "Sign in once with a browser and confirm that it was you; for machines use OAuth or a relay.",
			reply:  WebLogin,
			explanation: answered + " It takes this login for a risk, which is common for logins from data centres; " +
				"the password may be right.",
		},
		{
			id: DisabledByAdmin, owner: OwnerProvider, reference: "RFC 4954 §6",
			title:       "Logins for sending are switched off for this account",
			advice:      "Have an administrator allow authenticated SMTP for the mailbox or the organisation.",
			reply:       DisabledByAdmin,
			explanation: answered + " That is a setting; the password may be right.",
		},
		{
			id: SecurityDefaults, owner: OwnerProvider, reference: "RFC 4954 §6",
			title: "The organisation's security defaults block logins by password",
			advice: "Use OAuth, or have an administrator replace the security defaults by " +
				"a rule with an exception.",
			reply:       SecurityDefaults,
			explanation: answered + " That is a setting; the password may be right.",
		},
		{
			id: ConditionalAccess, owner: OwnerProvider, reference: "RFC 4954 §6",
			title:  "An access rule of the organisation refused the login",
			advice: "Have an administrator look this login up in the sign-in logs, which name the rule.",
			reply:  ConditionalAccess,
			explanation: answered + " Such rules look at the place, the device and the second factor; " +
				"the password may be right.",
		},
	}
}

// accountRules are refusals of the account, or of the way in which it is used.
func accountRules() []rule {
	return []rule{
		{
			id: BasicAuthOff, owner: OwnerProvider, reference: "RFC 4954 §6",
			title:  "The account takes no passwords any more",
			advice: "Log in with OAuth (XOAUTH2).",
			reply:  BasicAuthOff,
			match:  basicAuthOff,
		},
		{
			id: AuthClientRefused, owner: OwnerProvider, reference: "RFC 4954 §6", inconclusive: true,
			title: "The account may not be used from this address",
			advice: "Add the address that this test comes from to the account's list of allowed addresses, " +
				"or test from one that is on it.",
			reply: AuthClientRefused,
			explanation: answered + " It looked at the address that this test comes from; " +
				"it does not say whether the password is right.",
		},
		{
			id: PasswordTooSimple, owner: OwnerProvider, reference: "RFC 4954 §4",
			title: "The provider refuses the password for being too simple",
			advice: "Set a longer password in the provider's own pages, then enter it in every program that sends " +
				"through this account.",
			reply:       PasswordTooSimple,
			explanation: answered + " It speaks of a rule for passwords, and does not say whether this one is right.",
		},
		{
			id: AccountDisabled, owner: OwnerProvider, reference: "RFC 5248 §2.4",
			title: "The account is disabled or locked",
			advice: "Have the account enabled again; look for what locked it, " +
				"such as a program with an old password.",
			reply:       AccountDisabled,
			explanation: answered,
		},
	}
}

// obstacleRules are refusals that are not about the password.
func obstacleRules() []rule {
	return []rule{
		{
			id: AuthThrottled, owner: OwnerYou, reference: "RFC 4954 §6", inconclusive: true,
			title:       "There were too many logins in a short time",
			advice:      "Wait some minutes, then try once; look for a program that keeps trying an old password.",
			reply:       AuthThrottled,
			explanation: answered + " The reply does not say whether the password is right.",
		},
		{
			id: BackendDown, reference: "RFC 4954 §6",
			title:  "The server cannot check passwords at the moment",
			advice: "Look at what the server asks about passwords: Dovecot, LDAP or the database behind it.",
			reply:  BackendDown,
			match:  backendDown,
		},
		{
			id: EncryptionRequired, confidence: Likely, reference: "RFC 4954 §6, RFC 3207 §4",
			title: "The server wants TLS before a login",
			advice: "Make the proxy pass TLS through to the server, or tell the server that the proxy's " +
				"connections are protected.",
			reply: EncryptionRequired,
			match: encryptionRequired,
		},
		{
			id: PasswordTransition, owner: OwnerYou, reference: "RFC 4954 §6",
			title: "The server wants one login with PLAIN before it takes this mechanism",
			advice: "Log in once with PLAIN inside TLS, so that the server can store " +
				"what the new mechanism needs.",
			reply:       PasswordTransition,
			explanation: answered + " It has no key for this mechanism and can make one only from the password itself.",
		},
		{
			id: ResponseTooLong, reference: "RFC 4954 §4",
			title:  "The login is longer than the server takes",
			advice: "Use a smaller token: fewer scopes or groups in it; or raise the server's limit for a line.",
			match:  tooLong,
		},
		{
			id: MechanismRefused, reference: "RFC 4954 §4, §6",
			title:  "The server refuses a mechanism that it offers",
			advice: "Try another of the mechanisms that it offers.",
			reply:  MechanismRefused,
			match: func(s *session) *result {
				res := s.replied(answered + " The mechanism stands in its list.")
				if len(s.auth().Offered) == 1 {
					res.advice = "Look at the server's login settings: it offers this mechanism alone and refuses it."
				}
				return res
			},
		},
	}
}

// credentialRules are refusals of what was sent.
func credentialRules() []rule {
	return []rule{
		{
			id: TokenRefused, owner: OwnerYou, reference: "RFC 7628 §3.2.2",
			title:  "The server refuses the access token",
			advice: "Get a fresh token for this very account and scope; access tokens live for about an hour.",
			reply:  TokenRefused,
			match:  tokenRefused,
		},
		{
			id: CredentialsRefused, owner: OwnerYou, confidence: Likely, reference: "RFC 4954 §6",
			title:  "The server refuses user name and password",
			advice: "Check the user name first, then the password; do not try often, for many servers lock accounts.",
			reply:  CredentialsRefused,
			match:  credentialsRefused,
		},
		{
			id: AuthRefused, confidence: Likely, reference: "RFC 4954 §6",
			title:       "The server refuses the login",
			advice:      "Look for this login in the server's log; its words do not say why.",
			reply:       AuthRefused,
			explanation: answered + " That is not the answer to a wrong password.",
		},
	}
}

// basicAuthOff advises the login by token only where the server offers one.
func basicAuthOff(s *session) *result {
	res := s.replied(answered + " The provider has switched logins by password off; no password works.")
	if !slices.ContainsFunc(s.auth().Offered, takesToken) {
		res.explanation += " The server lists no login by token here."
		res.advice = "Ask the provider which login it takes in place of the password."
	}
	return res
}

func backendDown(s *session) *result {
	res := s.replied(answered + " That is the answer of a server that cannot ask, " +
		"not of one that has compared: an outage.")
	text := strings.ToLower(s.failure.Reply.Text())
	if !containsAny(text, []string{"server", "backend", "ldap", "lookup"}) {
		res.confidence = Likely
		res.explanation += " A few servers, maddy and Twisted among them, give it to a wrong password too."
	}
	return res
}

// encryptionRequired is the answer of a server that does not see TLS. Without
// TLS a login goes out only where the operator allows it.
func encryptionRequired(s *session) *result {
	if s.tls().Complete {
		return s.replied(answered + " This session is inside TLS: a proxy ends TLS, " +
			"and the server behind it does not know.")
	}
	res := s.replied(answered)
	res.owner, res.confidence, res.advice = OwnerYou, Certain, "Use STARTTLS, or implicit TLS on port 465."
	res.fix = Fix{Security: probe.SecuritySTARTTLS}
	return res
}

func tooLong(s *session) *result {
	switch {
	case s.classification == ResponseTooLong:
		res := s.replied(answered + " RFC 4954 asks servers to take lines of 12288 octets.")
		if !s.auth().Evidence.Deferred {
			res.confidence = Likely
		}
		return res
	case s.auth().Evidence.Problem == sasl.ProblemResponse:
		res := s.because("The answer to the server's challenge would be longer than the 12288 octets that RFC 4954 " +
			"allows, so the login was canceled.")
		res.owner, res.advice = OwnerYou, "Use a smaller token: fewer scopes or groups in it."
		return res
	}
	return nil
}

// credentialsRefused lists what to check in the order in which it is most
// often wrong. Nothing of the credential itself is in the report.
func credentialsRefused(s *session) *result {
	res := s.replied(answered + " Usual causes: the user name is not the whole mail address; " +
		"an app password or API key is wanted; a blank was copied along; the account is locked; " +
		"a rule forbids the login.")
	if name := s.auth().Mechanism; strings.HasSuffix(name, "-MD5") {
		res.explanation += fmt.Sprintf(" %s can be listed and never work, where the server keeps "+
			"passwords hashed: PLAIN may do.", name)
	}
	if word := s.auth().Evidence.ServerError; word != "" {
		res.explanation += " Inside the exchange it gave the reason " + fullStop("“"+word+"”")
	}
	for _, note := range LoginNotes(s.host(), s.auth().Form) {
		res.explanation += " " + note
	}
	return res
}

// tokenRefused shows what the server said about the token before its 535.
func tokenRefused(s *session) *result {
	res := s.replied(answered)
	if e := s.auth().Evidence.TokenError; e != nil {
		res.explanation += tokenWords(*e)
	} else {
		res.explanation += " It did not say what is wrong with the token: " +
			"it may have expired, or be for another user, scope or audience."
	}
	if p, ok := provider.Of(s.host()); ok {
		if note, ok := p.Note("oauth"); ok {
			res.explanation += " " + note.Says
		}
	}
	for _, note := range LoginNotes(s.host(), s.auth().Form) {
		res.explanation += " " + note
	}
	return res
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
	return " Before that it explained: " + fullStop(strings.Join(parts, ", "))
}
