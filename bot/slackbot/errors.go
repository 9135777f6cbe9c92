package slackbot

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smtptest/bot"
	"smtptest/bot/chat"
)

// What can be wrong with a response_url, but for what Slack says of it.
var (
	errResponseURL = errors.New("the answer's own address could not be used")
	errUsedUp      = errors.New("the answer's own address is used up")
)

// errorCode is Slack's word for what is wrong; empty: it was not Slack that
// answered.
func errorCode(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	return ""
}

// classify says what an error means for an answer.
func classify(err error) chat.Problem {
	if errors.Is(err, errUsedUp) {
		return chat.Problem{Kind: chat.Refused}
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return chat.Problem{Kind: chat.Limited, After: limited.RetryAfter}
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		switch {
		case status.Code == http.StatusTooManyRequests:
			return chat.Problem{Kind: chat.Limited}
		case status.Code < http.StatusInternalServerError:
			return chat.Problem{Kind: chat.Refused}
		}
	}
	code := errorCode(err)
	return chat.Problem{Kind: kindOf(code), Code: code}
}

// kindOf sorts Slack's codes. A missing scope closes a place: the scope is the
// one for places that the bot was not invited to.
func kindOf(code string) chat.Kind {
	if strings.HasPrefix(code, "restricted_action") {
		return chat.Closed
	}
	switch code {
	case "", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited":
		return chat.Transient
	case "message_not_found", "cant_update_message", "edit_window_closed":
		return chat.Gone
	case "channel_not_found", "not_in_channel", "is_archived", "messages_tab_disabled", "missing_scope", "no_permission",
		"not_allowed", "ekm_access_denied", "access_denied", "team_access_not_granted", "cannot_reply_to_message",
		"thread_not_found":
		return chat.Closed
	}
	if slices.Contains(finalCodes(), code) {
		return chat.Final
	}
	return chat.Refused
}

// finalCodes say that a token is refused for good.
func finalCodes() []string {
	return []string{
		"invalid_auth", "account_inactive", "not_authed", "token_revoked", "token_expired", "not_allowed_token_type",
		"app_uninstalled",
	}
}

// asFatal finds in an error that Slack refuses a token for good.
func asFatal(err error) (*chat.Fatal, bool) {
	if f, ok := errors.AsType[*chat.Fatal](err); ok {
		return f, true
	}
	if code := errorCode(err); slices.Contains(finalCodes(), code) {
		return fatal(code), true
	}
	return nil, false
}

// socketFatal is asFatal for what only an app-level token can lack.
func socketFatal(err error) (*chat.Fatal, bool) {
	if errorCode(err) == "missing_scope" {
		return fatal("missing_scope connections:write"), true
	}
	return asFatal(err)
}

func fatal(code string) *chat.Fatal {
	return &chat.Fatal{Code: code, Says: "Slack refuses the tokens (" + code +
		"): check SLACK_BOT_TOKEN and SLACK_APP_TOKEN, and that the app is installed."}
}

// plainError names an error without what it quotes: addresses of Slack's are
// as good as a token.
func plainError(err error) string {
	if code := errorCode(err); code != "" {
		return code
	}
	if e, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return "HTTP " + strconv.Itoa(e.Code)
	}
	if _, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return "ratelimited"
	}
	return bot.Cause(err)
}

// statusError is what an HTTP status of a response_url means.
func statusError(res *http.Response) error {
	switch {
	case res.StatusCode < http.StatusMultipleChoices:
		return nil
	case res.StatusCode == http.StatusTooManyRequests:
		return &slack.RateLimitedError{RetryAfter: retryAfter(res)}
	}
	return slack.StatusCodeError{Code: res.StatusCode, Status: res.Status}
}

func retryAfter(res *http.Response) time.Duration {
	wait, err := time.ParseDuration(res.Header.Get("Retry-After") + "s")
	if err != nil || wait <= 0 {
		return time.Second
	}
	return wait
}
