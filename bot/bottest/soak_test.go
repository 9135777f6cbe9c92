package bottest_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/discordbot"
	fakediscord "smtptest/bot/playground/discord"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/bot/slackbot"
	"smtptest/probe/probetest/long"
	"smtptest/probe/secret"
)

// soakFor is twenty seconds in .ci/run; ten minutes are for whoever changes an
// adapter.
var soakFor = flag.Duration("soak", 20*time.Second, "how long the soak runs, with -long")

// TestSoak lets people ask on Slack and Discord while servers are sick, the platform
// misbehaves and the bot is stopped and started: every command that the bot has
// acknowledged gets an answer, and nothing grows.
func TestSoak(t *testing.T) {
	long.Only(t)
	w, err := bottest.NewFixture()
	if err != nil {
		t.Fatal(err)
	}
	slack := fakeslack.New(fakeslack.Options{NoRates: true, Seed: 1, KeepOctets: -1, KeepMessages: 200_000,
		SlowBy: 50 * time.Millisecond})
	defer slack.Close()
	log := slog.New(bot.RedactingHandler(slog.NewTextHandler(io.Discard, nil)))
	discord := fakediscord.New(fakediscord.Options{
		Octets: 8 << 20, Chaos: fakediscord.Chaos{Seed: 1, Requests: 0.05, Slow: 50 * time.Millisecond, Repeats: 0.05},
	})
	defer discord.Close()
	begin := func() *bottest.Process {
		d := &bot.Dispatcher{Handler: w.Handler}
		s := slackbot.New(slackbot.Config{
			BotToken: secret.New(fakeslack.BotToken), AppToken: secret.New(fakeslack.AppToken),
			APIURL: strings.TrimSuffix(slack.URL(), "/api/"), Teams: []string{fakeslack.Team}, Log: log,
		}, d)
		c := discordbot.Config{BotToken: secret.New(discord.Token), APIURL: discord.URL(), Log: log}
		return bottest.Start(d, s, discordbot.New(c, d))
	}
	for i := range 200 {
		slack.SetChannel(fakeslack.Channel{ID: fmt.Sprintf("C0SOAK%03d", i), Name: fmt.Sprintf("soak%d", i)})
	}
	slack.Chaos(map[fakeslack.Fault]float64{
		fakeslack.TooManyBare: 0.01, fakeslack.ServerError: 0.02, fakeslack.CutBefore: 0.01, fakeslack.CutAfter: 0.005,
		fakeslack.Slow:     0.02,
		fakeslack.Internal: 0.01, fakeslack.Truncated: 0.005, fakeslack.Duplicate: 0.03, fakeslack.Drop: 0.003,
		fakeslack.Refresh: 0.003,
	})
	s := &soak{t: t, slack: slack, discord: discord}
	for i := range 50 {
		s.channels = append(s.channels, discord.AddChannel(fakediscord.Channel{Name: fmt.Sprintf("soak%d", i),
			MostThreads: -1}))
	}
	s.run(begin)
	s.check()
}

// soak is the record of who asked what.
type soak struct {
	t        *testing.T
	slack    *fakeslack.Server
	discord  *fakediscord.Server
	channels []string // of Discord

	mu       sync.Mutex
	asked    map[string]string                   // what, by the person on Slack; each asks once
	promised map[*fakediscord.Interaction]string // what, by the interaction that was answered on Discord
	stops    int
}

// run asks for as long as the soak lasts.
func (s *soak) run(begin func() *bottest.Process) {
	s.asked, s.promised = map[string]string{}, map[*fakediscord.Interaction]string{}
	chance := rand.New(rand.NewPCG(1, 2))
	p := begin()
	end := time.Now().Add(*soakFor)
	nextStop := time.Now().Add(*soakFor / 3)
	var waiting sync.WaitGroup
	time.Sleep(time.Second) // until all are connected
	before := measure()
	hosts := append(bottest.Quick(), "dropped", "stopped")
	for n := 0; time.Now().Before(end); n++ {
		host := hosts[n%len(hosts)]
		if n%3 == 0 {
			waiting.Go(func() { s.interact(n, host) })
		}
		waiting.Go(func() { s.ask(fmt.Sprintf("U0S%06d", n), fmt.Sprintf("C0SOAK%03d", n%200), host) })
		time.Sleep(time.Duration(15+chance.IntN(20)) * time.Millisecond)
		if time.Now().After(nextStop) {
			_ = p.Stop(2 * time.Second)
			s.stops++
			p = begin()
			nextStop = time.Now().Add(time.Duration(5+chance.IntN(10)) * time.Second)
		}
	}
	s.slack.Chaos(nil)
	waiting.Wait()
	_ = p.Stop(time.Minute)
	s.flat(before)
}

