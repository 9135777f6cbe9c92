package formatting

import (
	"slices"
	"testing"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

func TestLoginFacts(t *testing.T) {
	accepted := &smtp.Reply{Code: 235, Lines: []smtp.Line{{Code: 235, Text: "2.7.0 ok"}}}
	refused := &smtp.Reply{Code: 535, Lines: []smtp.Line{{Code: 535, Text: "5.7.8 no"}}}
	for _, tt := range []struct {
		name string
		auth probe.Auth
		want []Fact
	}{
		{"accepted", probe.Auth{Offered: []string{"SCRAM-SHA-256", "PLAIN"}, Mechanism: "SCRAM-SHA-256",
			Reason: sasl.ReasonPreferred, Sent: true, Accepted: true, Reply: accepted,
			Evidence: sasl.Evidence{Iterations: 4096, Proof: sasl.ProofVerified}},
			[]Fact{{"Offered", "SCRAM-SHA-256, PLAIN"}, {"Mechanism", "SCRAM-SHA-256, the best of those offered"},
				{"Result", "accepted: 235 2.7.0 ok"},
				{"Iterations", "4096"}, {"Server's proof", "right: the server knows the password"}}},
		{"refused token", probe.Auth{Offered: []string{"XOAUTH2"}, Mechanism: "XOAUTH2", Reason: sasl.ReasonAsked,
			Sent: true, Reply: refused,
			Evidence: sasl.Evidence{TokenError: &sasl.TokenError{Status: "401", Scope: "https://mail.example/"}}},
			[]Fact{{"Offered", "XOAUTH2"}, {"Mechanism", "XOAUTH2, as asked for"}, {"Result", "refused: 535 5.7.8 no"},
				{"Token refused", "status 401, scope https://mail.example/"}}},
		{"not sent", probe.Auth{Form: &probe.LoginForm{}},
			[]Fact{{"Offered", "nothing"}, {"Result", "nothing was sent"},
				{"Form of the input", "The user name is the word apikey, for every account."}}},
		{"lost", probe.Auth{Offered: []string{"LOGIN"}, Mechanism: "LOGIN", Reason: sasl.ReasonAlone, Sent: true,
			Evidence: sasl.Evidence{Prompts: []string{"Username:"}, Proof: sasl.ProofMissing}},
			[]Fact{{"Offered", "LOGIN"}, {"Mechanism", "LOGIN, retired, but nothing better is offered"},
				{"Result", "no answer"}, {"The server asked", "“Username:”"}, {"Server's proof", "missing"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := login("smtp.sendgrid.net", &tt.auth).Rows; !slices.Equal(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}
