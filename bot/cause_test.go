package bot_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
)

// TestCause: what keeps a client from a platform is said in words, and the
// address, which may be as good as a token, is not.
func TestCause(t *testing.T) {
	t.Parallel()
	const token = "/T0CANARY"
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	cut := serving(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	silent := serving(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	for want, url := range map[string]string{
		"the connection was refused":          "http://" + closed.Addr().String(),
		"the connection was cut":              cut,
		"no answer in time":                   silent,
		"its certificate is not trusted here": untrusted.URL,
		"TLS failed":                          "https://" + babbler(t),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url+token, nil)
		_, err := http.DefaultClient.Do(req)
		if got := bot.Cause(err); got != want || err == nil {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
		if !strings.Contains(err.Error(), token) {
			t.Errorf("%v quotes nothing: the test is worth nothing", err)
		}
	}
	if got := bot.Cause(&net.DNSError{Name: "T0CANARY", IsNotFound: true}); got != "its name is not found in DNS" {
		t.Error(got)
	}
}

// serving gives the address of a server with one answer.
func serving(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// babbler gives the address of a server that speaks something else.
func babbler(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			_, _ = io.WriteString(c, "220 mx.example.test ESMTP\r\n")
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	return l.Addr().String()
}
