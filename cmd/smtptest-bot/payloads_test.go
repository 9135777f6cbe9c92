package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	fakeslack "smtptest/bot/playground/slack"
)

// TestPayloads: the fake takes every kind of message; what Slack would not take
// is said with its place, and so is that it cannot be asked.
func TestPayloads(t *testing.T) {
	s := fake(t, fakeslack.Options{})
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.ContentLength > 250<<10 {
			t.Errorf("a token, or %d octets", r.ContentLength)
		}
		_, _ = w.Write([]byte(`{"ok":false,"error":"invalid_view","errors":[{"pointer":"/blocks/0/type",` +
			`"code":"failed_constraint","message":"no\u001b[2Jsuch block","constraint":{"got":"x"}}]}`))
	}))
	t.Cleanup(refusing.Close)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"ok":true,"error":"` + strings.Repeat("x", 300<<10) + `"}`))
	}))
	t.Cleanup(endless.Close)
	for _, tt := range []struct {
		at, says string
		code     int
	}{
		{strings.TrimSuffix(s.URL(), "/api/"), "payloads, and would not take 0 of them.", exitStopped},
		{refusing.URL, `help, the channel: /blocks/0/type: no`, exitRefused},
		{endless.URL, "the answer is not Slack's", exitRefused},
		{"http://127.0.0.1:1", "could not be asked about payload 1 (a test that runs, the channel):", exitRefused},
	} {
		with(t, "SLACK_API_URL", tt.at)
		c, problems := read()
		var out bytes.Buffer
		if code := checkPayloads(t.Context(), c, 0, &out); code != tt.code || !strings.Contains(out.String(), tt.says) ||
			strings.Contains(out.String(), "\x1b") || len(problems) > 0 {
			t.Errorf("%s: exit code %d, %v, said\n%s", tt.at, code, problems, out.String())
		}
	}
	if v := s.Violations(); len(v) > 0 || s.Counts()["blocks.validate"] < 20 {
		t.Errorf("%d payloads, violations %q", s.Counts()["blocks.validate"], v)
	}
}
