package probetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// Plan is what a network does beside carrying sessions. Its text has lines
//
//	DNS: NAME A 192.0.2.10          also AAAA
//	DNS: NAME MX 10 mx.example.test
//	DNS: NAME CNAME other.test      where its chain of aliases ends
//	DNS: NAME NXDOMAIN              also NODATA, SERVFAIL, BOGUS, TIMEOUT, UNKNOWN
//	DIAL: 192.0.2.10 refused        also timeout, unreachable, forbidden
//	DIAL: 192.0.2.10:465 timeout    the same for one port
//	POLICY: public                  only public addresses may be dialled
//	BUDGET: 1                       connections that may be made in all
//	CONTROL: one.test 203.0.113.1   a control host, the one for 443 last; none: no control connections
//
// Without any DNS line every name has the address 192.0.2.1.
type Plan struct {
	addresses map[string][]netip.Addr
	why       map[string]resolve.Explanation
	dial      map[string]string // by address, or by address and port
	public    bool
	limited   bool // no more than budget connections
	budget    int
	control   []controlHost
}

type controlHost struct {
	name    string
	address netip.Addr
}

// controls are the control hosts as a prober knows them, nil without any.
func (p Plan) controls() *probe.Controls {
	if len(p.control) == 0 {
		return nil
	}
	c := &probe.Controls{}
	for _, h := range p.control[:len(p.control)-1] {
		c.Mail = append(c.Mail, h.name)
	}
	c.Web = p.control[len(p.control)-1].name
	return c
}

// dialControl connects to a control host, which wants to hear nothing: what is
// written to it is noted. ok is false for the address of no control host.
func (p Plan) dialControl(ctx context.Context, to netip.AddrPort, note func(error)) (c net.Conn, ok bool, err error) {
	if !slices.ContainsFunc(p.control, func(h controlHost) bool { return h.address == to.Addr() }) {
		return nil, false, nil
	}
	if err := dialFault(ctx, p.fault(to, true)); err != nil {
		return nil, true, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: err}
	}
	near, far := net.Pipe()
	go func() {
		if n, err := far.Read(make([]byte, 1)); n > 0 || err != io.EOF {
			note(fmt.Errorf("the control host %s was written to", to))
		}
	}()
	return near, true, nil
}

// policy allows all but what the plan forbids: stories happen at addresses
// that are not public.
func (p Plan) policy() guard.Policy { return guard.Policy{Open: !p.public} }

// allowance counts connections down; nil: as many as wanted. Afterwards an
// address is to be left alone for half a minute.
func (p Plan) allowance() func(netip.AddrPort) time.Duration {
	if !p.limited {
		return nil
	}
	var made atomic.Int64
	return func(netip.AddrPort) time.Duration {
		if made.Add(1) > int64(p.budget) {
			return 30 * time.Second
		}
		return 0
	}
}

