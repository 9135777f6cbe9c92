package admin

import (
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// series are the metrics of one scrape. Those without smtptest_ mean what they
// mean in blackbox_exporter, so that its dashboards and alerts work.
type series struct {
	success, seconds, expiry                         *prometheus.Desc
	addressSuccess, addressSeconds, addressExpiry    *prometheus.Desc
	phase, verified, inconclusive, tlsInfo, findings *prometheus.Desc
}

func newSeries() series {
	return series{
		success: describe("probe_success", "1 if every address works, with warnings or without"),
		seconds: describe("probe_duration_seconds", "how long the tests of all addresses took"),
		expiry: describe("probe_ssl_earliest_cert_expiry",
			"when the first certificate of any address ends, in Unix time, also where it does not verify"),
		addressSuccess: describe("smtptest_probe_success", "1 if this address works", "address"),
		addressSeconds: describe("smtptest_probe_duration_seconds", "how long its session took", "address"),
		addressExpiry: describe("smtptest_probe_cert_expiry",
			"when its first certificate ends, in Unix time, also where it does not verify", "address"),
		phase:    describe("smtptest_probe_phase_seconds", "how long each phase took", "address", "phase"),
		verified: describe("smtptest_probe_cert_verified", "1 if name, dates, chain and usage are right", "address"),
		inconclusive: describe("smtptest_probe_inconclusive", "1 if nothing can be said of this address from here",
			"address"),
		tlsInfo:  describe("smtptest_probe_tls_info", "what was agreed", "address", "version", "suite", "group"),
		findings: describe("smtptest_probe_finding", "1 for each finding", "address", "id", "severity", "owner"),
	}
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// measured are the tests of one scrape, the first one by name.
type measured []diagnosis.Judged

// Describe implements prometheus.Collector. What is measured varies.
func (measured) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (m measured) Collect(to chan<- prometheus.Metric) {
	s := newSeries()
	var began, ended, expiry time.Time
	for i, j := range m {
		r := j.Report
		if i == 0 {
			began = r.Started
		}
		if end := r.Started.Add(r.Elapsed); end.After(ended) {
			ended = end
		}
		s.collect(j, to)
		if e, ok := endOf(j); ok && (expiry.IsZero() || e.Before(expiry)) {
			expiry = e
		}
	}
	gauge(to, s.success, number(m.works()))
	gauge(to, s.seconds, ended.Sub(began).Seconds())
	if !expiry.IsZero() {
		gauge(to, s.expiry, float64(expiry.Unix()))
	}
}

func (m measured) works() bool {
	for _, j := range m {
		main := j.Report.Main()
		if !works(j) || main != nil && len(failedBefore(j.Report, main)) > 0 {
			return false
		}
	}
	return len(m) > 0
}

func works(j diagnosis.Judged) bool {
	return j.Verdict.Outcome == diagnosis.Working || j.Verdict.Outcome == diagnosis.WithWarnings
}

// collect shows one test: its main session, and the addresses that failed before
// it.
func (s series) collect(j diagnosis.Judged, to chan<- prometheus.Metric) {
	main := j.Report.Main()
	address := addressOf(j.Report, main)
	gauge(to, s.addressSuccess, number(works(j)), address)
	unsure := j.Verdict.Outcome == diagnosis.Inconclusive || j.Verdict.Outcome == diagnosis.NotTested
	gauge(to, s.inconclusive, number(unsure), address)
	for _, f := range j.Findings {
		gauge(to, s.findings, 1, address, string(f.ID), string(f.Severity), string(f.Owner))
	}
	if main == nil {
		return
	}
	gauge(to, s.addressSeconds, main.Elapsed.Seconds(), address)
	for phase, d := range phasesOf(j.Report, main) {
		gauge(to, s.phase, d.Seconds(), address, string(phase))
	}
	if t := main.TLS; t != nil && len(t.Chain) > 0 {
		gauge(to, s.verified, number(t.Trust.Trusted()), address)
		gauge(to, s.tlsInfo, 1, address, t.Version, t.CipherSuite, t.Group)
	}
	if e, ok := endOf(j); ok {
		gauge(to, s.addressExpiry, float64(e.Unix()), address)
	}
	for _, failed := range failedBefore(j.Report, main) {
		gauge(to, s.addressSuccess, 0, failed.String())
	}
}

// addressOf is where a test went, or was to go; empty: the name has no address.
// No two tests of a scrape have the same, so no two of its series are alike.
func addressOf(r *probe.Report, main *probe.Session) string {
	switch {
	case main != nil && main.Address.IsValid():
		return main.Address.Addr().String()
	case r.Request.At.IsValid():
		return r.Request.At.String()
	}
	return ""
}

// phasesOf are the times of a session by phase: EHLO is sent twice where there
// is STARTTLS, and both count.
func phasesOf(r *probe.Report, s *probe.Session) map[probe.Phase]time.Duration {
	all := map[probe.Phase]time.Duration{probe.PhaseLookup: r.Lookup.Elapsed}
	for _, step := range s.Steps {
		all[step.Phase] += step.Elapsed
	}
	return all
}

// endOf is when the first certificate of a chain ends.
func endOf(j diagnosis.Judged) (end time.Time, ok bool) {
	main := j.Report.Main()
	if main == nil || main.TLS == nil {
		return end, false
	}
	for _, c := range main.TLS.Chain {
		if end.IsZero() || c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	return end, !end.IsZero()
}

// failedBefore are the addresses that took no connection and made way for the
// main session's.
func failedBefore(r *probe.Report, main *probe.Session) []netip.Addr {
	var out []netip.Addr
	for i := range r.Sessions {
		s := &r.Sessions[i]
		if s.Variant == probe.VariantMain && s.Failure != nil && s.Address.IsValid() &&
			s.Address.Addr() != main.Address.Addr() {
			out = append(out, s.Address.Addr())
		}
	}
	return out
}

func gauge(to chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
