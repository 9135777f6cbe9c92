package domain

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"smtptest/probe"
	"smtptest/probe/blocklist"
	"smtptest/probe/dnssec"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// Examiner examines domains from one place. Its fields must not change once it
// is in use; it may be shared.
type Examiner struct {
	Sessions probe.Prober // makes the sessions on port 25
	DNS      dnssec.Asker // nil: the system's name servers
	Anchors  dnssec.Anchors
	Policy   guard.Policy   // for names, addresses and the policy host
	Roots    *x509.CertPool // trusted for the policy host; nil: the system's
	EHLOName string
	Vantage  string
	// Reach asks well-known hosts whether this network lets port 25 out; nil: it
	// is not asked. *probe.Local has it.
	Reach func(ctx context.Context, port uint16) []probe.ControlConn
	// BlockLists are asked about the servers' addresses; at most blocklist.MaxZones are.
	BlockLists []blocklist.Zone
	// Ports other than 25 and 443 are for tests, which may not listen there.
	Ports Ports
}

// Ports are where mail servers and policy hosts listen.
type Ports struct{ Mail, Web uint16 }

func (p Ports) mail() uint16 {
	if p.Mail == 0 {
		return 25
	}
	return p.Mail
}

func (p Ports) web() uint16 {
	if p.Web == 0 {
		return 443
	}
	return p.Web
}

// Hooks lets the caller follow a run and limit it. Each may be nil.
type Hooks struct {
	// Event receives what is done. It is called from one goroutine at a time and
	// must return quickly.
	Event func(Event)
	// Allow is asked before each connection to a mail server, as probe.Hooks.Allow.
	Allow func(netip.AddrPort) time.Duration
}

// Event says how far a run is.
type Event struct {
	Stage       Stage
	Done, Total int // sessions, from StageSessions on
}

// Stage is a part of a run.
type Stage string

// The stages.
const (
	StageRecords  Stage = "records"
	StageSessions Stage = "sessions"
)

// Examine measures a domain. The error is nil unless the request names none:
// whatever DNS, the servers or the network do is in the Report.
func (e *Examiner) Examine(ctx context.Context, req Request, hooks Hooks) (Report, error) {
	if req.Domain == "" {
		return Report{}, errors.New("domain: the request names no domain")
	}
	if req.Timeout <= 0 {
		req.Timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, req.Timeout)
	defer cancel()
	r := &run{Examiner: e, req: req, hooks: hooks, began: time.Now()}
	r.report = Report{Request: req, Vantage: e.Vantage, Started: r.began.UTC()}
	var asker dnssec.Asker = &resolve.Resolver{}
	if e.DNS != nil {
		asker = e.DNS
	}
	r.dns = dnssec.NewRun(asker, e.Anchors)
	r.examine(ctx)
	r.report.NoDNS = r.report.Denied == "" && !r.dns.Answered()
	r.report.Elapsed = time.Since(r.began)
	return r.report, nil
}

// run is one examination while it runs.
type run struct {
	*Examiner
	req    Request
	hooks  Hooks
	began  time.Time
	dns    *dnssec.Run
	report Report
	beside together // what the sessions do not wait for

	mu   sync.Mutex
	done int
}

func (r *run) emit(e Event) {
	if r.hooks.Event == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hooks.Event(e)
}

// examine asks everything at once that does not wait for something else.
func (r *run) examine(ctx context.Context) {
	if rule := r.rule(r.req.Domain); rule != "" {
		r.report.Denied = rule
		return
	}
	r.emit(Event{Stage: StageRecords})
	rep := &r.report
	rep.NoIPv6 = !routes6()
	at := &r.beside
	at.do(func() { rep.STS = r.sts(ctx) })
	at.do(func() { rep.Reports, rep.ReportsTo = r.reports(ctx) })
	at.do(func() { rep.SPF = r.spf(ctx) })
	at.do(func() { rep.DMARC = r.dmarc(ctx) })
	at.do(func() { rep.BIMI = r.text(ctx, "default._bimi."+r.req.Domain, "v=BIMI1") })
	at.do(func() { rep.DKIM = r.dkim(ctx) })
	first := &together{} // what the sessions wait for
	if r.Reach != nil {
		first.do(func() { rep.Control = r.Reach(ctx, r.Ports.mail()) })
	}
	first.do(func() { r.servers(ctx) })
	first.wait()
	r.blockLists(ctx)
	r.sessions(ctx)
	r.beside.wait()
	r.compare()
}

// together runs functions side by side and passes a panic on to its caller.
type together struct {
	all    sync.WaitGroup
	failed atomic.Bool
}

func (t *together) do(f func()) {
	t.all.Go(func() {
		defer func() {
			if recover() != nil {
				t.failed.Store(true)
			}
		}()
		f()
	})
}

func (t *together) wait() {
	t.all.Wait()
	if t.failed.Load() {
		panic("domain: a part of the run panicked") // the value is dropped: it may quote anything
	}
}

// rule is the guard's rule against a name, empty if it may be looked up.
func (r *run) rule(name string) string {
	var denied *guard.Denied
	if err := r.Policy.CheckName(name); errors.As(err, &denied) {
		return string(denied.Rule)
	}
	return ""
}

func (r *run) closed(name string) bool { return r.rule(name) != "" }

// routes6 reports that the kernel has a route to IPv6 addresses. A datagram
// socket asks for it and sends nothing.
func routes6() bool {
	conn, err := net.Dial("udp6", "[2001:4860:4860::8888]:53")
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
