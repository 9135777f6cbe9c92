package chat

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/bot"
	"smtptest/formatting"
)

// refusal is an error of a platform that says itself what it means.
type refusal struct{ Problem }

func (r refusal) Error() string { return "refused " + r.Code }

func classify(err error) Problem {
	if r, ok := errors.AsType[refusal](err); ok {
		return r.Problem
	}
	return Problem{Kind: Transient}
}

// TestCaller lets one call fail in every way, and counts tries and time.
func TestCaller(t *testing.T) {
	transient := Problem{Kind: Transient, Code: "out_of_order"}
	for _, tt := range []struct {
		name    string
		fails   []Problem // one after the other; then it works
		tries   int
		atLeast time.Duration
		atMost  time.Duration
		outcome string
		doubts  int
	}{
		{"at once", nil, 1, 0, 0, bot.PostedOK, 0},
		{"once out of order", []Problem{transient}, 2, time.Second / 2, time.Second, bot.PostedRetried, 0},
		{"asked to wait", []Problem{{Kind: Limited, After: 7 * time.Second}}, 2, 7 * time.Second, 7 * time.Second,
			bot.PostedRetried, 0},
		{"asked to wait for ever", []Problem{{Kind: Limited, After: time.Hour}}, 2, 30 * time.Second, 30 * time.Second,
			bot.PostedRetried, 0},
		{"asked to wait, not how long", []Problem{{Kind: Limited}}, 2, time.Second / 2, time.Second, bot.PostedRetried, 0},
		{"asked to wait until we give up", []Problem{{Kind: Limited}, {Kind: Limited}, {Kind: Limited}}, 3, 0, time.Minute,
			bot.PostedLimited, 0},
		{"refused", []Problem{{Kind: Refused, Code: "no"}}, 1, 0, 0, bot.PostedRefused, 0},
		{"gone", []Problem{{Kind: Gone, Code: "no"}}, 1, 0, 0, bot.PostedRefused, 0},
		{"closed", []Problem{{Kind: Closed, Code: "no"}}, 1, 0, 0, bot.PostedRefused, 0},
		{"lost", []Problem{{Kind: Lost, Code: "no"}}, 1, 0, 0, bot.PostedRefused, 0},
		{"token refused by mistake", []Problem{{Kind: Final, Code: "auth"}}, 2, time.Second / 2, time.Second,
			bot.PostedRetried, 1},
		{"nothing comes back", []Problem{{Kind: Transient}, {Kind: Transient}, {Kind: Transient}}, 3, 0, time.Minute,
			bot.PostedNoAnswer, 0},
		{"out of order for long", []Problem{transient, transient, transient}, 3, 0, time.Minute, bot.PostedRefused, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var outcome string
				tries, doubts, began := 0, 0, time.Now()
				c := caller(t)
				c.Observer = Observer{"test", func(e bot.Event) { outcome = e.Outcome }}
				c.Doubt = func() { doubts++ }
				err := c.Do(t.Context(), "", func(context.Context) error {
					tries++
					if tries <= len(tt.fails) {
						return refusal{tt.fails[tries-1]}
					}
					return nil
				})
				took := time.Since(began)
				if tries != tt.tries || took < tt.atLeast || took > tt.atMost || outcome != tt.outcome || doubts != tt.doubts {
					t.Errorf("%d tries in %v: %s, %d doubts (%v)", tries, took, outcome, doubts, err)
				}
			})
		})
	}
}

func caller(t *testing.T) *Caller {
	return &Caller{
		Life: t.Context(), Pacer: &Pacer{}, Timeout: 10 * time.Second, Retries: 2, Backoff: Backoff{time.Second, time.Minute},
		MaxAfter: 30 * time.Second, Classify: classify, Doubt: func() {},
	}
}

// TestCallerEnds: a call ends with its context, with its time and with the
// life of all calls.
func TestCallerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		c := caller(t)
		began := time.Now()
		if err := c.Once(t.Context(), hangs); err == nil || time.Since(began) != c.Timeout {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		life, over := context.WithCancel(t.Context())
		c.Life = life
		time.AfterFunc(time.Second, over)
		began = time.Now()
		if err := c.Do(t.Context(), "", hangs); err == nil || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := c.Do(t.Context(), "C1", func(context.Context) error { t.Error("called"); return nil }); err == nil {
			t.Error("a call was made after the end")
		}
	})
}

