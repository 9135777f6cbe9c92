package slackbot

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot/chat"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe/probetest/long"
)

// ended waits until Run has ended by itself.
func (w *fixture) ended() error {
	w.T.Helper()
	select {
	case <-w.Over:
		return w.Stop()
	case <-time.After(15 * time.Second):
		w.T.Fatalf("Run has not ended; log:\n%s", w.Log)
		return nil
	}
}

// TestFatal: a token that Slack refuses ends Run with one clear line, wherever
// it shows.
func TestFatal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault fakeslack.Fault
		upset func(w *fixture)
	}{
		{"when a socket is renewed", fakeslack.InvalidAuth, func(w *fixture) { w.slack.DropSockets() }},
		{"when the app is taken out, at a renewal", fakeslack.Inactive,
			func(w *fixture) { w.slack.Disconnect("link_disabled") }},
		{"when an answer is posted", fakeslack.InvalidAuth, func(w *fixture) {
			w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "good.test"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t, fakeslack.Options{})
			w.slack.Fail(tt.fault, "", -1)
			tt.upset(w)
			var fatal *chat.Fatal
			if err := w.ended(); !errors.As(err, &fatal) || fatal.Code != string(tt.fault) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("Run gives %v", err)
			}
		})
	}
}

// TestFatalAtStart: no socket is asked for with a bot token that is refused.
func TestFatalAtStart(t *testing.T) {
	t.Parallel()
	w := unstarted(t, fakeslack.Options{})
	w.slack.Fail(fakeslack.InvalidAuth, "", -1)
	var fatal *chat.Fatal
	if _, err := w.door.Check(t.Context()); !errors.As(err, &fatal) {
		t.Errorf("Check gives %v", err)
	}
	if err := w.door.Run(t.Context()); !errors.As(err, &fatal) || !strings.Contains(err.Error(), "SLACK_BOT_TOKEN") {
		t.Errorf("Run gives %v", err)
	}
}

// TestOddAnswersEndNothing: one refusal that does not come again, and all that
// is out of order, is waited out.
func TestOddAnswersEndNothing(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.slack.Fail(fakeslack.InvalidAuth, "chat.postMessage", 1)
	w.slack.Fail(fakeslack.ServerError, "apps.connections.open", 2)
	w.slack.Fail(fakeslack.TooMany, "link", 1)
	w.slack.Fail(fakeslack.Unreadable, "apps.connections.open", 1)
	w.slack.DropSockets()
	w.Until("the sockets again", func() bool { return w.slack.Sockets() == connections })
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "good.test"))
	w.finished(fakeslack.InMember, "Works: TLS tested")
	if err := w.Stop(); err != nil {
		t.Errorf("Run gives %v", err)
	}
}

// TestSlackIsAwayAtTheStart: nobody is let in before Slack has said who we are.
func TestSlackIsAwayAtTheStart(t *testing.T) {
	t.Parallel()
	w := unstarted(t, fakeslack.Options{Users: []fakeslack.User{{ID: fakeslack.Ada}, guest()}})
	w.slack.Fail(fakeslack.ServerError, "auth.test", 2)
	w.start()
	if payload := w.acked(w.slack.Command(guest().ID, fakeslack.InShared, "good.test")); !strings.Contains(payload,
		"another organisation") {
		t.Errorf("told %q", payload)
	}
}

// TestRenewal: Slack renews sockets one at a time, and no command is lost
// meanwhile: one of the two always takes them.
func TestRenewal(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	for i := range 20 {
		if i%4 == 0 {
			w.Until("both sockets", func() bool { return w.slack.Sockets() == connections })
			w.slack.Fail(fakeslack.Refresh, "", 1)
		}
		if payload := w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "help")); !strings.Contains(payload,
			"Test an SMTP server") {
			t.Fatalf("command %d: %q", i, payload)
		}
	}
	if n := w.slack.Faults()[fakeslack.Refresh]; n != 5 {
		t.Errorf("%d renewals", n)
	}
	w.clean()
}

