package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
)

// TestEgress: it is shown to the channel like a test, counts like one, and for
// a server of its own.
func TestEgress(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Egress = func(ctx context.Context) []probe.ControlConn {
			select {
			case <-time.After(5 * time.Second):
			case <-ctx.Done():
				return nil
			}
			return []probe.ControlConn{
				{Host: "one.test", Port: 25, Kind: probe.KindTimeout, Elapsed: 5 * time.Second},
				{Host: "one.test", Port: 587}, {Host: "web.test", Port: 443},
			}
		}
		r := fx.do(by("U1", "egress"))
		if a := r.answers[0]; a.Private || a.Message.Verdict != "Testing" {
			t.Errorf("first %+v", a)
		}
		last := r.updates[len(r.updates)-1]
		if len(r.updates) != 2 || r.updates[0].Stage != bot.StageStarted || last.Stage != bot.StageDone ||
			last.Message.Verdict != "Not let out: port 25" || last.Message.By.ID != "U1" ||
			len(last.Message.Notes) > 0 {
			t.Errorf("updates %+v", r.updates)
		}
		if a := fx.do(by("U1", "egress --private")).answers[0]; !a.Private {
			t.Error("--private is shown to all")
		}
		var refused string
		for range results.DefaultLimits().Target.Most {
			refused = fx.do(by("U2", "egress")).answers[0].Message.Verdict
			refused += strings.Join(textsOf(fx.do(by("U3", "egress")).answers[0].Message), " ")
		}
		if !strings.Contains(refused, "this network") {
			t.Errorf("after many tests: %q", refused)
		}
	})
}

func textsOf(m formatting.Message) []string { return append([]string{m.Fact}, m.Notes...) }

// TestEgressOff: where no control hosts are configured the word is a host.
func TestEgressOff(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.Handler.Egress = nil
		if a := fx.do(by("U1", "egress")).answers[0]; a.Job != nil && a.Message.Target == "this network" {
			t.Errorf("got %+v", a)
		}
		help := fx.do(by("U1", "help examples")).answers[0].Message
		for _, line := range help.Sections[0].(formatting.Code).Lines {
			if strings.Contains(line.Text, "egress") {
				t.Errorf("help names it: %s", line.Text)
			}
		}
	})
}
