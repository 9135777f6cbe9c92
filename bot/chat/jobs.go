package chat

import (
	"context"
	"log/slog"

	"smtptest/bot"
)

// Jobs is a bounded queue of answers that wait for the platform. Use NewJobs.
type Jobs struct {
	log      *slog.Logger
	observer Observer
	most     int
	queue    chan func()
}

// NewJobs takes so many jobs and, besides, so many notes.
func NewJobs(log *slog.Logger, o Observer, most, notes int) *Jobs {
	return &Jobs{log: log, observer: o, most: most, queue: make(chan func(), most+notes)}
}

// Async acknowledges an event, and does a job after that. Where too much
// waits, the person is told so instead: in the acknowledgement, if ack reports
// that it has said so, and otherwise by tell.
func (j *Jobs) Async(job func(context.Context), ack func(busy bool) (said bool), tell func(context.Context)) {
	acked := make(chan struct{})
	defer close(acked)
	after := func(job func(context.Context)) func() {
		return func() {
			<-acked
			job(context.Background())
		}
	}
	if j.Later(after(job)) {
		ack(false)
		return
	}
	j.observer.Dropped(bot.DroppedBusy)
	j.log.Warn("too many answers at once")
	if !ack(true) && !j.Note(after(tell)) {
		j.log.Error("an answer was lost")
	}
}

// Later hands on a job; false: too much waits already.
func (j *Jobs) Later(job func()) bool { return len(j.queue) < j.most && j.Note(job) }

// Note is Later for one short call, of which more may wait.
func (j *Jobs) Note(job func()) bool {
	select {
	case j.queue <- job:
		return true
	default:
		return false
	}
}

// Waiting is how many jobs nobody has begun.
func (j *Jobs) Waiting() int { return len(j.queue) }

// Work carries out jobs until ctx is over and none is left. Many may work at
// once.
func (j *Jobs) Work(ctx context.Context) {
	for {
		select {
		case job := <-j.queue:
			Guard(j.log, job)
			continue
		default:
		}
		select {
		case job := <-j.queue:
			Guard(j.log, job)
		case <-ctx.Done():
			if len(j.queue) == 0 {
				return
			}
		}
	}
}
