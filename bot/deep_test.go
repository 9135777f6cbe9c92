package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe/tlsscan"
)

// countedScans counts scans, and takes its time for each.
type countedScans struct {
	bot.Scans
	n    *int
	wait time.Duration
}

func (c countedScans) Scan(ctx context.Context, req tlsscan.Request, h tlsscan.Hooks) (tlsscan.Report, error) {
	*c.n++
	time.Sleep(c.wait)
	return c.Scans.Scan(ctx, req, h)
}

// TestDeepScan: the button under a handshake that failed scans the server, and the
// test says from then on what the server would take.
func TestDeepScan(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		n := 0
		fx.Handler.Scans = countedScans{fx.Handler.Scans, &n, 8 * time.Second}
		first := fx.do(by("ada", "3des.test"))
		if strings.Contains(text(first.final()), "deep scan") {
			t.Errorf("known before a scan: %s", text(first.final()))
		}
		scan := fx.do(pressed("bob", first.action(t, "deep")))
		m := scan.final()
		if got := scan.stages(); got != "started progress done" || m.By.ID != "bob" || m.Tone != formatting.ToneWarning {
			t.Fatalf("%s: %s", got, text(m))
		}
		about := fmt.Sprintf("About %d connections, 100 at most", tlsscan.UsualConnections)
		if begun := scan.updates[0].Message; !strings.Contains(begun.Fact, about) {
			t.Errorf("it begins with %q", begun.Fact)
		}
		if !strings.Contains(text(m), "Current clients cannot use its TLS") ||
			!strings.Contains(titles(m), "smtptest-tls.txt") {
			t.Errorf("%s", text(m))
		}
		more := fx.do(press("bob", "more", m.Actions[1].Run, "json"))
		if got := more.answers[0]; !got.Private || !strings.Contains(text(got.Message), "clients_failing") {
			t.Errorf("as JSON: %s", text(got.Message))
		}
		time.Sleep(time.Minute)
		again := text(fx.do(by("ada", "3des.test")).final())
		if !strings.Contains(again, "A deep scan 60 s ago found what the server takes: TLS 1.0, 1.1 and 1.2 alone, "+
			"in TLS 1.2 with TLS_") {
			t.Errorf("after the scan the test says %s", again)
		}
		elsewhere := text(fx.do(at("slack", "T2", "C9", "eve", "3des.test")).final())
		if strings.Contains(elsewhere, "deep scan") {
			t.Errorf("another place reads %s", elsewhere)
		}
	})
}

// TestOneScanInTenMinutes: an address is scanned once. Who asks again in the same
// place reads that scan, elsewhere when the next is possible.
func TestOneScanInTenMinutes(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		n := 0
		fx.Handler.Scans = countedScans{fx.Handler.Scans, &n, 0}
		fx.do(by("ada", "implicit.test:465 --deep"))
		time.Sleep(4 * time.Minute)
		second := fx.do(by("bob", "implicit.test:465 --deep"))
		a := second.answers[0]
		if n != 1 || !a.Private || !strings.Contains(strings.Join(a.Message.Notes, " "),
			"Scanned 4 minutes ago: an address is scanned once in 10 minutes. The next scan is possible in 6 minutes.") ||
			len(a.Message.Links) != 1 || len(a.Message.Sections) < 3 {
			t.Fatalf("%d scans, %s", n, text(a.Message))
		}
		for _, other := range []string{"implicit.test:465 --deep", "good.test --deep"} { // of one address
			refusedWith(t, fx.do(at("console", "T1", "C2", "eve", other)), formatting.LimitDeep, "in 6 minutes")
		}
		time.Sleep(6 * time.Minute)
		if m := fx.do(at("console", "T1", "C2", "eve", "good.test --deep")).final(); m.Tone != formatting.ToneGood {
			t.Errorf("after ten minutes: %s", text(m))
		}
		// Nothing was measured of a server without STARTTLS, so nothing is counted.
		time.Sleep(10 * time.Minute)
		fx.do(by("ada", "no-starttls.test --deep"))
		if m := fx.do(by("ada", "good.test --deep")).final(); m.Tone != formatting.ToneGood {
			t.Errorf("after a scan of nothing: %s", text(m))
		}
	})
}

// TestDeepButtonOutlivesItsResult: the button carries its request, and the scan's
// own button is a scan again.
func TestDeepButtonOutlivesItsResult(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		button := fx.do(by("ada", "good.test")).action(t, "deep")
		fx.restarted()
		scan := fx.do(pressed("bob", button))
		if !strings.HasPrefix(scan.final().Verdict, "TLS scanned") {
			t.Fatalf("%s", text(scan.final()))
		}
		again := scan.action(t, "again")
		fx.restarted()
		time.Sleep(11 * time.Minute)
		if m := fx.do(pressed("ada", again)).final(); !strings.HasPrefix(m.Verdict, "TLS scanned") {
			t.Errorf("again: %s", text(m))
		}
		forged := button
		forged.Request = "B" + forged.Request[1:]
		fx.restarted()
		if r := fx.do(pressed("eve", forged)); r.answers[0].Job != nil {
			t.Error("a forged request runs")
		}
	})
}

// TestDeepButton: it stands where there is TLS to look at, or was to be.
func TestDeepButton(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		for target, want := range map[string]bool{
			"good.test": true, "alert-40.test": true, "no-starttls.test": false, "refused.test": false,
		} {
			m := fx.do(by("ada", target)).final()
			got := slices.ContainsFunc(m.Actions, func(a formatting.Action) bool { return a.Verb == "deep" })
			if got != want || len(m.Actions) > 5 {
				t.Errorf("%s: %+v", target, m.Actions)
			}
		}
		fx.Handler.Scans = nil
		m := fx.do(by("ada", "good.test")).final()
		if slices.ContainsFunc(m.Actions, func(a formatting.Action) bool { return a.Verb == "deep" }) {
			t.Error("offered where nobody scans")
		}
		refusedWith(t, fx.do(by("ada", "good.test --deep")), formatting.UsageOptionElsewhere, "--deep does not exist here")
	})
}
