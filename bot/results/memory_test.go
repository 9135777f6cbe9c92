package results

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

func here() Place { return Place{Platform: formatting.Console, Workspace: "T1", Channel: "C1"} }

// ended is a result whose report has a transcript of so many bytes.
func ended(size int) Result {
	transcript := []probe.Entry{{Text: strings.Repeat("x", size)}}
	report := &probe.Report{Sessions: []probe.Session{{Transcript: transcript}}}
	return Result{ID: NewID(), Place: here(), Person: "ada", Judged: diagnosis.Judged{Report: report},
		Ended: time.Now().UTC()}
}

func TestResultsAreBounded(t *testing.T) {
	s := NewMemoryStore()
	first := ended(100)
	s.Put(first)
	for range maxResults {
		s.Put(ended(100))
	}
	if _, ok := s.Get(first.ID); ok || s.order.Len() != maxResults || len(s.results) != maxResults {
		t.Errorf("the first is there: %t; %d kept", ok, s.order.Len())
	}
	for range 100 {
		s.Put(ended(1 << 20))
	}
	if s.bytes > maxResultBytes || s.order.Len() < 40 {
		t.Errorf("%d bytes in %d results", s.bytes, s.order.Len())
	}
}

// TestPutTwice: the verdict is stored first and the whole report later, under
// one ID.
func TestPutTwice(t *testing.T) {
	s := NewMemoryStore()
	r := ended(100)
	s.Put(r)
	r.Link = "https://chat.example.test/1"
	s.Put(r)
	if got, _ := s.Get(r.ID); s.bytes != probe.HeapOf(r) || s.order.Len() != 1 || got.Link != r.Link {
		t.Errorf("%d bytes, want %d; %d results, %+v", s.bytes, probe.HeapOf(r), s.order.Len(), got)
	}
}

// TestResultsGoWhenNobodyAsks: an hour is an hour.
func TestResultsGoWhenNobodyAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewMemoryStore()
		r := ended(100)
		s.Put(r)
		time.Sleep(MaxAge)
		if _, ok := s.Get(r.ID); ok {
			t.Error("it is still there after an hour")
		}
		s.Put(ended(100))
		time.Sleep(MaxAge + 2*time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		if n := s.order.Len(); n != 0 {
			t.Errorf("%d results are kept", n)
		}
	})
}

func TestIDsAreNotGuessed(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := NewID()
		if len(id) != 32 || seen[id] {
			t.Fatalf("%q", id)
		}
		seen[id] = true
	}
}

func TestTheFirstOfAKeyIsJoined(t *testing.T) {
	s := NewMemoryStore()
	first, second := Running{Key: "k", ID: "1"}, Running{Key: "k", ID: "2", Dialled: true}
	s.Start(first)
	s.Start(second)
	if r, ok := s.Running("k"); !ok || r != first {
		t.Errorf("%+v", r)
	}
	first.Link = "https://chat.example.test/1"
	s.Start(first)
	s.End(second) // it is not the one there
	if r, _ := s.Running("k"); r != first {
		t.Errorf("%+v", r)
	}
	s.End(first)
	s.Start(Running{ID: "3"})
	for _, key := range []string{"k", ""} {
		if r, ok := s.Running(key); ok {
			t.Errorf("%q: %+v", key, r)
		}
	}
}

func form(person string) Form {
	return Form{ID: NewID(), Place: here(), Person: person, Expires: time.Now().UTC().Add(FormLife)}
}

func TestFormsAreBoundedAndUsedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewMemoryStore()
		first := form("ada")
		s.Open(first)
		for i := range maxForms {
			s.Open(form(fmt.Sprint(i)))
		}
		if _, ok := s.Form(first.ID); ok || len(s.forms) > maxForms || len(s.forms) != len(s.opened) {
			t.Errorf("the oldest form is still there among %d", len(s.forms))
		}
		f := form("ada")
		s.Open(f)
		if !s.Consume(f.ID) || s.Consume(f.ID) || len(s.forms) != len(s.opened) {
			t.Error("a form is not used exactly once")
		}
		late := form("ada")
		s.Open(late)
		time.Sleep(FormLife + time.Second)
		if _, ok := s.Form(late.ID); ok {
			t.Error("a form was used after ten minutes")
		}
	})
}

// TestFormsOfOthersStay: who opens many forms closes only forms of their own.
func TestFormsOfOthersStay(t *testing.T) {
	s := NewMemoryStore()
	bobs := form("bob")
	s.Open(bobs)
	for range maxForms + 1 {
		s.Open(form("eve"))
	}
	if _, ok := s.Form(bobs.ID); !ok || len(s.forms) != maxOwnForms+1 {
		t.Errorf("bob's form is there: %t; %d forms are kept", ok, len(s.forms))
	}
}

func TestMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewMemoryStore()
		for kind, life := range map[MarkKind]time.Duration{MarkEvent: EventLife, MarkPress: PressLife, MarkShare: MaxAge} {
			m := Mark{kind, "1"}
			if !s.Remember(m) || s.Remember(m) || !s.Remember(Mark{kind, "2"}) {
				t.Errorf("%s: not remembered once", kind)
			}
			time.Sleep(life - time.Nanosecond)
			if s.Remember(m) {
				t.Errorf("%s: forgotten too early", kind)
			}
			time.Sleep(time.Nanosecond)
			if !s.Remember(m) {
				t.Errorf("%s: remembered after %s", kind, life)
			}
			if s.Forget(m); !s.Remember(m) {
				t.Errorf("%s: not forgotten", kind)
			}
		}
		for i := range 2 * maxMarks {
			s.Remember(Mark{MarkEvent, fmt.Sprint("flood", i)})
		}
		if n := s.marks[MarkEvent]; len(n.at) != maxMarks || len(n.order) != maxMarks {
			t.Errorf("%d events, %d in order", len(n.at), len(n.order))
		}
	})
}
