package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"smtptest/probe/smtp"
)

// connect opens the TCP connection to the address that the guard has seen.
func (d *dialogue) connect(ctx context.Context) (Outcome, *Failure) {
	limited, cancel := context.WithTimeout(ctx, d.plan.limits.connect)
	defer cancel()
	conn, err := d.run.dial(limited, d.facts.Address)
	if err != nil {
		return Failed, failureOf(ctx, err, d.plan.limits.connect)
	}
	conn = &firstByte{Conn: conn, arrived: &d.spoke}
	d.conn = conn
	d.facts.Source = addrPort(conn.LocalAddr())
	d.smtp = smtp.NewConn(conn, d.elapsed, d)
	d.log.note(fmt.Sprintf("connected to %s from %s", d.facts.Address, d.facts.Source))
	d.unwatch = context.AfterFunc(ctx, func() { conn.SetDeadline(longAgo()) })
	return Passed, nil
}

func (r *run) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	return r.local.dial(ctx, r.local.Policy, to)
}

// firstByte notes when the first byte has arrived: from then on the server is
// not silent.
type firstByte struct {
	net.Conn
	arrived *atomic.Bool
}

// Read implements net.Conn.
func (h *firstByte) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if n > 0 {
		h.arrived.Store(true)
	}
	return n, err
}

// Received implements smtp.Tap.
func (d *dialogue) Received(l smtp.Line) {
	d.log.add(Entry{At: l.At, Side: SideServer, Text: l.String()})
}

// Sent implements smtp.Tap.
func (d *dialogue) Sent(command string) {
	d.log.add(Entry{At: d.elapsed(), Side: SideClient, Text: smtp.Printable([]byte(command))})
}

// addrPort reads the address of one end; zero if it is not a TCP address.
func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// greeting waits for the server's first words. Silence is ambiguous: the
// server may be slow, or it may wait for TLS; so after askTLSAfter a second
// connection asks whether the port begins with TLS.
func (d *dialogue) greeting(ctx context.Context) (Outcome, *Failure) {
	began := time.Now()
	stop := d.askTLS(ctx)
	reply, failure := d.await(ctx, d.plan.limits.greeting)
	d.second = stop(failure == nil)
	if failure != nil {
		if failure.Kind == KindTimeout {
			failure.Limit = time.Since(began)
		}
		return Failed, failure
	}
	d.facts.Greeting = reply
	if reply.Code != 220 {
		return Failed, &Failure{Kind: KindReply, Reply: reply}
	}
	return Passed, nil
}

// explainsSilence reports that the follow-up was answered in TLS or in another
// protocol: then it is known why nothing comes in the clear. A reply code is
// the answer of an SMTP server in the clear that has not greeted yet, such as
// one that refuses early talkers: its greeting is still to be waited for.
func explainsSilence(s *Session) bool {
	if s.TLS != nil && (s.TLS.Complete || len(s.TLS.Chain) > 0) {
		return true
	}
	return s.Failure != nil &&
		(s.Failure.Kind == KindAlert || s.Failure.Kind == KindNotTLS && !replyCode(s.Failure.Octets))
}

// replyCode reports words that begin with the code of an SMTP reply.
func replyCode(o string) bool {
	return len(o) >= 3 && o[0] >= '2' && o[0] <= '5' && o[1] >= '0' && o[1] <= '9' && o[2] >= '0' && o[2] <= '9'
}

// askTLS starts the follow-up when the server stays silent. The function that
// it returns ends the follow-up and hands over its session, nil if there was
// none.
func (d *dialogue) askTLS(ctx context.Context) (stop func(greeted bool) *Session) {
	if !d.plan.asksTLS {
		return func(bool) *Session { return nil }
	}
	outer := ctx
	ctx, cancel := context.WithCancel(outer)
	done := make(chan *Session, 1)
	var failed atomic.Bool
	timer := time.AfterFunc(askTLSAfter, func() {
		defer close(done)
		defer catch(&failed)
		done <- d.followUpTLS(ctx)
	})
	return func(greeted bool) *Session {
		defer cancel()
		if timer.Stop() {
			return nil
		}
		cancel()
		session := <-done
		rethrow(&failed)
		if outer.Err() == nil {
			session.endedByUs(greeted)
		}
		return session
	}
}

// endedByUs says why a follow-up ended that was cut off, which no person did:
// either the greeting came, or the time for it was over for both.
func (s *Session) endedByUs(greeted bool) {
	if s == nil || s.Failure == nil || s.Failure.Kind != KindCanceled {
		return
	}
	s.Failure.Kind = KindSuperseded
	if !greeted {
		s.Failure.Kind, s.Failure.Limit = KindTimeout, s.Elapsed
	}
	s.Transcript[len(s.Transcript)-1].Text = s.Failure.note()
}

func (d *dialogue) followUpTLS(ctx context.Context) *Session {
	if d.spoke.Load() || d.run.retryAfter(d.facts.Address) > 0 {
		return nil
	}
	second := d.run.dialogue(d.run.silent(d.facts.Address))
	second.execute(ctx)
	if explainsSilence(second.facts) && !d.spoke.Load() {
		d.conn.SetReadDeadline(longAgo()) // the cause is known: nothing will come here
	}
	return second.facts
}
