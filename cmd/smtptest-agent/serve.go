package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/probe"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
	"smtptest/probe/guard"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
)

const (
	inbox       = "_INBOX_smtptest_agent" // never used: an agent asks nobody
	checkLimit  = 10 * time.Second        // of -check, until NATS is connected
	healthEvery = 10 * time.Second
	healthMost  = 3 * healthEvery // a file that is older is of an agent that hangs or was killed
)

// serve connects and answers until ctx is over.
func serve(ctx context.Context, c config, log *slog.Logger, checkOnly bool) int {
	c.broker.Name, c.broker.Inbox = "smtptest-agent "+c.vantage, inbox
	up := make(chan struct{}, 1)
	c.broker.Up = func() {
		log.Info("connected")
		select {
		case up <- struct{}{}:
		default:
		}
	}
	c.broker.Down = func(err error) { log.Warn("not connected", "reason", cause(err)) }
	c.broker.Denied = func() {
		log.Error("NATS refuses what this agent needs: its nkey is of another vantage point, " +
			"or permissions.conf is an old one")
	}
	conn, err := broker.Connect(*c.broker)
	if err != nil {
		log.Error("NATS cannot be used: " + cause(err) + ".")
		return exitConfig
	}
	defer conn.Close()
	s := service(c)
	if checkOnly {
		return check(ctx, conn, up, log, func() bool {
			if !permitted(conn, c.vantage) {
				log.Error("NATS does not let this agent be asked at " + c.vantage + ": its nkey is of another vantage point, " +
					"or NATS has not loaded the permissions.conf that has it.")
				return false
			}
			log.Info(opens(c))
			if s.Port25(ctx) == remote.DoorClosed {
				log.Warn("This network lets nothing out on port 25.")
			}
			return true
		})
	}
	keeping, stop := context.WithCancel(ctx)
	defer stop()
	go keepHealth(keeping, c.health, conn.IsConnected)
	if err := s.Serve(ctx, conn); err != nil {
		log.Error("requests cannot be taken", "reason", cause(err))
		return exitRefused
	}
	log.Info("stopped")
	return exitStopped
}

// service wires what is done on request.
func service(c config) *remote.Service {
	local := &probe.Local{
		Resolver: c.resolver, Policy: c.policy, Roots: c.roots, EHLOName: c.ehloName, Vantage: c.vantage,
		Controls: c.controls,
	}
	e := &domain.Examiner{
		Sessions: local, Anchors: c.anchors, Policy: c.policy, Roots: c.roots, EHLOName: c.ehloName, Vantage: c.vantage,
	}
	if asker, ok := c.resolver.(dnssec.Asker); ok {
		e.DNS = asker
	}
	s := &remote.Service{
		Vantage: c.vantage, Version: version(), Network: c.network, Prober: local, Domains: e, Key: c.key,
		Envelope: c.envelope, Grace: c.grace, Limits: remote.Limits{AtOnce: c.atOnce},
	}
	if c.controls != nil {
		e.Reach, s.Reach, s.Egress = local.Reach, local.Reach, local.Egress
	}
	return s
}

// check says whether this agent can be asked, and then how it stands.
func check(ctx context.Context, conn *nats.Conn, up <-chan struct{}, log *slog.Logger, standing func() bool) int {
	select {
	case <-up:
	case <-ctx.Done():
		return exitRefused
	case <-time.After(checkLimit):
		log.Error("NATS could not be reached: " + cause(conn.LastError()) + ".")
		return exitRefused
	}
	version := conn.ConnectedServerVersion()
	if err := broker.CheckServer(version); err != nil {
		log.Error("NATS cannot be used: " + err.Error() + ".")
		return exitRefused
	}
	log.Info("NATS is version " + version + ".")
	if !standing() {
		return exitRefused
	}
	log.Info("the configuration can be used")
	return exitStopped
}

// permitted reports that NATS lets this agent hear what is asked of its vantage point. It
// listens to cancellations, because a request would be taken from an agent that runs.
func permitted(conn *nats.Conn, vantage string) bool {
	sub, err := conn.SubscribeSync(remote.CancelSubject(vantage, "*"))
	if err != nil {
		return false
	}
	defer func() { _ = sub.Unsubscribe() }()
	err = conn.FlushTimeout(broker.DialLimit) // its answer comes after a refusal
	return err == nil && !errors.Is(conn.LastError(), nats.ErrPermissionViolation)
}

// opens says what may be tested from here.
func opens(c config) string {
	var ports []string
	for _, p := range append(guard.DefaultPorts(), c.policy.Ports...) {
		ports = append(ports, strconv.Itoa(int(p)))
	}
	networks, logins := "public addresses alone", "none: SMTPTEST_KEY_FILE is not set"
	if len(c.policy.Networks) > 0 {
		networks = "public addresses and " + strings.Trim(fmt.Sprint(c.policy.Networks), "[]")
	}
	if c.key != nil {
		logins = "sealed to key " + c.key.Public().ID()
	}
	return fmt.Sprintf("%s may test %s, on ports %s; senders and recipients: %t; logins: %s.",
		c.vantage, networks, strings.Join(ports, ", "), c.envelope, logins)
}

// cause says in a few words why NATS was not reached. It quotes nothing.
func cause(err error) string {
	if text := broker.Cause(err); text != "" {
		return text
	}
	if errors.Is(err, broker.ErrSeed) {
		return "the file that SMTPTEST_NATS_NKEY_FILE names holds no nkey seed of a user (SU…)"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "DNS has no address for its name"
	}
	switch probe.KindOf(err) {
	case probe.KindRefused:
		return "the connection was refused"
	case probe.KindUnreachable:
		return "no route to it"
	case probe.KindTimeout:
		return "no answer in time"
	case probe.KindReset, probe.KindClosed:
		return "the connection was cut"
	case probe.KindTLS, probe.KindAlert:
		return "TLS failed, or its certificate is not trusted here"
	}
	return fmt.Sprintf("%T", err)
}

// keepHealth keeps the file fresh while the agent is connected.
func keepHealth(ctx context.Context, file string, connected func() bool) {
	if file == "" {
		return
	}
	defer func() { _ = os.Remove(file) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var touched time.Time
	for {
		switch up := connected(); {
		case !up && !touched.IsZero():
			_ = os.Remove(file)
			touched = time.Time{}
		case up && time.Since(touched) >= healthEvery:
			_ = os.WriteFile(file, nil, 0o600) // who cannot see it says so by -health
			touched = time.Now()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// healthy looks at the file.
func healthy(file string, errOut io.Writer) int {
	if file == "" {
		fmt.Fprintln(errOut, "SMTPTEST_HEALTH_FILE is not set.")
		return exitConfig
	}
	info, err := os.Stat(file)
	if err != nil || time.Since(info.ModTime()) > healthMost {
		fmt.Fprintln(errOut, "The agent is not connected.")
		return exitRefused
	}
	return exitStopped
}
