package probe

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// dialogue is one session while it runs.
type dialogue struct {
	run    *run
	plan   variant
	facts  *Session
	began  time.Time
	conn   net.Conn   // TCP, or TLS on top of it
	smtp   *smtp.Conn // on conn
	log    transcript
	spoke  atomic.Bool // the server has sent an octet
	second *Session    // the follow-up that ran beside the greeting, nil: none

	exchange *sasl.Exchange // the login; nil: none was begun
	asked    int            // entries of the log before it

	unwatch func() bool // ends the watch that ends all waiting with the run
}

func (r *run) dialogue(v variant) *dialogue {
	d := &dialogue{run: r, plan: v, began: time.Now()}
	d.facts = &Session{Variant: v.name, Security: v.security, Address: v.address, Began: d.began.Sub(r.began)}
	d.log.elapsed = d.elapsed
	return d
}

func (d *dialogue) elapsed() time.Duration { return time.Since(d.began) }

// stage is one part of the plan of a session.
type stage struct {
	phase Phase
	limit time.Duration
	due   func() bool // asked when its turn comes; nil: always
	do    func(context.Context) (Outcome, *Failure)
}

// stages is the order of a session. What is not due leaves no trace; what was
// due and could not be done is skipped or failed.
func (d *dialogue) stages() []stage {
	return []stage{
		{PhaseConnect, d.plan.limits.connect, nil, d.connect},
		{PhaseHandshake, d.plan.limits.reply, d.implicit, d.handshake},
		{PhaseGreeting, d.plan.limits.greeting, nil, d.greeting},
		{PhaseEHLO, d.plan.limits.reply, nil, d.hello},
		{PhaseClearMail, replyLimit, d.asksClearMail, d.clearMail},
		{PhaseSTARTTLS, d.plan.limits.reply, d.wantsSTARTTLS, d.startTLS},
		{PhaseHandshake, d.plan.limits.reply, d.upgrading, d.handshake},
		{PhaseEHLO, d.plan.limits.reply, d.upgrading, d.hello}, // the second list replaces the first (RFC 3207 §4.2)
		{PhaseAuth, replyLimit, d.wantsLogin, d.login},
		{PhaseEnvelope, replyLimit, d.wantsEnvelope, d.envelope},
	}
}

func (d *dialogue) implicit() bool { return d.facts.Security == SecurityImplicit }

func (d *dialogue) wantsSTARTTLS() bool {
	return d.facts.Security == SecurityAuto || d.facts.Security == SecuritySTARTTLS
}

// asksClearMail: where STARTTLS is not offered there is nothing to be enforced.
func (d *dialogue) asksClearMail() bool {
	return d.plan.enforced && d.wantsSTARTTLS() && d.facts.Hello().Capabilities.Has("STARTTLS")
}

func (d *dialogue) upgrading() bool { return d.facts.STARTTLS != nil }

func (d *dialogue) wantsLogin() bool { return d.plan.login != nil }

func (d *dialogue) wantsEnvelope() bool { return d.plan.envelope != nil }

// execute carries the session out and fills in its facts.
func (d *dialogue) execute(ctx context.Context) {
	for _, s := range d.stages() {
		if s.due != nil && !s.due() {
			continue
		}
		if d.facts.Failure = d.step(ctx, s); d.facts.Failure != nil || s.phase == d.plan.until {
			break
		}
	}
	d.settle()
	if d.conn != nil {
		d.leave(ctx)
		d.unwatch()
		d.conn.Close()
	}
	d.hush()
	d.facts.Transcript, d.facts.Dropped = d.log.entries, d.log.dropped
	d.facts.Elapsed = d.elapsed()
}

// settle says how auto was carried out, if the session came so far.
func (d *dialogue) settle() {
	switch {
	case d.facts.Security != SecurityAuto || d.facts.Hello() == nil:
	case d.facts.STARTTLS != nil:
		d.facts.Security = SecuritySTARTTLS
	case d.facts.Failure == nil:
		d.facts.Security = SecurityNone
	}
}

// step carries one stage out and notes when, how and where in the transcript.
func (d *dialogue) step(ctx context.Context, s stage) *Failure {
	d.run.emit(Event{Phase: s.phase, Variant: d.facts.Variant, Address: d.facts.Address, Limit: s.limit})
	start, from := d.elapsed(), len(d.log.entries)
	outcome, failure := s.do(ctx)
	if failure != nil {
		failure.Phase = s.phase
		d.log.note(failure.note())
	}
	d.facts.Steps = append(d.facts.Steps, Step{
		Phase: s.phase, Start: start, Elapsed: d.elapsed() - start,
		Outcome: outcome, From: from, To: len(d.log.entries),
	})
	return failure
}

