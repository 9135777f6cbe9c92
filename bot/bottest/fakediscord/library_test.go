package fakediscord_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"smtptest/bot/bottest/fakediscord"
)

// rewriting sends what is meant for Discord to the server.
type rewriting struct {
	to   *url.URL
	next http.RoundTripper
}

func (r rewriting) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = r.to.Scheme, r.to.Host
	return r.next.RoundTrip(req)
}

func library(t *testing.T, s *fakediscord.Server) *discordgo.Session {
	t.Helper()
	session, err := discordgo.New("Bot " + s.Token)
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	session.Client.Transport = rewriting{to, transport}
	session.Identify.Intents = 0
	session.LogLevel = -1
	session.ShouldReconnectOnError = false
	return session
}

var none = &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}}

// TestLibrary drives the real client through what the bot does: commands,
// a deferred answer, its edit with an embed and a button, a thread, a file, a
// follow-up, a press.
func TestLibrary(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	d := library(t, w.s)
	events := make(chan *discordgo.Interaction, 10)
	d.AddHandler(func(_ *discordgo.Session, e *discordgo.InteractionCreate) { events <- e.Interaction })
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	length := 5
	commands, err := d.ApplicationCommandBulkOverwrite(w.s.ApplicationID, w.s.GuildID, []*discordgo.ApplicationCommand{{
		Name: "smtptest", Description: "Test a mail server",
		Options: []*discordgo.ApplicationCommandOption{{Type: discordgo.ApplicationCommandOptionString, Name: "target",
			Description: "HOST", Required: true, MinLength: &length, MaxLength: 300}},
	}})
	if err != nil || len(commands) != 1 || commands[0].ID == "" {
		t.Fatal(commands, err)
	}
	asked := w.ask(w.text)
	e := <-events
	if data := e.ApplicationCommandData(); data.Options[0].StringValue() != "mail.example.com:587" ||
		e.GuildID != w.s.GuildID || e.Member.User.ID != w.alice.ID {
		t.Error("command: ", data)
	}
	later := &discordgo.InteractionResponse{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource}
	if err := d.InteractionRespond(e, later); err != nil {
		t.Fatal(err)
	}
	content := "Working"
	again := discordgo.Button{Label: "Run again", CustomID: "again"}
	rows := []discordgo.MessageComponent{discordgo.ActionsRow{Components: []discordgo.MessageComponent{again}}}
	root, err := d.InteractionResponseEdit(e, &discordgo.WebhookEdit{Content: &content, Components: &rows,
		AllowedMentions: none,
		Embeds: &[]*discordgo.MessageEmbed{{Title: "mail.example.com", Fields: []*discordgo.MessageEmbedField{{Name: "TLS",
			Value: "1.3"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	thread, err := d.MessageThreadStartComplex(w.text, root.ID, &discordgo.ThreadStart{Name: "smtptest",
		AutoArchiveDuration: 1440})
	if err != nil || thread.ID != root.ID || !thread.IsThread() {
		t.Fatal(thread, err)
	}
	sent, err := d.ChannelMessageSendComplex(thread.ID, &discordgo.MessageSend{Content: "Transcript",
		AllowedMentions: none,
		Files:           []*discordgo.File{{Name: "t.txt", ContentType: "text/plain", Reader: strings.NewReader("S: 220")}}})
	if err != nil || len(sent.Attachments) != 1 {
		t.Fatal(sent, err)
	}
	if _, err := d.FollowupMessageCreate(e, true, &discordgo.WebhookParams{Content: "More",
		Flags: discordgo.MessageFlagsEphemeral, AllowedMentions: none}); err != nil {
		t.Fatal(err)
	}
	if m, _ := asked.Original(); m.Content != "Working" || len(m.Buttons()) != 1 || !strings.Contains(m.Words(), "1.3") {
		t.Errorf("original: %+v", m)
	}
	if m := w.s.Messages(thread.ID); len(m) != 1 || string(m[0].Files[0].Content) != "S: 220" {
		t.Errorf("thread: %+v", m)
	}
	if _, err := w.s.Press(w.alice, root.ID, "again"); err != nil {
		t.Fatal(err)
	}
	if e = <-events; e.MessageComponentData().CustomID != "again" || e.Message.ID != root.ID {
		t.Error("press: ", e)
	}
	if v := w.s.Violations(); len(v) != 0 {
		t.Error(v)
	}
}

// labelled is a part that the library does not know.
type labelled struct{ inner json.RawMessage }

func (labelled) Type() discordgo.ComponentType { return 18 }

func (l labelled) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"type": 18, "label": "User name", "component": l.inner})
}

// TestLibraryModal: the library sends a label that it does not know, and
// cannot read its submission: a bot decodes the event itself.
func TestLibraryModal(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	d := library(t, w.s)
	raw := make(chan json.RawMessage, 10)
	d.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		if e.Type == "INTERACTION_CREATE" {
			raw <- e.RawData
		}
	})
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	i := w.ask(w.text)
	<-raw
	err := d.InteractionRespond(&discordgo.Interaction{ID: i.ID, Token: i.Token}, &discordgo.InteractionResponse{
		Type: discordgo.InteractionResponseModal, Data: &discordgo.InteractionResponseData{CustomID: "login",
			Title:      "Test a login",
			Components: []discordgo.MessageComponent{labelled{json.RawMessage(`{"type":4,"custom_id":"user","style":1}`)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := i.Response(soon(t))
	if err != nil || r.Modal.Fields[0].Label != "User name" {
		t.Fatal(r, err)
	}
	if _, err := w.s.Submit(w.alice, r.Modal, map[string]string{"user": "alice@example.com"}); err != nil {
		t.Fatal(err)
	}
	var event struct {
		Data struct {
			Components []struct{ Component struct{ Value string } }
		}
	}
	if err := json.Unmarshal(<-raw, &event); err != nil ||
		event.Data.Components[0].Component.Value != "alice@example.com" {
		t.Error(event, err)
	}
}

// TestLibraryErrors: the library takes refusals for what they are.
func TestLibraryErrors(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	d := library(t, w.s)
	d.ShouldRetryOnRateLimit = false
	_, err := d.ChannelMessageSend(w.text, x(2001))
	if rest, ok := errors.AsType[*discordgo.RESTError](err); !ok || rest.Message.Code != discordgo.ErrCodeInvalidFormBody {
		t.Error("too long: ", err)
	}
	w.s.Fail(fakediscord.Fault{Kind: fakediscord.Limited})
	_, err = d.ChannelMessageSend(w.text, "a")
	if limit, ok := errors.AsType[*discordgo.RateLimitError](err); !ok || limit.RetryAfter.Milliseconds() != 250 {
		t.Error("limited: ", err)
	}
	d.Token = "Bot wrong"
	d.Identify.Token = d.Token
	if err := d.Open(); err == nil || !strings.Contains(err.Error(), "4004") {
		t.Error("wrong token: ", err)
	}
}
