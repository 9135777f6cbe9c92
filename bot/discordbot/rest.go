package discordbot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"strconv"
	"sync"
	"time"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe/secret"
)

// What every request to the API has (Discord, API Reference).
const (
	apiPath   = "/api/v10"
	userAgent = "DiscordBot (smtptest, 1.0)"
)

// Limits of a call.
const (
	callTimeout    = 20 * time.Second // of one attempt
	maxTries       = 8
	maxRetryAfter  = 30 * time.Second // the longest wait that Discord may ask for: a person waits too
	maxReplyOctets = 4 << 20
	firstPause     = 100 * time.Millisecond // between tries that nobody asked to wait for; doubled each time
)

// rest makes calls to Discord's API. It keeps nothing of a call: no memory for
// each interaction.
type rest struct {
	called func(err error, retries int) // hears how each call ended; nil: nobody
	base   string                       // scheme, host and apiPath
	token  secret.Secret
	client *http.Client

	mu     sync.Mutex
	closed time.Time // until then Discord takes no call with the bot's token
}

// call is one request.
type call struct {
	method, path string
	bot          bool              // with the bot's token; otherwise the path holds the interaction's
	body         any               // JSON; nil: none
	files        []formatting.File // attached
	try          time.Duration     // of one attempt; 0: callTimeout
	known        int               // the code that says that an earlier attempt has done it; 0: none says so
	pause        *time.Duration    // takes how long the next call of the kind should wait; nil: not asked
}

// apiError is Discord's refusal of a call. It holds no address: that is as
// good as a token.
type apiError struct {
	status int
	code   int           // Discord's own, such as 50013; 0: none was given
	after  time.Duration // until another try makes sense; 0: not said
	global bool          // of after: for all calls
}

// Error implements error.
func (e *apiError) Error() string { return fmt.Sprintf("HTTP %d, code %d", e.status, e.code) }

// Codes of Discord's refusals (Discord, JSON Error Codes).
const (
	codeUnknownMessage     = 10008
	codeUnknownWebhook     = 10015
	codeUnknownInteraction = 10062
	codeAcknowledged       = 40060
	codeWebhookToken       = 50027
	codeThreadExists       = 160004
	codeModerated          = 200000
)

// codeOf is Discord's word for what is wrong; 0: it was not Discord that
// answered, or it gave none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.code
	}
	return 0
}

// plainError names an error without what it quotes.
func plainError(err error) string {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.Error()
	}
	return bot.Cause(err)
}

// do makes a call, and makes it again where that may help: when Discord asks
// to wait, is out of order, or nothing came back. The answer is decoded into
// out unless that is nil.
func (r *rest) do(ctx context.Context, c call, out any) error {
	body, kind, err := c.encode()
	if err != nil {
		return err
	}
	done := false // an attempt may have done it without our hearing of it
	for attempt := 1; ; attempt++ {
		if c.bot {
			r.await(ctx)
		}
		err = r.once(ctx, c, request{body, kind}, out)
		refusal, answered := errors.AsType[*apiError](err)
		switch {
		case err == nil:
			r.told(nil, attempt-1)
			return nil
		case done && answered && c.known != 0 && refusal.code == c.known:
			return nil
		}
		wait, again := afterwards(refusal, attempt)
		if !again || attempt == maxTries || !sleep(ctx, wait) {
			r.told(err, attempt-1)
			return err
		}
		done = done || refusal == nil || refusal.status >= http.StatusInternalServerError
	}
}

func (r *rest) told(err error, retries int) {
	if r.called != nil {
		r.called(err, retries)
	}
}

// afterwards says whether a call is to be made again, and when. refusal is nil
// if nothing came back.
func afterwards(refusal *apiError, attempt int) (wait time.Duration, again bool) {
	backoff := firstPause << min(attempt-1, 6)
	backoff = backoff/2 + rand.N(backoff/2)
	switch {
	case refusal == nil:
		return backoff, true
	case refusal.status == http.StatusTooManyRequests && refusal.after > 0:
		return refusal.after, refusal.after <= maxRetryAfter
	}
	return backoff, refusal.status == http.StatusTooManyRequests || refusal.status >= http.StatusInternalServerError
}

