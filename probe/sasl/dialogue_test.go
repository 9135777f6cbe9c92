package sasl

import (
	"encoding/base64"
	"strings"
	"testing"

	"smtptest/probe/secret"
)

// canary is a password that every form of escaping changes.
const canary = `"&‹\é-canary`

// token is a canary that can be a token.
const token = `"&<\'~+/=canary`

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func decode(t *testing.T, text string) string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatalf("%q is not base64: %v", text, err)
	}
	return string(data)
}

func withPassword(user, password string) Credential {
	return Credential{User: user, Password: secret.New(password), Host: "mx.example.com", Port: 587}
}

func withToken(user, token string) Credential {
	return Credential{User: user, Token: secret.New(token), Host: "server.example.com", Port: 587}
}

// begin makes an Exchange of a mechanism; a nonce takes the place of the
// random one.
func begin(t *testing.T, mechanism string, c Credential, nonce string) *Exchange {
	t.Helper()
	m, ok := methodOf(mechanism)
	if p := m.refuse(c); !ok || p != "" {
		t.Fatalf("%s: known %v, refused %q", mechanism, ok, p)
	}
	steps := m.make(c)
	switch d := steps.(type) {
	case *scramClient:
		if nonce != "" && mechanism == "SCRAM-SHA-1" {
			steps = newScramSHA1(c, nonce)
		} else if nonce != "" {
			steps = newScramSHA256(c, nonce)
		}
	case *digestMD5:
		if nonce != "" {
			d.cnonce = nonce
		}
	}
	return newExchange(m, steps, c)
}

// converse carries an exchange out. Each step is what the server says and what
// the client has to answer, "SERVER → WIRE | SHOWN", not encoded; the first
// is the AUTH command, without a server's part.
func converse(t *testing.T, x *Exchange, steps []string) {
	t.Helper()
	for i, step := range steps {
		server, client, _ := strings.Cut(step, " → ")
		wire, shown, _ := strings.Cut(client, " | ")
		var l Line
		var err error
		if i == 0 {
			l = x.Start()
		} else {
			l, err = x.Next(encode(server))
			wire = encode(wire)
		}
		if err != nil || l.Reveal() != wire || l.Shown != shown {
			t.Fatalf("step %d: got %q shown as %q, %v; want %q shown as %q", i, l.Reveal(), l.Shown, err, wire, shown)
		}
	}
}

// problem is what Next says about one challenge.
func problem(t *testing.T, x *Exchange, text string) Problem {
	t.Helper()
	l, err := x.Next(text)
	if err == nil {
		return ""
	}
	e, ok := err.(*Error)
	if !ok || l.Reveal() != "*" || l.Shown != "*" {
		t.Fatalf("error %v with the line %q shown as %q", err, l.Reveal(), l.Shown)
	}
	if x.Evidence().Problem == "" || e.Mechanism != x.Evidence().Mechanism || e.Problem.Words() == "" {
		t.Fatalf("error %v, evidence %+v", err, x.Evidence())
	}
	return e.Problem
}
