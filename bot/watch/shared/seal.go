package shared

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"smtptest/bot/watch"
)

// minKeyBytes is 128 bits, below which a key could be tried out.
const minKeyBytes = 16

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
	row, err := hkdf.Key(sha256.New, secret, nil, "smtptest shared watches 1", 32)
	if err != nil {
		return keys{}, err
	}
	name, err := hkdf.Key(sha256.New, secret, nil, "smtptest shared names of watches 1", sha256.Size)
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

// hash names something without saying what it is: 128 bits of HMAC-SHA-256.
func (k keys) hash(kind, name string) string {
	mac := hmac.New(sha256.New, k.name)
	_, _ = mac.Write([]byte(kind + "\x00" + name))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// seal encodes a row for its own id: it cannot be read, changed or put in the
// place of another.
func (k keys) seal(r watch.Row) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	sealed := make([]byte, 1+k.row.NonceSize(), 1+k.row.NonceSize()+len(text)+k.row.Overhead())
	sealed[0] = rowVersion
	nonce := sealed[1:]
	_, _ = rand.Read(nonce) // it never fails (crypto/rand)
	return k.row.Seal(sealed, nonce, text, []byte(r.ID)), nil
}

var errUnreadable = errors.New("a row of another key or version")

// open decodes what seal has made.
func (k keys) open(id string, sealed []byte) (r watch.Row, err error) {
	head := 1 + k.row.NonceSize()
	if len(sealed) < head || sealed[0] != rowVersion {
		return r, errUnreadable
	}
	text, err := k.row.Open(nil, sealed[1:head], sealed[head:], []byte(id))
	if err != nil || json.Unmarshal(text, &r) != nil || r.ID != id {
		return watch.Row{}, errUnreadable
	}
	return r, nil
}
