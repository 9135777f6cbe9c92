package provider

import (
	"strings"
	"testing"
)

func TestModeAdvice(t *testing.T) {
	for _, c := range []struct {
		host     string
		port     uint16
		security string
		want     string
	}{
		{"smtp.gmail.com", 587, "implicit", "Gmail's port 587 starts in the clear and upgrades with STARTTLS; " +
			"implicit " +
			"TLS is on 465."},
		{"smtp.gmail.com", 465, "starttls", "Gmail's port 465 starts with TLS at once; STARTTLS is on 587."},
		{"smtp.gmail.com", 465, "none", "Gmail's port 465 starts with TLS at once; no port of this host is meant to " +
			"be " +
			"used without TLS."},
		{"smtp.gmail.com", 587, "none", "Gmail's port 587 starts in the clear and upgrades with STARTTLS; no port of " +
			"this host is meant to be used without TLS."},
		{"smtp.gmail.com", 25, "auto", "Gmail is not known to answer on port 25 of this host; use 587 with STARTTLS " +
			"or " +
			"465 with implicit TLS."},
		{"smtp.office365.com", 465, "implicit", "Microsoft 365 does not answer on port 465 of this host; use 587 and " +
			"25 with STARTTLS."},
		{"smtp.office365.com", 587, "implicit", "Microsoft 365's port 587 starts in the clear and upgrades with " +
			"STARTTLS; implicit TLS is not offered by this host."},
		{"x-com.mail.protection.outlook.com", 587, "starttls", "This mail exchanger of Microsoft 365 takes mail from " +
			"other servers, on port 25 only; to log in and send use smtp.office365.com."},
		{"alt1.aspmx.l.google.com", 25, "implicit", "Gmail's port 25 starts in the clear and offers STARTTLS; " +
			"implicit " +
			"TLS is not offered by this host."},
		{"email-smtp.eu-west-1.amazonaws.com", 587, "implicit", "Amazon SES's port 587 starts in the clear and " +
			"upgrades with STARTTLS; implicit TLS is on 465 and 2465."},
		{"email-smtp.eu-west-1.amazonaws.com", 2465, "starttls", "Amazon SES's port 2465 starts with TLS at once; " +
			"STARTTLS is on 587, 2587 and 25."},
		{"smtp.sendgrid.net", 465, "none", "SendGrid's port 465 starts with TLS at once; a session without TLS is " +
			"taken on 587, 25 and 2525."},
		{"smtp.postmarkapp.com", 465, "", "Postmark is not known to answer on port 465 of this host; use 587, 25 and " +
			"2525 with STARTTLS."},
	} {
		if got, ok := ModeAdvice(c.host, c.port, c.security); !ok || got != c.want {
			t.Errorf("ModeAdvice(%s, %d, %s)\n got %q, %t\nwant %q", c.host, c.port, c.security, got, ok, c.want)
		}
	}
}

func TestNoModeAdvice(t *testing.T) {
	for _, c := range []struct {
		host     string
		port     uint16
		security string
	}{
		{"smtp.gmail.com", 587, "starttls"}, {"smtp.gmail.com", 465, "implicit"}, {"smtp.gmail.com", 587, "auto"},
		{"smtp.gmail.com", 465, "auto"}, {"smtp.gmail.com", 465, ""}, {"aspmx.l.google.com", 25, "none"},
		{"smtp.sendgrid.net", 2525, "none"}, {"smtp.sendgrid.net", 2525, "starttls"},
		{"www.google.com", 443, "implicit"}, {"mail.example.com", 465, "starttls"}, {"192.0.2.1", 587, "implicit"},
	} {
		if got, ok := ModeAdvice(c.host, c.port, c.security); ok {
			t.Errorf("ModeAdvice(%s, %d, %s) = %q", c.host, c.port, c.security, got)
		}
	}
}

func TestModesTakeSecurity(t *testing.T) {
	for _, c := range []struct {
		mode                            Mode
		auto, starttls, implicit, clear bool
	}{
		{ModeSTARTTLS, true, true, false, false},
		{ModeImplicit, true, false, true, false},
		{ModeEither, true, true, false, true},
		{ModeNone, true, false, false, true},
	} {
		got := [4]bool{c.mode.takes("auto"), c.mode.takes("starttls"), c.mode.takes("implicit"), c.mode.takes("none")}
		if want := [4]bool{c.auto, c.starttls, c.implicit, c.clear}; got != want {
			t.Errorf("%s takes auto, starttls, implicit, none: %t, want %t", c.mode, got, want)
		}
	}
}

