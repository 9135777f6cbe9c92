package bot_test

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"smtptest/bot"
	"smtptest/bot/command"
	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// changing is a resolver whose answer to a name changes: the first is the one that
// was asked for, all later ones lead inside.
type changing struct {
	first []netip.Addr

	mu    sync.Mutex
	asked int
}

// Addresses implements probe.Resolver.
func (c *changing) Addresses(context.Context, string) ([]netip.Addr, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked++; c.asked > 1 {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	return c.first, nil
}

// Why implements probe.Resolver.
func (*changing) Why(context.Context, string) resolve.Explanation { return resolve.Explanation{} }

// connections tests what was typed with the default policy, and gives the addresses
// that were dialled. Every one of them refuses.
func connections(t *testing.T, text string, first ...string) (all []netip.AddrPort, asked int) {
	fx := newFixture(t)
	names := &changing{}
	for _, a := range first {
		names.first = append(names.first, netip.MustParseAddr(a))
	}
	var mu sync.Mutex
	fx.Handler.Prober = &probe.Local{
		Resolver: names, Policy: guard.Policy{Own: func() []netip.Addr { return nil }},
		Dial: func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, to)
			return nil, &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		},
	}
	fx.Handler.Dialect = command.Dialect{AllowSingleLabel: true}
	d := &bot.Dispatcher{Handler: fx.Handler}
	d.Dispatch(t.Context(), by("eve", text), &recorder{})
	d.Stop(t.Context())
	return all, names.asked
}

// TestNothingInsideIsDialled types every form of an inner address, and of a port
// that is closed.
func TestNothingInsideIsDialled(t *testing.T) {
	for text := range strings.Lines(insideForms) {
		text = strings.NewReplacer(`\0`, "\x00", `\r`, "\r").Replace(strings.TrimSuffix(text, "\n"))
		if all, _ := connections(t, text, "127.0.0.1"); len(all) > 0 {
			t.Errorf("%q dials %v", text, all)
		}
	}
	if all, _ := connections(t, "x.example:25", "8.8.8.8"); len(all) == 0 {
		t.Error("a public address is not dialled either")
	}
}

const insideForms = `127.1:25
0x7f000001:25
2130706433:25
017700000001
0177.0.0.1
[::ffff:127.0.0.1]:25
::ffff:7f00:1
::1
[::1]:25
[::]:25
0.0.0.0:25
127.0.0.1.:25
localhost
localhost.
LOCALHOST:25
ip6-localhost
１２７．０．０．１
127。0。0。1:25
①②⑦.0.0.1
ⓛⓞⓒⓐⓛⓗⓞⓢⓣ
[fe80::1%lo]:25
[::1%25lo]:25
http://127.0.0.1:25/
smtp://127.0.0.1
telnet 127.0.0.1 25
169.254.169.254:25
169.254.169.254:80
[IPv6:::1]:25
[64:ff9b::127.0.0.1]:25
[2002:7f00:1::]:25
8.8.8.8:65561
8.8.8.8:0
8.8.8.8:22
8.8.8.8 25 --at 127.0.0.1
x.example:25 --at 127.0.0.1
x.example:25 --at ::ffff:10.0.0.1
x.example:25 --at [::1]
x.example:25 --at fe80::1%lo
x.example:25
x.example.:25
X.EXAMPLE:25
<http://x.example|good.example>:25
user:pw@127.0.0.1:25
127.0.0.1\0.example
x.example\r:25
a..b.example
-x.example
fakeⅹ.example
`

// TestRebinding: a name is asked for once, and what it said then is dialled; of an
// answer that is mixed only the public part.
func TestRebinding(t *testing.T) {
	public := netip.MustParseAddr("8.8.8.8")
	for _, first := range [][]string{{"8.8.8.8"}, {"127.0.0.1", "8.8.8.8", "10.0.0.1", "::1"}} {
		for _, text := range []string{"x.example:25", "x.example:587", "x.example:465 --tls implicit"} {
			all, asked := connections(t, text, first...)
			if len(all) == 0 || asked != 1 {
				t.Errorf("%s: %d connections, asked %d times", text, len(all), asked)
			}
			for _, a := range all {
				if a.Addr() != public {
					t.Errorf("%s dials %s", text, a)
				}
			}
		}
	}
}
