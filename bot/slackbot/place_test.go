package slackbot

import (
	"slices"
	"strings"
	"testing"
	"time"

	fakeslack "smtptest/bot/playground/slack"
	"smtptest/formatting"
)

// withoutScopes are all scopes but some.
func withoutScopes(names ...string) []string {
	return slices.DeleteFunc(fakeslack.AllScopes(), func(s string) bool { return slices.Contains(names, s) })
}

// somewhere is a place of the table in the guide, and what becomes of an
// answer there.
type somewhere struct {
	name    string
	options fakeslack.Options
	channel string
	mention bool // the bot is mentioned in a thread there, which is locked if lock is set; else the command is typed
	lock    bool

	root      string // channel in which the verdict stands for all to see; empty: nowhere; "direct": with Ada
	says      string // in the verdict, why it is there
	thread    bool   // the evidence is in its thread
	behind    bool   // the evidence is behind it, for all to see
	ephemeral string // what Ada alone is told where she is; empty: nothing
	not       string // what nobody must be told
}

func places() []somewhere {
	tabOff := append(fakeslack.Channels(), fakeslack.Channel{ID: fakeslack.InDirect, Name: "directmessage",
		Kind: fakeslack.Direct, With: fakeslack.Ada, Refuse: "messages_tab_disabled"})
	denied := append(fakeslack.Channels(), fakeslack.Channel{ID: "C0DENIED1", Name: "denied", Refuse: "restricted_action"})
	return []somewhere{
		{name: "public, member", channel: fakeslack.InMember, root: fakeslack.InMember, thread: true},
		{name: "private, member", channel: fakeslack.InPrivateTeam, root: fakeslack.InPrivateTeam, thread: true},
		{name: "public, no member", channel: fakeslack.InPublic, root: fakeslack.InPublic, thread: true},
		{
			name: "public, no member and no scope for that", channel: fakeslack.InPublic,
			options: fakeslack.Options{Scopes: withoutScopes("chat:write.public")},
			root:    fakeslack.InPublic, behind: true,
			says: "I am not a member of this channel, so there is no thread and the evidence follows here.",
		},
		{
			name: "private, no member", channel: fakeslack.InPrivate, root: fakeslack.InPrivate, behind: true,
			says: "With /invite @smtptest the next answer has a thread.",
		},
		{
			name: "between others", channel: fakeslack.InOthers, root: fakeslack.InOthers, behind: true,
			says: "I am not part of this conversation", not: "nvite",
		},
		{name: "with the bot", channel: fakeslack.InDirect, root: "direct", thread: true, not: "Invite"},
		{
			name: "with the bot, messages tab off", channel: fakeslack.InDirect, options: fakeslack.Options{Channels: tabOff},
			ephemeral: "This app takes no direct messages, so only you can see this answer. " +
				"Ask the person who runs this bot to switch on the messages tab", not: "Invite",
		},
		{
			name: "archived", channel: fakeslack.InArchived,
			ephemeral: "This channel is archived, so only you can see this answer. Use a channel that is not.", not: "Invite",
		},
		{
			name: "read-only", channel: fakeslack.InReadOnly,
			ephemeral: "I may not post in this channel, so only you can see this answer.", not: "Invite",
		},
		{
			name: "closed by an administrator", channel: "C0DENIED1", options: fakeslack.Options{Channels: denied},
			ephemeral: "I may not post in this channel, so only you can see this answer.", not: "Invite",
		},
		{
			name: "threads only", channel: fakeslack.InThreadsOnly,
			ephemeral: "takes messages in threads alone, so only you can see this answer. Mention the bot in a thread",
			not:       "Invite",
		},
		{
			name: "no threads", channel: fakeslack.InNoThreads, root: fakeslack.InNoThreads,
			ephemeral: "I cannot post in threads here, so only you can see the evidence.",
		},
		{name: "in a thread, by mention", channel: fakeslack.InMember, mention: true, root: fakeslack.InMember, thread: true},
		{
			name: "in a locked thread, by mention", channel: fakeslack.InMember, mention: true, lock: true,
			root: "direct", says: "That thread is locked, so the answer is here.", thread: true,
		},
		{name: "shared with others, by one of us", channel: fakeslack.InShared, root: fakeslack.InShared, thread: true},
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t, p.options)
			thread := w.ask(p)
			root := w.lands(p, thread)
			w.why(p, root)
			w.clean()
		})
	}
}

