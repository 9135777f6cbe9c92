package discordbot

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot"
	fakediscord "smtptest/bot/playground/discord"
	"smtptest/formatting/embed"
	"smtptest/probe/secret"
)

// restOf speaks with the fake.
func restOf(t *testing.T, s *fakediscord.Server) *rest {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(func() { s.Close(); transport.CloseIdleConnections() })
	return newRest(s.URL()+apiPath, secret.New(s.Token), transport)
}

// TestNothingIsKept: of an interaction no bucket stays, and of threads no more
// than so many.
func TestNothingIsKept(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	r := restOf(t, s)
	for range 20 {
		_ = r.respond(t.Context(), source{id: "1", token: "t"}, answer{Type: answerLater}, nil)
	}
	if n := buckets(r.limiter) + buckets(r.unnamed.Ratelimiter) + buckets(r.bot.Ratelimiter); n > 0 {
		t.Errorf("%d buckets after interactions", n)
	}
	most := 0
	for i := range 3 * maxBuckets {
		limiter := r.shared()
		limiter.GetBucket(call{method: "POST", path: "/channels/" + strconv.Itoa(i) + "/messages"}.route())
		most = max(most, buckets(limiter))
	}
	if most != maxBuckets {
		t.Errorf("%d buckets of threads", most)
	}
}

// TestRoutes: what Discord limits together shares a bucket.
func TestRoutes(t *testing.T) {
	t.Parallel()
	route := func(method, path string) string { return call{method: method, path: path}.route() }
	if route("PATCH", "/channels/1/messages/2") != route("PATCH", "/channels/1/messages/3") {
		t.Error("two messages of a channel are apart")
	}
	all := map[string]bool{}
	for _, c := range [][2]string{
		{"PATCH", "/channels/1/messages/2"}, {"DELETE", "/channels/1/messages/2"}, {"PATCH", "/channels/2/messages/2"},
		{"POST", "/channels/1/messages"}, {"POST", "/channels/1/messages/2/threads"}, {"GET", "/gateway/bot"},
	} {
		all[route(c[0], c[1])] = true
	}
	if len(all) != 6 {
		t.Error(all)
	}
}

