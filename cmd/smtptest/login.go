package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"smtptest/bot"
	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// maxSecretOctets bounds a password or token: the largest OAuth tokens have
// some 4 KiB.
const maxSecretOctets = 64 << 10

// loginError says in sentences for people why there is nothing to log in
// with.
type loginError string

// Error implements error.
func (e loginError) Error() string { return string(e) }

// login gathers what --login asks for; nil without it. Secrets come from a
// file or from the keyboard, never from an argument, which others on this
// machine could read.
func (t *terminal) login(c bot.Command) (*probe.Login, error) {
	if c.User == "" {
		return nil, nil
	}
	target := c.Request.Target
	l := &probe.Login{
		Mechanism:  c.Mechanism,
		Credential: sasl.Credential{User: c.User, Host: target.Host, Port: target.Port},
	}
	var err error
	switch {
	case c.TokenFile != "":
		l.Credential.Token, err = secretFile(c.TokenFile, "--token-file")
	case c.PasswordFile != "":
		l.Credential.Password, err = secretFile(c.PasswordFile, "--password-file")
	default:
		l.Credential.Password, err = t.ask("Password for " + c.User + ": ")
	}
	return l, err
}

// secretFile reads a secret; the line end that editors add is not part of it.
func secretFile(name, option string) (secret.Secret, error) {
	f, err := os.Open(name)
	if err != nil {
		return secret.Secret{}, loginError("The file behind " + option + " cannot be read. Check its name and rights.")
	}
	defer f.Close()
	octets, err := io.ReadAll(io.LimitReader(f, maxSecretOctets+1))
	if err != nil || len(octets) > maxSecretOctets {
		return secret.Secret{}, loginError("The file behind " + option + " cannot be read. It may have at most 64 KiB.")
	}
	return given(strings.TrimRight(string(octets), "\r\n"))
}

// ask asks at the keyboard without echo; input that is no keyboard gives its
// first line.
func (t *terminal) ask(prompt string) (secret.Secret, error) {
	if !t.inIsTerminal {
		line, _ := bufio.NewReader(io.LimitReader(t.in, maxSecretOctets)).ReadString('\n')
		return given(strings.TrimRight(line, "\r\n"))
	}
	fmt.Fprint(t.err, prompt)
	octets, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(t.err)
	if err != nil {
		return secret.Secret{}, loginError("The password could not be read from the keyboard. Use --password-file FILE.")
	}
	return given(string(octets))
}

func given(value string) (secret.Secret, error) {
	if value == "" {
		return secret.Secret{}, loginError("The password or token is empty, so no login was tried.")
	}
	return secret.New(value), nil
}