// TestPacer: two messages in one channel keep their distance, those in two
// channels do not wait for each other.
func TestPacer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pacer{Every: time.Second}
		began := time.Now()
		var all sync.WaitGroup
		for _, channel := range []string{"a", "a", "a", "b", "b", ""} {
			all.Go(func() { p.Wait(t.Context(), channel, false) })
		}
		all.Wait()
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("three messages in one channel took %v", took)
		}
		for i := range 3 * maxPaced {
			p.Wait(t.Context(), strings.Repeat("x", i+1), false)
			time.Sleep(time.Second)
		}
		if len(p.lanes) > maxPaced {
			t.Errorf("%d channels are remembered", len(p.lanes))
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if p.Wait(ended, "a", true) || p.Wait(ended, "", true) {
			t.Error("a turn was given to nobody")
		}
	})
}

// TestUrgentGoesFirst: what people wait for is not behind what they do not, has
// a burst of its own, and says how long it will wait.
func TestUrgentGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pacer{Every: time.Second, Burst: 3, Kept: 2}
		began := time.Now()
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		ask := func(name string, urgent bool) {
			all.Go(func() {
				p.Wait(t.Context(), "a", urgent)
				mu.Lock()
				defer mu.Unlock()
				order = append(order, name+time.Since(began).String())
			})
			synctest.Wait()
		}
		for _, name := range []string{"x", "y", "z"} {
			ask(name, false)
		}
		time.Sleep(time.Second / 2)
		for _, name := range []string{"A", "B", "C", "D"} {
			ask(name, true)
		}
		if got := p.Backlog("a"); got != 2500*time.Millisecond {
			t.Errorf("the next one would wait %v", got)
		}
		all.Wait()
		if got := strings.Join(order, " "); got != "x0s A500ms B500ms C1s D2s y5s z6s" {
			t.Errorf("the order is %s", got)
		}
		p.Hold("a", time.Minute)
		if got := p.Backlog("a"); got < time.Minute-time.Second || p.Backlog("b") != 0 {
			t.Errorf("after a refusal the next one would wait %v", got)
		}
	})
}

func TestBackoff(t *testing.T) {
	b := Backoff{First: 500 * time.Millisecond, Most: 30 * time.Second}
	for attempt, most := range map[int]time.Duration{0: time.Second / 2, 1: time.Second, 2: 2 * time.Second,
		6: 30 * time.Second, 1000: 30 * time.Second} {
		for range 100 {
			if wait := b.Wait(attempt); wait < most/2 || wait > most {
				t.Fatalf("attempt %d waits %v", attempt, wait)
			}
		}
	}
}

func TestAllowList(t *testing.T) {
	const stranger, person, elsewhere = formatting.RefusedStranger, formatting.RefusedPerson, formatting.RefusedElsewhere
	ids := func(all ...string) []string { return all }
	ada := Origin{Workspaces: ids("T1", ""), Channels: ids("C1", "P1"), Person: "U1", Groups: ids("R1", "R2")}
	form := ada
	form.Channels = nil
	for _, tt := range []struct {
		name string
		list AllowList
		from Origin
		want formatting.TextID
	}{
		{"nothing is listed", AllowList{}, ada, ""},
		{"nothing is listed, nothing is known", AllowList{}, Origin{}, ""},
		{"workspace", AllowList{Workspaces: ids("T0", "T1")}, ada, ""},
		{"another workspace", AllowList{Workspaces: ids("T0")}, ada, stranger},
		{"no workspace is known of us", AllowList{Workspaces: ids("", "")}, ada, stranger},
		{"no workspace of theirs", AllowList{Workspaces: ids("T1")}, Origin{Person: "U1"}, stranger},
		{"person", AllowList{People: ids("U1")}, ada, ""},
		{"another person", AllowList{People: ids("U2")}, ada, person},
		{"group", AllowList{Groups: ids("R2")}, ada, ""},
		{"another group", AllowList{Groups: ids("R3")}, ada, person},
		{"another group, but the person", AllowList{Groups: ids("R3"), People: ids("U1")}, ada, ""},
		{"another person, but the group", AllowList{Groups: ids("R1"), People: ids("U2")}, ada, ""},
		{"channel", AllowList{Channels: ids("C1")}, ada, ""},
		{"what the channel belongs to", AllowList{Channels: ids("P1")}, ada, ""},
		{"another channel", AllowList{Channels: ids("C2")}, ada, elsewhere},
		{"a channel without a name", AllowList{Channels: ids("")}, Origin{Channels: ids("", "")}, elsewhere},
		{"no channel at all", AllowList{Channels: ids("C2")}, form, ""},
		{"a stranger before all", AllowList{Workspaces: ids("T2"), People: ids("U2"), Channels: ids("C2")}, ada, stranger},
	} {
		if got := tt.list.Refuses(tt.from); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestJobs: a full queue takes notes alone, a panic ends nothing, and what
// waits at the end is done.
func TestJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		j := NewJobs(slog.New(slog.NewTextHandler(&log, nil)), Observer{}, 2, 1)
		var done []string
		job := func(name string) func() { return func() { done = append(done, name) } }
		taken := []bool{j.Later(job("a")), j.Later(func() { panic("hunter2") }), j.Later(job("c")), j.Note(job("d")),
			j.Note(job("e"))}
		for i, want := range []bool{true, true, false, true, false} {
			if taken[i] != want {
				t.Errorf("number %d: taken %v", i, taken[i])
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		j.Work(ctx)
		if strings.Join(done, "") != "ad" || j.Waiting() != 0 {
			t.Errorf("done: %v", done)
		}
		if text := log.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "panic=string") {
			t.Errorf("the log says %s", text)
		}
		waiting, stop := context.WithCancel(t.Context())
		go j.Work(waiting)
		synctest.Wait()
		j.Later(job("f"))
		synctest.Wait()
		if strings.Join(done, "") != "adf" {
			t.Errorf("done: %v", done)
		}
		stop()
	})
}

