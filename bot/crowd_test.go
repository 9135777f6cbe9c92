package bot_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot"
)

// TestCrowd: eight people ask the same in one outage. One test is made and the others
// are led to it; who wants a watch gets one, whatever else is being tested.
func TestCrowd(t *testing.T) {
	for texts, want := range map[string]string{
		"silent.test from all":                  "1 Fails, 7 Already, berlin asked 1",
		"watch silent.test":                     "1 Watching:, 7 Already, berlin asked 0",
		"silent.test / watch silent.test":       "1 Failed, 1 Watching:, 6 Already, berlin asked 0",
		"silent.test / silent.test from berlin": "2 Failed, 6 Already, berlin asked 1",
	} {
		watches(t, func(t *testing.T, fx *fixture, _ *seenBoard, _ func(bot.Invocation) *recorder) {
			v, said := withVantages(fx), map[string]int{}
			var mu sync.Mutex
			var all sync.WaitGroup
			for i := range 8 {
				choice := strings.Split(texts, " / ")
				inv := by(fmt.Sprint("U", i), choice[i%len(choice)])
				all.Go(func() {
					time.Sleep(time.Duration(i) * time.Second)
					k, d := &keeper{recorder: &recorder{}}, &bot.Dispatcher{Handler: fx.Handler}
					d.Dispatch(t.Context(), inv, k)
					d.Stop(t.Context())
					mu.Lock()
					defer mu.Unlock()
					said[strings.Fields(k.final().Verdict)[0]]++
				})
			}
			all.Wait()
			got := ""
			for _, word := range []string{"Failed", "Fails", "Watching:", "Already"} {
				if said[word] > 0 {
					got += fmt.Sprintf("%d %s, ", said[word], word)
				}
			}
			if got += fmt.Sprint("berlin asked ", v.Asked("berlin")); got != want {
				t.Errorf("%s: %s, want %s", texts, got, want)
			}
		})
	}
}
