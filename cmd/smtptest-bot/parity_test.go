package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/discordbot"
	fakediscord "smtptest/bot/playground/discord"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/bot/results"
	"smtptest/bot/slackbot"
	"smtptest/probe/probetest"
	"smtptest/probe/probetest/long"
	"smtptest/probe/secret"
)

// both is one handler behind both adapters.
type both struct {
	t       *testing.T
	slack   *fakeslack.Server
	discord *fakediscord.Server
	asked   *atomic.Int64 // cases
}

func startBoth(t *testing.T) *both {
	t.Helper()
	return startBothWith(t, func(*bot.Handler) {})
}

// startBothWith changes the handler before anybody uses it.
func startBothWith(t *testing.T, change func(*bot.Handler)) *both {
	t.Helper()
	servers, err := bottest.NewFixture()
	if err != nil {
		t.Fatal(err)
	}
	servers.Handler.Limiter = comparing{servers.Handler.Limiter}
	change(servers.Handler)
	b := &both{t, fakeslack.New(fakeslack.Options{}), fakediscord.New(fakediscord.Options{}), &atomic.Int64{}}
	t.Cleanup(b.slack.Close)
	t.Cleanup(b.discord.Close)
	log := slog.New(slog.DiscardHandler)
	d := &bot.Dispatcher{Handler: servers.Handler}
	p := bottest.Start(d,
		slackbot.New(slackbot.Config{
			BotToken: secret.New(fakeslack.BotToken), AppToken: secret.New(fakeslack.AppToken),
			APIURL: strings.TrimSuffix(b.slack.URL(), "/api/"), Log: log,
		}, d),
		discordbot.New(discordbot.Config{
			BotToken: secret.New(b.discord.Token), APIURL: b.discord.URL(), LoginForm: true, Log: log,
		}, d),
	)
	t.Cleanup(func() { _ = p.Stop(time.Second) })
	for range 400 {
		if b.slack.Sockets() > 1 && b.discord.Connected() == 1 && len(b.discord.Commands("")) == 3 {
			return b
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("the adapters do not connect")
	return nil
}

// comparing lets each test make its comparisons, where the second platform's
// would say that it has those of the first.
type comparing struct{ results.Limiter }

// Take implements results.Limiter.
func (l comparing) Take(all ...results.Claim) (results.Receipt, *results.Refusal) {
	if len(all) == 1 && all[0].Scope == results.PerComparison {
		return l.Limiter.Take()
	}
	return l.Limiter.Take(all...)
}

// TestBothSayTheSame asks for each case on both platforms, and without -long
// for those that are quick. What people are told is the same: the words, in
// whatever shape.
func TestBothSayTheSame(t *testing.T) {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	if !long.Requested() {
		all = slices.DeleteFunc(all, func(c *probetest.Case) bool { return !slices.Contains(bottest.Quick(), c.Name) })
	}
	b := startBoth(t)
	for _, c := range b.compareAll(all) { // what differed because the machine was busy differs no more alone
		if only := b.compare(c); len(only) > byChance {
			t.Errorf("%s: one alone says %q", c.Name, only)
		}
	}
}

// compareAll asks for many cases at once, and gives those in which the two
// differ.
func (b *both) compareAll(all []*probetest.Case) (differ []*probetest.Case) {
	const atOnce = 60
	slots := make(chan struct{}, atOnce)
	var asking sync.WaitGroup
	var mu sync.Mutex
	for _, c := range all {
		if c.Request.Login != nil || slices.Contains(fresh(), c.Name) {
			continue // no password is typed into a command
		}
		slots <- struct{}{}
		asking.Go(func() {
			defer func() { <-slots }()
			if only := b.compare(c); len(only) > byChance {
				mu.Lock()
				defer mu.Unlock()
				differ = append(differ, c)
			}
		})
	}
	asking.Wait()
	return differ
}

// compare asks for a case on both platforms, and gives the words that one
// alone says.
func (b *both) compare(c *probetest.Case) []string {
	n := b.asked.Add(1)
	target := fmt.Sprintf("%s.test:%d --timeout 12s", c.Name, c.Request.Target.Port)
	name, user := fmt.Sprintf("C0CASE%04d", n), fmt.Sprintf("U0CASE%04d", n)
	b.slack.SetChannel(fakeslack.Channel{ID: name})
	channel := b.discord.AddChannel(fakediscord.Channel{})
	b.slack.Command(user, name, target)
	i, err := b.discord.Command(fakediscord.User{ID: "400000000000000001", Name: user}, channel, "smtptest",
		fakediscord.Option{Name: "target", Value: target})
	if err != nil {
		b.t.Error(err)
		return nil
	}
	var slack, discord string
	for range 400 {
		slack, discord = b.onSlack(user, name), b.onDiscord(i)
		if over(slack) && over(discord) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	here, there := wordsOf(slack), wordsOf(discord)
	return slices.Concat(missing(here, there), missing(there, here))
}

// byChance is how many words may differ between two runs of one case: whether
// a step took long enough to be named, what a server draws by lot.
const byChance = 3

// missing are the words of one answer that another has not.
func missing(of, in map[string]bool) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(of)), func(w string) bool { return in[w] })
}

