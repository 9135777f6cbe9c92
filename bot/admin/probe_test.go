package admin

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smtptest/bot/results"
	"smtptest/probe"
	"smtptest/probe/probetest"
	"smtptest/probe/probetest/long"
)

// cased probes the server of the case that its host is called by.
type cased struct {
	t  testing.TB
	ca *probetest.CA
}

// Probe implements probe.Prober.
func (c cased) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	all, err := probetest.Cases()
	if err != nil {
		c.t.Fatal(err)
	}
	name, _, _ := strings.Cut(req.Target.Host, ".")
	for _, each := range all {
		if each.Name == name {
			req.Target.Host = each.Request.Target.Host
			return probetest.NewNetwork(each, c.ca).Prober().Probe(ctx, req, hooks)
		}
	}
	c.t.Fatalf("there is no case %s", name)
	return probe.Report{}, nil
}

func exporter(t testing.TB) *Exporter {
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	return &Exporter{
		Prober: cased{t, ca}, Targets: []string{".mail.test", "single.test:25"},
		Limiter: results.NewMemoryLimiter(results.DefaultLimits()),
	}
}

// scrape asks as Prometheus does.
func scrape(t testing.TB, e *Exporter, query string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:9587/probe?"+query, nil)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "35")
	w := httptest.NewRecorder()
	a := &Admin{config: Config{Probe: e}, registry: prometheus.NewRegistry()}
	a.Handler().ServeHTTP(w, r)
	return w
}

// TestProbe: what is shown of servers that work and that do not; a failing one is
// a result, and the end of a certificate is known also where it has come.
func TestProbe(t *testing.T) {
	for query, want := range map[string][]string{
		"target=good.mail.test": {"probe_success 1", `smtptest_probe_success{address="192.0.2.1"} 1`,
			`smtptest_probe_tls_info{address="192.0.2.1",group="X25519MLKEM768",suite="TLS_AES_128_GCM_SHA256",` +
				`version="TLS 1.3"} 1`,
			`smtptest_probe_cert_verified{address="192.0.2.1"} 1`, "probe_ssl_earliest_cert_expiry 9.5",
			`smtptest_probe_phase_seconds{address="192.0.2.1",phase="handshake"}`},
		"target=expired.mail.test&module=starttls": {"probe_success 0", `smtptest_probe_success{address="192.0.2.1"} 0`,
			`smtptest_probe_finding{address="192.0.2.1",id="tls.certificate-expired",owner="server",severity="error"} 1`,
			`smtptest_probe_cert_verified{address="192.0.2.1"} 0`, "probe_ssl_earliest_cert_expiry 9.46"},
		"target=blocked.mail.test:25": {"probe_success 0", `smtptest_probe_inconclusive{address="192.0.2.1"} 1`},
		"target=ipv6-dead.mail.test:25": {"probe_success 0", `smtptest_probe_success{address="2001:db8::10"} 0`,
			`smtptest_probe_success{address="192.0.2.10"} 1`},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := scrape(t, exporter(t), query)
			for _, line := range want {
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "\n"+line) {
					t.Errorf("%s: %d, without %s\n%s", query, w.Code, line, w.Body)
				}
			}
		})
	}
}

// TestProbeRefuses: what is not listed, not understood or asked too often gets a
// sentence, and no server is asked.
func TestProbeRefuses(t *testing.T) {
	for query, want := range map[string]string{
		"":                                          "400 No server is named.",
		"target=good.example.test":                  "403 This target is not in the list of SMTPTEST_PROBE_TARGETS.",
		"target=single.test:587":                    "403 This target is not in the list",
		"target=good.mail.test:99999":               "400 The value of target names a port that does not exist.",
		"target=good.mail.test&module=pop3":         "400 There is no such module. The modules are auto,",
		"target=good.mail.test+--at+10.0.0.1":       "400 The target is one HOST or HOST:PORT.",
		"target=good.mail.test%09--at%09192.0.2.77": "400 The target is one HOST or HOST:PORT.",
		"target=good.mail.test%0a--from%0aa@b.c%0a--to%0ad@e.f": "400 The target is one HOST or HOST:PORT.",
		"target=good.mail.test%c2%a0--ehlo%c2%a0a.test":         "400 The target is one HOST or HOST:PORT.",
		"target=alice:hunter2@good.mail.test":                   "400 The value of target looks like a password or a token.",
		"target=private-address.mail.test:25":                   "403 This target may not be tested from here.",
		"target=%0d%0aX-Injected:1@a.mail.test":                 "400 ",
	} {
		w := scrape(t, exporter(t), query)
		if got := statusLine(w); !strings.HasPrefix(got, want) || w.Header().Get("X-Injected") != "" {
			t.Errorf("%s: %s", query, got)
		}
	}
	e := exporter(t)
	for range results.DefaultLimits().Target.Most {
		scrape(t, e, "target=good.mail.test")
	}
	const enough = "429 This target is tested 10 a minute at most"
	if got := statusLine(scrape(t, e, "target=good.mail.test")); !strings.HasPrefix(got, enough) {
		t.Error(got)
	}
}

func statusLine(w *httptest.ResponseRecorder) string {
	return strconv.Itoa(w.Code) + " " + w.Body.String()
}

// TestScrapeTime: a test ends before Prometheus hangs up, and before this server
// does.
func TestScrapeTime(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 9500 * time.Millisecond, "10": 9500 * time.Millisecond, "0.2": 500 * time.Millisecond,
		"120": 34500 * time.Millisecond, "soon": 9500 * time.Millisecond, "-1": 9500 * time.Millisecond,
	} {
		if got := scrapeTime(header); got != want || got >= writeTimeout {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// TestManyScrapes: ten thousand leave nothing behind.
func TestManyScrapes(t *testing.T) {
	long.Only(t)
	e := exporter(t)
	e.Limiter = unlimited{results.NewMemoryLimiter(results.DefaultLimits())}
	var before runtime.MemStats
	for i := range 10000 {
		if w := scrape(t, e, "target=good.mail.test"); w.Code != http.StatusOK {
			t.Fatalf("scrape %d: %d %s", i, w.Code, w.Body)
		}
		if i == 500 {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
	}
	var after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("heap %d KiB after 500 scrapes, %d KiB after 10,000; %d goroutines", before.HeapAlloc>>10, after.HeapAlloc>>10,
		runtime.NumGoroutine())
	if after.HeapAlloc > before.HeapAlloc+2<<20 || runtime.NumGoroutine() > 20 {
		t.Error("scrapes leave something behind")
	}
}

type unlimited struct{ results.Limiter }

// Take implements results.Limiter.
func (unlimited) Take(...results.Claim) (results.Receipt, *results.Refusal) { return nil, nil }

// TestEnough: a name of several addresses that may not be asked again is a
// result of each address, and not a fault of the scrape.
func TestEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := exporter(t)
		e.Limiter = stingy{e.Limiter}
		w := scrape(t, e, "target=ipv6-dead.mail.test:25")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "\nprobe_success 0") ||
			!strings.Contains(w.Body.String(), `smtptest_probe_inconclusive{address="192.0.2.10"} 1`) {
			t.Error(statusLine(w))
		}
	})
}

// stingy allows no address.
type stingy struct{ results.Limiter }

// Take implements results.Limiter.
func (s stingy) Take(claims ...results.Claim) (results.Receipt, *results.Refusal) {
	if claims[0].Scope == results.PerAddress {
		return nil, &results.Refusal{Wait: time.Minute}
	}
	return s.Limiter.Take(claims...)
}
