package validate

import (
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"

	"smtptest/bot"
	"smtptest/bot/admin"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// series are what the program shows after one of each: name to label sets.
func series(t *testing.T) map[string][]map[string]string {
	t.Helper()
	health := bot.NewHealth("slack", "discord")
	health.NoteShared(true, "", 2)
	health.NoteEngine(true, "")
	a := admin.New(admin.Config{Health: health})
	a.Vantages(func() []bot.Vantage { return []bot.Vantage{{Name: "berlin"}} })
	a.Record(bot.Record{Platform: "slack", Kind: "test", Outcome: diagnosis.Failed, Stage: probe.PhaseConnect})
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1:9587/metrics", nil))
	return shown(t, w.Body)
}

// shown takes what a scrape shows apart.
func shown(t *testing.T, body io.Reader) map[string][]map[string]string {
	t.Helper()
	p := expfmt.NewTextParser(model.UTF8Validation)
	families, err := p.TextToMetricFamilies(body)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]map[string]string{}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			set := map[string]string{}
			for _, l := range m.GetLabel() {
				set[l.GetName()] = l.GetValue()
			}
			if m.GetHistogram() == nil {
				all[name] = append(all[name], set)
				continue
			}
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				all[name+suffix] = append(all[name+suffix], set)
			}
		}
	}
	return all
}

// scraped are the labels that the scrape adds.
func scraped(label string) bool { return label == "job" || label == "instance" }

// check reports what an expression names that the program does not show.
func check(t *testing.T, where, text string, all map[string][]map[string]string) {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	known := map[string]bool{"le": true, "instance": true, "job": true}
	var grouped []string
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			if !selects(n, all) {
				t.Errorf("%s: nothing matches %s", where, n)
			}
			for _, set := range all[n.Name] {
				for l := range set {
					known[l] = true
				}
			}
		case *parser.AggregateExpr:
			grouped = append(grouped, n.Grouping...)
		}
		return nil
	})
	for _, l := range grouped {
		if !known[l] {
			t.Errorf("%s: no metric in it has the label %s", where, l)
		}
	}
}

func selects(v *parser.VectorSelector, all map[string][]map[string]string) bool {
	return slices.ContainsFunc(all[v.Name], func(set map[string]string) bool {
		for _, m := range v.LabelMatchers {
			if _, has := set[m.Name]; m.Name != labels.MetricName && !scraped(m.Name) && (!has || !m.Matches(set[m.Name])) {
				return false
			}
		}
		return true
	})
}

func alerts(t *testing.T) []rulefmt.Rule { return rules(t, "../prometheus/alerts.yaml") }

func rules(t *testing.T, file string) []rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return groups.Groups[0].Rules
}

func TestAlertsNameWhatExists(t *testing.T) {
	all := series(t)
	for _, r := range alerts(t) {
		check(t, r.Alert, r.Expr, all)
	}
}

func TestDashboardNamesWhatExists(t *testing.T) {
	octets, err := os.ReadFile("../grafana/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title, UID string
		Panels     []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, RefID string }
		}
	}
	if err := json.Unmarshal(octets, &board); err != nil {
		t.Fatal(err)
	}
	all, ids := series(t), map[int]bool{}
	maps.Copy(all, probed(t))
	for _, p := range board.Panels {
		if ids[p.ID] || p.Title == "" || p.GridPos.X+p.GridPos.W > 24 || p.GridPos.H == 0 || len(p.Targets) == 0 {
			t.Errorf("panel %+v", p)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			check(t, p.Title, target.Expr, all)
		}
	}
	if len(board.Panels) == 0 || board.UID == "" {
		t.Errorf("%+v", board)
	}
}

