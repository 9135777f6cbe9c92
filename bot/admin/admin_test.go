package admin

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
)

func ask(t *testing.T, a *Admin, change func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:9/", nil)
	r.RemoteAddr = "127.0.0.1:1"
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey,
		net.Addr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9})))
	change(r)
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w
}

func at(path string) func(*http.Request) { return func(r *http.Request) { r.URL.Path = path } }

func TestReadiness(t *testing.T) {
	health := bot.NewHealth("slack", "discord")
	a := New(Config{Health: health})
	check := func(code int, slack, reason string) {
		t.Helper()
		w := ask(t, a, at("/readyz"))
		var all map[string]struct {
			Status, Reason string
			Since          time.Time
		}
		if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil {
			t.Fatal(err)
		}
		s := all["slack"]
		if w.Code != code || s.Status != slack || s.Reason != reason || s.Since.IsZero() || len(all) != 2 {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
	}
	check(503, "starting", "")
	health.Note(bot.Event{Platform: "slack", Kind: bot.EventUp})
	check(200, "connected", "")
	health.Note(bot.Event{Platform: "slack", Kind: bot.EventDown, Outcome: bot.DownEnded})
	check(503, "reconnecting", bot.DownEnded)
	health.Note(bot.Event{Platform: "slack", Kind: bot.EventUp})
	health.Drain()
	check(503, "draining", "the program is stopping")
	if w := ask(t, a, at("/healthz")); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

// TestCounters drives everything that is counted, and looks for what must not
// be in a label.
func TestCounters(t *testing.T) {
	health := bot.NewHealth("slack")
	a := New(Config{Health: health, Version: "v1"})
	a.Vantages(func() []bot.Vantage { return []bot.Vantage{{Name: "berlin", Connected: true}, {Name: "tokyo"}} })
	const hostile = "mx.example.com\nU0ADA0001"
	for _, r := range []bot.Record{
		{Platform: "slack", Kind: "test", Outcome: diagnosis.Failed, Stage: probe.PhaseSTARTTLS, Elapsed: time.Second},
		{Platform: "slack", Kind: "test", Outcome: diagnosis.Working},
		{Platform: "slack", Kind: "test", Refused: formatting.FaultStopped},
		{Platform: "slack", Kind: "test", Refused: formatting.FaultInternal},
		{Platform: "slack", Kind: "test", Refused: formatting.LimitPerson},
		{Platform: "slack", Kind: "form", Submitted: true, Refused: "form.fields"},
		{Platform: "slack", Kind: "form", Submitted: true, Refused: formatting.FormGone},
		{Platform: "slack", Kind: "login", Submitted: true, Outcome: diagnosis.Working},
		{Platform: "slack", Kind: "help"},
		{Platform: "slack", Kind: "test", Vantage: "tokyo", Absent: "silent", Refused: "vantage.silent"},
		{Platform: "slack", Kind: "test", Vantage: hostile, Absent: hostile},
		{Platform: "slack", Kind: "test", Vantage: "all", Places: []vantages.Place{{}, {Name: "berlin", Absent: "busy"}}},
		{Platform: hostile, Kind: hostile, Outcome: hostile, Stage: hostile, Refused: "limit." + hostile},
	} {
		a.Record(r)
	}
	for _, e := range []bot.Event{
		{Platform: "slack", Kind: bot.EventAcked, Elapsed: time.Millisecond},
		{Platform: "slack", Kind: bot.EventPosted, Outcome: bot.PostedOK},
		{Platform: hostile, Kind: bot.EventPosted, Outcome: hostile},
		{Platform: hostile, Kind: bot.EventDropped, Outcome: hostile},
	} {
		a.Event(e)
	}
	body := ask(t, a, at("/metrics")).Body.String()
	for _, want := range []string{
		`smtptest_runs_total{platform="slack",stage="starttls",verdict="failed"} 1`,
		`smtptest_runs_total{platform="slack",stage="",verdict="working"} 2`,
		`smtptest_runs_total{platform="slack",stage="",verdict="stopped"} 1`,
		`smtptest_runs_total{platform="slack",stage="",verdict="fault"} 1`,
		`smtptest_runs_total{platform="other",stage="other",verdict="other"} 1`,
		`smtptest_run_seconds_count 6`,
		`smtptest_vantage_connected{vantage="berlin"} 1`,
		`smtptest_vantage_connected{vantage="tokyo"} 0`,
		`smtptest_vantage_runs_total{outcome="silent",vantage="tokyo"} 1`,
		`smtptest_vantage_runs_total{outcome="busy",vantage="berlin"} 1`,
		`smtptest_vantage_runs_total{outcome="other",vantage="other"} 1`,
		`chat_ack_seconds_count{platform="slack"} 1`,
		`chat_post_total{outcome="ok",platform="slack"} 1`,
		`chat_post_total{outcome="noanswer",platform="slack"} 0`,
		`chat_dropped_total{reason="other"} 1`,
		`chat_connected{platform="slack"} 0`,
		`chat_reconnects_total{platform="slack"} 0`,
		`rate_limited_total{scope="person"} 1`,
		`rate_limited_total{scope="channel"} 0`,
		`modal_submit_total{outcome="corrected"} 1`,
		`modal_submit_total{outcome="gone"} 1`,
		`modal_submit_total{outcome="tested"} 1`,
		`smtptest_build_info{goversion="go`,
		"process_resident_memory_bytes", "process_open_fds", "go_goroutines",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in\n%s", want, body)
		}
	}
	if strings.Contains(body, "example.com") || strings.Contains(body, "U0ADA") {
		t.Errorf("a name is in a label:\n%s", body)
	}
	problems, err := testutil.GatherAndLint(a.registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// TestListsAreWhole: what the code can say is on the lists.
func TestListsAreWhole(t *testing.T) {
	for _, o := range []diagnosis.Outcome{diagnosis.Working, diagnosis.WithWarnings, diagnosis.Failed,
		diagnosis.Inconclusive, diagnosis.NotTested} {
		if oneOf(verdicts, string(o)) == other {
			t.Errorf("%s is not listed", o)
		}
	}
	for _, p := range []probe.Phase{probe.PhaseLookup, probe.PhaseGuard, probe.PhaseConnect, probe.PhaseGreeting,
		probe.PhaseEHLO,
		probe.PhaseSTARTTLS, probe.PhaseHandshake, probe.PhaseAuth, probe.PhaseEnvelope, probe.PhaseQuit} {
		if oneOf(stages, string(p)) == other {
			t.Errorf("%s is not listed", p)
		}
	}
	for _, id := range []formatting.TextID{formatting.LimitPerson, formatting.LimitChannel, formatting.LimitTarget,
		formatting.LimitBusy,
		formatting.LimitLoginTarget, formatting.LimitLoginAccount, formatting.LimitRecipients} {
		if oneOf(limitScopes, strings.TrimPrefix(string(id), "limit.")) == other {
			t.Errorf("%s is not listed", id)
		}
	}
}

// TestProfilesAreForLoopback: off by default, and on only for whoever sits on
// the machine and says so.
func TestProfilesAreForLoopback(t *testing.T) {
	health := bot.NewHealth("slack")
	const path = "/debug/pprof/goroutine"
	if w := ask(t, New(Config{Health: health}), at(path)); w.Code != 404 {
		t.Errorf("profiles are on by themselves: %d", w.Code)
	}
	a := New(Config{Health: health, Profile: true})
	if w := ask(t, a, at(path)); w.Code != 200 {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	for name, change := range map[string]func(*http.Request){
		"another machine":   func(r *http.Request) { r.RemoteAddr = "192.0.2.1:1" },
		"another name":      func(r *http.Request) { r.Host = "rebound.example.com" },
		"another interface": func(r *http.Request) { *r = *r.WithContext(context.Background()) },
	} {
		if w := ask(t, a, func(r *http.Request) { r.URL.Path = path; change(r) }); w.Code != 404 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// TestNamesOfOthers: a page cannot read us through a browser on this network.
func TestNamesOfOthers(t *testing.T) {
	a := New(Config{Health: bot.NewHealth("slack")})
	for _, path := range []string{"/metrics", "/readyz"} {
		for host, refused := range map[string]bool{
			"127.0.0.1:9587": false, "[::1]:9587": false, "[2001:db8::1]": false, "10.1.2.3": false, "localhost:9587": false,
			"smtptest-bot:9587": false, "": false, "rebound.example.com": true, "rebound.example.com:9587": true,
			"127.0.0.1.example.com": true, "localhost.:9587": true,
		} {
			w := ask(t, a, func(r *http.Request) { r.URL.Path, r.Host = path, host })
			if (w.Code == http.StatusMisdirectedRequest) != refused {
				t.Errorf("%s of %q: %d", path, host, w.Code)
			}
		}
	}
	if w := ask(t, a, func(r *http.Request) { r.URL.Path, r.Host = "/healthz", "rebound.example.com" }); w.Code != 200 {
		t.Errorf("/healthz: %d", w.Code)
	}
}

// TestServe: over a real socket, and its end.
func TestServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- New(Config{Health: bot.NewHealth("slack"), Profile: true}).Serve(ctx, l) }()
	base := "http://" + l.Addr().String()
	for path, code := range map[string]int{"/healthz": 200, "/readyz": 503, "/metrics": 200, "/debug/pprof/": 200,
		"/": 404} {
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != code {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	res, err := http.Post(base+"/metrics", "text/plain", strings.NewReader(strings.Repeat("x", 1<<20)))
	if err == nil {
		res.Body.Close()
		if res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST: %d", res.StatusCode)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