// TestAsync: a job comes after the acknowledgement; where too much waits, who
// asked is told so by the acknowledgement, by a note, or not at all.
func TestAsync(t *testing.T) {
	for _, tt := range []struct {
		name   string
		queued int
		said   bool // the acknowledgement can say it
		want   string
	}{
		{"at once", 0, true, "acked job"},
		{"too much", 2, true, "acked-busy"},
		{"too much, and the acknowledgement cannot say it", 2, false, "acked-busy told"},
		{"far too much", 3, false, "acked-busy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var events, heard []string
			o := Observer{"test", func(e bot.Event) { events = append(events, e.Outcome) }}
			j := NewJobs(slog.New(slog.DiscardHandler), o, 2, 1)
			for range tt.queued {
				j.Note(func() {})
			}
			say := func(word string) func(context.Context) {
				return func(context.Context) { heard = append(heard, word) }
			}
			j.Async(say("job"), func(busy bool) bool {
				say(map[bool]string{false: "acked", true: "acked-busy"}[busy])(nil)
				return tt.said
			}, say("told"))
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			j.Work(ended)
			if got := strings.Join(heard, " "); got != tt.want || (len(events) > 0) != (tt.queued > 0) {
				t.Errorf("heard %q, events %v", got, events)
			}
		})
	}
}

// TestTogether: the first fatal end ends all, and what merely fails is none.
func TestTogether(t *testing.T) {
	fatal := &Fatal{Code: "auth", Says: "Refused."}
	waits := func(ctx context.Context) error { <-ctx.Done(); return nil }
	ends := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	for _, tt := range []struct {
		name  string
		parts []func(context.Context) error
		want  error
	}{
		{"all is done", []func(context.Context) error{ends(nil), ends(nil)}, nil},
		{"one is fatal", []func(context.Context) error{waits, ends(nil), ends(fatal)}, fatal},
		{"one fails", []func(context.Context) error{waits, ends(errors.New("broken"))}, nil},
	} {
		if err := Together(t.Context(), tt.parts...); err != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestDoubts: a refusal ends a bot only when it comes again.
func TestDoubts(t *testing.T) {
	fatal := &Fatal{Code: "auth", Says: "Refused."}
	answers := []error{nil, errors.New("out of order"), fatal}
	d := NewDoubts()
	d.Note()
	d.Note()
	asked := 0
	err := d.Settle(t.Context(), func(context.Context) error {
		asked++
		d.Note()
		return answers[asked-1]
	})
	if err != fatal || asked != 3 || err.Error() != "Refused." {
		t.Errorf("%v after %d", err, asked)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := NewDoubts().Settle(ended, nil); err != nil {
		t.Error(err)
	}
}

// TestIntroduction: a platform is asked until it answers, or refuses.
func TestIntroduction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		fatal := &Fatal{Code: "auth", Says: "Refused."}
		i := Introduction{
			Backoff: Backoff{time.Second, time.Minute}, Name: error.Error, Log: slog.New(slog.NewTextHandler(&log, nil)),
		}
		for _, last := range []error{nil, fatal} {
			asked, began := 0, time.Now()
			i.Check = func(context.Context) ([]string, error) {
				if asked++; asked < 3 {
					return nil, errors.New("out of order")
				}
				return []string{"a scope is missing"}, last
			}
			err := i.Make(t.Context())
			if took := time.Since(began); asked != 3 || took < 3*time.Second/2 || took > 3*time.Second ||
				(err == fatal) != (last == fatal) {
				t.Errorf("%v: asked %d times in %v", err, asked, took)
			}
		}
		if !strings.Contains(log.String(), "a scope is missing") || !strings.Contains(log.String(), "out of order") {
			t.Errorf("the log says %s", &log)
		}
	})
}
