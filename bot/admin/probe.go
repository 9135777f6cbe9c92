package admin

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// Exporter tests servers for Prometheus, in the manner of its blackbox exporter:
// GET /probe?target=HOST:PORT&module=auto. Each address of the name is tested.
// What is measured belongs to the target that Prometheus asked for, and to none
// of the bot's own metrics.
type Exporter struct {
	Prober  probe.Prober
	Limiter results.Limiter
	Targets []string // HOST, HOST:PORT, or .SUFFIX for all under it; in lower case. What is not listed is refused
	Single  bool     // host names without a dot are targets too

	once  sync.Once
	slots chan struct{}
}

// Bounds of the exporter.
const (
	maxProbes          = 8                      // scrapes at once; others wait
	maxProbedAddresses = 8                      // of one name
	maxProbedAtOnce    = 3                      // addresses of one name at the same time
	defaultScrape      = 10 * time.Second       // Prometheus' own
	longestScrape      = 35 * time.Second       // it must fit into writeTimeout
	scrapeMargin       = 500 * time.Millisecond // for the way back, as blackbox_exporter has it
)

// ServeHTTP answers a scrape. A server that fails is a result with status 200;
// anything else is what could not be asked, with a sentence.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.once.Do(func() { e.slots = make(chan struct{}, maxProbes) })
	ctx, cancel := context.WithTimeout(r.Context(), scrapeTime(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds")))
	defer cancel()
	req, refused := e.request(r)
	if refused != nil {
		http.Error(w, refused.says, refused.status)
		return
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		http.Error(w, "Too many scrapes run at once.", http.StatusServiceUnavailable)
		return
	}
	judged, refused := e.probe(ctx, req)
	if refused != nil {
		http.Error(w, refused.says, refused.status)
		return
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(measured(judged))
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// scrapeTime is how long a test may take so that Prometheus still hears of it.
func scrapeTime(header string) time.Duration {
	seconds, err := strconv.ParseFloat(header, 64)
	if err != nil || seconds <= 0 || seconds > 3600 {
		return defaultScrape - scrapeMargin
	}
	given := time.Duration(seconds * float64(time.Second))
	return max(min(given, longestScrape)-scrapeMargin, scrapeMargin)
}

// refusal says why a target is not tested.
type refusal struct {
	status int
	says   string
}

// request reads and admits what is asked for.
func (e *Exporter) request(r *http.Request) (probe.Request, *refusal) {
	query := r.URL.Query()
	target, module := query.Get("target"), query.Get("module")
	// What divides words for the grammar divides them here: an option behind one could name another address.
	if len(strings.Fields(target)) > 1 || len(target) > 300 {
		return probe.Request{}, &refusal{http.StatusBadRequest, "The target is one HOST or HOST:PORT."}
	}
	options := []command.NamedValue{{Name: "tls", Value: module}}
	if module == "" {
		options = nil
	}
	c, err := command.ParseOptions("test "+target, options, command.Dialect{AllowSingleLabel: e.Single})
	if usage, ok := errors.AsType[*command.UsageError](err); ok {
		return probe.Request{}, &refusal{http.StatusBadRequest, badRequest(usage, module)}
	}
	if !e.lists(c.Request.Target) {
		return probe.Request{}, &refusal{http.StatusForbidden,
			"This target is not in the list of SMTPTEST_PROBE_TARGETS."}
	}
	return probe.Request{Target: c.Request.Target, Security: c.Request.Security, Alone: true}, nil
}

func badRequest(usage *command.UsageError, module string) string {
	if usage.ID == formatting.UsageBadValue && module != "" {
		return "There is no such module. The modules are auto, starttls, implicit and none."
	}
	usage.Word, usage.Option = 0, "target"
	return usage.Error()
}

// lists reports a target that may be tested.
func (e *Exporter) lists(t probe.Target) bool {
	return slices.ContainsFunc(e.Targets, func(listed string) bool {
		if strings.HasPrefix(listed, ".") {
			return strings.HasSuffix(strings.ToLower(t.Host), listed)
		}
		return strings.EqualFold(t.Host, listed) || strings.EqualFold(t.String(), listed)
	})
}

// probe tests each address of the target. The first test is by name, and says
// which addresses there are.
func (e *Exporter) probe(ctx context.Context, req probe.Request) ([]diagnosis.Judged, *refusal) {
	_, over := e.Limiter.Take(results.Claim{Scope: results.PerTarget, Key: strings.ToLower(req.Target.Host)})
	if over != nil {
		return nil, &refusal{http.StatusTooManyRequests, "This target is tested " + over.Rate.String() +
			" at most, by the limits of this bot. Try again in " + formatting.Wait(over.Wait) + "."}
	}
	if deadline, ok := ctx.Deadline(); ok {
		req.Timeout = time.Until(deadline)
	}
	first, err := e.Prober.Probe(ctx, req, probe.Hooks{Allow: e.allow})
	if err != nil {
		return nil, &refusal{http.StatusInternalServerError, "Something went wrong in this bot."}
	}
	if f := first.Lookup.Failure; f != nil && f.Kind == probe.KindDenied {
		return nil, &refusal{http.StatusForbidden, "This target may not be tested from here."}
	}
	return append([]diagnosis.Judged{diagnosis.Judge(&first)}, e.others(ctx, req, &first)...), nil
}

// allow counts an address, as any test does.
func (e *Exporter) allow(to netip.AddrPort) time.Duration {
	_, over := e.Limiter.Take(results.Claim{Scope: results.PerAddress, Key: results.AddressKey(to.Addr())})
	if over == nil {
		return 0
	}
	return over.Wait
}

// others tests the addresses that the first test did not try.
func (e *Exporter) others(ctx context.Context, req probe.Request, first *probe.Report) []diagnosis.Judged {
	tried := map[netip.Addr]bool{}
	for i := range first.Sessions {
		tried[first.Sessions[i].Address.Addr()] = true
	}
	var left []netip.Addr
	for _, a := range first.Lookup.Addresses {
		if !tried[a] && len(left)+len(tried) < maxProbedAddresses {
			left = append(left, a)
		}
	}
	out := make([]diagnosis.Judged, len(left))
	var running sync.WaitGroup
	places := make(chan struct{}, maxProbedAtOnce)
	for i, a := range left {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			at := req
			at.At = a
			if r, err := e.Prober.Probe(ctx, at, probe.Hooks{Allow: e.allow}); err == nil {
				out[i] = diagnosis.Judge(&r)
			}
		})
	}
	running.Wait()
	return slices.DeleteFunc(out, func(j diagnosis.Judged) bool { return j.Report == nil })
}
