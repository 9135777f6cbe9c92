package discord

import (
	"cmp"
	"crypto/md5"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"smtptest/bot/playground/wire"
)

// FaultKind is a way in which a REST request can go wrong.
type FaultKind = wire.Kind

// Fault is a misbehaviour of the REST side that a test asks for. Where is part
// of "METHOD /pattern" as in the table of routes.
type Fault = wire.Fault

// The kinds of faults.
const (
	Limited       FaultKind = "429"                // for the route, with a fraction of a second in retry_after
	LimitedGlobal FaultKind = "429 for all routes" //
	ServerError   FaultKind = "5xx"                // nothing was done
	Unauthorized  FaultKind = "401"
	ErrorAfter              = wire.ErrorAfter
	CutBefore               = wire.CutBefore
	CutAfter                = wire.CutAfter
	Slow                    = wire.SlowAfter
	SlowBefore              = wire.SlowBefore
)

// recoverable are the faults from which a bot can recover.
func recoverable() []FaultKind {
	return []FaultKind{Limited, LimitedGlobal, ServerError, ErrorAfter, CutBefore, CutAfter, Slow, SlowBefore}
}

// Fail makes requests go wrong. Faults are tried in the order in which they
// were asked for, one for each request.
func (s *Server) Fail(f Fault) { s.Order(f) }

// Fault implements wire.Site.
func (s *Server) Fault(f Fault) wire.Reply {
	switch f.Kind {
	case Limited, LimitedGlobal:
		return limited(cmp.Or(f.After, 250*time.Millisecond), f.Kind == LimitedGlobal)
	case Unauthorized:
		return unauthorized.reply(nil)
	case wire.TooLarge:
		return tooLarge.reply(nil)
	}
	status := cmp.Or(f.Status, http.StatusBadGateway)
	return wire.Page(status, http.StatusText(status))
}

// rate counts a call and returns the headers that every answer of Discord
// has, or else the answer to one call too many (Discord, Rate Limits).
func (s *Server) rate(c *call) (header map[string]string, refused *wire.Reply) {
	r := s.options.Rates
	if r.Global > 0 && c.bot && !c.interaction {
		if left, rest := s.Window("", r.Global, time.Second); left < 0 {
			a := limited(rest, true)
			return nil, &a
		}
	}
	most, window := r.PerRoute, r.Window
	if most == 0 {
		most, window = 1000, time.Second // the headers of a limit that nobody reaches
	}
	key := c.route + "\x00" + c.r.PathValue("channel") + c.r.PathValue("token")
	left, rest := s.Window(key, most, window)
	if left < 0 && r.PerRoute > 0 {
		a := limited(rest, false)
		return nil, &a
	}
	return map[string]string{
		"X-RateLimit-Limit": strconv.Itoa(most), "X-RateLimit-Remaining": strconv.Itoa(max(left, 0)),
		"X-RateLimit-Reset-After": fmt.Sprintf("%.3f", rest.Seconds()),
		"X-RateLimit-Reset":       fmt.Sprintf("%.3f", float64(c.began.Add(rest).UnixMilli())/1000),
		"X-RateLimit-Bucket":      fmt.Sprintf("%x", md5.Sum([]byte(key))),
	}, nil
}

// limited is a 429: the fraction of a second is in the body only (Discord,
// Rate Limits, Exceeding A Rate Limit).
func limited(after time.Duration, global bool) wire.Reply {
	a := encoded(http.StatusTooManyRequests, map[string]any{
		"message": "You are being rate limited.", "retry_after": math.Ceil(after.Seconds()*1000) / 1000, "global": global,
	})
	a.Header["Retry-After"], a.Header["X-RateLimit-Scope"] = strconv.Itoa(int(math.Ceil(after.Seconds()))), "user"
	if global {
		a.Header["X-RateLimit-Global"], a.Header["X-RateLimit-Scope"] = "true", "global"
	}
	return a
}
