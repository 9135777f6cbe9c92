package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/cmd/settings/settingstest"
)

func fields() []settingstest.Field { return settingstest.Fields(reflect.TypeFor[variables]()) }

// TestREADMEHasTheTable compares the operator's table of variables with config.go.
func TestREADMEHasTheTable(t *testing.T) { settingstest.HoldTable(t, "Vantage points", fields()) }

// enough is the least that an agent starts with.
func enough(t *testing.T) []string {
	t.Helper()
	seed := filepath.Join(t.TempDir(), "nkey")
	if err := os.WriteFile(seed, []byte("SUAHUNTER2"), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{
		"SMTPTEST_VANTAGE", "berlin", "SMTPTEST_NATS_URL", "nats://127.0.0.1:1", "SMTPTEST_NATS_NKEY_FILE", seed,
		"SMTPTEST_CONTROL_HOSTS", "off",
	}
}

// TestWhatIsWrong: one line each that names the variable, never its value.
func TestWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ variable, value, says string }{
		{"SMTPTEST_VANTAGE", "Hunter2", "SMTPTEST_VANTAGE: is not set to a name"},
		{"SMTPTEST_NATS_URL", "", "SMTPTEST_NATS_URL: is set and lists nothing"},
		{"SMTPTEST_NATS_URL", "ws://hunter2.example", "SMTPTEST_NATS_URL: lists, as entry 1, ws:// outside loopback"},
		{"SMTPTEST_NATS_NKEY_FILE", "", "SMTPTEST_NATS_NKEY_FILE: is not set: an agent needs a key"},
		{"SMTPTEST_KEY_FILE", "/hunter2", "SMTPTEST_KEY_FILE: names a file that cannot be used: it is not there"},
		{"SMTPTEST_ALLOW_NETWORKS", "hunter2", "SMTPTEST_ALLOW_NETWORKS: lists what is not a network"},
		{"SMTPTEST_LIMIT_AT_ONCE", "0", "SMTPTEST_LIMIT_AT_ONCE: is not a number from 1 to 100"},
		{"SMTPTEST_ENVELOPE", "perhaps", "SMTPTEST_ENVELOPE: is neither true nor false"},
		{"SMTPTEST_DENY_NETWORK", "10.0.0.0/8", "SMTPTEST_DENY_NETWORK: is not known"},
		{"SMTPTEST_AGENT_SERVICE_HOST", "10.0.0.1", ""},
	} {
		settingstest.Set(t, fields(), append(enough(t), tt.variable, tt.value)...)
		_, problems := read()
		said := fmt.Sprint(problems)
		if (len(problems) > 0) != (tt.says != "") || !strings.Contains(said, tt.says) ||
			strings.Contains(strings.ToLower(said), "hunter2") {
			t.Errorf("%s: %s, want %s", tt.variable, said, tt.says)
		}
		if err := os.Unsetenv(tt.variable); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKey: the pair is made once, only its owner can read it, and the half that is
// printed is that of the file.
func TestKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	var first, second, said strings.Builder
	if code := run(t.Context(), []string{"-key", file}, &first, &said); code != exitStopped {
		t.Fatal(code, said.String())
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	if run(t.Context(), []string{"-key", file}, &second, &said); first.String() != second.String() {
		t.Error("another key is printed the second time")
	}
	settingstest.Set(t, fields(), append(enough(t), "SMTPTEST_KEY_FILE", file)...)
	c, problems := read()
	if len(problems) > 0 || c.key.Public().String()+"\n" != first.String() {
		t.Error(problems)
	}
	secret, err := os.ReadFile(file)
	if text := fmt.Sprintf("%+v %#v", c, c); err != nil || strings.Contains(text, strings.Fields(string(secret))[1]) {
		t.Errorf("the key shows: %v", err)
	}
	if err := os.WriteFile(file, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	said.Reset()
	if code := run(t.Context(), []string{"-key", file}, &second, &said); code != exitRefused ||
		strings.Contains(said.String(), "hunter2") {
		t.Error(code, said.String())
	}
}

// TestHealth: a file that is not there or old is of an agent that is not connected.
func TestHealth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "healthy")
	settingstest.Set(t, fields(), "SMTPTEST_HEALTH_FILE", file)
	for _, tt := range []struct {
		age  time.Duration // negative: there is no file
		code int
	}{{-1, exitRefused}, {0, exitStopped}, {time.Minute, exitRefused}} {
		if tt.age >= 0 {
			at := time.Now().Add(-tt.age)
			if os.WriteFile(file, nil, 0o600) != nil || os.Chtimes(file, at, at) != nil {
				t.Fatal("the file cannot be made")
			}
		}
		if code := run(t.Context(), []string{"-health"}, &strings.Builder{}, &strings.Builder{}); code != tt.code {
			t.Errorf("%v: %d", tt.age, code)
		}
	}
}

// TestKeepHealth: the file is there while the agent is connected, and no longer.
func TestKeepHealth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "healthy")
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		ctx, cancel := context.WithCancel(t.Context())
		go keepHealth(ctx, file, up.Load)
		there := func() bool {
			time.Sleep(2 * time.Second)
			synctest.Wait()
			_, err := os.Stat(file)
			return err == nil
		}
		for _, want := range []bool{false, true, false, true} {
			up.Store(want)
			if there() != want {
				t.Errorf("connected: %t, and the file says %t", want, !want)
			}
		}
		cancel()
		if there() {
			t.Error("the file stays behind")
		}
	})
}

func TestCommandLine(t *testing.T) {
	for _, tt := range []struct {
		arg, says string
		code      int
	}{
		{"-h", "It is configured by its environment alone", exitStopped},
		{"foo", "takes no arguments", exitUsage},
		{"-frobnicate", "Begin with -key", exitUsage},
		{"-version", "smtptest-agent ", exitStopped},
		{"-check", "SMTPTEST_NATS_URL: is not set", exitConfig},
		{"-health", "SMTPTEST_HEALTH_FILE is not set", exitConfig},
	} {
		settingstest.Set(t, fields())
		var said strings.Builder
		if code := run(t.Context(), []string{tt.arg}, &said, &said); code != tt.code ||
			!strings.Contains(said.String(), tt.says) {
			t.Errorf("%s: exit code %d, said %q", tt.arg, code, said.String())
		}
	}
}
