package dnssec

import (
	"context"
	"net/netip"
	"strings"
	"sync/atomic"

	"github.com/miekg/dns"

	"smtptest/probe/resolve"
)

// maxAsked bounds the questions about zones of one run.
const maxAsked = 160

// question is one about a zone, asked with checking disabled.
type question struct {
	name string
	t    resolve.Type
}

// asked is a question with its answer.
type asked struct {
	done chan struct{} // closed when the rest is set
	m    *dns.Msg
	from netip.AddrPort
	err  error
}

// once asks about a zone; whoever asks the same gets the same answer.
func (r *Run) once(ctx context.Context, name string, t resolve.Type) (*dns.Msg, netip.AddrPort, error) {
	a, first := r.asks(question{strings.ToLower(dns.Fqdn(name)), t})
	switch {
	case a == nil:
		return nil, netip.AddrPort{}, nil
	case first:
		defer close(a.done)
		a.m, a.from, a.err = r.ask.Ask(ctx, name, t, true)
		return a.m, a.from, a.err
	}
	select {
	case <-a.done:
		return a.m, a.from, a.err
	case <-ctx.Done():
		return nil, netip.AddrPort{}, ctx.Err()
	}
}

// asks is the place of a question, nil when there were too many, and whether it
// is the caller who has to ask.
func (r *Run) asks(q question) (a *asked, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a = r.asked[q]; a != nil || len(r.asked) == maxAsked {
		return a, false
	}
	a = &asked{done: make(chan struct{})}
	r.asked[q] = a
	return a, true
}

// prepare asks beside the question itself for what its proof will need, from
// the root down: asked one after another, a proof would take as many round trips
// as there are zones, three times over.
func (r *Run) prepare(ctx context.Context, name string, t resolve.Type) {
	zone := strings.ToLower(dns.Fqdn(name))
	if t != resolve.TypeMX {
		zone = upper(zone) // hosts and services seldom are zones of their own
	}
	for dns.CountLabel(zone) > maxZoneDepth { // these are asked about no more
		zone = upper(zone)
	}
	for ; ; zone = upper(zone) {
		if _, service := strings.CutPrefix(zone, "_"); service {
			continue
		}
		if zone != "." {
			go r.prefetch(ctx, zone, resolve.TypeDS)
		}
		go r.prefetch(ctx, zone, resolve.TypeDNSKEY)
		if zone == "." {
			return
		}
	}
}

// prefetch asks for an answer that somebody will want.
func (r *Run) prefetch(ctx context.Context, name string, t resolve.Type) {
	_, _, _ = r.once(ctx, name, t)
}

// upper is a name without its first label; the root stays.
func upper(name string) string {
	if next, end := dns.NextLabel(name, 0); !end {
		return name[next:]
	}
	return "."
}

// heard remembers whether a question was answered.
type heard struct {
	Asker
	something atomic.Bool
}

// Ask implements Asker.
func (h *heard) Ask(ctx context.Context, name string, t resolve.Type, unchecked bool) (
	m *dns.Msg, from netip.AddrPort, err error,
) {
	m, from, err = h.Asker.Ask(ctx, name, t, unchecked)
	if outcome := resolve.Outcome(m, err); outcome == "" || outcome == resolve.NoName {
		h.something.Store(true)
	}
	return m, from, err
}

// Answered reports that some question of the run was answered. Those about the
// root and the registries are among them: where none was, it is not because of
// one domain.
func (r *Run) Answered() bool { return r.ask.something.Load() }
