package main

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/bot"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
)

// engineConfig is how to reach NATS, the engine behind vantage points and replicas.
type engineConfig struct {
	urls  []string
	clear bool           // all on loopback and without TLS
	creds string         // file; empty: none
	nkey  string         // file; empty: none
	roots *x509.CertPool // instead of the system's; nil: the system's
}

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
		switch clear, says := broker.CheckURL(text); {
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

// engine is the connection to NATS. A nil one is none: each method does nothing.
type engine struct {
	conn  *nats.Conn
	log   *slog.Logger
	fleet *remote.Fleet // of the vantage points; may be of none
}

// engineCheck is how long -check waits for the engine.
const engineCheck = 10 * time.Second

// connectEngine begins to connect, and goes on trying in the background: nothing
// waits for the engine. Errors: the credentials cannot be used.
func connectEngine(all config, log *slog.Logger, health *bot.Health) (*engine, error) {
	c := all.engine
	if c == nil {
		return nil, nil
	}
	health.NoteEngine(false, "it was not reached yet")
	conn, err := broker.Connect(c.connection(log.With("engine", "nats"), health))
	switch {
	case errors.Is(err, broker.ErrSeed):
		return nil, problem{"SMTPTEST_NATS_NKEY_FILE", "names a file that holds no nkey seed of a user (SU…)"}
	case err != nil:
		return nil, problem{"SMTPTEST_NATS_URL", "cannot be used: " + bot.Cause(err)}
	}
	if conn.IsConnected() {
		health.NoteEngine(true, "")
	}
	return &engine{conn, log, remote.NewFleet(conn, all.vantages)}, nil
}

func (c *engineConfig) connection(log *slog.Logger, health *bot.Health) broker.Connection {
	return broker.Connection{
		Name: "smtptest-bot", URLs: c.urls, Clear: c.clear, Creds: c.creds, Nkey: c.nkey, Roots: c.roots,
		Inbox: broker.BotInbox,
		Up: func() {
			health.NoteEngine(true, "")
			log.Info("the engine is connected")
		},
		Down: func(err error) {
			reason := engineCause(err)
			health.NoteEngine(false, reason)
			log.Warn("the engine is not connected", "reason", reason)
		},
		Denied: func() { log.Error("the engine refuses what this bot needs: check its permissions") },
	}
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
	version := e.conn.ConnectedServerVersion()
	if err := broker.CheckServer(version); err != nil {
		e.log.Error("The engine cannot be used: " + err.Error() + ".")
		return false
	}
	e.log.Info("The engine is NATS " + version + ".")
	e.checkFleet(limited)
	return true
}

// engineCause says in a few words why the engine was not reached.
func engineCause(err error) string {
	if cause := broker.Cause(err); cause != "" {
		return cause
	}
	return bot.Cause(err)
}

func (e *engine) close() {
	if e != nil {
		e.conn.Close()
	}
}
