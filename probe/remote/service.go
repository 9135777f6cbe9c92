package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"smtptest/probe"
	"smtptest/probe/domain"
)

// Examiner examines mail domains; *domain.Examiner is one.
type Examiner interface {
	Examine(ctx context.Context, req domain.Request, hooks domain.Hooks) (domain.Report, error)
}

// Service is the far end: an agent at a vantage point. Its fields must not change
// once Serve was called.
type Service struct {
	Vantage string
	Version string       // of the program
	Network string       // where it stands, in its operator's words; may be empty
	Prober  probe.Prober // by the agent's own guard
	// Domains examines mail domains; nil: that is not done here.
	Domains Examiner
	// Egress and Reach are those of probe.Local; nil: no control connections are made.
	Egress func(context.Context) []probe.ControlConn
	Reach  func(context.Context, uint16) []probe.ControlConn
	Key    *PrivateKey // opens logins; nil: none is tried here
	// Envelope says that senders and recipients may be tried, and mail before STARTTLS.
	Envelope bool
	Limits   Limits
	Grace    time.Duration // that runs have once Serve is to end

	mu       sync.Mutex
	counts   counts
	runs     map[string]context.CancelFunc
	stopping bool
	all      sync.WaitGroup // begun under mu, and not once stopping
}

// Serve answers requests until ctx is over, then finishes what runs within Grace.
// Errors: the broker does not take the subscriptions.
func (s *Service) Serve(ctx context.Context, conn *nats.Conn) error {
	if err := CheckName(s.Vantage); err != nil {
		return err
	}
	s.runs, s.stopping = map[string]context.CancelFunc{}, false
	lasting, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	requests, cancels, err := s.subscribe(lasting, conn)
	if err != nil {
		return err
	}
	defer func() { _ = cancels.Unsubscribe() }()
	s.announce(ctx, conn)
	_ = requests.Unsubscribe() // those on their way are refused
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.all.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(s.Grace):
		end() // what runs says that it was stopped
		<-done
	}
	_ = conn.FlushTimeout(time.Second) // of the last reports; a broker that is away has lost them
	return nil
}

// subscribe takes requests; what they begin lives with lasting.
func (s *Service) subscribe(
	lasting context.Context, conn *nats.Conn,
) (requests, cancels *nats.Subscription, err error) {
	subject, all := RunSubject(s.Vantage), CancelSubject(s.Vantage, "*")
	requests, err = conn.QueueSubscribe(subject, queue, func(m *nats.Msg) { s.take(lasting, conn, m) })
	if err == nil {
		err = requests.SetPendingLimits(pendingAnswers, pendingBytes)
	}
	if err == nil {
		cancels, err = conn.Subscribe(all, func(m *nats.Msg) { s.cancel(m.Subject[len(all)-1:]) })
	}
	return requests, cancels, err
}

func (s *Service) cancel(id string) {
	s.mu.Lock()
	end := s.runs[id]
	s.mu.Unlock()
	if end != nil {
		end()
	}
}

// announceEvery is how often the network's doors are measured anew.
const announceEvery = 10 * time.Minute

// announce makes the agent known to whoever asks $SRV, until ctx is over.
func (s *Service) announce(ctx context.Context, conn *nats.Conn) {
	var known map[string]string
	var shown micro.Service
	for ctx.Err() == nil {
		if now := s.metadata(ctx); shown == nil || !equal(known, now) {
			if shown != nil {
				_ = shown.Stop()
			}
			known = now
			shown, _ = micro.AddService(conn, micro.Config{ // fails with the connection, and is tried again
				Name: service, Version: semantic(s.Version), Description: "SMTP tests from " + s.Vantage, Metadata: now,
			})
		}
		select {
		case <-time.After(announceEvery):
		case <-ctx.Done():
		}
	}
	if shown != nil {
		_ = shown.Stop()
	}
}

func equal(a, b map[string]string) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

