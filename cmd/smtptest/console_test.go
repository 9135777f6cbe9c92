package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAs prints the payloads of one answer.
func TestAs(t *testing.T) {
	for platform, want := range map[string][]string{
		"slack":   {"chat.postMessage (root)", "chat.postMessage (thread)"},
		"discord": {"PATCH @original", "POST thread message"},
	} {
		code, out, errOut := typed(t, t.Context(), "", "sandbox", "expired", "-as", platform)
		if code != exitFailed || errOut != "" || !strings.HasPrefix(out, want[0]+"\n{\n") ||
			!strings.Contains(out, "\n"+want[1]+"\n{\n") {
			t.Errorf("%s: exit code %d, %q, shown:\n%s", platform, code, errOut, out)
		}
		d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(out, want[0]+"\n")))
		var payload struct{ Text, Content string }
		if err := d.Decode(&payload); err != nil || !strings.Contains(payload.Text+payload.Content, "Failed at TLS") {
			t.Errorf("%s: %v, %+v", platform, err, payload)
		}
	}
}

func TestAsSomethingElse(t *testing.T) {
	for _, args := range []string{"sandbox expired --as teams", "console -as teams", "console --json"} {
		code, out, errOut := typed(t, t.Context(), "", strings.Fields(args)...)
		if code != exitUsage || out != "" || !strings.Contains(errOut, "slack") {
			t.Errorf("%s: exit code %d, %q, %q", args, code, out, errOut)
		}
	}
}

// TestConsole is a short visit, with the password on the standard input.
func TestConsole(t *testing.T) {
	const password = "hunter2hunter2"
	for _, as := range [][]string{nil, {"-as", "slack"}, {"-as=discord"}} {
		in := "good\n1\nlogin login-plain\nada@example.test\n" + password + "\n\n\n\nquit\ngood\n"
		code, out, errOut := typed(t, t.Context(), in, append([]string{"console"}, as...)...)
		if code != exitWorking || errOut != "" || strings.Contains(out, "hunter2") {
			t.Errorf("%s: exit code %d, %s, shown:\n%s", as, code, errOut, out)
		}
		if strings.Count(out, "[1] Run again") != 3 || strings.Count(out, "Failed at login")+strings.Count(out,
			"Works: TLS and login tested") == 0 {
			t.Errorf("%s: shown:\n%s", as, out)
		}
	}
}
