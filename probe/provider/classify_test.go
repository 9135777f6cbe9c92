package provider

import (
	"os"
	"strings"
	"testing"

	"smtptest/probe/registry"
	"smtptest/probe/replies"
)

// TestClassify reads the replies whose meaning is their provider's own, or was
// once taken for one, beside those of all servers.
func TestClassify(t *testing.T) {
	text, err := os.ReadFile("../replies/testdata/wordings.tsv")
	if err != nil {
		t.Fatal(err)
	}
	registry.MustTable("wordings.tsv", text, 7, func(c []string) (string, error) {
		at, want, host, said := replies.Place(c[2]), replies.ID(c[3]), c[4], strings.ReplaceAll(c[5], `\n`, "\n")
		if host == "" {
			return "", nil
		}
		t.Run(c[1], func(t *testing.T) {
			if got := Classify(host, at, reply(t, said)).ID; got != want {
				t.Errorf("%s, %s: %s\ngot %q, want %q", host, at, said, got, want)
			}
		})
		return c[1], nil
	})
}

// TestProvidersOwnWords mean what they say at that provider only.
func TestProvidersOwnWords(t *testing.T) {
	const gmail, yahoo = "gmail-smtp-in.l.google.com", "mta5.am0.yahoodns.net"
	const outlook = "example-com.mail.protection.outlook.com"
	for _, tt := range []struct {
		host, said string
		want       replies.ID
	}{
		{gmail, "421-4.7.28 Our system has detected an unusual rate of unsolicited mail\n421 4.7.28 - gsmtp",
			"session.reputation"},
		{yahoo, "421 4.7.0 [TSS04] Messages from 198.51.100.7 temporarily deferred", "session.reputation"},
		{outlook, "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. (S3150)", "session.reputation"},
		{outlook, "550 5.7.511 Access denied, banned sender[198.51.100.7]", "session.reputation"},
		{"mx.example.test", "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. (S3150)",
			"envelope.sender-refused"},
	} {
		if got := Classify(tt.host, replies.MAIL, reply(t, tt.said)).ID; got != tt.want {
			t.Errorf("%s: %s\ngot %q, want %q", tt.host, tt.said, got, tt.want)
		}
	}
}
