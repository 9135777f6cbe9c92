package tlsscan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"smtptest/probe"
	"smtptest/probe/clienthello"
	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

// Scanner scans from one place.
type Scanner struct {
	Local *probe.Local // how names are looked up, and what may be dialled
}

// Scan measures one server. The error is nil unless the request cannot be
// carried out by anyone: whatever the server or the network does is in the
// Report.
func (sc *Scanner) Scan(ctx context.Context, req Request, hooks Hooks) (Report, error) {
	if req.Target.Host == "" || req.Target.Port == 0 {
		return Report{}, errors.New("tlsscan: the target needs a host and a port")
	}
	if req.EHLOName != "" {
		if _, err := smtp.ParseHelloName(req.EHLOName); err != nil {
			return Report{}, errors.New("tlsscan: the EHLO name is neither a domain nor an address literal")
		}
	}
	if req.Timeout <= 0 || req.Timeout > MaxTime {
		req.Timeout = MaxTime
	}
	ctx, cancel := context.WithTimeout(ctx, req.Timeout)
	defer cancel()
	s := newScan(sc.Local, req, hooks)
	s.run(ctx)
	s.finish(ctx)
	return s.report, nil
}

// scan is one scan while it runs. All below mu is guarded by it once the lanes
// run.
type scan struct {
	local *probe.Local
	hooks Hooks
	began time.Time
	to    netip.AddrPort
	name  string // for SNI; empty: the target is an address

	mu       sync.Mutex
	turn     *sync.Cond
	report   Report
	queue    []*task
	running  int
	made     int // connections
	panicked any

	taken    *clienthello.Hello  // the first hello that the server agreed to; nil: none
	doubts   []doubt             // closed without an answer
	newest   uint16              // the newest version before TLS 1.3 that is spoken; 0: none, or not known
	last     map[uint16]uint16   // the suite that was chosen although the first choice stood last, by version
	open     map[part]int        // chains that still ask for a part
	shared   map[part]int        // how often a chain of it was halved
	broken   map[part]bool       // a chain of it ended without an answer
	older    []uint16            // versions whose suites are asked for when those of the newest are known
	presumed map[uint16][]uint16 // suites that an older version has if the newest has them
	walked   bool                // the older versions are known
	fellBack bool                // AskFallback was asked
}

// task is one connection to be made, and what to do with its answer.
type task struct {
	asks  Question
	hello clienthello.Hello
	then  func(outcome)
	// Of its connection, counted from 1 in the order in which they began.
	number int
}

// outcome is what came of a task.
type outcome struct {
	clienthello.Flight
	failure *probe.Failure
}

// agreed reports that the server would go on.
func (o outcome) agreed() bool { return o.failure == nil }

// refused reports that the server answered the hello with no.
func (o outcome) refused() bool {
	if o.failure == nil || o.failure.Phase != probe.PhaseHandshake {
		return false
	}
	switch o.failure.Kind {
	case probe.KindAlert, probe.KindClosed, probe.KindReset:
		return true
	}
	return false
}

func newScan(local *probe.Local, req Request, hooks Hooks) *scan {
	req.Target.Host, req.EHLOName = strings.Clone(req.Target.Host), strings.Clone(req.EHLOName)
	s := &scan{
		local: local, hooks: hooks, began: time.Now(), last: map[uint16]uint16{}, open: map[part]int{},
		shared: map[part]int{}, broken: map[part]bool{}, presumed: map[uint16][]uint16{},
	}
	s.turn = sync.NewCond(&s.mu)
	s.report = Report{Request: req, Vantage: local.Vantage, Started: s.began.UTC(), Security: probe.SecuritySTARTTLS}
	port, _ := registry.PortOf(req.Target.Port)
	if req.Security == probe.SecurityImplicit || req.Security != probe.SecuritySTARTTLS && port.Implicit {
		s.report.Security = probe.SecurityImplicit
	}
	for number := TLS13; number >= SSL30; number-- {
		s.report.Versions = append(s.report.Versions, Version{Number: number})
	}
	if _, literal := req.Target.Address(); !literal {
		s.name = req.Target.Host
	}
	return s
}

