package discordbot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/formatting/embed"
)

// event answers one interaction: it is the chat.Acknowledger and the
// chat.Platform of its delivery. The one message is the first response, which
// is reached by the interaction's token while that lives, and then with the
// bot's own rights.
type event struct {
	bot    *Bot
	source source
	began  time.Time // when the event came in

	private bool   // for the person alone, and fixed with the first response
	unsure  bool   // another replica might answer better, and goes first
	below   bool   // the evidence goes into a thread
	late    bool   // the token is dead, and the bot may post here
	shown   []byte // the body of the last edit; nil: there was none
}

func (b *Bot) responder(s source, began time.Time) bot.Responder {
	e := &event{bot: b, source: s, began: began}
	return &chat.Delivery[embed.Post]{Kit: b.kit(), Platform: e, Ack: e}
}

func (b *Bot) kit() *chat.Kit[embed.Post] {
	return &chat.Kit[embed.Post]{
		Root: embed.Root, Whole: embed.Whole,
		Thread:   func(m formatting.Message) []embed.Post { return embed.Thread(m, b.style) },
		Classify: classify, Name: plainError, Log: b.config.Log,
	}
}

// errNoFiles is a post that was not tried because of its files.
const errNoFiles = bot.Plain("the bot may not attach files here")

// What Discord would say of a call that need not be made.
func tooLate() error { return &apiError{status: http.StatusUnauthorized, code: codeWebhookToken} }
func noRoot() error  { return &apiError{status: http.StatusNotFound, code: codeUnknownMessage} }

// classify says what an error means for an answer.
func classify(err error) chat.Problem {
	e, ok := errors.AsType[*apiError](err)
	switch {
	case errors.Is(err, errNoFiles):
		return chat.Problem{Kind: chat.Refused}
	case !ok:
		return chat.Problem{Kind: chat.Transient}
	case e.status == http.StatusTooManyRequests && e.after <= maxRetryAfter:
		return chat.Problem{Kind: chat.Limited, Code: e.Error(), After: e.after}
	case e.status >= http.StatusInternalServerError:
		return chat.Problem{Kind: chat.Transient}
	}
	kind := chat.Refused
	switch e.code {
	case codeUnknownMessage:
		kind = chat.Gone
	case codeUnknownWebhook, codeWebhookToken:
		kind = chat.Lost
	}
	return chat.Problem{Kind: kind, Code: e.Error()}
}

// Place implements chat.Acknowledger.
func (e *event) Place(a bot.Answer) chat.Place {
	p := chat.Place{Evidence: chat.Behind}
	if !a.Private {
		p.Evidence, p.Why = e.source.place()
	}
	p.At.Channel, p.Brief = e.source.channel, e.source.inThread()
	e.unsure = a.Unsure
	e.private, e.below = a.Private, p.Evidence == chat.Below
	return p
}

// Interim implements chat.Acknowledger: it promises an answer before any work
// is done for it. When that fails Discord may have taken it all the same: the
// one message is tried before anything else is.
func (e *event) Interim(ctx context.Context, job bot.Answer) chat.Interim {
	a := answer{Type: answerLater}
	if e.private {
		a.Data = message{Flags: flagEphemeral, Mentions: embed.NoMentions()}
	}
	if codeOf(e.respond(ctx, a, nil)) == codeAcknowledged {
		return chat.Answered
	}
	job.Job.Stands("", e.source.application+" "+e.source.token)
	return chat.OneStands
}

// othersFirst is what a replica that knows better has for its answer, of Discord's
// 3 s.
const othersFirst = 150 * time.Millisecond

// respond gives the first response.
func (e *event) respond(ctx context.Context, a answer, files []formatting.File) error {
	if e.unsure {
		chat.Sleep(ctx, othersFirst)
	}
	err := e.bot.rest.respond(ctx, e.source, a, files)
	if codeOf(err) == codeAcknowledged { // another session was faster, which is no trouble
		return err
	}
	if err != nil {
		e.lost("no first response", err)
		return err
	}
	e.bot.observer.Acked(e.began)
	return nil
}

func (e *event) lost(what string, err error) { e.bot.config.Log.Warn(what, "error", plainError(err)) }

// Reply implements chat.Acknowledger: the first response holds what has room
// in it, and the rest follows.
func (e *event) Reply(ctx context.Context, m formatting.Message, private bool) {
	posts := embed.Whole(m)
	first := messageOf(posts[0])
	if private {
		first.Flags = flagEphemeral
	}
	if e.respond(ctx, answer{Type: answerMessage, Data: first}, posts[0].Files) != nil {
		return
	}
	for _, p := range posts[1:] {
		if err := e.Follow(ctx, p); err != nil {
			e.lost("answer not sent in full", err)
			return
		}
	}
}

// Open implements chat.Acknowledger. A form can only be a first response, so
// it cannot be tried in any other way.
func (e *event) Open(ctx context.Context, a bot.Answer) {
	secret := func(x formatting.Field) bool { return x.Secret }
	if slices.ContainsFunc(a.Form.Fields, secret) && !e.bot.config.LoginForm || e.source.kind == typeModal {
		e.Reply(ctx, formatting.Refusal(formatting.RefusedLogin), e.private)
		return
	}
	_ = e.respond(ctx, answer{Type: answerForm, Data: modal(*a.Form)}, nil)
}

