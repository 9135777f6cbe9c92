package slack_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	fakeslack "smtptest/bot/playground/slack"
	"smtptest/bot/playground/wire"
)

// TestFaults shows what the real client makes of each fault, and whether the
// message is there in spite of it.
func TestFaults(t *testing.T) {
	t.Parallel()
	rated := func(err error) bool {
		e, ok := errors.AsType[*slack.RateLimitedError](err)
		return ok && e.RetryAfter == time.Second
	}
	status := func(code int) func(error) bool {
		return func(err error) bool { e, ok := errors.AsType[slack.StatusCodeError](err); return ok && e.Code == code }
	}
	code := func(err error) bool { _, ok := errors.AsType[slack.SlackErrorResponse](err); return ok }
	eof := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
	for _, w := range []struct {
		fault fakeslack.Fault
		is    func(error) bool
		kept  bool
	}{
		{fakeslack.TooMany, rated, false}, {fakeslack.TooManyBare, status(429), false}, {fakeslack.ServerError, status(503),
			false},
		{fakeslack.CutBefore, eof, false}, {fakeslack.CutAfter, eof, true}, {fakeslack.InvalidAuth, code,
			false}, {fakeslack.Inactive, code, false},
		{fakeslack.Internal, code, false}, {fakeslack.Unreadable, func(err error) bool { return err != nil }, false},
		{fakeslack.Slow, func(err error) bool { return err == nil }, true}, {fakeslack.Truncated,
			func(error) bool { return true }, true},
	} {
		t.Run(string(w.fault), func(t *testing.T) {
			s := start(t, fakeslack.Options{SlowBy: 50 * time.Millisecond})
			s.Fail(w.fault, "chat.postMessage", 1)
			if _, err := real(s).AuthTestContext(patience(t)); err != nil {
				t.Errorf("another method: %v", err)
			}
			began := time.Now()
			_, _, err := real(s).PostMessageContext(patience(t), fakeslack.InMember, slack.MsgOptionText("x", false))
			if !w.is(err) {
				t.Errorf("%T %v", err, err)
			}
			if w.fault == fakeslack.Slow && time.Since(began) < 50*time.Millisecond {
				t.Error("it was not slow")
			}
			all := s.Messages(fakeslack.InMember)
			if (len(all) == 1) != w.kept || w.kept && all[0].Cut != (w.fault == fakeslack.CutAfter ||
				w.fault == fakeslack.Truncated) {
				t.Errorf("%+v", all)
			}
			if n := s.Faults()[w.fault]; n != 1 || s.Counts()["fault: "+string(w.fault)] != 1 {
				t.Errorf("counted %d", n)
			}
			if _, _, err = real(s).PostMessageContext(patience(t), fakeslack.InMember,
				slack.MsgOptionText("x", false)); err != nil {
				t.Errorf("the call after: %v", err)
			}
			clean(t, s)
		})
	}
}

// TestFaultForEver: a revoked token stays revoked until that is over.
func TestFaultForEver(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	s.Fail(fakeslack.InvalidAuth, "", -1)
	for range 3 {
		if a := raw(t, s, "auth.test", args()); a.Error != "invalid_auth" {
			t.Error(a.Error)
		}
	}
	s.Chaos(nil)
	if a := raw(t, s, "auth.test", args()); a.Error != "" {
		t.Error(a.Error)
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	h := connect(t, s)
	s.Fail(fakeslack.Duplicate, "", 1)
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "")
	first, second := h.next(t), h.next(t)
	d.Again()
	third := h.next(t)
	if first.Request.EnvelopeID != second.Request.EnvelopeID || second.Request.EnvelopeID != third.Request.EnvelopeID {
		t.Error("copies have other ids")
	}
	for range 3 { // each copy may be acknowledged
		h.ack(t, first)
	}
	if _, err := d.Wait(patience(t)); err != nil {
		t.Error(err)
	}
	h.ack(t, first)
	settled(t, s, 1)
	blamed(t, s, "acknowledged 4 times, and sent 3 times")
}

// TestReconnects: the real client comes back after each end of its socket.
func TestReconnects(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		name string
		do   func(*fakeslack.Server)
	}{
		{"warning", func(s *fakeslack.Server) { s.Disconnect("warning") }},
		{"refresh_requested", func(s *fakeslack.Server) { s.Disconnect("refresh_requested") }},
		{"link_disabled", func(s *fakeslack.Server) { s.Disconnect("link_disabled") }},
		{"dropped", (*fakeslack.Server).DropSockets},
	} {
		t.Run(end.name, func(t *testing.T) {
			s := start(t, fakeslack.Options{})
			h := connect(t, s)
			end.do(s)
			if err := s.Until(patience(t), func() bool { return s.Sockets() == 1 }); err != nil {
				t.Fatal(err)
			}
			d := s.Command(fakeslack.Ada, fakeslack.InMember, "")
			h.ack(t, h.next(t))
			if _, err := d.Wait(patience(t)); err != nil {
				t.Error(err)
			}
			clean(t, s)
		})
	}
}

