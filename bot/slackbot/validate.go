package slackbot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

// Sample is something that the bot shows: a message, or a form.
type Sample struct {
	Name    string
	Message formatting.Message
	Form    *formatting.Form // in place of Message; nil: none
	Home    bool             // Message is the home tab
}

// Payload is what Slack gets of a sample in one place.
type Payload struct {
	Name string // of the sample, and where it stands
	kind string // the argument of blocks.validate: message or view
	body any
}

// draft is a message as chat.postMessage takes it.
type draft struct {
	Text   string             `json:"text"`
	Blocks []slack.Block      `json:"blocks"`
	Below  []slack.Attachment `json:"attachments,omitempty"`
}

// Payloads are a sample in all places that show it.
func (s Sample) Payloads() []Payload {
	var all []Payload
	add := func(where, kind string, body any) {
		all = append(all, Payload{Name: s.Name + ", " + where, kind: kind, body: body})
	}
	switch {
	case s.Form != nil:
		add("a form", "view", blockkit.Modal(*s.Form))
		return all
	case s.Home:
		add("the home tab", "view", homeOf(s.Message))
		return all
	}
	root := blockkit.Root(s.Message)
	add("the channel", "message", draft{root.Text, root.Blocks, root.Below})
	if s.Message.Verdict != "" {
		add("the end of a form", "view", blockkit.StatusModal(s.Message))
	}
	for _, p := range blockkit.Private(s.Message) {
		add("one person", "message", draft{p.Text, p.Blocks, p.Below})
	}
	for _, p := range blockkit.Thread(s.Message) {
		add("the thread", "message", draft{p.Text, p.Blocks, p.Below})
		if p.Folded != nil {
			add("the thread with containers", "message", draft{p.Text, p.Folded, p.Below})
		}
	}
	return all
}

// Validator asks Slack's public method blocks.validate, which takes no token
// (docs.slack.dev/reference/methods/blocks.validate).
type Validator struct {
	client  *http.Client
	address string
}

// NewValidator asks at another server than Slack's own if apiURL is not empty;
// it is without /api/.
func NewValidator(apiURL string) Validator {
	return Validator{newClient(), strings.TrimSuffix(cmp.Or(apiURL, "https://slack.com"), "/") + "/api/blocks.validate"}
}

// ValidatorPace is for between two requests: Slack has special limits for the
// method, and does not say which.
const ValidatorPace = time.Second

const maxVerdictOctets = 256 << 10 // of an answer; ten complaints have some 3,000

// Validate returns what Slack would not take of a payload, a line each; empty:
// it takes all. It waits once where Slack says for how long. Errors: a
// bot.Plain, that Slack could not be asked.
func (v Validator) Validate(ctx context.Context, p Payload) ([]string, error) {
	wrongs, err := v.ask(ctx, p)
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok && limited.RetryAfter <= maxRetryAfter &&
		chat.Sleep(ctx, limited.RetryAfter) {
		wrongs, err = v.ask(ctx, p)
	}
	if err != nil {
		return nil, bot.Plain(plainError(err))
	}
	return wrongs, nil
}

// ask is one request.
func (v Validator) ask(ctx context.Context, p Payload) ([]string, error) {
	body, err := json.Marshal(p.body)
	if err != nil {
		return nil, err
	}
	form := url.Values{p.kind: {string(body)}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.address, strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := v.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if err := statusError(res); err != nil {
		return nil, err
	}
	var verdict verdict
	if err := json.NewDecoder(io.LimitReader(res.Body, maxVerdictOctets)).Decode(&verdict); err != nil {
		return nil, bot.Plain("the answer is not Slack's")
	}
	return verdict.wrongs()
}

// verdict is what blocks.validate answers.
type verdict struct {
	OK     bool
	Error  string
	Errors []struct {
		Pointer, Code, Message string
		Constraint             json.RawMessage
	}
}

// wrongs are the complaints. A refusal without any is about the request, or one
// more complaint.
func (v verdict) wrongs() (all []string, err error) {
	for _, e := range v.Errors {
		line := fmt.Sprintf("%s: %s (%s)", e.Pointer, e.Message, e.Code)
		if len(e.Constraint) > 0 && string(e.Constraint) != "null" {
			line += " " + string(e.Constraint)
		}
		all = append(all, formatting.Clean(line))
	}
	switch {
	case v.OK || len(all) > 0:
		return all, nil
	case v.Error == "invalid_message", v.Error == "invalid_view":
		return []string{formatting.Clean(v.Error)}, nil
	}
	return nil, slack.SlackErrorResponse{Err: v.Error}
}
