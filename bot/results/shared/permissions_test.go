package shared

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"smtptest/bot/results"
	"smtptest/probe/remote/broker"
	"smtptest/probe/remote/fleettest"
)

// TestPermissions: what -keys prints for the bot is enough for all that replicas
// share.
func TestPermissions(t *testing.T) {
	folder := t.TempDir()
	user, err := broker.Seed(folder, "bot")
	if err != nil {
		t.Fatal(err)
	}
	f := fleettest.Start(t, fleettest.Options{Extra: broker.Permissions(broker.User{Nkey: user}, nil)})
	var all []*Replica
	for range 2 {
		conn, err := broker.Connect(broker.Connection{
			URLs: []string{f.URL()}, Clear: true, Nkey: folder + "/bot.nkey", Inbox: broker.BotInbox,
			Up: func() {}, Down: func(error) {},
			Denied: func() { t.Error("something is not allowed") },
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(conn, Options{Key: key(), Limits: results.DefaultLimits(), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			r.Close()
			conn.Close()
		})
		all = append(all, r)
	}
	together(t, all...)
	until(t, "replica that hears the other", func() bool { return all[0].Standing().Replicas == 2 })
	form := results.Form{ID: "1"}
	all[0].Store().Open(form)
	if _, over := both(t, all[1].Limiter(), results.Claim{Scope: results.PerPerson, Key: "ada"}); over != nil {
		t.Errorf("%+v", over)
	}
	used := []results.Mark{{Kind: results.MarkForm, Key: "1"}}
	if s := all[1].Store().Settle(t.Context(), used); s.Apart || s.Lost != nil {
		t.Errorf("%+v", s)
	}
}

// TestCheck: what -check says where nothing could be shared.
func TestCheck(t *testing.T) {
	for extra, want := range map[string]string{
		"": "", "accounts { A: { users: [ { user: a, password: b } ] } }\nno_auth_user: a": "JetStream is off",
	} {
		f := fleettest.Start(t, fleettest.Options{Extra: extra})
		conn, err := nats.Connect(f.URL())
		if err != nil {
			t.Fatal(err)
		}
		err = Check(t.Context(), conn)
		conn.Close()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