// TestNobodyElseWaits: where one interaction's messages are limited, those of
// another one do not wait.
func TestNobodyElseWaits(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{Rates: fakediscord.Rates{PerRoute: 1, Window: 10 * time.Second}})
	r := restOf(t, s)
	channel := s.AddChannel(fakediscord.Channel{})
	first, second := typed(t, s, channel), typed(t, s, channel)
	began := time.Now()
	for _, i := range []source{
		{id: first.ID, application: first.AppID, token: first.Token},
		{id: second.ID, application: second.AppID, token: second.Token},
	} {
		if err := r.respond(t.Context(), i, answer{Type: answerLater}, nil); err != nil {
			t.Error(err)
		}
		if _, err := r.edit(t.Context(), i.original(), embed.Post{Content: "x"}); err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// waits is how long a call would wait for its turn.
func (r *rest) waits(c call) time.Duration {
	limiter := r.shared()
	return waitOf(limiter, limiter.GetBucket(c.route()))
}

// posting is the call that posts into a channel.
func posting(channel string) call {
	return call{method: http.MethodPost, path: path("channels", channel, "messages"), bot: true}
}

// TestPausesBeforeARefusal: the fake would refuse the second message of a
// channel, and is not asked.
func TestPausesBeforeARefusal(t *testing.T) {
	t.Parallel()
	const window = 20 * time.Second
	s := fakediscord.New(fakediscord.Options{Rates: fakediscord.Rates{PerRoute: 1, Window: window}})
	r := restOf(t, s)
	channel, other := s.AddChannel(fakediscord.Channel{}), s.AddChannel(fakediscord.Channel{})
	if _, err := r.post(t.Context(), channel, embed.Post{Content: "1"}); err != nil {
		t.Error(err)
	}
	if wait := r.waits(posting(channel)); wait < window/2 || wait > window {
		t.Errorf("the next message waits %v", wait)
	}
	if wait := r.waits(posting(other)); wait > 0 {
		t.Errorf("another channel waits %v", wait)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := r.post(ctx, channel, embed.Post{Content: "2"}); err == nil || codeOf(err) != 0 {
		t.Error("it did not wait: ", err)
	}
	if n := len(s.Messages(channel)); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// TestGlobalLimit: when Discord takes no call with the bot's token, none is
// made, of whatever route; calls by an interaction's token are.
func TestGlobalLimit(t *testing.T) {
	t.Parallel()
	const after = 20 * time.Second
	s := fakediscord.New(fakediscord.Options{})
	r := restOf(t, s)
	channel := s.AddChannel(fakediscord.Channel{})
	i := typed(t, s, channel)
	s.Fail(fakediscord.Fault{Kind: fakediscord.LimitedGlobal, Where: "/gateway/bot", After: after})
	gateway := call{method: http.MethodGet, path: "/gateway/bot", bot: true}
	if err := r.once(t.Context(), gateway, nil); err == nil {
		t.Error("it was not refused")
	}
	if wait := r.waits(posting(channel)); wait < after/2 || wait > after {
		t.Errorf("a message waits %v", wait)
	}
	err := r.respond(t.Context(), source{id: i.ID, token: i.Token}, answer{Type: answerLater}, nil)
	if err != nil {
		t.Error("an interaction waited: ", err) // it has three seconds
	}
}

// TestWaitsObeyTheContext: a wait that Discord asks for ends with the context,
// and one that is too long is not begun.
func TestWaitsObeyTheContext(t *testing.T) {
	t.Parallel()
	for after, limit := range map[time.Duration]time.Duration{
		maxRetryAfter - time.Second: 100 * time.Millisecond, maxRetryAfter + time.Second: time.Minute,
	} {
		s := fakediscord.New(fakediscord.Options{})
		r := restOf(t, s)
		s.Fail(fakediscord.Fault{Kind: fakediscord.Limited, After: after})
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		began := time.Now()
		err := r.do(ctx, call{method: http.MethodGet, path: "/gateway/bot", bot: true}, nil)
		if took := time.Since(began); err == nil || took > 10*time.Second {
			t.Errorf("%v: %v after %v", after, err, took)
		}
		cancel()
	}
}

// TestTriesAgain: a machine out of order is tried again, whatever it says, and
// a call that it had done all the same counts as done.
func TestTriesAgain(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	r := restOf(t, s)
	retried := 0
	r.caller.Observer.Hear = func(e bot.Event) {
		if e.Outcome == bot.PostedRetried {
			retried++
		}
	}
	for _, status := range []int{500, 502, 503, 504} {
		s.Fail(fakediscord.Fault{Kind: fakediscord.ServerError, Status: status})
		if err := r.do(t.Context(), call{method: http.MethodGet, path: "/gateway/bot", bot: true}, nil); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
	if retried != 4 {
		t.Errorf("%d retries", retried)
	}
	i := typed(t, s, s.AddChannel(fakediscord.Channel{}))
	s.Fail(fakediscord.Fault{Kind: fakediscord.CutAfter})
	if err := r.respond(t.Context(), source{id: i.ID, token: i.Token}, answer{Type: answerLater}, nil); err != nil {
		t.Error("the response was there: ", err)
	}
}

// TestErrorsQuoteNothing: no error holds the address, which is as good as a
// token, nor what was sent.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	r := restOf(t, s)
	to := source{id: "1", application: "2", token: "CANARY"}
	s.Fail(fakediscord.Fault{Kind: fakediscord.CutBefore, Times: 3})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, edited := r.edit(t.Context(), to.original(), embed.Post{Content: "CANARY"})
	for _, err := range []error{
		r.respond(ctx, to, answer{Type: answerLater}, nil), edited,
		r.once(ctx, call{method: "BAD METHOD", path: "/CANARY", bot: true}, nil),
		r.once(t.Context(), call{method: "GET", path: "/CANARY\x7f"}, nil),
	} {
		if err == nil || strings.Contains(err.Error()+plainError(err), "CANARY") || strings.Contains(err.Error(), s.Token) {
			t.Error(err)
		}
	}
}

// TestAttempt: replies are bounded, redirections not followed, headers that
// make no sense left out, and success is success.
func TestAttempt(t *testing.T) {
	t.Parallel()
	var asked []string
	var reply func(http.ResponseWriter)
	var mu sync.Mutex // of both: an attempt that was given up may still be answered
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.URL.Path)
		answer := reply
		mu.Unlock()
		answer(w)
	}))
	t.Cleanup(s.Close)
	r := newRest(s.URL, secret.New("T"), &http.Transport{DisableKeepAlives: true})
	once := func(c call, answer func(http.ResponseWriter)) (out []int, err error) {
		mu.Lock()
		reply = answer
		mu.Unlock()
		return out, r.once(t.Context(), c, &out)
	}
	paths := func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(asked, " ")
	}
	get := call{method: http.MethodGet, path: "/a", bot: true}
	if _, err := once(get, func(w http.ResponseWriter) {
		w.Header().Set("Location", "/b")
		w.WriteHeader(http.StatusFound)
	}); err == nil || paths() != "/a" {
		t.Error("a redirection was followed: ", paths(), err)
	}
	if _, err := once(get, func(w http.ResponseWriter) {
		_, _ = w.Write([]byte("[" + strings.Repeat(" ", maxReplyOctets) + "]"))
	}); err == nil {
		t.Error("a reply without end was read")
	}
	if out, err := once(get, func(w http.ResponseWriter) {
		w.Header().Set("X-RateLimit-Remaining", "soon")
		w.Header().Set("X-RateLimit-Reset-After", "NaN")
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte("[1]"))
	}); err != nil || len(out) != 1 {
		t.Error(out, err)
	}
	if _, err := once(call{method: http.MethodGet, path: "/a", try: 50 * time.Millisecond}, func(w http.ResponseWriter) {
		w.(http.Flusher).Flush()
		time.Sleep(200 * time.Millisecond)
	}); err == nil || !strings.Contains(err.Error(), "in time") {
		t.Error("an attempt has no end: ", err)
	}
	_, err := once(get, func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "1e300")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte("<html>"))
	})
	refusal, ok := err.(*apiError)
	if !ok || refusal.status != http.StatusTooManyRequests || refusal.after != time.Hour {
		t.Error(err)
	}
	limiter := r.shared()
	if wait := waitOf(limiter, limiter.GetBucket(get.route())); wait <= 0 || wait > maxRetryAfter {
		t.Errorf("the next call waits %v", wait)
	}
}