// ParseNetwork reads a Plan. The error names the line.
func ParseNetwork(text string) (Plan, error) {
	p := Plan{addresses: map[string][]netip.Addr{}, why: map[string]resolve.Explanation{}, dial: map[string]string{}}
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := p.line(words); err != nil {
			return p, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return p, nil
}

func (p *Plan) line(words []string) error {
	switch {
	case words[0] == "DIAL:" && len(words) == 3:
		p.dial[words[1]] = words[2]
		return nil
	case words[0] == "DNS:" && len(words) >= 3:
		return p.record(words[1], words[2], words[3:])
	case words[0] == "POLICY:" && len(words) == 2 && words[1] == "public":
		p.public = true
		return nil
	case words[0] == "CONTROL:" && len(words) == 3:
		a, err := netip.ParseAddr(words[2])
		p.control = append(p.control, controlHost{words[1], a})
		return err
	case words[0] == "BUDGET:" && len(words) == 2:
		n, err := strconv.Atoi(words[1])
		p.limited, p.budget = true, n
		return err
	}
	return errors.New("DNS:, DIAL:, POLICY:, BUDGET: or CONTROL: is to begin the line")
}

func (p *Plan) record(name, kind string, data []string) error {
	why := p.why[name]
	switch {
	case (kind == "A" || kind == "AAAA") && len(data) == 1:
		a, err := netip.ParseAddr(data[0])
		p.addresses[name] = append(p.addresses[name], a)
		return err
	case kind == "MX" && len(data) == 2:
		preference, err := strconv.ParseUint(data[0], 10, 16)
		if err != nil {
			return err
		}
		why.Answer = resolve.NoData
		why.MX = append(why.MX, resolve.MX{Preference: uint16(preference), Host: data[1]})
	case kind == "CNAME" && len(data) == 1:
		why.Alias = data[0]
	case len(data) == 0:
		why.Answer = strings.ToLower(kind)
	default:
		return fmt.Errorf("cannot read %s", kind)
	}
	p.why[name] = why
	return nil
}

// Network is a network in memory on which every address is one scripted
// server. It is a resolver and a dialler for probe.Local.
type Network struct {
	Server  *Server
	Case    *Case
	Plan    Plan
	Latency time.Duration // one way

	mu        sync.Mutex
	dialogues int // sessions on the port that the case asks for
	problems  []error
	playing   sync.WaitGroup
}

// NewNetwork makes the network that a case describes.
func NewNetwork(c *Case, ca *CA) *Network {
	plan, _ := ParseNetwork(c.Network) // ParseCase has read it before
	return &Network{Server: &Server{CA: ca, Host: c.Request.Target.Host, Login: c.Request.Login}, Case: c, Plan: plan}
}

// Addresses implements probe.Resolver.
func (n *Network) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	for _, h := range n.Plan.control {
		if h.name == host {
			return []netip.Addr{h.address}, nil
		}
	}
	if len(n.Plan.addresses)+len(n.Plan.why) == 0 {
		return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
	}
	if n.Plan.why[host].Answer == resolve.Timeout {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if a := n.Plan.addresses[host]; len(a) > 0 {
		return a, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// Why implements probe.Resolver.
func (n *Network) Why(_ context.Context, host string) resolve.Explanation {
	why, ok := n.Plan.why[host]
	if !ok {
		why.Answer = resolve.NoName
	}
	why.Server = "192.0.2.53:53"
	return why
}

// Dial is for probe.Local.Dial.
func (n *Network) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if conn, ok, err := n.Plan.dialControl(ctx, to, n.note); ok {
		return conn, err
	}
	server := net.TCPAddrFromAddrPort(to)
	script, described := n.Case.DialogueOn(to.Port())
	if err := dialFault(ctx, n.Plan.fault(to, described)); err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: server, Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	source := n.source(to)
	near, far := Pipe(n.Latency, net.TCPAddrFromAddrPort(source), server)
	if to.Port() == n.Case.Request.Target.Port {
		script = n.Case.Dialogue(n.dialogues)
		n.dialogues++
	}
	n.playing.Go(func() { n.note(n.Server.Play(far, script)) })
	return near, nil
}

// source is our end of a connection. Follow-ups at other ports run side by side,
// so their numbers do not depend on the order.
func (n *Network) source(to netip.AddrPort) netip.AddrPort {
	port := 40001 + uint16(n.dialogues)
	if to.Port() != n.Case.Request.Target.Port {
		port = 50000 + to.Port()%10000
	}
	if to.Addr().Is6() {
		return netip.AddrPortFrom(netip.MustParseAddr("2001:db8:f::7"), port)
	}
	return netip.AddrPortFrom(netip.MustParseAddr("198.51.100.7"), port)
}

// fault is what happens to a connection. A port of which the story says
// nothing refuses it.
func (p Plan) fault(to netip.AddrPort, described bool) string {
	if fault, ok := p.dial[to.String()]; ok {
		return fault
	}
	if fault, ok := p.dial[to.Addr().String()]; ok {
		return fault
	}
	if !described {
		return "refused"
	}
	return ""
}

func dialFault(ctx context.Context, fault string) error {
	switch fault {
	case "refused":
		return os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case "reset":
		return os.NewSyscallError("connect", syscall.ECONNRESET)
	case "unreachable":
		return os.NewSyscallError("connect", syscall.ENETUNREACH)
	case "forbidden":
		return os.NewSyscallError("connect", syscall.EPERM)
	case "timeout":
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (n *Network) note(err error) {
	if err == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.problems = append(n.problems, err)
}

// Wait waits until all sessions are over and returns what clients did
// against the scripts.
func (n *Network) Wait() []error {
	n.playing.Wait()
	return n.problems
}
