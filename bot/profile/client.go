package profile

import (
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"smtptest/probe/guard"
)

// Limits of a request for a token.
const (
	tokenTimeout   = 10 * time.Second
	maxTokenOctets = 64 << 10 // of an answer; the longest tokens have some 4 KiB
)

// Client fetches tokens from the addresses that a policy allows, on 443 and
// the ports that it lists. It follows no redirection: the secret would go
// along.
func Client(p guard.Policy) *http.Client {
	p.Ports = append([]uint16{443}, p.Ports...)
	dialer := net.Dialer{ControlContext: p.Control, Timeout: tokenTimeout}
	return &http.Client{
		Timeout: tokenTimeout,
		Transport: bounded{&http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: tokenTimeout, DisableKeepAlives: true,
			MaxResponseHeaderBytes: maxTokenOctets,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("profile: redirections are not followed")
		},
	}
}

// bounded cuts answers off.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err == nil {
		res.Body = limited{io.LimitReader(res.Body, maxTokenOctets), res.Body}
	}
	return res, err
}

type limited struct {
	io.Reader
	io.Closer
}
