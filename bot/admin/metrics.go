package admin

import (
	"cmp"
	"runtime"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"smtptest/bot"
	"smtptest/formatting"
)

// other stands for a label value that is not on its list.
const other = "other"

// The lists of the labels. A value that is new to the code and not to its list
// is counted as other.
var (
	platforms = []formatting.Platform{formatting.Slack, formatting.Discord}
	verdicts  = []string{
		"working", "working-with-warnings", "failed", "inconclusive", "not-tested", verdictStopped, verdictFault,
	}
	stages = []string{
		"", "lookup", "guard", "connect", "greeting", "ehlo", "starttls", "handshake", "auth", "envelope", "quit",
	}
	postOutcomes  = []string{bot.PostedOK, bot.PostedRetried, bot.PostedRefused, bot.PostedLimited, bot.PostedNoAnswer}
	fallbacks     = []string{bot.SharedLimits, bot.SharedOnce}
	sharedRows    = []string{bot.SharedLarge, bot.SharedUnread, bot.SharedOrphan}
	dropReasons   = []string{bot.DroppedBusy, bot.DroppedDuplicate, bot.DroppedUnreadable, bot.DroppedLost}
	limitScopes   = []string{"person", "channel", "target", "busy", "login-target", "login-account", "recipients"}
	placeOutcomes = []string{
		"working", "working-with-warnings", "failed", "inconclusive", "not-tested", "not-connected", "silent", "busy",
		"version", "unpinned", "no-engine", "stopping", "unable", "other-key", "clock", "fault",
	}
	formOutcomes = []string{formTested, formCorrected, formGone, formLimited, formRefused, formFault}
)

// Verdicts beside those of a diagnosis.
const (
	verdictStopped = "stopped" // the bot was stopped under it
	verdictFault   = "fault"   // ours
)

// Outcomes of a form.
const (
	formTested    = "tested"
	formCorrected = "corrected" // something in it could not be used; it stays open
	formGone      = "gone"      // the bot had forgotten what it was for
	formLimited   = "limited"
	formRefused   = "refused"
	formFault     = "fault"
)

func oneOf[T ~string](list []T, value T) string {
	if slices.Contains(list, value) {
		return string(value)
	}
	return other
}

// metrics are what is counted by itself; standings are read from bot.Health.
type metrics struct {
	runs    *prometheus.CounterVec
	seconds prometheus.Histogram
	acks    *prometheus.HistogramVec
	posts   *prometheus.CounterVec
	dropped *prometheus.CounterVec
	limited *prometheus.CounterVec
	forms   *prometheus.CounterVec

	fallback *prometheus.CounterVec
	rows     *prometheus.CounterVec
	places   *prometheus.CounterVec
}

func newMetrics() metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	return metrics{
		runs: counter("smtptest_runs_total", "Tests that ended, by verdict and by the stage where they ended.",
			"platform", "verdict", "stage"),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "smtptest_run_seconds", Help: "Time from a command to its verdict.",
			Buckets: []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 600},
		}),
		acks: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "chat_ack_seconds",
			Help:    "Time from the arrival of something to its acknowledgement; platforms give up after 3 s.",
			Buckets: []float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3},
		}, []string{"platform"}),
		posts:   counter("chat_post_total", "Calls to a platform, all their tries included.", "platform", "outcome"),
		dropped: counter("chat_dropped_total", "What arrived and was not answered, or its answer given up.", "reason"),
		limited: counter("rate_limited_total", "Commands refused because of a limit.", "scope"),
		places: counter("smtptest_vantage_runs_total",
			"Tests asked of other places, by place and by how they ended.", "vantage", "outcome"),
		forms: counter("modal_submit_total", "Login forms that were sent.", "outcome"),
		fallback: counter("shared_state_fallback_total",
			"Tests that one replica decided alone, because the servers of NATS did not answer in time.", "what"),
		rows: counter("shared_state_rows_total",
			"Rows of shared state that were too large or not readable, and tests of killed replicas that were ended.", "what"),
	}
}

