package diagnosis

// authClues are in the order of belief among equals: what a provider's rules
// forbid, then what stands in the way of any login, then the credential.
func authClues() []clue {
	all := ruleClues()
	all = append(all, wayClues()...)
	return append(all, credentialClues()...)
}

// ruleClues are about rules of the provider or of the organisation: the
// password may be right. The rules that only Microsoft has are known by its
// record, see knowledge.
func ruleClues() []clue {
	auth := []string{"AUTH"}
	return []clue{
		{finding: AppPassword, to: auth, text: []string{
			"application-specific password", "application specific password", "invalidsecondfactor", "app password", "app-specific password",
			"app specific password", "app-password",
			"application password", "authorization code", // the latter: what QQ and NetEase call theirs
		}},
		{finding: WebLogin, to: auth, text: []string{
			"web browser", "your browser", "webloginrequired", "use web for sending", "not a robot", "captcha", "log in to webmail", "login to webmail",
		}},
		{finding: DisabledByAdmin, to: auth, text: []string{
			"smtpclientauthentication is disabled", "smtp_auth_disabled", "smtp auth is disabled", "smtp access is disabled", "smtp is disabled",
			"smtp is not enabled", "not enabled for smtp", "not allowed to use smtp", "not authorized for smtp", "not authorized to use this",
			"smtp access disabled", "smtp access denied", "access rights to this service", "account is not authorized",
			"account not authorized", "user has no permission", "mail app can't send",
		}},
		{finding: AuthClientRefused, to: auth, text: []string{
			"unauthorized ip", "ip address is not allowed", "ip not allowed", "ip not authorized", "not allowed from your ip", "not authorized from your ip",
		}},
		{finding: AccountDisabled, to: auth, text: []string{
			"account disabled", "account is disabled", "account has been disabled", "account locked", "account is locked", "user disabled",
			"account suspended", "account is suspended", "account expired", "locked or deactivated", "user is disabled",
			"user suspended", "mailbox cannot be accessed", "account inactive", "account is inactive",
		}},
		{finding: AccountDisabled, to: auth, enhanced: []string{"x.7.13"}},
		{finding: AccountDisabled, to: auth, code: []int{525}},
	}
}

// wayClues are about how the login was tried, or that it cannot be tried now.
func wayClues() []clue {
	auth := []string{"AUTH"}
	return []clue{
		{finding: AuthThrottled, to: auth, text: append(throttleTexts(),
			"too many login", "too many bad auth", "too many failed", "too many auth", "too many invalid", "thread limit exceeded",
			"connection limit exceeded", "connections limit exceeded", "temporarily locked", "try again in", "too many times")},
		{finding: BackendDown, to: auth, text: []string{
			"authentication server", "temporary authentication failure", "temporary failure in authentication", "unable to authenticate at present",
			"authentication mechanism unavailable", "authentication backend", "ldap", "internal authentication error",
		}},
		{finding: BackendDown, to: auth, text: append(faultTexts(), "local error in processing")},
		{finding: EncryptionRequired, to: auth, text: []string{
			"issue a starttls", "encryption required", "encryption needed", "encryption is required", "starttls is required", "starttls required", "tls required",
			"tls is required", "must use tls", "requires tls", "only over tls", "secure connection",
			"until ssl", "without ssl", "use starttls",
		}},
		{finding: ResponseTooLong, to: auth, text: []string{"response limit exceeded", "line too long", "line is too long", "response too long", "input too long"}},
		{finding: MechanismRefused, to: auth, text: []string{
			"unrecognized authentication type", "mechanism not supported", "mechanism is not supported", "mechanism too weak", "mechanism is too weak",
			"invalid authentication mechanism", "unsupported auth", "unknown authentication", "unrecognized auth", "no such mechanism",
		}},
		{finding: AuthNotOffered, to: auth, text: []string{
			"authentication not enabled", "when not advertised", "authentication is not enabled", "auth not available", "auth not enabled",
			"auth not supported", "auth not allowed", "auth not offered", "auth not defined", "only allowed on submission", "only available on the submission", "authentication not allowed on",
			"command not supported", "command not implemented", "command not recognized", "command unrecognized",
		}},
		{finding: EncryptionRequired, to: auth, enhanced: []string{"x.7.10", "x.7.11"}},
		{finding: PasswordTransition, to: auth, enhanced: []string{"x.7.12"}},
		{finding: ResponseTooLong, to: auth, enhanced: []string{"x.5.6"}},
		{finding: MechanismRefused, to: auth, enhanced: []string{"5.7.4", "5.7.9"}},
		{finding: EncryptionRequired, to: auth, code: []int{523, 524, 538}},
		{finding: PasswordTransition, to: auth, code: []int{432}},
		{finding: MechanismRefused, to: auth, code: []int{504, 534}},
		// To a server that has AUTH, it is no unknown command.
		{finding: AuthNotOffered, to: auth, code: []int{500, 502}}, // 503 may also say that the session is out of step
		{finding: BackendDown, to: auth, code: []int{435, 451, 454}},
	}
}

// credentialClues are about user name and password, and what is left.
func credentialClues() []clue {
	auth := []string{"AUTH"}
	return []clue{
		{finding: CredentialsRefused, to: auth, text: []string{
			"authentication failed", "authentication failure", "authentication unsuccessful", "incorrect authentication data", "invalid credentials",
			"credentials invalid", "not accepted", "badcredentials", "bad username", "invalid login", "login failed", "incorrect username",
			"incorrect password", "invalid user", "wrong password", "authentication credentials", "authentication rejected",
		}},
		{finding: CredentialsRefused, to: auth, enhanced: []string{"5.7.8", "5.7.3", "5.7.139"}},
		{finding: CredentialsRefused, to: auth, code: []int{535}},
		{finding: AuthRefused, to: auth, class: 5},
		{finding: AuthRefused, to: auth, class: 3},
		{finding: BackendDown, to: auth, class: 4},
	}
}
