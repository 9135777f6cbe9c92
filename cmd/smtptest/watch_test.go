package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/watch"
	"smtptest/probe"
	"smtptest/probe/probetest"
)

// recoverer is a server that is down for a minute. It needs no time.
type recoverer struct {
	t     *testing.T
	since time.Time
	cases map[string]*probetest.Case
}

// Probe implements probe.Prober.
func (r recoverer) Probe(ctx context.Context, _ probe.Request, _ probe.Hooks) (probe.Report, error) {
	c := r.cases["overloaded"]
	if time.Since(r.since) >= time.Minute {
		c = r.cases["good"]
	}
	return probetest.Run(ctx, c)
}

func TestWatched(t *testing.T) {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		after time.Duration // Ctrl-C
		code  int
		says  []string
	}{
		{"until it works", time.Hour, exitWorking, []string{
			"❌ Watching: failed at greeting", "Ctrl-C ends it.", "✅ Works now: TLS tested", "××", "✅ Watched: works",
			"it has worked for 5 minutes", "First failed test: ", "works since ", "±30 s",
		}},
		{"stopped early", 45 * time.Second, exitFailed, []string{
			"❌ Watched: failed at greeting", "The watch was stopped.", "had not worked again",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := recoverer{t, time.Now(), map[string]*probetest.Case{}}
				for _, c := range all {
					r.cases[c.Name] = c
				}
				ctx, stop := context.WithTimeout(t.Context(), tt.after)
				defer stop()
				var out, errOut bytes.Buffer
				term := &terminal{out: &out, err: &errOut}
				c, err := command.ParseArgs([]string{"mx.example.com:587", "--watch"}, command.Dialect{Terminal: true})
				if err != nil {
					t.Fatal(err)
				}
				if code := watched(ctx, term, r, c, watch.DefaultPace()); code != tt.code {
					t.Errorf("exit code %d, want %d", code, tt.code)
				}
				folded := strings.Join(strings.Fields(out.String()), " ")
				for _, part := range tt.says {
					if !strings.Contains(folded, part) {
						t.Errorf("it does not say %q:\n%s", part, out.String())
					}
				}
			})
		})
	}
}
