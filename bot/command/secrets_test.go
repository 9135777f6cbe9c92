package command

import (
	"strings"
	"testing"

	"smtptest/formatting"
)

// secrets are commands that contain one, and what of it must not be repeated.
// The tokens have the form of real ones and belong to nobody; they are put
// together here so that scanners for leaked tokens pass this file over.
var secrets = []struct{ name, text, canary string }{
	{"login in a URL", "smtp://alice:hunter2@smtp.example.com:587", "hunter2"},
	{"login in front of a host", "alice:hunter2@smtp.example.com", "hunter2"},
	{"password with an at", "alice:hun@ter2@smtp.example.com", "ter2"},
	{"login behind a mail address", "alice@example.com:hunter2", "hunter2"},
	{"login behind an option", "smtp.example.com --from=alice:hunter2@example.com", "hunter2"},
	{"login in a Slack link", "smtp://alice:<mailto:hunter2@smtp.example.com|hunter2@smtp.example.com>", "hunter2"},
	{"login in a link's address", "<http://alice:hunter2@smtp.example.com|smtp.example.com>", "hunter2"},
	{"password=", "smtp.example.com password=hunter2", "hunter2"},
	{"SMTP_PASSWORD=", "smtp.example.com SMTP_PASSWORD=hunter2", "hunter2"},
	{"password: and a word", "smtp.example.com Password: hunter2", "hunter2"},
	{"password and a word", "smtp.example.com password hunter2", "hunter2"},
	{"pass:", "smtp.example.com pass:hunter2", "hunter2"},
	{"--password", "smtp.example.com --password hunter2", "hunter2"},
	{"--password=", "smtp.example.com --password=hunter2", "hunter2"},
	{"em dash password", "smtp.example.com —password hunter2", "hunter2"},
	{"--pass", "smtp.example.com --pass hunter2", "hunter2"},
	{"--auth-password", "smtp.example.com --auth-password hunter2", "hunter2"},
	{"swaks -ap", "smtp.example.com -ap hunter2", "hunter2"},
	{"curl -u", "smtp.example.com -u alice:hunter2", "hunter2"},
	{"curl --user=", "smtp.example.com --user=alice:hunter2", "hunter2"},
	{"zero-width inside the name", "smtp.example.com pass\u200bword=hunter2", "hunter2"},
	{"full width", "smtp.example.com ｐａｓｓｗｏｒｄ＝hunter2", "hunter2"},
	{"query of a URL", "smtp://smtp.example.com?password=hunter2", "hunter2"},
	{"Slack token", "smtp.example.com " + "xo" + "xb-1234-abcd", "1234-abcd"},
	{"Slack token as the target", "xo" + "xb-1234-abcd", "1234-abcd"},
	{"SendGrid key", "smtp.example.com " + "S" + "G.abcDEF.ghiJKL", "abcDEF"},
	{"SendGrid key as the target", "S" + "G.abcDEF.ghiJKL", "abcDEF"},
	{"Brevo key", "smtp.example.com " + "xsmtp" + "sib-0123abcd", "0123abcd"},
	{"AWS key", "smtp.example.com " + "AK" + "IAIOSFODNN7EXAMPLE", "IOSFODNN7"},
	{"GitHub token", "smtp.example.com " + "gh" + "p_abcdef0123", "abcdef0123"},
	{"JWT", "smtp.example.com " + "ey" + "JhbGciOi.eyJzdWIi.c2ln", "hbGciOi"},
	{"token as a value", "smtp.example.com --ehlo=" + "gh" + "p_abcdef0123", "abcdef0123"},
	{"private key", "smtp.example.com -----BEGIN PRIVATE KEY-----", "PRIVATE"},
	{"app password", "smtp.example.com abcd efgh ijkl mnop", "efgh"},
	{"app password in quotes", `smtp.example.com "abcd efgh ijkl mnop"`, "efgh"},
	{"password and punctuation", "password! hunter2", "hunter2"},
	{"mask and password", "SMTP_PASS=*** smtp.example.com SMTP_PASSWORD=hunter2", "hunter2"},
	{"app password, joined by hyphens", "smtp.example.com abcd-efgh-ijkl-mnop", "efgh"},
}

func TestSecretsAreRefused(t *testing.T) {
	for _, tt := range secrets {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(tt.text, Dialect{})
			wantSecret(t, c, err, tt.canary)
			c, err = ParseArgs(strings.Fields(tt.text), Dialect{Terminal: true})
			wantSecret(t, c, err, tt.canary)
			c, err = ParseOptions("smtp.example.com", []NamedValue{{"from", tt.text}}, Dialect{})
			wantSecret(t, c, err, tt.canary)
		})
	}
}

func TestPasswordsBesideAServer(t *testing.T) {
	for _, text := range []string{
		"smtp.example.com:587 joe hunter22x", "can you log in to smtp.example.com as joe with hunter22x",
		"login smtp.example.com joe wonderland", "login on smtp.example.com:587 hunter22x please",
	} {
		c, err := Parse(text, Dialect{})
		wantSecret(t, c, err, "hunter22x")
	}
}

func TestSecretThatBecameAHost(t *testing.T) {
	for _, text := range []string{"ABCD-EFGH-IJKL-MNOP", "(abcd-efgh-ijkl-mnop)", "http://password/"} {
		c, err := Parse(text, Dialect{Terminal: true})
		wantSecret(t, c, err, "EFGH")
	}
}

func wantSecret(t *testing.T, c Command, err error, canary string) {
	t.Helper()
	usage := wantUsage(t, err, formatting.UsageSecret, "")
	if strings.Contains(usage.Error()+usage.Quoted+usage.Option, canary) || c.Verb != "" {
		t.Errorf("it was repeated or used: %v, %+v", usage, c)
	}
}

func TestHarmlessIsNoSecret(t *testing.T) {
	for _, text := range []string{
		"password.example.com:587", "token.example.com", "passwordserver.example.com.", "secret-mail.example.com:465",
		"SG.EXAMPLE.COM:587", "sk-mail-gateway-prod.example.com",
		"key-management-service-of-the-company.example.com", "asia-southeast-mail-relay.example.com",
		"smtp.example.com --from alice@[IPv6:2001:db8::1]", `smtp.example.com --from "a:b"@example.com`,
		"smtp.example.com:587 says wrong password", "host=smtp.example.com password= port=587",
		"host: smtp.example.com password: ${SMTP_PASSWORD} port: 587", "host=smtp.example.com password='xxxx'",
		"smtp.example.com --to pass@example.com", "[2001:db8::1]:25", "smtp.example.com --ehlo user.example.com",
	} {
		if _, err := Parse(text, Dialect{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
