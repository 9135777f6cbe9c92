package discordbot

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxReplyOctets bounds what is read of a reply.
const maxReplyOctets = 4 << 20

// attempt is the transport of one attempt at a call: it bounds its time and
// its reply, and keeps what a refusal says. The library tells neither the
// status nor the code of every refusal, and quotes addresses in its errors.
type attempt struct {
	next    http.RoundTripper
	timeout time.Duration // until the whole reply is there
	refusal *apiError     // nil: it was taken, or nothing came back
}

// RoundTrip implements http.RoundTripper.
func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), a.timeout)
	defer cancel()
	res, err := a.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	octets, err := io.ReadAll(io.LimitReader(res.Body, maxReplyOctets))
	if err != nil {
		return nil, err
	}
	global := false
	if res.StatusCode >= http.StatusMultipleChoices {
		a.refusal, global = refusalOf(res, octets)
	} else {
		res.StatusCode = http.StatusOK // the library knows three kinds of success
	}
	res.Header = limits(res.Header, a.refusal, global)
	res.Body = io.NopCloser(bytes.NewReader(octets))
	return res, nil
}

// refusalOf reads a refusal. global: all calls with the bot's token are to
// wait, not those of this route alone.
func refusalOf(res *http.Response, octets []byte) (e *apiError, global bool) {
	var said struct {
		Code   int     `json:"code"`
		After  float64 `json:"retry_after"` // seconds
		Global bool    `json:"global"`
	}
	_ = json.Unmarshal(octets, &said) // a machine before Discord's own may have answered
	e = &apiError{status: res.StatusCode, code: said.Code, after: seconds(said.After)}
	if e.after == 0 {
		e.after = secondsIn(res.Header, "Retry-After")
	}
	return e, said.Global
}

// limits are the headers that the library's limiter reads, and no others. It
// fails a call that was taken where one of them is no number, and waits for
// as long as they say.
func limits(h http.Header, refusal *apiError, global bool) http.Header {
	remaining, after := h.Get("X-RateLimit-Remaining"), secondsIn(h, "X-RateLimit-Reset-After")
	if refusal != nil && refusal.status == http.StatusTooManyRequests {
		remaining, after = "0", refusal.after
	}
	safe := http.Header{}
	if remaining == "0" && after > 0 {
		safe.Set("X-RateLimit-Remaining", remaining)
		safe.Set("X-RateLimit-Reset-After", strconv.FormatFloat(min(after, maxRetryAfter).Seconds(), 'f', 3, 64))
	}
	if global {
		safe.Set("X-RateLimit-Global", "true")
	}
	return safe
}

func secondsIn(h http.Header, name string) time.Duration {
	n, _ := strconv.ParseFloat(h.Get(name), 64)
	return seconds(n)
}

// seconds is a time that Discord gives, an hour at most; 0: none that makes sense.
func seconds(n float64) time.Duration {
	if !(n > 0) {
		return 0
	}
	return time.Duration(min(n, time.Hour.Seconds()) * float64(time.Second))
}
