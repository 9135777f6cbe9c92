package domain

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"smtptest/probe"
	"smtptest/probe/dane"
	"smtptest/probe/resolve"
)

// sessions tests each address, some at a time.
func (r *run) sessions(ctx context.Context) {
	blocked := r.portBlocked()
	var work []func()
	for i := range r.report.Hosts {
		h := &r.report.Hosts[i]
		turn := &leaveAlone{}
		for j := range h.Addresses {
			a := &h.Addresses[j]
			if blocked && a.Skipped == "" && !a.IP.IsLoopback() && !a.IP.IsPrivate() {
				a.Skipped = SkippedPort
			}
			work = append(work, func() { r.address(ctx, h, a, turn) })
		}
	}
	r.inLanes(work)
}

// inLanes runs the work in order, as many at once as there are lanes.
func (r *run) inLanes(work []func()) {
	r.emit(Event{Stage: StageSessions, Total: len(work)})
	next := make(chan func(), len(work))
	for _, w := range work {
		next <- w
	}
	close(next)
	at := &together{}
	for range lanes {
		at.do(func() {
			for w := range next {
				w()
				r.mu.Lock()
				r.done++
				done := r.done
				r.mu.Unlock()
				r.emit(Event{Stage: StageSessions, Done: done, Total: len(work)})
			}
		})
	}
	at.wait()
}

// leaveAlone remembers that a server has asked to be left alone.
type leaveAlone struct {
	mu  sync.Mutex
	yes bool
}

func (l *leaveAlone) set() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.yes = true
}

func (l *leaveAlone) asked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.yes
}

// address makes one session with one address, and asks for its name beside it.
func (r *run) address(ctx context.Context, h *Host, a *Address, turn *leaveAlone) {
	at := &together{}
	if a.Skipped == "" || a.Skipped == SkippedPort {
		at.do(func() { a.PTR = r.ptr(ctx, a.IP) })
	}
	switch {
	case a.Skipped != "":
	case ctx.Err() != nil:
		a.Skipped = SkippedTime
	case turn.asked():
		a.Skipped = SkippedHost
	default:
		r.session(ctx, h, a)
		if s := a.Session(); s != nil && leavesUsAlone(s) {
			turn.set()
		}
	}
	at.wait()
}

// leavesUsAlone reports a 421 at the greeting: the server has no room, or none
// for us (RFC 5321 §3.1).
func leavesUsAlone(s *probe.Session) bool {
	return s.Failure != nil && s.Failure.Reply != nil && s.Failure.Reply.Code == 421
}

func (r *run) session(ctx context.Context, h *Host, a *Address) {
	req := probe.Request{
		Target: probe.Target{Host: h.Name, Port: r.Ports.mail()}, At: a.IP, EHLOName: r.req.EHLOName,
		Timeout: sessionLimit, Alone: true, KeepChain: true,
	}
	rep, err := r.Sessions.Probe(ctx, req, probe.Hooks{Allow: r.hooks.Allow})
	if err != nil {
		a.Skipped = SkippedDenied
		return
	}
	if f := rep.Lookup.Failure; rep.Main() == nil && f != nil && f.Kind == probe.KindRateLimited {
		a.Skipped = SkippedLimited
		return
	}
	a.Report = &rep
}

// portBlocked reports that well-known hosts cannot be reached on port 25 from
// here, while one can be on 443.
func (r *run) portBlocked() bool {
	mail, web := 0, false
	for _, c := range r.report.Control {
		switch {
		case c.Port == r.Ports.mail() && (c.Kind == probe.KindTimeout || c.Kind == probe.KindRefused):
			mail++
		case c.Port == r.Ports.mail():
			return false
		case c.Kind == "":
			web = true
		}
	}
	return mail > 0 && web
}

// maxPTR bounds the names of one address that are looked at; one is usual.
const maxPTR = 4

// ptr asks for the name of an address and whether that name has the address.
func (r *run) ptr(ctx context.Context, ip netip.Addr) PTR {
	a := r.dns.Unproven(ctx, resolve.Reverse(ip), resolve.TypePTR)
	p := PTR{Outcome: a.Outcome}
	t := resolve.TypeA
	if ip.Is6() {
		t = resolve.TypeAAAA
	}
	for _, rr := range a.Records[:min(len(a.Records), maxPTR)] {
		name := clip(strings.ToLower(rr.Host))
		if name == "" || r.closed(name) {
			continue
		}
		if slices.Contains(ipsOf(r.dns.Unproven(ctx, name, t).Records), ip) {
			p.Name, p.Confirmed = name, true
			break
		}
		p.Name = cmp.Or(p.Name, name)
	}
	return p
}

// compare holds the certificates against the TLSA records. Only proven records
// count for senders, but what others would say is a fact too.
func (r *run) compare() {
	for i := range r.report.Hosts {
		h := &r.report.Hosts[i]
		names := r.references(h)
		for j := range h.Addresses {
			a := &h.Addresses[j]
			s := a.Session()
			if s == nil || s.TLS == nil {
				continue
			}
			a.DANE = dane.Verify(h.TLSA.Records, s.TLS.DER, names, time.Now())
			if len(s.TLS.DER) > 0 {
				if sum, ok := dane.Select(s.TLS.DER[0], 1, 1); ok {
					a.Record = dane.Record{Usage: 3, Selector: 1, Matching: 1, Data: sum}.String()
				}
			}
			s.TLS.DER = nil // compared: only the facts are kept
		}
	}
}

// references are the names that the certificate of a server may be for, under an
// authority that its TLSA records name: their base domain, and the domain with
// the alias that it may be (RFC 7672 §3.2.2). The RFC takes the domain behind
// proven MX records alone. Postfix, the only one to use DANE behind others, takes
// it there too.
func (r *run) references(h *Host) []string {
	names := []string{h.TLSA.Base, r.req.Domain}
	if aliases := r.report.MX.Aliases; len(aliases) > 0 {
		names = append(names, aliases[len(aliases)-1])
	}
	return names
}
