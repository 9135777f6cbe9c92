package broker

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Connection says how to reach the servers.
type Connection struct {
	Name  string // of the program, for the servers' operator
	URLs  []string
	Clear bool           // all on loopback and without TLS
	Creds string         // file of a user's JWT and seed; empty: none
	Nkey  string         // file of a user's nkey seed; empty: none
	Roots *x509.CertPool // instead of the system's; nil: the system's
	// Inbox is what the subjects of answers begin with. Permissions name it, so that
	// nobody else on the broker can read them.
	Inbox string
	// Up and Down hear of the connection, and Denied of something that the
	// permissions do not allow.
	Up     func()
	Down   func(error)
	Denied func()
}

// How the connection is kept.
const (
	DialLimit = 2 * time.Second
	ping      = 10 * time.Second // with one that may stay unanswered, a dead server is noticed within 20 s
	retry     = 500 * time.Millisecond
)

// ErrSeed is a file that holds no nkey seed of a user.
var ErrSeed = errors.New("it holds no nkey seed of a user (SU…)")

// CheckURL says what is wrong with the address of a server; clear: it is reached
// without TLS, which is for loopback alone.
func CheckURL(text string) (clear bool, says string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme):
		return false, "what is not an address such as tls://nats.example.com:4222 or wss://nats.example.com"
	case u.User != nil:
		return false, "an address with a user in it; logins go into SMTPTEST_NATS_CREDS_FILE or SMTPTEST_NATS_NKEY_FILE"
	}
	a, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && a.IsLoopback()
	switch {
	case u.Scheme == "ws" && !local:
		return false, "ws:// outside loopback; write wss://"
	case local && (u.Scheme == "nats" || u.Scheme == "ws"):
		return true, ""
	}
	return false, ""
}

// Connect begins to connect, and goes on trying in the background for as long as
// it takes. Nothing is kept for a server that is away: what is published then is
// refused at once, and never sent late. Errors: ErrSeed, or the addresses or
// credentials cannot be used.
func Connect(c Connection) (*nats.Conn, error) {
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	return nats.Connect(strings.Join(c.URLs, ","), options...)
}

func (c Connection) options() ([]nats.Option, error) {
	options := []nats.Option{
		nats.Name(c.Name), nats.CustomInboxPrefix(c.Inbox), nats.NoEcho(),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(retry), nats.ReconnectJitter(retry, retry), nats.ReconnectBufSize(-1),
		nats.Timeout(DialLimit), nats.PingInterval(ping), nats.MaxPingsOutstanding(1),
		nats.ConnectHandler(func(*nats.Conn) { c.Up() }), nats.ReconnectHandler(func(*nats.Conn) { c.Up() }),
		nats.DisconnectErrHandler(func(conn *nats.Conn, err error) {
			if !conn.IsClosed() { // by ourselves
				c.Down(err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) { // whose text names subjects
				c.Denied()
			}
		}),
	}
	if !c.Clear {
		options = append(options, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS13, RootCAs: c.Roots}))
	}
	switch {
	case c.Creds != "":
		options = append(options, nats.UserCredentials(c.Creds))
	case c.Nkey != "":
		seed, err := nats.NkeyOptionFromSeed(c.Nkey)
		if err != nil {
			return nil, ErrSeed
		}
		options = append(options, seed)
	}
	return options, nil
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// Cause says in a few words why the servers were not reached, as far as it is
// theirs; empty: it is not.
func Cause(err error) string {
	switch {
	case err == nil:
		return "the connection ended"
	case errors.Is(err, io.EOF):
		return "the connection was cut"
	case is[x509.HostnameError](err):
		return "its certificate is for another name than the one in SMTPTEST_NATS_URL"
	case is[x509.UnknownAuthorityError](err):
		return "its certificate is of an authority that is not trusted here; SMTPTEST_NATS_CA_FILE names the file of one"
	case is[*tls.CertificateVerificationError](err):
		return "its certificate is not valid here and now: it may have expired, or a clock is wrong"
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked),
		errors.Is(err, nats.ErrAccountAuthExpired):
		return "it refuses these credentials"
	case errors.Is(err, nats.ErrSecureConnWanted), errors.Is(err, nats.ErrSecureConnRequired):
		return "TLS is wanted on one side alone"
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrStaleConnection):
		return "no answer in time"
	}
	return ""
}