// ask makes Ada ask, and returns the thread that she asks in.
func (w *fixture) ask(p somewhere) string {
	w.T.Helper()
	if !p.mention {
		if payload := w.acked(w.slack.Command(fakeslack.Ada, p.channel, "expired.test:587")); payload != "" {
			w.T.Errorf("the acknowledgement says %q", payload)
		}
		return ""
	}
	above := w.slack.Say(fakeslack.Ada, p.channel, "", "mail is broken")
	if p.lock {
		w.slack.LockThread(p.channel, above.TS)
	}
	w.acked(w.slack.Mention(fakeslack.Ada, p.channel, above.TS, "<@"+fakeslack.BotUI+"> expired.test"))
	return above.TS
}

// lands waits for the verdict where it should be, and for its evidence.
func (w *fixture) lands(p somewhere, thread string) fakeslack.Message {
	w.T.Helper()
	channel := p.root
	switch p.root {
	case "":
		w.ephemeral(fakeslack.Ada, "Failed at TLS")
		w.ephemeral(fakeslack.Ada, "Transcript")
		if posted := w.bots(""); len(posted) > 0 {
			w.T.Errorf("%d messages in %s", len(posted), posted[0].Channel)
		}
		return fakeslack.Message{}
	case "direct":
		channel, thread = fakeslack.InDirect, ""
	}
	var root fakeslack.Message
	w.Until("the verdict in "+channel, func() bool {
		for _, m := range w.bots(channel) {
			if m.Thread == thread && strings.Contains(words(m.All()), "Failed at TLS") {
				root = m
			}
		}
		return root.TS != ""
	})
	switch {
	case p.behind:
		w.Until("the evidence behind it", func() bool {
			return slices.ContainsFunc(w.bots(channel), func(m fakeslack.Message) bool {
				return m.Via == "response_url" && strings.Contains(words(m.All()), "Transcript")
			})
		})
	case p.thread:
		under := root
		if thread != "" {
			under.TS = thread
		}
		w.Until("the evidence in the thread", func() bool { return strings.Contains(w.thread(under), "Transcript") })
	default:
		w.ephemeral(fakeslack.Ada, "Transcript")
	}
	return root
}

// why holds what people read against what they should.
func (w *fixture) why(p somewhere, root fakeslack.Message) {
	w.T.Helper()
	if p.ephemeral != "" {
		w.ephemeral(fakeslack.Ada, strings.SplitAfter(p.ephemeral, ". ")[0][:20])
	}
	private := ""
	for _, m := range w.slack.Ephemerals(fakeslack.Ada) {
		private += words(m.All())
	}
	const begun = "The test of expired.test:587 has begun. The answer comes below when it is over." // on a slow machine
	private = strings.ReplaceAll(private, begun, "")
	flat := strings.Join(strings.Fields(private), " ")
	text := words(root.All())
	switch {
	case p.says != "" && !strings.Contains(text, p.says), p.says == "" && strings.Contains(text, "the answer is here"):
		w.T.Errorf("the verdict says %s", text)
	case p.ephemeral == "" && private != "", !strings.Contains(flat, p.ephemeral):
		w.T.Errorf("Ada is told %q, want %q", flat, p.ephemeral)
	case p.not != "" && strings.Contains(text+private, p.not):
		w.T.Errorf("somebody reads %q: %s %s", p.not, text, private)
	}
}

// bots are the messages of the bot in a channel, of all channels if it is
// empty.
func (w *fixture) bots(channel string) []fakeslack.Message {
	var out []fakeslack.Message
	for _, m := range w.slack.Messages(channel) {
		if m.Bot && !m.Deleted {
			out = append(out, m)
		}
	}
	return out
}

// TestSlowlyWhereWeAreNoMember: who asked hears that the test has begun, and all
// see the answer. Its buttons work there.
func TestSlowlyWhereWeAreNoMember(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, delay(slowly))
	answers := func(n int) {
		w.Until("the answer", func() bool {
			all := w.bots(fakeslack.InPrivate)
			return len(all) == n && strings.Contains(words(all[n-1].All()), "Run again")
		})
	}
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InPrivate, "expired.test:587"))
	w.ephemeral(fakeslack.Ada, "The test of expired.test:587 has begun.")
	answers(1)
	root := w.bots(fakeslack.InPrivate)[0]
	w.acked(w.slack.Press("U0BOB0001", root, w.button(root, "again"), ""))
	answers(2)
	if n := len(w.slack.Messages(fakeslack.InDirect)); n > 0 {
		t.Errorf("%d direct messages", n)
	}
	w.clean()
}

