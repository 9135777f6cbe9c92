package broker_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"smtptest/probe"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
	"smtptest/probe/remote/fleettest"
)

// site are servers with the permissions of a bot and two agents, and nothing else.
type site struct {
	*fleettest.Fleet
	folder string
}

func newSite(t *testing.T) site {
	t.Helper()
	folder := t.TempDir()
	user := func(name string) string {
		nkey, err := broker.Seed(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		return nkey
	}
	block := broker.Permissions(broker.User{Nkey: user("bot")},
		[]broker.User{{Name: "berlin", Nkey: user("berlin")}, {Name: "tokyo", Nkey: user("tokyo")}})
	return site{fleettest.Start(t, fleettest.Options{Extra: block}), folder}
}

func (s site) connect(t *testing.T, who, inbox string) *nats.Conn {
	t.Helper()
	conn, err := broker.Connect(broker.Connection{
		Name: who, URLs: []string{s.URL()}, Clear: true, Nkey: filepath.Join(s.folder, who+".nkey"), Inbox: inbox,
		Up: func() {}, Down: func(error) {}, Denied: func() {},
	})
	if err != nil || !conn.IsConnected() {
		t.Fatal(who, err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// denied reports that the server refused what was just done on a connection.
func denied(conn *nats.Conn) bool {
	_ = conn.Flush()
	return errors.Is(conn.LastError(), nats.ErrPermissionViolation)
}

// TestPermissionsConfine: what the block does not need is refused, each by itself.
func TestPermissionsConfine(t *testing.T) {
	s := newSite(t)
	bot, agent := broker.BotInbox, "_INBOX_smtptest_agent"
	for _, try := range []struct {
		who, inbox, does, subject, queue string
		allowed                          bool
	}{
		{"berlin", agent, "hears", "smtptest.v1.probe.berlin.run", "probe", true},
		{"berlin", agent, "hears", "smtptest.v1.probe.berlin.cancel.*", "", true},
		{"berlin", agent, "hears", "$SRV.INFO", "", true},
		{"berlin", agent, "hears", "$SRV.PING.smtptest-probe.X1", "", true},
		{"berlin", agent, "hears", "smtptest.v1.probe.berlin.run", "", false}, // each request, not a share of them
		{"berlin", agent, "hears", "smtptest.v1.probe.berlin.run", "other", false},
		{"berlin", agent, "hears", "smtptest.v1.probe.tokyo.run", "probe", false},
		{"berlin", agent, "hears", "smtptest.v1.probe.tokyo.cancel.*", "", false},
		{"berlin", agent, "hears", "smtptest.v1.probe.*.run", "probe", false},
		{"berlin", agent, "hears", "$SRV.INFO.other", "", false},
		{"berlin", agent, "hears", bot + ".>", "", false},
		{"berlin", agent, "hears", "smtptest.v1.replica.*", "", false},
		{"berlin", agent, "hears", ">", "", false},
		{"berlin", agent, "says", "smtptest.v1.probe.tokyo.run", "", false},
		{"berlin", agent, "says", "smtptest.v1.probe.berlin.cancel.X", "", false},
		{"berlin", agent, "says", bot + ".X.1", "", false},
		{"berlin", agent, "says", "$SRV.INFO", "", false},
		{"berlin", agent, "says", "$JS.API.INFO", "", false},
		{"berlin", agent, "says", "$KV.limits.p.1", "", false},
		{"bot", bot, "says", "smtptest.v1.probe.tokyo.run", "", true},
		{"bot", bot, "says", "smtptest.v1.probe.tokyo.cancel.X", "", true},
		{"bot", bot, "says", "$SRV.INFO.smtptest-probe", "", true},
		{"bot", bot, "says", "$KV.limits.p.1", "", true},
		{"bot", bot, "says", "$JS.API.INFO", "", true},
		{"bot", bot, "hears", bot + ".X.*", "", true},
		{"bot", bot, "hears", "smtptest.v1.replica.*", "", true},
		{"bot", bot, "hears", "smtptest.v1.probe.berlin.run", "probe", false}, // it could pass for an agent
		{"bot", bot, "hears", "_INBOX.>", "", false},
		{"bot", bot, "hears", "$SRV.INFO", "", false},
		{"bot", bot, "hears", ">", "", false},
		{"bot", bot, "says", agent + ".X", "", false},
		{"bot", bot, "says", "orders.new", "", false},
		{"bot", bot, "says", "$SYS.REQ.SERVER.PING", "", false},
	} {
		conn := s.connect(t, try.who, try.inbox)
		switch {
		case try.does == "says":
			_ = conn.Publish(try.subject, nil)
		case try.queue != "":
			_, _ = conn.QueueSubscribeSync(try.subject, try.queue)
		default:
			_, _ = conn.SubscribeSync(try.subject)
		}
		if denied(conn) == try.allowed {
			t.Errorf("%s %s %s %s: allowed is %t", try.who, try.does, try.subject, try.queue, !try.allowed)
		}
		conn.Close()
	}
}

// TestStrangers: nobody connects without a listed key.
func TestStrangers(t *testing.T) {
	s := newSite(t)
	if conn, err := nats.Connect(s.URL()); err == nil {
		conn.Close()
		t.Error("somebody without a key is let in")
	}
	if _, err := broker.Seed(s.folder, "stranger"); err != nil {
		t.Fatal(err)
	}
	option, err := nats.NkeyOptionFromSeed(filepath.Join(s.folder, "stranger.nkey"))
	if err != nil {
		t.Fatal(err)
	}
	if conn, err := nats.Connect(s.URL(), option); !errors.Is(err, nats.ErrAuthorization) {
		conn.Close()
		t.Error("somebody with another key is let in")
	}
}

// prober answers at once, with some events.
type prober struct{}

func (prober) Probe(_ context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	for range 300 { // more than the permissions let answer
		hooks.Event(probe.Event{Phase: probe.PhaseLookup})
	}
	return probe.Report{Request: req}, nil
}

// TestPermissionsSuffice: an agent is found, and tests; the bot has its streams.
func TestPermissionsSuffice(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	agent := s.connect(t, "berlin", "_INBOX_smtptest_agent")
	go func() {
		served <- (&remote.Service{Vantage: "berlin", Prober: prober{}}).Serve(ctx, agent)
	}()
	conn := s.connect(t, "bot", broker.BotInbox)
	if err := broker.CheckServer(conn.ConnectedServerVersion()); err != nil {
		t.Error(err)
	}
	fleet := remote.NewFleet(conn, []remote.Vantage{{Name: "berlin"}, {Name: "tokyo"}})
	for !fleet.Agents()[0].Connected {
		fleet.Ask(t.Context())
	}
	events := 0
	req := probe.Request{Target: probe.Target{Host: "mx.example.org", Port: 25}}
	_, err := fleet.From("berlin").Probe(t.Context(), req, probe.Hooks{Event: func(probe.Event) { events++ }})
	if err != nil || events < 50 || events > 200 || denied(conn) || denied(agent) {
		t.Errorf("%d events, %v, %v, %v", events, err, conn.LastError(), agent.LastError())
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "KV_limits", Subjects: []string{"$KV.limits.>"}, Storage: jetstream.MemoryStorage, AllowDirect: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "$KV.limits.p.1", nil); err != nil {
		t.Error(err)
	}
	if _, err := stream.GetLastMsgForSubject(t.Context(), "$KV.limits.p.1"); err != nil {
		t.Error(err)
	}
	consumer, err := stream.CreateConsumer(t.Context(), jetstream.ConsumerConfig{AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	m, err := consumer.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.DoubleAck(t.Context()); err != nil || denied(conn) {
		t.Error(err, conn.LastError())
	}
}

// TestSeeds: a second run keeps the keys, and a file that is no seed is named.
func TestSeeds(t *testing.T) {
	folder := t.TempDir()
	first, err := broker.Seed(folder, "bot")
	if err != nil || !strings.HasPrefix(first, "U") {
		t.Fatal(first, err)
	}
	if info, err := os.Stat(filepath.Join(folder, "bot.nkey")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	if again, err := broker.Seed(folder, "bot"); again != first || err != nil {
		t.Error(again, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "berlin.nkey"), []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = broker.Seed(folder, "berlin")
	if !errors.Is(err, broker.ErrSeed) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func TestCheckServer(t *testing.T) {
	for version, good := range map[string]bool{
		"2.15.3": true, "2.15.0": true, "2.16.0-RC.1": true, "3.0.0": true, "v2.15.3": true,
		"2.14.9": false, "2.10.29": false, "1.4.1": false, "": false, "dev": false, "2.x.1": false,
	} {
		if err := broker.CheckServer(version); (err == nil) != good {
			t.Errorf("%s: %v", version, err)
		}
	}
	if broker.CheckLevel(broker.TestedLevel) != nil || broker.CheckLevel(1) == nil {
		t.Error("levels")
	}
}

// TestCauseOfCertificates: whoever sets NATS up reads what to do about them.
func TestCauseOfCertificates(t *testing.T) {
	for part, err := range map[string]error{
		"SMTPTEST_NATS_CA_FILE": x509.UnknownAuthorityError{},
		"another name":          x509.HostnameError{Certificate: &x509.Certificate{}},
		"expired":               x509.CertificateInvalidError{Reason: x509.Expired},
	} {
		err = fmt.Errorf("%w: %w", nats.ErrNoServers, &tls.CertificateVerificationError{Err: err})
		if got := broker.Cause(err); !strings.Contains(got, part) {
			t.Errorf("%q, without %q", got, part)
		}
	}
}
