package main

import (
	"context"
	"log/slog"
	"net"

	"smtptest/bot"
	"smtptest/bot/admin"
	"smtptest/cmd/settings"
)

// operator is the side of the program that observes it: health, counters,
// systemd.
type operator struct {
	health  *bot.Health
	admin   *admin.Admin
	manager *manager
	log     *slog.Logger
	address string // of admin; empty: it does not listen
}

func newOperator(c config, log *slog.Logger) *operator {
	health := bot.NewHealth(c.platforms()...)
	return &operator{
		health: health, log: log, address: c.adminAddr, manager: &manager{socket: c.notifySocket},
		admin: admin.New(admin.Config{Health: health, Version: version(), Profile: c.profile, Probe: c.exporter(local(c))}),
	}
}

// event takes in what happened to an adapter.
func (o *operator) event(e bot.Event) {
	o.health.Note(e)
	o.admin.Event(e)
	if o.health.Ready() {
		o.manager.tellReady()
	}
}

// record takes in an answer.
func (o *operator) record(r bot.Record) {
	o.admin.Record(r)
	bot.LogAnswers(o.log)(r)
}

// drain says to those who watch that the program is stopping.
func (o *operator) drain() {
	o.health.Drain()
	o.manager.tellStopping()
}

// listen serves the operator until the returned function is called. Errors: the
// address cannot be listened on.
func (o *operator) listen() (closeWindow func(), err error) {
	if o.address == "" {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", o.address)
	if err != nil {
		return nil, settings.Say("SMTPTEST_ADMIN_ADDR", "cannot be listened on")
	}
	o.log.Info("the admin server is listening", "address", l.Addr().String())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if o.admin.Serve(ctx, l) != nil {
			o.log.Error("the admin server has failed")
		}
	}()
	return func() { cancel(); <-ended }, nil
}
