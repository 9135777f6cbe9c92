// Package settings turns the texts of environment variables into values, for the
// daemons: each has one file that reads its environment. What is wrong is said in
// one line for each variable, and never with its value.
package settings

import (
	"crypto/x509"
	"fmt"
	"strconv"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/dnssec"
	"smtptest/probe/smtp"
)

// Reader turns texts into values and gathers what is wrong.
type Reader struct {
	Lookup   func(variable string) (string, bool) // os.LookupEnv; nil: nothing is set
	Problems []error
}

// Problem is one thing that is wrong with a variable, in one line. It never
// contains the value: it may be a secret in the wrong place.
type Problem struct{ Variable, Says string }

// Error implements error.
func (p Problem) Error() string { return p.Variable + ": " + p.Says }

// Say is what is wrong with a variable.
func Say(variable, says string) Problem { return Problem{variable, says} }

// Set reports whether a variable is set, be it to nothing.
func (r *Reader) Set(variable string) bool {
	if r.Lookup == nil {
		return false
	}
	_, set := r.Lookup(variable)
	return set
}

// Wrong notes what is wrong with a variable, without its value.
func (r *Reader) Wrong(variable, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{variable, fmt.Sprintf(format, args...)})
}

// List splits at commas and blanks. A list that is set and has nothing in it is
// wrong: one that came out empty by accident must not open what it closes.
func (r *Reader) List(variable, text string) []string {
	all := strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' || c == '\n' || c == '\t' })
	if r.Set(variable) && len(all) == 0 {
		r.Wrong(variable, "is set and lists nothing, so it would close nothing; leave it out, or fill it")
	}
	return all
}

// Line is a text of one short line that people read.
func (r *Reader) Line(variable, text string) string {
	const most = 40 // runes
	if len([]rune(text)) > most || smtp.Printable([]byte(text)) != text {
		r.Wrong(variable, "is longer than %d characters, or holds some that cannot be shown", most)
	}
	return text
}

// Yes reads true or false.
func (r *Reader) Yes(variable, text string) bool {
	on, err := strconv.ParseBool(text)
	if err != nil {
		r.Wrong(variable, "is neither true nor false")
	}
	return on
}

// OneOf is a text that must be one of some words.
func (r *Reader) OneOf(variable, text string, words ...string) string {
	for _, w := range words {
		if text == w {
			return w
		}
	}
	r.Wrong(variable, "is none of %s", strings.Join(words, ", "))
	return ""
}

// Grace is how long tests may go on after SIGTERM.
func (r *Reader) Grace(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 10*time.Minute {
		r.Wrong("SMTPTEST_GRACE", "is not a time from 0s to 10m")
	}
	return d
}

// Roots reads a PEM file of authorities; nil: none is named.
func (r *Reader) Roots(variable, file string) *x509.CertPool {
	if file == "" {
		return nil
	}
	pool, err := probe.ReadRoots(file)
	if err != nil {
		r.Wrong(variable, "names a file that %s", err)
	}
	return pool
}

// Anchors reads a file of trust anchors; nil: none is named.
func (r *Reader) Anchors(file string) dnssec.Anchors {
	if file == "" {
		return nil
	}
	anchors, err := dnssec.ReadAnchors(file)
	if err != nil {
		r.Wrong("SMTPTEST_TRUST_ANCHORS_FILE", "names a file that cannot be used: %s", err)
	}
	return anchors
}
