package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"syscall"
	"time"

	"smtptest/probe/clienthello"
	"smtptest/probe/guard"
	"smtptest/probe/smtp"
)

// failureOf is the one translator from Go's errors to failures. It goes by
// types, never by texts. ctx decides whether the run itself was over.
func failureOf(ctx context.Context, err error, limit time.Duration) *Failure {
	f := &Failure{Kind: KindOf(err), Detail: detail(err)}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		f.Kind = KindCanceled
	case ctx.Err() != nil:
		f.Kind = KindRunTimeout
	}
	switch f.Kind {
	case KindTimeout:
		f.Limit = limit
	case KindAlert:
		f.Alert, _ = remoteAlert(err)
	}
	return f
}

// KindOf sorts an error. What it does not know is KindLocal: the fault of
// this machine, or of this program.
func KindOf(err error) Kind {
	if k, ok := kindOfOurs(err); ok {
		return k
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return KindTLS // whether it was TLS at all is seen in the handshake alone: see broken
	}
	if _, ok := remoteAlert(err); ok {
		return KindAlert
	}
	// What crypto/tls cannot read it answers with an alert of its own.
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "local error" {
		return KindTLS
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return KindClosed
	}
	if k, ok := kindOfErrno(err); ok {
		return k
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return KindTimeout
	}
	return KindLocal
}

// kindOfOurs sorts the errors of our own packages.
func kindOfOurs(err error) (Kind, bool) {
	if _, ok := errors.AsType[*guard.Denied](err); ok {
		return KindDenied, true
	}
	if _, ok := errors.AsType[*smtp.CommandError](err); ok {
		return KindUnsendable, true
	}
	if _, ok := errors.AsType[clienthello.Fault](err); ok {
		return KindTLS, true
	}
	p, ok := errors.AsType[*smtp.ProtocolError](err)
	switch {
	case errors.Is(err, clienthello.ErrReply):
		return KindReply, true
	case errors.Is(err, clienthello.ErrNotOffered):
		return KindNotOffered, true
	case errors.Is(err, clienthello.ErrInjected):
		return KindInjected, true
	case errors.Is(err, clienthello.ErrNotTLS):
		return KindNotTLS, true
	case !ok:
		return "", false
	case p.Broken == smtp.RuleReplyCode:
		return KindNotSMTP, true
	}
	return KindProtocol, true
}

// What Windows calls these errors: package syscall has other numbers there.
// No other system has errors of such numbers.
const (
	wsaFamilyNotSupported  syscall.Errno = 10047
	wsaAddressNotAvailable syscall.Errno = 10049
	wsaNetDown             syscall.Errno = 10050
	wsaNetUnreachable      syscall.Errno = 10051
	wsaAborted             syscall.Errno = 10053
	wsaReset               syscall.Errno = 10054
	wsaTimeout             syscall.Errno = 10060
	wsaRefused             syscall.Errno = 10061
	wsaHostDown            syscall.Errno = 10064
	wsaHostUnreachable     syscall.Errno = 10065
)

// kindOfErrno sorts the kernel's errors.
func kindOfErrno(err error) (Kind, bool) {
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return "", false
	}
	switch errno {
	case syscall.ECONNREFUSED, wsaRefused:
		return KindRefused, true
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.EADDRNOTAVAIL,
		syscall.EAFNOSUPPORT,
		wsaNetUnreachable, wsaHostUnreachable, wsaNetDown, wsaHostDown, wsaAddressNotAvailable, wsaFamilyNotSupported:
		return KindUnreachable, true
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, wsaReset, wsaAborted:
		return KindReset, true
	case syscall.ETIMEDOUT, wsaTimeout:
		return KindTimeout, true
	}
	return KindLocal, true
}

// remoteAlert reads the number of a TLS alert that the server sent
// (RFC 8446 §6). crypto/tls keeps its type to itself: over TCP the error is a
// *net.OpError with Op "remote error" around an unexported uint8, which
// tls.AlertError does not match.
func remoteAlert(err error) (int, bool) {
	if alert, ok := errors.AsType[clienthello.Alert](err); ok { // to a ClientHello of our own
		return int(alert), true
	}
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" || op.Err == nil {
		return 0, false
	}
	v := reflect.ValueOf(op.Err)
	if v.Kind() != reflect.Uint8 {
		return 0, false
	}
	return int(v.Uint()), true
}

// detail is the error in Go's words, printable and bounded: it may quote the
// server.
func detail(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	return smtp.Printable([]byte(clip(text, maxFailureBytes)))
}

// note says in the transcript how the session ended; empty when the server's
// reply says it.
func (f *Failure) note() string {
	switch f.Kind {
	case KindReply, KindNotOffered, KindNoAddress:
		return ""
	case KindTLS, KindLocal, KindUnsendable:
		return f.Detail
	case KindTimeout:
		if f.Octets != "" {
			return "the reply was not complete after " + Duration(f.Limit)
		}
	case KindProtocol:
		if f.Phase == PhaseAuth && f.Octets == "" { // canceled from this side
			return f.Detail
		}
		return "this reply cannot be understood: " + f.Detail
	}
	return f.Words()
}