// await reads one reply. An endless or dripping reply is over at the limit
// like a missing one.
func (d *dialogue) await(ctx context.Context, limit time.Duration) (*smtp.Reply, *Failure) {
	limit = d.within(ctx, limit)
	reply, err := d.smtp.ReadReply()
	d.log.deviations(reply.Deviations)
	if err == nil {
		return &reply, nil
	}
	f := failureOf(ctx, err, limit)
	if len(reply.Lines) > 0 {
		f.Reply, f.Octets = &reply, clip(reply.String(), maxFailureBytes)
	}
	return nil, f
}

// ask sends commands and reads the reply to the first of them.
func (d *dialogue) ask(ctx context.Context, commands ...string) (*smtp.Reply, *Failure) {
	limit := d.within(ctx, d.plan.limits.reply)
	if err := d.smtp.Send(commands...); err != nil {
		return nil, d.unsent(ctx, err)
	}
	return d.await(ctx, limit)
}

// unsent explains why a command could not be sent. A server that hangs up
// may have said why: its last words are read before the failure is reported.
func (d *dialogue) unsent(ctx context.Context, err error) *Failure {
	f := failureOf(ctx, err, replyLimit)
	var refused *smtp.CommandError
	if errors.As(err, &refused) {
		return f
	}
	if last, _ := d.await(ctx, quitLimit); last != nil {
		f.Reply = last
	}
	return f
}

// within sets the time by which the next thing must have happened, and
// returns it: the limit, or what is left for the whole connection. The end of
// ctx ends it earlier (see connect).
func (d *dialogue) within(ctx context.Context, limit time.Duration) time.Duration {
	if whole := d.plan.limits.whole; whole > 0 {
		limit = max(min(limit, whole-d.elapsed()), 0)
	}
	d.conn.SetDeadline(time.Now().Add(limit))
	if ctx.Err() != nil {
		d.conn.SetDeadline(longAgo())
	}
	return limit
}

func longAgo() time.Time { return time.Unix(1, 0) }

// leave says QUIT when the server still listens (RFC 5321 §4.1.1.10), and
// waits a second for its goodbye. Nothing that happens here is a failure.
func (d *dialogue) leave(ctx context.Context) {
	if ctx.Err() != nil || !d.inStep() {
		return
	}
	if d.facts.Failure == nil && d.plan.answers {
		d.known()
	}
	d.step(ctx, stage{phase: PhaseQuit, limit: quitLimit, do: d.quit})
}

// inStep reports whether the server expects a command now. After 421 it has
// closed the channel (RFC 5321 §4.2.1).
func (d *dialogue) inStep() bool {
	f := d.facts.Failure
	if f == nil {
		return true
	}
	switch f.Kind {
	case KindReply:
		return f.Reply.Code != 421
	case KindNotOffered, KindUnsendable, KindUnprotected:
		return true
	case KindProtocol: // a login that we canceled, and that the server has taken back
		return f.Phase == PhaseAuth && f.Reply != nil && f.Reply.Code == 501
	}
	return false
}

func (d *dialogue) quit(ctx context.Context) (Outcome, *Failure) {
	d.within(ctx, quitLimit)
	if err := d.smtp.Send("QUIT"); err != nil {
		d.log.note("the connection was gone before QUIT")
		return Failed, nil
	}
	reply, failure := d.await(ctx, quitLimit)
	if failure != nil {
		d.log.note("no reply to QUIT: " + failure.note())
		return Failed, nil
	}
	d.facts.Quit = reply
	return Passed, nil
}

// known passes on that all but the goodbye has been measured.
func (d *dialogue) known() {
	r := d.run
	if r.hooks.Event == nil {
		return
	}
	d.hush()
	session := *d.facts
	session.Steps = slices.Clone(d.facts.Steps)
	session.Transcript, session.Elapsed = slices.Clone(d.log.entries), d.elapsed()
	report := r.report
	report.Sessions = append(slices.Clone(report.Sessions), session)
	report.Elapsed = time.Since(r.began)
	r.emit(Event{Phase: PhaseQuit, Address: d.facts.Address, Limit: quitLimit, Known: &report})
}
