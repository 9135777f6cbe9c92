package main

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"log/slog"
	"strings"
	"time"

	"smtptest/bot"
	"smtptest/bot/results"
	"smtptest/bot/results/shared"
	watched "smtptest/bot/watch/shared"
	"smtptest/formatting"
)

// sharedLook is how often it is noted how shared state stands.
const sharedLook = time.Second

// sharedFirst is how long the bot waits before it takes commands until it knows
// what the other replicas keep.
const sharedFirst = 2 * time.Second

// orphanLimit is for ending the message of a killed replica's test.
const orphanLimit = time.Minute

// ender is an adapter that can end an answer that another replica has begun.
type ender interface {
	EndOrphan(ctx context.Context, left bot.Left, m formatting.Message)
}

// share makes limits and rows those of all replicas, where there is an engine.
// Nothing waits for it longer than a moment. Errors: the key cannot be used.
func (e *engine) share(c config, h *bot.Handler, op *operator, all []platform) (leave func(), err error) {
	if e == nil {
		return func() {}, nil
	}
	key, err := hkdf.Key(sha256.New, c.buttonKey(), nil, "smtptest replicas 1", sha256.Size)
	if err != nil {
		return nil, err
	}
	r, err := shared.Open(e.conn, shared.Options{
		Key: key, Limits: c.limits, Log: e.log,
		Observe: func(event shared.Event) {
			op.event(bot.Event{Kind: bot.EventShared, Outcome: string(event)})
		},
		Orphan: func(run results.Running) { endOrphan(h, run, all) },
	})
	if err != nil {
		return nil, err
	}
	h.Limiter, h.Store = r.Limiter(), r.Store()
	watches, err := watched.Open(e.conn, key, e.log)
	if err != nil {
		r.Close()
		return nil, err
	}
	h.Watches.Schedule = watches
	for began := time.Now(); r.Store().Apart() && time.Since(began) < sharedFirst; {
		time.Sleep(sharedFirst / 100)
	}
	done := make(chan struct{})
	go op.watchShared(r, e.log, done)
	return func() {
		close(done)
		r.Close()
	}, nil
}

// buttonKey is of the codes in buttons. It comes from the tokens, so that a
// restart and a second process have the same one, and nothing new is to be kept.
func (c config) buttonKey() []byte {
	var tokens []string
	if c.slack != nil {
		tokens = append(tokens, c.slack.botToken.Reveal())
	}
	if c.discord != nil {
		tokens = append(tokens, c.discord.botToken.Reveal())
	}
	key, err := hkdf.Key(sha256.New, []byte(strings.Join(tokens, "\x00")), nil, "smtptest buttons 1", sha256.Size)
	if err != nil {
		return nil // a test reads a key; without one no button outlives its result
	}
	return key
}

// watchShared notes how shared state stands until done is closed.
func (o *operator) watchShared(r *shared.Replica, log *slog.Logger, done <-chan struct{}) {
	tick := time.NewTicker(sharedLook)
	defer tick.Stop()
	apart := true // nothing is shared before the servers have answered
	for {
		s := r.Standing()
		o.health.NoteShared(!s.Apart, s.Reason, s.Replicas)
		switch {
		case s.Apart && !apart:
			log.Warn("limits and results are not shared with other replicas", "reason", s.Reason)
		case !s.Apart && apart:
			log.Info("limits and results are shared with other replicas", "count", s.Replicas)
		}
		apart = s.Apart
		select {
		case <-tick.C:
		case <-done:
			return
		}
	}
}

// endOrphan ends an answer on its platform.
func endOrphan(h *bot.Handler, run results.Running, all []platform) {
	limited, cancel := context.WithTimeout(context.Background(), orphanLimit)
	defer cancel()
	for _, p := range all {
		if a, ok := p.adapter.(ender); ok && strings.EqualFold(p.name, string(run.Left.Place.Platform)) {
			a.EndOrphan(limited, *run.Left, h.Orphaned(run))
		}
	}
}
