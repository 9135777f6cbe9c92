package discordbot

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/bottest/fakediscord"
	"smtptest/probe/secret"
)

// world is the bot at work: scripted servers on one side, a fake Discord on
// the other.
type world struct {
	*bottest.World
	t       testing.TB
	discord *fakediscord.Server
	door    *Bot
	log     *bottest.Buffer
	channel string // in which everything is allowed
	stop    func() error
	ended   chan error // takes Run's error, if nobody stops it before
}

func ada() fakediscord.User { return fakediscord.User{ID: "400000000000000001", Name: "Ada"} }
func bob() fakediscord.User { return fakediscord.User{ID: "400000000000000002", Name: "Bob"} }

// newWorld starts all of it, connected and registered.
func newWorld(t testing.TB, o fakediscord.Options, change ...func(*Config, *bottest.World)) *world {
	t.Helper()
	w := idleWorld(t, o, change...)
	w.start()
	w.until("the connection", func() bool { return w.discord.Connected() == 1 })
	w.until("the command", func() bool { return len(w.discord.Commands("")) == 1 })
	return w
}

// idleWorld has a bot that does not run yet.
func idleWorld(t testing.TB, o fakediscord.Options, change ...func(*Config, *bottest.World)) *world {
	t.Helper()
	inner, err := bottest.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{World: inner, t: t, discord: fakediscord.New(o), log: &bottest.Buffer{}}
	t.Cleanup(w.discord.Close)
	w.channel = w.discord.AddChannel(fakediscord.Channel{Name: "incident"})
	c := Config{
		BotToken: secret.New(w.discord.Token), APIURL: w.discord.URL(), LoginForm: true,
		Log: slog.New(bot.RedactingHandler(slog.NewTextHandler(w.log, nil))),
	}
	for _, f := range change {
		f(&c, inner)
	}
	w.door = New(c, &bot.Dispatcher{Handler: inner.Handler})
	return w
}

// start runs the bot; stop ends it as the program does, and gives Run's error.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	ended, over := make(chan error, 1), make(chan struct{})
	w.ended = ended
	go func() {
		defer close(over)
		ended <- w.door.Run(ctx)
	}()
	var once sync.Once
	var err error
	w.stop = func() error {
		once.Do(func() {
			grace, done := context.WithTimeout(context.Background(), 20*time.Second)
			defer done()
			w.door.dispatcher.Stop(grace)
			cancel()
			<-over
			select {
			case err = <-ended:
			default:
			}
		})
		return err
	}
	w.t.Cleanup(func() { _ = w.stop() })
}

func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if w.discord.Until(ctx, holds) != nil {
		w.t.Fatalf("%s did not come; log:\n%s\nviolations: %v", what, w.log, w.discord.Violations())
	}
}

// ask types the command and waits for the first response.
func (w *world) ask(user fakediscord.User, channel, target string, options ...fakediscord.Option) (*fakediscord.Interaction, fakediscord.Response) {
	w.t.Helper()
	i, err := w.discord.Command(user, channel, "smtptest", append([]fakediscord.Option{{Name: "target", Value: target}}, options...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	return i, w.answered(i)
}

func (w *world) answered(i *fakediscord.Interaction) fakediscord.Response {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := i.Response(ctx)
	if err != nil {
		w.t.Fatalf("no first response: %v; log:\n%s", err, w.log)
	}
	return r
}

// press presses the button or menu of a verb. A run whose last message can be
// seen may not be over yet; then it waits, and presses again.
func (w *world) press(user fakediscord.User, m fakediscord.Message, verb string, choice ...string) (*fakediscord.Interaction, fakediscord.Response) {
	w.t.Helper()
	time.Sleep(50 * time.Millisecond)
	for {
		i, err := w.discord.Press(user, m.ID, w.button(m, verb), choice...)
		if err != nil {
			w.t.Fatal(err)
		}
		r := w.answered(i)
		if text := told(i); !strings.Contains(text, "is being tested here already") && !strings.Contains(text, "asked for a moment ago") {
			return i, r
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// button finds the custom id of a verb.
func (w *world) button(m fakediscord.Message, verb string) string {
	w.t.Helper()
	for _, b := range m.Buttons() {
		if strings.HasPrefix(b.CustomID, "st1:"+verb+":") {
			return b.CustomID
		}
	}
	w.t.Fatalf("there is no button %s under %s", verb, m.Words())
	return ""
}

// shows waits until the message of the first response has these words.
func (w *world) shows(i *fakediscord.Interaction, words string) fakediscord.Message {
	w.t.Helper()
	defer func() {
		if m, _ := i.Original(); !strings.Contains(m.Words(), words) {
			w.t.Log("it shows: ", m.Words())
		}
	}()
	w.until("“"+words+"”", func() bool {
		m, _ := i.Original()
		return strings.Contains(m.Words(), words)
	})
	m, _ := i.Original()
	return m
}

// finished waits until the one message shows a verdict and its thread the
// transcript.
func (w *world) finished(i *fakediscord.Interaction, verdict string) fakediscord.Message {
	w.t.Helper()
	m := w.shows(i, verdict)
	w.until("the thread below "+verdict, func() bool { return strings.Contains(w.words(m.ID), "Transcript") })
	m, _ = i.Original()
	return m
}

// words are all words in a channel or a thread.
func (w *world) words(channel string) string {
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
func (w *world) clean() {
	w.t.Helper()
	if v := w.discord.Violations(); len(v) > 0 {
		w.t.Errorf("a careful bot would not: %v", v)
	}
	for _, never := range []string{"expired", ada().ID, w.discord.Token, w.channel} {
		if strings.Contains(w.log.String(), never) {
			w.t.Errorf("the log holds what it must not: %s", w.log)
		}
	}
}
