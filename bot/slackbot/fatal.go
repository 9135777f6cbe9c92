package slackbot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"
)

// Fatal is an answer of Slack's after which trying again makes no sense.
type Fatal struct {
	Code string // Slack's own, such as invalid_auth
}

// Error implements error in one line for the operator.
func (f *Fatal) Error() string {
	return "Slack refuses the tokens (" + f.Code + "): check SLACK_BOT_TOKEN and SLACK_APP_TOKEN, and that the app is installed."
}

// asFatal finds in an error that Slack refuses a token for good.
func asFatal(err error) (*Fatal, bool) {
	if f, ok := errors.AsType[*Fatal](err); ok {
		return f, true
	}
	code := errorCode(err)
	switch code {
	case "invalid_auth", "account_inactive", "not_authed", "token_revoked", "token_expired", "not_allowed_token_type", "app_uninstalled":
		return &Fatal{code}, true
	}
	return nil, false
}

// errorCode is Slack's word for what is wrong; empty: it was not Slack that
// answered.
func errorCode(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	return ""
}

// noSocket is asFatal for what only an app-level token can lack.
func noSocket(err error) (*Fatal, bool) {
	if errorCode(err) == "missing_scope" {
		return &Fatal{"missing_scope connections:write"}, true
	}
	return asFatal(err)
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }

// doubt notes that Slack has refused a token in a call. It never waits.
func (b *Bot) doubt() {
	select {
	case b.doubts <- struct{}{}:
	default: // there is a note already
	}
}

// confirm asks once more when a call was refused: one odd answer must not end
// a bot that works. It returns what is final; nil: ctx is over.
func (b *Bot) confirm(ctx context.Context) error {
	for {
		select {
		case <-b.doubts:
		case <-ctx.Done():
			return nil
		}
		if _, err := b.Check(ctx); err != nil {
			if fatal, ok := asFatal(err); ok {
				return fatal
			}
		}
	}
}

// introduce asks who we are until Slack says it, if it has not yet: until then
// nobody can be told from a stranger.
func (b *Bot) introduce(ctx context.Context) error {
	for attempt := 0; b.me() == (self{}) && ctx.Err() == nil; attempt++ {
		problems, err := b.Check(ctx)
		if fatal, ok := asFatal(err); ok {
			return fatal
		}
		for _, p := range problems {
			b.config.Log.Warn(p)
		}
		if err != nil {
			b.config.Log.Warn("Slack does not say who we are", "attempt", attempt, "error", plainError(err))
			pause(ctx, jitter(attempt))
		}
	}
	return nil
}
