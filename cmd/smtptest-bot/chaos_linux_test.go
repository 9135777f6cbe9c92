package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe/probetest/long"
	"smtptest/probe/remote/fleettest"
)

// chaosAckP99 is the goal, whatever happens to the servers of NATS.
const chaosAckP99 = 50 * time.Millisecond

// stream is the one whose leader is killed: the limits ask it for each test.
const stream = "KV_limits"

// TestChaos: while servers of NATS are killed, halted and sent away, and replicas
// of the bot killed and restarted, each event is acknowledged in time and
// answered once; before and after it the limits are exact.
func TestChaos(t *testing.T) {
	r := newReplicas(t)
	c := &chaos{replicas: r}
	go c.watch(t.Context())
	c.hammer()
	c.twice()
	began := time.Now()
	for round := 0; round == 0 || long.Requested() && time.Since(began) < 10*time.Minute; round++ {
		stop := c.load()
		for _, blow := range []func(){c.leader, c.follower, c.halt, c.two, c.lameDuck} {
			blow()
		}
		stop()
		c.replica() // which takes with it what it has not acknowledged
	}
	c.restart()
	c.hammer()
	c.judge(time.Since(began))
}

// chaos is a load and what it met.
type chaos struct {
	*replicas
	mu     sync.Mutex
	asked  []*attempt      // each in a channel and of a person of its own
	people int             // of the load so far
	help   []string        // people who have mentioned the bot once
	acks   []time.Duration // of all events but those of hammer
	burst  []time.Duration // of these, 200 a second
	lost   []error

	// This machine has servers, bots, fakes and whatever else runs; on a real one
	// none of that is beside the bot. What is late while this very process was not
	// run either is counted apart.
	stall   time.Duration // by which this process was last late itself
	late    time.Time     // when that was
	stalled int           // events

	hammered int // so often
}

