package watch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/formatting"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
	"smtptest/formatting/timeline"
	"smtptest/probe"
	"smtptest/probe/diagnosis/outage"
)

// scenarios are outcomes over time, one letter for each test: F failed, W worked,
// U inconclusive, L left out for a limit, D denied, G: it fails, and the message
// is gone. The last one repeats. Behind a blank stands when somebody does
// something: stop, restart. What everybody sees is in testdata/NAME.watch.
var scenarios = map[string]string{
	"works-after-three":   "FFFW",
	"works-all-the-time":  "W",
	"never-works":         "F",
	"turns-back":          "FFWWWFFFFWW",
	"intermittent":        "FWFWFWFWFWWWFFWWFFWWFFWWF",
	"once-in-between":     "FFFWFFFFFW",
	"inconclusive-first":  "UUUFFFW",
	"limit":               "FFLLFW",
	"stopped":             "F 1m40s stop",
	"restarted":           "FFWW 1m40s restart",
	"denied":              "FFD",
	"gone":                "FFG",
	"works-then-fails":    "WWWFFFWWW",
	"slow-and-then-works": "FFSSW",
}

func TestScenarios(t *testing.T) {
	goldens := formattest.Goldens{Files: "testdata/*.watch"}
	for name, what := range scenarios {
		goldens.Compare(t, name, func(t *testing.T) string {
			var got string
			synctest.Test(t, func(t *testing.T) { got = played(t, what) })
			return got
		})
	}
	goldens.LeftOver(t)
}

// played carries one scenario out and writes down what everybody sees.
func played(t *testing.T, what string) string {
	outcomes, event, _ := strings.Cut(what, " ")
	w := newWorld(t, outcomes)
	r := w.begin("ada", "C1", "mx.example.test")
	if after, does, ok := strings.Cut(event, " "); ok {
		wait, err := time.ParseDuration(after)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait)
		switch does {
		case "stop":
			w.service.Stop(r.Place, r.ID, formatting.Person{Name: "bo"})
		case "restart":
			w.service.Close(t.Context())
		}
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	if _, ok, _ := w.service.Schedule.Get(t.Context(), r.ID); ok {
		t.Error("it goes on after an hour")
	}
	return w.log.String()
}

// world is a service whose servers do what a scenario says.
type world struct {
	t       *testing.T
	service *watch.Service
	began   time.Time

	mu       sync.Mutex
	outcomes string
	log      strings.Builder
	verdict  string // of the last edit
	edits    int    // that say no more than it did, and are not written down
}

func newWorld(t *testing.T, outcomes string) *world {
	w := &world{t: t, outcomes: outcomes, began: time.Now()}
	w.service = &watch.Service{
		Schedule: watch.NewMemory(), Test: w.test,
		Actions: func(_ watch.Row, over bool) []formatting.Action {
			return []formatting.Action{{Verb: map[bool]string{false: "stop", true: "watch"}[over]}}
		},
	}
	w.service.Attach(formatting.Slack, w)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		w.service.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
	return w
}

// begin is the first test of a watch, and its beginning.
func (w *world) begin(person, channel, host string) watch.Row {
	w.t.Helper()
	r, full := w.try(person, channel, host)
	if full != "" {
		w.t.Fatalf("refused: %s", full)
	}
	return r
}

func (w *world) try(person, channel, host string) (watch.Row, watch.Limit) {
	r := watch.Row{
		ID: results.NewID(), Place: results.Place{Platform: formatting.Slack, Workspace: "T1", Channel: channel},
		Person:  formatting.Person{ID: "U" + person, Name: person},
		Command: command.Command{Request: probe.Request{Target: probe.Target{Host: host, Port: 587}}},
	}
	full, err := w.service.New(w.t.Context(), &r, w.test(w.t.Context(), r))
	if err != nil {
		w.t.Fatal(err)
	}
	if full == "" {
		r.At = watch.Spot{Channel: channel, Message: "1.0", Thread: "1.0"}
		if err := w.service.Begin(w.t.Context(), r); err != nil {
			w.t.Fatal(err)
		}
	}
	return r, full
}

