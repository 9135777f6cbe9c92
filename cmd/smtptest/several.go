package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/formatting/compared"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/differ"
	"smtptest/probe/series"
)

// repeated makes a test many times: 1 where one failed, 2 where one said
// nothing.
func repeated(ctx context.Context, t *terminal, prober probe.Prober, c command.Command) int {
	t.preflight(c)
	line := progressLine{terminal: t, quiet: c.JSON}
	all, stop, err := series.Run(ctx, prober, c.Request, c.Repeat, series.Hooks{
		Ran: func(done int) { line.show(compared.Progress(done, c.Repeat)) },
	})
	line.clear()
	if err != nil {
		return t.fault(err)
	}
	judged := make([]diagnosis.Judged, len(all))
	for i := range all {
		judged[i] = diagnosis.Judge(&all[i])
	}
	s := differ.Of(judged)
	code := exitCode(diagnosis.Verdict{Outcome: compared.Outcome(s)})
	if c.JSON {
		return t.document(code)(jsonreport.EncodeSeries(s, c.Repeat, stop))
	}
	t.message(compared.Series(s, c.Repeat, stop, formatting.Terminal), c.Brief)
	return code
}

// both tests two servers at once: 1 where one of them failed.
func both(ctx context.Context, t *terminal, probers [2]probe.Prober, c command.Command) int {
	var reports [2]probe.Report
	var errs [2]error
	var running sync.WaitGroup
	for i, r := range []probe.Request{c.Request, c.Other} {
		r.Alone = true
		running.Go(func() { reports[i], errs[i] = probers[i].Probe(ctx, r, probe.Hooks{}) })
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return t.fault(err)
		}
	}
	a, b := diagnosis.Judge(&reports[0]), diagnosis.Judge(&reports[1])
	code := exitCode(diagnosis.Verdict{Outcome: compared.OutcomeOf(a, b)})
	if c.JSON {
		return t.document(code)(jsonreport.EncodePair(a, b))
	}
	t.message(compared.Pair(a, b, formatting.Terminal), c.Brief)
	return code
}

// message prints a whole answer, or the first lines of it.
func (t *terminal) message(m formatting.Message, brief bool) {
	if brief {
		fmt.Fprint(t.out, plain.Brief(m, t.style()))
		return
	}
	fmt.Fprint(t.out, strings.TrimLeft(plain.Head(m, t.style())+plain.Body(m, t.style()), "\n"))
}

// document prints what was encoded, and passes the exit code on.
func (t *terminal) document(code int) func([]byte, error) int {
	return func(out []byte, err error) int {
		if err != nil {
			fmt.Fprintln(t.err, "The report could not be written as JSON:", err)
			return exitSoftware
		}
		fmt.Fprint(t.out, string(out))
		return code
	}
}

func (t *terminal) fault(err error) int {
	fmt.Fprintln(t.err, "Something went wrong in this program, not on the mail server:", err)
	return exitSoftware
}

// progressLine is one line that is painted over, on a terminal alone.
type progressLine struct {
	terminal *terminal
	quiet    bool

	mu      sync.Mutex
	painted bool
}

func (p *progressLine) show(text string) {
	if p.quiet || !p.terminal.errIsTerminal {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.painted = true
	fmt.Fprint(p.terminal.err, eraseLine+text)
}

func (p *progressLine) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.painted {
		fmt.Fprint(p.terminal.err, eraseLine)
	}
}
