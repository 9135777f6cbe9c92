package slack

import (
	"net/http"
	"strconv"
	"time"

	"smtptest/bot/playground/wire"
)

// Fault is one way in which the fake misbehaves.
type Fault = wire.Kind

// Faults of an answer to an HTTP request.
const (
	TooMany     Fault = "429"                // with Retry-After: 1
	TooManyBare Fault = "429 without a time" // slack-go makes a StatusCodeError of it
	ServerError Fault = "503"                // with HTML, as Slack's load balancers send it
	CutBefore         = wire.CutBefore
	CutAfter          = wire.CutAfter
	Slow              = wire.SlowBefore       // the answer is late by Options.SlowBy
	InvalidAuth Fault = "invalid_auth"        // the token was revoked
	Inactive    Fault = "account_inactive"    // the app was uninstalled
	Internal    Fault = "internal_error"      // 200, and a code
	Unreadable  Fault = "200 that is no JSON" // a proxy's page
	Truncated         = wire.Truncated
)

// Faults of an envelope.
const (
	Duplicate Fault = "duplicate envelope"   // it is sent twice
	Drop      Fault = "dropped socket"       // its socket ends right behind it
	Refresh   Fault = "refresh_requested"    // its socket is to be replaced, without a gap on Slack's side
	Lose      Fault = "lost with the socket" // its socket ends before it; Slack tells the person that it failed
)

// faultsOf are those that a request may have, in the order in which chance
// asks: codes are answered by methods alone, and a handshake has no end.
func faultsOf(name string) []Fault {
	out := []Fault{TooMany, TooManyBare, ServerError, CutBefore, Slow}
	switch name {
	case "link":
		return out
	case "response_url", "upload":
		return append(out, CutAfter, Truncated)
	}
	return append(out, CutAfter, Truncated, InvalidAuth, Inactive, Internal, Unreadable)
}

func envelopeFaults() []Fault { return []Fault{Duplicate, Drop, Refresh, Lose} }

// Fail makes the next so many calls of a method go wrong, below 0: all from
// now on. Where is part of the name of a method, "response_url", "upload",
// "link" (the WebSocket's handshake), or empty for any request; for the faults
// of an envelope it is not looked at.
func (s *Server) Fail(f Fault, where string, times int) {
	s.Order(wire.Fault{Kind: f, Where: where, Times: times})
}

// Fault implements wire.Site.
func (s *Server) Fault(f wire.Fault) wire.Reply {
	switch f.Kind {
	case TooMany:
		return limited(1)
	case TooManyBare:
		return wire.Reply{Status: http.StatusTooManyRequests, Body: []byte(`{"ok":false,"error":"ratelimited"}`)}
	case ServerError:
		return wire.Page(http.StatusServiceUnavailable, "Server Error")
	case Unreadable:
		return wire.Page(http.StatusOK, "Sign in to the network")
	case wire.TooLarge:
		return plain(http.StatusRequestEntityTooLarge, "too large")
	}
	return encoded(object{"ok": false, "error": string(f.Kind)})
}

// limited is what Slack answers who asks too often (docs.slack.dev/apis/web-api/rate-limits).
func limited(seconds int) wire.Reply {
	a := encoded(object{"ok": false, "error": "ratelimited"})
	a.Status, a.Header["Retry-After"] = http.StatusTooManyRequests, strconv.Itoa(seconds)
	return a
}

// burst is how many messages a channel takes at once before only one a second
// is. Slack says only that it tolerates short bursts
// (docs.slack.dev/apis/web-api/rate-limits).
const burst = 3

// rate takes one of most, or refuses until there is one again. s.Mu is held.
func (s *Server) rate(name string, most int, each time.Duration) {
	if s.options.NoRates {
		return
	}
	if wait := s.Leak(name, most, each); wait > 0 {
		panic(&refusal{code: "ratelimited", wait: int((wait + time.Second - 1) / time.Second)})
	}
}
