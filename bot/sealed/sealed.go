// Package sealed hides what replicas share from whoever runs the servers between
// them: rows are sealed, and the names of things are keyed hashes.
package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// minKeyBytes is 128 bits, below which a key could be tried out.
const minKeyBytes = 16

// version begins each sealed row. A replica passes over rows of another one.
const version = 1

// Keys are of one bot and one purpose: they come from one secret that all its
// replicas have.
type Keys struct {
	row  cipher.AEAD
	name []byte
}

// Derive makes the keys of a purpose. Errors: the secret has less than 16 octets.
func Derive(secret []byte, purpose string) (Keys, error) {
	if len(secret) < minKeyBytes {
		return Keys{}, errors.New("the key that the replicas share is too short")
	}
	row, err := hkdf.Key(sha256.New, secret, nil, "smtptest shared "+purpose+" 1", 32)
	if err != nil {
		return Keys{}, err
	}
	name, err := hkdf.Key(sha256.New, secret, nil, "smtptest shared names of "+purpose+" 1", sha256.Size)
	if err != nil {
		return Keys{}, err
	}
	block, err := aes.NewCipher(row)
	if err != nil {
		return Keys{}, err
	}
	sealer, err := cipher.NewGCM(block)
	return Keys{sealer, name}, err
}

// Hash names something without saying what it is: 128 bits of HMAC-SHA-256. A
// plain hash of a host or a person would be found by trying all.
func (k Keys) Hash(kind, name string) string {
	mac := hmac.New(sha256.New, k.name)
	_, _ = mac.Write([]byte(kind + "\x00" + name))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Seal hides a text for its subject alone: it cannot be read, changed or put in
// another's place.
func (k Keys) Seal(subject string, text []byte) []byte {
	sealed := make([]byte, 1+k.row.NonceSize(), 1+k.row.NonceSize()+len(text)+k.row.Overhead())
	sealed[0] = version
	nonce := sealed[1:]
	_, _ = rand.Read(nonce) // it never fails (crypto/rand)
	return k.row.Seal(sealed, nonce, text, []byte(subject))
}

// ErrUnreadable is that of a row of another key, version or subject.
var ErrUnreadable = errors.New("a row of another key or version")

// Open is the reverse of Seal. Errors: ErrUnreadable.
func (k Keys) Open(subject string, sealed []byte) ([]byte, error) {
	head := 1 + k.row.NonceSize()
	if len(sealed) < head || sealed[0] != version {
		return nil, ErrUnreadable
	}
	text, err := k.row.Open(nil, sealed[1:head], sealed[head:], []byte(subject))
	if err != nil {
		return nil, ErrUnreadable
	}
	return text, nil
}