// await waits while Discord takes no call with the bot's token at all.
func (r *rest) await(ctx context.Context) {
	r.mu.Lock()
	wait := time.Until(r.closed)
	r.mu.Unlock()
	if wait > 0 {
		sleep(ctx, wait)
	}
}

// request is the body of a call on the wire.
type request struct {
	body []byte
	kind string // empty: there is no body
}

func (r *rest) once(ctx context.Context, c call, q request, out any) error {
	try := c.try
	if try == 0 {
		try = callTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, try)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, c.method, r.base+c.path, bytes.NewReader(q.body))
	if err != nil {
		return errUnsent
	}
	req.Header.Set("User-Agent", userAgent)
	if q.kind != "" {
		req.Header.Set("Content-Type", q.kind)
	}
	if c.bot {
		req.Header.Set("Authorization", "Bot "+r.token.Reveal())
	}
	res, err := r.client.Do(req)
	if err != nil {
		return unsent(err)
	}
	defer res.Body.Close()
	octets, err := io.ReadAll(io.LimitReader(res.Body, maxReplyOctets))
	if err != nil {
		return unsent(err)
	}
	if c.pause != nil {
		*c.pause = pauseOf(res.Header)
	}
	return r.read(res, octets, out)
}

// pauseOf is how long the next call of the same kind should wait, so that it
// need not be refused (Discord, Rate Limits).
func pauseOf(h http.Header) time.Duration {
	if h.Get("X-RateLimit-Remaining") != "0" {
		return 0
	}
	seconds, _ := strconv.ParseFloat(h.Get("X-RateLimit-Reset-After"), 64)
	return min(time.Duration(seconds*float64(time.Second)), maxRetryAfter)
}

// errUnsent is a call of which nothing came back.
const errUnsent = bot.Plain("nothing came back")

// unsent is that with the cause: the library's error quotes the address.
func unsent(err error) error { return errUnsent + bot.Plain(": "+bot.Cause(err)) }

func (r *rest) read(res *http.Response, octets []byte, out any) error {
	if res.StatusCode < http.StatusMultipleChoices {
		if out == nil {
			return nil
		}
		return json.Unmarshal(octets, out)
	}
	var said struct {
		Code   int     `json:"code"`
		After  float64 `json:"retry_after"` // seconds
		Global bool    `json:"global"`
	}
	_ = json.Unmarshal(octets, &said) // a machine before Discord's own may have answered
	e := &apiError{status: res.StatusCode, code: said.Code, after: time.Duration(said.After * float64(time.Second)), global: said.Global}
	if seconds, err := strconv.ParseFloat(res.Header.Get("Retry-After"), 64); err == nil && e.after == 0 {
		e.after = time.Duration(seconds * float64(time.Second))
	}
	if e.status == http.StatusTooManyRequests && e.global {
		r.mu.Lock()
		r.closed = time.Now().Add(min(e.after, maxRetryAfter))
		r.mu.Unlock()
	}
	return e
}

// encode writes the body: JSON, or parts where files are attached.
func (c call) encode() (body []byte, kind string, err error) {
	if c.body == nil {
		return nil, "", nil
	}
	text, err := json.Marshal(c.body)
	if err != nil || len(c.files) == 0 {
		return text, "application/json", err
	}
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	_ = parts.WriteField("payload_json", string(text)) // a Buffer takes everything
	for i, f := range c.files {
		part, err := parts.CreateFormFile("files["+strconv.Itoa(i)+"]", f.Name)
		if err != nil {
			return nil, "", err
		}
		_, _ = io.WriteString(part, f.Text)
	}
	_ = parts.Close()
	return b.Bytes(), parts.FormDataContentType(), nil
}
