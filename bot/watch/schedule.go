package watch

import (
	"context"
	"sync"
	"time"
)

// Rows keep watches that run. Their methods are called from many goroutines at
// once.
type Rows interface {
	// Get returns a watch. Errors: nothing is known of it.
	Get(ctx context.Context, id string) (r Row, ok bool, err error)
	// Save keeps what has changed. It is false where the watch has ended, or
	// somebody else has changed it: whoever called has nothing more to do.
	Save(ctx context.Context, r *Row) (saved bool)
	// End drops a watch and gives its places back; ended is true once.
	End(ctx context.Context, r Row) (ended bool)
	// Local are the watches that end with this process.
	Local() []Row
}

// Schedule keeps watches and says when each is due.
type Schedule interface {
	Rows
	// Reserve takes the places of a watch that is about to begin; full is the
	// limit that refuses it, empty: it has them. Errors: nothing is known.
	Reserve(ctx context.Context, r Row) (full Limit, err error)
	// Start keeps a watch that has its places, and makes it due at its pace.
	Start(ctx context.Context, r Row) error
	// Run calls due for each watch whose time has come, until ctx is over. Many
	// may be due at once, one watch never twice at once.
	Run(ctx context.Context, due func(context.Context, Row))
}

// Memory is a Schedule of this process alone. Use NewMemory.
type Memory struct {
	mu      sync.Mutex
	rows    map[string]*kept
	due     func(context.Context, Row) // nil: Run was not called yet
	ctx     context.Context            // of Run
	running sync.WaitGroup
}

// kept is a row with what ends its goroutine.
type kept struct {
	Row
	started bool
	gone    chan struct{}
}

// NewMemory is an empty one.
func NewMemory() *Memory { return &Memory{rows: map[string]*kept{}} }

// Reserve implements Schedule.
func (m *Memory) Reserve(_ context.Context, r Row) (Limit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range r.Claims() {
		if m.taken(c) >= c.Most {
			return c.Limit, nil
		}
	}
	if len(m.rows) >= maxRows {
		return LimitAll, nil
	}
	m.rows[r.ID] = &kept{Row: r, gone: make(chan struct{})}
	return "", nil
}

// taken counts the watches that have a place. mu is held.
func (m *Memory) taken(c Claim) int {
	n := 0
	for _, k := range m.rows {
		for _, other := range k.Claims() {
			if other.Limit == c.Limit && other.Key == c.Key {
				n++
			}
		}
	}
	return n
}

// Start implements Schedule.
func (m *Memory) Start(_ context.Context, r Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.rows[r.ID]
	if !ok {
		return nil
	}
	k.Row, k.started = r, true
	m.begin(k)
	return nil
}

// begin lets a watch become due. mu is held.
func (m *Memory) begin(k *kept) {
	if m.due != nil && m.ctx.Err() == nil {
		m.running.Go(func() { m.keep(k) })
	}
}

// keep makes one watch due until it is gone.
func (m *Memory) keep(k *kept) {
	for {
		m.mu.Lock()
		r := k.Row
		m.mu.Unlock()
		wait := time.Until(r.Next)
		if wait <= 0 { // whoever was called has not set it
			wait = r.Pace.Every
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
			m.due(m.ctx, r)
			continue
		case <-k.gone:
		case <-m.ctx.Done():
		}
		timer.Stop()
		return
	}
}

// Get implements Schedule.
func (m *Memory) Get(_ context.Context, id string) (Row, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.rows[id]
	if !ok || !k.started {
		return Row{}, false, nil
	}
	return k.Row, true, nil
}

// Save implements Schedule.
func (m *Memory) Save(_ context.Context, r *Row) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.rows[r.ID]
	if !ok || k.Revision != r.Revision {
		return false
	}
	r.Revision++
	k.Row = *r
	return true
}

// End implements Schedule.
func (m *Memory) End(_ context.Context, r Row) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.rows[r.ID]
	if ok {
		close(k.gone)
		delete(m.rows, r.ID)
	}
	return ok
}

// Run implements Schedule.
func (m *Memory) Run(ctx context.Context, due func(context.Context, Row)) {
	m.mu.Lock()
	m.due, m.ctx = due, ctx
	for _, k := range m.rows {
		if k.started {
			m.begin(k)
		}
	}
	m.mu.Unlock()
	<-ctx.Done()
	m.running.Wait()
}

// Local implements Schedule: all of them.
func (m *Memory) Local() []Row {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Row
	for _, k := range m.rows {
		if k.started {
			all = append(all, k.Row)
		}
	}
	return all
}

// Has reports a watch, or one that has its places.
func (m *Memory) Has(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.rows[id]
	return ok
}
