package main

import (
	"context"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
	"smtptest/probe/remote/fleettest"
)

// TestFromElsewhere: what the bot prints for NATS is enough for a person in Slack to
// test from another place, from all of them, and to be told that one is away.
func TestFromElsewhere(t *testing.T) {
	fleettest.Program(t)
	folder := t.TempDir()
	block, err := permissions(folder, []string{"berlin", "tokyo"})
	if err != nil {
		t.Fatal(err)
	}
	servers, inn := fleettest.Start(t, fleettest.Options{Extra: block}), newInn(t)
	slack := fakeslack.New(fakeslack.Options{NoRates: true})
	t.Cleanup(slack.Close)
	stop := serveAgent(t, servers, filepath.Join(folder, "berlin.nkey"), inn.port)
	log := &bottest.Buffer{}
	cmd := exec.Command(itself(t))
	cmd.Stderr = log
	cmd.Env = []string{
		beProgram + "=1", "SLACK_BOT_TOKEN=" + fakeslack.BotToken, "SLACK_APP_TOKEN=" + fakeslack.AppToken,
		"SLACK_API_URL=" + strings.TrimSuffix(slack.URL(), "/api/"), "SMTPTEST_NATS_URL=" + servers.URL(),
		"SMTPTEST_NATS_NKEY_FILE=" + filepath.Join(folder, "bot.nkey"), "SMTPTEST_VANTAGES=berlin tokyo",
		"SMTPTEST_ALLOW_NETWORKS=127.0.0.0/8", "SMTPTEST_ALLOW_PORTS=" + inn.port, "SMTPTEST_CONTROL_HOSTS=off",
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log)
		}
	})
	wait := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("there is no end of waiting for " + what)
			}
		}
	}
	wait("Slack and berlin", func() bool {
		return slack.Sockets() > 0 && strings.Contains(log.String(), "the engine is connected")
	})
	for _, tt := range []struct {
		address, from, says string
		guests              int
	}{
		{"127.201.1.1", "berlin", "Works", 1},
		{"127.201.1.2", "all", "Not connected: tokyo", 2},
		{"127.201.1.3", "berlin", "berlin is not connected: it was last seen", 0},
	} {
		if tt.guests == 0 {
			stop()
		}
		target, said := tt.address+":"+inn.port, ""
		slack.Command(fakeslack.Ada, fakeslack.InMember, target+" --tls none from "+tt.from)
		wait("an answer about "+tt.from, func() bool {
			for _, m := range slack.Messages(fakeslack.InMember) {
				if m.Thread == "" && strings.Contains(m.Text, target) && !strings.Contains(m.Text, "Testing") {
					said = m.Text
				}
			}
			return said != ""
		})
		if n := inn.guests(tt.address); n != tt.guests || !strings.Contains(said, tt.says) {
			t.Errorf("from %s: %d connections, %q", tt.from, n, said)
		}
	}
}

// serveAgent answers as an agent at berlin does, until stop is called.
func serveAgent(t *testing.T, servers *fleettest.Fleet, nkey, port string) (stop func()) {
	t.Helper()
	conn, err := broker.Connect(broker.Connection{
		Name: "berlin", URLs: []string{servers.URL()}, Clear: true, Nkey: nkey, Inbox: "_INBOX_smtptest_agent",
		Up: func() {}, Down: func(error) {}, Denied: func() { t.Error("the agent is refused something") },
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	s := &remote.Service{Vantage: "berlin", Prober: &probe.Local{Policy: guard.Policy{
		Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ports: []uint16{uint16(n)},
	}}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ctx, conn); err != nil {
			t.Error(err)
		}
	}()
	return func() {
		cancel()
		<-done
		conn.Close()
	}
}
