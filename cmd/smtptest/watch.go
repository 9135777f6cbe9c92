package main

import (
	"context"
	"fmt"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/formatting/timeline"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/outage"
)

// watched tests one server again and again: a line for each time it turns, and
// the window of the outage at the end. Ctrl-C ends it early, with all that was
// seen. The exit code is that of the last test.
func watched(ctx context.Context, t *terminal, prober probe.Prober, c command.Command, pace watch.Pace) int {
	t.preflight(c)
	b := &watchBoard{terminal: t, ended: make(chan formatting.Message, 1)}
	w := &watch.Service{
		Schedule: watch.NewMemory(), Pace: func(probe.Target) watch.Pace { return pace },
		Actions: func(watch.Row, bool) []formatting.Action { return nil },
		Test:    func(ctx context.Context, _ watch.Row) watch.Tested { return testedOnce(ctx, prober, c.Request) },
	}
	w.Attach(formatting.Terminal, b)
	first := testedOnce(ctx, prober, c.Request)
	if first.Seen.Kind == "" || ctx.Err() != nil {
		fmt.Fprintln(t.err, "Nothing could be tested.", first.Missed)
		return exitNotTested
	}
	r := watch.Row{
		ID: results.NewID(), Place: results.Place{Platform: formatting.Terminal}, Command: c,
		At: watch.Spot{Thread: "below", Within: true},
	}
	if _, err := w.New(ctx, &r, first); err != nil || w.Begin(ctx, r) != nil { // a schedule in memory always takes one
		return exitSoftware
	}
	fmt.Fprint(t.out, plain.Head(w.Message(r), t.style())+"   Ctrl-C ends it.\n")
	running, stop := context.WithCancel(context.Background())
	defer stop()
	go w.Run(running)
	select {
	case m := <-b.ended:
		return codeOf(m)
	case <-ctx.Done():
		w.Stop(r.Place, r.ID, formatting.Person{})
		return codeOf(<-b.ended)
	}
}

// testedOnce is one test of a watch.
func testedOnce(ctx context.Context, prober probe.Prober, req probe.Request) watch.Tested {
	report, err := prober.Probe(ctx, req, probe.Hooks{})
	if err != nil {
		return watch.Tested{Missed: "Something went wrong in this program, not on the mail server: " + err.Error()}
	}
	judged := diagnosis.Judge(&report)
	return watch.Tested{
		Seen: outage.Seen{At: report.Started.UTC(), Kind: outage.KindOf(judged.Verdict.Outcome), Took: report.Elapsed},
		Last: timeline.HeadOf(judged, formatting.Terminal),
	}
}

func codeOf(m formatting.Message) int {
	switch m.Tone {
	case formatting.ToneGood, formatting.ToneWarning:
		return exitWorking
	case formatting.ToneBad:
		return exitFailed
	}
	return exitInconclusive
}

// watchBoard shows a watch in a terminal: one line that is painted over, lines
// that stay for what has turned, and the end.
type watchBoard struct {
	terminal *terminal
	ended    chan formatting.Message
}

// Edit implements watch.Board.
func (b *watchBoard) Edit(_ context.Context, _ watch.Spot, m formatting.Message) error {
	if t := b.terminal; t.errIsTerminal {
		line := fmt.Sprintf("   %s  %s %s", m.Chart, m.Tone.Symbol(), m.Notes[0])
		fmt.Fprint(t.err, eraseLine+(&show{terminal: t}).fit(line))
	}
	return nil
}

// Reply implements watch.Board.
func (b *watchBoard) Reply(_ context.Context, _ watch.Spot, m formatting.Message) error {
	m.Try, m.Owner, m.By = "", "", formatting.Person{}
	b.erase()
	fmt.Fprint(b.terminal.out, "\n"+time.Now().Format("15:04:05")+" "+plain.Head(m, b.terminal.style()))
	return nil
}

// Announce implements watch.Board.
func (b *watchBoard) Announce(context.Context, watch.Spot, formatting.Message) error { return nil }

// End implements watch.Board.
func (b *watchBoard) End(_ context.Context, _ watch.Spot, m formatting.Message) error {
	b.erase()
	fmt.Fprint(b.terminal.out, "\n"+plain.Head(m, b.terminal.style()))
	b.ended <- m
	return nil
}

func (b *watchBoard) erase() {
	if b.terminal.errIsTerminal {
		fmt.Fprint(b.terminal.err, eraseLine)
	}
}