func (s *Service) metadata(ctx context.Context) map[string]string {
	m := map[string]string{
		"vantage": s.Vantage, "version": s.Version, "network": s.Network, "protocol": fmt.Sprint(protocol),
		"ipv6": string(routes6()), "port25": string(s.Port25(ctx)),
	}
	if s.Key != nil {
		m["key"] = s.Key.Public().ID()
	}
	return m
}

// Port25 reports whether this network lets mail out: one of the control hosts is
// enough.
func (s *Service) Port25(ctx context.Context) Door {
	d := DoorUnknown
	if s.Reach == nil {
		return d
	}
	for _, c := range s.Reach(ctx, 25) {
		switch {
		case c.Port == 25 && c.Kind == "":
			return DoorOpen
		case c.Port != 25 && c.Kind == "": // the network is there
			d = DoorClosed
		}
	}
	return d
}

// routes6 asks the kernel for a route; a datagram socket sends nothing for that.
func routes6() Door {
	conn, err := net.Dial("udp6", "[2001:4860:4860::8888]:53")
	if err != nil {
		return DoorClosed
	}
	conn.Close()
	return DoorOpen
}

// semantic is the version as NATS' services write it. A build without one is 0.0.0.
func semantic(version string) string {
	version = strings.TrimPrefix(version, "v")
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(version) {
		return "0.0.0"
	}
	return version
}

// take begins a run, or says why not.
func (s *Service) take(lasting context.Context, conn *nats.Conn, m *nats.Msg) {
	if m.Reply == "" {
		return // nobody would hear
	}
	a := &answer{conn: conn, to: m.Reply, most: min(int(conn.MaxPayload())-4<<10, MaxReport)}
	r, err := s.read(m, time.Now())
	if err != nil {
		a.fail(err)
		return
	}
	run, cancel := context.WithDeadline(lasting, time.Now().Add(r.timeout+overtime))
	if err := s.begin(r, cancel); err != nil {
		cancel()
		a.fail(err)
		return
	}
	go func() {
		defer s.all.Done()
		defer s.end(r.id)
		defer cancel()
		s.run(run, r, a)
	}()
}

// begin counts a run.
func (s *Service) begin(r *asked, cancel context.CancelFunc) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return &refusal{codeStopping, "this agent is being stopped"}
	}
	if err := s.counts.begin(r, s.Limits, len(s.runs), time.Now()); err != nil {
		return err
	}
	if s.runs[r.id] != nil {
		return &refusal{codeReplayed, "this run is going on"}
	}
	s.runs[r.id] = cancel
	s.all.Add(1)
	return nil
}

func (s *Service) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.runs, id)
}

// run does what was asked. A panic fails this run alone.
func (s *Service) run(ctx context.Context, r *asked, a *answer) {
	stop := a.live(ctx)
	octets, err := s.execute(ctx, r, a)
	stop()
	if err != nil {
		a.fail(err)
		return
	}
	a.last(kindReport, wireReport{protocol, octets})
}

func (s *Service) execute(ctx context.Context, r *asked, a *answer) (octets []byte, err error) {
	defer func() {
		if recover() != nil { // the value is dropped: it may quote anything
			octets, err = nil, &refusal{codeFailed, "the test ended by a fault of the agent"}
		}
	}()
	switch r.op {
	case opDomain:
		report, err := s.Domains.Examine(ctx, r.domain, domain.Hooks{Event: a.stage, Allow: s.allow})
		if err != nil {
			return nil, &refusal{codeUnreadable, err.Error()}
		}
		return encodeDomain(&report, a.most)
	case opEgress:
		return json.Marshal(s.Egress(ctx))
	}
	report, err := s.Prober.Probe(ctx, r.probe, probe.Hooks{Event: a.event, Allow: s.allow})
	if err != nil {
		return nil, &refusal{codeUnreadable, err.Error()}
	}
	return encode(&report, a.most)
}

// refusal is an error on the wire.
type refusal struct {
	code int
	says string
}

// Error implements error.
func (r *refusal) Error() string { return r.says }

func refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return &refusal{codeFailed, "the test ended by a fault of the agent"}
}
