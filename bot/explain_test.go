package bot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe"
)

// bounces are the notices that package bounce is tested with, by name.
func bounces(t testing.TB) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../probe/bounce/testdata/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	all := map[string]string{}
	for _, name := range names {
		octets, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".txtar")] = string(txtar.Parse(octets).Files[0].Data)
	}
	return all
}

// TestBounceInAChat: whoever pastes a bounce reads alone which server refused
// the message, and tests that server by a button; the channel sees it if they
// share it. Nobody is shown an address.
func TestBounceInAChat(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		var asked probe.Request
		fx.Handler.Prober = asking(&asked)
		about := by("ada", "")
		about.About = &bot.About{Text: bounces(t)["postfix"]}
		r := fx.do(about)
		if a := r.answers[0]; !a.Private || a.Message.Fact != "Not delivered: mx1.dest.example at RCPT · 550 5.1.1" {
			t.Fatalf("%+v", a)
		}
		test := r.action(t, "server")
		if test.Label != "Test mx1.dest.example:25 now" {
			t.Error(test.Label)
		}
		refusedWith(t, fx.do(pressed("bob", test)), formatting.RunPrivate, "")
		if fx.do(pressed("ada", test)); asked.Target.String() != "mx1.dest.example:25" {
			t.Errorf("tested %s", asked.Target)
		}
		shared := fx.do(pressed("ada", r.action(t, "share"))).answers[0]
		if shared.Private || !strings.Contains(text(shared.Message), "mx1.dest.example") {
			t.Errorf("shared: %+v", shared)
		}
		for _, m := range []formatting.Message{r.answers[0].Message, shared.Message} {
			if words := text(m); strings.Contains(words, "bob") || strings.Contains(words, "alice") ||
				strings.Contains(words, "virtual") || strings.Contains(words, "quarterly") {
				t.Errorf("private: %s", words)
			}
		}
	})
}

// TestBounceTyped: lines that are typed behind explain are lines.
func TestBounceTyped(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		for name, notice := range bounces(t) {
			m := fx.do(by("ada", "explain "+notice)).final()
			if m.Fact == "" || strings.Contains(text(m), "bob") {
				t.Errorf("%s: %s", name, text(m))
			}
		}
		oneLine := strings.ReplaceAll(bounces(t)["exim-plain"], "\n", " ")
		if m := fx.do(by("ada", "explain "+oneLine)).final(); !strings.Contains(m.Fact, "mx7.dest.example at DATA") {
			t.Errorf("one line: %s", text(m))
		}
	})
}
