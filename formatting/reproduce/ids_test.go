package reproduce

import (
	"slices"
	"testing"

	"smtptest/probe"
	"smtptest/probe/secret"
	"smtptest/probe/smtp"
)

func TestIDs(t *testing.T) {
	for _, c := range []struct {
		text string
		want []id
	}{
		{"2.0.0 Ok: queued as 4XyzAB12Cd", []id{{"queue id", "4XyzAB12Cd"}}},
		{"Ok: queued as hvEn2bVaSPuGYyLhkPRYDA", []id{{"queue id", "hvEn2bVaSPuGYyLhkPRYDA"}}},
		{"OK id=1rXyzA-0001AB-2C", []id{{"Exim message id", "1rXyzA-0001AB-2C"}}},
		{"OK id=1rXyzA-000000001AB-2CDe", []id{{"Exim message id", "1rXyzA-000000001AB-2CDe"}}},
		{"smtp.gmail.com ESMTP 5b1f17b1804b1-42b7a8b5e2csm12345678f8f.10 - gsmtp",
			[]id{{"Google session id", "5b1f17b1804b1-42b7a8b5e2csm12345678f8f.10"}}},
		{"2.0.0 OK  1714560000 d2e1a72fcca58-6f3e0a1b2c3si1234567b3a.42 - gsmtp",
			[]id{{"Google session id", "d2e1a72fcca58-6f3e0a1b2c3si1234567b3a.42"}}},
		{"4.3.2 Service not available [AM0PR02CA0001.eurprd02.prod.outlook.com 2024-05-01T10:00:00.000Z 08DC6A0B1C2D3E4F]",
			[]id{{"Microsoft session id", "AM0PR02CA0001.eurprd02.prod.outlook.com 2024-05-01T10:00:00.000Z 08DC6A0B1C2D3E4F"}}},
		{"5.7.57 Client not authenticated to send mail. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM]", nil},
		{"5.7.57 Client not authenticated to send mail. [FR0P281CA0001.DEUP281.prod.outlook.com]",
			[]id{{"Microsoft session id", "FR0P281CA0001.DEUP281.prod.outlook.com"}}},
		{"2.6.0 <a@example.test> [InternalId=5523456789, Hostname=EX01.example.test] Queued mail for delivery",
			[]id{{"Exchange InternalId", "5523456789"}}},
		{"email-smtp.amazonaws.com ESMTP SimpleEmailService-d-ABCDEF abcDEF123ghiJKL456",
			[]id{{"Amazon SES session id", "abcDEF123ghiJKL456"}}},
		{"Ok 0100018f00000000-12345678-1234-1234-1234-123456789abc-000000",
			[]id{{"Amazon SES message id", "0100018f00000000-12345678-1234-1234-1234-123456789abc-000000"},
				{"session id", "12345678-1234-1234-1234-123456789abc"}}},
		{"I cannot deliver mail for <a@example.test> (9C1DF2A0-1B2C-4D3E-8F90-123456789ABC.1.1)",
			[]id{{"session id", "9C1DF2A0-1B2C-4D3E-8F90-123456789ABC.1.1"}}},
		{"Error: authentication failed: Invalid user or password! 1714060800-aBcDeFgH0Y0",
			[]id{{"session id", "1714060800-aBcDeFgH0Y0"}}},
		{"Rejected by policy [abcDEFghiJKLmnoPQRstuv.uk123]", []id{{"case id", "abcDEFghiJKLmnoPQRstuv.uk123"}}},
		{"too many connections, connection id: 123456", []id{{"connection id", "123456"}}},
		{"try again later (session=x4711-b)", []id{{"connection id", "x4711-b"}}},
		{"session: closed", nil},
		{"SIZE 35882577", nil},
		{"mx.example.test ESMTP Postfix", nil},
		{"2.1.5 Ok", nil},
	} {
		if got := idsIn(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestRedactedIsTheMark(t *testing.T) {
	if got := secret.New("x").String(); got != redacted {
		t.Errorf("package secret writes %q", got)
	}
}

// TestHide looks at what servers say after a login.
func TestHide(t *testing.T) {
	from, err := smtp.ParseMailbox("eve@example.test")
	if err != nil {
		t.Fatal(err)
	}
	e := &probe.Envelope{From: from}
	s := &probe.Session{Auth: &probe.Auth{}, Envelope: &probe.EnvelopeResult{}}
	for said, want := range map[string]string{
		"535 no such user ada@example.test": "535 no such user [user name]",
		"535 <ada+x@example.test>, (b@c)":   "535 <[user name]>, ([user name])",
		"553 <eve@example.test>: not owned by user ada": "553 <eve@example.test>: not owned by user " +
			"[user name]",
		"535 AGFkYQA[redacted] and x[redacted]y[redacted]": "535 [redacted] and [redacted]",
		"535-5.7.8 Username and Password not accepted. 5b1f17b1804b1 - gsmtp": "535-5.7.8 Username and Password not " +
			"accepted. 5b1f17b1804b1 - gsmtp",
	} {
		if got := hide(e, s, said); got != want {
			t.Errorf("%s: got %s, want %s", said, got, want)
		}
		if got := hide(e, &probe.Session{}, said); got != said {
			t.Errorf("without a login: got %s", got)
		}
	}
}
