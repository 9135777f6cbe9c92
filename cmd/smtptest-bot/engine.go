package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/bot"
	"smtptest/bot/results/shared"
	"smtptest/cmd/settings"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
)

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
	if all.engine == nil {
		return nil, nil
	}
	health.NoteEngine(false, "it was not reached yet")
	conn, err := broker.Connect(connection(*all.engine, log.With("engine", "nats"), health))
	switch {
	case errors.Is(err, broker.ErrSeed):
		return nil, settings.Say("SMTPTEST_NATS_NKEY_FILE", "names a file that holds no nkey seed of a user (SU…)")
	case err != nil:
		return nil, settings.Say("SMTPTEST_NATS_URL", "cannot be used: "+bot.Cause(err))
	}
	if conn.IsConnected() {
		health.NoteEngine(true, "")
	}
	return &engine{conn, log, remote.NewFleet(conn, all.vantages)}, nil
}

// connection is the configured one, with this bot's name and with what hears of it.
func connection(c broker.Connection, log *slog.Logger, health *bot.Health) broker.Connection {
	c.Name, c.Inbox = "smtptest-bot", broker.BotInbox
	c.Up = func() {
		health.NoteEngine(true, "")
		log.Info("the engine is connected")
	}
	c.Down = func(err error) {
		reason := engineCause(err)
		health.NoteEngine(false, reason)
		log.Warn("the engine is not connected", "reason", reason)
	}
	c.Denied = func() {
		log.Error("the engine refuses what this bot needs: SMTPTEST_NATS_NKEY_FILE is not that of bot.nkey, " +
			"or NATS has not loaded permissions.conf")
	}
	return c
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
	if err := shared.Check(limited, e.conn); err != nil {
		e.log.Warn("Replicas would share nothing: " + err.Error() + ".")
	}
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
