package diagnosis

import (
	"errors"
	"reflect"
	"testing"
	"testing/synctest"

	"smtptest/probe"
	"smtptest/probe/probetest"
)

// TestNext compares the offers with cases: what is offered has been seen to
// work, and a working server is offered nothing.
func TestNext(t *testing.T) {
	want := map[string]Variation{
		"only-465":          {Port: 465},
		"plain-port":        {Security: probe.SecuritySTARTTLS},
		"tls-on-plain-port": {Security: probe.SecurityImplicit},
		"imaps":             {},
		"two-servers":       {Family: probe.FamilyIP4},
		"ehlo-localhost":    {EHLOName: "[198.51.100.7]"},
		"mail-domain":       {Host: "mx1.example.test", Port: 25},
		"good":              {},
		"expired":           {},
		"refused":           {},
		"private-address":   {},
	}
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		synctest.Test(t, func(t *testing.T) {
			report, err := probetest.Run(t.Context(), c)
			var mismatch *probetest.Mismatch
			if err != nil && !errors.As(err, &mismatch) {
				t.Fatal(err)
			}
			d := Judge(&report)
			got := Next(d)
			if w, listed := want[c.Name]; listed && got != w {
				t.Errorf("%s: offered %+v, want %+v", c.Name, got, w)
			}
			delete(want, c.Name)
			if works := d.Verdict.Outcome == Working; works && got != (Variation{}) {
				t.Errorf("%s works and is offered %+v", c.Name, got)
			}
		})
	}
	for name := range want {
		t.Errorf("there is no case %s", name)
	}
}

func TestVariationChangesOnlyWhatItNames(t *testing.T) {
	before := probe.Request{
		Target:   probe.Target{Host: "a.example.test", Port: 587},
		Security: probe.SecuritySTARTTLS, EHLOName: "me.example.test",
	}
	want := before
	want.Target.Port, want.Security = 465, probe.SecurityAuto
	if got := (Variation{Port: 465}).Of(before); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
