package results

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"smtptest/probe"
)

// Limits of a MemoryStore.
const (
	maxResults     = 500
	maxResultBytes = 64 << 20 // of all results together, an upper bound of the heap that they hold
	maxForms       = 5000     // some 1 KiB each
	maxOwnForms    = 4        // of one person
	maxMarks       = 10000
)

// MemoryStore is a Store of this process alone. Use NewMemoryStore.
type MemoryStore struct {
	mu       sync.Mutex
	results  map[string]*list.Element // by ID
	order    *list.List               // of stored, oldest first
	bytes    int
	sweeping bool // a sweep will come
	running  map[string]Running
	forms    map[string]Form
	opened   []string // IDs of forms, oldest first
	marks    map[MarkKind]*marks
}

// stored is a result with an upper bound of the heap that it holds, in bytes.
type stored struct {
	Result
	size int
}

// NewMemoryStore is an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{
		results: map[string]*list.Element{}, order: list.New(),
		running: map[string]Running{}, forms: map[string]Form{},
		marks: map[MarkKind]*marks{
			MarkEvent: newMarks(EventLife), MarkPress: newMarks(PressLife), MarkShare: newMarks(MaxAge),
			MarkForm: newMarks(FormLife), MarkEnd: newMarks(FormLife),
		},
	}
}

// Put implements Store.
func (s *MemoryStore) Put(r Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := stored{r, probe.HeapOf(r)}
	if e, ok := s.results[r.ID]; ok {
		s.bytes += row.size - e.Value.(stored).size
		e.Value = row
	} else {
		s.results[r.ID] = s.order.PushBack(row)
		s.bytes += row.size
	}
	s.forget(time.Now())
	if !s.sweeping {
		s.sweeping = true
		time.AfterFunc(MaxAge, s.sweep)
	}
}

// Get implements Store.
func (s *MemoryStore) Get(id string) (Result, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.results[id]
	if !ok {
		return Result{}, false
	}
	r := e.Value.(stored).Result
	if time.Since(r.Ended) >= MaxAge {
		s.drop(e)
		return Result{}, false
	}
	return r, true
}

// Recent implements Store.
func (s *MemoryStore) Recent(p Place, person string, most int) []Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Result
	for e := s.order.Back(); e != nil && len(all) < most; e = e.Prev() {
		r := e.Value.(stored).Result
		theirs := r.Person == person && r.Place.Platform == p.Platform && r.Place.Workspace == p.Workspace
		if theirs && r.Done() && time.Since(r.Ended) < MaxAge {
			all = append(all, r)
		}
	}
	return all
}

// Latest implements Store.
func (s *MemoryStore) Latest(key string) (Result, bool) {
	return s.newest(func(r Result) bool { return key != "" && r.Key == key && time.Since(r.Ended) < MaxAge })
}

// Compared implements Store.
func (s *MemoryStore) Compared(key string) (Result, bool) {
	return s.newest(func(r Result) bool { return r.Compared == key && time.Since(r.Ended) < ComparedLife })
}

// newest is the newest result that is wanted.
func (s *MemoryStore) newest(wanted func(Result) bool) (Result, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.order.Back(); e != nil; e = e.Prev() {
		if r := e.Value.(stored).Result; wanted(r) {
			return r, true
		}
	}
	return Result{}, false
}

// sweep forgets what is too old: nothing outlives its hour, though nobody asks
// any more.
func (s *MemoryStore) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.forget(now)
	s.forgetForms(now, maxForms)
	oldest := s.order.Front()
	if s.sweeping = oldest != nil; s.sweeping {
		time.AfterFunc(max(time.Second, oldest.Value.(stored).Ended.Add(MaxAge).Sub(now)), s.sweep)
	}
}

// forget drops results that are too old, too many or too large.
func (s *MemoryStore) forget(now time.Time) {
	for e := s.order.Front(); e != nil; e = s.order.Front() {
		young := now.Sub(e.Value.(stored).Ended) < MaxAge
		if young && s.order.Len() <= maxResults && s.bytes <= maxResultBytes {
			return
		}
		s.drop(e)
	}
}

func (s *MemoryStore) drop(e *list.Element) {
	row := s.order.Remove(e).(stored)
	delete(s.results, row.ID)
	s.bytes -= row.size
}

// Start implements Store.
func (s *MemoryStore) Start(r Running) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, taken := s.running[r.Key]; r.Key != "" && (!taken || other.ID == r.ID) {
		s.running[r.Key] = r
	}
}

// Running implements Store.
func (s *MemoryStore) Running(key string) (Running, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.running[key]
	return r, ok
}

// End implements Store.
func (s *MemoryStore) End(r Running) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[r.Key].ID == r.ID {
		delete(s.running, r.Key)
	}
}

// Open implements Store.
func (s *MemoryStore) Open(f Form) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetForms(time.Now(), maxForms-1)
	own := slices.DeleteFunc(slices.Clone(s.opened), func(id string) bool {
		other := s.forms[id]
		return other.Person != f.Person || other.Place.Platform != f.Place.Platform
	})
	if len(own) >= maxOwnForms {
		s.dropForm(own[0])
	}
	s.forms[f.ID] = f
	s.opened = append(s.opened, f.ID)
}

// Form implements Store.
func (s *MemoryStore) Form(id string) (Form, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.forms[id]
	return f, ok && !time.Now().After(f.Expires)
}

// Consume implements Store.
func (s *MemoryStore) Consume(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.forms[id]
	s.dropForm(id)
	return ok
}

// forgetForms drops forms that are too old, and the oldest beyond so many.
func (s *MemoryStore) forgetForms(now time.Time, most int) {
	for len(s.opened) > 0 && (len(s.opened) > most || now.After(s.forms[s.opened[0]].Expires)) {
		s.dropForm(s.opened[0])
	}
}

func (s *MemoryStore) dropForm(id string) {
	delete(s.forms, id)
	s.opened = slices.DeleteFunc(s.opened, func(other string) bool { return other == id })
}

// Remember implements Store.
func (s *MemoryStore) Remember(m Mark) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.marks[m.Kind].add(m.Key, time.Now())
}

// Forget implements Store.
func (s *MemoryStore) Forget(m Mark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marks[m.Kind].drop(m.Key)
}

// Settle implements Store: nobody else could have added a mark.
func (s *MemoryStore) Settle(context.Context, []Mark) Settlement { return Settlement{} }

// marks are those of one kind.
type marks struct {
	life  time.Duration
	at    map[string]time.Time
	order []string // oldest first
}

func newMarks(life time.Duration) *marks { return &marks{life: life, at: map[string]time.Time{}} }

func (m *marks) add(key string, now time.Time) (added bool) {
	for len(m.order) > 0 && (len(m.order) >= maxMarks || now.Sub(m.at[m.order[0]]) >= m.life) {
		delete(m.at, m.order[0])
		m.order = m.order[1:]
	}
	if _, known := m.at[key]; known {
		return false
	}
	m.at[key] = now
	m.order = append(m.order, key)
	return true
}

func (m *marks) drop(key string) {
	if _, known := m.at[key]; known {
		delete(m.at, key)
		m.order = slices.DeleteFunc(m.order, func(other string) bool { return other == key })
	}
}
