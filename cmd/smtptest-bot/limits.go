package main

import (
	"strconv"
	"strings"
	"time"

	"smtptest/bot/results"
)

func (r *reader) limits(v variables) results.Limits {
	return results.Limits{
		Person: r.rate("SMTPTEST_LIMIT_PERSON", v.LimitPerson), Channel: r.rate("SMTPTEST_LIMIT_CHANNEL", v.LimitChannel),
		Target: r.rate("SMTPTEST_LIMIT_TARGET", v.LimitTarget), Login: r.rate("SMTPTEST_LIMIT_LOGIN", v.LimitLogin),
		Recipients: r.rate("SMTPTEST_LIMIT_RECIPIENTS", v.LimitRecipients),
		Answers:    results.DefaultLimits().Answers, Comparison: results.DefaultLimits().Comparison,
		PersonAtOnce: r.number("SMTPTEST_LIMIT_PERSON_AT_ONCE", v.LimitPersonAtOnce),
		AtOnce:       r.number("SMTPTEST_LIMIT_AT_ONCE", v.LimitAtOnce),
	}
}

func (r *reader) number(variable, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		r.Wrong(variable, "is not a number from 1 to 1000")
	}
	return n
}

// rate reads a number and the time that it counts over, such as 5/1m.
func (r *reader) rate(variable, text string) results.Rate {
	number, per, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(number)
	d, bad := time.ParseDuration(per)
	if err != nil || bad != nil || n < 1 || n > 1_000_000 || d < time.Second || d > 24*time.Hour {
		r.Wrong(variable, "is not a rate such as 5/1m: a number from 1, a slash, a time from 1s to 24h")
	}
	return results.Rate{Most: n, Per: d}
}