func TestFaultsOfEnvelopes(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{AckWithin: 500 * time.Millisecond})
	conn := bare(t, s)
	read(t, conn)
	s.Fail(fakeslack.Drop, "", 1)
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "")
	if f := read(t, conn); f.Type != "slash_commands" {
		t.Errorf("%+v", f)
	}
	if _, _, err := conn.ReadMessage(); err == nil {
		t.Error("the socket was not dropped")
	}
	_ = conn.Close()
	if _, err := d.Wait(patience(t)); !errors.Is(err, fakeslack.ErrTimeout) {
		t.Error(err)
	}
	clean(t, s) // the fake itself was to blame
	conn = bare(t, s)
	read(t, conn)
	s.Fail(fakeslack.Refresh, "", 1)
	s.Command(fakeslack.Ada, fakeslack.InMember, "")
	f := read(t, conn)
	write(t, conn, `{"envelope_id":"`+f.ID+`"}`)
	if f = read(t, conn); f.Type != "disconnect" || f.Reason != "refresh_requested" || s.Sockets() != 0 {
		t.Errorf("%+v", f)
	}
	conn = bare(t, s)
	read(t, conn)
	s.Fail(fakeslack.Lose, "", 1)
	if _, err := s.Command(fakeslack.Ada, fakeslack.InMember, "").Wait(patience(t)); !errors.Is(err,
		fakeslack.ErrDispatch) {
		t.Error(err)
	}
	clean(t, s)
}

// TestChaos: the same seed makes the same faults, in about the share that was
// asked for.
func TestChaos(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) string {
		s := start(t, fakeslack.Options{Seed: seed, NoRates: true})
		s.Chaos(map[fakeslack.Fault]float64{fakeslack.Internal: 0.2, fakeslack.TooMany: 0.1})
		var codes strings.Builder
		for range 200 {
			codes.WriteByte((raw(t, s, "auth.test", args()).Error + "-")[0])
		}
		if n := s.Faults(); n[fakeslack.Internal] < 15 || n[fakeslack.Internal] > 70 || n[fakeslack.TooMany] < 5 ||
			n[fakeslack.TooMany] > 40 {
			t.Errorf("%v of 200", n)
		}
		return codes.String()
	}
	if a, b, c := run(1), run(1), run(2); a != b || a == c {
		t.Errorf("seed 1: %s, again: %s, seed 2: %s", a, b, c)
	}
}

// TestManyAtOnce drives the fake from all sides, for the race detector, and
// wants nothing left running behind it.
func TestManyAtOnce(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("at once", func(t *testing.T) {
		s := start(t, fakeslack.Options{NoRates: true, KeepMessages: 50})
		h, api := connect(t, s), real(s)
		stop := make(chan struct{})
		t.Cleanup(func() { close(stop) })
		go func() {
			for {
				select {
				case e := <-h.events:
					_ = h.client.Ack(*e.Request)
				case <-stop:
					return
				}
			}
		}()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for n := range 10 {
					d := s.Command(fakeslack.Ada, fakeslack.InMember, fmt.Sprint(i, n))
					channel, ts, err := api.PostMessageContext(patience(t), fakeslack.InMember, slack.MsgOptionText("x", false))
					if err == nil {
						_, _, _, err = api.UpdateMessageContext(patience(t), channel, ts, slack.MsgOptionText("y", false))
					}
					if err != nil {
						t.Error(err)
					}
					if _, err := d.Wait(patience(t)); err != nil {
						t.Error(err)
					}
					s.Messages("")
				}
			})
		}
		all.Wait()
		if n := len(s.Messages("")); n != 50 {
			t.Errorf("%d messages are kept", n)
		}
		clean(t, s)
		s.Command(fakeslack.Ada, fakeslack.InMember, "open when the server is closed")
		s.Disconnect("warning")
	})
	leftover(t, before)
}

// TestClosed: whoever waits is told, and nothing more is done.
func TestClosed(t *testing.T) {
	t.Parallel()
	s := fakeslack.New(fakeslack.Options{AckWithin: time.Minute})
	conn := bare(t, s)
	read(t, conn)
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "")
	waits := make(chan error, 1)
	go func() { waits <- s.Until(context.Background(), func() bool { return false }) }()
	s.Close()
	s.Close()
	if _, err := d.Wait(patience(t)); !errors.Is(err, wire.ErrClosed) {
		t.Error(err)
	}
	if err := <-waits; !errors.Is(err, wire.ErrClosed) {
		t.Error(err)
	}
	if _, err := s.Command(fakeslack.Ada, fakeslack.InMember, "").Wait(patience(t)); !errors.Is(err, wire.ErrClosed) {
		t.Error(err)
	}
	if in, _ := s.Received(); len(in) == 0 {
		t.Error("what was received is gone")
	}
}

func leftover(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		n := runtime.NumGoroutine()
		if n <= before {
			return
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before: %s", n, before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
