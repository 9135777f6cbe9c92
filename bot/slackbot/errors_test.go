package slackbot

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"smtptest/bot/chat"
)

// TestClassify sorts what the Web API and the library say.
func TestClassify(t *testing.T) {
	t.Parallel()
	says := func(code string) error { return slack.SlackErrorResponse{Err: code} }
	status := func(code int) error { return slack.StatusCodeError{Code: code} }
	for _, tt := range []struct {
		err   error
		kind  chat.Kind
		name  string // for the log
		fatal bool
	}{
		{says("message_not_found"), chat.Gone, "message_not_found", false},
		{says("edit_window_closed"), chat.Gone, "edit_window_closed", false},
		{says("not_in_channel"), chat.Closed, "not_in_channel", false},
		{says("restricted_action_read_only_channel"), chat.Closed, "restricted_action_read_only_channel", false},
		{says("missing_scope"), chat.Closed, "missing_scope", false},
		{says("internal_error"), chat.Transient, "internal_error", false},
		{says("ratelimited"), chat.Transient, "ratelimited", false},
		{says("block_mismatch"), chat.Refused, "block_mismatch", false},
		{says("invalid_auth"), chat.Final, "invalid_auth", true},
		{says("token_revoked"), chat.Final, "token_revoked", true},
		{status(http.StatusBadGateway), chat.Transient, "HTTP 502", false},
		{status(http.StatusNotFound), chat.Refused, "HTTP 404", false},
		{status(http.StatusTooManyRequests), chat.Limited, "HTTP 429", false},
		{&slack.RateLimitedError{RetryAfter: time.Second}, chat.Limited, "ratelimited", false},
		{errUsedUp, chat.Refused, "*errors.errorString", false},
		{context.DeadlineExceeded, chat.Transient, "no answer in time", false},
		{errors.New("xoxb-1"), chat.Transient, "*errors.errorString", false},
	} {
		_, fatal := asFatal(tt.err)
		if got := classify(tt.err); got.Kind != tt.kind || plainError(tt.err) != tt.name || fatal != tt.fatal {
			t.Errorf("%v: kind %d, %q, fatal %t", tt.err, got.Kind, plainError(tt.err), fatal)
		}
	}
	if f, ok := socketFatal(says("missing_scope")); !ok || f.Code != "missing_scope connections:write" {
		t.Errorf("without the scope of sockets: %v", f)
	}
}

// TestStatusError reads what a response_url answers.
func TestStatusError(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "": time.Second, "soon": time.Second,
		"-1": time.Second} {
		res := &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {header}}}
		limited, ok := errors.AsType[*slack.RateLimitedError](statusError(res))
		if !ok || limited.RetryAfter != want {
			t.Errorf("Retry-After %q: %v", header, limited)
		}
	}
	if err := statusError(&http.Response{StatusCode: http.StatusOK}); err != nil {
		t.Error(err)
	}
	if err := statusError(&http.Response{StatusCode: http.StatusNotFound}); classify(err).Kind != chat.Refused {
		t.Error(err)
	}
}
