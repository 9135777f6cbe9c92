package probetest

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// scram plays the server's part of SCRAM-SHA-256 (RFC 5802 §5, RFC 7677),
// from the client's AUTH command up to its last line; the script goes on
// with the final reply. It checks the client against the RFC's own formulas: the
// proof must be that of the password. text is how the server behaves:
//
//	ok               all goes well
//	wrong-signature  it proves another password; the client must cancel
//	refuse           it calls the right proof wrong (e=invalid-proof)
//	wrong-nonce      it does not go on from the client's nonce; the client must cancel
//	iterations=N     it asks for N; the client must cancel unless N is 4096
//	no-signature     it accepts without a proof of its own
func (p *play) scram(a Action) error {
	x := &scramExchange{play: p, action: a, password: p.server.Login.Credential.Password.Reveal(), iterations: 4096}
	if n, ok := strings.CutPrefix(a.Text, "iterations="); ok {
		x.iterations, _ = strconv.Atoi(n)
	}
	if err := x.first(); err != nil || p.denies() {
		return err
	}
	if a.Text == "wrong-nonce" || x.iterations != 4096 {
		return p.expect(Action{Line: a.Line, Text: "*", exact: true})
	}
	if err := x.proof(); err != nil || p.denies() || a.Text == "no-signature" {
		return err
	}
	return x.final()
}

// scramExchange is one login.
type scramExchange struct {
	play       *play
	action     Action
	password   string
	iterations int
	said       string // the AuthMessage of RFC 5802 §3 so far
	nonce      string
}

const scramSalt = "W22ZaJ0SNY7soEsUEjb6gQ==" // the example's of RFC 7677 §3

const scramCommand = "AUTH SCRAM-SHA-256 "

// command reads the AUTH command. A guest may say something else before.
func (x *scramExchange) command() (string, error) {
	for {
		line, err := x.play.line(x.action)
		if err != nil || x.play.guest == nil || strings.HasPrefix(line, scramCommand) {
			return line, err
		}
		if err := x.play.answer(line); err != nil {
			return "", err
		}
	}
}

// first reads the AUTH command and sends the server-first-message.
func (x *scramExchange) first() error {
	line, err := x.command()
	if err != nil {
		return err
	}
	encoded, ok := strings.CutPrefix(line, scramCommand)
	message, err := base64.StdEncoding.DecodeString(encoded)
	user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(x.play.server.Login.Credential.User)
	nonce, bare := strings.CutPrefix(string(message), "n,,n="+user+",r=")
	if !ok || err != nil || !bare {
		return x.unexpected("a client-first-message of this user", line)
	}
	x.nonce = nonce + "3rfcNHYJY1ZVvWVs7j"
	if x.action.Text == "wrong-nonce" {
		x.nonce = "another" + x.nonce
	}
	first := fmt.Sprintf("r=%s,s=%s,i=%d", x.nonce, scramSalt, x.iterations)
	x.said = strings.TrimPrefix(string(message), "n,,") + "," + first
	return x.challenge(first)
}

// proof reads the client-final-message and verifies it.
func (x *scramExchange) proof() error {
	line, err := x.play.line(x.action)
	if err != nil {
		return err
	}
	message, err := base64.StdEncoding.DecodeString(line)
	bare, proof, found := strings.Cut(string(message), ",p=")
	if err != nil || !found || bare != "c=biws,r="+x.nonce {
		return x.unexpected("a client-final-message", line)
	}
	x.said += "," + bare
	key := mac(x.salted(x.password), "Client Key")
	stored := sha256.Sum256(key)
	want := make([]byte, len(key))
	subtle.XORBytes(want, key, mac(stored[:], x.said))
	if proof != base64.StdEncoding.EncodeToString(want) {
		return x.unexpected("the proof of the password", line)
	}
	return nil
}

// final sends the server-final-message and reads the client's answer to it.
func (x *scramExchange) final() error {
	password, answer := x.password, ""
	switch x.action.Text {
	case "refuse":
		if err := x.challenge("e=invalid-proof"); err != nil {
			return err
		}
		return x.play.expect(Action{Line: x.action.Line, exact: true})
	case "wrong-signature":
		password, answer = "another", "*"
	}
	signature := mac(mac(x.salted(password), "Server Key"), x.said)
	if err := x.challenge("v=" + base64.StdEncoding.EncodeToString(signature)); err != nil {
		return err
	}
	return x.play.expect(Action{Line: x.action.Line, Text: answer, exact: true})
}

func (x *scramExchange) challenge(message string) error {
	return x.play.send("334 " + base64.StdEncoding.EncodeToString([]byte(message)) + "\r\n")
}

// unexpected ends a login of a guest, and a script that was written for its
// client.
func (x *scramExchange) unexpected(want, got string) error {
	if x.play.guest != nil {
		x.play.guest.denied = true
		return nil
	}
	return &Mismatch{x.action.Line, want, fmt.Sprintf("%q", got)}
}

// salted is Hi(password, salt, i) of RFC 5802 §2.2. Its error is for key
// lengths that are not asked for here.
func (x *scramExchange) salted(password string) []byte {
	salt, _ := base64.StdEncoding.DecodeString(scramSalt)
	key, _ := pbkdf2.Key(sha256.New, password, salt, x.iterations, sha256.Size)
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
