package cost

import (
	"strings"
	"testing"
)

// quiet notes a failure instead of failing.
type quiet struct {
	testing.TB
	failed bool
}

func (q *quiet) Errorf(string, ...any) { q.failed = true }

// TestLinearCanFail: work that grows with the square is noticed, and work in
// proportion is not.
func TestLinearCanFail(t *testing.T) {
	text := strings.Repeat("a", 1<<20)
	for about, tt := range map[string]struct {
		work func(n int)
		want bool
	}{
		"linear": {func(n int) { strings.Count(text[:n*200], "b") }, false},
		"square": {func(n int) {
			for i := range n {
				strings.Count(text[:i*200], "b")
			}
		}, true},
	} {
		q := &quiet{TB: t}
		Linear(q, about, 1000, func(n int) func() { return func() { tt.work(n) } })
		if q.failed != tt.want {
			t.Errorf("%s: failed is %t", about, q.failed)
		}
	}
}
