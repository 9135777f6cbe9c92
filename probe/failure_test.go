package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtptest/probe/guard"
	"smtptest/probe/smtp"
)

// TestFailureNotes checks each sentence that ends a transcript.
func TestFailureNotes(t *testing.T) {
	for _, tt := range []struct {
		failure Failure
		want    string
	}{
		{Failure{Kind: KindRefused}, "connection refused"},
		{Failure{Kind: KindUnreachable}, "no route to this address"},
		{Failure{Kind: KindDenied}, "this address may not be tested from here"},
		{Failure{Kind: KindTimeout, Limit: 30 * time.Second}, "no answer for 30 s"},
		{Failure{Kind: KindTimeout, Limit: 5012 * time.Millisecond}, "no answer for 5 s"},
		{Failure{Kind: KindRunTimeout}, "the time of this test was over"},
		{Failure{Kind: KindReset}, "the connection was reset"},
		{Failure{Kind: KindClosed}, "the server closed the connection"},
		{Failure{Kind: KindNotSMTP}, "this is not an SMTP reply"},
		{Failure{Kind: KindProtocol, Detail: "the reply does not end"},
			"this reply cannot be understood: the reply does not end"},
		{Failure{Kind: KindInjected}, "octets came in the clear between 220 and the TLS handshake: they must not be trusted"},
		{Failure{Kind: KindNotTLS}, "the answer to the TLS handshake is not TLS"},
		{Failure{Kind: KindAlert, Alert: 40}, "TLS alert 40, handshake_failure"},
		{Failure{Kind: KindAlert, Alert: 255}, "TLS alert 255, unassigned"},
		{Failure{Kind: KindTLS, Detail: "tls: bad record"}, "tls: bad record"},
		{Failure{Kind: KindLocal, Detail: "too many open files"}, "too many open files"},
		{Failure{Kind: KindUnsendable, Detail: "MAIL not sent: it is too long"}, "MAIL not sent: it is too long"},
		{Failure{Kind: KindCanceled}, "stopped"},
		{Failure{Kind: KindReply}, ""},
		{Failure{Kind: KindNotOffered}, ""},
		{Failure{Kind: KindNoAddress}, ""},
	} {
		if got := tt.failure.note(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.failure.Kind, got, tt.want)
		}
	}
}

// TestKindOf sorts errors as the standard library wraps them.
func TestKindOf(t *testing.T) {
	tcp := func(op string, err error) error { return &net.OpError{Op: op, Net: "tcp", Err: err} }
	call := func(errno syscall.Errno) error { return tcp("dial", os.NewSyscallError("connect", errno)) }
	for _, tt := range []struct {
		err  error
		want Kind
	}{
		{call(syscall.ECONNREFUSED), KindRefused},
		{call(syscall.ENETUNREACH), KindUnreachable},
		{call(syscall.EHOSTUNREACH), KindUnreachable},
		{call(syscall.EAFNOSUPPORT), KindUnreachable},
		{call(syscall.EADDRNOTAVAIL), KindUnreachable},
		{call(syscall.ECONNRESET), KindReset},
		{call(syscall.EPIPE), KindReset},
		{call(syscall.ETIMEDOUT), KindTimeout},
		{call(syscall.EPERM), KindLocal},
		{call(syscall.EMFILE), KindLocal},
		{tcp("read", os.ErrDeadlineExceeded), KindTimeout},
		{context.DeadlineExceeded, KindTimeout},
		{tcp("dial", context.DeadlineExceeded), KindTimeout},
		{fmt.Errorf("sending EHLO: %w", call(syscall.EPIPE)), KindReset},
		{io.EOF, KindClosed},
		{io.ErrUnexpectedEOF, KindClosed},
		{tcp("read", net.ErrClosed), KindClosed},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, KindTLS},
		{&smtp.CommandError{Verb: "EHLO"}, KindUnsendable},
		{&smtp.ProtocolError{Broken: smtp.RuleReplyCode}, KindNotSMTP},
		{&smtp.ProtocolError{Broken: smtp.RuleSameCode}, KindProtocol},
		{&smtp.ProtocolError{Broken: smtp.RuleLength}, KindProtocol},
		{tcp("dial", &guard.Denied{Rule: guard.RuleLoopback}), KindDenied},
		{errors.New("something else"), KindLocal},
	} {
		if got := KindOf(tt.err); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.err, got, tt.want)
		}
	}
}

// TestFailureOfEndedRun: whatever broke, the run's end is the reason.
func TestFailureOfEndedRun(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	over, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for _, tt := range []struct {
		ctx   context.Context
		want  Kind
		limit time.Duration
	}{{canceled, KindCanceled, 0}, {over, KindRunTimeout, 0}, {t.Context(), KindTimeout, time.Second}} {
		if f := failureOf(tt.ctx, os.ErrDeadlineExceeded, time.Second); f.Kind != tt.want || f.Limit != tt.limit {
			t.Errorf("%s after %v, want %s after %v", f.Kind, f.Limit, tt.want, tt.limit)
		}
	}
}

func TestDetailIsBounded(t *testing.T) {
	if got := detail(errors.New(strings.Repeat("ü\x00", 10000))); len(got) > 4*maxFailureBytes ||
		smtp.Printable([]byte(got)) != got {
		t.Errorf("%d octets: %.40q", len(got), got)
	}
	if got := detail(nil); got != "" {
		t.Errorf("no error is %q", got)
	}
}

// TestDialAsksTheGuard dials past the check after the lookup: the guard is
// asked once more, about the address that the socket is about to connect to.
func TestDialAsksTheGuard(t *testing.T) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	to := listener.Addr().(*net.TCPAddr).AddrPort()
	r := &run{local: &Local{Policy: guard.Policy{Ports: []uint16{to.Port()}}}}
	for _, address := range []netip.Addr{to.Addr().Unmap(), netip.AddrFrom16(to.Addr().As16())} {
		conn, err := r.dial(t.Context(), netip.AddrPortFrom(address, to.Port()))
		if conn != nil || KindOf(err) != KindDenied || denialRule(err) != string(guard.RuleLoopback) {
			t.Errorf("%v: %v, %v", address, conn, err)
		}
	}
	listener.SetDeadline(time.Now().Add(50 * time.Millisecond))
	if conn, err := listener.Accept(); err == nil {
		t.Errorf("%v connected", conn.RemoteAddr())
	}
}
