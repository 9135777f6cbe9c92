package slackbot

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

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
// Where a channel is named, its pace is kept, and the wait for that is not
// counted as time of the call.
func (p *poster) try(ctx context.Context, channel string, call func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	for attempt := 0; ; attempt++ {
		err := p.once(ctx, channel, call)
		if _, ok := asFatal(err); ok {
			p.doubt()
		}
		wait, again := afterwards(err, attempt)
		if !again || attempt == maxRetries || !pause(ctx, wait) {
			p.called(err, attempt)
			return err
		}
	}
}

func (p *poster) once(ctx context.Context, channel string, call func(context.Context) error) error {
	if channel != "" && !pause(ctx, time.Until(p.turn(channel))) {
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return call(ctx)
}

// pause waits; false: not to the end.
func pause(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// maxRetryAfter is the longest wait that Slack may ask for: a person waits too.
const maxRetryAfter = 30 * time.Second

// afterwards says whether a call is to be made again, and when.
func afterwards(err error, attempt int) (wait time.Duration, again bool) {
	if err == nil {
		return 0, false
	}
	if errors.Is(err, errHookUsed) {
		return 0, false
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return min(limited.RetryAfter, maxRetryAfter), true
	}
	backoff := 500 * time.Millisecond << attempt
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return backoff, status.Code == http.StatusTooManyRequests || status.Code >= 500
	}
	if _, ok := asFatal(err); ok {
		return backoff, true // if it was meant so, Run ends before
	}
	if code := errorCode(err); code != "" {
		return backoff, slices.Contains([]string{"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited"}, code)
	}
	return backoff, true // nothing came back
}

// maxPaced bounds the memory for channels that were posted to lately.
const maxPaced = 1000

// turn takes the next place in the line of a channel.
func (p *poster) turn(channel string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if len(p.next) >= maxPaced {
		maps.DeleteFunc(p.next, func(_ string, at time.Time) bool { return at.Before(now) })
	}
	at := p.next[channel]
	if at.Before(now) {
		at = now
	}
	p.next[channel] = at.Add(p.pace)
	return at
}