// No file knows such a port today.
func TestAdviceOnACleartextPort(t *testing.T) {
	p := Provider{Name: "X", Hosts: []Host{{Names: []string{"x"}, Ports: []Port{{2525, ModeNone}}}}}
	if got, want := p.otherwise(p.Hosts[0], Port{2525, ModeNone}, "starttls"), "X's port 2525 stays in the clear; "+
		"STARTTLS is not offered by this host."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.elsewhere(p.Hosts[0], Port{25, ""}), "X is not known to answer on port 25 of this host; use "+
		"2525 "+
		"without TLS."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCredentialAdvice(t *testing.T) {
	for _, c := range []struct {
		provider, credential string
		as                   Use
		want                 string
	}{
		{"brevo", brevoAPIKey, AsPassword, "This has the form of a Brevo API key: SMTP wants an SMTP key, which " +
			"begins " +
			"with xsmtpsib-."},
		{"brevo", brevoSMTPKey, AsPassword, ""},
		{"ses", awsSecret, AsPassword, "This has the form of an AWS secret key: SES wants the SMTP password, which " +
			"is " +
			"derived from it for each region."},
		{"ses", awsKeyID, AsUser, ""},
		{"ses", awsKeyID, AsPassword, "This has the form of an access key id, which is the user name: the password " +
			"is " +
			"the SMTP password of the SES console."},
		{"gmail", "abcd efgh ijkl mnop", AsPassword, "Take the spaces out of the app password: Google shows them, " +
			"the " +
			"login does not take them."},
		{"gmail", "abcdefghijklmnop", AsPassword, ""},
		{"gmail", sendgridKey, AsPassword, "This has the form of a SendGrid API key, which does not log in at Gmail."},
		{"sendgrid", sendgridKey, AsPassword, ""},
		{"sendgrid", sendgridKey, AsUser, "This has the form of an API key, which is the password: the user name is " +
			"the word apikey."},
		{"postmark", "01234567-89ab-cdef-0123-456789abcdef", AsUser, ""},
		{"gmail", "ya29." + strings.Repeat("aB3-_", 20), AsUser, ""},
		{"fastmail", "abcdefghijklmnop", AsPassword, ""},
		{"microsoft", jwt, AsPassword, "This has the form of an OAuth access token: use it with XOAUTH2, not as a " +
			"password."},
		{"zoho", awsSecret, AsPassword, ""},
	} {
		s, ok := ShapeOf(c.credential)
		if !ok {
			t.Errorf("%s: the credential has no shape", c.provider)
		}
		if got, said := byID(t, c.provider).CredentialAdvice(c.as, s); said != (c.want != "") || said && got != c.want {
			t.Errorf("%s as %s at %s: %q, %t; want %q", s.ID, c.as, c.provider, got, said, c.want)
		}
	}
}

func TestUserAdvice(t *testing.T) {
	for _, c := range []struct {
		provider, name string
		wrong          bool
	}{
		{"sendgrid", "apikey", false}, {"sendgrid", "me@example.com", true}, {"sendgrid", "APIKEY", true},
		{"sparkpost", "SMTP_Injection", false}, {"sparkpost", "SMTP_Injection:X-MSYS-SUBACCOUNT=123",
			false}, {"sparkpost", "SMTP_Injections", true},
		{"gmail", "me@example.com", false}, {"zeptomail", "emailapikey", false}, {"resend", "resend",
			false}, {"mailtrap", "apikey", true},
	} {
		if says, wrong := byID(t, c.provider).UserAdvice(c.name); wrong != c.wrong || says == "" {
			t.Errorf("%s at %s: wrong %t, %q", c.name, c.provider, wrong, says)
		}
	}
}

// Every shape that a provider speaks of exists, and so does every issuer.
func TestCredentialsNameShapes(t *testing.T) {
	known := map[string]bool{}
	for _, s := range loaded().shapes {
		known[s.ID] = true
		if s.Of != "" {
			byID(t, s.Of)
		}
	}
	for _, p := range All() {
		for _, c := range p.Credentials {
			if !known[c.Shape] {
				t.Errorf("%s: no shape %q", p.ID, c.Shape)
			}
		}
	}
}