func (c *chaos) note(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// wait notes how long an acknowledgement took.
func (c *chaos) wait(to *[]time.Duration, acked func(context.Context) (time.Duration, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	took, err := acked(ctx)
	c.note(func() {
		if err != nil {
			c.lost = append(c.lost, err)
			return
		}
		if c.stall > chaosAckP99/5 && time.Since(c.late) < took+time.Second/4 && took > chaosAckP99 {
			c.stalled++
			return
		}
		*to = append(*to, took)
	})
}

// watch notes when this process itself was not run in time.
func (c *chaos) watch(ctx context.Context) {
	const every = 2 * time.Millisecond
	for last := time.Now(); ctx.Err() == nil; last = time.Now() {
		time.Sleep(every)
		if late := time.Since(last) - every; late > chaosAckP99/5 {
			c.note(func() { c.stall, c.late = late, time.Now() })
		}
	}
}

// load asks, five times a second each, for a test in Slack, one in Discord, help
// by a command, and help by a mention, until it is stopped.
func (c *chaos) load() (stop func()) {
	end, all := make(chan struct{}), sync.WaitGroup{}
	all.Go(func() {
		tick := time.NewTicker(time.Second / 5)
		defer tick.Stop()
		for ; ; c.people++ {
			n := c.people
			select {
			case <-tick.C:
			case <-end:
				return
			}
			person, room := fmt.Sprintf("U0LOAD%05d", n), rooms(slackRooms)[n%slackRooms].ID
			slack := c.inSlack(person, room, c.next(10))
			discord := c.inDiscord(n, c.halls[n%discordRooms], c.next(10))
			c.note(func() {
				c.asked = append(c.asked, slack, discord)
				c.help = append(c.help, person)
			})
			help := c.slack.Command("U0HELP"+person[6:], room, "help")
			mention := c.slack.Mention(person, room, "", "<@"+fakeslack.BotUI+"> help")
			for _, acked := range []func(context.Context) (time.Duration, error){
				slack.acked, discord.acked, (&attempt{slack: help}).acked, (&attempt{slack: mention}).acked,
			} {
				all.Go(func() { c.wait(&c.acks, acked) })
			}
		}
	})
	return func() {
		close(end)
		all.Wait()
	}
}

// The blows. After each all servers run again, and both replicas share.

func (c *chaos) leader() {
	n := c.servers.Leader(c, stream)
	n.Kill(c)
	time.Sleep(8 * time.Second) // longer than a new leader takes
	c.back(n)
}

func (c *chaos) follower() {
	n := c.servers.Follower(c, stream)
	n.Kill(c)
	time.Sleep(time.Second)
	c.back(n)
}

func (c *chaos) halt() {
	n := c.servers.Leader(c, stream)
	n.Halt(c)
	time.Sleep(6 * time.Second)
	n.Continue(c)
	c.together()
}

func (c *chaos) two() {
	one, other := c.servers.Leader(c, stream), c.servers.Follower(c, stream)
	one.Kill(c)
	other.Kill(c)
	time.Sleep(3 * time.Second)
	c.back(one, other)
}

func (c *chaos) lameDuck() {
	n := c.servers.Leader(c, stream)
	n.LameDuck(c)
	time.Sleep(3 * time.Second)
	c.back(n)
}

func (c *chaos) back(all ...*fleettest.Node) {
	for _, n := range all {
		n.Restart(c)
	}
	c.servers.Ready(c)
	c.together()
}

// replica kills one with tests that run: the other one ends their messages.
func (c *chaos) replica() {
	var kept []*attempt
	for i := range 5 {
		kept = append(kept, c.inSlack(fmt.Sprintf("U0KEPT%d", c.number), rooms(slackRooms)[slackRooms-1-i].ID, c.next(200)),
			c.inDiscord(100000+c.number, c.halls[discordRooms-1-i], c.next(200)))
	}
	for _, a := range kept {
		c.until("a test that is kept", func() bool { return len(c.shown(a)) > 0 })
	}
	time.Sleep(time.Second / 2) // within which the other one hears where the messages stand
	c.end(0, syscall.SIGKILL)
	stopped := func() (n int) {
		for _, a := range kept {
			if all := c.shown(a); strings.Contains(all[len(all)-1], "restarted before the test was over") {
				n++
			}
		}
		return n
	}
	c.until("the end of what the killed replica left", func() bool { return stopped() > 0 })
	time.Sleep(3 * time.Second) // between two looks at who is gone lie two
	before := stopped()
	c.inn.answer() // the others go on, at the replica that lives
	for _, a := range kept {
		c.until("the answer "+a.address, func() bool { return c.over(a) })
		if n := c.inn.guests(a.address); n != 1 || len(c.shown(a)) != 1 {
			c.Errorf("%s: %d connections and %q", a.address, n, c.shown(a))
		}
	}
	if stopped() != before || before == len(kept) {
		c.Errorf("%d of %d tests were ended for a replica, %d of them by it", stopped(), len(kept), before)
	}
	c.launch(0)
	c.together()
}

// restart restarts both, one after the other, and presses buttons from before.
func (c *chaos) restart() {
	last := c.asked[len(c.asked)-2] // in Slack
	c.until("the last answer", func() bool { return c.over(last) })
	for i := range c.bots {
		c.end(i, syscall.SIGTERM)
		c.launch(i)
		c.together()
	}
	m := c.slack.Messages(last.room)
	i := slices.IndexFunc(m, func(m fakeslack.Message) bool { return strings.Contains(m.Text, last.address) })
	for n := range 6 { // of which each replica gets some
		person := fmt.Sprintf("U0PRESS%d", n)
		action := regexp.MustCompile(`smtptest:more:[^"]*`).FindString(string(m[i].All()))
		c.slack.Press(person, m[i], action, "commands")
		c.until("the answer to a button of before", func() bool { return len(c.slack.Ephemerals(person)) > 0 })
		if text := c.slack.Ephemerals(person)[0].Text; strings.Contains(text, "not kept") {
			c.Errorf("a button of before the restart: %q", text)
		}
	}
}

// twice sends events twice, as Slack does where it heard no acknowledgement.
func (c *chaos) twice() {
	before := c.bots[0].alone() + c.bots[1].alone()
	for n := range 20 {
		a := c.inSlack(fmt.Sprintf("U0TWICE%d", n), rooms(slackRooms)[n].ID, c.next(10))
		c.wait(&c.acks, a.acked)
		a.slack.Again()
		c.note(func() { c.asked = append(c.asked, a) })
	}
	if n := c.bots[0].alone() + c.bots[1].alone() - before; n > 0 {
		c.Errorf("%d times a replica has decided alone, and all servers run", n)
	}
}

// hammer asks for more than each limit allows, of both replicas at once.
func (c *chaos) hammer() {
	const tries = 40
	quiet := rooms(slackRooms + quietRooms)[slackRooms:]
	person, target := fmt.Sprint("U0EVE", c.number), c.next(20)
	channel := quiet[c.hammered].ID
	c.hammered++
	ask := map[string]func(int) *attempt{
		"person":  func(n int) *attempt { return c.inSlack(person, quiet[len(quiet)/2+n].ID, c.next(20)) },
		"channel": func(int) *attempt { return c.inSlack(fmt.Sprintf("U0CH%d", c.number), channel, c.next(20)) },
		"target":  func(n int) *attempt { return c.inDiscord(200000+c.number, c.halls[n], target) },
	}
	of := map[string][]*attempt{}
	for n := range tries {
		for _, limit := range []string{"person", "channel", "target"} {
			of[limit] = append(of[limit], ask[limit](n))
		}
		c.number++
		time.Sleep(15 * time.Millisecond) // 200 a second
	}
	for limit, want := range map[string]int{"person": ofPerson, "channel": ofChannel, "target": ofTarget} {
		counted, seen := 0, map[string]bool{}
		count := func() (n int) {
			clear(seen)
			for _, a := range of[limit] {
				if !seen[a.address] {
					seen[a.address] = true
					n += c.inn.guests(a.address)
				}
			}
			return n
		}
		// Where many ask in one moment, some are told to try again in a second: they do.
		for n := 0; n < tries && !c.within(2*time.Second, func() bool { return count() >= want }); n++ {
			of[limit] = append(of[limit], ask[limit](n))
			c.number++
		}
		for _, a := range of[limit] {
			c.wait(&c.burst, a.acked)
		}
		time.Sleep(500 * time.Millisecond) // one too many would come now
		if counted = count(); counted != want {
			c.Errorf("of %d tests of one %s %d were run, want %d", len(of[limit]), limit, counted, want)
		}
	}
}

// judge looks at each event.
func (c *chaos) judge(took time.Duration) {
	answered := 0
	for _, a := range c.asked {
		c.until("the answer "+a.address, func() bool { return c.over(a) })
		if n, all := c.inn.guests(a.address), c.shown(a); n != 1 || len(all) != 1 {
			c.Errorf("%s: %d connections and the messages %q", a.address, n, all)
			continue
		}
		answered++
	}
	for _, person := range c.help {
		c.until("help", func() bool { return len(c.slack.Ephemerals(person)) > 0 })
		if n := len(c.slack.Ephemerals(person)); n != 1 {
			c.Errorf("a mention was answered %d times", n)
		}
	}
	slices.Sort(c.acks)
	slices.Sort(c.burst)
	p99 := c.acks[len(c.acks)*99/100]
	if p99 > chaosAckP99 || len(c.lost) > 0 || c.stalled > len(c.acks)/10 {
		c.Errorf("acknowledged within %s at p99, and %d never: %v", p99, len(c.lost), c.lost)
	}
	if v := append(c.slack.Violations(), c.discord.Violations()...); len(v) > 0 {
		c.Errorf("%d violations, such as %s", len(v), v[0])
	}
	alone := c.alone + c.bots[0].alone() + c.bots[1].alone()
	fmt.Printf("chaos: %d events in %.0f s, acknowledged within %.1f ms (p50), %.1f ms (p99), %.1f ms (all) "+
		"beside %d while the machine stalled, "+
		"200 a second within %.1f ms (p99); "+
		"%d of %d tests and %d of %d mentions answered once; %d times a replica decided alone\n",
		len(c.acks), took.Seconds(), ms(c.acks[len(c.acks)/2]), ms(p99), ms(c.acks[len(c.acks)-1]),
		c.stalled, ms(c.burst[len(c.burst)*99/100]), answered, len(c.asked), len(c.help), len(c.help), alone)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
