package domain

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"smtptest/probe/guard"
	"smtptest/probe/mtasts"
	"smtptest/probe/resolve"
	"smtptest/probe/smtp"
)

// Limits of fetching a policy.
const (
	policyLimit     = 10 * time.Second // RFC 8461 §3.3 suggests a minute; people wait here
	maxHeaderOctets = 16 << 10
	// maxPolicyAddresses share the time, and leave some for the answer.
	maxPolicyAddresses = 4
	maxDetailOctets    = 300
)

// policy fetches and reads the policy of the domain over HTTPS (RFC 8461 §3.3).
// Redirections are not followed, as it demands.
func (r *run) policy(ctx context.Context) (*mtasts.Policy, Fetch) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, policyLimit)
	defer cancel()
	host := "mta-sts." + r.req.Domain
	to, failure := r.policyAddresses(ctx, host)
	if len(to) == 0 {
		return nil, Fetch{Failure: failure, Elapsed: time.Since(began)}
	}
	body, f := r.get(ctx, host, to)
	f.Elapsed = time.Since(began)
	if f.Failure != "" {
		return nil, f
	}
	p, err := mtasts.Parse(body)
	if err != nil {
		f.Failure, f.Detail = FetchSyntax, err.Error()
		return nil, f
	}
	return &p, f
}

// policyAddresses are those of the policy host that are dialled in turn, and why
// there are none.
func (r *run) policyAddresses(ctx context.Context, host string) (all []netip.AddrPort, failure string) {
	policy := r.policyFor(r.Ports.web())
	failure = FetchNoAddress
	for _, t := range []resolve.Type{resolve.TypeA, resolve.TypeAAAA} {
		a := r.dns.Lookup(ctx, host, t)
		for _, ip := range ipsOf(a.Records) {
			to := netip.AddrPortFrom(ip, r.Ports.web())
			if ip.Is6() && r.report.NoIPv6 && !ip.IsLoopback() {
				failure = FetchDenied
				continue
			}
			if policy.Check(to) != nil {
				failure = FetchDenied
			} else if len(all) < maxPolicyAddresses {
				all = append(all, to)
			}
		}
		if !isAnswer(a.Outcome) && failure == FetchNoAddress {
			failure = FetchLookup
		}
	}
	return all, failure
}

// get asks for the file.
func (r *run) get(ctx context.Context, host string, to []netip.AddrPort) ([]byte, Fetch) {
	client := r.client(to)
	defer client.CloseIdleConnections()
	url := "https://" + host + "/.well-known/mta-sts.txt"
	if r.Ports.Web != 0 {
		url = "https://" + net.JoinHostPort(host, strconv.Itoa(int(r.Ports.Web))) + "/.well-known/mta-sts.txt"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, Fetch{Failure: FetchConnect}
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, fetchFailure(err)
	}
	defer res.Body.Close()
	f := Fetch{Status: res.StatusCode, Type: clip(res.Header.Get("Content-Type"))}
	body, err := io.ReadAll(io.LimitReader(res.Body, mtasts.MaxOctets+1))
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case err != nil:
		f.Failure = fetchFailure(err).Failure
	case res.StatusCode != http.StatusOK:
		f.Failure = FetchStatus
	case kind != "text/plain":
		f.Failure = FetchType
	case len(body) > mtasts.MaxOctets:
		f.Failure = FetchTooLong
	}
	return body, f
}

// client dials the addresses in turn; the guard checks them again at the socket.
func (r *run) client(to []netip.AddrPort) *http.Client {
	policy := r.policyFor(r.Ports.web())
	dialer := net.Dialer{ControlContext: policy.Control, Timeout: policyLimit / (maxPolicyAddresses + 1)}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (conn net.Conn, err error) {
				for _, ap := range to {
					if conn, err = dialer.DialContext(ctx, network, ap.String()); err == nil {
						break
					}
				}
				return conn, err
			},
			TLSClientConfig:        &tls.Config{RootCAs: r.Roots},
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeaderOctets,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fetchFailure names an error of net/http.
func fetchFailure(err error) Fetch {
	f := Fetch{Failure: FetchConnect}
	var certificate *tls.CertificateVerificationError
	var denied *guard.Denied
	switch {
	case errors.As(err, &certificate):
		f.Failure, f.Detail = FetchCertificate, certificate.Err.Error()
	case errors.As(err, &denied):
		f.Failure = FetchDenied
	case errors.Is(err, context.DeadlineExceeded):
		f.Failure = FetchTimeout
	}
	f.Detail = smtp.Printable([]byte(f.Detail[:min(len(f.Detail), maxDetailOctets)]))
	return f
}
