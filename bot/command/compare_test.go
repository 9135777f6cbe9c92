package command

import (
	"errors"
	"fmt"
	"testing"

	"smtptest/formatting"
	"smtptest/probe"
)

// TestCompare: what the second server does not say is that of the first.
func TestCompare(t *testing.T) {
	for _, tt := range []struct{ text, first, second string }{
		{"compare a.example.com b.example.com", "a.example.com:587 auto", "b.example.com:587 auto"},
		{"compare a.example.com:25 b.example.com", "a.example.com:25 auto", "b.example.com:25 auto"},
		{"compare a.example.com:587 465", "a.example.com:587 auto", "a.example.com:465 auto"},
		{"compare smtps://a.example.com a.example.com:587", "a.example.com:465 implicit", "a.example.com:587 auto"},
		{"compare a.example.com b.example.com:2525 --tls starttls", "a.example.com:587 starttls",
			"b.example.com:2525 starttls"},
		{"compare a.example.com:25 192.0.2.1 192.0.2.2", "a.example.com:25 auto 192.0.2.1",
			"a.example.com:25 auto 192.0.2.2"},
		{"compare 192.0.2.1:25 [2001:db8::1]:25", "192.0.2.1:25 auto", "[2001:db8::1]:25 auto"},
	} {
		c, err := Parse(tt.text, Dialect{})
		if err != nil || c.Verb != VerbCompare || side(c.Request) != tt.first || side(c.Other) != tt.second {
			t.Errorf("%s: %q and %q, %v", tt.text, side(c.Request), side(c.Other), err)
		}
	}
}

// TestCompareRefuses: what contradicts itself is not tested.
func TestCompareRefuses(t *testing.T) {
	for text, want := range map[string]UsageError{
		"compare 192.0.2.1 192.0.2.2 192.0.2.3":      {ID: formatting.UsageTwoServers, Word: 4},
		"compare a.example.com:25 192.0.2.1 --ip 6":  {ID: formatting.UsageFamilyTarget, Option: "--ip"},
		"compare a.example.com 192.0.2.1 ::1 --ip 4": {ID: formatting.UsageFamilyAt, Option: "--ip"},
		"a.example.com:25 --repeat 20 --enforced": {
			ID: formatting.UsageNotTogether, Option: "--enforced", Want: "--repeat",
		},
		"compare a.example.com b.example.com --json --brief": {
			ID: formatting.UsageTwoForms, Option: "--json", Want: "--brief",
		},
	} {
		_, err := Parse(text, Dialect{Terminal: true})
		usage, ok := errors.AsType[*UsageError](err)
		if !ok || usage.ID != want.ID || usage.Word != want.Word || usage.Option != want.Option || usage.Want != want.Want {
			t.Errorf("%s: %+v", text, err)
		}
	}
}

func side(r probe.Request) string {
	text := fmt.Sprint(r.Target, " ", r.Security)
	if r.At.IsValid() {
		text += " " + r.At.String()
	}
	return text
}
