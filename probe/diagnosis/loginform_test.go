package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// TestLoginNotes: what is said of a login's form depends on the provider, and
// neither user name nor password stands in the form or in the sentences.
func TestLoginNotes(t *testing.T) {
	key := "SG." + strings.Repeat("a", 22) + "." + strings.Repeat("b", 43)
	for _, tt := range []struct {
		name, host     string
		user, password string
		want           []string // each holds
	}{
		{"as it should be", "smtp.sendgrid.net", "apikey", key, nil},
		{"options behind the word", "smtp.sparkpostmail.com", "SMTP_Injection:X-MSYS-SUBACCOUNT=123", "hunter2", nil},
		{"another user name", "smtp.sendgrid.net", "ada@example.test", key, []string{"the word apikey"}},
		{"another provider's word", "smtp.resend.com", "apikey", "hunter2", []string{"the word resend"}},
		{"another provider's key", "smtp.gmail.com", "ada@example.test", key, []string{"the form of a SendGrid API key"}},
		{"both", "smtp.resend.com", "ada", key, []string{"the word resend", "the form of a SendGrid API key"}},
		{"nobody's host", "mx.example.test", "ada", key, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			login := &probe.Login{Credential: sasl.Credential{User: tt.user, Password: secret.New(tt.password)}}
			NameForm(login)
			got := LoginNotes(tt.host, login.Form)
			if !slices.EqualFunc(got, tt.want, strings.Contains) {
				t.Errorf("form %+v: got %q, want %q", *login.Form, got, tt.want)
			}
			shown := fmt.Sprintf("%+v %q", *login.Form, got)
			if strings.Contains(shown, tt.password) || strings.Contains(tt.user, "@") && strings.Contains(shown, tt.user) {
				t.Errorf("the login stands in %s", shown)
			}
		})
	}
	if got := LoginNotes("smtp.sendgrid.net", nil); got != nil {
		t.Errorf("a form that nobody looked at has the notes %q", got)
	}
}
