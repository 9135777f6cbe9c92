package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"smtptest/bot/bottest"
	fakediscord "smtptest/bot/playground/discord"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe/remote/fleettest"
)

// inn is a mail server at each address of 127.0.0.0/8, so that each test has one
// of its own. It counts who came, and keeps those at 127.200.0.0/16.
type inn struct {
	net.Listener
	port string

	mu   sync.Mutex
	keep chan struct{}  // closed: who was kept is answered
	came map[string]int // connections, by address
}

func newInn(t testing.TB) *inn {
	t.Helper()
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	in := &inn{Listener: l, keep: make(chan struct{}), came: map[string]int{}}
	_, in.port, _ = net.SplitHostPort(l.Addr().String())
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go in.serve(c)
		}
	}()
	return in
}

func (in *inn) serve(c net.Conn) {
	defer c.Close()
	host, _, _ := net.SplitHostPort(c.LocalAddr().String())
	in.mu.Lock()
	in.came[host]++
	keep := in.keep
	in.mu.Unlock()
	fmt.Fprint(c, "220 inn.example.test ESMTP\r\n")
	for lines := bufio.NewScanner(c); lines.Scan(); {
		switch verb, _, _ := strings.Cut(lines.Text(), " "); verb {
		case "EHLO":
			if strings.HasPrefix(host, "127.200.") {
				<-keep
			}
			fmt.Fprint(c, "250-inn.example.test\r\n250 SIZE 1000\r\n")
		default:
			fmt.Fprint(c, "221 2.0.0 bye\r\n")
			return
		}
	}
}

// answer answers those who are kept, and keeps whoever comes later.
func (in *inn) answer() {
	in.mu.Lock()
	defer in.mu.Unlock()
	close(in.keep)
	in.keep = make(chan struct{})
}

// guests is how often somebody came to an address.
func (in *inn) guests(address string) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.came[address]
}

// replicas are two processes of the bot before one Slack and one Discord, with
// three servers of NATS behind them.
type replicas struct {
	testing.TB
	servers *fleettest.Fleet
	slack   *fakeslack.Server
	discord *fakediscord.Server
	inn     *inn
	bots    [2]*replica
	halls   []string // channels of Discord
	number  int      // of tests so far
	alone   int      // times that replicas which have ended had decided alone
}

// replica is one process.
type replica struct {
	*exec.Cmd
	log   *bottest.Buffer
	admin string
}

// The limits of the replicas: small enough to be reached, and large enough for a
// load that spreads over many people and channels.
const (
	ofPerson, ofChannel, ofTarget = 5, 7, 6
	slackRooms, discordRooms      = 500, 500 // of the load
	quietRooms                    = 100      // of Slack besides
)

func newReplicas(t testing.TB) *replicas {
	t.Helper()
	r := &replicas{
		TB: t, servers: fleettest.Start(t, fleettest.Options{Nodes: 3}), inn: newInn(t),
		slack: fakeslack.New(fakeslack.Options{NoRates: true, Channels: rooms(slackRooms + quietRooms), KeepOctets: -1,
			KeepMessages: 200_000}),
		discord: fakediscord.New(fakediscord.Options{}),
	}
	t.Cleanup(r.slack.Close)
	t.Cleanup(r.discord.Close)
	for range discordRooms {
		r.halls = append(r.halls, r.discord.AddChannel(fakediscord.Channel{MostThreads: -1}))
	}
	for i := range r.bots {
		r.launch(i)
	}
	r.together()
	return r
}

// launch starts one replica.
func (r *replicas) launch(i int) {
	r.Helper()
	c := &replica{Cmd: exec.Command(itself(r)), log: &bottest.Buffer{}, admin: freeAddress(r)}
	c.Stderr = c.log
	c.Env = []string{
		beProgram + "=1", "SLACK_BOT_TOKEN=" + fakeslack.BotToken, "SLACK_APP_TOKEN=" + fakeslack.AppToken,
		"SLACK_API_URL=" + strings.TrimSuffix(r.slack.URL(), "/api/"), "DISCORD_BOT_TOKEN=" + r.discord.Token,
		"DISCORD_API_URL=" + r.discord.URL(), "SMTPTEST_NATS_URL=" + r.servers.URL(), "SMTPTEST_ADMIN_ADDR=" + c.admin,
		"SMTPTEST_ALLOW_NETWORKS=127.0.0.0/8", "SMTPTEST_ALLOW_PORTS=" + r.inn.port,
		"SMTPTEST_LIMIT_AT_ONCE=500", "SMTPTEST_LIMIT_PERSON_AT_ONCE=100",
		fmt.Sprintf("SMTPTEST_LIMIT_PERSON=%d/1m", ofPerson), fmt.Sprintf("SMTPTEST_LIMIT_CHANNEL=%d/1m", ofChannel),
		fmt.Sprintf("SMTPTEST_LIMIT_TARGET=%d/1m", ofTarget),
	}
	if err := c.Start(); err != nil {
		r.Fatal(err)
	}
	r.bots[i] = c
	r.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if r.Failed() {
			text := c.log.String()
			r.Logf("replica %d: …%s", i, text[max(0, len(text)-3000):])
		}
	})
}

