package bot_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/bot"
	"smtptest/bot/watch"
	"smtptest/formatting"
)

// keeper is a responder whose message can be changed later.
type keeper struct {
	*recorder
	job *bot.Job
}

// Answer implements Responder.
func (k *keeper) Answer(ctx context.Context, a bot.Answer) {
	k.job = a.Job
	k.recorder.Answer(ctx, a)
}

// Update implements Responder.
func (k *keeper) Update(ctx context.Context, u bot.Update) {
	k.recorder.Update(ctx, u)
	k.job.Kept(watch.Spot{Channel: "C1", Message: "m", Thread: "m"})
}

// seenBoard keeps the last message of each kind.
type seenBoard struct{ edits, replies, ends, told []formatting.Message }

func (b *seenBoard) Edit(_ context.Context, _ watch.Spot, m formatting.Message) error {
	b.edits = append(b.edits, m)
	return nil
}

func (b *seenBoard) End(_ context.Context, _ watch.Spot, m formatting.Message) error {
	b.ends = append(b.ends, m)
	return nil
}

func (b *seenBoard) Reply(_ context.Context, _ watch.Spot, m formatting.Message) error {
	b.replies = append(b.replies, m)
	return nil
}

func (b *seenBoard) Announce(_ context.Context, _ watch.Spot, m formatting.Message) error {
	b.told = append(b.told, m)
	return nil
}

// watches begins watches in a bubble.
func watches(t *testing.T, f func(*testing.T, *fixture, *seenBoard, func(bot.Invocation) *recorder)) {
	t.Helper()
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		b := &seenBoard{}
		fx.Handler.Watches.Attach("console", b)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			fx.Handler.Watches.Run(ctx)
			close(done)
		}()
		d := &bot.Dispatcher{Handler: fx.Handler}
		f(t, fx, b, func(inv bot.Invocation) *recorder {
			k := &keeper{recorder: &recorder{}}
			d.Dispatch(t.Context(), inv, k)
			time.Sleep(15 * time.Second) // comparisons of others are waited for
			synctest.Wait()              // what the board was shown can be read
			return k.recorder
		})
		d.Stop(t.Context())
		cancel()
		<-done
	})
}

// TestWatchCounts: a watch counts as one test for the person, each of its tests
// for the server; what else is asked in the channel goes on.
func TestWatchCounts(t *testing.T) {
	watches(t, func(t *testing.T, fx *fixture, b *seenBoard, do func(bot.Invocation) *recorder) {
		do(by("U1", "watch overloaded.test:587"))
		time.Sleep(5 * time.Minute)
		for range 10 {
			if m := do(by("U1", "good.test:587")).final(); !strings.HasPrefix(m.Verdict, "Works") {
				t.Fatalf("the person cannot test: %+v", m)
			}
			time.Sleep(time.Second)
		}
		tests := 0
		for _, r := range fx.Records() {
			if r.Kind == bot.KindWatch {
				tests++
			}
		}
		if tests < 12 || len(b.edits) != tests {
			t.Errorf("%d tests, %d edits", tests, len(b.edits))
		}
	})
}

// TestWatchLimits: the fourth in a channel is tested, and the answer says why it
// is not watched; so is the same one twice.
func TestWatchLimits(t *testing.T) {
	watches(t, func(t *testing.T, _ *fixture, _ *seenBoard, do func(bot.Invocation) *recorder) {
		for _, host := range []string{"overloaded", "hangup", "too-many"} {
			if m := do(by("U"+host, "watch "+host+".test:587")).final(); !strings.HasPrefix(m.Verdict, "Watching: ") {
				t.Fatalf("%s: %+v", host, m)
			}
		}
		for host, why := range map[string]string{
			"reset": "3 servers are watched in this channel", "overloaded": "watched twice",
		} {
			m := do(by("U1", "watch "+host+".test:587")).final()
			if notes := strings.Join(m.Notes, " "); !strings.HasPrefix(m.Verdict, "Failed") || !strings.Contains(notes, why) {
				t.Errorf("%s: %s %s", host, m.Verdict, notes)
			}
		}
	})
}

// TestWatchButtons: under a failure only; what is stopped can be started again,
// also after a restart; who presses Stop on a watch that nobody keeps is told so.
func TestWatchButtons(t *testing.T) {
	watches(t, func(t *testing.T, fx *fixture, b *seenBoard, do func(bot.Invocation) *recorder) {
		for _, a := range do(by("U1", "good.test:587")).final().Actions {
			if a.Verb == "watch" {
				t.Error("what works can be watched until it works")
			}
		}
		failed := do(by("U1", "overloaded.test:587")).action(t, "watch")
		stop := do(press("U2", "watch", failed.Run, "")).action(t, "stop")
		elsewhere := press("U3", "stop", stop.Run, "")
		elsewhere.Place.Channel = "C2"
		refusedWith(t, do(elsewhere), formatting.RunElsewhere, "another channel")
		do(press("U3", "stop", stop.Run, ""))
		if len(b.ends) != 1 || !strings.Contains(strings.Join(b.ends[0].Notes, " "), "stopped by @U3") {
			t.Fatalf("%+v", b.ends)
		}
		fx.restarted()
		again := press("U2", "watch", b.ends[0].Actions[0].Run, "")
		again.Press.Request = b.ends[0].Actions[0].Request
		if m := do(again).final(); !strings.HasPrefix(m.Verdict, "Watching: ") {
			t.Errorf("after a restart: %+v", m)
		}
		gone := press("U2", "stop", stop.Run, "")
		gone.Press.Request = stop.Request
		if r := do(gone); !r.answers[0].Replace || r.action(t, "watch").Request != stop.Request {
			t.Errorf("a watch that nobody keeps: %+v", r.answers[0])
		}
	})
}
