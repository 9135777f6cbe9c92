// Package formattest makes messages for the tests of all renderers: what every
// case leads to, and random ones made of what hostile servers send.
//
// What people read is kept in golden files, which a person reads whenever they
// change:
//
//	UPDATE=1 go test ./...
//
// writes all golden files of the repository anew, whichever package they
// belong to, and removes those that belong to nothing. Package plain has one
// for every case; the renderers of the chats have one for each of the Shapes,
// and are checked against all cases by property tests.
package formattest

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/formatting"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

// Cases are all cases.
func Cases(t testing.TB) []*probetest.Case {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Message words a case for a place where it is read.
func Message(t *testing.T, c *probetest.Case, where formatting.Platform) formatting.Message {
	t.Helper()
	return formatting.Result(Judged(t, c), where)
}

// Judged plays a case in virtual time and judges it. What a client does
// against a script is the business of package probe's tests.
func Judged(t *testing.T, c *probetest.Case) (j diagnosis.Judged) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		report, err := probetest.Run(t.Context(), c)
		var mismatch *probetest.Mismatch
		if err != nil && !errors.As(err, &mismatch) {
			t.Fatal(err)
		}
		j = diagnosis.Judge(&report)
	})
	return j
}

// Constant replaces in a rendered case what new keys make new, and new nonces
// in what a SCRAM server says first.
func Constant(text string) string {
	text = fingerprint.ReplaceAllString(text, strings.Repeat("0", 64))
	return nonce.ReplaceAllString(text, "334 cj1…")
}

var (
	fingerprint = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	nonce       = regexp.MustCompile(`334 cj[01]\S+`)
)
