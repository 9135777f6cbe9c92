package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/everywhere"
	fakediscord "smtptest/bot/playground/discord"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
	"smtptest/probe/remote/fleettest"
)

// TestWhyPlacesAreUnavailable: each error of package remote has words of its own.
func TestWhyPlacesAreUnavailable(t *testing.T) {
	for _, kind := range []remote.ErrorKind{remote.NoEngine, remote.Absent, remote.Lost, remote.Busy, remote.Stopping,
		remote.Unable, remote.NoKey, remote.WrongKey, remote.Clock, remote.Skew, remote.Unreadable, remote.Failed} {
		u, ok := errors.AsType[*everywhere.Unavailable](unavailable(&remote.Error{Kind: kind}))
		if !ok || u.Absence == "" || (u.Absence == "fault") != (kind == remote.Unreadable || kind == remote.Failed) {
			t.Errorf("%s: %v", kind, u)
		}
	}
	if unavailable(nil) != nil || !errors.Is(unavailable(context.Canceled), context.Canceled) {
		t.Error("an error of another kind was changed")
	}
}

// speaker is a mail server without TLS.
func speaker(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fmt.Fprint(c, "220 mx.example.test ESMTP\r\n")
				for lines := bufio.NewScanner(c); lines.Scan(); {
					fmt.Fprint(c, "250 mx.example.test\r\n")
				}
			}()
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

// agents starts a process of smtptest-agent at each place and returns what knows
// them. What is set at one place alone stands in own.
func agents(t *testing.T, port uint16, own map[string]string, names ...string) *remote.Fleet {
	t.Helper()
	folder := t.TempDir()
	program := filepath.Join(folder, "smtptest-agent")
	if out, err := exec.Command("go", "build", "-o", program, "smtptest/cmd/smtptest-agent").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	user := func(name string) broker.User {
		nkey, err := broker.Seed(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		return broker.User{Name: name, Nkey: nkey}
	}
	var users []broker.User
	var places []remote.Vantage
	for _, name := range names {
		users, places = append(users, user(name)), append(places, remote.Vantage{Name: name})
	}
	servers := fleettest.Start(t, fleettest.Options{Extra: broker.Permissions(user("bot"), users)})
	for _, name := range names {
		cmd := exec.Command(program)
		cmd.Stderr = os.Stderr
		cmd.Env = []string{
			"SMTPTEST_VANTAGE=" + name, "SMTPTEST_NATS_URL=" + servers.URL(), "SMTPTEST_CONTROL_HOSTS=off",
			"SMTPTEST_NATS_NKEY_FILE=" + filepath.Join(folder, name+".nkey"), fmt.Sprintf("SMTPTEST_ALLOW_PORTS=%d", port),
			"SMTPTEST_ALLOW_NETWORKS=127.0.0.0/8",
		}
		if own[name] != "" {
			cmd.Env = append(cmd.Env, own[name])
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	}
	conn, err := broker.Connect(broker.Connection{
		Name: "smtptest-bot", URLs: strings.Split(servers.URL(), ","), Clear: true, Inbox: broker.BotInbox,
		Nkey: filepath.Join(folder, "bot.nkey"), Up: func() {}, Down: func(error) {},
		Denied: func() { t.Error("the bot is refused something") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return remote.NewFleet(conn, append(places, remote.Vantage{Name: "nowhere"}))
}

// TestRealPlaces: three processes of the agent behind a real broker, asked from both
// platforms.
func TestRealPlaces(t *testing.T) {
	if os.Getenv("SMTPTEST_REAL") != "1" {
		t.Skip("three agents and a broker: SMTPTEST_REAL=1")
	}
	server := speaker(t)
	fleet := agents(t, server.Port(), map[string]string{"paris": "SMTPTEST_DENY_NETWORKS=127.0.0.0/8"},
		"berlin", "tokyo", "paris")
	for end := time.Now().Add(20 * time.Second); ; fleet.Ask(t.Context()) {
		up := 0
		for _, a := range fleet.Agents() {
			if a.Connected {
				up++
			}
		}
		if up == 3 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%+v", fleet.Agents())
		}
	}
	b := startBothWith(t, func(h *bot.Handler) {
		policy := guard.Policy{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ports: []uint16{server.Port()}}
		h.Policy, h.Prober = policy, &probe.Local{Policy: policy}
		h.Vantages = places{fleet}
	})
	for text, parts := range map[string][]string{
		server.String() + " from tokyo": {"from tokyo"},
		server.String() + " from all": {
			"from all 3 places", "may not be tested there", "nowhere", "not connected", "berlin", "tokyo", "here",
		},
		server.String() + " from nowhere": {"nowhere is not connected"},
	} {
		b.says(text, parts)
	}
}

// says asks on both platforms, and waits until each has shown all parts.
func (b *both) says(text string, parts []string) {
	n := b.asked.Add(1)
	name, user := fmt.Sprintf("C0REAL%04d", n), fmt.Sprintf("U0REAL%04d", n)
	b.slack.SetChannel(fakeslack.Channel{ID: name})
	channel := b.discord.AddChannel(fakediscord.Channel{})
	b.slack.Command(user, name, text)
	i, err := b.discord.Command(fakediscord.User{ID: "400000000000000001", Name: user}, channel, "smtptest",
		fakediscord.Option{Name: "target", Value: text})
	if err != nil {
		b.t.Fatal(err)
	}
	lacks := func(said string) (out []string) {
		for _, p := range parts {
			if !strings.Contains(said, p) {
				out = append(out, p)
			}
		}
		return out
	}
	var slack, discord string
	for range 200 {
		if slack, discord = b.onSlack(user, name), b.onDiscord(i); len(lacks(slack))+len(lacks(discord)) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Errorf("%s: missing on Slack: %q in\n%s\nmissing on Discord: %q in\n%s", text, lacks(slack), slack, lacks(discord),
		discord)
}
