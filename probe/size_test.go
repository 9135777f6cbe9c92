package probe_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/probetest"
)

// TestSizeKnowsAllKinds: a field of a kind that Size does not count would make
// it a bound no longer.
func TestSizeKnowsAllKinds(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var visit func(path string, kind reflect.Type)
	visit = func(path string, kind reflect.Type) {
		if seen[kind] || kind == reflect.TypeFor[probe.Login]() { // a Login is never in a report
			return
		}
		seen[kind] = true
		switch kind.Kind() {
		case reflect.Struct:
			for f := range kind.Fields() {
				visit(path+"."+f.Name, f.Type)
			}
		case reflect.Pointer, reflect.Slice:
			visit(path, kind.Elem())
		case reflect.Array, reflect.Map, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
			if kind != reflect.TypeFor[[0]func()]() { // takes no room
				t.Errorf("%s is a %s, which Size does not count", path, kind)
			}
		}
	}
	visit("Report", reflect.TypeFor[probe.Report]())
}

// TestSizeCountsEveryField: each text, list and pointer of a report makes it
// larger by what it takes at least.
func TestSizeCountsEveryField(t *testing.T) {
	const more = 1000
	var r probe.Report
	fill(reflect.ValueOf(&r).Elem(), rand.New(rand.NewPCG(1, 2)), 2)
	before, visited := r.Size(), 0
	eachText(reflect.ValueOf(&r).Elem(), "Report", func(path string, v reflect.Value) {
		old := v.String()
		v.SetString(old + strings.Repeat("x", more))
		if got := r.Size() - before; got < more {
			t.Errorf("%s: %d bytes more are counted as %d", path, more, got)
		}
		v.SetString(old)
		visited++
	})
	if visited < 100 {
		t.Errorf("%d texts were visited", visited)
	}
	if bare := (&probe.Report{}).Size(); bare < int(reflect.TypeFor[probe.Report]().Size()) || bare > 2<<10 {
		t.Errorf("an empty report has %d bytes", bare)
	}
}

// TestSizeIsABound compares Size with the heap that random reports take.
func TestSizeIsABound(t *testing.T) {
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 7))
		most := 1 << random.IntN(6) // items of a list
		compareHeap(t, fmt.Sprintf("random report %d", seed), max(1, 200/most), func(*testing.T) *probe.Report {
			r := &probe.Report{}
			fill(reflect.ValueOf(r).Elem(), random, most)
			return r
		})
	}
}

// TestSizeOfSessions does the same with the reports of sessions, of which
// many parts share their texts.
func TestSizeOfSessions(t *testing.T) {
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases(t) {
		if !strings.HasPrefix(c.Name, "good") && !strings.HasPrefix(c.Name, "endless") && !strings.HasPrefix(c.Name, "auth") {
			continue
		}
		compareHeap(t, c.Name, 8, func(t *testing.T) *probe.Report {
			network := probetest.NewNetwork(c, ca)
			report, err := network.Prober().Probe(t.Context(), c.Request, probe.Hooks{})
			network.Wait()
			if err != nil {
				t.Error(err)
			}
			return &report
		})
	}
}

// TestSizeOfGreediest does the same with the largest reports that a server can
// make.
func TestSizeOfGreediest(t *testing.T) {
	turns, config := greediest(), serverTLS(t)
	compareHeap(t, "the greediest server", 4, func(t *testing.T) *probe.Report {
		h := &hostile{data: []byte(turns), mode: modeTLS | modeEnvelope, tls: config}
		report, err := h.prober().Probe(t.Context(), h.request(t), probe.Hooks{})
		h.wait()
		if err != nil || report.Main().Quit == nil {
			t.Error(err)
		}
		return &report
	})
}

// compareHeap makes reports and compares the heap that they take with what
// they say. A report that says far more than it takes would push others out of
// the store. The first one pays for what is loaded once.
func compareHeap(t *testing.T, name string, copies int, one func(*testing.T) *probe.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		one(t)
		reports := make([]*probe.Report, copies)
		before := memory().HeapAlloc
		for i := range reports {
			reports[i] = one(t)
		}
		took := int(memory().HeapAlloc) - int(before)
		sum := 0
		for _, r := range reports {
			sum += r.Size()
		}
		const noise = 32 << 10 // of the runtime and of other tests
		if took > sum+noise || sum > 3*took+noise {
			t.Errorf("%s: %d reports take %d bytes and say %d", name, copies, took, sum)
		}
		t.Logf("%s: %d reports take %d bytes and say %d", name, copies, took, sum)
		runtime.KeepAlive(reports)
	})
}

// fill sets every field of a value at random, with up to so many items in a
// list.
func fill(v reflect.Value, random *rand.Rand, most int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(random.Int64N(1<<40), 0).UTC()))
		return
	case netip.Addr:
		v.Set(reflect.ValueOf(netip.AddrFrom4([4]byte{192, 0, 2, byte(random.Uint32())})))
		return
	case netip.AddrPort:
		v.Set(reflect.ValueOf(netip.AddrPortFrom(netip.IPv6LinkLocalAllNodes(), uint16(random.Uint32()))))
		return
	case *probe.Login:
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("é", random.IntN(1+random.IntN(600))))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), random, most)
	case reflect.Slice:
		n := 1 + random.IntN(most)
		v.Set(reflect.MakeSlice(v.Type(), n, n+random.IntN(most)))
		for i := range n {
			fill(v.Index(i), random, max(1, most/4))
		}
	case reflect.Struct:
		for _, value := range v.Fields() {
			fill(value, random, most)
		}
	}
}

// eachText visits every text of a value that can be set.
func eachText(v reflect.Value, path string, visit func(path string, text reflect.Value)) {
	switch v.Kind() {
	case reflect.String:
		visit(path, v)
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), path, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), path, visit)
		}
	case reflect.Struct:
		for f, value := range v.Fields() {
			if f.IsExported() {
				eachText(value, path+"."+f.Name, visit)
			}
		}
	}
}
