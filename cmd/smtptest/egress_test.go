package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// oneAddress resolves every name.
type oneAddress struct{}

func (oneAddress) Addresses(context.Context, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}

func (oneAddress) Why(context.Context, string) resolve.Explanation { return resolve.Explanation{} }

// TestEgress dials on a network that closes some ports.
func TestEgress(t *testing.T) {
	for closed, want := range map[string]struct {
		code    int
		verdict string
	}{
		"":                    {exitWorking, "Every mail port is let out"},
		"25":                  {exitFailed, "Not let out: port 25"},
		"25 465 587 2525":     {exitFailed, "No mail port is let out"},
		"25 465 587 2525 443": {exitInconclusive, "This machine has no way out"},
	} {
		l := &probe.Local{
			Resolver: oneAddress{}, Policy: guard.Policy{Open: true}, Controls: probe.DefaultControls(),
			Dial: func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
				if _, port, _ := strings.Cut(to.String(), ":"); strings.Contains(" "+closed+" ", " "+port+" ") {
					return nil, syscall.ECONNREFUSED
				}
				near, far := net.Pipe()
				far.Close()
				return near, nil
			},
		}
		var out, encoded bytes.Buffer
		code := waysOut(t.Context(), &terminal{out: &out}, l, false)
		if code != want.code || !strings.Contains(out.String(), want.verdict) {
			t.Errorf("closed %q: exit code %d\n%s", closed, code, &out)
		}
		var document struct{ Closed []int }
		code = waysOut(t.Context(), &terminal{out: &encoded}, l, true)
		if err := json.Unmarshal(encoded.Bytes(), &document); err != nil || code != want.code ||
			len(document.Closed) != len(strings.Fields(strings.TrimSuffix(closed, "443"))) {
			t.Errorf("closed %q: exit code %d, %v\n%s", closed, code, err, &encoded)
		}
	}
}
