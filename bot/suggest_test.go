package bot_test

import (
	"strings"
	"testing"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe/domain/domaintest"
)

// TestSuggest: what is proposed to whom while something is typed.
func TestSuggest(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.profiles(t)
		fx.do(by("ada", "good.test:2525 --private"))
		fx.do(by("ada", "expired.test:587"))
		fx.Handler.Policy.Ports = append(fx.Handler.Policy.Ports, 26)
		scenario := domaintest.Read(t, "domain a.test\nunsigned a.test.\na.test. MX 0 .\n")
		fx.Handler.Domains = scenario.Examiner()
		fx.do(by("cleo", "domain a.test"))
		probes := fx.Probes()
		for _, tt := range []struct{ person, field, typed, want, never string }{
			{"ada", bot.FieldTarget, "", "expired.test:587 good.test:2525", "alice"},
			{"ada", bot.FieldTarget, "expi", "expired.test:587", "gmail"},
			{"ada", bot.FieldTarget, "login EXPIRED", "login expired.test:587", "gmail"},
			{"bob", bot.FieldTarget, "", "smtp-relay.brevo.com:587 smtp.fastmail.com:465 smtp.gmail.com:587", ".test"},
			{"bob", bot.FieldTarget, "gmail", "smtp.gmail.com:587 smtp.gmail.com:465", "*"},
			{"bob", bot.FieldTarget, "mx.corp.example", "mx.corp.example:587 mx.corp.example:465 mx.corp.example:25 " +
				"mx.corp.example:2525 mx.corp.example:26 domain mx.corp.example ", "gmail"},
			{"cleo", bot.FieldTarget, "", "domain a.test ", "a.test:"},
			{"cleo", bot.FieldTarget, "domain", "domain a.test ", "gmail"},
			{"cleo", bot.FieldTarget, "login a.test", "login a.test:587 ", "domain"},
			{"bob", bot.FieldTarget, "Ada@Corp.example", "domain corp.example ", "ada"},
			{"bob", bot.FieldTarget, "192.0.2.1", "192.0.2.1:587", "domain"},
			{"bob", bot.FieldTarget, "mx.corp.example:4", "mx.corp.example:465", ":587"},
			{"bob", bot.FieldTarget, "alice:hunter2@mx.corp.example", "", "hunter2"},
			{"bob", bot.FieldTarget, "explain 535", "", "535"},
			{"bob", bot.FieldProfile, "", "", "relay"},
			{"ada", bot.FieldProfile, "re", "relay", "gmail"},
			{"ada", bot.FieldProfile, "xx", "", "relay"},
			{"ada", "ehlo", "", "", "gmail"},
		} {
			var got string
			all := fx.Handler.Suggest(by(tt.person, ""), tt.field, tt.typed)
			for _, c := range all {
				got += c.Value + " "
				if len(c.Value) > 100 || len(c.Label) > 100 || !strings.HasPrefix(c.Label, c.Value) {
					t.Errorf("%+v", c)
				}
			}
			fits := strings.HasPrefix(got, tt.want) && (tt.want != "" || got == "")
			if !fits || strings.Contains(got, tt.never) || len(all) > 25 {
				t.Errorf("%s types %q: %s", tt.person, tt.typed, got)
			}
		}
		stranger := by("ada", "")
		stranger.Refused = formatting.RefusedStranger
		if all := fx.Handler.Suggest(stranger, bot.FieldTarget, ""); len(all) > 0 {
			t.Errorf("to a stranger: %v", all)
		}
		fx.Handler.Policy.Ports = nil
		if fx.Probes() != probes {
			t.Error("something was probed")
		}
	})
}
