package formatting

import (
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

func target() probe.Target { return probe.Target{Host: "smtp.example.com", Port: 587} }

func TestTesting(t *testing.T) {
	for _, tt := range []struct {
		request probe.Request
		want    string
	}{
		{probe.Request{Target: target()}, "STARTTLS if offered · gives up after 60 s"},
		{probe.Request{Target: target(), Security: probe.SecuritySTARTTLS, Timeout: 5 * time.Second},
			"STARTTLS required · gives up after 5 s"},
		{probe.Request{Target: target(), Security: probe.SecurityNone}, "in the clear, without TLS · gives up after 60 s"},
		{probe.Request{Target: probe.Target{Host: "a", Port: 465}, Security: probe.SecurityAuto},
			"implicit TLS · gives up after 60 s"},
	} {
		if m := Testing(tt.request); m.Fact != tt.want || m.Verdict != "Testing" || m.Tone.Symbol() != "⏳" {
			t.Errorf("got %+v, want %s", m, tt.want)
		}
	}
}

func TestChange(t *testing.T) {
	before := probe.Request{Target: target(), Security: probe.SecuritySTARTTLS}
	for _, tt := range []struct {
		v    diagnosis.Variation
		want string
	}{
		{diagnosis.Variation{}, ""},
		{diagnosis.Variation{Port: 465}, "port 465 instead of 587, implicit TLS instead of STARTTLS required"},
		{diagnosis.Variation{Host: "mx.example.com", Port: 25},
			"host mx.example.com instead of smtp.example.com, port 25 instead of 587, STARTTLS if offered instead of " +
				"STARTTLS required"},
		{diagnosis.Variation{Family: probe.FamilyIP4}, "IPv4 only"},
		{diagnosis.Variation{EHLOName: "[192.0.2.7]"}, "EHLO [192.0.2.7]"},
	} {
		if got := Change(before, tt.v.Of(before)); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.v, got, tt.want)
		}
		if (NextLabel(tt.v) == "") != (tt.v == diagnosis.Variation{}) {
			t.Errorf("%+v has the label %q", tt.v, NextLabel(tt.v))
		}
	}
}

func TestChanged(t *testing.T) {
	report := func(version, print string, failure *probe.Failure) diagnosis.Judged {
		return diagnosis.Judge(&probe.Report{Request: probe.Request{Target: target()}, Sessions: []probe.Session{{
			TLS: &probe.TLS{Complete: true, Version: version, Chain: []probe.Certificate{{SHA256: print}}}, Failure: failure,
		}}})
	}
	before := report("TLS 1.2", "aa", &probe.Failure{Phase: probe.PhaseAuth, Kind: probe.KindClosed})
	if got := Changed(before, before); got != "Nothing has changed since the test before." {
		t.Error(got)
	}
	after := report("TLS 1.3", "bb", &probe.Failure{Phase: probe.PhaseEHLO, Kind: probe.KindClosed})
	if got := Changed(before,
		after); got != "Since the test before: the verdict was “Failed at login”; TLS was “TLS 1.2”; the certificate is "+
		"another one." {
		t.Error(got)
	}
}
