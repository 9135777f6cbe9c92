package main

import (
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/domain"
)

// TestDemoDomain: the playground's domain is as its story says, for hours.
func TestDemoDomain(t *testing.T) {
	e := eitherDomain{&domain.Examiner{}}
	r, err := e.Examine(t.Context(), domain.Request{Domain: "Example.Test."}, domain.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	text := formatting.Text(formatting.Domain(delivery.Judge(&r)))
	for _, part := range []string{"EXPIRED", "signed, verified here", "WAITS", "enforce", "2001:db8::1"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	r, err = e.Examine(t.Context(), domain.Request{Domain: "inner.internal"}, domain.Hooks{})
	if err != nil || r.Denied == "" {
		t.Errorf("outside: %v, %q", err, r.Denied)
	}
}
