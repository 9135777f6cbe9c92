package probetest

import (
	"context"
	"encoding/pem"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"smtptest/probe"
	"smtptest/probe/resolve"
)

// maxSandboxSession ends a session of the sandbox that nobody ends.
const maxSandboxSession = 5 * time.Minute

// Sandbox serves cases on real sockets: one loopback port for each.
type Sandbox struct {
	ca      *CA
	servers map[string]*listening
	playing sync.WaitGroup
}

// listening is one case on one port.
type listening struct {
	server   *Server
	one      *Case
	plan     Plan
	listener net.Listener

	mu       sync.Mutex
	expected []Script // of the sessions of a run that are on their way
	open     map[net.Conn]bool
}

// NewSandbox starts a server for each case on a free loopback port.
func NewSandbox(cases []*Case) (*Sandbox, error) {
	ca, err := NewCA()
	if err != nil {
		return nil, err
	}
	s := &Sandbox{ca: ca, servers: map[string]*listening{}}
	for _, c := range cases {
		if err := s.listen(c); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func (s *Sandbox) listen(c *Case) error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	plan, err := ParseNetwork(c.Network)
	if err != nil {
		return err
	}
	account := c.Account()
	one := &listening{
		server: &Server{CA: s.ca, Host: c.Request.Target.Host, Login: c.Request.Login, Guest: &account}, one: c, plan: plan,
		listener: l, open: map[net.Conn]bool{},
	}
	s.servers[c.Name] = one
	s.playing.Go(func() { one.serve(&s.playing) })
	return nil
}

// Address is where other programs reach a case's server; nil: no such case.
func (s *Sandbox) Address(name string) net.Addr {
	if l, ok := s.servers[name]; ok {
		return l.listener.Addr()
	}
	return nil
}

// Prober probes one case through real sockets: names and addresses are those
// of the case's story, connections go to its loopback port. nil:
// no such case.
func (s *Sandbox) Prober(name string) *Prober {
	l, ok := s.servers[name]
	if !ok {
		return nil
	}
	run := &sandboxRun{listening: l, network: Network{Plan: l.plan}}
	local := &probe.Local{
		Resolver: run, Dial: run.dial, Policy: l.plan.policy(), Roots: s.ca.Roots(),
		EHLOName: "[198.51.100.7]", Vantage: "the sandbox", Controls: l.plan.controls(),
	}
	return &Prober{local, l.plan.allowance()}
}

// RootPEM is the certificate of the authority that the sandbox's clients trust.
func (s *Sandbox) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.ca.trusted.root.Raw})
}

// Close ends all servers and sessions.
func (s *Sandbox) Close() error {
	var errs []error
	for _, l := range s.servers {
		errs = append(errs, l.close())
	}
	s.playing.Wait()
	return errors.Join(errs...)
}

// sandboxRun is one probe of one case. Which dialogue a connection gets
// depends on how many the run has made before.
type sandboxRun struct {
	listening *listening
	network   Network

	mu        sync.Mutex
	port      uint16 // that the run asks for; 0: nothing was dialled yet
	dialogues int    // connections to it
}

// Addresses implements probe.Resolver.
func (r *sandboxRun) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	return r.network.Addresses(ctx, host)
}

// Why implements probe.Resolver.
func (r *sandboxRun) Why(ctx context.Context, host string) resolve.Explanation {
	return r.network.Why(ctx, host)
}

func (r *sandboxRun) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if conn, ok, err := r.network.Plan.dialControl(ctx, to, func(error) {}); ok {
		return conn, err
	}
	script, described := r.script(to.Port())
	if err := dialFault(ctx, r.network.Plan.fault(to, described)); err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: err}
	}
	r.listening.expect(script)
	var d net.Dialer
	return d.DialContext(ctx, "tcp4", r.listening.listener.Addr().String())
}

// script is what a port says. The first port that a run connects to is the
// one of the story, whatever its number.
func (r *sandboxRun) script(port uint16) (Script, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.port == 0 {
		r.port = port
	}
	if port != r.port {
		return r.listening.one.DialogueOn(port)
	}
	r.dialogues++
	return r.listening.one.Dialogue(r.dialogues - 1), true
}

func (l *listening) expect(s Script) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected = append(l.expected, s)
}

func (l *listening) serve(playing *sync.WaitGroup) {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		conn.SetDeadline(time.Now().Add(maxSandboxSession))
		script := l.enter(conn)
		playing.Go(func() {
			defer l.leave(conn)
			// A stranger may say what it likes: the sandbox is no judge.
			_ = l.server.Play(conn, script)
		})
	}
}

// enter notes an open session and returns what it is to receive: strangers, whom
// no run announced, get the first dialogue.
func (l *listening) enter(conn net.Conn) Script {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[conn] = true
	if len(l.expected) == 0 {
		return l.one.Dialogue(0)
	}
	script := l.expected[0]
	l.expected = l.expected[1:]
	return script
}

func (l *listening) leave(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, conn)
}

func (l *listening) close() error {
	err := l.listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn := range l.open {
		conn.Close()
	}
	return err
}
