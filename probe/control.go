package probe

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"smtptest/probe/guard"
)

// Limits of control connections: they burden hosts that have nothing to do with
// the question, and one answer holds for every run on this network.
const (
	controlLimit   = 5 * time.Second  // for a name and a connection together
	controlReuse   = 60 * time.Second // a result answers later runs of this process too
	webPort        = 443
	maxControlHost = 2 // mail hosts that are asked on a port
)

// ControlConn is one control connection: whether this network lets TCP out to
// a well-known host on a port. It is closed at once, and nothing is written.
type ControlConn struct {
	Host    string
	Port    uint16
	Kind    Kind          // how it failed; empty: it was accepted
	Elapsed time.Duration // name and connection together
	Age     time.Duration // since it was made, where a result was reused; 0: for this report
}

// Controls makes control connections and keeps their results for a minute. Its
// fields must not change once it is in use. It may be shared.
type Controls struct {
	Mail []string // hosts that take connections on every mail port; the first two are asked
	Web  string   // a host that takes them on 443

	mu   sync.Mutex
	kept map[controlKey]*keptControl
}

type controlKey struct {
	host string
	port uint16
	six  bool
}

// keptControl is a result for the runs that come within a minute. Its turn is
// held while the connection is made, so that runs at the same time share it.
type keptControl struct {
	turn chan struct{}
	conn ControlConn
	made time.Time // zero: there is no result
}

// DefaultControls asks two providers whose own pages name all four mail ports,
// so that one list serves each port: smtp.sendgrid.net
// (https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api)
// and smtp.mailgun.org (https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-smtp).
// On 443 it is dns.google, which is there to be asked by programs
// (https://developers.google.com/speed/public-dns/docs/doh).
func DefaultControls() *Controls {
	return &Controls{Mail: []string{"smtp.sendgrid.net", "smtp.mailgun.org"}, Web: "dns.google"}
}

// Egress asks at once, for each mail port and for 443, whether this network
// lets connections out to the control hosts. It takes at most five seconds.
// nil: control connections are switched off, or ctx ended first.
func (l *Local) Egress(ctx context.Context) []ControlConn {
	return l.control(ctx, guard.DefaultPorts(), false)
}

// Reach asks at once whether this network lets connections out on one port, and
// on 443. It takes at most five seconds. nil as for Egress.
func (l *Local) Reach(ctx context.Context, port uint16) []ControlConn {
	return l.control(ctx, []uint16{port}, false)
}

// control asks the control hosts on these ports, and on 443.
func (l *Local) control(ctx context.Context, ports []uint16, six bool) []ControlConn {
	if l.Controls == nil {
		return nil
	}
	var keys []controlKey
	for _, port := range ports {
		for _, host := range l.Controls.Mail[:min(len(l.Controls.Mail), maxControlHost)] {
			keys = append(keys, controlKey{host, port, six})
		}
	}
	keys = append(keys, controlKey{l.Controls.Web, webPort, six})
	conns := make([]ControlConn, len(keys))
	var all sync.WaitGroup
	var failed atomic.Bool
	for i, key := range keys {
		all.Go(func() {
			defer catch(&failed)
			conns[i] = l.Controls.ask(ctx, key, l.controlConn)
		})
	}
	all.Wait()
	rethrow(&failed)
	if ctx.Err() != nil {
		return nil
	}
	return conns
}

// ask makes one connection, or reuses the result of another run.
func (c *Controls) ask(ctx context.Context, key controlKey, dial func(context.Context, controlKey) Kind) ControlConn {
	k := c.keep(key)
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return ControlConn{}
	}
	if age := time.Since(k.made); !k.made.IsZero() && age < controlReuse {
		conn := k.conn
		conn.Age = age
		return conn
	}
	began := time.Now()
	conn := ControlConn{Host: key.host, Port: key.port, Kind: dial(ctx, key), Elapsed: time.Since(began)}
	if ctx.Err() == nil { // a result that was cut short says nothing
		k.conn, k.made = conn, time.Now()
	}
	return conn
}

func (c *Controls) keep(key controlKey) *keptControl {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[controlKey]*keptControl{}
	}
	if c.kept[key] == nil {
		c.kept[key] = &keptControl{turn: make(chan struct{}, 1)}
	}
	return c.kept[key]
}

// controlConn connects and closes. The guard is asked as for any target, with
// 443 beside the ports of mail.
func (l *Local) controlConn(ctx context.Context, key controlKey) Kind {
	limited, cancel := context.WithTimeout(ctx, controlLimit)
	defer cancel()
	addresses, err := l.resolver().Addresses(limited, key.host)
	if len(addresses) == 0 {
		if err != nil && limited.Err() != nil {
			return KindTimeout
		}
		return KindNoAddress
	}
	// The same IP version, where the host has it: networks close them apart.
	i := max(0, slices.IndexFunc(addresses, func(a netip.Addr) bool { return a.Unmap().Is6() == key.six }))
	to := netip.AddrPortFrom(addresses[i], key.port)
	policy := l.Policy
	policy.Ports = append(slices.Clone(policy.Ports), webPort)
	if policy.Check(to) != nil {
		return KindDenied
	}
	conn, err := l.dial(limited, policy, to)
	if err != nil {
		return KindOf(err)
	}
	conn.Close()
	return ""
}

// dial opens a connection to an address that the policy allows.
func (l *Local) dial(ctx context.Context, policy guard.Policy, to netip.AddrPort) (net.Conn, error) {
	if l.Dial != nil {
		return l.Dial(ctx, to)
	}
	dialer := net.Dialer{ControlContext: policy.Control}
	return dialer.DialContext(ctx, "tcp", to.String())
}

// control begins the control connections that tell a fault of the server from
// one of this network: when a mail port times out or refuses. What it returns
// waits for them. Of an address inside a network the way out says nothing.
func (r *run) control(ctx context.Context, s *Session) (wait func() []ControlConn) {
	to, f := s.Address.Addr().Unmap(), s.Failure
	if r.req.Alone || f == nil || f.Phase != PhaseConnect || f.Kind != KindTimeout && f.Kind != KindRefused ||
		!slices.Contains(guard.DefaultPorts(), s.Address.Port()) ||
		to.IsLoopback() || to.IsPrivate() || to.IsLinkLocalUnicast() || !timeLeft(ctx, minContrastTime) {
		return func() []ControlConn { return nil }
	}
	var conns []ControlConn
	var beside sync.WaitGroup
	var failed atomic.Bool
	beside.Go(func() {
		defer catch(&failed)
		conns = r.local.control(ctx, []uint16{s.Address.Port()}, to.Is6())
	})
	return func() []ControlConn {
		beside.Wait()
		rethrow(&failed)
		return conns
	}
}