func (m metrics) all() []prometheus.Collector {
	return []prometheus.Collector{
		m.runs, m.seconds, m.acks, m.posts, m.dropped, m.limited, m.places, m.forms, m.fallback, m.rows,
	}
}

// begin shows at zero what will be counted.
func (m metrics) begin(p formatting.Platform) {
	platform := oneOf(platforms, p)
	m.acks.WithLabelValues(platform)
	for _, o := range postOutcomes {
		m.posts.WithLabelValues(platform, o)
	}
	for _, v := range []string{verdictFault, verdictStopped} {
		m.runs.WithLabelValues(platform, v, "")
	}
	for vec, values := range map[*prometheus.CounterVec][]string{
		m.dropped: dropReasons, m.limited: limitScopes, m.forms: formOutcomes,
		m.fallback: fallbacks, m.rows: sharedRows,
	} {
		for _, v := range values {
			vec.WithLabelValues(v)
		}
	}
}

// Record counts an answer.
func (a *Admin) Record(r bot.Record) {
	m := a.metrics
	if verdict := verdictOf(r); verdict != "" {
		m.runs.WithLabelValues(oneOf(platforms, r.Platform), verdict, oneOf(stages, string(r.Stage))).Inc()
		m.seconds.Observe(r.Elapsed.Seconds())
	}
	if scope, ok := strings.CutPrefix(string(r.Refused), "limit."); ok {
		m.limited.WithLabelValues(oneOf(limitScopes, scope)).Inc()
	}
	for _, p := range r.Places {
		if p.Name != "" {
			a.place(p.Name, cmp.Or(string(p.Absent), string(p.Latest().Verdict.Outcome)))
		}
	}
	if r.Vantage != "" && len(r.Places) == 0 {
		a.place(r.Vantage, cmp.Or(r.Absent, string(r.Outcome)))
	}
	if r.Submitted {
		m.forms.WithLabelValues(formOutcome(r)).Inc()
	}
}

// Vantages shows which other places are connected, and counts their tests. It is
// called once, before anything is counted.
func (a *Admin) Vantages(all func() []bot.Vantage) {
	a.vantages = all
	a.registry.MustRegister(vantagesUp{all})
}

// place counts a test of another place. Its name is the operator's own.
func (a *Admin) place(name, outcome string) {
	known := func(v bot.Vantage) bool { return v.Name == name }
	if a.vantages == nil || !slices.ContainsFunc(a.vantages(), known) {
		name = other
	}
	a.metrics.places.WithLabelValues(name, oneOf(placeOutcomes, outcome)).Inc()
}

// vantagesUp shows which places are connected at the time of a scrape.
type vantagesUp struct{ all func() []bot.Vantage }

// Describe implements prometheus.Collector.
func (v vantagesUp) Describe(out chan<- *prometheus.Desc) { out <- vantageDesc() }

// Collect implements prometheus.Collector.
func (v vantagesUp) Collect(out chan<- prometheus.Metric) {
	for _, p := range v.all() {
		up := 0.0
		if p.Connected {
			up = 1
		}
		out <- prometheus.MustNewConstMetric(vantageDesc(), prometheus.GaugeValue, up, p.Name)
	}
}

func vantageDesc() *prometheus.Desc {
	return prometheus.NewDesc("smtptest_vantage_connected", "1 while an agent answers there.", []string{"vantage"}, nil)
}

// verdictOf is how a test ended; empty: the record is of none.
func verdictOf(r bot.Record) string {
	switch {
	case r.Outcome != "":
		return oneOf(verdicts, string(r.Outcome))
	case r.Refused == formatting.FaultInternal:
		return verdictFault
	case r.Refused == formatting.FaultStopped:
		return verdictStopped
	}
	return ""
}