// end ends one replica, and returns when it has.
func (r *replicas) end(i int, how syscall.Signal) {
	r.alone += r.bots[i].alone()
	_ = r.bots[i].Process.Signal(how)
	_ = r.bots[i].Wait()
}

// get reads a page of a replica's admin server; empty: it does not answer.
func (c *replica) get(path string) (int, string) {
	res, err := http.Get("http://" + c.admin + path)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

// alone is how often a replica has decided without the others.
func (c *replica) alone() (n int) {
	_, text := c.get("/metrics")
	for _, m := range regexp.MustCompile(`(?m)^shared_state_fallback_total\{.*\} (\d+)$`).FindAllStringSubmatch(text, -1) {
		one, _ := strconv.Atoi(m[1])
		n += one
	}
	return n
}

// together waits until both are connected everywhere and share their state.
func (r *replicas) together() {
	r.Helper()
	r.until("replicas that share", func() bool {
		for _, c := range r.bots {
			_, ready := c.get("/readyz")
			_, metrics := c.get("/metrics")
			if strings.Count(ready, `"connected"`) != 4 || !strings.Contains(metrics, "\nsmtptest_replicas 2\n") {
				return false
			}
		}
		return true
	})
}

// until waits for something that the fakes do not tell.
func (r *replicas) until(what string, ok func() bool) {
	r.Helper()
	if !r.within(45*time.Second, ok) {
		r.Fatal("there is no end of waiting for " + what)
	}
}

// within reports whether something comes true in that time.
func (r *replicas) within(limit time.Duration, ok func() bool) bool {
	for end := time.Now().Add(limit); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// attempt is a test that somebody has asked for.
type attempt struct {
	address string // its server, which no other test has, but where it was asked for
	room    string
	slack   *fakeslack.Delivery      // nil: it was asked for in Discord
	discord *fakediscord.Interaction // nil: in Slack
}

// next is the address of a server that nobody was at, in a network.
func (r *replicas) next(network int) string {
	r.number++
	return fmt.Sprintf("127.%d.%d.%d", network, r.number>>8, r.number&255)
}

func (r *replicas) target(address string) string { return address + ":" + r.inn.port }

// inSlack asks for a test without TLS, which makes one connection.
func (r *replicas) inSlack(person, room, address string) *attempt {
	d := r.slack.Command(person, room, r.target(address)+" --tls none")
	return &attempt{address: address, room: room, slack: d}
}

func (r *replicas) inDiscord(person int, room, address string) *attempt {
	r.Helper()
	i, err := r.discord.Command(member(person), room, "smtptest",
		fakediscord.Option{Name: "target", Value: r.target(address)}, fakediscord.Option{Name: "tls", Value: "none"})
	if err != nil {
		r.Fatal(err)
	}
	return &attempt{address: address, room: room, discord: i}
}

func member(n int) fakediscord.User {
	return fakediscord.User{ID: fmt.Sprint(400000000000000000 + n), Name: fmt.Sprint("member", n)}
}

// acked is how long the platform waited for its acknowledgement.
func (a *attempt) acked(ctx context.Context) (time.Duration, error) {
	if a.slack != nil {
		ack, err := a.slack.Wait(ctx)
		return ack.After, err
	}
	response, err := a.discord.Response(ctx)
	return response.Delay, err
}

// shown are the messages in the channel that are of this test.
func (r *replicas) shown(a *attempt) (all []string) {
	if a.discord != nil {
		if m, ok := a.discord.Original(); ok && !m.Loading && !m.Deleted {
			all = append(all, m.Words())
		}
		for _, m := range a.discord.Followups() {
			all = append(all, m.Words())
		}
		return all
	}
	for _, m := range r.slack.Messages(a.room) {
		if m.Thread == "" && strings.Contains(m.Text, a.address+":") {
			all = append(all, m.Text)
		}
	}
	return all
}

// over reports that an answer has its verdict.
func (r *replicas) over(a *attempt) bool {
	all := r.shown(a)
	return len(all) > 0 && !strings.Contains(all[0], "Testing")
}
