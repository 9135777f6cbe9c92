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
	limited, cancel := context.WithTimeout(ctx, d.connectLimit())
	defer cancel()
	conn, err := d.run.dial(limited, d.facts.Address)
	if err != nil {
		return Failed, failureOf(ctx, err, d.connectLimit())
	}
	conn = &hearing{Conn: conn, heard: &d.spoke}
	d.conn = conn
	d.facts.Source = addrPort(conn.LocalAddr())
	d.smtp = smtp.NewConn(conn, d.elapsed, d)
	d.log.note(fmt.Sprintf("connected to %s from %s", d.facts.Address, d.facts.Source))
	d.unwatch = context.AfterFunc(ctx, func() { conn.SetDeadline(longAgo()) })
	return Passed, nil
}

func (r *run) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if r.local.Dial != nil {
		return r.local.Dial(ctx, to)
	}
	dialer := net.Dialer{ControlContext: r.local.Policy.Control}
	return dialer.DialContext(ctx, "tcp", to.String())
}

// hearing notes the first octet that arrives: from then on the server is not
// silent.
type hearing struct {
	net.Conn
	heard *atomic.Bool
}

// Read implements net.Conn.
func (h *hearing) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if n > 0 {
		h.heard.Store(true)
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
// server may be slow, or it may wait for TLS; so after lookAfter a second
// connection asks whether the port begins with TLS.
func (d *dialogue) greeting(ctx context.Context) (Outcome, *Failure) {
	began := time.Now()
	stop := d.lookForTLS(ctx)
	reply, failure := d.await(ctx, d.greetingLimit())
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

// tellsWhy reports that the look was answered, in TLS or in something else:
// then it is known why nothing comes in the clear.
func tellsWhy(s *Session) bool {
	if s.TLS != nil && (s.TLS.Complete || len(s.TLS.Chain) > 0) {
		return true
	}
	return s.Failure != nil && (s.Failure.Kind == KindAlert || s.Failure.Kind == KindNotTLS)
}

// lookForTLS starts the look when the server stays silent, never on port 25,
// where TLS from the first octet does not exist. The function that it
// returns ends the look and hands over its session, nil if there was none.
func (d *dialogue) lookForTLS(ctx context.Context) (stop func(greeted bool) *Session) {
	if d.facts.Variant != VariantMain || d.implicit() || d.facts.Address.Port() == 25 {
		return func(bool) *Session { return nil }
	}
	outer := ctx
	ctx, cancel := context.WithCancel(outer)
	done := make(chan *Session, 1)
	var failed atomic.Bool
	timer := time.AfterFunc(lookAfter, func() {
		defer close(done)
		defer catch(&failed)
		done <- d.tlsLook(ctx)
	})
	return func(greeted bool) *Session {
		defer cancel()
		if timer.Stop() {
			return nil
		}
		cancel()
		look := <-done
		rethrow(&failed)
		if outer.Err() == nil {
			look.endedByUs(greeted)
		}
		return look
	}
}

// endedByUs tells why a look ended that was cut off, which no person did:
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

func (d *dialogue) tlsLook(ctx context.Context) *Session {
	if d.spoke.Load() || d.run.wait(d.facts.Address) > 0 {
		return nil
	}
	look := d.run.dialogue(d.facts.Address, VariantTLS, SecurityImplicit)
	look.hold(ctx)
	if tellsWhy(look.facts) && !d.spoke.Load() {
		d.conn.SetReadDeadline(longAgo()) // the cause is known: nothing will come here
	}
	return look.facts
}