// healthy are two hours of a bot that has nothing to complain of.
const healthy = `load 1m
	smtptest_build_info{version="v1"} 1+0x120
	chat_connected{platform="slack"} 1+0x120
	chat_ack_seconds_bucket{platform="slack",le="0.001"} 0+10x120
	chat_ack_seconds_bucket{platform="slack",le="1"} 0+10x120
	chat_ack_seconds_bucket{platform="slack",le="3"} 0+10x120
	chat_ack_seconds_bucket{platform="slack",le="+Inf"} 0+10x120
	chat_post_total{platform="slack",outcome="ok"} 0+50x120
	chat_post_total{platform="slack",outcome="noanswer"} 0+1x120
	chat_reconnects_total{platform="slack"} 0+0x60 1+0x60
	chat_dropped_total{reason="busy"} 0+0x120
	chat_dropped_total{reason="duplicate"} 0+1x120
	smtptest_runs_total{platform="slack",verdict="fault",stage=""} 0+0x120
	rate_limited_total{scope="busy"} 0+0x120
	process_resident_memory_bytes{job="smtptest-bot"} 20000000+0x120
	smtptest_shared_state 1+0x120
	smtptest_engine_connected 1+0x120
	smtptest_vantage_connected{vantage="berlin"} 1+0x120
	shared_state_fallback_total{what="limits"} 0+0x120
`

// TestAlertsFire: each alert, on the one thing that is its business, and none
// without it.
func TestAlertsFire(t *testing.T) {
	sick := map[string][2]string{ // the line that goes, and the one that comes
		"SMTPTestGone":             {`smtptest_build_info{version="v1"} 1+0x120`, ``},
		"SMTPTestDisconnected":     {`chat_connected{platform="slack"} 1+0x120`, `chat_connected{platform="slack"} 0+0x120`},
		"SMTPTestAcknowledgesLate": {`chat_ack_seconds_bucket{platform="slack",le="1"} 0+10x120`, `chat_ack_seconds_bucket{platform="slack",le="1"} 0+0x120`},
		"SMTPTestPostsFail":        {`outcome="noanswer"} 0+1x120`, `outcome="noanswer"} 0+10x120`},
		"SMTPTestReconnectsOften":  {`chat_reconnects_total{platform="slack"} 0+0x60 1+0x60`, `chat_reconnects_total{platform="slack"} 0+1x120`},
		"SMTPTestDrops":            {`chat_dropped_total{reason="busy"} 0+0x120`, `chat_dropped_total{reason="busy"} 0+1x120`},
		"SMTPTestFault":            {`verdict="fault",stage=""} 0+0x120`, `verdict="fault",stage=""} 0+1x120`},
		"SMTPTestBusy":             {`rate_limited_total{scope="busy"} 0+0x120`, `rate_limited_total{scope="busy"} 0+1x120`},
		"SMTPTestAlone":            {`smtptest_shared_state 1+0x120`, `smtptest_shared_state 0+0x120`},
		"SMTPTestDecidesAlone":     {`{what="limits"} 0+0x120`, `{what="limits"} 0+10x120`},
		"SMTPTestVantageGone":      {`{vantage="berlin"} 1+0x120`, `{vantage="berlin"} 0+0x120`},
		"SMTPTestMemory":           {`{job="smtptest-bot"} 20000000+0x120`, `{job="smtptest-bot"} 300000000+0x120`},
	}
	for _, r := range alerts(t) {
		change, ok := sick[r.Alert]
		if !ok || !strings.Contains(healthy, change[0]) {
			t.Errorf("%s is not tried", r.Alert)
			continue
		}
		changed := strings.Replace(healthy, change[0], change[1], 1)
		if r.Alert == "SMTPTestAcknowledgesLate" {
			changed = strings.Replace(changed, `le="0.001"} 0+10x120`, `le="0.001"} 0+0x120`, 1)
		}
		if n := fires(t, r.Expr, changed); n != 1 {
			t.Errorf("%s fires %d times", r.Alert, n)
		}
		if n := fires(t, r.Expr, healthy); n != 0 {
			t.Errorf("%s fires without a reason", r.Alert)
		}
	}
}

// fires counts what an expression gives after two hours.
func fires(t *testing.T, expr, load string) int {
	t.Helper()
	var lines []string
	for line := range strings.Lines(load) {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	storage := promqltest.LoadedStorage(t, strings.Join(lines, ""))
	defer storage.Close()
	engine := promqltest.NewTestEngineWithOpts(t, promql.EngineOpts{MaxSamples: 100000, Timeout: 10 * time.Second})
	query, err := engine.NewInstantQuery(t.Context(), storage, nil, expr, time.Unix(0, 0).Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	defer query.Close()
	result := query.Exec(t.Context())
	vector, err := result.Vector()
	if err != nil {
		t.Fatal(err)
	}
	return len(vector)
}
