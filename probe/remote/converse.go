package remote

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// Bounds of what is taken from one agent in one run.
const (
	pendingAnswers = 256     // not read yet
	pendingBytes   = 4 << 20 // of them
	maxTaken       = 8 << 20 // bytes, of one run
	cancelGrace    = 2 * time.Second
)

// converse asks a vantage point and follows its answers to the last one, the
// report. Errors: *Error.
func (p *Prober) converse(ctx context.Context, q question) ([]byte, error) {
	switch {
	case !p.known:
		return nil, p.fail(Unknown)
	case q.login != nil && p.vantage.Key == nil:
		return nil, p.fail(NoKey)
	}
	q.Timeout = min(max(q.Timeout, 1000), maxTimeout.Milliseconds())
	c := &conversation{prober: p, question: q, id: newID(), began: time.Now(), inbox: p.fleet.conn.NewInbox()}
	sub, err := p.fleet.conn.SubscribeSync(c.inbox)
	if err != nil {
		return nil, p.fail(NoEngine)
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := sub.SetPendingLimits(pendingAnswers, pendingBytes); err != nil {
		return nil, p.fail(NoEngine)
	}
	if err := c.ask(); err != nil {
		return nil, err
	}
	return c.listen(ctx, sub)
}

type conversation struct {
	prober *Prober
	question
	id, inbox string
	began     time.Time
	taken     int  // bytes
	cancelled bool // nobody waits any more; the agent has a moment to stop
}

func (c *conversation) ask() error {
	deadline := c.began.Add(time.Duration(c.Timeout) * time.Millisecond)
	octets, err := c.prober.write(c.question, c.id, deadline)
	if err != nil {
		return c.prober.fail(Failed)
	}
	m := nats.NewMsg(RunSubject(c.prober.vantage.Name))
	m.Reply, m.Data = c.inbox, octets
	m.Header.Set(headerRun, c.id)
	m.Header.Set(headerEnd, deadline.UTC().Format(time.RFC3339Nano))
	if c.prober.fleet.conn.PublishMsg(m) != nil { // nothing is kept for later, see ReconnectBufSize
		return c.prober.fail(NoEngine)
	}
	return nil
}

// listen reads answers until the last one, until the agent has been silent for too
// long, or until nobody waits any more and the agent has had time to stop.
func (c *conversation) listen(ctx context.Context, sub *nats.Subscription) ([]byte, error) {
	whole, cancel := context.WithTimeout(ctx, time.Duration(c.Timeout)*time.Millisecond+overtime)
	defer cancel()
	for {
		m, err := next(whole, sub)
		switch {
		case errors.Is(err, nats.ErrNoResponders):
			c.prober.fleet.seen(c.prober.vantage.Name, false)
			return nil, c.prober.fail(Absent)
		case err == nil:
			c.prober.fleet.seen(c.prober.vantage.Name, true)
			if octets, last, err := c.take(m); last {
				return octets, err
			}
		case whole.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			c.cancel() // it may live, and only not be heard
			return nil, c.lost()
		case whole.Err() == nil:
			return nil, c.prober.fail(NoEngine)
		case c.cancelled: // and not stopped in time
			return nil, c.lost()
		default:
			c.cancel()
			c.cancelled = true
			var end context.CancelFunc
			whole, end = context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
			defer end()
		}
	}
}

// next waits for one answer, as long as an agent that lives may be silent.
func next(ctx context.Context, sub *nats.Subscription) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	return sub.NextMsgWithContext(ctx)
}

func (c *conversation) cancel() {
	_ = c.prober.fleet.conn.Publish(CancelSubject(c.prober.vantage.Name, c.id), nil) // it ends by its deadline too
}

func (c *conversation) lost() *Error {
	e := c.prober.fail(Lost)
	e.After = time.Since(c.began)
	return e
}

// take reads one answer; last: it was.
func (c *conversation) take(m *nats.Msg) (report []byte, last bool, err error) {
	if c.taken += len(m.Data); c.taken > maxTaken {
		c.cancel()
		return nil, true, c.prober.fail(Unreadable)
	}
	switch m.Header.Get(headerKind) {
	case kindEvent:
		var e wireEvent
		if json.Unmarshal(m.Data, &e) == nil {
			c.event(e)
		}
		return nil, false, nil
	case kindReport:
		var r wireReport
		if json.Unmarshal(m.Data, &r) != nil || r.Version != protocol {
			return nil, true, c.prober.fail(Unreadable)
		}
		return r.Report, true, nil
	case kindError:
		return nil, true, c.refusal(m.Data)
	}
	return nil, false, nil // of a later version, which has more kinds
}

func (c *conversation) refusal(data []byte) *Error {
	var w wireError
	if json.Unmarshal(data, &w) != nil {
		return c.prober.fail(Unreadable)
	}
	e := c.prober.fail(kindOf(w.Code))
	e.Code, e.Says, e.After = w.Code, printable(w.Says, maxSays), time.Since(c.began)
	return e
}
