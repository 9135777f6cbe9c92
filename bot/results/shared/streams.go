package shared

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"smtptest/bot/results"
	"smtptest/probe/remote/broker"
)

// The streams. Two have the form of key-value buckets, so that the tools of NATS
// show them; they are made as streams, because a bucket's own call would switch
// atomic batches off again.
const (
	streamLimits  = "KV_limits"
	streamSeen    = "KV_seen"
	streamForms   = "SMTPTEST_FORMS"
	streamRuns    = "SMTPTEST_RUNS"
	streamRunning = "SMTPTEST_RUNNING"
)

// trySubject is of messages that only try whether a leader takes one.
const trySubject = "try"

// Bounds of the streams, for all replicas together.
const (
	maxRunsBytes    = 64 << 20  // the oldest results make way
	maxRowBytes     = 512 << 10 // of one result, sealed; a larger one stays in its replica
	maxSmallBytes   = 16 << 20  // of forms, of tests that run, of marks, and of counters
	maxCounterBytes = 16 << 10  // 8 for each use of one key
	copies          = 3         // servers that keep each stream
)

// subjectOf is what the subjects of a stream begin with.
func subjectOf(stream string) string {
	switch stream {
	case streamLimits:
		return "$KV.limits."
	case streamSeen:
		return "$KV.seen."
	case streamForms:
		return "smtptest.v1.forms."
	case streamRunning:
		return "smtptest.v1.running."
	}
	return "smtptest.v1.runs."
}

// streams are all of them, each kept by so many servers. All are in memory:
// nothing is stored.
func streams(l results.Limits, servers int) []jetstream.StreamConfig {
	longest := results.MaxAge
	for _, r := range l.Rates() {
		longest = max(longest, r.Per)
	}
	one := func(name string, age time.Duration, bytes int64) jetstream.StreamConfig {
		return jetstream.StreamConfig{
			Name: name, Subjects: []string{subjectOf(name) + ">"}, Storage: jetstream.MemoryStorage, Replicas: servers,
			MaxMsgsPerSubject: 1, MaxAge: age, MaxBytes: bytes, MaxMsgSize: maxRowBytes, Discard: jetstream.DiscardOld,
			AllowDirect: true, AllowMsgTTL: true, DenyDelete: false, AllowRollup: true,
		}
	}
	limits := one(streamLimits, longest, maxSmallBytes)
	limits.AllowAtomicPublish, limits.MaxMsgSize = true, maxCounterBytes
	return []jetstream.StreamConfig{
		limits,
		one(streamSeen, results.MaxAge, maxSmallBytes),
		one(streamForms, results.FormLife, maxSmallBytes),
		one(streamRunning, results.FormLife, maxSmallBytes),
		one(streamRuns, results.MaxAge, maxRunsBytes),
	}
}

// tooOld is a server that cannot do what is needed.
type tooOld struct{ error }

// Check says why nothing could be shared over a connection, in a few words.
// Errors: of the servers, without what they quote.
func Check(ctx context.Context, conn *nats.Conn) error {
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	info, err := js.AccountInfo(ctx)
	if err != nil {
		return errors.New(plain(err))
	}
	return broker.CheckLevel(info.API.Level)
}

// Codes of the servers' errors (nats-server, errors.json).
const (
	codeNoCluster     = 10074 // more copies than one are for clusters
	codeWrongLast     = 10071
	codeWrongLastSame = 10164 // the same, where the server does not say which sequence is right
)

// ensure makes a stream as it should be, or checks that it is.
func (r *Replica) ensure(ctx context.Context, stream string) error {
	info, err := r.js.AccountInfo(ctx)
	if err != nil {
		return err
	}
	if err := broker.CheckLevel(info.API.Level); err != nil {
		return tooOld{err}
	}
	err = r.create(ctx, stream, copies)
	if e, ok := errors.AsType[*jetstream.APIError](err); ok && e.ErrorCode == codeNoCluster {
		err = r.create(ctx, stream, 1) // one server alone
	}
	return err
}

func (r *Replica) create(ctx context.Context, stream string, servers int) error {
	for _, s := range streams(r.options.Limits, servers) {
		if s.Name == stream {
			_, err := r.js.CreateOrUpdateStream(ctx, s)
			return err
		}
	}
	return nil
}

// plain names an error without what it quotes.
func plain(err error) string {
	if e, ok := errors.AsType[tooOld](err); ok {
		return e.Error()
	}
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return "JetStream is off on this server, or for this account"
	case errors.Is(err, nats.ErrPermissionViolation):
		return "the permissions of this bot do not allow it"
	}
	if e, ok := errors.AsType[*jetstream.APIError](err); ok {
		return fmt.Sprintf("JetStream error %d", e.ErrorCode)
	}
	return reasonOf(err)
}
