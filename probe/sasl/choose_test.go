package sasl

import (
	"strings"
	"testing"

	"smtptest/probe/secret"
)

var choices = []struct {
	name, offered string
	credential    Credential
	asked         string
	mechanism     string
	reason        Reason
}{
	{"best of all", "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2", withPassword("u", "p"), "",
		"SCRAM-SHA-256", ReasonPreferred},
	{"SCRAM before PLAIN", "PLAIN SCRAM-SHA-1", withPassword("u", "p"), "", "SCRAM-SHA-1", ReasonPreferred},
	{"PLAIN before LOGIN", "LOGIN PLAIN", withPassword("u", "p"), "", "PLAIN", ReasonPreferred},
	{"LOGIN before CRAM-MD5", "CRAM-MD5 LOGIN", withPassword("u", "p"), "", "LOGIN", ReasonPreferred},
	{"lower case", "plain login", withPassword("u", "p"), "", "PLAIN", ReasonPreferred},
	{"Microsoft", "LOGIN XOAUTH2", withPassword("u", "p"), "", "LOGIN", ReasonPreferred},
	{"CRAM-MD5 alone", "CRAM-MD5", withPassword("u", "p"), "", "CRAM-MD5", ReasonAlone},
	{"retired ones alone", "NTLM DIGEST-MD5 CRAM-MD5", withPassword("u", "p"), "", "CRAM-MD5", ReasonAlone},
	{"DIGEST-MD5 alone", "GSSAPI DIGEST-MD5", withPassword("u", "p"), "", "DIGEST-MD5", ReasonAlone},
	{"token", "PLAIN OAUTHBEARER XOAUTH2", withToken("u", "t"), "", "XOAUTH2", ReasonPreferred},
	{"token, the standard alone", "PLAIN OAUTHBEARER", withToken("u", "t"), "", "OAUTHBEARER", ReasonPreferred},
	{"token counts before password", "PLAIN XOAUTH2",
		Credential{User: "u", Password: secret.New("p"), Token: secret.New("t")}, "", "XOAUTH2", ReasonPreferred},
	{"token, no mechanism for it", "PLAIN LOGIN", withToken("u", "t"), "", "", ReasonNoneUsable},
	{"password, tokens alone", "XOAUTH2 OAUTHBEARER", withPassword("u", "p"), "", "", ReasonNoneUsable},
	{"unknown ones", "NTLM GSSAPI", withPassword("u", "p"), "", "", ReasonNoneUsable},
	{"PLUS alone", "SCRAM-SHA-256-PLUS", withPassword("u", "p"), "", "", ReasonNoneUsable},
	{"authorization identity", "LOGIN CRAM-MD5 PLAIN", Credential{User: "u", Authzid: "a", Password: secret.New("p")}, "",
		"PLAIN", ReasonPreferred},
	{"authorization identity that none can carry", "LOGIN",
		Credential{User: "u", Authzid: "a", Password: secret.New("p")}, "", "", ReasonNoneUsable},
	{"asked for", "PLAIN CRAM-MD5", withPassword("u", "p"), "cram-md5", "CRAM-MD5", ReasonAsked},
	{"asked for, not offered", "PLAIN", withPassword("u", "p"), "LOGIN", "", ReasonNotOffered},
	{"asked for, not spoken", "NTLM", withPassword("u", "p"), "NTLM", "", ReasonNotSpoken},
	{"asked for PLUS", "SCRAM-SHA-1-PLUS", withPassword("u", "p"), "SCRAM-SHA-1-PLUS", "", ReasonNotSpoken},
	{"asked for, wants a token", "XOAUTH2 PLAIN", withPassword("u", "p"), "XOAUTH2", "", ReasonNotFitting},
	{"asked for, wants a password", "XOAUTH2 PLAIN", withToken("u", "t"), "PLAIN", "", ReasonNotFitting},
	{"nothing offered", "", withPassword("u", "p"), "", "", ReasonNoneOffered},
	{"nothing offered, one asked for", "", withPassword("u", "p"), "PLAIN", "", ReasonNoneOffered},
	{"no credential", "PLAIN", Credential{User: "u"}, "", "", ReasonNoCredential},
}

