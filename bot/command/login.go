package command

import (
	"strings"
	"unicode"

	"smtptest/formatting"
)

// setFile takes the name of a file as it was typed.
func setFile(to func(*Command) *string) func(*Command, word) *UsageError {
	return func(c *Command, w word) *UsageError {
		if w.raw == "" {
			return &UsageError{ID: formatting.UsageBadFile}
		}
		*to(c) = w.raw
		return nil
	}
}

// setLogin takes the user name as it was typed: it is often a mail address,
// and need not be one.
func setLogin(c *Command, w word) *UsageError {
	if w.raw == "" || strings.ContainsFunc(w.raw, unicode.IsControl) {
		return &UsageError{ID: formatting.UsageBadUser}
	}
	c.User = w.raw
	return nil
}

// setMechanism takes a name by the syntax of RFC 4422 §3.1.
func setMechanism(c *Command, w word) *UsageError {
	const maxMechanismChars = 20
	name := strings.ToUpper(w.text)
	if name == "" || len(name) > maxMechanismChars || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return &UsageError{ID: formatting.UsageBadMechanism}
	}
	c.Mechanism = name
	return nil
}