// Reject implements chat.Acknowledger. Discord lets no form stay open, nor
// answer a form with a form.
func (e *event) Reject(ctx context.Context, a bot.Answer) {
	m := formatting.Refusal(formatting.FormFields)
	for _, f := range formatting.LoginFields() {
		if text := a.Errors[f.ID]; text != "" {
			m.Notes = append(m.Notes, f.Label+": "+text)
		}
	}
	if a.Reopen != nil {
		m.Actions = []formatting.Action{*a.Reopen}
	}
	e.Reply(ctx, m, a.Private)
}

// moderated makes a call again with the words of its post in a file, which
// moderation leaves alone.
func moderated(p embed.Post, call func(embed.Post) error) error {
	err := call(p)
	if codeOf(err) != codeModerated {
		return err
	}
	words := []string{p.Content}
	for _, e := range p.Embeds {
		words = append(words, e.Description)
	}
	note := embed.Root(formatting.Notice(formatting.PlaceModerated))
	note.Components = p.Components
	file := formatting.File{Name: "smtptest-text.txt", Text: strings.Join(words, "\n") + "\n"}
	note.Files = append([]formatting.File{file}, p.Files...)
	return call(note)
}

// Edit implements chat.Platform. Where the token is dead, or somebody has
// deleted the message, and the bot may post here, it goes on with its own
// rights.
func (e *event) Edit(ctx context.Context, at chat.Spot, p embed.Post) (chat.Spot, error) {
	err := moderated(p, func(p embed.Post) error { return e.edit(ctx, &at, p) })
	return at, err
}

func (e *event) edit(ctx context.Context, at *chat.Spot, p embed.Post) error {
	body, err := json.Marshal(messageOf(p))
	if err == nil && len(p.Files) == 0 && at.Message != "" && bytes.Equal(body, e.shown) {
		return nil // the verdict stands, and the whole answer begins with it
	}
	if err = e.change(ctx, at, p); err == nil {
		e.shown = body
	}
	return err
}

func (e *event) change(ctx context.Context, at *chat.Spot, p embed.Post) error {
	if !e.late {
		id, err := e.bot.rest.edit(ctx, e.source.original(), p)
		if err == nil {
			at.Message = id
			return nil
		}
		kind := classify(err).Kind
		if kind != chat.Gone && kind != chat.Lost || !e.canPost() {
			return err
		}
		e.late = true
	}
	if at.Message == "" {
		return noRoot()
	}
	_, err := e.bot.rest.edit(ctx, e.source.message(at.Message), p)
	return err
}

// canPost reports that the channel can be posted to without the token.
func (e *event) canPost() bool {
	return !e.private && e.below && e.source.lacks(viewChannel, sendMessages, embedLinks) == 0
}

// Post implements chat.Platform. Outside a thread that is the one message
// anew.
func (e *event) Post(ctx context.Context, at chat.Spot, p embed.Post) (chat.Spot, error) {
	err := moderated(p, func(p embed.Post) (err error) {
		switch {
		case at.Thread == "" && !e.late:
			return e.bot.rest.followUp(ctx, e.source, p, e.private)
		case len(p.Files) > 0 && e.source.lacks(attachFiles) != 0:
			return errNoFiles
		}
		at.Message, err = e.bot.rest.post(ctx, cmp.Or(at.Thread, at.Channel), p)
		return err
	})
	return at, err
}

// WithoutFile implements chat.Filer: the token needs no right to attach one.
func (e *event) WithoutFile(p embed.Post, _ formatting.Message, err error) (instead, aside []embed.Post, ok bool) {
	if !errors.Is(err, errNoFiles) {
		return nil, nil, false
	}
	aside = []embed.Post{{Files: p.Files}}
	if p.Files = nil; p.Content != "" {
		instead = []embed.Post{p}
	}
	return instead, aside, true
}

// Delete implements chat.Platform. Who asked cannot be told why without the
// token.
func (e *event) Delete(ctx context.Context, at chat.Spot) error {
	if !e.late {
		return e.bot.rest.remove(ctx, e.source.original())
	}
	if at.Message != "" {
		_ = e.bot.rest.remove(ctx, e.source.message(at.Message))
	}
	return tooLate()
}

// Thread implements chat.Platform.
func (e *event) Thread(ctx context.Context, root chat.Spot, target string) (chat.Spot, error) {
	switch {
	case e.source.inThread():
		root.Thread = e.source.channel
		return root, nil
	case root.Message == "":
		return root, noRoot()
	}
	root.Thread = root.Message
	return root, e.bot.rest.startThread(ctx, root, target)
}

// Tell implements chat.Platform.
func (e *event) Tell(ctx context.Context, p embed.Post) error {
	if e.late {
		return tooLate()
	}
	return e.bot.rest.followUp(ctx, e.source, p, true)
}

// Follow implements chat.Follower.
func (e *event) Follow(ctx context.Context, p embed.Post) error {
	_, err := e.Post(ctx, chat.Spot{Channel: e.source.channel}, p)
	return err
}

// Announce implements chat.Announcer.
func (e *event) Announce(run *bot.Job, at chat.Spot) {
	if at.Message != "" {
		run.Posted(e.source.link(at.Message))
	}
}

// EndOrphan ends the answer of a test whose replica was killed: by the
// interaction's token while that lives, and then with the bot's own rights.
func (b *Bot) EndOrphan(ctx context.Context, left bot.Left, m formatting.Message) {
	s := source{channel: left.Place.Channel}
	s.application, s.token, _ = strings.Cut(left.Way, " ")
	_, err := b.rest.edit(ctx, s.original(), embed.Root(m))
	if err != nil && left.Message != "" {
		_, err = b.rest.edit(ctx, s.message(left.Message), embed.Root(m))
	}
	if err != nil {
		b.config.Log.Warn("the answer of another replica was not ended", "error", plainError(err))
	}
}
