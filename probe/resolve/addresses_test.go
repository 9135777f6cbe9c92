package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAddresses(t *testing.T) {
	f := serve(t, zone(
		"v4.test. A 192.0.2.1",
		"v6.test. AAAA 2001:db8::1",
		"both.test. A 192.0.2.1", "both.test. AAAA 2001:db8::1",
		"twice.test. A 192.0.2.1", "twice.test. AAAA ::ffff:192.0.2.1",
		"alias.test. CNAME second.test.", "second.test. CNAME third.test.", "third.test. A 192.0.2.3",
		"dangling.test. CNAME gone.test.",
	))
	for _, tc := range []struct{ host, want string }{
		{"v4.test", "192.0.2.1"},
		{"v4.test.", "192.0.2.1"},
		{"V4.Test", "192.0.2.1"},
		{"v6.test", "2001:db8::1"},
		{"both.test", "192.0.2.1 2001:db8::1"},
		{"twice.test", "192.0.2.1"},
		{"alias.test", "192.0.2.3"},
		{"192.0.2.9", "192.0.2.9"},
		{"2001:db8::9", "2001:db8::9"},
		{"::ffff:192.0.2.9", "192.0.2.9"},
	} {
		got, err := At(f.at).Addresses(t.Context(), tc.host)
		slices.SortFunc(got, netip.Addr.Compare)
		if text := strings.Trim(fmt.Sprint(got), "[]"); err != nil || text != tc.want {
			t.Errorf("%s: %s, %v; want %s", tc.host, text, err, tc.want)
		}
	}
	for _, host := range []string{"gone.test", "dangling.test", "mail.empty"} {
		var lookup *net.DNSError
		got, err := At(f.at).Addresses(t.Context(), host)
		if len(got) > 0 || !errors.As(err, &lookup) || !lookup.IsNotFound {
			t.Errorf("%s: %v, %v; want not found", host, got, err)
		}
	}
}

func TestTheNameIsAskedAbsolute(t *testing.T) {
	f := serve(t, zone())
	At(f.at).Addresses(t.Context(), "mail")
	if want := []string{"mail. A", "mail. AAAA"}; !slices.Equal(f.questions(), want) {
		t.Errorf("asked %q, want %q", f.questions(), want)
	}
}

func TestTheHostsFileIsRead(t *testing.T) {
	hosts, err := os.ReadFile("/etc/hosts")
	if err != nil || !strings.Contains(string(hosts), "localhost") {
		t.Skip("this machine's hosts file does not name localhost")
	}
	f := serve(t, zone())
	for _, r := range []*Resolver{At(f.at), {}} {
		got, err := r.Addresses(t.Context(), "localhost")
		if err != nil || len(got) == 0 || !got[0].IsLoopback() {
			t.Errorf("localhost: %v, %v", got, err)
		}
	}
	if asked := f.questions(); len(asked) > 0 {
		t.Errorf("the name server was asked %q", asked)
	}
}

func TestAddressesAreBounded(t *testing.T) {
	var records []string
	for i := range 100 {
		records = append(records, fmt.Sprintf("many.test. A 192.0.2.%d", i))
	}
	f := serve(t, zone(records...))
	if got, err := At(f.at).Addresses(t.Context(), "many.test"); len(got) != maxAddresses {
		t.Errorf("%d addresses, %v; want %d", len(got), err, maxAddresses)
	}
}

func TestNamesThatAreNotAsked(t *testing.T) {
	f := serve(t, zone())
	for _, host := range unusualNames {
		var refused *NameError
		if _, err := At(f.at).Addresses(t.Context(), host); !errors.As(err, &refused) {
			t.Errorf("%q: %v", host, err)
		}
		if got := At(f.at).Why(t.Context(), host); got.Answer != Unknown {
			t.Errorf("%q: %+v", host, got)
		}
	}
	if asked := f.questions(); len(asked) > 0 {
		t.Errorf("the name server was asked %q", asked)
	}
}

var unusualNames = []string{
	"", ".", "..", "a..test", ".test", `a\.test`, `a\046test`, "a b.test", "a\x00.test", "bücher.test", "[192.0.2.1]",
	"a.test:25", strings.Repeat("a", 64) + ".test", strings.Repeat("abcdefg.", 32) + "test", "a@b.test", "a/b.test",
}

func TestAddressesEndWithTheContext(t *testing.T) {
	f := serve(t, silence)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := At(f.at).Addresses(ctx, "silent.test")
	var lookup *net.DNSError
	if !errors.As(err, &lookup) || !lookup.IsTimeout {
		t.Errorf("got %v, want a timeout", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAtNoServer(t *testing.T) {
	if got, err := At().Addresses(t.Context(), "v4.test"); err == nil {
		t.Errorf("got %v", got)
	}
	if got := At().Why(t.Context(), "v4.test"); got.Answer != Unknown {
		t.Errorf("got %+v", got)
	}
}
