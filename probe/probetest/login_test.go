package probetest

import (
	"strings"
	"testing"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

func testLogin() *probe.Login {
	return &probe.Login{Credential: sasl.Credential{
		User: "tim", Password: secret.New(`tan"s*taaf`), Token: secret.New("ya29.x"), Host: "mx.example.test", Port: 587,
	}}
}

func TestExpand(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "AUTH LOGIN", "AUTH LOGIN"},
		{"user and password", `{user}/{password}`, `tim/tan"s*taaf`},
		{"token, host and port", "{token} {host}:{port}", "ya29.x mx.example.test:587"},
		{"PLAIN", `AUTH PLAIN {base64:\0{user}\0{password}}`, "AUTH PLAIN AHRpbQB0YW4icyp0YWFm"},
		{"XOAUTH2", `{base64:user={user}\1auth=Bearer {token}\1\1}`, "dXNlcj10aW0BYXV0aD1CZWFyZXIgeWEyOS54AQE="},
		{"escapes", `{hex:{password}} {url:{password}} {json:{password}} {html:{password}}`,
			`74616e22732a74616166 tan%22s%2Ataaf tan\"s*taaf tan&#34;s*taaf`},
		{"made printable", `{printable:a\0}`, `a\x00`},
		{"JSON", `{base64:{"status":"{user}"}}`, "eyJzdGF0dXMiOiJ0aW0ifQ=="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := expand(tt.text, testLogin()); err != nil || got != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if got, err := expand("{user} {", nil); err != nil || got != "{user} {" {
		t.Errorf("without a login: %q, %v", got, err)
	}
	for _, text := range []string{"{user", "{base64:{user}", "{name}", "{rot13:x}", `{"a":{rot13:x}}`} {
		if got, err := expand(text, testLogin()); err == nil {
			t.Errorf("%s became %q", text, got)
		}
	}
}

// TestKeyedHash is the example of RFC 2195 §2.
func TestKeyedHash(t *testing.T) {
	login := &probe.Login{Credential: sasl.Credential{User: "tim", Password: secret.New("tanstaaftanstaaf")}}
	got, err := expand("{user} {hmac-md5:<1896.697170952@postoffice.reston.mci.net>}", login)
	if err != nil || got != "tim b913a602c7eda7a495b4e6e7334d3890" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestFilledInIsLiteral: a star in a password is no wildcard, one in the
// script is.
func TestFilledInIsLiteral(t *testing.T) {
	for _, tt := range []struct {
		pattern, line string
		want          bool
	}{
		{"{password}", `tan"s*taaf`, true},
		{"{password}", `tan"s-staaf`, false},
		{"AUTH * {password}", `AUTH X tan"s*taaf`, true},
		{"{base64:{user}}*", "dGlt and more", true},
	} {
		if got, err := matchesFilled(tt.pattern, tt.line, testLogin()); err != nil || got != tt.want {
			t.Errorf("%q and %q: %t, %v", tt.pattern, tt.line, got, err)
		}
	}
	if _, err := matchesFilled("{rot13:x}", "x", testLogin()); err == nil {
		t.Error("a pattern that cannot be filled in is no error")
	}
}

// TestScramHoldsTheClient: a client that does not know the password must be
// found out. That one that does gets through is what the case scram proves.
func TestScramHoldsTheClient(t *testing.T) {
	script, err := ParseScript("SCRAM: ok")
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]string{
		"no message":      "AUTH SCRAM-SHA-256\r\n",
		"another command": "AUTH PLAIN x\r\n",
		"another user":    "AUTH SCRAM-SHA-256 biwsbj1ldmUscj1hYmM=\r\n", // n,,n=eve,r=abc
		"another nonce":   "AUTH SCRAM-SHA-256 biwsbj10aW0scj1hYmM=\r\nYz1iaXdzLHI9YWJjLHA9eA==\r\n",
		"wrong proof": "AUTH SCRAM-SHA-256 biwsbj10aW0scj1hYmM=\r\n" +
			"Yz1iaXdzLHI9YWJjM3JmY05IWUpZMVpWdldWczdqLHA9eA==\r\n",
		"gone in the midst": "AUTH SCRAM-SHA-256 biwsbj10aW0scj1hYmM=\r\n",
	} {
		err := playWithLogin(t, script, client)
		if err == nil || !strings.Contains(err.Error(), "script line 1: wanted ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
