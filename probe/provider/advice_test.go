package provider

import (
	"strconv"
	"strings"
	"testing"
)

func TestModeAdvice(t *testing.T) {
	rows(t, "modes.tsv", 4, func(c []string) (string, error) {
		port, err := strconv.ParseUint(c[1], 10, 16)
		if got, ok := ModeAdvice(c[0], uint16(port), c[2]); ok != (c[3] != "") || got != c[3] {
			t.Errorf("ModeAdvice(%s, %d, %s)\n got %q, %t\nwant %q", c[0], port, c[2], got, ok, c[3])
		}
		return "", err
	})
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
