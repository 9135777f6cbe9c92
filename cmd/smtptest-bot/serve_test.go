package main

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	fakeslack "smtptest/bot/playground/slack"
)

// atFake is an environment that leads to a fake Slack.
func atFake(s *fakeslack.Server, more ...string) []string {
	return append([]string{
		"SLACK_BOT_TOKEN", fakeslack.BotToken, "SLACK_APP_TOKEN", fakeslack.AppToken, "SLACK_API_URL",
		strings.TrimSuffix(s.URL(), "/api/"),
	}, more...)
}

func fake(t *testing.T, o fakeslack.Options) *fakeslack.Server {
	t.Helper()
	s := fakeslack.New(o)
	t.Cleanup(s.Close)
	return s
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestCheck: one line for each right that is missing, with what that costs, and
// an exit code that a script can use.
func TestCheck(t *testing.T) {
	s := fake(t, fakeslack.Options{Scopes: []string{"commands", "chat:write"}})
	for _, tt := range []struct {
		name  string
		fault func()
		code  int
		says  []string
		lines int
	}{
		{"rights are missing", func() {}, exitStopped, []string{
			"chat:write.public is missing: in public channels that the bot was not invited to, answers have no thread.",
			"files:write is missing: long transcripts are shown in part, and cannot be had as a file.",
			"app_mentions:read is missing: mentioning the bot, the only way in threads, does nothing.",
			"im:history is missing: who writes to the bot in the conversation with it gets no answer, but to the command.",
			"This is @smtptest in the workspace Fake Slack (" + fakeslack.Team + "), open to everybody of this workspace",
			"What may be tested: public addresses alone, on ports 25, 465, 587, 2525; typed logins at every host",
			"the configuration can be used",
		}, 7},
		{"the bot token is refused", func() { s.Fail(fakeslack.InvalidAuth, "auth.test", 1) }, exitRefused,
			[]string{"Slack refuses the tokens (invalid_auth): check SLACK_BOT_TOKEN and SLACK_APP_TOKEN"}, 1},
		{"the app-level token is refused", func() { s.Fail(fakeslack.InvalidAuth, "apps.connections.open", 1) },
			exitRefused, []string{"Slack refuses the tokens (invalid_auth)"}, 5},
		{"Slack is away", func() { s.Fail(fakeslack.ServerError, "auth.test", 1) }, exitRefused,
			[]string{"Slack could not be asked: HTTP 503."}, 1},
	} {
		with(t, atFake(s)...)
		tt.fault()
		var out, errOut bytes.Buffer
		if code := run(t.Context(), []string{"-check"}, &out, &errOut); code != tt.code {
			t.Errorf("%s: exit code %d, want %d", tt.name, code, tt.code)
		}
		for _, line := range tt.says {
			if !strings.Contains(errOut.String(), line) {
				t.Errorf("%s: %q is not among\n%s", tt.name, line, errOut.String())
			}
		}
		if n := strings.Count(errOut.String(), "\n"); n != tt.lines || strings.Contains(errOut.String(), fakeslack.BotToken) {
			t.Errorf("%s: %d lines, want %d:\n%s", tt.name, n, tt.lines, errOut.String())
		}
	}
	if s.Sockets() > 0 {
		t.Error("-check has connected")
	}
}

// TestRefusedWhileServing: the process ends with one line.
func TestRefusedWhileServing(t *testing.T) {
	s := fake(t, fakeslack.Options{})
	with(t, atFake(s)...)
	s.Fail(fakeslack.InvalidAuth, "apps.connections.open", -1)
	var out, errOut bytes.Buffer
	if code := run(t.Context(), nil, &out, &errOut); code != exitRefused ||
		strings.Count(errOut.String(), "level=ERROR") != 1 {
		t.Errorf("exit code %d, said %q", code, errOut.String())
	}
}

// silent is a mail server that takes connections and says nothing.
func silent(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var open []net.Conn
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			_ = c.Close()
		}
	})
	return netip.MustParseAddrPort(l.Addr().String())
}

// TestProcess starts the program as an operator would, stops it in the middle
// of a test, and reads what is left in the channel.
func TestProcess(t *testing.T) {
	s, server := fake(t, fakeslack.Options{}), silent(t)
	command := exec.CommandContext(deadline(t), itself(t))
	command.Env = []string{beProgram + "=1"}
	pairs := atFake(s, "SMTPTEST_ALLOW_NETWORKS", "127.0.0.0/8", "SMTPTEST_ALLOW_PORTS",
		strconv.Itoa(int(server.Port())), "SMTPTEST_GRACE", "1s")
	for i := 0; i < len(pairs); i += 2 {
		command.Env = append(command.Env, pairs[i]+"="+pairs[i+1])
	}
	var log bytes.Buffer
	command.Stderr = &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	must(t, s.Until(deadline(t), func() bool { return s.Sockets() == 2 }))
	_, err := s.Command(fakeslack.Ada, fakeslack.InMember, server.String()).Wait(deadline(t))
	must(t, err)
	must(t, s.Until(deadline(t), func() bool { return len(s.Messages(fakeslack.InMember)) == 1 }))
	must(t, command.Process.Signal(syscall.SIGTERM))
	began := time.Now()
	must(t, s.Until(deadline(t), func() bool {
		ack, err := s.Command(fakeslack.Ada, fakeslack.InMember, "help").Wait(deadline(t))
		return err == nil && strings.Contains(string(ack.Payload), "The bot is being restarted.")
	}))
	if err := command.Wait(); err != nil {
		t.Errorf("%v; log:\n%s", err, log.String())
	}
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if root := s.Messages(fakeslack.InMember)[0]; !strings.Contains(string(root.All()),
		"The bot was restarted before the test was over.") {
		t.Errorf("the message says %s", root.All())
	}
	if text := log.String(); strings.Contains(text, "127.0.0.1") || strings.Contains(text, fakeslack.Ada) ||
		strings.Contains(text, "fake-") {
		t.Errorf("the log contains what it must not:\n%s", text)
	}
	if v := s.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
