package chat

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// maxPaced bounds the memory for channels that were posted to lately.
const maxPaced = 1000

// Pacer keeps the pace that a platform wants in one channel. What people wait
// for goes first: the verdict of one is not behind the evidence of others. Its
// zero value keeps no pace, and so does none at all. Its fields must not change.
type Pacer struct {
	Every time.Duration // one message in each, in the long run
	Burst int           // messages at once after a pause; 0: 1
	Kept  int           // of Burst, for what is urgent

	mu    sync.Mutex
	lanes map[string]*lane
}

// lane is the line of one channel.
type lane struct {
	full    time.Time // when all of the burst is there again
	waiting [2][]*int // tickets: of what is urgent, and of the rest, first come first
	changed chan struct{}
}

// The lines within a lane.
const (
	urgently = iota
	atLeisure
)

// Wait returns when it is the caller's turn in a channel, or false when ctx is
// over first. Among the urgent and among the others who called earlier has the
// earlier turn. An empty channel has no pace.
func (p *Pacer) Wait(ctx context.Context, channel string, urgent bool) bool {
	if p == nil || p.Every <= 0 || channel == "" {
		return ctx.Err() == nil
	}
	line, ticket := atLeisure, new(int)
	if urgent {
		line = urgently
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lane(channel)
	l.waiting[line] = append(l.waiting[line], ticket)
	l.change()
	for {
		now := time.Now()
		wait := p.wait(l, line, now)
		first := l.waiting[line][0] == ticket && (line == urgently || len(l.waiting[urgently]) == 0)
		over := ctx.Err() != nil
		if over || first && wait <= 0 {
			l.waiting[line] = slices.DeleteFunc(l.waiting[line], func(t *int) bool { return t == ticket })
			if !over {
				l.full = l.since(now).Add(p.Every)
			}
			l.change()
			return !over
		}
		p.pause(ctx, l, first, wait)
	}
}

// pause waits until a turn may have come. mu is held, but for the pause.
func (p *Pacer) pause(ctx context.Context, l *lane, first bool, wait time.Duration) {
	changed, timer := l.changed, time.NewTimer(wait)
	defer timer.Stop()
	if !first { // whoever is first goes first
		timer.Stop()
	}
	p.mu.Unlock()
	defer p.mu.Lock()
	select {
	case <-timer.C:
	case <-changed:
	case <-ctx.Done():
	}
}

// Backlog is how long something urgent would wait for its turn now.
func (p *Pacer) Backlog(channel string) time.Duration {
	if p == nil || p.Every <= 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l, now := p.lane(channel), time.Now()
	return max(0, p.wait(l, urgently, now)+time.Duration(len(l.waiting[urgently]))*p.Every)
}

// Hold lets nothing into a channel for a time: the platform has asked for that.
func (p *Pacer) Hold(channel string, wait time.Duration) {
	if p == nil || p.Every <= 0 || channel == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lane(channel)
	if until := time.Now().Add(wait + p.spare(urgently)); until.After(l.full) {
		l.full = until
	}
}

// wait is how long the first of a line waits; not above 0: it goes. mu is held.
func (p *Pacer) wait(l *lane, line int, now time.Time) time.Duration {
	return l.since(now).Sub(now) - p.spare(line)
}

// spare is how much of the burst a line may use, as a time.
func (p *Pacer) spare(line int) time.Duration {
	n := max(1, p.Burst) - 1
	if line == atLeisure {
		n = max(0, n-p.Kept)
	}
	return time.Duration(n) * p.Every
}

// since is when all of the burst is there again, or now.
func (l *lane) since(now time.Time) time.Time {
	if l.full.Before(now) {
		return now
	}
	return l.full
}

func (l *lane) change() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// lane finds or makes the lane of a channel. mu is held.
func (p *Pacer) lane(channel string) *lane {
	if p.lanes == nil {
		p.lanes = map[string]*lane{}
	}
	if len(p.lanes) >= maxPaced {
		now := time.Now()
		maps.DeleteFunc(p.lanes, func(_ string, l *lane) bool {
			return l.full.Before(now) && len(l.waiting[urgently])+len(l.waiting[atLeisure]) == 0
		})
	}
	if p.lanes[channel] == nil {
		p.lanes[channel] = &lane{changed: make(chan struct{})}
	}
	return p.lanes[channel]
}
