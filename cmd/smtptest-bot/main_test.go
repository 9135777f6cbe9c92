package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	fakediscord "smtptest/bot/playground/discord"
	fakeslack "smtptest/bot/playground/slack"
)

// beProgram is the variable that makes the test binary the program itself, so
// that no test has to build one.
const beProgram = "TEST_BE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main() // it ends the process
	}
	if n := os.Getenv(beGreedy); n != "" {
		serveGreedy(n)
		return
	}
	m.Run()
}

// itself is the file of the test binary.
func itself(t testing.TB) string {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// program is the whole program between the two fakes.
type program struct {
	t       *testing.T
	slack   *fakeslack.Server
	discord *fakediscord.Server
	said    *lines
	stop    context.CancelFunc
	ended   chan int
}

type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func start(t *testing.T, pairs ...string) *program {
	t.Helper()
	p := &program{t: t, slack: fakeslack.New(fakeslack.Options{}), discord: fakediscord.New(fakediscord.Options{}),
		said: &lines{}, ended: make(chan int, 1)}
	t.Cleanup(p.slack.Close)
	t.Cleanup(p.discord.Close)
	with(t, append([]string{
		"SLACK_BOT_TOKEN", fakeslack.BotToken, "SLACK_APP_TOKEN", fakeslack.AppToken, "SLACK_API_URL",
		strings.TrimSuffix(p.slack.URL(), "/api/"),
		"DISCORD_BOT_TOKEN", p.discord.Token, "DISCORD_API_URL", p.discord.URL(),
	}, pairs...)...)
	var ctx context.Context
	ctx, p.stop = context.WithCancel(t.Context())
	go func() { p.ended <- run(ctx, nil, p.said, p.said) }()
	return p
}

// until waits for what a platform or the program shows.
func (p *program) until(what string, done func() bool) {
	p.t.Helper()
	for range 400 {
		if done() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.t.Fatalf("%s did not come: %s", what, p.said)
}

// code is the exit code.
func (p *program) code() int {
	p.t.Helper()
	select {
	case code := <-p.ended:
		return code
	case <-time.After(30 * time.Second):
		p.t.Fatalf("the program does not end: %s", p.said)
		return -1
	}
}

func (p *program) onDiscord() bool {
	return p.discord.Connected() == 1 && len(p.discord.Commands("")) == 3
}
func (p *program) onSlack() bool { return p.slack.Sockets() > 0 }

func TestBothPlatformsAtOnce(t *testing.T) {
	p := start(t)
	p.until("Discord", p.onDiscord)
	p.until("Slack", p.onSlack)
	if strings.Contains(p.said.String(), "DISCORD_LOGIN_FORM") {
		t.Error("the login form is said to be on: ", p.said)
	}
	channel := p.discord.AddChannel(fakediscord.Channel{})
	i, err := p.discord.Command(fakediscord.User{ID: "400000000000000001"}, channel, "smtptest",
		fakediscord.Option{Name: "target", Value: "login smtp.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	p.until("the refusal", func() bool {
		m, _ := i.Original()
		return m.Ephemeral && strings.Contains(m.Words(), "Logins may not be tested here")
	})
	p.stop()
	if code := p.code(); code != exitStopped {
		t.Errorf("exit code %d: %s", code, p.said)
	}
}

// TestOneRefusesForGood: the other goes on, and the program ends with the last.
func TestOneRefusesForGood(t *testing.T) {
	p := start(t, "DISCORD_LOGIN_FORM", "true")
	p.until("Discord", p.onDiscord)
	p.until("Slack", p.onSlack)
	if !strings.Contains(p.said.String(), "Do not collect, solicit") {
		t.Error("nothing is said of the login form: ", p.said)
	}
	p.discord.CloseGateway(fakediscord.CloseAuthentication)
	p.until("the one line", func() bool { return strings.Contains(p.said.String(), "check DISCORD_BOT_TOKEN") })
	if n := strings.Count(p.said.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d lines: %s", n, p.said)
	}
	if !p.onSlack() {
		t.Error("Slack is gone too")
	}
	p.stop()
	if code := p.code(); code != exitStopped {
		t.Errorf("exit code %d", code)
	}
}

func TestNoPlatformIsLeft(t *testing.T) {
	p := start(t, "SLACK_BOT_TOKEN", "xoxb-wrong", "DISCORD_BOT_TOKEN", "wrong.wrong.wrong")
	if code := p.code(); code != exitRefused || !strings.Contains(p.said.String(), "check DISCORD_BOT_TOKEN") ||
		!strings.Contains(p.said.String(), "check SLACK_BOT_TOKEN") {
		t.Errorf("exit code %d: %s", code, p.said)
	}
}
