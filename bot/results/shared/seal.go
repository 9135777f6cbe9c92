package shared

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"time"

	"smtptest/bot/results"
)

// minKeyBytes is 128 bits, below which a key could be tried out.
const minKeyBytes = 16

// maxPlainBytes bounds a row before it is compressed: the memory for it.
const maxPlainBytes = 16 << 20

// rowVersion begins each sealed row. A replica passes over rows of another one.
const rowVersion = 1

// keys are of one bot: they come from one secret that all its replicas have.
type keys struct {
	row  cipher.AEAD
	name []byte
}

func derive(secret []byte) (keys, error) {
	if len(secret) < minKeyBytes {
		return keys{}, errors.New("the key that the replicas share is too short")
	}
	row, err := hkdf.Key(sha256.New, secret, nil, "smtptest shared rows 1", 32)
	if err != nil {
		return keys{}, err
	}
	name, err := hkdf.Key(sha256.New, secret, nil, "smtptest shared names 1", sha256.Size)
	if err != nil {
		return keys{}, err
	}
	block, err := aes.NewCipher(row)
	if err != nil {
		return keys{}, err
	}
	sealer, err := cipher.NewGCM(block)
	return keys{sealer, name}, err
}

// hash names something without saying what it is: 128 bits of HMAC-SHA-256. A
// plain hash of a host or a person would be found by trying all.
func (k keys) hash(kind, name string) string {
	mac := hmac.New(sha256.New, k.name)
	_, _ = mac.Write([]byte(kind + "\x00" + name))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// row is one row, or the end of one.
type row struct {
	Replica string           `json:"replica"` // that wrote it
	Result  *results.Result  `json:"result,omitempty"`
	Form    *results.Form    `json:"form,omitempty"`
	Running *results.Running `json:"running,omitempty"`
	Over    bool             `json:"over,omitempty"` // a form was consumed, a test has ended
	At      time.Time        `json:"at"`             // it was written, UTC
}

// seal encodes a row for its subject alone: it cannot be read, changed or put in
// another's place.
func (k keys) seal(subject string, r row) ([]byte, error) {
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
	return k.sealOctets(subject, packed.Bytes()), nil
}

func (k keys) sealOctets(subject string, text []byte) []byte {
	sealed := make([]byte, 1+k.row.NonceSize(), 1+k.row.NonceSize()+len(text)+k.row.Overhead())
	sealed[0] = rowVersion
	nonce := sealed[1:]
	_, _ = rand.Read(nonce) // it never fails (crypto/rand)
	return k.row.Seal(sealed, nonce, text, []byte(subject))
}

var errUnreadable = errors.New("a row of another key or version")

// open decodes what seal has made.
func (k keys) open(subject string, sealed []byte) (r row, err error) {
	packed, err := k.openOctets(subject, sealed)
	if err != nil {
		return r, err
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxPlainBytes))
	if err != nil || json.Unmarshal(text, &r) != nil {
		return r, errUnreadable
	}
	return r, nil
}

func (k keys) openOctets(subject string, sealed []byte) ([]byte, error) {
	head := 1 + k.row.NonceSize()
	if len(sealed) < head || sealed[0] != rowVersion {
		return nil, errUnreadable
	}
	text, err := k.row.Open(nil, sealed[1:head], sealed[head:], []byte(subject))
	if err != nil {
		return nil, errUnreadable
	}
	return text, nil
}
