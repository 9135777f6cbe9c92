package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtptest/probe/remote"
)

// TestVantages: what is said of each wrong list, without a key.
func TestVantages(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vantages")
	if err := os.WriteFile(file, []byte("# in the cellar\nberlin\ntokyo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const url, list, listFile = "SMTPTEST_NATS_URL", "SMTPTEST_VANTAGES", "SMTPTEST_VANTAGES_FILE"
	for _, tt := range []struct {
		name  string
		pairs []string
		says  string // empty: two vantage points
	}{
		{"a list", []string{url, "nats://127.0.0.1", list, "berlin, tokyo"}, ""},
		{"a file", []string{url, "nats://127.0.0.1", listFile, file}, ""},
		{"both", []string{url, "nats://127.0.0.1", list, "berlin", listFile, file}, "are both set"},
		{"no engine", []string{list, "berlin"}, "SMTPTEST_NATS_URL is not"},
		{"no file", []string{url, "nats://127.0.0.1", listFile, "/hunter2"}, "cannot be read"},
		{"empty", []string{url, "nats://127.0.0.1", list, ""}, "lists nothing"},
		{"capitals", []string{url, "nats://127.0.0.1", list, "Berlin"}, "entry 1: a vantage point is named by"},
		{"twice", []string{url, "nats://127.0.0.1", list, "a a"}, "entry 2: it is listed twice"},
		{"half a key", []string{url, "nats://127.0.0.1", list, "a=hunter2"}, "entry 1: the key is no"},
	} {
		with(t, append([]string{"SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1"}, tt.pairs...)...)
		c, problems := read()
		said := fmt.Sprint(problems)
		if (len(problems) > 0) != (tt.says != "") || !strings.Contains(said, tt.says) || strings.Contains(said, "hunter2") {
			t.Errorf("%s: %s", tt.name, said)
		}
		if tt.says == "" && len(c.vantages) != 2 {
			t.Errorf("%s: %+v", tt.name, c.vantages)
		}
	}
}

func TestStanding(t *testing.T) {
	for says, a := range map[string]remote.Agent{
		"Vantage point a is not connected.":                          {},
		"Vantage point a is not connected; last seen 4 minutes ago.": {LastSeen: time.Now().Add(-3 * time.Minute)},
		"Vantage point a (AS1) is connected, v1.2.3.": {
			Connected: true, Network: "AS1", Version: "v1.2.3", Logins: true},
		"Vantage point a is connected; its network lets nothing out on port 25": {Connected: true, Port25: remote.DoorClosed},
		"Vantage point a is connected; its key is not the configured one, so that no login opens there.": {
			Connected: true, Logins: true, OtherKey: true},
	} {
		a.Vantage = "a"
		if line, _ := standing(a); !strings.HasPrefix(line, says) {
			t.Errorf("%q, want %q", line, says)
		}
	}
}

// TestKeys: a folder is filled, a second run with one more keeps the keys, and no
// seed is printed.
func TestKeys(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	keys := func(args ...string) (int, string, string) {
		var out, errOut strings.Builder
		code := run(t.Context(), append([]string{"-keys"}, args...), &out, &errOut)
		return code, out.String(), errOut.String()
	}
	code, first, said := keys(folder, "berlin")
	seed, err := os.ReadFile(filepath.Join(folder, "bot.nkey"))
	if err != nil || code != exitStopped || strings.Contains(first+said, strings.TrimSpace(string(seed))) ||
		strings.Count(first, "nkey: U") != 2 {
		t.Fatal(code, first, said)
	}
	_, second, _ := keys(folder, "berlin", "tokyo")
	if !strings.HasPrefix(second, strings.TrimSuffix(first, "  ]\n}\n")) || strings.Count(second, "nkey: U") != 3 {
		t.Error(second)
	}
	if written, err := os.ReadFile(filepath.Join(folder, permissionsFile)); err != nil || string(written) != second {
		t.Error(err)
	}
	for _, wrong := range [][]string{{}, {folder}, {folder, "Berlin"}, {folder, "bot"}, {folder, "../x"}} {
		if code, out, _ := keys(wrong...); code != exitUsage || out != "" {
			t.Errorf("%q: %d %s", wrong, code, out)
		}
	}
}
