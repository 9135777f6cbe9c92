package slackbot

import (
	"strings"
	"testing"

	fakeslack "smtptest/bot/playground/slack"
)

// endless is a server whose transcript has no room in a thread.
const endless = "endless-greeting.test:587"

func TestALongTranscriptIsAFileInTheThread(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, endless))
	w.Until("the file", func() bool { return len(w.slack.Files()) == 1 && w.slack.Files()[0].TS != "" })
	file, root := w.slack.Files()[0], w.root(fakeslack.InMember)
	if file.Name != "smtptest-transcript.txt" || file.Channel != root.Channel ||
		!strings.Contains(string(file.Data), "220-") {
		t.Errorf("file %s of %d octets in %s", file.Name, len(file.Data), file.Channel)
	}
	if text := w.thread(root); !strings.Contains(text, "lines shown, all of them in the file") {
		t.Errorf("the thread does not say how much is shown: %s", text)
	}
	for _, m := range w.slack.Thread(root.Channel, root.TS) {
		if strings.Contains(words(m.All()), "in the file") != (len(m.Files) > 0) {
			t.Errorf("the file and what is said of it are two messages: %s", words(m.All()))
		}
	}
	w.clean()
}

// TestNoFile: why there is none is said, and nothing promises one.
func TestNoFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, channel string
		options       fakeslack.Options
		reason        string
		advice        bool // to ask elsewhere
	}{
		{"uploads off", fakeslack.InMember, fakeslack.Options{NoUploads: true}, "files are switched off in this workspace",
			false},
		{"no member", fakeslack.InPublic, fakeslack.Options{}, "the bot is not a member of this channel", true},
		{"no scope", fakeslack.InMember, fakeslack.Options{Scopes: withoutScopes("files:write")},
			"the bot lacks the right files:write", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t, tt.options)
			w.acked(w.slack.Command(fakeslack.Ada, tt.channel, endless))
			says := "The file could not be attached: " + tt.reason + "."
			w.Until("the reason", func() bool { return strings.Contains(w.thread(w.root(tt.channel)), says) })
			text := w.thread(w.root(tt.channel))
			if strings.Contains(text, "in the file") || !strings.Contains(text, " lines shown.") {
				t.Errorf("the thread promises a file, or does not say how much is shown: %s", text[len(text)-300:])
			}
			if strings.Contains(text, "Invite the bot with /invite") != tt.advice {
				t.Errorf("the advice does not fit: %s", text[len(text)-300:])
			}
			if len(w.slack.Ephemerals(fakeslack.Ada)) > 0 {
				t.Error("the evidence came twice")
			}
			w.clean()
		})
	}
}

// TestAFileSaysWhoSeesIt: it was asked for by one, and is there for all.
func TestAFileSaysWhoSeesIt(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
	root := w.finished(fakeslack.InMember, "Failed at TLS")
	w.acked(w.slack.Press(fakeslack.Ada, root, w.button(root, "more"), "ticket"))
	w.Until("the file", func() bool { return len(w.slack.Files()) == 1 && w.slack.Files()[0].TS != "" })
	if text := w.thread(root); !strings.Contains(text, "Everybody who sees this thread can open this file") {
		t.Errorf("the thread does not say who sees the file: %s", text)
	}
	w.clean()
}

// TestMoreWithoutFiles: what was asked for as a file comes as text, to the one
// who asked.
func TestMoreWithoutFiles(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{NoUploads: true})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
	root := w.finished(fakeslack.InMember, "Failed at TLS")
	w.acked(w.slack.Press("U0BOB0001", root, w.button(root, "more"), "ticket"))
	text := w.ephemeral("U0BOB0001", "The file could not be attached: files are switched off in this workspace.")
	if !strings.Contains(text, "smtptest-ticket.txt") || !strings.Contains(text, "expired.test") &&
		!strings.Contains(text, "mx.example.test") {
		t.Errorf("the ticket is not in it: %s", text)
	}
	if strings.Contains(text+w.thread(root), "can open this file") {
		t.Error("it is said who sees a file that is not there")
	}
	if strings.Contains(w.thread(root), "ticket") {
		t.Error("the thread speaks of a ticket that is not there")
	}
	w.clean()
}
