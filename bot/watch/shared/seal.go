package shared

import (
	"encoding/json"

	"smtptest/bot/sealed"
	"smtptest/bot/watch"
)

// seal encodes a row for its own id.
func seal(k sealed.Keys, r watch.Row) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return k.Seal(r.ID, text), nil
}

// open decodes what seal has made.
func open(k sealed.Keys, id string, octets []byte) (r watch.Row, err error) {
	text, err := k.Open(id, octets)
	if err != nil || json.Unmarshal(text, &r) != nil || r.ID != id {
		return watch.Row{}, sealed.ErrUnreadable
	}
	return r, nil
}
