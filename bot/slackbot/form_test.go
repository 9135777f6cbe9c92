package slackbot

import (
	"context"
	"strings"
	"testing"
	"time"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
)

// stop is SIGTERM, with no time for what still runs, once a server has read a
// command.
func (w *fixture) stop(heard string) {
	for range 400 { // the fake does not hear of what a server hears
		if strings.Contains(w.Heard(), heard) {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	grace, cancel := context.WithTimeout(w.T.Context(), 100*time.Millisecond)
	defer cancel()
	w.door.dispatcher.Stop(grace)
}

// TestTheFormEnds: whatever becomes of a login, what the person looks at says
// so at the end.
func TestTheFormEnds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, host string
		shows      string // what the form shows at the end
		where      string // where the form says that the whole answer is
		before     func(*fixture)
		after      func(*fixture)
		change     func(*Config, *bottest.Fixture)
	}{
		{name: "success", host: "login-plain.test", shows: "✅", where: "in the channel, for you alone."},
		{name: "refused", host: "password-wrong.test", shows: "Failed at login", where: "in the channel"},
		{name: "denied", host: "private-address.test", shows: "may not be tested here", where: "in the channel"},
		{name: "slow", host: "login-plain.test", shows: "✅", change: delay(slowly)},
		{name: "panic", host: "panic.test", shows: "Something went wrong in this bot"},
		{name: "no answer to an update of the form", host: "login-plain.test", shows: "✅", before: func(w *fixture) {
			w.slack.Fail(fakeslack.CutBefore, "views.update", 1)
			w.slack.Fail(fakeslack.ServerError, "views.update", 1)
		}},
		{name: "the channel takes nothing", host: "login-plain.test", shows: "✅", where: "in a direct message",
			before: func(w *fixture) {
				w.slack.SetChannel(fakeslack.Channel{ID: fakeslack.InMember, Name: "incident", Kind: fakeslack.Private})
			}},
		{name: "stopped", host: "silent-at-login.test", shows: "restarted before the test was over",
			after: func(w *fixture) { w.stop("AUTH ") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var change []func(*Config, *bottest.Fixture)
			if tt.change != nil {
				change = append(change, tt.change)
			}
			w := newFixture(t, fakeslack.Options{}, change...)
			view := w.openForm(tt.host)
			if tt.before != nil {
				tt.before(w)
			}
			w.acked(w.send(view))
			if tt.after != nil {
				tt.after(w)
			}
			w.Until("the end of the form", func() bool {
				v, open := w.slack.OpenView(fakeslack.Ada)
				text := words(v.Content)
				return open && strings.Contains(text, tt.shows) && strings.Contains(text, "The whole answer is ")
			})
			if v, _ := w.slack.OpenView(fakeslack.Ada); !strings.Contains(words(v.Content), tt.where) {
				t.Errorf("the form ends with %s", words(v.Content))
			}
			w.clean()
		})
	}
}

// TestPrivateTestsLeaveOneAnswer, and before a slow one a word that stays true.
func TestPrivateTestsLeaveOneAnswer(t *testing.T) {
	t.Parallel()
	for by, want := range map[time.Duration]string{0: "Failed at TLS", slowly: "The test of expired.test:587 has begun."} {
		w := newFixture(t, fakeslack.Options{}, delay(by))
		w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test --private"))
		w.ephemeral(fakeslack.Ada, "Failed at TLS")
		if first := words(w.slack.Ephemerals(fakeslack.Ada)[0].All()); !strings.Contains(first, want) {
			t.Errorf("after %v the first word is %s", by, first)
		}
		w.clean()
	}
}

// TestACommandAlone opens a form for a test. What cannot be read is said beside
// the field; what all may see closes the form, and what one may see ends in it.
func TestACommandAlone(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	open := func() (v fakeslack.View) {
		w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, " "))
		w.Until("the form", func() (open bool) { v, open = w.slack.OpenView(fakeslack.Ada); return open })
		return v
	}
	view := open()
	w.acked(w.slack.Submit(fakeslack.Ada, view, map[string]string{"target": "mx..example.com", "security": "auto"}))
	if v, _ := w.slack.OpenView(fakeslack.Ada); !strings.Contains(v.Errors["target"], "host name") {
		t.Errorf("beside the field stands %q", v.Errors)
	}
	w.acked(w.slack.Submit(fakeslack.Ada, view, map[string]string{"target": "expired.test", "security": "starttls"}))
	w.finished(fakeslack.InMember, "Failed at TLS")
	if _, still := w.slack.OpenView(fakeslack.Ada); still {
		t.Error("the form is still open")
	}
	w.acked(w.slack.Submit(fakeslack.Ada, open(), map[string]string{"target": "smtp.example.com:22"}))
	v, _ := w.slack.OpenView(fakeslack.Ada)
	if text := words(v.Content); !strings.Contains(text, "Port 22 may not be tested here") {
		t.Errorf("the form ends with %s", text)
	}
	w.clean()
}
