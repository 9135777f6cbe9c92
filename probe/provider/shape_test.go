package provider

import (
	"strings"
	"testing"
)

// Credentials that nobody was ever given. They are put together here so that
// no whole one stands in the file for scanners to find.
var (
	sendgridKey  = "SG." + strings.Repeat("aB3", 7) + "x." + strings.Repeat("Zz_9-", 8) + "abc"
	brevoSMTPKey = "xsmtpsib-" + strings.Repeat("0123456789abcdef", 4) + "-AbCdEfGhIjKlMnOp"
	brevoAPIKey  = "xkeysib-" + strings.Repeat("0123456789abcdef", 4) + "-AbCdEfGhIjKlMnOp"
	awsKeyID     = "AKIA" + strings.Repeat("AB12", 4)
	awsSecret    = strings.Repeat("aB3/x+Yz90", 4)
	sesPassword  = "BA" + strings.Repeat("cD3/x+Y", 6)
	jwt          = "eyJhbGciOiJub25lIn0." + strings.Repeat("eyJhIjoxfQ", 3) + ".c2ln"
)

func TestShapeOf(t *testing.T) {
	for _, c := range []struct{ name, credential, id string }{
		{"SendGrid", sendgridKey, "sendgrid-key"},
		{"Brevo, SMTP", brevoSMTPKey, "brevo-smtp-key"},
		{"Brevo, API", brevoAPIKey, "brevo-api-key"},
		{"Resend", "re_" + strings.Repeat("aB3_", 8), "resend-key"},
		{"Mailgun", "key-" + strings.Repeat("0a", 16), "mailgun-api-key"},
		{"Google token", "ya29." + strings.Repeat("aB3-_", 20), "google-access-token"},
		{"AWS key id", awsKeyID, "aws-access-key-id"},
		{"AWS temporary key id", "ASIA" + strings.Repeat("AB12", 4), "aws-access-key-id"},
		{"AWS secret", awsSecret, "aws-secret-key"},
		{"SES password", sesPassword, "ses-smtp-password"},
		{"JWT", jwt, "jwt"},
		{"JWT without signature", "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "jwt"},
		{"UUID", "01234567-89ab-cdef-0123-456789abcdef", "uuid"},
		{"UUID in capitals", "01234567-89AB-CDEF-0123-456789ABCDEF", "uuid"},
		{"16 letters", "abcdefghijklmnop", "app-password"},
		{"4 groups", "abcd efgh ijkl mnop", "app-password-spaced"},
		{"4 groups as pages show them", "abcd\u00a0efgh\u00a0ijkl\u00a0mnop", "app-password-spaced"},
		{"4 groups by hyphens", "abcd-efgh-ijkl-mnop", "app-password-hyphens"},
		{"line end behind it", awsKeyID + "\r\n", "aws-access-key-id"},
	} {
		if s, ok := ShapeOf(c.credential); !ok || s.ID != c.id {
			t.Errorf("%s: shape %q, %t; want %s", c.name, s.ID, ok, c.id)
		}
	}
}

func TestNoShape(t *testing.T) {
	for _, c := range []struct{ name, credential string }{
		{"empty", ""}, {"blank", " \n"}, {"a password", "correct horse battery"}, {"15 letters", "abcdefghijklmno"},
		{"16 letters, one of them capital", "abcdefghijklmnoP"}, {"16 with a digit", "abcdefghijklmno1"},
		{"groups of another length", "abcde fgh ijkl mnop"}, {"two kinds of separator", "abcd efgh-ijkl mnop"},
		{"SG. alone", "SG."}, {"a host name", "SG.EXAMPLE.COM"}, {"key id too short",
			"AKIA1234"}, {"key id in small letters", "akia" + strings.Repeat("ab12", 4)},
		{"40 hexadecimal digits", strings.Repeat("0a1b", 10)}, {"40 letters",
			strings.Repeat("aBcD", 10)}, {"41 characters", awsSecret + "a"},
		{"two parts of a JWT", "eyJhbGciOiJub25lIn0.eyJhIjoxfQ"}, {"UUID without hyphens", strings.Repeat("0a", 16)},
		{"UUID with a g", "g1234567-89ab-cdef-0123-456789abcdef"}, {"umlauts", "äbcdefghijklmno"}, {"endless",
			strings.Repeat("a", 1<<20)},
	} {
		if s, ok := ShapeOf(c.credential); ok {
			t.Errorf("%s has the shape %q", c.name, s.ID)
		}
	}
}

// What comes back is a row of the table, whatever went in.
func FuzzShapeOf(f *testing.F) {
	for _, c := range []string{sendgridKey, brevoSMTPKey, brevoAPIKey, awsKeyID, awsSecret, sesPassword, jwt,
		"abcd efgh ijkl mnop", "abcd\u00a0efgh", "\xff", ""} {
		f.Add(c)
	}
	rows := map[string]string{}
	for _, s := range loaded().shapes {
		rows[s.ID] = s.What
	}
	f.Fuzz(func(t *testing.T, credential string) {
		s, ok := ShapeOf(credential)
		if ok && (s.What != rows[s.ID] || s.What == "") || !ok && s.ID != "" {
			t.Errorf("ShapeOf gave %q, %q, %t", s.ID, s.What, ok)
		}
		for _, p := range All() {
			if advice, said := p.CredentialAdvice(AsPassword, s); said && (!ok || faults(advice) != "") {
				t.Errorf("%s: %q %s", p.ID, advice, faults(advice))
			}
		}
	})
}
