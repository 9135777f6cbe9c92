package bot

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"smtptest/probe"
)

// Plain is an error whose words quote nothing.
type Plain string

// Error implements error.
func (p Plain) Error() string { return string(p) }

// Cause says in a few words why a platform was not reached. It never quotes
// the error: addresses of the platforms are as good as tokens.
func Cause(err error) string {
	if p, ok := errors.AsType[Plain](err); ok {
		return string(p)
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		if e.IsNotFound {
			return "its name is not found in DNS"
		}
		return "DNS does not answer"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not trusted here"
	}
	switch probe.KindOf(err) {
	case probe.KindRefused:
		return "the connection was refused"
	case probe.KindUnreachable:
		return "no route to it"
	case probe.KindTimeout:
		return "no answer in time"
	case probe.KindReset, probe.KindClosed:
		return "the connection was cut"
	case probe.KindTLS, probe.KindAlert:
		return "TLS failed"
	}
	return fmt.Sprintf("%T", err)
}
