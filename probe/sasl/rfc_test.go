package sasl

import (
	"reflect"
	"testing"

	"smtptest/probe/secret"
)

var examples = []struct {
	name, mechanism, nonce string
	credential             Credential
	steps                  []string
	want                   Evidence
}{
	{
		"RFC 4616 §4, first", "PLAIN", "", withPassword("tim", "tanstaaftanstaaf"),
		[]string{" → AUTH PLAIN " + encode("\x00tim\x00tanstaaftanstaaf") + " | AUTH PLAIN [user and password]"},
		Evidence{},
	},
	{
		"RFC 4616 §4, second", "PLAIN", "", Credential{User: "Kurt", Authzid: "Ursel", Password: secret.New("xipj3plmq")},
		[]string{" → AUTH PLAIN " + encode("Ursel\x00Kurt\x00xipj3plmq") + " | AUTH PLAIN [user and password]"},
		Evidence{},
	},
	{
		"RFC 4954 §4.1", "PLAIN", "", Credential{User: "test", Authzid: "test", Password: secret.New("1234")},
		[]string{" → AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ= | AUTH PLAIN [user and password]"},
		Evidence{},
	},
	{
		"draft-murchison-sasl-login", "LOGIN", "", withPassword("tim", "tanstaaftanstaaf"),
		[]string{
			" → AUTH LOGIN | AUTH LOGIN",
			"User Name\x00 → tim | [user name]",
			"Password\x00 → tanstaaftanstaaf | [password]",
		},
		Evidence{Challenges: 2, Prompts: []string{`User Name\x00`, `Password\x00`}},
	},
	{
		"RFC 2195 §2", "CRAM-MD5", "", withPassword("tim", "tanstaaftanstaaf"),
		[]string{
			" → AUTH CRAM-MD5 | AUTH CRAM-MD5",
			"<1896.697170952@postoffice.reston.mci.net> → tim b913a602c7eda7a495b4e6e7334d3890 | [user and proof]",
		},
		Evidence{Challenges: 1},
	},
	{
		"RFC 5802 §5", "SCRAM-SHA-1", "fyko+d2lbbFgONRv9qkxdawL", withPassword("user", "pencil"),
		[]string{
			" → AUTH SCRAM-SHA-1 " + encode("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL") + " | AUTH SCRAM-SHA-1 [user and nonce]",
			"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096 → " +
				"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts= | [proof]",
			"v=rmF9pqV8S7suAoZWja4dJRkFsKQ= →  | [empty]",
		},
		Evidence{Challenges: 2, Iterations: 4096, Proof: ProofVerified},
	},
	{
		"RFC 7677 §3", "SCRAM-SHA-256", "rOprNGfwEbeRWgbNEkqO", withPassword("user", "pencil"),
		[]string{
			" → AUTH SCRAM-SHA-256 " + encode("n,,n=user,r=rOprNGfwEbeRWgbNEkqO") + " | AUTH SCRAM-SHA-256 [user and nonce]",
			"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096 → " +
				"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," +
				"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ= | [proof]",
			"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4= →  | [empty]",
		},
		Evidence{Challenges: 2, Iterations: 4096, Proof: ProofVerified},
	},
	{
		"Google's paper", "XOAUTH2", "", withToken("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"),
		[]string{
			" → AUTH XOAUTH2 " +
				"dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNS" +
				"bGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ== | " +
				"AUTH XOAUTH2 [user and token]",
			`{"status":"401","schemes":"bearer mac","scope":"https://mail.google.com/"}` + "\n →  | [empty]",
		},
		Evidence{Challenges: 1, TokenError: &TokenError{Status: "401", Schemes: "bearer mac",
			Scope: "https://mail.google.com/"}},
	},
	{
		"RFC 7628 §4.1 and §4.3", "OAUTHBEARER", "", func() Credential {
			c := withToken("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")
			c.Port = 143
			return c
		}(),
		[]string{
			" → AUTH OAUTHBEARER " +
				"bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9" +
				"QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB | " +
				"AUTH OAUTHBEARER [user and token]",
			`{"status":"invalid_token","scope":"example_scope",` +
				`"openid-configuration":"https://example.com/.well-known/openid-configuration"}` +
				" → \x01 | [acknowledgement]",
		},
		Evidence{Challenges: 1, TokenError: &TokenError{Status: "invalid_token", Scope: "example_scope",
			Configuration: "https://example.com/.well-known/openid-configuration"}},
	},
}

func TestExamplesOfTheRFCs(t *testing.T) {
	for _, tt := range examples {
		t.Run(tt.mechanism+" "+tt.name, func(t *testing.T) {
			x := begin(t, tt.mechanism, tt.credential, tt.nonce)
			converse(t, x, tt.steps)
			tt.want.Mechanism = tt.mechanism
			if got := x.Evidence(); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("evidence %+v, want %+v", got, tt.want)
			}
		})
	}
}

// digestExamples are those of RFC 2831 §4. The RFC predates SMTP's use of
// the mechanism, so the service is another.
var digestExamples = []struct{ service, nonce, cnonce, response, rspauth string }{
	{"imap", "OA6MG9tEQGm2hh", "OA6MHXh6VqTrRk", "d388dad90d4bbd760a152321f2143af7", "ea40f60335c427b5527b84dbabcdfffd"},
	{"acap", "OA9BSXrbuRhWay", "OA9BSuZWMSpW8m", "6084c6db3fede7352c551284490fd0fc", "2f0b3d7c3c2e486600ef710726aa2eae"},
}

func TestExamplesOfRFC2831(t *testing.T) {
	for _, tt := range digestExamples {
		c := withPassword("chris", "secret")
		c.Host = "elwood.innosoft.com"
		x := begin(t, "DIGEST-MD5", c, tt.cnonce)
		x.steps.(*digestMD5).service = tt.service
		converse(t, x, []string{
			" → AUTH DIGEST-MD5 | AUTH DIGEST-MD5",
			`realm="elwood.innosoft.com",nonce="` + tt.nonce + `",qop="auth",algorithm=md5-sess,charset=utf-8` + " → " +
				`charset=utf-8,username="chris",realm="elwood.innosoft.com",nonce="` + tt.nonce + `",nc=00000001,` +
				`cnonce="` + tt.cnonce +
				`",digest-uri="` + tt.service + `/elwood.innosoft.com",response=` + tt.response + `,qop=auth | [user and proof]`,
			"rspauth=" + tt.rspauth + " →  | [empty]",
		})
		want := Evidence{Mechanism: "DIGEST-MD5", Challenges: 2, Realm: "elwood.innosoft.com", Proof: ProofVerified}
		if got := x.Evidence(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: evidence %+v, want %+v", tt.service, got, want)
		}
	}
}
