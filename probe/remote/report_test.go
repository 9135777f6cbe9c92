package remote

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
	"smtptest/probe/probetest"
)

// TestReportsSurvive: every report of every case comes out as it went in.
func TestReportsSurvive(t *testing.T) {
	cases, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	largest := 0
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			r, err := probetest.Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			r.Vantage = "berlin"
			octets, err := encode(&r, MaxReport)
			if err != nil {
				t.Fatal(c.Name, err)
			}
			largest = max(largest, len(octets))
			back, err := decode(octets, r.Request, "berlin")
			same(t, c.Name, r, back, err)
			if !reflect.DeepEqual(r, back) {
				t.Errorf("%s: it differs in what JSON does not show", c.Name)
			}
		})
	}
	t.Logf("%d reports, the largest has %d bytes", len(cases), largest)
}

func TestDomainsSurvive(t *testing.T) {
	for _, story := range domaintest.Scenarios(t) {
		s := domaintest.Read(t, story.Setup)
		r, err := s.Examiner().Examine(t.Context(), domain.Request{Domain: s.Domain}, domain.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		r.Vantage = "berlin"
		for i := range r.Hosts {
			for k := range r.Hosts[i].Addresses {
				if a := r.Hosts[i].Addresses[k]; a.Report != nil {
					a.Report.Vantage = "berlin"
				}
			}
		}
		octets, err := encodeDomain(&r, MaxReport)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeDomain(octets, r.Request, "berlin")
		same(t, story.Name, r, back, err)
		if want, got := delivery.Judge(&r), delivery.Judge(&back); !reflect.DeepEqual(want.Findings, got.Findings) {
			t.Errorf("%s: it is judged in another way", story.Name)
		}
	}
}

// same compares as JSON, in which a nil list and an empty one differ.
func same(t *testing.T, name string, want, got any, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(name, err)
	}
	a, _ := json.MarshalIndent(want, "", " ")
	b, _ := json.MarshalIndent(got, "", " ")
	if string(a) != string(b) {
		x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
		for i := range x {
			if i >= len(y) || x[i] != y[i] {
				t.Fatalf("%s: %q became %q", name, x[i], y[min(i, len(y)-1)])
			}
		}
	}
}
