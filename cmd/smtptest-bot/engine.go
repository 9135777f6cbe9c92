package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/bot"
)

// engineConfig is how to reach NATS, the engine behind vantage points and replicas.
type engineConfig struct {
	urls  []string
	clear bool           // all on loopback and without TLS
	creds string         // file; empty: none
	nkey  string         // file; empty: none
	roots *x509.CertPool // instead of the system's; nil: the system's
}

// inboxPrefix is where answers come back. The permissions of this bot name it, so
// that nobody else on the broker can read them.
const inboxPrefix = "_INBOX_smtptest_bot"

// engine reads what belongs to the engine; nil: there is none.
func (r *reader) engine(v variables) *engineConfig {
	const variable = "SMTPTEST_NATS_URL"
	e := &engineConfig{creds: v.NATSCreds, nkey: v.NATSNkey, roots: r.roots("SMTPTEST_NATS_CA_FILE", v.NATSCA)}
	e.urls = r.list(variable, v.NATSURL)
	for name, file := range map[string]string{
		"SMTPTEST_NATS_CREDS_FILE": e.creds, "SMTPTEST_NATS_NKEY_FILE": e.nkey, "SMTPTEST_NATS_CA_FILE": v.NATSCA,
	} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			r.wrong(name, "names a file that cannot be read. Check its name and rights")
		}
		if len(e.urls) == 0 {
			r.wrong(name, "is set, and SMTPTEST_NATS_URL is not: there is no engine to connect to")
		}
	}
	if e.creds != "" && e.nkey != "" {
		r.wrong("SMTPTEST_NATS_NKEY_FILE", "and SMTPTEST_NATS_CREDS_FILE are two ways to say the same; give one of them")
	}
	open := 0
	for i, text := range e.urls {
		switch clear, says := engineURL(text); {
		case says != "":
			r.wrong(variable, "lists, as entry %d, %s", i+1, says)
		case clear:
			open++
		}
	}
	if e.clear = open > 0; e.clear && open < len(e.urls) {
		r.wrong(variable, "mixes servers on this machine without TLS with others; give one kind")
	}
	if len(e.urls) == 0 {
		return nil
	}
	return e
}

// engineURL says what is wrong with the address of a server; clear: it is reached
// without TLS, which is for loopback alone.
func engineURL(text string) (clear bool, says string) {
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

// engine is the connection to NATS. A nil one is none: each method does nothing.
type engine struct {
	conn *nats.Conn
	log  *slog.Logger
}

// How the connection is kept.
const (
	engineDialLimit = 2 * time.Second
	enginePing      = 10 * time.Second // with one that may stay unanswered, a dead server is noticed within 20 s
	engineRetry     = 500 * time.Millisecond
	engineCheck     = 10 * time.Second
)

// connectEngine begins to connect, and goes on trying in the background: nothing
// waits for the engine. Errors: the credentials cannot be used.
func connectEngine(c *engineConfig, log *slog.Logger, health *bot.Health) (*engine, error) {
	if c == nil {
		return nil, nil
	}
	health.NoteEngine(false, "it was not reached yet")
	options, err := c.options(log.With("engine", "nats"), health)
	if err != nil {
		return nil, err
	}
	conn, err := nats.Connect(strings.Join(c.urls, ","), options...)
	if err != nil {
		return nil, problem{"SMTPTEST_NATS_URL", "cannot be used: " + bot.Cause(err)}
	}
	if conn.IsConnected() {
		health.NoteEngine(true, "")
	}
	return &engine{conn, log}, nil
}

func (c *engineConfig) options(log *slog.Logger, health *bot.Health) ([]nats.Option, error) {
	up := func(*nats.Conn) {
		health.NoteEngine(true, "")
		log.Info("the engine is connected")
	}
	down := func(_ *nats.Conn, err error) {
		reason := engineCause(err)
		health.NoteEngine(false, reason)
		log.Warn("the engine is not connected", "reason", reason)
	}
	options := []nats.Option{
		nats.Name("smtptest-bot"), nats.CustomInboxPrefix(inboxPrefix), nats.NoEcho(),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(engineRetry), nats.ReconnectJitter(engineRetry, engineRetry),
		nats.ReconnectBufSize(-1), // what is asked while it is away is refused at once, and never sent late
		nats.Timeout(engineDialLimit), nats.PingInterval(enginePing), nats.MaxPingsOutstanding(1),
		nats.ConnectHandler(up), nats.ReconnectHandler(up), nats.DisconnectErrHandler(down),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) { // whose text names subjects, and nothing that people typed
				log.Error("the engine refuses what this bot needs: check its permissions")
			}
		}),
	}
	if !c.clear {
		options = append(options, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS13, RootCAs: c.roots}))
	}
	switch {
	case c.creds != "":
		options = append(options, nats.UserCredentials(c.creds))
	case c.nkey != "":
		seed, err := nats.NkeyOptionFromSeed(c.nkey)
		if err != nil {
			return nil, problem{"SMTPTEST_NATS_NKEY_FILE", "names a file that holds no nkey seed of a user (SU…)"}
		}
		options = append(options, seed)
	}
	return options, nil
}

// check says whether the engine can be reached now.
func (e *engine) check(ctx context.Context) bool {
	if e == nil {
		return true
	}
	limited, cancel := context.WithTimeout(ctx, engineCheck)
	defer cancel()
	up := e.conn.StatusChanged(nats.CONNECTED)
	if !e.conn.IsConnected() {
		select {
		case <-up:
		case <-limited.Done():
			e.log.Error("The engine could not be reached: " + engineCause(e.conn.LastError()) + ".")
			return false
		}
	}
	e.log.Info("The engine is NATS " + e.conn.ConnectedServerVersion() + ".")
	return true
}

// engineCause says in a few words why the engine was not reached.
func engineCause(err error) string {
	switch {
	case err == nil:
		return "the connection ended"
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked),
		errors.Is(err, nats.ErrAccountAuthExpired):
		return "it refuses this bot's credentials"
	case errors.Is(err, nats.ErrSecureConnWanted), errors.Is(err, nats.ErrSecureConnRequired):
		return "TLS is wanted on one side alone"
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrStaleConnection):
		return "no answer in time"
	}
	return bot.Cause(err)
}

func (e *engine) close() {
	if e != nil {
		e.conn.Close()
	}
}