// test is the next outcome.
func (w *world) test(context.Context, watch.Row) watch.Tested {
	w.mu.Lock()
	next := w.outcomes[0]
	if len(w.outcomes) > 1 {
		w.outcomes = w.outcomes[1:]
	}
	w.mu.Unlock()
	began := time.Now().UTC()
	took := 200 * time.Millisecond
	if next == 'S' { // longer than from one test to the next
		took = 40 * time.Second
	}
	time.Sleep(took)
	heads := map[byte]timeline.Head{
		'W': {Tone: formatting.ToneGood, Verdict: "Works: TLS tested, login not tested", Fact: "TLS 1.3 · 200 ms"},
		'F': {
			Tone: formatting.ToneBad, Verdict: "Failed at greeting", Fact: "The server is overloaded · 200 ms",
			Quote: []string{"421 4.3.2 Too busy"}, Try: "Wait until the load is gone.", Owner: "the server's operators",
		},
		'U': {Tone: formatting.ToneUnsure, Verdict: "Inconclusive from here", Fact: "This network blocks port 587"},
	}
	kinds := map[byte]outage.Kind{'W': outage.Works, 'F': outage.Fails, 'S': outage.Fails, 'U': outage.Unsure,
		'G': outage.Fails}
	switch next {
	case 'D':
		return watch.Tested{Denied: true}
	case 'L':
		return watch.Tested{Missed: "The newest test was left out."}
	case 'S', 'G':
		heads[next] = heads['F']
	}
	return watch.Tested{
		Seen: outage.Seen{At: began, Kind: kinds[next], Took: took}, Last: heads[next], Link: "https://chat.example.test/p1",
	}
}

func (w *world) write(what string, m formatting.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if what == "edit" && m.Verdict == w.verdict {
		w.edits++
		return
	}
	if w.edits > 0 {
		fmt.Fprintf(&w.log, "   … %d edits\n", w.edits)
	}
	w.edits = 0
	at := time.Since(w.began).Round(time.Second)
	fmt.Fprintf(&w.log, "+%02d:%02d %s\n", int(at.Minutes()), int(at.Seconds())%60, what)
	w.log.WriteString(plain.Head(m, plain.Style{}))
	for _, a := range m.Actions {
		fmt.Fprintf(&w.log, "   [%s]\n", a.Verb)
	}
	if what == "edit" {
		w.verdict = m.Verdict
	}
}

// Edit implements watch.Board.
func (w *world) Edit(_ context.Context, _ watch.Spot, m formatting.Message) error {
	w.mu.Lock()
	gone := w.outcomes == "G"
	w.mu.Unlock()
	if gone {
		return watch.ErrGone
	}
	w.write("edit", m)
	return nil
}

// End implements watch.Board.
func (w *world) End(_ context.Context, _ watch.Spot, m formatting.Message) error {
	w.write("end", m)
	return nil
}

// Reply implements watch.Board.
func (w *world) Reply(_ context.Context, _ watch.Spot, m formatting.Message) error {
	w.write("in the thread", m)
	return nil
}

// Announce implements watch.Board.
func (w *world) Announce(_ context.Context, _ watch.Spot, m formatting.Message) error {
	w.write("in the channel", m)
	return nil
}

