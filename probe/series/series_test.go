package series

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/differ"
	"smtptest/probe/probetest"
)

// balanced is what stands behind one name: each run meets the next case, the
// last one from then on.
type balanced struct {
	t     *testing.T
	ca    *probetest.CA
	cases []string
	runs  int
}

// Probe implements probe.Prober.
func (b *balanced) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	all, err := probetest.Cases()
	if err != nil {
		b.t.Fatal(err)
	}
	name := b.cases[min(b.runs, len(b.cases)-1)]
	b.runs++
	for _, c := range all {
		if c.Name == name {
			req.Target = c.Request.Target // a script is of one port
			return probetest.NewNetwork(c, b.ca).Prober().Probe(ctx, req, hooks)
		}
	}
	b.t.Fatalf("there is no case %s", name)
	return probe.Report{}, nil
}

func again(times int, name string) []string {
	return strings.Split(strings.Repeat(" "+name, times)[1:], " ")
}

// TestSeries: what stands behind a name, and what the series says of it.
func TestSeries(t *testing.T) {
	fourth := strings.Fields(strings.Repeat("good good expired good ", 5)) // one back-end of four
	for _, tt := range []struct {
		name  string
		cases []string
		want  string
	}{
		{"all good", again(20, "good"), "20 runs, 20 worked, 0 failed, stop “”, varied -; apart -"},
		{"one back-end of four", fourth,
			"20 runs, 15 worked, 5 failed, stop “”, varied verdict certificate trust findings; apart certificate"},
		{"one failure is no rule", strings.Fields("good good expired good"),
			"20 runs, 19 worked, 1 failed, stop “”, varied verdict certificate trust findings; apart -"},
		{"refused twice in a row", strings.Fields("good blocked good blocked blocked good"),
			"5 runs, 2 worked, 0 failed, stop “refused”, varied verdict findings; apart -"},
		{"too slow for twenty", strings.Fields("silent"),
			"1 runs, 0 worked, 1 failed, stop “time”, varied -; apart -"},
		{"denied", strings.Fields("private-address"), "1 runs, 0 worked, 0 failed, stop “limit”, varied -; apart -"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := told(t, tt.cases); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}

// told runs twenty tests and says what they show.
func told(t *testing.T, cases []string) string {
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	b := &balanced{t: t, ca: ca, cases: cases}
	// A greeting is waited for 30 s: the second one is not, whatever ends first.
	req := probe.Request{Target: probe.Target{Host: "mx.example.test", Port: 587}, Timeout: DefaultLimit - time.Second}
	began, counted := time.Now(), 0
	all, stop, err := Run(t.Context(), b, req, Most, Hooks{Ran: func(int) { counted++ }})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > DefaultLimit || counted != len(all) {
		t.Errorf("it took %s, and %d of %d runs were told", took, counted, len(all))
	}
	var judged []diagnosis.Judged
	for i := range all {
		judged = append(judged, diagnosis.Judge(&all[i]))
	}
	s := differ.Of(judged)
	return fmt.Sprintf("%d runs, %d worked, %d failed, stop “%s”, varied%s; apart%s",
		len(all), s.Worked, s.Failed, stop, names(s.Varied), names(s.Apart))
}

func names(all []differ.Variation) string {
	out := ""
	for _, v := range all {
		out += " " + string(v.Aspect)
	}
	if out == "" {
		return " -"
	}
	return out
}
