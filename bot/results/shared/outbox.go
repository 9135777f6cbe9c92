package shared

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// maxLetters bounds what waits while the servers are away; the oldest make way.
const maxLetters = 2000

// letter is a row that is still to be sent. Of a result it has the ID alone, so
// that what waits holds no memory beyond the store's.
type letter struct {
	stream, subject string
	row             row
}

// outbox keeps the newest row of each subject until it is sent, in order.
type outbox struct {
	mu      sync.Mutex
	rows    map[string]letter // by subject
	order   []string          // of subjects
	changed chan struct{}     // has one entry when there is news
	sending bool
}

func newOutbox() *outbox {
	return &outbox{rows: map[string]letter{}, changed: make(chan struct{}, 1)}
}

func (o *outbox) add(l letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, waits := o.rows[l.subject]; !waits {
		o.order = append(o.order, l.subject)
	}
	o.rows[l.subject] = l
	if len(o.order) > maxLetters {
		delete(o.rows, o.order[0])
		o.order = o.order[1:]
	}
	o.wake()
}

// again puts a letter back in front that was not sent, unless there is a newer
// one.
func (o *outbox) again(l letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sending = false
	if _, newer := o.rows[l.subject]; newer {
		return
	}
	o.rows[l.subject] = l
	o.order = slices.Insert(o.order, 0, l.subject)
}

func (o *outbox) wake() {
	select {
	case o.changed <- struct{}{}:
	default: // there is a note already
	}
}

func (o *outbox) next() (l letter, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sending = len(o.order) > 0; !o.sending {
		return l, false
	}
	subject := o.order[0]
	o.order = o.order[1:]
	l = o.rows[subject]
	delete(o.rows, subject)
	return l, true
}

func (o *outbox) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.order) == 0 && !o.sending
}

// Times of sending.
const (
	sendWithin = 2 * time.Second
	sendAgain  = 250 * time.Millisecond
)

// publish sends what is in the outbox until ctx is over.
func (s *Store) publish(ctx context.Context) {
	for ctx.Err() == nil {
		l, ok := s.outbox.next()
		if !ok {
			select {
			case <-s.outbox.changed:
			case <-ctx.Done():
			}
			continue
		}
		if s.deliver(ctx, l) {
			continue
		}
		s.outbox.again(l)
		sleep(ctx, sendAgain)
	}
}

// deliver sends one row; false: another try may help.
func (s *Store) deliver(ctx context.Context, l letter) bool {
	if r := l.row.Result; r != nil {
		kept, ok := s.Get(r.ID)
		if !ok { // it has made way for others
			return true
		}
		l.row.Result = &kept
	}
	box, err := sealRow(s.replica.keys, l.subject, l.row)
	if err != nil || len(box) > maxRowBytes-1<<10 { // of which headers and the subject take a little
		s.replica.options.Observe(RowTooLarge)
		return true
	}
	limited, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	err = s.replica.ask(limited, l.stream, func(ctx context.Context) error {
		m := nats.NewMsg(l.subject)
		m.Data = box
		_, err := s.replica.put(ctx, l.stream, m)
		return err
	})
	return err == nil || errors.Is(err, errFull)
}

// drain waits until all is sent, but not for ever.
func (s *Store) drain(most time.Duration) {
	for began := time.Now(); time.Since(began) < most && !s.outbox.empty(); {
		time.Sleep(sendAgain / 25)
	}
}