// TestLimits: so many at once in a channel, of a person, of a server; the same
// once; and places come back.
func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "F")
		var all []watch.Row
		for i := range watch.PerChannel {
			all = append(all, w.begin(fmt.Sprint("p", i), "C1", fmt.Sprintf("mx%d.example.test", i)))
		}
		for _, tt := range []struct {
			person, channel, host string
			full                  watch.Limit
		}{
			{"bo", "C1", "other.example.test", watch.LimitChannel},
			{"bo", "C1", "mx0.example.test", watch.LimitSame},
			{"bo", "C2", "MX0.example.test", ""},
			{"bo", "C3", "mx0.example.test", ""},
			{"cy", "C4", "mx0.example.test", watch.LimitTarget},
			{"bo", "C5", "a.example.test", ""},
			{"bo", "C6", "b.example.test", watch.LimitPerson},
		} {
			if _, full := w.try(tt.person, tt.channel, tt.host); full != tt.full {
				t.Errorf("%s in %s watches %s: %q, want %q", tt.person, tt.channel, tt.host, full, tt.full)
			}
		}
		if got := w.service.Stop(results.Place{Platform: formatting.Slack, Channel: "C9"}, all[0].ID, all[0].Person); got !=
			watch.Elsewhere {
			t.Errorf("stopped from another channel: %v", got)
		}
		if got := w.service.Stop(all[0].Place, all[0].ID, formatting.Person{Name: "bo"}); got != watch.Ends {
			t.Errorf("stopped: %v", got)
		}
		synctest.Wait()
		if got := w.service.Stop(all[0].Place, all[0].ID, formatting.Person{Name: "bo"}); got != watch.Nowhere {
			t.Errorf("stopped twice: %v", got)
		}
		if _, full := w.try("cy", "C4", "mx0.example.test"); full != "" {
			t.Errorf("a place did not come back: %s", full)
		}
	})
}

// slow is a board whose edits wait for the platform, as long as they may.
type slow struct {
	*world
	waits time.Duration
}

// Edit implements watch.Board.
func (s slow) Edit(ctx context.Context, at watch.Spot, m formatting.Message) error {
	select {
	case <-time.After(s.waits):
		return s.world.Edit(ctx, at, m)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestStopDuringAnEdit: an edit that the platform makes wait does not come after the
// last one, which says that the watch has ended.
func TestStopDuringAnEdit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "F")
		w.service.Attach(formatting.Slack, slow{w, 10 * time.Second})
		r := w.begin("ada", "C1", "mx.example.test")
		time.Sleep(35 * time.Second)
		w.service.Stop(r.Place, r.ID, formatting.Person{Name: "bo"})
		time.Sleep(time.Hour)
		synctest.Wait()
		if said := w.log.String(); strings.Contains(said, "edit\n") || !strings.Contains(said, "+00:35 end\n") {
			t.Error(said)
		}
	})
}

// TestManyAtOnce: when eight servers are watched in one outage, so many are
// tested at once and no more, and each of them is.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "S")
		running, most, tests := 0, 0, 0
		inner := w.service.Test
		w.service.Test = func(ctx context.Context, r watch.Row) watch.Tested {
			w.mu.Lock()
			tests, running = tests+1, running+1
			most = max(most, running)
			w.mu.Unlock()
			defer func() {
				w.mu.Lock()
				running--
				w.mu.Unlock()
			}()
			return inner(ctx, r)
		}
		for i := range 8 {
			w.begin(fmt.Sprint("p", i), fmt.Sprint("C", i), fmt.Sprintf("mx%d.example.test", i))
		}
		w.mu.Lock()
		tests = 0
		w.mu.Unlock()
		time.Sleep(time.Hour)
		synctest.Wait()
		if most != 4 || tests < 8*15 {
			t.Errorf("%d tests, %d at once", tests, most)
		}
	})
}

// TestRowTravels: a watch is plain data, with nothing lost on the way to another
// process.
func TestRowTravels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "FFW")
		r := w.begin("ada", "C1", "mx.example.test")
		time.Sleep(3 * time.Minute)
		r, _, _ = w.service.Schedule.Get(t.Context(), r.ID)
		octets, err := json.Marshal(r)
		var back watch.Row
		if err != nil || json.Unmarshal(octets, &back) != nil {
			t.Fatal(err)
		}
		back.Revision = r.Revision
		if !reflect.DeepEqual(r, back) {
			t.Errorf("\n%+v became\n%+v", r, back)
		}
		const most = 32 << 10
		if len(octets) > most {
			t.Errorf("%d bytes", len(octets))
		}
	})
}
