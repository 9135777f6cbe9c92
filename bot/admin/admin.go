// Package admin is the operator's HTTP server: whether the process lives, whether
// each platform can be answered on, and counters for Prometheus.
//
// It counts what bot.Record and bot.Event say, reads bot.Health, and answers
// over HTTP: /healthz, /readyz, /metrics, and, on request and on loopback
// alone, /debug/pprof/. No label contains a host, a person, a channel or anything
// that was typed or came from a server, and every label takes its values from
// a list. It changes nothing and asks for no password: whoever can reach its
// address may read it. /probe is there only where the operator lists targets: it
// tests one for Prometheus, and shows what it measured to whoever asked.
package admin

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"smtptest/bot"
)

// Config is what the server shows.
type Config struct {
	Health  *bot.Health
	Version string    // of this build; one short line
	Probe   *Exporter // behind /probe; nil: there is none
	Profile bool      // /debug/pprof/ is there, for clients on loopback
}

// Admin counts and shows. Use New.
type Admin struct {
	config   Config
	registry *prometheus.Registry
	metrics  metrics
	vantages func() []bot.Vantage // nil: there are none
}

// New prepares the server. Its counters begin at zero, so that an alert sees
// the first step.
func New(c Config) *Admin {
	a := &Admin{config: c, registry: prometheus.NewRegistry(), metrics: newMetrics()}
	a.registry.MustRegister(a.metrics.all()...)
	a.registry.MustRegister(
		standings{c.Health}, buildInfo(c.Version), collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	for platform := range c.Health.Standings() {
		a.metrics.begin(platform)
	}
	return a
}

// maxScrapes is how many scrapes are answered at once.
const maxScrapes = 4

// maxBodyOctets bounds what a client may send: nothing here reads any.
const maxBodyOctets = 1 << 10

// Handler answers the operator's requests.
func (a *Admin) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.Handle("GET /readyz", notRebound(http.HandlerFunc(a.ready)))
	scraped := promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes})
	mux.Handle("GET /metrics", notRebound(scraped))
	if a.config.Probe != nil {
		mux.Handle("GET /probe", notRebound(a.config.Probe))
	}
	if a.config.Profile {
		for path, h := range profiles() {
			mux.Handle("GET "+path, loopbackOnly(h))
		}
	}
	return http.MaxBytesHandler(mux, maxBodyOctets)
}

// alive answers as long as the process does.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// standing is how a platform stands, in JSON.
type standing struct {
	Status bot.Status `json:"status"`
	Since  time.Time  `json:"since"`
	Reason string     `json:"reason"`
}

// ready answers 200 while commands are taken on at least one platform. Without the
// engine they are: it is named, and no reason to restart anything.
func (a *Admin) ready(w http.ResponseWriter, _ *http.Request) {
	status := http.StatusServiceUnavailable
	if a.config.Health.Ready() {
		status = http.StatusOK
	}
	all := map[string]standing{}
	for platform, s := range a.config.Health.Standings() {
		all[string(platform)] = standing{s.Status, s.Since.Truncate(time.Second), s.Reason}
	}
	if s, ok := a.config.Health.Engine(); ok {
		all["engine"] = standing{s.Status, s.Since.Truncate(time.Second), s.Reason}
	}
	if s, ok := a.config.Health.Shared(); ok {
		all["shared state"] = standing{s.Status, s.Since.Truncate(time.Second), s.Reason}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(all)
}

func profiles() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/debug/pprof/": pprof.Index, "/debug/pprof/profile": pprof.Profile,
		"/debug/pprof/symbol": pprof.Symbol, "/debug/pprof/trace": pprof.Trace,
	}
}

// loopbackOnly refuses whoever comes over a network, and a browser that was
// led here under another name (DNS rebinding).
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if here == nil || !onLoopback(here.String()) || !onLoopback(r.RemoteAddr) || !onLoopback(r.Host) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// notRebound refuses a browser that was led here under the name of a page that
// it reads (DNS rebinding). Such a name has a dot, as all in the public DNS; whoever
// observes us asks by address, or by a name of the own network.
func notRebound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostOf(r.Host)
		_, err := netip.ParseAddr(host)
		if err != nil && strings.Contains(host, ".") {
			http.Error(w, "ask by address, or by a name without a dot", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostOf is a HOST or HOST:PORT without the port and brackets.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	return host
}

// onLoopback reports a HOST or HOST:PORT that is an address of loopback, or
// localhost.
func onLoopback(address string) bool {
	host := hostOf(address)
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}
