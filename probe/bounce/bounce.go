// Package bounce reads what a mail system writes when it could not deliver a
// message: a delivery status notification (RFC 3464), the plain texts of
// Postfix, Exim, qmail, sendmail, Exchange and Gmail, and the Received fields
// of a message (RFC 5321 §4.4), which say where it was and for how long.
//
// It says which host refused the message and in which words, and never to
// whom: no part of a Notice but Failure.Said holds an address, and that is for
// whoever looks up what it means. People paste what they have, so a text
// without its MIME parts, quoted or cut, is read as well.
package bounce

import (
	"net/netip"
	"strings"
	"time"

	"smtptest/probe/replies"
)

// Limits of what is read, and of what comes of it.
const (
	MaxOctets     = 256 << 10 // ours: the text, the status and the header of the original stand first
	maxFields     = 500       // ours: a long header has some 100
	maxFieldBytes = 4 << 10   // ours: of one field; RFC 5322 §2.1.1 allows 998 a line
	maxParts      = 10        // ours: a report has three (RFC 6522 §3)
	maxDepth      = 3         // ours: of parts within parts
	maxFailures   = 10        // ours: of recipients that differ in how they ended
	maxHops       = 30        // ours: RFC 5321 §6.3 lets a server take 100 for a loop
	maxSaid       = 1 << 10   // ours: bytes of a reply, which has 512 a line (RFC 5321 §4.5.3.1.5)
)

// Form is how a notice is written.
type Form string

// The forms.
const (
	Status   Form = "delivery-status" // RFC 3464
	Postfix  Form = "postfix"
	Exim     Form = "exim"
	Qmail    Form = "qmail"
	Sendmail Form = "sendmail"
	Exchange Form = "exchange"
	Gmail    Form = "gmail"
	Headers  Form = "headers" // Received fields alone
)

// Notice is what was read.
type Notice struct {
	Form            Form
	Reporting       string    // the host that wrote it; empty: it does not say
	Failures        []Failure // those that differ; empty: a header alone was read
	FailuresOmitted int       // beyond these
	Hops            []Hop     // the first server first; empty: no Received field was there
	HopsOmitted     int       // between the last two of Hops
}

// Failure is how delivery ended for one recipient, or for several alike.
type Failure struct {
	Recipients int           // how many, 1 at least
	Action     string        // "failed", "delayed", "delivered", "relayed", "expanded" (RFC 3464 §2.3.3); empty: not said
	Code       int           // of the reply; 0: there is none
	Enhanced   string        // RFC 3463; empty: there is none
	Remote     string        // the host that answered, in lower case; empty: not said, or it was none
	Address    netip.Addr    // its address; invalid: not said
	Answered   replies.Place // what it answered; empty: not said
	Retried    time.Time     // until when it is tried; zero: not said
	Said       string        // the words, at most 1 KiB; they may hold addresses: to be looked up, and not to be shown
}

// Hop is one server that had the message.
type Hop struct {
	From  string     // who gave it the message, by its own words; empty: not said, or no host name
	By    string     // its name; empty: not said, or no host name
	IP    netip.Addr // of From, as By saw it; invalid: not said
	With  string     // the protocol, as "ESMTPS" (RFC 3848); empty: not said
	At    time.Time  // zero: no time that can be read
	Delay time.Duration
	// Delayed: Delay is the time since the hop before by the clocks of the two. Below 0: these clocks differ, and
	// what is measured around them is wrong by that much at least.
	Delayed bool
}

// Read reads a text; false: it is neither a notice nor a header.
func Read(text string) (n Notice, ok bool) {
	if len(text) > MaxOctets {
		text = text[:MaxOctets]
	}
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\ufffd")
	p := partsOf(text)
	n.readStatus(fields(p.status))
	if len(n.Failures) > 0 {
		n.Form = Status
		n.completed(p.human)
	} else {
		n.readPlain(p.human)
	}
	n.readHops(fields(p.original), len(n.Failures) > 0)
	if n.Form == "" && len(n.Hops) > 0 {
		n.Form = Headers
	}
	return n, n.Form != ""
}

// Server is the failure whose server can be tested; nil: no server is named.
func (n *Notice) Server() *Failure {
	for i := range n.Failures {
		if f := &n.Failures[i]; f.Remote != "" || f.Address.IsValid() {
			return f
		}
	}
	return nil
}

// Host is the server as a target names it; empty: none is named.
func (f *Failure) Host() string {
	if f.Remote == "" && f.Address.IsValid() {
		return f.Address.String()
	}
	return f.Remote
}

// add takes a failure in, or counts it with one that is alike.
func (n *Notice) add(f Failure) {
	f.Recipients = 1
	for i := range n.Failures {
		o := &n.Failures[i]
		if o.Action == f.Action && o.Code == f.Code && o.Enhanced == f.Enhanced && o.Host() == f.Host() {
			o.Recipients++
			return
		}
	}
	if len(n.Failures) == maxFailures {
		n.FailuresOmitted++
		return
	}
	n.Failures = append(n.Failures, f)
}