func formOutcome(r bot.Record) string {
	area, _, _ := strings.Cut(string(r.Refused), ".")
	switch {
	case r.Refused == "":
		return formTested
	case r.Refused == formatting.FormFields:
		return formCorrected
	case r.Refused == formatting.FormGone:
		return formGone
	case area == "limit":
		return formLimited
	case area == "fault":
		return formFault
	}
	return formRefused
}

// Event counts what happened to an adapter.
func (a *Admin) Event(e bot.Event) {
	platform := oneOf(platforms, e.Platform)
	switch e.Kind {
	case bot.EventAcked:
		a.metrics.acks.WithLabelValues(platform).Observe(e.Elapsed.Seconds())
	case bot.EventPosted:
		a.metrics.posts.WithLabelValues(platform, oneOf(postOutcomes, e.Outcome)).Inc()
	case bot.EventDropped:
		a.metrics.dropped.WithLabelValues(oneOf(dropReasons, e.Outcome)).Inc()
	case bot.EventShared:
		if slices.Contains(fallbacks, e.Outcome) {
			a.metrics.fallback.WithLabelValues(e.Outcome).Inc()
		} else {
			a.metrics.rows.WithLabelValues(oneOf(sharedRows, e.Outcome)).Inc()
		}
	}
}

// standings shows how the adapters stand at the time of a scrape.
type standings struct{ health *bot.Health }

// Describe implements prometheus.Collector.
func (s standings) Describe(out chan<- *prometheus.Desc) {
	out <- connectedDesc()
	out <- reconnectsDesc()
	out <- engineDesc()
	out <- sharedDesc()
	out <- replicasDesc()
}

// Collect implements prometheus.Collector.
func (s standings) Collect(out chan<- prometheus.Metric) {
	for p, st := range s.health.Standings() {
		up := 0.0
		if st.Status == bot.StatusConnected {
			up = 1
		}
		platform := oneOf(platforms, p)
		out <- prometheus.MustNewConstMetric(connectedDesc(), prometheus.GaugeValue, up, platform)
		out <- prometheus.MustNewConstMetric(reconnectsDesc(), prometheus.CounterValue, float64(st.Reconnects), platform)
	}
	if st, ok := s.health.Engine(); ok {
		up := 0.0
		if st.Status == bot.StatusConnected {
			up = 1
		}
		out <- prometheus.MustNewConstMetric(engineDesc(), prometheus.GaugeValue, up)
	}
	if st, ok := s.health.Shared(); ok {
		up := 0.0
		if st.Status == bot.StatusConnected {
			up = 1
		}
		out <- prometheus.MustNewConstMetric(sharedDesc(), prometheus.GaugeValue, up)
		out <- prometheus.MustNewConstMetric(replicasDesc(), prometheus.GaugeValue, float64(st.Replicas))
	}
}

func sharedDesc() *prometheus.Desc {
	const help = "1 while limits and results are shared with other replicas; absent where they are not to be."
	return prometheus.NewDesc("smtptest_shared_state", help, nil, nil)
}

func replicasDesc() *prometheus.Desc {
	const help = "Replicas of this bot that were seen lately, this one included."
	return prometheus.NewDesc("smtptest_replicas", help, nil, nil)
}

func engineDesc() *prometheus.Desc {
	const help = "1 while NATS can be reached; absent where none is set up."
	return prometheus.NewDesc("smtptest_engine_connected", help, nil, nil)
}

func connectedDesc() *prometheus.Desc {
	return prometheus.NewDesc("chat_connected", "1 while commands are taken on the platform.", []string{"platform"}, nil)
}

func reconnectsDesc() *prometheus.Desc {
	const help = "Connections to the platform that were made anew."
	return prometheus.NewDesc("chat_reconnects_total", help, []string{"platform"}, nil)
}

// buildInfo is 1, with the build in its labels.
func buildInfo(version string) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "smtptest_build_info", Help: "1; the labels name the build.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	g.Set(1)
	return g
}