// maxAddresses are tried until one accepts a connection; all others go to that
// one.
const maxAddresses = 3

func (s *scan) run(ctx context.Context) {
	req := s.report.Request
	lookup, addresses := s.local.Addresses(ctx, probe.Request{Target: req.Target, Family: req.Family, At: req.At})
	s.report.Lookup, s.report.Failure = lookup, lookup.Failure
	for _, a := range addresses[:min(len(addresses), maxAddresses)] {
		s.to = netip.AddrPortFrom(a, req.Target.Port)
		s.report.Address = s.to
		if s.first(ctx); s.report.Failure == nil || s.report.Failure.Phase != probe.PhaseConnect {
			break
		}
	}
	if s.report.Failure == nil {
		s.lanes(ctx)
	}
	if s.panicked != nil {
		panic(s.panicked)
	}
}

// first makes the connection by which everything is known of a server that
// cannot be scanned.
func (s *scan) first(ctx context.Context) {
	t := s.task(AskVersion, TLS12)
	t.then = s.plan
	s.report.Failure = nil
	s.attempt(ctx, t)
	if f := s.latest().Failure; f != nil && (f.Phase != probe.PhaseHandshake || f.Kind == probe.KindNotTLS) {
		s.report.Failure, s.report.Stopped, s.queue = f, nil, nil
	}
}

func (s *scan) latest() *Connection {
	if n := len(s.report.Connections); n > 0 {
		return &s.report.Connections[n-1]
	}
	return &Connection{}
}

// lanes work the queue off, at most MaxAtOnce at a time.
func (s *scan) lanes(ctx context.Context) {
	var all sync.WaitGroup
	for range MaxAtOnce {
		all.Go(func() {
			for t := s.next(); t != nil; t = s.next() {
				s.attempt(ctx, t)
				s.done()
			}
		})
	}
	all.Wait()
}

// next waits for a task; nil: there will be none.
func (s *scan) next() *task {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) == 0 && s.running > 0 {
		s.turn.Wait()
	}
	if len(s.queue) == 0 {
		return nil
	}
	t := s.queue[0]
	s.queue = s.queue[1:]
	s.running++
	return t
}

func (s *scan) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	s.resolve()
	s.turn.Broadcast()
}

// idle are the lanes that have nothing to do while the task that calls this goes
// on.
func (s *scan) idle() int { return MaxAtOnce - s.running - len(s.queue) }

// attempt makes the connection of a task and hands over what came of it. A panic
// is one of the whole scan, and raised where its caller can catch it.
func (s *scan) attempt(ctx context.Context, t *task) {
	defer func() {
		if r := recover(); r != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.panicked = r
			s.stop(StopFault, nil)
		}
	}()
	if !s.mayConnect(t) {
		return
	}
	c, f := s.converse(ctx, t.asks, &t.hello)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learn(ctx, c, f)
	o := outcome{f, c.Failure}
	if o.agreed() && s.taken == nil {
		s.taken = &t.hello
	}
	if s.report.Stopped == nil || o.agreed() {
		s.settle(t, o)
	}
	s.emit(c)
}

// mayConnect counts one more connection against the bounds.
func (s *scan) mayConnect(t *task) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.report.Stopped != nil {
		return false
	}
	if s.made == MaxConnections {
		s.stop(StopConnections, nil)
		return false
	}
	if s.hooks.Allow != nil {
		if wait := s.hooks.Allow(s.to); wait > 0 {
			s.stop(StopLimited, &probe.Failure{Phase: probe.PhaseGuard, Kind: probe.KindRateLimited, Limit: wait})
			return false
		}
	}
	s.made++
	t.number = s.made
	return true
}

func (s *scan) push(t *task) {
	if s.report.Stopped == nil {
		s.queue = append(s.queue, t)
		s.turn.Broadcast()
	}
}

func (s *scan) stop(why StopReason, f *probe.Failure) {
	if s.report.Stopped == nil {
		s.report.Stopped = &Stopped{Why: why, After: s.made, Failure: f}
	}
	s.queue = nil
	s.turn.Broadcast()
}

