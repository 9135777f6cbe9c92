package discordbot

import (
	"context"
	"strings"
	"time"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/formatting/embed"
)

// door answers one interaction. Its methods are called one after the other.
type door struct {
	bot    *Bot
	source source
	began  time.Time // when the event came in

	run     *bot.Run // nil: the answer was all
	private bool     // for the person alone, and fixed with the first response
	where   where    // of a public answer: where its evidence goes
	reason  reason   // why it goes there
	root    string   // id of the one message; empty: not known yet
	late    bool     // nothing can be said by the token: the first response came too late, or it is long ago
	gone    bool     // somebody else has answered: nothing is to be said
	verdict bool     // the one message shows the verdict
}

// Answer implements bot.Responder. Every kind of answer has one first response.
func (d *door) Answer(ctx context.Context, a bot.Answer) {
	d.private, d.run = a.Private, a.Run
	if !a.Private {
		d.where, d.reason = d.source.place()
	}
	switch {
	case a.Run != nil:
		d.defers(ctx)
	case a.Errors != nil:
		d.say(ctx, fields(a))
	case a.Form != nil:
		d.open(ctx, *a.Form)
	default:
		d.say(ctx, a.Message)
	}
}

// defers promises an answer before any work is done for it.
func (d *door) defers(ctx context.Context) {
	a := answer{Type: answerLater}
	if d.private {
		a.Data = message{Flags: flagEphemeral, Mentions: embed.NoMentions()}
	}
	d.respond(ctx, a, nil)
}

// respond gives the first response. When it fails Discord may have taken it
// all the same: the one message is tried before anything else is.
func (d *door) respond(ctx context.Context, a answer, files []formatting.File) (ok bool) {
	err := d.bot.rest.respond(ctx, d.source, a, files)
	if err == nil {
		d.bot.config.acked(d.began)
		return true
	}
	d.gone = codeOf(err) == codeAcknowledged
	d.bot.config.Log.Warn("no first response", "error", plainError(err))
	return false
}

// say answers with a message: the first response holds what has room in it,
// and the rest follows.
func (d *door) say(ctx context.Context, m formatting.Message) {
	posts := embed.Whole(m)
	first := messageOf(posts[0])
	if d.private {
		first.Flags = flagEphemeral
	}
	if d.respond(ctx, answer{Type: answerMessage, Data: first}, posts[0].Files) {
		d.follow(ctx, posts[1:])
	}
}

// open opens a form. That can only be a first response, so it cannot be tried
// by any other way.
func (d *door) open(ctx context.Context, f formatting.Form) {
	if !d.bot.config.LoginForm || d.source.kind == typeModal {
		d.say(ctx, formatting.Refusal(formatting.RefusedLogin))
		return
	}
	d.respond(ctx, answer{Type: answerForm, Data: modalOf(f)}, nil)
}

// fields says what could not be used of a form. Discord lets no form stay
// open, nor answer a form with a form.
func fields(a bot.Answer) formatting.Message {
	m := formatting.Refusal(formatting.FormFields)
	for _, f := range formatting.LoginFields() {
		if text := a.Errors[f.ID]; text != "" {
			m.Notes = append(m.Notes, f.Label+": "+text)
		}
	}
	if a.Reopen != nil {
		m.Actions = []formatting.Action{*a.Reopen}
	}
	return m
}

// follow sends what does not fit into the first response.
func (d *door) follow(ctx context.Context, posts []embed.Post) {
	for _, p := range posts {
		if err := d.bot.rest.followUp(ctx, d.source, p, d.private); err != nil {
			d.lost("answer not sent in full", err)
			return
		}
	}
}

func (d *door) lost(what string, err error) {
	d.bot.config.Log.Warn(what, "error", plainError(err))
}

// Update implements bot.Responder.
func (d *door) Update(ctx context.Context, u bot.Update) {
	switch {
	case d.gone || d.late && !d.canPost():
	case u.Stage == bot.StageDenied:
		d.denied(ctx, u.Message)
	case u.Stage == bot.StageDone:
		d.done(ctx, u.Message)
	case !d.verdict:
		d.put(ctx, embed.Root(d.reason.on(u.Message)))
		d.verdict = u.Stage == bot.StageVerdict
	}
}

// canPost reports that the channel can be posted to without the token: of a
// public answer whose first response was lost.
func (d *door) canPost() bool {
	return !d.private && d.where != after && d.source.lacks("View Channels", "Send Messages", "Embed Links") == ""
}

