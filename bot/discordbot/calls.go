package discordbot

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/formatting/embed"
)

// Times of an interaction (Discord, Receiving and Responding).
const (
	firstResponse = 2800 * time.Millisecond // of 3 s, then the token is dead
	firstTry      = 1200 * time.Millisecond // one attempt at it
)

// flagEphemeral shows a message to one person alone.
const flagEphemeral = int(discordgo.MessageFlagsEphemeral)

// message is the body of a message, new or edited.
type message struct {
	Content     string                            `json:"content"`
	Embeds      []*discordgo.MessageEmbed         `json:"embeds,omitzero"` // nil: none are named; empty: there are none
	Components  []discordgo.MessageComponent      `json:"components,omitzero"`
	Mentions    *discordgo.MessageAllowedMentions `json:"allowed_mentions"`
	Attachments []attachment                      `json:"attachments,omitzero"`
	Flags       int                               `json:"flags,omitempty"`
	Nonce       string                            `json:"nonce,omitempty"`
	Enforce     bool                              `json:"enforce_nonce,omitempty"` // another with this nonce is the first
}

// attachment names the file of the same place in the request.
type attachment struct {
	ID   string `json:"id"` // a number in text: Discord's description has it so
	Name string `json:"filename"`
}

// messageOf is a post as Discord takes it. It calls nobody.
func messageOf(p embed.Post) message {
	m := message{Content: p.Content, Embeds: p.Embeds, Components: p.Components, Mentions: embed.NoMentions()}
	for i, f := range p.Files {
		m.Attachments = append(m.Attachments, attachment{strconv.Itoa(i), f.Name})
	}
	return m
}

// posted is what Discord says of a message.
type posted struct {
	ID string `json:"id"`
}

// answer is the first response to an interaction.
type answer struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

// Types of answers (Discord, Receiving and Responding).
const (
	answerMessage = int(discordgo.InteractionResponseChannelMessageWithSource)
	answerSuggest = int(discordgo.InteractionApplicationCommandAutocompleteResult)
	answerLater   = int(discordgo.InteractionResponseDeferredChannelMessageWithSource)
	answerForm    = int(discordgo.InteractionResponseModal)
)

// path joins the parts of an address.
func path(parts ...string) string {
	var all strings.Builder
	for _, p := range parts {
		all.WriteString("/" + url.PathEscape(p))
	}
	return all.String()
}

// respond gives the first response. An attempt that was not heard of may have
// been the one: then Discord says that it has it.
func (r *rest) respond(ctx context.Context, s source, a answer, files []formatting.File) error {
	ctx, cancel := context.WithTimeout(ctx, firstResponse)
	defer cancel()
	return r.do(ctx, call{
		method: http.MethodPost, path: path("interactions", s.id, s.token, "callback"),
		body: a, files: files, try: firstTry, known: codeAcknowledged,
	}, nil)
}

// original reaches the message of the first response by the token.
func (s source) original() call {
	return call{path: path("webhooks", s.application, s.token, "messages", "@original")}
}

// message reaches one in a channel with the bot's own rights.
func (s source) message(id string) call {
	return call{path: path("channels", s.channel, "messages", id), bot: true}
}

// edit changes a message, and tells its id.
func (r *rest) edit(ctx context.Context, at call, p embed.Post) (string, error) {
	var m posted
	at.method, at.body, at.files = http.MethodPatch, messageOf(p), p.Files
	err := r.do(ctx, at, &m)
	return m.ID, err
}

// remove takes a message back.
func (r *rest) remove(ctx context.Context, at call) error {
	at.method, at.known = http.MethodDelete, codeUnknownMessage
	return r.do(ctx, at, nil)
}

// followUp puts one more message after the first response. One whose outcome
// is unknown is sent again: no answer is worse than a doubled one.
func (r *rest) followUp(ctx context.Context, s source, p embed.Post, private bool) error {
	m := messageOf(p)
	if private {
		m.Flags = flagEphemeral
	}
	return r.do(ctx, call{
		method: http.MethodPost, path: path("webhooks", s.application, s.token), body: m, files: p.Files,
	}, nil)
}

// post puts a message into a channel or a thread with the bot's own rights,
// once, however often it is tried.
func (r *rest) post(ctx context.Context, channel string, p embed.Post) (id string, err error) {
	const maxNonceRunes = 25 // Discord, Create Message
	m := messageOf(p)
	m.Nonce, m.Enforce = rand.Text()[:maxNonceRunes], true
	var made posted
	to := call{method: http.MethodPost, path: path("channels", channel, "messages"), bot: true, body: m, files: p.Files}
	err = r.do(ctx, to, &made)
	return made.ID, err
}

// startThread starts the thread of a message. It has the message's id, and a
// message has one at most, so that one that exists is as good.
func (r *rest) startThread(ctx context.Context, root chat.Spot, target string) error {
	const minutesADay = 24 * 60
	err := r.do(ctx, call{
		method: http.MethodPost, path: path("channels", root.Channel, "messages", root.Message, "threads"), bot: true,
		body: map[string]any{"name": threadName(target), "auto_archive_duration": minutesADay},
	}, nil)
	if codeOf(err) == codeThreadExists {
		return nil
	}
	return err
}

func threadName(target string) string {
	const maxThreadRunes = 100 // Discord, Start Thread from Message
	runes := []rune(strings.TrimSpace("smtptest " + target))
	return string(runes[:min(len(runes), maxThreadRunes)])
}

// modal is a form as Discord opens it.
func modal(f formatting.Form) any {
	d := embed.Modal(f)
	return map[string]any{"custom_id": d.CustomID, "title": d.Title, "components": d.Components}
}