// learn keeps what a connection showed, and stops where the server, or the time,
// wants an end.
func (s *scan) learn(ctx context.Context, c Connection, f clienthello.Flight) {
	s.report.Connections = append(s.report.Connections, c)
	if why := stopReason(ctx, c.Failure); why != "" {
		s.stop(why, c.Failure)
	}
	if c.Failure != nil {
		return
	}
	v := s.report.Version(f.Version)
	v.Offered = Yes
	if !slices.ContainsFunc(v.Suites, func(x Suite) bool { return x.Number == f.Suite }) {
		v.Suites = append(v.Suites, Suite{Number: f.Suite, DHBits: f.DHBits})
	}
	if f.Group != 0 && (f.Version == TLS13 || f.Version == s.newest || s.newest == 0) {
		v.Groups = with(v.Groups, f.Group)
	}
	if f.Scheme != 0 {
		s.report.Schemes = with(s.report.Schemes, f.Scheme)
	}
	if f.Leaf != nil {
		s.certificate(c.Choice.Certificate, f.Leaf)
	}
}

func with(list []uint16, n uint16) []uint16 {
	if slices.Contains(list, n) {
		return list
	}
	return append(list, n)
}

// stopReason says whether a failure ends the scan. What the server answers to a
// hello does not, unless it breaks the protocol.
func stopReason(ctx context.Context, f *probe.Failure) StopReason {
	switch {
	case f == nil:
		return ""
	case f.Kind == probe.KindCanceled:
		return StopCanceled
	case ctx.Err() != nil:
		return StopTime
	case f.Kind == probe.KindReply || f.Kind == probe.KindNotOffered:
		return StopReply
	case f.Kind == probe.KindProtocol || f.Kind == probe.KindInjected || f.Kind == probe.KindNotSMTP ||
		f.Kind == probe.KindTLS || f.Kind == probe.KindNotTLS:
		return StopFault
	case f.Phase == probe.PhaseHandshake:
		return ""
	case f.Kind == probe.KindTimeout:
		return StopSilent
	}
	return StopRefused
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// certificate notes one, described at its first sight.
func (s *scan) certificate(sum string, der []byte) {
	r := &s.report
	for i := range r.Certificates {
		if r.Certificates[i].SHA256 == sum {
			r.Certificates[i].Connections++
			return
		}
	}
	if len(r.Certificates) == maxKnownCerts {
		r.CertificatesOmitted++
		return
	}
	c := Certificate{Certificate: probe.CertificateOf(der), Connections: 1}
	c.Kind, _, _ = strings.Cut(c.Key, " ")
	r.Certificates = append(r.Certificates, c)
}

func (s *scan) emit(c Connection) {
	if s.hooks.Event == nil {
		return
	}
	e := Event{At: time.Since(s.began), Connections: len(s.report.Connections), Asks: c.Asks, Version: c.Offer.Version}
	for _, v := range s.report.Versions {
		if v.Offered == Yes {
			e.Versions = append(e.Versions, v.Number)
		}
		e.Suites, e.Groups = e.Suites+len(v.Suites), e.Groups+len(v.Groups)
	}
	s.hooks.Event(e)
}

// finish draws what only the whole shows.
func (s *scan) finish(ctx context.Context) {
	r := &s.report
	slices.SortStableFunc(r.Connections, func(a, b Connection) int { return int(a.Began - b.Began) })
	answered := false
	for i := range r.Versions {
		v := &r.Versions[i]
		answered = answered || v.Offered != Unknown
		if chosen, asked := s.last[v.Number]; asked && len(v.Suites) > 1 {
			v.Order = OrderClient
			if chosen == v.Suites[0].Number {
				v.Order = OrderServer
			}
		}
	}
	for _, c := range r.Connections {
		r.BytesSent, r.BytesReceived = r.BytesSent+c.BytesSent, r.BytesReceived+c.BytesReceived
	}
	if !answered && r.Failure == nil {
		if r.Failure = s.latest().Failure; r.Failure == nil && r.Stopped != nil {
			r.Failure = r.Stopped.Failure
		}
	}
	if r.Stopped == nil && r.Failure == nil {
		s.unanswered(ctx)
	}
	r.Elapsed = time.Since(s.began)
}
