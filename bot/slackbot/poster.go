package slackbot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

// channelPace is between two messages in one channel (Slack: 1 a second).
const channelPace = time.Second

// maxPaced bounds the memory for channels that were posted to lately.
const maxPaced = 1000

// poster makes the calls to the Web API: paced, and repeated where that can
// help. A call whose outcome is unknown is repeated too, for no answer is worse
// than a doubled one.
type poster struct {
	api    *slack.Client
	client *http.Client
	log    *slog.Logger
	called func(err error, retries int) // hears how each call ended

	mu   sync.Mutex
	next map[string]time.Time // when a channel may be posted to again
}

// spot is where a message stands, or is to stand.
type spot struct {
	channel string
	thread  string // timestamp of the message above; empty: not in a thread
	message string // timestamp of the message itself; empty: not posted
}

// post puts one message there.
func (p *poster) post(ctx context.Context, at spot, post blockkit.Post) (spot, error) {
	err := p.try(ctx, func(ctx context.Context) error {
		p.pace(ctx, at.channel)
		channel, ts, err := p.api.PostMessageContext(ctx, at.channel, options(post, at.thread)...)
		if err == nil {
			at.channel, at.message = channel, ts
		}
		return err
	})
	return at, err
}

func options(post blockkit.Post, thread string) []slack.MsgOption {
	o := []slack.MsgOption{
		slack.MsgOptionText(post.Text, false), slack.MsgOptionBlocks(post.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	if thread != "" {
		o = append(o, slack.MsgOptionTS(thread))
	}
	return o
}

// edit changes a message that was posted.
func (p *poster) edit(ctx context.Context, at spot, post blockkit.Post) error {
	return p.try(ctx, func(ctx context.Context) error {
		_, _, _, err := p.api.UpdateMessageContext(ctx, at.channel, at.message, options(post, "")...)
		return err
	})
}

// remove takes a message back.
func (p *poster) remove(ctx context.Context, at spot) error {
	return p.try(ctx, func(ctx context.Context) error {
		_, _, err := p.api.DeleteMessageContext(ctx, at.channel, at.message)
		return err
	})
}

// whisper shows a message to one person in a channel.
func (p *poster) whisper(ctx context.Context, at spot, user string, post blockkit.Post) error {
	return p.try(ctx, func(ctx context.Context) error {
		_, err := p.api.PostEphemeralContext(ctx, at.channel, user, options(post, at.thread)...)
		return err
	})
}

// link is where a message can be looked at; empty: Slack does not say.
func (p *poster) link(ctx context.Context, at spot) string {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	link, err := p.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: at.channel, Ts: at.message})
	if err != nil || !strings.HasPrefix(link, "http") {
		return ""
	}
	return link
}

// upload puts a file into a thread.
func (p *poster) upload(ctx context.Context, at spot, f formatting.File) error {
	return p.try(ctx, func(ctx context.Context) error {
		_, err := p.api.UploadFileContext(ctx, slack.UploadFileParameters{
			Content: f.Text, FileSize: len(f.Text), Filename: f.Name, Title: f.Title, AltTxt: f.Title,
			Channel: at.channel, ThreadTimestamp: at.thread,
		})
		return err
	})
}

// open opens a form.
func (p *poster) open(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := p.api.OpenViewContext(ctx, trigger, view) // a trigger is used once: no second try
	return err
}

// reply is what a response_url takes.
type reply struct {
	Type            string        `json:"response_type"`
	Text            string        `json:"text"`
	Blocks          []slack.Block `json:"blocks,omitempty"`
	ReplaceOriginal bool          `json:"replace_original"`
	UnfurlLinks     bool          `json:"unfurl_links"`
	UnfurlMedia     bool          `json:"unfurl_media"`
}

func replyOf(post blockkit.Post) reply {
	return reply{Type: slack.ResponseTypeEphemeral, Text: post.Text, Blocks: post.Blocks}
}

// respond answers the person alone through the address that came with the
// event. The library would drop the options that keep links from unfurling.
func (p *poster) respond(ctx context.Context, url string, post blockkit.Post) error {
	body, err := json.Marshal(replyOf(post))
	if err != nil {
		return err
	}
	return p.try(ctx, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return errResponseURL
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := p.client.Do(req)
		if err != nil {
			return fmt.Errorf("%w: %w", errResponseURL, errors.Unwrap(err)) // the outer one quotes the address
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
		return status(res)
	})
}

var errResponseURL = errors.New("the answer's own address could not be used")

func status(res *http.Response) error {
	switch {
	case res.StatusCode < 300:
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

// try makes a call, and makes it again where a second try may help: when Slack
// asks to wait, when it is out of order, when nothing came back.
func (p *poster) try(ctx context.Context, call func(context.Context) error) error {
	for attempt := 0; ; attempt++ {
		limited, cancel := context.WithTimeout(ctx, callTimeout)
		err := call(limited)
		cancel()
		wait, again := afterwards(err, attempt)
		if !again || attempt == maxWorkRetries || ctx.Err() != nil {
			p.called(err, attempt)
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			p.called(err, attempt)
			return err
		}
	}
}

// maxRetryAfter is the longest wait that Slack may ask for: a person waits too.
const maxRetryAfter = 30 * time.Second

// afterwards says whether a call is to be made again, and when.
func afterwards(err error, attempt int) (wait time.Duration, again bool) {
	if err == nil {
		return 0, false
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return min(limited.RetryAfter, maxRetryAfter), true
	}
	backoff := 500 * time.Millisecond << attempt
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return backoff, status.Code == http.StatusTooManyRequests || status.Code >= 500
	}
	if code := errorCode(err); code != "" {
		return backoff, slices.Contains([]string{"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited"}, code)
	}
	return backoff, true // nothing came back
}

// pace waits until a channel may be posted to again.
func (p *poster) pace(ctx context.Context, channel string) {
	p.mu.Lock()
	now := time.Now()
	if len(p.next) >= maxPaced {
		for c, at := range p.next {
			if at.Before(now) {
				delete(p.next, c)
			}
		}
	}
	at := p.next[channel]
	if at.Before(now) {
		at = now
	}
	p.next[channel] = at.Add(channelPace)
	p.mu.Unlock()
	select {
	case <-time.After(time.Until(at)):
	case <-ctx.Done():
	}
}

// closedTo reports an error that says that this place takes no message of
// ours, whatever the message.
func closedTo(err error) bool {
	code := errorCode(err)
	return strings.HasPrefix(code, "restricted_action") || slices.Contains([]string{
		"channel_not_found", "not_in_channel", "is_archived", "messages_tab_disabled", "missing_scope", "no_permission",
		"not_allowed", "ekm_access_denied", "access_denied", "team_access_not_granted", "cannot_reply_to_message", "thread_not_found",
	}, code)
}