// TestAllSocketsAreDismissed: with every reason that Slack has, they come back.
func TestAllSocketsAreDismissed(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled"} {
		w.slack.Disconnect(reason)
		w.Until("new sockets after "+reason, func() bool { return w.slack.Sockets() == connections })
		w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "help"))
	}
	w.clean()
}

// TestDroppedSockets: a socket that ends right behind a command takes none with
// it.
func TestDroppedSockets(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	commands := 10
	if long.Requested() {
		commands = 40
	}
	for i := range commands {
		w.Until("a socket", func() bool { return w.slack.Sockets() > 0 })
		w.slack.Fail(fakeslack.Drop, "", 1)
		w.acked(w.slack.Command(fakeslack.Ada, "C0CHAN"+strconv.Itoa(i), "help"))
	}
	if n := w.slack.Faults()[fakeslack.Drop]; n != commands {
		t.Errorf("%d sockets were dropped", n)
	}
	w.clean()
}

// TestDuplicates: an envelope that comes twice is acknowledged twice and
// answered once.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	var all sync.WaitGroup
	for _, d := range []*fakeslack.Delivery{
		w.slack.Command(fakeslack.Ada, fakeslack.InMember, "good.test"),
		w.slack.Mention(fakeslack.Ada, fakeslack.InPrivateTeam, "", "<@"+fakeslack.BotUI+"> good.test"),
	} {
		for range 3 {
			all.Go(d.Again)
		}
	}
	all.Wait()
	w.finished(fakeslack.InMember, "Works: TLS tested")
	w.finished(fakeslack.InPrivateTeam, "Works: TLS tested")
	if n := w.Probes(); n != 2 {
		t.Errorf("%d probes, want 2", n)
	}
	w.slack.Fail(fakeslack.Duplicate, "", 1)
	if payload := w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "help")); !strings.Contains(payload,
		"Test an SMTP server") {
		t.Errorf("the copy's acknowledgement came first: %q", payload)
	}
	w.clean()
}

// TestStop: in the middle of runs, whoever asks is told to come back, and what
// was begun is said to have been stopped.
func TestStop(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	channels := []string{fakeslack.InMember, fakeslack.InPublic, fakeslack.InPrivateTeam}
	for _, c := range channels {
		w.acked(w.slack.Command(fakeslack.Ada, c, "silent.test:587"))
	}
	for _, c := range channels {
		w.Until("the first message", func() bool { return w.root(c).TS != "" })
	}
	began, grace := time.Now(), time.Second
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		w.door.dispatcher.Stop(ctx)
	}()
	w.Until("the word that it stops", func() bool {
		return strings.Contains(w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "help")),
			"The bot is being restarted.")
	})
	<-stopped
	if took := time.Since(began); took > grace+2*time.Second {
		t.Errorf("stopping took %v", took)
	}
	for _, c := range channels {
		if text := words(w.root(c).All()); !strings.Contains(text, "The bot was restarted before the test was over.") {
			t.Errorf("in %s stands %s", c, text)
		}
	}
	if err := w.Stop(); err != nil {
		t.Error(err)
	}
	w.clean()
}

// TestStopWhileSlackIsAway: what cannot be said keeps nobody from leaving.
func TestStopWhileSlackIsAway(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "good.test"))
	w.slack.Fail(fakeslack.ServerError, "", -1)
	began := time.Now()
	w.Cancel()
	select {
	case <-w.Over:
	case <-time.After(10 * time.Second):
		t.Fatal("Run does not end")
	}
	if took := time.Since(began); took > lastWords+time.Second {
		t.Errorf("it took %v", took)
	}
	_ = w.Stop()
}

// TestPanics: one answer fails, the bot goes on.
func TestPanics(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "panic.test"))
	w.Until("the apology", func() bool {
		return strings.Contains(words(w.root(fakeslack.InMember).All()), "Something went wrong in this bot")
	})
	w.door.jobs.Later(func() { panic("hunter2") })
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InPublic, "good.test"))
	w.finished(fakeslack.InPublic, "Works: TLS tested")
	if log := w.Log.String(); strings.Contains(log, "hunter2") {
		t.Errorf("the log quotes a panic: %s", log)
	}
	w.clean()
}
