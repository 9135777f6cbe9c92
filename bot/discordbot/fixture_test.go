package discordbot

import (
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	fakediscord "smtptest/bot/playground/discord"
	"smtptest/probe/secret"
)

// fixture is the bot at work before a fake Discord.
type fixture struct {
	*bottest.Harness
	discord *fakediscord.Server
	door    *Bot
	channel string // in which everything is allowed
}

func ada() fakediscord.User { return fakediscord.User{ID: "400000000000000001", Name: "Ada"} }
func bob() fakediscord.User { return fakediscord.User{ID: "400000000000000002", Name: "Bob"} }

// newFixture starts all of it, connected and registered.
func newFixture(t testing.TB, o fakediscord.Options, change ...func(*Config, *bottest.Fixture)) *fixture {
	t.Helper()
	w := idleFixture(t, o, change...)
	w.start()
	w.Until("the connection", func() bool { return w.discord.Connected() == 1 })
	w.Until("the command", func() bool { return len(w.discord.Commands("")) == 3 })
	return w
}

// idleFixture has a bot that does not run yet.
func idleFixture(t testing.TB, o fakediscord.Options, change ...func(*Config, *bottest.Fixture)) *fixture {
	t.Helper()
	s := fakediscord.New(o)
	w := &fixture{Harness: bottest.NewHarness(t, s), discord: s}
	w.channel = w.discord.AddChannel(fakediscord.Channel{Name: "incident"})
	c := Config{BotToken: secret.New(s.Token), APIURL: s.URL(), LoginForm: true, Log: w.Logger()}
	for _, f := range change {
		f(&c, w.Fixture)
	}
	w.door = New(c, &bot.Dispatcher{Handler: w.Handler})
	return w
}

// start runs the bot.
func (w *fixture) start() { w.Start(w.door.dispatcher, w.door) }

// ask types the command and waits for the first response.
func (w *fixture) ask(user fakediscord.User, channel, target string,
	options ...fakediscord.Option) (*fakediscord.Interaction, fakediscord.Response) {
	w.T.Helper()
	i, err := w.discord.Command(user, channel, "smtptest", append([]fakediscord.Option{{Name: "target", Value: target}},
		options...)...)
	if err != nil {
		w.T.Fatal(err)
	}
	return i, w.answered(i)
}

func (w *fixture) answered(i *fakediscord.Interaction) fakediscord.Response {
	w.T.Helper()
	r, err := i.Response(w.Soon())
	if err != nil {
		w.T.Fatalf("no first response: %v; log:\n%s", err, w.Log)
	}
	return r
}

// press presses the button or menu of a verb. A run whose last message can be
// seen may not be over yet; then it waits, and presses again.
func (w *fixture) press(user fakediscord.User, m fakediscord.Message, verb string,
	choice ...string) (*fakediscord.Interaction, fakediscord.Response) {
	w.T.Helper()
	time.Sleep(50 * time.Millisecond)
	for {
		i, err := w.discord.Press(user, m.ID, w.button(m, verb), choice...)
		if err != nil {
			w.T.Fatal(err)
		}
		r := w.answered(i)
		if text := told(i); !strings.Contains(text, "is being tested here already") &&
			!strings.Contains(text, "asked for a moment ago") {
			return i, r
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// button finds the custom id of a verb.
func (w *fixture) button(m fakediscord.Message, verb string) string {
	w.T.Helper()
	for _, b := range m.Buttons() {
		if strings.HasPrefix(b.CustomID, "st1:"+verb+":") {
			return b.CustomID
		}
	}
	w.T.Fatalf("there is no button %s under %s", verb, m.Words())
	return ""
}

// shows waits until the message of the first response has these words.
func (w *fixture) shows(i *fakediscord.Interaction, words string) fakediscord.Message {
	w.T.Helper()
	defer func() {
		if m, _ := i.Original(); !strings.Contains(m.Words(), words) {
			w.T.Log("it shows: ", m.Words())
		}
	}()
	w.Until("“"+words+"”", func() bool {
		m, _ := i.Original()
		return strings.Contains(m.Words(), words)
	})
	m, _ := i.Original()
	return m
}

// finished waits until the one message shows a verdict and its thread the
// transcript.
func (w *fixture) finished(i *fakediscord.Interaction, verdict string) fakediscord.Message {
	w.T.Helper()
	m := w.shows(i, verdict)
	w.Until("the thread below "+verdict, func() bool { return strings.Contains(w.words(m.ID), "Transcript") })
	m, _ = i.Original()
	return m
}

// words are all words in a channel or a thread.
func (w *fixture) words(channel string) string {
	var all strings.Builder
	for _, m := range w.discord.Messages(channel) {
		all.WriteString(m.Words() + "\n")
	}
	return all.String()
}

// told are the words of the first message and of all that followed it.
func told(i *fakediscord.Interaction) string {
	m, _ := i.Original()
	all := m.Words()
	for _, f := range i.Followups() {
		all += "\n" + f.Words()
	}
	return all
}

// clean holds the whole of a test against what must never be.
func (w *fixture) clean() {
	w.T.Helper()
	if v := w.discord.Violations(); len(v) > 0 {
		w.T.Errorf("a careful bot would not: %v", v)
	}
	for _, never := range []string{"expired", ada().ID, w.discord.Token, w.channel} {
		if strings.Contains(w.Log.String(), never) {
			w.T.Errorf("the log holds what it must not: %s", w.Log)
		}
	}
}
