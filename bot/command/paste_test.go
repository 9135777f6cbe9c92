package command

import (
	"errors"
	"strings"
	"testing"

	"smtptest/formatting"
)

// paste is a text, and what it gives.
type paste struct{ name, text, gives string }

func pastes(t testing.TB, file string) []paste {
	t.Helper()
	return rows(t, file, 3, func(c []string) (paste, error) {
		text, err := unquoted(c[1])
		return paste{c[0], text, c[2]}, err
	})
}

// given is what reading a text gave, as the tables say it.
func given(c Command, err error) string {
	usage, bad := errors.AsType[*UsageError](err)
	switch {
	case bad && usage.ID == formatting.UsageSeveral:
		return "several " + strings.Join(usage.Targets, " ")
	case bad:
		return string(usage.ID)
	case c.Verb == VerbDomain:
		return "domain " + c.Domain.Domain
	case c.Verb == VerbEgress:
		return string(c.Verb)
	}
	return c.Request.Target.String() + " " + string(c.Request.Security)
}

// TestPastesWhereSwitchedOff: what does not exist is not what anybody has meant.
func TestPastesWhereSwitchedOff(t *testing.T) {
	off := Dialect{NoDomain: true, NoEgress: true}
	for text, want := range map[string]string{
		"mx example.com": "example.com:587 auto", "alice@example.com": string(formatting.UsageMailAddress),
		"is port 25 blocked here?": string(formatting.UsageNoTarget),
	} {
		if got := given(Parse(text, off)); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestPastes(t *testing.T) {
	for _, tt := range append(pastes(t, "pastes.tsv"), pastes(t, "pastes_unseen.tsv")...) {
		t.Run(tt.name, func(t *testing.T) {
			if got := given(Parse(tt.text, Dialect{})); got != tt.gives {
				t.Errorf("%q gives %s, want %s", tt.text, got, tt.gives)
			}
		})
	}
}
