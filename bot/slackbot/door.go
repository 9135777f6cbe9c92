package slackbot

import (
	"context"
	"encoding/json"

	"github.com/slack-go/slack"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

// maxAckOctets is what an acknowledgement may hold; Slack drops a larger one
// without a word.
const maxAckOctets = 20 << 10

// door answers one event. Its methods are called one after the other.
type door struct {
	bot    *Bot
	source *source

	run      *bot.Run          // nil: the answer was all
	private  bool              // for the person alone
	root     spot              // the one message; its message is empty while it is not posted
	nowhere  bool              // it cannot be posted where others see it
	verdict  bool              // it shows the verdict
	whispers formatting.TextID // why the answer is where it is; empty: it is where it was asked for
}

// Answer implements bot.Responder: it acknowledges the event, and only then does
// what takes time.
func (d *door) Answer(_ context.Context, a bot.Answer) {
	d.private, d.run = a.Private, a.Run
	switch {
	case a.Run != nil:
		d.source.ack(d.meanwhile(a))
	case a.Errors != nil:
		d.source.ack(slack.NewErrorsViewSubmissionResponse(a.Errors))
	case a.Form != nil:
		d.behind(nil, func(ctx context.Context) { d.open(ctx, *a.Form) })
	case a.Private:
		d.answer(a.Message)
	default:
		d.behind(nil, func(ctx context.Context) { d.publish(ctx, a.Message) })
	}
}

// behind acknowledges, and does a job behind that. Where too much waits, the
// person is told so instead: at once if the acknowledgement can say it.
func (d *door) behind(payload any, job func(context.Context)) {
	acked := make(chan struct{})
	defer close(acked)
	afterwards := func(job func(context.Context)) func() {
		return func() {
			<-acked
			job(context.Background())
		}
	}
	if !d.bot.later(afterwards(job)) {
		d.bot.config.observe(bot.Event{Kind: bot.EventDropped, Outcome: bot.DroppedBusy})
		d.bot.config.Log.Warn("too many answers at once")
		payload = d.busy(func(m formatting.Message) bool {
			return d.bot.note(afterwards(func(ctx context.Context) { d.tell(ctx, m) }))
		})
	}
	d.source.ack(payload)
}

// busy is the acknowledgement that says that there is too much to do; nil: it
// cannot say that, and it was left to note.
func (d *door) busy(note func(formatting.Message) bool) any {
	m := formatting.Refusal(formatting.FaultBusy)
	switch d.source.kind {
	case kindForm:
		return updateView(m)
	case kindCommand:
		return ackOf(blockkit.Private(m)[0])
	}
	if !note(m) {
		d.bot.config.Log.Error("an answer was lost")
	}
	return nil
}

// meanwhile is what the person sees while a private test runs; nil: nothing.
func (d *door) meanwhile(a bot.Answer) any {
	switch {
	case d.source.kind == kindForm:
		return updateView(a.Message)
	case a.Private && d.source.kind == kindCommand:
		return ackOf(blockkit.Private(a.Message)[0])
	}
	return nil
}

func updateView(m formatting.Message) any {
	view := blockkit.Told(m)
	return slack.NewUpdateViewSubmissionResponse(&view)
}

// ackOf is a message in an acknowledgement; nil if it is too large for one.
func ackOf(p blockkit.Post) any {
	r := replyOf(p)
	if octets, err := json.Marshal(r); err != nil || len(octets) > maxAckOctets {
		return nil
	}
	return r
}

func (d *door) open(ctx context.Context, f formatting.Form) {
	if err := d.bot.poster.open(ctx, d.source.trigger, blockkit.Modal(f)); err != nil {
		d.bot.config.Log.Warn("form not opened", "error", plainError(err))
		d.tell(ctx, formatting.Refusal(formatting.FaultForm))
	}
}

// answer gives an immediate answer to the person alone: in the acknowledgement
// where that can hold it.
func (d *door) answer(m formatting.Message) {
	if d.source.kind == kindForm {
		d.source.ack(updateView(m))
		return
	}
	posts := blockkit.Private(m)
	if d.source.kind == kindCommand && len(posts) == 1 {
		if payload := ackOf(posts[0]); payload != nil {
			d.source.ack(payload)
			return
		}
	}
	d.behind(nil, func(ctx context.Context) {
		if d.source.under != (spot{}) && hasFile(m) {
			d.fill(ctx, d.source.under, m)
			return
		}
		d.tell(ctx, m)
	})
}

func hasFile(m formatting.Message) bool {
	for _, s := range m.Sections {
		if _, ok := s.(formatting.File); ok {
			return true
		}
	}
	return false
}

// tell shows a message to the person alone, in the best place left.
func (d *door) tell(ctx context.Context, m formatting.Message) {
	for _, post := range blockkit.Private(m) {
		if err := d.tellOne(ctx, post); err != nil {
			d.bot.config.Log.Error("a private answer was lost", "error", plainError(err))
			return
		}
	}
}

func (d *door) tellOne(ctx context.Context, post blockkit.Post) error {
	p, s := d.bot.poster, d.source
	if s.hook.usable() && p.respond(ctx, &s.hook, post) == nil {
		return nil
	}
	if channel := d.channel(); channel != "" && p.whisper(ctx, spot{channel: channel, thread: s.thread}, s.user, post) == nil {
		return nil
	}
	_, err := p.post(ctx, spot{channel: s.user}, post)
	return err
}

// channel is where the event happened; of a form, where it was opened.
func (d *door) channel() string {
	if d.source.channel == "" && d.run != nil {
		return d.run.Place().Channel
	}
	return d.source.channel
}

// Update implements bot.Responder.
func (d *door) Update(ctx context.Context, u bot.Update) {
	last := u.Stage == bot.StageDone || u.Stage == bot.StageDenied
	switch {
	case u.Stage == bot.StageDenied:
		d.takeBack(ctx)
		d.tell(ctx, u.Message)
	case d.private || d.nowhere:
		if last {
			d.tell(ctx, d.noted(u.Message))
		}
	default:
		d.show(ctx, u)
	}
}

// takeBack removes the one message: nothing of a denied test stays.
func (d *door) takeBack(ctx context.Context) {
	if d.root.message == "" {
		return
	}
	if err := d.bot.poster.remove(ctx, d.root); err != nil && !gone(err) {
		_ = d.bot.poster.edit(ctx, d.root, blockkit.Root(formatting.Refusal(formatting.PlaceTakenBack)))
	}
}

// show changes the one message, or posts it, and fills its thread at the end.
func (d *door) show(ctx context.Context, u bot.Update) {
	if !d.verdict {
		shown := d.put(ctx, u.Message, u.Stage == bot.StageDone)
		d.verdict = shown && u.Stage >= bot.StageVerdict
	}
	switch {
	case u.Stage != bot.StageDone:
	case d.nowhere: // just found out
		d.tell(ctx, d.noted(u.Message))
	default:
		d.fill(ctx, d.root, u.Message)
	}
}

// publish shows a message to the channel that belongs to no run.
func (d *door) publish(ctx context.Context, m formatting.Message) {
	d.put(ctx, m, true)
	if d.nowhere {
		d.tell(ctx, d.noted(m))
		return
	}
	d.fill(ctx, d.root, m)
}
