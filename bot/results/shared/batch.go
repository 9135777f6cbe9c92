package shared

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What nats.go has no calls for yet: the last messages of several subjects in
// one answer (ADR-31), and messages that a stream takes all or none of (ADR-50).

// Headers of the protocol.
const (
	headerBatch       = "Nats-Batch-Id"
	headerBatchNumber = "Nats-Batch-Sequence"
	headerBatchCommit = "Nats-Batch-Commit"
	headerStatus      = "Status"
	statusEnd         = "204"
	statusNone        = "404"
)

var (
	errConflict = errors.New("somebody else was faster")
	errFull     = errors.New("the stream takes no such message")
)

// last is the last message of a subject.
type last struct {
	sequence uint64 // 0: there is none
	data     []byte
}

// lasts returns the last message of each of some subjects.
func (r *Replica) lasts(ctx context.Context, stream string, subjects []string) (map[string]last, error) {
	query, err := json.Marshal(map[string]any{"multi_last": subjects})
	if err != nil {
		return nil, err
	}
	answers, err := r.conn.SubscribeSync(r.conn.NewInbox())
	if err != nil {
		return nil, err
	}
	defer func() { _ = answers.Unsubscribe() }()
	if err := r.conn.PublishRequest("$JS.API.DIRECT.GET."+stream, answers.Subject, query); err != nil {
		return nil, err
	}
	all := map[string]last{}
	for range len(subjects) + 1 {
		m, err := answers.NextMsgWithContext(ctx)
		if err != nil {
			return nil, err
		}
		switch status := m.Header.Get(headerStatus); {
		case status == statusEnd, status == statusNone:
			return all, nil
		case status != "":
			return nil, errors.New("status " + status)
		}
		sequence, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
		if err != nil {
			return nil, err
		}
		all[m.Header.Get(jetstream.SubjectHeader)] = last{sequence, m.Data}
	}
	return all, nil
}

// put publishes messages to a stream: it takes all or none. Errors: errConflict,
// where a message names another last one of its subject than there is; errFull,
// where the stream takes no such message; others say that nothing is known.
func (r *Replica) put(ctx context.Context, stream string, messages ...*nats.Msg) (sequence uint64, err error) {
	if len(messages) > 1 {
		batch := rand.Text()
		for i, m := range messages {
			m.Header.Set(headerBatch, batch)
			m.Header.Set(headerBatchNumber, strconv.Itoa(i+1))
		}
		messages[len(messages)-1].Header.Set(headerBatchCommit, "1")
	}
	for _, m := range messages {
		m.Header.Set(jetstream.ExpectedStreamHeader, stream)
	}
	for _, m := range messages[:len(messages)-1] {
		if err := r.conn.PublishMsg(m); err != nil {
			return 0, err
		}
	}
	answer, err := r.conn.RequestMsgWithContext(ctx, messages[len(messages)-1])
	if err != nil {
		return 0, err
	}
	var ack struct {
		Sequence uint64              `json:"seq"`
		Error    *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return 0, err
	}
	if ack.Error != nil {
		return 0, refusal(ack.Error)
	}
	return ack.Sequence, nil
}

func refusal(e *jetstream.APIError) error {
	switch e.ErrorCode {
	case codeWrongLast, codeWrongLastSame:
		return errConflict
	case codeTooLarge:
		return errFull
	}
	return e
}

// codeTooLarge is of a message that is larger than the stream allows.
const codeTooLarge = 10054

// expecting is a message that is only taken where the last one of its subject has
// this sequence; 0: where there is none.
func expecting(subject string, sequence uint64, data []byte) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Data = data
	m.Header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(sequence, 10))
	return m
}
