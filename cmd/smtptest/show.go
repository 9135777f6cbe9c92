package main

import (
	"fmt"
	"sync"
	"time"

	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

const (
	tick           = 500 * time.Millisecond // between two readings of the clock
	longWait       = 5 * time.Second        // after which a log gets a line too
	eraseLine      = "\r\x1b[K"             // back to the start, and clear to the end of the line
	noticeableWait = tick                   // below it a line would only flicker
)

// show says what a test waits for: on a terminal in one line that is painted
// over, elsewhere in one line for each long wait.
type show struct {
	terminal     *terminal
	quiet        bool // JSON: nothing but the answer on standard output
	verdictShown bool

	mu      sync.Mutex
	event   probe.Event
	since   time.Time
	logged  bool // a log has a line for the long wait for this event
	painted bool
	ended   chan struct{}
	over    sync.WaitGroup
}

func newShow(t *terminal, quiet bool) *show {
	s := &show{terminal: t, quiet: quiet, since: time.Now(), ended: make(chan struct{})}
	s.over.Go(s.run)
	return s
}

// watch hears the probe. When only the goodbye is missing it shows the
// verdict.
func (s *show) watch(e probe.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.event, s.since, s.logged = e, time.Now(), false
	if e.Known == nil || s.quiet {
		return
	}
	s.erase()
	judged := diagnosis.Judge(e.Known)
	m := formatting.Verdict(judged, formatting.Terminal)
	m.Try, m.Owner = "", "" // the findings follow
	fmt.Fprint(s.terminal.out, plain.Head(m, s.terminal.style()))
	s.verdictShown = true
}

func (s *show) run() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-ticker.C:
			s.tell()
		}
	}
}

func (s *show) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	waited := time.Since(s.since)
	if s.event.Phase == "" || waited < noticeableWait {
		return
	}
	text := s.fit(formatting.Progress(s.event, waited) + "…")
	switch {
	case s.terminal.errIsTerminal:
		fmt.Fprint(s.terminal.err, eraseLine+text)
		s.painted = true
	case waited >= longWait && !s.logged:
		fmt.Fprintln(s.terminal.err, text)
		s.logged = true
	}
}

// fit cuts the line to the terminal: a line that wraps cannot be painted over.
func (s *show) fit(text string) string {
	runes := []rune(text)
	if s.terminal.columns > 1 && len(runes) >= s.terminal.columns {
		runes = runes[:s.terminal.columns-1]
	}
	return string(runes)
}

// done ends the telling.
func (s *show) done() {
	close(s.ended)
	s.over.Wait()
	s.erase()
}

func (s *show) erase() {
	if s.painted {
		fmt.Fprint(s.terminal.err, eraseLine)
		s.painted = false
	}
}
