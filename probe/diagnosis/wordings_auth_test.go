package diagnosis

import (
	"testing"
)

// authWordings are replies of real servers to AUTH and to what follows it.
func authWordings() []wording {
	return []wording{
		{"Postfix, password", "AUTH", "535 5.7.8 Error: authentication failed: authentication failure", CredentialsRefused},
		{"Exim, password", "AUTH", "535 Incorrect authentication data", CredentialsRefused},
		{"OpenSMTPD, password", "AUTH", "535 Authentication failed", CredentialsRefused},
		{"Exchange, password", "AUTH", "535 5.7.3 Authentication unsuccessful", CredentialsRefused},
		{"SES, password", "AUTH", "535 Authentication Credentials Invalid", CredentialsRefused},
		{"password at MAIL is another matter", "MAIL", "535 Authentication required.", LoginRequired},
		{"535 alone", "AUTH", "535 no", CredentialsRefused},
		{"a temporary code with plain words", "AUTH", "454 4.7.0 Invalid credentials", CredentialsRefused},
		{"Gmail, app password", "AUTH", "534-5.7.9 Application-specific password required.\n534 5.7.9 see there", AppPassword},
		{"Gmail, browser", "AUTH", "534-5.7.14 Please log in via your web browser\n534 5.7.14 and then try again.", WebLogin},
		{"Microsoft, tenant", "AUTH", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", DisabledByAdmin},
		{"Brevo, address", "AUTH", "525 5.7.1 Unauthorized IP address", AuthClientRefused},
		{"IANA, disabled", "AUTH", "525 5.7.13 no", AccountDisabled},
		{"525 alone", "AUTH", "525 no", AccountDisabled},
		{"Postfix, Dovecot lost", "AUTH", "454 4.7.0 Temporary authentication failure: Connection lost to authentication server", BackendDown},
		{"Exim, backend", "AUTH", "435 Unable to authenticate at present", BackendDown},
		{"Sendmail, backend", "AUTH", "454 4.3.0 Temporary authentication failure", BackendDown},
		{"Twisted", "AUTH", "451 Requested action aborted: local error in processing", BackendDown},
		{"another 4yz", "AUTH", "450 no", BackendDown},
		{"password transition", "AUTH", "432 4.7.12 A password transition is needed", PasswordTransition},
		{"432 alone", "AUTH", "432 no", PasswordTransition},
		{"Microsoft, threads", "AUTH", "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", AuthThrottled},
		{"Postfix, errors", "AUTH", "421 4.7.0 mx.example.test Error: too many errors", AuthThrottled},
		{"Gmail, attempts", "AUTH", "454 4.7.0 Too many login attempts, please try again later.", AuthThrottled},
		{"Yahoo, attempts", "AUTH", "535 5.7.0 (#AUTH005) Too many bad auth attempts", AuthThrottled},
		{"smtp-server, TLS", "AUTH", "538 Error: Must issue a STARTTLS command first", EncryptionRequired},
		{"IANA, encryption", "AUTH", "538 5.7.11 no", EncryptionRequired},
		{"Postfix, encryption", "AUTH", "504 5.5.4 Encryption required for requested authentication mechanism", EncryptionRequired},
		{"Exchange, TLS", "AUTH", "451 5.7.3 STARTTLS is required to send mail", EncryptionRequired},
		{"Exchange, mechanism", "AUTH", "504 5.7.4 Unrecognized authentication type", MechanismRefused},
		{"Postfix, mechanism", "AUTH", "535 5.7.8 Error: authentication failed: Invalid authentication mechanism", MechanismRefused},
		{"IANA, weak", "AUTH", "534 5.7.9 no", MechanismRefused},
		{"Postfix, limit", "AUTH", "500 5.5.6 SASL response limit exceeded", ResponseTooLong},
		{"Exim, line", "AUTH", "500 line too long", ResponseTooLong},
		{"Postfix, off", "AUTH", "503 5.5.1 Error: authentication not enabled", AuthNotOffered},
		{"Exim, off", "AUTH", "503 AUTH command used when not advertised", AuthNotOffered},
		{"list", "AUTH", "554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org", Reputation},
		{"421 alone", "AUTH", "421 mx.example.test closing", Overloaded},
		{"no reason", "AUTH", "554 no", AuthRefused},
	}
}

func TestAuthWordings(t *testing.T) {
	for _, tt := range authWordings() {
		t.Run(tt.name, func(t *testing.T) {
			if got := classify(t, tt.to, tt.reply); got != tt.want {
				t.Errorf("%s\ngot %q, want %q", tt.reply, got, tt.want)
			}
		})
	}
}
