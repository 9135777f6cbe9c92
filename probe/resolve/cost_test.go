package resolve

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"smtptest/probe/probetest/cost"
)

// large are answers of as much as a message holds, made of n parts each.
func large() map[string]func(i int) string {
	return map[string]func(i int) string{
		"mail exchangers": func(i int) string { return fmt.Sprintf("a.test. MX %d m%d.\\<\\027[2J.test.", i, i) },
		"same exchangers": func(int) string { return "a.test. MX 1 m.test." },
		"a chain": func(i int) string {
			if i == 0 {
				return "a.test. CNAME c1.test."
			}
			return fmt.Sprintf("c%d.test. CNAME c%d.test.", i, i+1)
		},
		"a loop":       func(i int) string { return fmt.Sprintf("%c.test. CNAME %c.test.", 'a'+i%2, 'b'-i%2) },
		"others' text": func(int) string { return `x.test. TXT "` + strings.Repeat("y", 250) + `"` },
		"addresses":    func(i int) string { return fmt.Sprintf("a.test. AAAA 2001:db8::%x", i) },
	}
}

// answerOf is such an answer as it comes from the wire.
func answerOf(t *testing.T, part func(i int) string, n int) []byte {
	t.Helper()
	m := new(dns.Msg).SetReply(question("a.test."))
	m.Compress = true
	for i := range n {
		rr, err := dns.NewRR(part(i))
		if err != nil {
			t.Fatal(err)
		}
		if m.Answer = append(m.Answer, rr); i%20 == 19 && m.Len() > 56<<10 {
			break
		}
	}
	octets, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// TestCostOfAnswers: an answer costs in proportion to its octets, and what is kept
// of it is small.
func TestCostOfAnswers(t *testing.T) {
	const most = 200 // records, which is within a message whatever they are
	const mostKept = 32 << 10
	for about, part := range large() {
		cost.Linear(t, about, most, func(n int) func() {
			octets := answerOf(t, part, n)
			return func() {
				m := new(dns.Msg)
				if err := m.Unpack(octets); err != nil {
					t.Error(err)
				}
				explain(m)
			}
		})
		m := new(dns.Msg)
		octets := answerOf(t, part, 1<<16)
		before := allocated()
		if err := m.Unpack(octets); err != nil {
			t.Fatal(err)
		}
		e := explain(m)
		if took := allocated() - before; took > 64*uint64(len(octets)) {
			t.Errorf("%s: %d bytes were allocated for %d octets", about, took, len(octets))
		}
		if kept := len(fmt.Sprint(e)); kept > mostKept {
			t.Errorf("%s: %d bytes are kept", about, kept)
		}
	}
}

// TestAnswersAtOnce: 50 questions that get answers as large as can be cost 50 times
// what one costs.
func TestAnswersAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("times say nothing under the race detector, which runs with -short")
	}
	const many, mostEach = 50, 4 << 20
	for about, part := range large() {
		octets := answerOf(t, part, 1<<16)
		f := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			if m.Truncated = !overTCP(w); m.Truncated {
				w.WriteMsg(m)
				return
			}
			own := slices.Clone(octets)
			own[0], own[1] = byte(q.Id>>8), byte(q.Id)
			w.Write(own)
		})
		ask := func(n int) (spent time.Duration, bytes uint64) {
			began, before := cost.OfProcess(), allocated()
			var all sync.WaitGroup
			for range n {
				all.Go(func() {
					if got := At(f.at).Why(t.Context(), "a.test"); got.Answer != NoData {
						t.Errorf("%s: %s", about, say(got))
					}
				})
			}
			all.Wait()
			return cost.OfProcess() - began, allocated() - before
		}
		for attempt := range 3 {
			ask(1)
			one, _ := ask(5)
			spent, bytes := ask(many)
			if bytes > many*mostEach {
				t.Errorf("%s: %d KiB were allocated for each", about, bytes/many>>10)
			}
			if spent <= 2*many/5*one {
				break
			}
			if attempt == 2 {
				t.Errorf("%s: 5 take %v of processor time, %d %v", about, one, many, spent)
			}
		}
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