// TestALoginByMention: a mention opens no form, so that a button is shown that
// does, and so it is after a trigger that came too late.
func TestALoginByMention(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Mention(fakeslack.Ada, fakeslack.InMember, "", "<@"+fakeslack.BotUI+"> login login-plain.test"))
	w.ephemeral(fakeslack.Ada, "opens from this button")
	w.slack.Fail(fakeslack.CutBefore, "views.open", 1)
	for n := range 2 {
		m := w.slack.Ephemerals(fakeslack.Ada)[n]
		w.acked(w.slack.Press(fakeslack.Ada, m, w.button(m, "reopen"), ""))
		w.Until("the form, or another button", func() bool {
			_, open := w.slack.OpenView(fakeslack.Ada)
			return open || len(w.slack.Ephemerals(fakeslack.Ada)) == n+2
		})
	}
	view, _ := w.slack.OpenView(fakeslack.Ada)
	w.acked(w.send(view))
	w.ephemeral(fakeslack.Ada, "Works: TLS and login tested")
	w.Until("the end of the form", func() bool { return w.stuck() == "" })
	w.clean()
}

// TestFormsThatDidNotOpen: the button that is spoken of is there, and opens the
// same form.
func TestFormsThatDidNotOpen(t *testing.T) {
	t.Parallel()
	for text, field := range map[string]string{"": formatting.FieldTarget, "explain": formatting.FieldText} {
		w := newFixture(t, fakeslack.Options{})
		w.slack.Fail(fakeslack.CutBefore, "views.open", 1)
		w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, text))
		w.ephemeral(fakeslack.Ada, "Press the button to try again.")
		m := w.slack.Ephemerals(fakeslack.Ada)[0]
		w.acked(w.slack.Press(fakeslack.Ada, m, w.button(m, "reopen"), ""))
		w.Until("the form", func() bool {
			view, open := w.slack.OpenView(fakeslack.Ada)
			return open && strings.Contains(string(view.Content), `"`+field+`"`)
		})
	}
}

// TestAMessageThatWasDeleted is posted anew, and its thread with it.
func TestAMessageThatWasDeleted(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, delay(2*time.Second))
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "good.test:587"))
	w.Until("the first message", func() bool { return w.root(fakeslack.InMember).TS != "" })
	first := w.root(fakeslack.InMember)
	w.slack.Erase(first.Channel, first.TS)
	w.Until("the verdict", func() bool {
		m := w.root(fakeslack.InMember)
		return m.TS != "" && !strings.Contains(words(m.All()), "Testing") && strings.Contains(w.thread(m), "Transcript")
	})
}

// TestHookIsNotUsedUp: Slack takes five answers at one address, and counts
// those of which it told us nothing.
func TestHookIsNotUsedUp(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.slack.Fail(fakeslack.CutAfter, "response_url", 4)
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "endless-greeting.test --private"))
	w.ephemeral(fakeslack.Ada, "Shortened")
	w.clean()
}

// TestWorkBehindAFullQueue: who asks when all is busy is told so in the
// acknowledgement, or with one short call, and no goroutine is begun for it.
func TestWorkBehindAFullQueue(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	blocked := make(chan struct{})
	for range workers {
		w.door.jobs.Later(func() { <-blocked })
	}
	w.Until("all workers", func() bool { return w.door.jobs.Waiting() == 0 })
	for w.door.jobs.Later(func() {}) {
		continue
	}
	payload := w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "login good.test"))
	if !strings.Contains(payload, "too much to do") {
		t.Errorf("the acknowledgement says %q", payload)
	}
	w.acked(w.slack.Mention(fakeslack.Ada, fakeslack.InMember, "", "<@"+fakeslack.BotUI+"> help"))
	close(blocked)
	w.ephemeral(fakeslack.Ada, "too much to do")
	w.clean()
}

// TestWordsThatWaitAtTheEnd: what was acknowledged is said before Run ends.
func TestWordsThatWaitAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{SlowBy: 300 * time.Millisecond})
	w.slack.Fail(fakeslack.Slow, "chat.postEphemeral", 1)
	w.acked(w.slack.Mention(fakeslack.Ada, fakeslack.InMember, "", "<@"+fakeslack.BotUI+"> help"))
	if err := w.Stop(); err != nil {
		t.Error(err)
	}
	if len(w.slack.Ephemerals(fakeslack.Ada)) == 0 {
		t.Error("the answer was lost")
	}
	w.clean()
}
