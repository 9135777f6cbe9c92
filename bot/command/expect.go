package command

import (
	"smtptest/formatting"
	"smtptest/probe/diagnosis/expect"
)

// setExpect checks the list and keeps its text: a Command is plain data.
func setExpect(c *Command, w word) *UsageError {
	if _, err := expect.Parse(w.text); err != nil {
		return &UsageError{ID: formatting.UsageBadExpect, Reason: err.Error()}
	}
	c.Expect = w.text
	return nil
}
