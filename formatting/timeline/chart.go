package timeline

import (
	"fmt"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis/outage"
)

// maxChart is how many tests a chart shows: what one line of a phone holds. The
// newest are shown.
const maxChart = 40

// blocks are the heights of a test that worked: the first took less than 50 ms,
// and each further one begins where steps says. They are the same in every
// chart, so that two can be compared.
const blocks = "▁▂▃▄▅▆▇█"

func steps() []time.Duration {
	const ms, s = time.Millisecond, time.Second
	return []time.Duration{50 * ms, 100 * ms, 200 * ms, 500 * ms, s, 2 * s, 5 * s}
}

// Chart has one character for each test, the oldest first: × failed, ? was
// inconclusive, a block worked, the higher the longer it took.
func Chart(s outage.Series) string {
	all := s.All
	var b strings.Builder
	if len(all) > maxChart {
		b.WriteRune('…')
		all = all[len(all)-maxChart+1:]
	}
	for _, seen := range all {
		b.WriteRune(mark(seen))
	}
	return b.String()
}

func mark(seen outage.Seen) rune {
	switch seen.Kind {
	case outage.Fails:
		return '×'
	case outage.Unsure:
		return '?'
	}
	height := 0
	for _, step := range steps() {
		if seen.Took >= step {
			height++
		}
	}
	return []rune(blocks)[height]
}

// times are the shortest and the longest test that worked; 0: none did.
func times(all []outage.Seen) (fastest, slowest time.Duration) {
	for _, seen := range all {
		if seen.Kind != outage.Works {
			continue
		}
		if fastest == 0 || seen.Took < fastest {
			fastest = seen.Took
		}
		slowest = max(slowest, seen.Took)
	}
	return fastest, slowest
}

// Counted says in words what a chart shows.
func Counted(s outage.Series) string {
	failed, unsure, worked := s.Count(outage.Fails), s.Count(outage.Unsure), s.Count(outage.Works)
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(failed, "failed (×)")
	add(unsure, "inconclusive (?)")
	if worked > 0 {
		fastest, slowest := times(s.All)
		took := " in " + probe.Duration(fastest)
		if probe.Duration(slowest) != probe.Duration(fastest) {
			took += " to " + probe.Duration(slowest)
		}
		add(worked, "worked (▁▄█)"+took)
	}
	tests := "tests"
	if len(s.All) == 1 {
		tests = "test"
	}
	return fmt.Sprintf("%d %s: %s.", len(s.All), tests, strings.Join(parts, ", "))
}