// fresh are cases in which every run says something else: random octets, and
// a limit that a busy machine reaches earlier. The lines of the last one are so
// long that one platform has its transcript in a file alone.
func fresh() []string {
	return []string{"tls-on-plain-port", "run-timeout", "ehlo-slow", "slow", "long-line"}
}

// over reports that the evidence is there, or a refusal.
func over(text string) bool {
	return slices.ContainsFunc([]string{"Transcript", "Lookup", "⛔", "Not done"},
		func(s string) bool { return strings.Contains(text, s) })
}

// word is a word of letters, not too long: numbers and what they belong to
// differ between two runs, and each platform breaks endless words elsewhere.
// Advice names options as its place has them: those words do not count.
var word = regexp.MustCompile(`[A-Za-z]{3,}`)

const maxWordLetters = 30

// aboutFiles are the words with which a long transcript is cut: each platform
// has room for another part of it.
var aboutFiles = regexp.MustCompile(`[0-9,]+ of [0-9,]+ lines shown[^\n]*|smtptest-transcript[^\n]*`)

// localTime is a time, which each platform writes in its own way.
var localTime = regexp.MustCompile(`<!date[^>]*>|<t:[^>]*>|[-0-9]+ [:0-9]+ UTC`)

func wordsOf(text string) map[string]bool {
	all := map[string]bool{}
	for _, w := range word.FindAllString(localTime.ReplaceAllString(aboutFiles.ReplaceAllString(text, ""), ""), -1) {
		if len(w) <= maxWordLetters && !slices.Contains([]string{"add", "command", "set", "option"}, w) {
			all[w] = true
		}
	}
	return all
}

// onSlack is all that Slack shows of an answer.
func (b *both) onSlack(user, channel string) string {
	var all strings.Builder
	for _, m := range b.slack.Messages(channel) {
		if text := texts(m.All()); !m.Deleted && !strings.HasPrefix(text, "⏳") {
			all.WriteString(text)
		}
	}
	for _, m := range b.slack.Ephemerals(user) {
		all.WriteString(texts(m.All()))
	}
	return all.String()
}

// texts are all texts of a piece of JSON.
func texts(raw json.RawMessage) string {
	var all strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if text, ok := v["text"].(string); ok {
				all.WriteString(text + "\n")
			}
			for _, key := range slices.Sorted(maps.Keys(v)) {
				if key != "elements" || v["type"] != "actions" {
					walk(v[key])
				}
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		walk(v)
	}
	return all.String()
}

// onDiscord is all that Discord shows of an answer.
func (b *both) onDiscord(i *fakediscord.Interaction) string {
	var all strings.Builder
	m, _ := i.Original()
	for _, m := range append(append([]fakediscord.Message{m}, i.Followups()...), b.discord.Messages(m.ID)...) {
		all.WriteString(strings.ReplaceAll(m.Words(), "```text", "") + "\n")
	}
	return all.String()
}
