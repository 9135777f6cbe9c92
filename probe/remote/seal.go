package remote

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// The one suite of the protocol: it also holds against whoever records today and
// has a quantum computer later.
func suite() (hpke.KEM, hpke.KDF, hpke.AEAD) {
	return hpke.MLKEM768X25519(), hpke.HKDFSHA256(), hpke.AES256GCM()
}

const (
	encapsulated = 1120 // octets of an encapsulated key of this KEM
	padding      = 512  // octets: the length of a password is nobody's business
	privateWord  = "smtptest-agent-key-1"
)

// PublicKey is that of an agent: logins are sealed to it.
type PublicKey struct{ key hpke.PublicKey }

// PrivateKey opens what was sealed to its public key.
type PrivateKey struct{ key hpke.PrivateKey }

// GenerateKey makes the pair of an agent.
func GenerateKey() (*PrivateKey, error) {
	kem, _, _ := suite()
	key, err := kem.GenerateKey()
	if err != nil {
		return nil, err
	}
	return &PrivateKey{key}, nil
}

// ParsePublicKey reads what String of a public key wrote.
func ParsePublicKey(text string) (*PublicKey, error) {
	kem, _, _ := suite()
	octets, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the key is not whole: it is base64 as `smtptest-agent -key` prints it")
	}
	key, err := kem.NewPublicKey(octets)
	if err != nil {
		return nil, errors.New("the key is no public key of an agent: take what `smtptest-agent -key` prints")
	}
	return &PublicKey{key}, nil
}

// ParsePrivateKey reads what Text of a private key wrote. Its error quotes nothing.
func ParsePrivateKey(text string) (*PrivateKey, error) {
	wrong := errors.New("this is no private key of an agent: `smtptest-agent -key FILE` makes one")
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	octets, err := base64.RawURLEncoding.DecodeString(rest)
	if word != privateWord || err != nil {
		return nil, wrong
	}
	kem, _, _ := suite()
	key, err := kem.NewPrivateKey(octets)
	if err != nil {
		return nil, wrong
	}
	return &PrivateKey{key}, nil
}

// Text is the private key for a file that nobody else can read.
func (k *PrivateKey) Text() (secret.Secret, error) {
	octets, err := k.key.Bytes()
	if err != nil {
		return secret.Secret{}, err
	}
	return secret.New(privateWord + " " + base64.RawURLEncoding.EncodeToString(octets) + "\n"), nil
}

// Public is the other half.
func (k *PrivateKey) Public() *PublicKey { return &PublicKey{k.key.PublicKey()} }

// String is the key for the configuration of a bot, some 1,600 characters.
func (k *PublicKey) String() string { return base64.RawURLEncoding.EncodeToString(k.key.Bytes()) }

// ID names the key in 16 characters: the beginning of its SHA-256.
func (k *PublicKey) ID() string {
	sum := sha256.Sum256(k.key.Bytes())
	return hex.EncodeToString(sum[:8])
}

func sealInfo(vantage, id string) []byte { return []byte("smtptest/1 " + vantage + " " + id) }

// sealed is the plaintext of a login.
type sealed struct {
	Expires int64     `json:"expires_ms"` // Unix time
	Login   wireLogin `json:"login"`
}

// wireLogin is a login on its way. It exists sealed, and for the moment in which
// that is made or opened.
type wireLogin struct {
	Mechanism  string `json:"mechanism,omitempty"`
	User       string `json:"user"`
	Authzid    string `json:"authzid,omitempty"`
	Password   string `json:"password,omitempty"`
	Token      string `json:"token,omitempty"`
	Host       string `json:"host,omitempty"` // as it was asked for; some mechanisms name it
	Port       uint16 `json:"port,omitempty"`
	Private    bool   `json:"private,omitempty"`
	FormKnown  bool   `json:"form_known,omitempty"`
	FormUser   string `json:"form_user,omitempty"`
	FormSecret string `json:"form_secret,omitempty"`
}

func fromLogin(l *probe.Login) wireLogin {
	c := l.Credential
	w := wireLogin{
		Mechanism: l.Mechanism, User: c.User, Authzid: c.Authzid, Password: c.Password.Reveal(), Token: c.Token.Reveal(),
		Host: c.Host, Port: c.Port, Private: l.Private,
	}
	if l.Form != nil {
		w.FormKnown, w.FormUser, w.FormSecret = true, l.Form.User, l.Form.Secret
	}
	return w
}

func (w wireLogin) login() *probe.Login {
	l := &probe.Login{Mechanism: w.Mechanism, Private: w.Private, Credential: sasl.Credential{
		User: w.User, Authzid: w.Authzid, Password: secret.New(w.Password), Token: secret.New(w.Token),
		Host: w.Host, Port: w.Port,
	}}
	if w.FormKnown {
		l.Form = &probe.LoginForm{User: w.FormUser, Secret: w.FormSecret}
	}
	return l
}

// seal hides a login from all but one agent, for one run and one request.
func (k *PublicKey) seal(info, request []byte, login *probe.Login, expires time.Time) ([]byte, error) {
	plain, err := json.Marshal(sealed{expires.UnixMilli(), fromLogin(login)})
	if err != nil {
		return nil, errors.New("remote: the login cannot be written") // the cause might quote it
	}
	plain = append(plain, bytes.Repeat([]byte(" "), padding-len(plain)%padding)...)
	_, kdf, aead := suite()
	enc, sender, err := hpke.NewSender(k.key, kdf, aead, info)
	if err != nil {
		return nil, err
	}
	text, err := sender.Seal(request, plain)
	return append(enc, text...), err
}

var (
	errUnopened = errors.New("the login does not open here")
	errExpired  = errors.New("the login has expired")
)

// open is the reverse.
func (k *PrivateKey) open(info, request, box []byte, now time.Time) (*probe.Login, error) {
	if len(box) < encapsulated {
		return nil, errUnopened
	}
	_, kdf, aead := suite()
	recipient, err := hpke.NewRecipient(box[:encapsulated], k.key, kdf, aead, info)
	if err != nil {
		return nil, errUnopened
	}
	plain, err := recipient.Open(request, box[encapsulated:])
	if err != nil {
		return nil, errUnopened
	}
	var s sealed
	if json.Unmarshal(plain, &s) != nil {
		return nil, errUnopened
	}
	if now.UnixMilli() > s.Expires {
		return nil, errExpired
	}
	return s.Login.login(), nil
}