// denied takes back what is public, and tells the person alone.
func (d *door) denied(ctx context.Context, m formatting.Message) {
	switch {
	case d.late:
		if d.root != "" {
			_ = d.bot.rest.discard(ctx, d.source.channel, d.root)
		}
		return
	case d.private:
		d.put(ctx, embed.Root(m))
		return
	}
	switch err := d.bot.rest.remove(ctx, d.source); {
	case codeOf(err) == codeUnknownWebhook, codeOf(err) == codeWebhookToken:
		return // nothing was shown, and the person cannot be reached
	case err != nil && codeOf(err) != codeUnknownMessage:
		d.put(ctx, embed.Root(formatting.Refusal(formatting.PlaceTakenBack)))
	}
	if err := d.bot.rest.followUp(ctx, d.source, embed.Root(m), true); err != nil {
		d.lost("refusal not sent", err)
	}
}

// done shows the whole answer.
func (d *door) done(ctx context.Context, m formatting.Message) {
	if d.private || d.where == after {
		d.whole(ctx, m)
		return
	}
	if !d.verdict {
		d.put(ctx, embed.Root(d.reason.on(m)))
	}
	at := d.source.channel
	if d.where == below {
		var err error
		if at, err = d.thread(ctx, m.Target); err != nil {
			d.lost("thread not opened", err)
			d.where, d.reason = after, reason{id: formatting.PlaceThreadRefused}
			d.whole(ctx, m)
			return
		}
	}
	d.fill(ctx, at, embed.Thread(m, d.bot.style))
}

// whole shows an answer without a thread: in the one message and behind it.
func (d *door) whole(ctx context.Context, m formatting.Message) {
	posts := embed.Whole(d.reason.on(m))
	d.put(ctx, posts[0])
	if d.late {
		d.fill(ctx, d.source.channel, posts[1:])
		return
	}
	d.follow(ctx, posts[1:])
}

// put fills in the one message, or changes it.
func (d *door) put(ctx context.Context, p embed.Post) {
	err := d.write(ctx, p)
	if codeOf(err) == codeModerated {
		err = d.write(ctx, moderated(p))
	}
	if err != nil {
		d.lost("message not written", err)
		return
	}
	if d.run != nil && !d.private && d.root != "" {
		d.run.Posted(d.source.link(d.root))
	}
}

// write reaches the one message by the token, while that lives, and otherwise
// with the bot's own rights. One that somebody has deleted is posted anew.
func (d *door) write(ctx context.Context, p embed.Post) error {
	if !d.late {
		id, err := d.bot.rest.edit(ctx, d.source, p)
		code := codeOf(err)
		switch {
		case err == nil:
			d.root = id
			return nil
		case code != codeWebhookToken && code != codeUnknownWebhook && code != codeUnknownMessage:
			return err
		case d.canPost():
			d.late = true
		case code == codeUnknownMessage:
			return d.bot.rest.followUp(ctx, d.source, p, d.private)
		default:
			return err
		}
	}
	if d.root != "" {
		if err := d.bot.rest.change(ctx, d.source.channel, d.root, p); codeOf(err) != codeUnknownMessage {
			return err
		}
	}
	id, _, err := d.bot.rest.post(ctx, d.source.channel, p)
	d.root = id
	return err
}

// thread opens the thread of the one message.
func (d *door) thread(ctx context.Context, target string) (string, error) {
	if d.root == "" {
		return "", errUnsent
	}
	return d.bot.rest.startThread(ctx, d.source.channel, d.root, target)
}

// fill puts posts into a thread. What it does not take goes behind the one
// message.
func (d *door) fill(ctx context.Context, channel string, posts []embed.Post) {
	for i, p := range posts {
		if len(p.Files) > 0 && d.source.lacks("Attach Files") != "" {
			d.rest(ctx, []embed.Post{{Files: p.Files}}) // the token needs no right
			p.Files = nil
		}
		if p.Content == "" && len(p.Files) == 0 {
			continue
		}
		pause, err := d.into(ctx, channel, p)
		if err != nil {
			d.lost("thread not filled", err)
			d.rest(ctx, posts[i:])
			return
		}
		if pause > 0 && i+1 < len(posts) && !sleep(ctx, pause) {
			return
		}
	}
}

// into puts one post into a thread; as a file, when moderation stops its text.
func (d *door) into(ctx context.Context, channel string, p embed.Post) (pause time.Duration, err error) {
	_, pause, err = d.bot.rest.post(ctx, channel, p)
	if codeOf(err) == codeModerated {
		_, pause, err = d.bot.rest.post(ctx, channel, moderated(p))
	}
	return pause, err
}

// rest sends by the token what a thread did not take.
func (d *door) rest(ctx context.Context, posts []embed.Post) {
	if !d.late {
		d.follow(ctx, posts)
	}
}

// moderated is a post whose words are in a file, which moderation leaves
// alone.
func moderated(p embed.Post) embed.Post {
	words := []string{p.Content}
	for _, e := range p.Embeds {
		words = append(words, e.Description)
	}
	note := embed.Root(formatting.Notice(formatting.PlaceModerated))
	note.Components = p.Components
	note.Files = append([]formatting.File{{Name: "smtptest-text.txt", Text: strings.Join(words, "\n") + "\n"}}, p.Files...)
	return note
}
