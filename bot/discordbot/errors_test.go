package discordbot

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"smtptest/bot/chat"
)

// TestClassify sorts what the API says.
func TestClassify(t *testing.T) {
	t.Parallel()
	refusal := func(status, code int) error { return &apiError{status: status, code: code} }
	for _, tt := range []struct {
		err  error
		kind chat.Kind
	}{
		{refusal(http.StatusNotFound, codeUnknownMessage), chat.Gone},
		{refusal(http.StatusNotFound, codeUnknownWebhook), chat.Lost},
		{refusal(http.StatusUnauthorized, codeWebhookToken), chat.Lost},
		{refusal(http.StatusBadRequest, codeModerated), chat.Refused},
		{refusal(http.StatusForbidden, 50013), chat.Refused},
		{refusal(http.StatusUnauthorized, 0), chat.Refused},
		{refusal(http.StatusBadGateway, 0), chat.Transient},
		{refusal(http.StatusTooManyRequests, 0), chat.Limited},
		{&apiError{status: http.StatusTooManyRequests, after: maxRetryAfter}, chat.Limited},
		{&apiError{status: http.StatusTooManyRequests, after: maxRetryAfter + time.Second}, chat.Refused},
		{errUnsent, chat.Transient},
		{errNoFiles, chat.Refused},
		{errors.New("broken"), chat.Transient},
	} {
		if got := classify(tt.err); got.Kind != tt.kind {
			t.Errorf("%v: kind %d, want %d", tt.err, got.Kind, tt.kind)
		}
	}
}

// TestNames: a permission has the name that Discord shows, and there is no
// other.
func TestNames(t *testing.T) {
	t.Parallel()
	if got := (source{may: uint64(viewChannel)}).lacks(viewChannel, createPublicThreads,
		attachFiles); got.String() != "Create Public Threads" {
		t.Errorf("it lacks %v", got)
	}
	if name := (permission(1) << 60).String(); name != "" {
		t.Errorf("a permission that is not ours is called %q", name)
	}
}
