package wire

// Store keeps the newest of something by name, in the order in which it came.
// It has no lock.
type Store[T any] struct {
	Most  int
	all   map[string]T
	order []string
}

// Put adds something, or replaces what has the name, and drops the oldest
// beyond Most.
func (s *Store[T]) Put(name string, v T) {
	if s.all == nil {
		s.all = map[string]T{}
	}
	if _, known := s.all[name]; !known {
		s.order = append(s.order, name)
	}
	s.all[name] = v
	for len(s.order) > s.Most {
		delete(s.all, s.order[0])
		s.order = s.order[1:]
	}
}

// Get finds what has a name.
func (s *Store[T]) Get(name string) (T, bool) {
	v, ok := s.all[name]
	return v, ok
}

// Len is how many there are.
func (s *Store[T]) Len() int { return len(s.order) }

// All visits everything, oldest first.
func (s *Store[T]) All(yield func(string, T) bool) {
	for _, name := range s.order {
		if !yield(name, s.all[name]) {
			return
		}
	}
}

// Copies are those that are wanted, oldest first; nil: all are.
func Copies[T any](f *Frame, s *Store[*T], wanted func(*T) bool) (out []T) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	for _, v := range s.All {
		if wanted == nil || wanted(v) {
			out = append(out, *v)
		}
	}
	return out
}