// ask types one command, and notes it if the bot has taken it.
func (s *soak) ask(person, channel, host string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ack, err := s.slack.Command(person, channel, host+".test").Wait(ctx)
	if err != nil || len(ack.Payload) > 0 {
		return // the platform has told the person, or the answer was in the acknowledgement
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[person] = host
}

// interact is ask on Discord.
func (s *soak) interact(n int, host string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	person := fakediscord.User{ID: fmt.Sprint(500_000_000_000_000_000 + n), Name: "soak"}
	i, err := s.discord.Command(person, s.channels[n%len(s.channels)], "smtptest",
		fakediscord.Option{Name: "target", Value: host + ".test"})
	if err != nil {
		return // the command is not registered yet
	}
	if r, err := i.Response(ctx); err != nil || r.Ephemeral {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.promised[i] = host
}

// kept reports that a promise on Discord was kept: the message shows how it
// ended, or is taken back and the person was told.
func kept(i *fakediscord.Interaction) bool {
	if m, ok := i.Original(); ok && !m.Deleted && m.Content != "" && !strings.Contains(m.Content, "⏳") {
		return true
	}
	return len(i.Followups()) > 0
}

// check looks for the answer of each person who was promised one.
func (s *soak) check() {
	answered := map[string]bool{}
	for i := range 200 {
		for _, m := range s.slack.Messages(fmt.Sprintf("C0SOAK%03d", i)) {
			if m.Bot && m.Thread == "" && !m.Deleted && !strings.Contains(string(m.All()), "⏳") {
				answered[personIn(m.All())] = true
			}
		}
	}
	lost := 0
	for person, host := range s.asked {
		if answered[person] || len(s.slack.Ephemerals(person)) > 0 {
			continue
		}
		if lost++; lost <= 5 {
			s.t.Errorf("%s asked for %s and got no answer", person, host)
		}
	}
	for i, host := range s.promised {
		if !kept(i) {
			if lost++; lost <= 5 {
				m, ok := i.Original()
				s.t.Errorf("a promise on Discord for %s was not kept: %v %q", host, ok, m.Content)
			}
		}
	}
	s.t.Logf("asked %d on Slack and %d on Discord, lost %d, stops %d, faults %v", len(s.asked), len(s.promised), lost,
		s.stops, s.slack.Faults())
	if lost > 0 || len(s.asked) < int(*soakFor/(200*time.Millisecond)) {
		s.t.Errorf("%d of %d answers were lost", lost, len(s.asked))
	}
}

// personIn is the person whom a message names.
func personIn(blocks json.RawMessage) string {
	_, rest, _ := strings.Cut(string(blocks), "Asked by ")
	if end := strings.IndexAny(rest, ` "`); end > 0 {
		return rest[:end]
	}
	return ""
}

// footprint is what must not grow.
type footprint struct {
	heap       uint64
	goroutines int
	files      int
}

func measure() footprint {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, _ := os.ReadDir("/proc/self/fd")
	return footprint{m.HeapAlloc, runtime.NumGoroutine(), len(files)}
}

// flat compares with the start, when everything was running already. What the
// fake remembers of messages is a part of the heap.
func (s *soak) flat(before footprint) {
	const perAnswer = 200 << 10 // octets that the fake and the run store may keep of each
	after := measure()
	for range 100 {
		if after.goroutines <= before.goroutines && after.files <= before.files {
			break
		}
		time.Sleep(50 * time.Millisecond)
		after = measure()
	}
	s.t.Logf("before %+v, after %+v", before, after)
	if after.goroutines > before.goroutines || after.files > before.files ||
		after.heap > before.heap+uint64(len(s.asked))*perAnswer+(64<<20) {
		s.t.Errorf("it grows: %+v, then %+v", before, after)
	}
}
