package reproduce_test

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

// golden are the cases whose commands and ticket a person has read: one for
// each tool and each way in which a session ends.
func golden() []string {
	return []string{
		"good", "implicit", "address-not-named", "wrong-name", "tls-1.0", "tls-on-plain-port", "only-465",
		"password-wrong-gmail", "relay-denied", "null-sender", "smtputf8", "ipv6-dead", "no-such-name", "dnssec-broken",
		"private-address",
	}
}

func TestGolden(t *testing.T) {
	all := cases(t)
	for _, name := range golden() {
		t.Run(name, func(t *testing.T) {
			c := all[name]
			if c == nil {
				t.Fatal("there is no such case")
			}
			synctest.Test(t, func(t *testing.T) { checkGolden(t, c) })
		})
	}
}

func checkGolden(t *testing.T, c *probetest.Case) {
	report := play(t, c)
	var text strings.Builder
	if section, ok := reproduce.Section(&report, reproduce.Here{}); ok {
		text.WriteString(section.Title + "\n")
		for _, l := range section.Lines {
			text.WriteString(l.Text + "\n")
		}
	}
	text.WriteString("\n-- ticket --\n" + reproduce.Ticket(diagnosis.Judge(&report), ""))
	got := regexp.MustCompile(`\b[0-9a-f]{64}\b`).ReplaceAllString(text.String(), strings.Repeat("0", 64))
	probetest.Golden(t, filepath.Join("testdata", c.Name+".txt"), got)
}

func cases(t testing.TB) map[string]*probetest.Case {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]*probetest.Case{}
	for _, c := range all {
		named[c.Name] = c
	}
	return named
}

// play runs a case. What a client does against a script is the business of
// package probe's tests.
func play(t *testing.T, c *probetest.Case) probe.Report {
	t.Helper()
	report, err := probetest.Run(t.Context(), c)
	var mismatch *probetest.Mismatch
	if err != nil && !errors.As(err, &mismatch) {
		t.Fatal(err)
	}
	return report
}
