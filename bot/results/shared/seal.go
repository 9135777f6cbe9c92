package shared

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"time"

	"smtptest/bot/results"
	"smtptest/bot/sealed"
)

// maxPlainBytes bounds a row before it is compressed: the memory for it.
const maxPlainBytes = 16 << 20

// row is one row, or the end of one.
type row struct {
	Replica string           `json:"replica"` // that wrote it
	Result  *results.Result  `json:"result,omitempty"`
	Form    *results.Form    `json:"form,omitempty"`
	Running *results.Running `json:"running,omitempty"`
	Over    bool             `json:"over,omitempty"` // a form was consumed, a test has ended
	At      time.Time        `json:"at"`             // it was written, UTC
}

// sealRow encodes a row for its subject alone: it cannot be read, changed or put in
// another's place.
func sealRow(k sealed.Keys, subject string, r row) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	_, _ = w.Write(text) // into memory
	_ = w.Close()
	return k.Seal(subject, packed.Bytes()), nil
}

// openRow decodes what sealRow has made.
func openRow(k sealed.Keys, subject string, octets []byte) (r row, err error) {
	packed, err := k.Open(subject, octets)
	if err != nil {
		return r, err
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxPlainBytes))
	if err != nil || json.Unmarshal(text, &r) != nil {
		return r, sealed.ErrUnreadable
	}
	return r, nil
}
