package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// echo is the smallest Site.
type echo struct{}

func (echo) Route(r *http.Request) Endpoint {
	do := func(q *Request) Reply { return Reply{Body: append([]byte("echo "), q.Body...)} }
	return Endpoint{Name: r.URL.Path, Faults: []Kind{CutBefore, CutAfter, SlowAfter, Truncated, ErrorAfter, "refused"},
		Do: do}
}

func (echo) Fault(f Fault) Reply { return Page(418, string(f.Kind)) }

func started(t *testing.T) *Frame {
	f := New(Bounds{Body: 10, Octets: 2000, SlowBy: time.Millisecond})
	f.Start(echo{})
	t.Cleanup(f.Close)
	return f
}

// ask returns what came; empty: nothing whole.
func ask(t *testing.T, f *Frame, path, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.Root()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	defer w.Body.Close()
	octets, err := io.ReadAll(w.Body)
	if err != nil {
		return ""
	}
	return string(octets)
}

// TestFaults: each comes where, and as often, as it was asked for.
func TestFaults(t *testing.T) {
	f := started(t)
	f.Order(Fault{Kind: "refused", Where: "/a", Times: 2})
	for i, want := range []string{"refused", "refused", "echo x"} {
		if got := ask(t, f, "/a", "x"); !strings.Contains(got, want) {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
	for kind, want := range map[Kind]string{CutBefore: "", CutAfter: "", Truncated: "", SlowAfter: "echo",
		ErrorAfter: "error after"} {
		f.Order(Fault{Kind: kind, Where: "/b"})
		if got := ask(t, f, "/a", "x"); got != "echo x" {
			t.Errorf("%s has hit another path: %q", kind, got)
		}
		if got := ask(t, f, "/b", "x"); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q", kind, got)
		}
		if f.Faults()[kind] != 1 || f.Counts()["fault: "+string(kind)] != 1 {
			t.Errorf("%s: %v", kind, f.Faults())
		}
	}
	f.Chaos(map[Kind]float64{"refused": 1})
	if got := ask(t, f, "/a", "x"); !strings.Contains(got, "refused") {
		t.Errorf("by chance: %q", got)
	}
	f.Chaos(nil)
	if got := ask(t, f, "/a", strings.Repeat("x", 11)); !strings.Contains(got,
		string(TooLarge)) || len(f.Violations()) != 1 {
		t.Errorf("too large: %q %v", got, f.Violations())
	}
}

// TestJournal: the newest octets are kept, and it says that others were lost.
func TestJournal(t *testing.T) {
	f := started(t)
	ask(t, f, "/first", "x")
	if all, complete := f.Received(); len(all) != 1 || !complete || !strings.HasSuffix(string(all[0].Data), "\r\n\r\nx") {
		t.Errorf("%d, %t", len(all), complete)
	}
	for range 20 {
		ask(t, f, "/next", "x")
	}
	all, complete := f.Received()
	if complete || len(all) == 0 || all[0].Where == "POST /first" {
		t.Errorf("%d are kept, complete: %t", len(all), complete)
	}
	if sent, _ := f.Sent(); string(sent[len(sent)-1].Data) != "200 echo x" {
		t.Errorf("sent: %s", sent[len(sent)-1].Data)
	}
}

func TestUntil(t *testing.T) {
	f := started(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := f.Until(ctx, func() bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	time.AfterFunc(10*time.Millisecond, f.Close)
	if err := f.Until(t.Context(), func() bool { return false }); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestRates(t *testing.T) {
	f := started(t)
	f.Mu.Lock()
	defer f.Mu.Unlock()
	for i, want := range []bool{true, true, false} {
		if wait := f.Leak("a", 2, time.Hour); (wait == 0) != want || wait > time.Hour {
			t.Errorf("call %d waits %v", i, wait)
		}
		if left, rest := f.Window("b", 2, time.Hour); left != 1-i || rest <= 0 || rest > time.Hour {
			t.Errorf("call %d: %d left for %v", i, left, rest)
		}
	}
}

func TestStore(t *testing.T) {
	s := Store[int]{Most: 2}
	for i, name := range []string{"a", "b", "a", "c"} {
		s.Put(name, i)
	}
	var left []string
	for name := range s.All {
		left = append(left, name)
	}
	if _, ok := s.Get("a"); ok || s.Len() != 2 || strings.Join(left, "") != "bc" {
		t.Errorf("left %v", left)
	}
}
