package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/formatting"
)

// TestCopyForTheTimeline: under a failure, and under the first test that works
// again, is a line with the first and the last test that failed, as this bot saw
// it, and where the result stands. Who works, or asks alone, is not offered one.
func TestCopyForTheTimeline(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		offered := func(r *recorder) bool {
			return slices.ContainsFunc(r.action(t, "more").Choices, func(c formatting.Choice) bool {
				return c.Value == "timeline"
			})
		}
		line := func(r *recorder) string {
			a := fx.do(press("bob", "more", r.action(t, "more").Run, "timeline")).answers[0]
			if !a.Private || len(a.Message.Sections) != 1 {
				t.Fatalf("%+v", a)
			}
			return a.Message.Sections[0].(formatting.Code).Lines[0].Text
		}
		if offered(fx.do(by("ada", "good.test:587"))) || offered(fx.do(by("ada", "expired.test:587 --private"))) {
			t.Error("offered where all is well, or to one person")
		}
		fx.Handler.Prober = &turns{Prober: fx.Handler.Prober, servers: []string{"expired", "expired", "good"}}
		first := fx.do(by("ada", "balanced.test:587"))
		once := line(first)
		if from, to, _ := strings.Cut(once, " · "); !strings.HasPrefix(to, strings.Replace(from, "first", "last", 1)) ||
			!strings.Contains(once, " · Failed at TLS: The certificate has expired · tested by this bot · https://") {
			t.Error(once)
		}
		time.Sleep(5 * time.Minute)
		again := line(fx.do(by("bob", "balanced.test:587")))
		if firstBad, _, _ := strings.Cut(once, " · "); !strings.HasPrefix(again, firstBad) || again == once {
			t.Errorf("%s\n%s", once, again)
		}
		time.Sleep(time.Minute)
		if well := line(fx.do(by("ada", "balanced.test:587"))); !strings.Contains(well, " · works since ") {
			t.Error(well)
		}
	})
}
