package validate

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/config"

	"smtptest/bot"
	"smtptest/bot/admin"
	"smtptest/bot/results"
	"smtptest/probe"
	"smtptest/probe/probetest"
)

// expired probes a server whose certificate has expired, whatever is asked for.
type expired struct{ t *testing.T }

// Probe implements probe.Prober.
func (e expired) Probe(ctx context.Context, _ probe.Request, _ probe.Hooks) (probe.Report, error) {
	cases, err := probetest.Cases()
	if err != nil {
		e.t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name == "expired" {
			return probetest.Run(ctx, c)
		}
	}
	e.t.Fatal("there is no case expired")
	return probe.Report{}, nil
}

// probed are the series of a scrape of /probe.
func probed(t *testing.T) map[string][]map[string]string {
	t.Helper()
	a := admin.New(admin.Config{Health: bot.NewHealth("slack"), Probe: &admin.Exporter{
		Prober: expired{t}, Targets: []string{"mx1.example.com"}, Limiter: results.NewMemoryLimiter(results.DefaultLimits()),
	}})
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1:9587/probe?target=mx1.example.com:25", nil))
	all := shown(t, w.Body)
	all["up"] = []map[string]string{{"job": "mail-servers"}} // Prometheus' own
	return all
}

// TestScrapeConfiguration: Prometheus reads it, and the bot takes what it would
// ask for.
func TestScrapeConfiguration(t *testing.T) {
	text, err := os.ReadFile("../prometheus/probe-scrape.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(string(text), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	job := c.ScrapeConfigs[0]
	if job.MetricsPath != "/probe" || job.Params.Get("module") != "auto" || time.Duration(job.ScrapeTimeout) != 35*time.Second ||
		len(job.RelabelConfigs) != 3 || !strings.HasSuffix(job.RelabelConfigs[2].Replacement, ":9587") {
		t.Errorf("%+v", job)
	}
}

// TestProbeAlerts: each names what exists, fires on its own trouble and on no
// other, and none does where all is well.
func TestProbeAlerts(t *testing.T) {
	all := probed(t)
	well := probeLoad(1, 1, 0, 90, 1)
	sick := map[string]string{
		"MailServerFails":           probeLoad(0, 0, 0, 90, 1),
		"MailServerAddressFails":    probeLoad(1, 0, 0, 90, 1),
		"MailServerCertificateEnds": probeLoad(1, 1, 0, 3, 1),
		"MailServerNotTested":       probeLoad(1, 1, 0, 90, 0),
	}
	for _, r := range rules(t, "../prometheus/probe-alerts.yaml") {
		check(t, r.Alert, r.Expr, all)
		if n := fires(t, r.Expr, well); n != 0 {
			t.Errorf("%s fires where all is well", r.Alert)
		}
		for name, load := range sick {
			if n := fires(t, r.Expr, load); n > 0 != (name == r.Alert) {
				t.Errorf("%s fires %d times at what %s is for", r.Alert, n, name)
			}
		}
		if n := fires(t, r.Expr, probeLoad(0, 0, 1, 90, 1)); n != 0 {
			t.Errorf("%s fires where nothing can be said from here", r.Alert)
		}
	}
}

// probeLoad are two hours of a server with two addresses.
func probeLoad(first, second, inconclusive, days, up int) string {
	const form = `load 1m
	smtptest_probe_success{instance="mx1.example.com:25",address="192.0.2.1"} %d+0x120
	smtptest_probe_success{instance="mx1.example.com:25",address="192.0.2.2"} %d+0x120
	smtptest_probe_inconclusive{instance="mx1.example.com:25",address="192.0.2.1"} %d+0x120
	probe_ssl_earliest_cert_expiry{instance="mx1.example.com:25"} %d+0x120
	up{job="mail-servers",instance="mx1.example.com:25"} %d+0x120
`
	return fmt.Sprintf(form, first, second, inconclusive, days*86400, up)
}
