package formatting

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

func TestFixWords(t *testing.T) {
	target := probe.Target{Host: "mx.example.test", Port: 25}
	for _, c := range []struct {
		fix   diagnosis.Fix
		where Platform
		want  string
	}{
		{diagnosis.Fix{}, Terminal, ""},
		{diagnosis.Fix{Target: target}, Terminal, ""},
		{diagnosis.Fix{Security: probe.SecurityImplicit}, Terminal, "To test with implicit TLS, add --tls implicit."},
		{diagnosis.Fix{Security: probe.SecurityImplicit}, Slack,
			"To test with implicit TLS, add --tls implicit to the command."},
		{diagnosis.Fix{Security: probe.SecurityImplicit}, Console,
			"To test with implicit TLS, add --tls implicit to the command."},
		{diagnosis.Fix{Security: probe.SecurityImplicit}, Discord,
			"To test with implicit TLS, set the option tls: implicit."},
		{diagnosis.Fix{Family: probe.FamilyIP4}, Discord, "To test over IPv4 only, set the option ip: 4."},
		{diagnosis.Fix{AnyFamily: true}, Slack, "To test over any IP version, leave --ip out."},
		{diagnosis.Fix{AnyFamily: true}, Discord, "To test over any IP version, leave the option ip out."},
		{diagnosis.Fix{EHLOName: true}, Terminal, "To test with another name in EHLO, add --ehlo NAME."},
		{
			diagnosis.Fix{Target: target, At: netip.MustParseAddr("192.0.2.1")}, Terminal,
			"To test mx.example.test:25 at this address, add --at 192.0.2.1.",
		},
		{diagnosis.Fix{LongerThan: 20 * time.Second}, Discord, "To test for longer than 20 s, set the option timeout: TIME."},
		{diagnosis.Fix{LongerThan: LongestInChat}, Discord, ""},
		{diagnosis.Fix{LongerThan: LongestInChat}, Terminal, "To test for longer than 60 s, add --timeout TIME."},
		{
			diagnosis.Fix{TrustRoots: true}, Terminal,
			"If its authority is a private one, add --ca FILE with the root to trust it in this test.",
		},
		{
			diagnosis.Fix{TrustRoots: true}, Discord,
			"If its authority is a private one, ask the operator of this bot to trust its root.",
		},
	} {
		if got := strings.Join(fixWords(c.fix, c.where), " "); got != c.want {
			t.Errorf("%+v at %s: %q, want %q", c.fix, c.where, got, c.want)
		}
	}
}

// TestEveryFixHasWords: a field that a terminal does not word would be advice
// that nobody gets. The target alone is worded by the advice itself.
func TestEveryFixHasWords(t *testing.T) {
	full := diagnosis.Fix{
		Target: probe.Target{Host: "mx.example.test", Port: 25}, At: netip.MustParseAddr("192.0.2.1"),
		Security: probe.SecuritySTARTTLS, Family: probe.FamilyIP6, AnyFamily: true, EHLOName: true, TrustRoots: true,
		LongerThan: time.Second,
	}
	all := strings.Join(fixWords(full, Terminal), " ")
	for i := range reflect.TypeFor[diagnosis.Fix]().NumField() {
		less := full
		field := reflect.ValueOf(&less).Elem().Field(i)
		field.SetZero()
		if strings.Join(fixWords(less, Terminal), " ") == all {
			t.Errorf("%s is not worded", reflect.TypeFor[diagnosis.Fix]().Field(i).Name)
		}
	}
}

func TestOptionsAt(t *testing.T) {
	const text = "Use --tls implicit on port 465, or compare --ip 4 with --at."
	for where, want := range map[Platform]string{
		Terminal: text, Slack: text, Console: text,
		Discord: "Use the option tls: implicit on port 465, or compare the option ip: 4 with the option at.",
	} {
		if got := optionsAt(text, where); got != want {
			t.Errorf("%s: %s", where, got)
		}
	}
}

// TestRefusalsNameNoOption: they are read in every chat, and options are not
// the same in all of them.
func TestRefusalsNameNoOption(t *testing.T) {
	for id, text := range refusalTexts {
		if all := text.what + text.means + text.try; strings.Contains(all, "--") {
			t.Errorf("%s: %s", id, all)
		}
	}
}
