package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"smtptest/bot/command"
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
func (t *terminal) login(ctx context.Context, c command.Command) (*probe.Login, error) {
	switch {
	case c.User == "":
		return nil, nil
	case c.TokenFile != "" && c.PasswordFile != "":
		return nil, loginError("--password-file and --token-file are two different logins. Give one of them.")
	case c.Mechanism != "" && !supported(c.Mechanism):
		return nil, loginError("The value of --mechanism is not known. Write one of " +
			"SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, XOAUTH2, OAUTHBEARER, CRAM-MD5, DIGEST-MD5.")
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
		l.Credential.Password, err = t.ask(ctx, "Password for "+c.User+": ")
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
	content, err := io.ReadAll(io.LimitReader(f, maxSecretOctets+1))
	if err != nil || len(content) > maxSecretOctets {
		return secret.Secret{}, loginError("The file behind " + option + " cannot be read. It may have at most 64 KiB.")
	}
	return given(strings.TrimRight(string(content), "\r\n"))
}

// supported reports a mechanism that can be asked for.
func supported(mechanism string) bool {
	_, err := sasl.New(mechanism, sasl.Credential{})
	var problem *sasl.Error
	return errors.As(err, &problem) && problem.Problem != sasl.ProblemUnknown
}

// ask asks at the keyboard without echo; input that is no keyboard gives its
// next line.
func (t *terminal) ask(ctx context.Context, prompt string) (secret.Secret, error) {
	if !t.inIsTerminal {
		line, ok := t.readLine(ctx)
		if !ok {
			return secret.Secret{}, loginError("No password came: standard input is not a terminal and is empty. " +
				"Pipe the password in, or use --password-file FILE.")
		}
		return given(line)
	}
	fmt.Fprint(t.err, prompt)
	defer fmt.Fprintln(t.err)
	return t.askKeyboard(ctx)
}

// askKeyboard gives the echo back when the person stops the program instead
// of answering.
func (t *terminal) askKeyboard(ctx context.Context) (secret.Secret, error) {
	keyboard := int(t.keyboard.Fd())
	state, err := term.GetState(keyboard)
	if err != nil {
		return secret.Secret{}, loginError("The password could not be read from the keyboard. Use --password-file FILE.")
	}
	typed := make(chan []byte, 1)
	go func() {
		content, _ := term.ReadPassword(keyboard)
		typed <- content
	}()
	select {
	case content := <-typed:
		return given(string(content))
	case <-ctx.Done():
		_ = term.Restore(keyboard, state)
		return secret.Secret{}, errStopped
	}
}

// errStopped says that the person stopped before anything was tested.
const errStopped = loginError("Stopped before the password was given. Nothing was connected.")

func given(value string) (secret.Secret, error) {
	if value == "" {
		return secret.Secret{}, loginError("The password or token is empty, so no login was tried.")
	}
	return secret.New(value), nil
}