func TestChoose(t *testing.T) {
	for _, tt := range choices {
		t.Run(tt.name, func(t *testing.T) {
			mechanism, reason := Choose(strings.Fields(tt.offered), tt.credential, tt.asked)
			if mechanism != tt.mechanism || reason != tt.reason {
				t.Errorf("got %q, %q; want %q, %q", mechanism, reason, tt.mechanism, tt.reason)
			}
			if mechanism == "" {
				return
			}
			if _, err := New(mechanism, tt.credential); err != nil {
				t.Errorf("chosen, but %v", err)
			}
		})
	}
}

var refusals = []struct {
	name, mechanism string
	credential      Credential
	want            Problem
}{
	{"unknown", "NTLM", withPassword("u", "p"), ProblemUnknown},
	{"none", "", withPassword("u", "p"), ProblemUnknown},
	{"no user name", "PLAIN", withPassword("", "p"), ProblemNoUser},
	{"no password", "PLAIN", withToken("u", "t"), ProblemNoPassword},
	{"no token", "XOAUTH2", withPassword("u", "p"), ProblemNoToken},
	{"authorization identity", "LOGIN", Credential{User: "u", Authzid: "a", Password: secret.New("p")}, ProblemNoAuthzid},
	{"NUL in the user name", "PLAIN", withPassword("u\x00root", canary), ProblemUser},
	{"line end in the user name", "LOGIN", withPassword("u\r\nQUIT", canary), ProblemUser},
	{"separator in the user name", "XOAUTH2", withToken("u\x01auth=Bearer x", token), ProblemUser},
	{"C1 control in the user name", "PLAIN", withPassword("u\u0085", canary), ProblemUser},
	{"user name not UTF-8", "SCRAM-SHA-256", withPassword("gr\xfcn", canary), ProblemUser},
	{"NUL in the authorization identity", "PLAIN", Credential{User: "u", Authzid: "a\x00", Password: secret.New(canary)},
		ProblemUser},
	{"separator in the host", "OAUTHBEARER", Credential{User: "u", Token: secret.New(token), Host: "h\x01x"}, ProblemUser},
	{"NUL in the password", "PLAIN", withPassword("u", canary+"\x00"), ProblemPassword},
	{"password not UTF-8", "PLAIN", withPassword("u", canary+"\xff"), ProblemPassword},
	{"line end in the token", "XOAUTH2", withToken("u", token+"\n"), ProblemToken},
	{"separator in the token", "OAUTHBEARER", withToken("u", token+"\x01x"), ProblemToken},
	{"space in the token", "XOAUTH2", withToken("u", "Bearer "+token), ProblemToken},
	{"token not ASCII", "XOAUTH2", withToken("u", token+"é"), ProblemToken},
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			x, err := New(tt.mechanism, tt.credential)
			e, ok := err.(*Error)
			if x != nil || !ok || e.Problem != tt.want {
				t.Fatalf("got %v, %v; want %s", x, err, tt.want)
			}
			checkHidden(t, err.Error())
		})
	}
}

// TestMechanismIsNotRepeated: what was asked for may be a password in the
// wrong place.
func TestMechanismIsNotRepeated(t *testing.T) {
	_, err := New(canary, withPassword("u", "p"))
	if got, want := err.Error(), "the SASL mechanism is not spoken here"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestProblemsHaveWords reads every problem in the table of words, which is
// what Error prints.
func TestProblemsHaveWords(t *testing.T) {
	for p, words := range problemWords {
		if p == "" || words == "" || strings.ContainsAny(words, "\r\n") {
			t.Errorf("%q has the words %q", p, words)
		}
	}
	if len(problemWords) != 19 {
		t.Errorf("%d problems have words, there are 19", len(problemWords))
	}
}
