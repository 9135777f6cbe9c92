package remote

import (
	"fmt"
	"net/netip"
	"time"

	"smtptest/probe"
)

// ErrorKind says why a vantage point gave no report.
type ErrorKind string

// The kinds.
const (
	NoEngine   ErrorKind = "no-engine"  // NATS cannot be reached: no vantage point can
	Unknown    ErrorKind = "unknown"    // no vantage point of this name is configured
	Absent     ErrorKind = "absent"     // its agent is not connected: see LastSeen
	Lost       ErrorKind = "lost"       // it stopped answering in mid-run: see Phase
	Busy       ErrorKind = "busy"       // it runs as much as it may, or was asked too often
	Stopping   ErrorKind = "stopping"   // it is being stopped
	Unable     ErrorKind = "unable"     // it does not do this, by its operator's setting
	NoKey      ErrorKind = "no-key"     // a login was asked for, and no key of its agent is configured
	WrongKey   ErrorKind = "wrong-key"  // the login does not open with its key: another one is configured
	Clock      ErrorKind = "clock"      // the deadline is over at once, or its report is of another time: a clock is wrong
	Skew       ErrorKind = "skew"       // it is of another version, which does not know what was asked
	Unreadable ErrorKind = "unreadable" // its answer is not what it should be
	Failed     ErrorKind = "failed"     // anything else that it says
)

// Error is why there is no report, or only what had arrived.
type Error struct {
	Kind    ErrorKind
	Vantage string
	// LastSeen is when its agent answered last; zero: not since this program began.
	LastSeen time.Time
	// What the run was doing when it was Lost; empty: it had not begun.
	Phase   probe.Phase
	Address netip.AddrPort // zero: nothing was dialled yet
	After   time.Duration  // since the request
	Code    int            // that the agent gave; 0: none
	Says    string         // the agent's own words, printable, at most 200 bytes; empty: none
}

// Error implements error. It is for engineers; people get words by Kind.
func (e *Error) Error() string {
	text := "vantage point " + e.Vantage + ": " + string(e.Kind)
	if e.Code > 0 {
		text += fmt.Sprintf(" (%d)", e.Code)
	}
	return text
}

// Codes of errors on the wire.
const (
	codeUnreadable = 400
	codeUnable     = 403
	codeLate       = 408
	codeReplayed   = 409
	codeUnopened   = 422
	codeBusy       = 429
	codeFailed     = 500
	codeUnknown    = 501
	codeStopping   = 503
)

func kindOf(code int) ErrorKind {
	switch code {
	case codeUnable:
		return Unable
	case codeLate:
		return Clock
	case codeUnopened:
		return WrongKey
	case codeBusy:
		return Busy
	case codeUnknown:
		return Skew
	case codeStopping:
		return Stopping
	}
	return Failed
}
