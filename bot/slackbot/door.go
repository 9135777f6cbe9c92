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

	run      *bot.Run // nil: the answer was all
	private  bool     // for the person alone
	root     spot     // the one message; its message is empty while it is not posted
	nowhere  bool     // it cannot be posted where others see it
	verdict  bool     // it shows the verdict
	whispers formatting.TextID
}

// Answer implements bot.Door: it acknowledges the event, and only then does
// what takes time.
func (d *door) Answer(ctx context.Context, a bot.Answer) {
	d.private, d.run = a.Private, a.Run
	switch {
	case a.Run != nil:
		d.source.ack(d.meanwhile(a))
	case a.Errors != nil:
		d.source.ack(slack.NewErrorsViewSubmissionResponse(a.Errors))
	case a.Form != nil:
		d.open(ctx, *a.Form)
	case a.Private:
		d.answer(ctx, a.Message)
	default:
		d.source.ack(nil)
		d.later(func(ctx context.Context) { d.publish(ctx, a.Message) })
	}
}

// later does a job behind the acknowledgement. When there is too much to do
// the person is told so, which needs one more call, but no queue.
func (d *door) later(job func(context.Context)) {
	ctx := context.WithoutCancel(context.Background())
	if d.bot.later(func() { job(ctx) }) {
		return
	}
	d.bot.config.observe(bot.Event{Kind: bot.EventDropped, Outcome: bot.DroppedBusy})
	d.bot.config.Log.Warn("too many answers at once")
	go d.bot.guarded(func() { d.tell(ctx, formatting.Refusal(formatting.FaultBusy)) })
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
	d.source.ack(nil)
	d.later(func(ctx context.Context) {
		if err := d.bot.poster.open(ctx, d.source.trigger, blockkit.Modal(f)); err != nil {
			d.bot.config.Log.Warn("form not opened", "error", plainError(err))
			d.tell(ctx, formatting.Refusal(formatting.FaultForm))
		}
	})
}

// answer gives an immediate answer to the person alone: in the acknowledgement
// where that can hold it.
func (d *door) answer(_ context.Context, m formatting.Message) {
	if d.source.kind == kindForm {
		d.source.ack(updateView(m))
		return
	}
	posts := blockkit.Private(m)
	if d.source.kind == kindCommand && len(posts) == 1 && posts[0].File == nil {
		if payload := ackOf(posts[0]); payload != nil {
			d.source.ack(payload)
			return
		}
	}
	d.source.ack(nil)
	d.later(func(ctx context.Context) {
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
		if d.tellOne(ctx, post) != nil {
			d.bot.config.Log.Warn("a private answer was lost", "platform", "slack")
			return
		}
	}
}

func (d *door) tellOne(ctx context.Context, post blockkit.Post) error {
	p, s := d.bot.poster, d.source
	if s.responseURL != "" && p.respond(ctx, s.responseURL, post) == nil {
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

// Update implements bot.Door.
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
	if err := d.bot.poster.remove(ctx, d.root); err != nil {
		_ = d.bot.poster.edit(ctx, d.root, blockkit.Root(formatting.Refusal(formatting.PlaceTakenBack)))
	}
}

// show changes the one message, or posts it, and fills its thread at the end.
func (d *door) show(ctx context.Context, u bot.Update) {
	if !d.verdict {
		d.put(ctx, u.Message)
	}
	if d.nowhere { // just found out
		if u.Stage == bot.StageDone {
			d.tell(ctx, d.noted(u.Message))
		}
		return
	}
	d.verdict = d.verdict || u.Stage >= bot.StageVerdict
	if u.Stage == bot.StageDone {
		d.fill(ctx, d.root, u.Message)
	}
}

// put posts the one message, or changes it. One that has gone is posted anew.
func (d *door) put(ctx context.Context, m formatting.Message) {
	post := blockkit.Root(d.noted(m))
	if d.root.message != "" && d.bot.poster.edit(ctx, d.root, post) == nil {
		return
	}
	for _, at := range d.places() {
		if posted, err := d.bot.poster.post(ctx, at.spot, d.rootAt(at, m)); err == nil {
			d.root, d.whispers = posted, at.says
			d.posted(ctx, at)
			return
		} else if !closedTo(err) {
			d.bot.config.Log.Warn("message not posted", "error", plainError(err))
		}
	}
	d.nowhere, d.whispers = true, formatting.PlaceNowhere
}

// place is a spot to try, with what is said when it is the one.
type place struct {
	spot
	says formatting.TextID // empty: it is the place that was meant
}

// places are where the one message may go, the best first.
func (d *door) places() []place {
	s := d.source
	meant := place{spot{channel: d.channel(), thread: s.thread}, ""}
	if s.direct() {
		return []place{meant}
	}
	return []place{meant, {spot{channel: s.user}, formatting.PlaceDirect}}
}

func (d *door) rootAt(at place, m formatting.Message) blockkit.Post {
	d.whispers = at.says
	return blockkit.Root(d.noted(m))
}

// noted says in the message why it is here.
func (d *door) noted(m formatting.Message) formatting.Message {
	if d.whispers == "" {
		return m
	}
	words := formatting.Say(d.whispers)
	m.Notes = append(append([]string(nil), m.Notes...), words.What)
	if words.Try != "" {
		m.Notes = append(m.Notes, words.Try)
	}
	return m
}

// posted tells others where the message is: the run, and the person, if it is
// not where they are.
func (d *door) posted(ctx context.Context, at place) {
	root, run := d.root, d.run
	if run != nil {
		go d.bot.guarded(func() { run.Posted(d.bot.poster.link(context.WithoutCancel(ctx), root)) })
	}
	if at.says == formatting.PlaceDirect && d.source.responseURL != "" {
		m := formatting.Notice(formatting.PlaceSentDirect)
		_ = d.bot.poster.respond(ctx, d.source.responseURL, blockkit.Private(m)[0])
	}
}

// publish shows a message to the channel that belongs to no run.
func (d *door) publish(ctx context.Context, m formatting.Message) {
	d.put(ctx, m)
	if d.nowhere {
		d.tell(ctx, d.noted(m))
		return
	}
	d.fill(ctx, d.root, m)
}

// fill puts the sections of a message into the thread below a message. What
// the thread does not take goes to the person alone.
func (d *door) fill(ctx context.Context, under spot, m formatting.Message) {
	at := spot{channel: under.channel, thread: under.thread}
	if at.thread == "" {
		at.thread = under.message
	}
	for _, post := range blockkit.Thread(m) {
		if _, err := d.bot.poster.post(ctx, at, post); err != nil {
			d.bot.config.Log.Warn("thread not filled", "error", plainError(err))
			d.rest(ctx, m)
			return
		}
		if post.File != nil {
			d.attach(ctx, at, *post.File)
		}
	}
}

// rest shows to the person what the thread did not take.
func (d *door) rest(ctx context.Context, m formatting.Message) {
	told := formatting.Notice(formatting.PlaceNoThread)
	told.Sections = m.Sections
	d.tell(ctx, told)
}

// attach uploads a file into a thread, or says why there is none.
func (d *door) attach(ctx context.Context, at spot, f formatting.File) {
	err := d.bot.poster.upload(ctx, at, f)
	if err == nil {
		return
	}
	reason := formatting.Say(noFile(errorCode(err))).What
	note := formatting.Notice(formatting.PlaceNoFile, formatting.Value{Name: "reason", Text: reason})
	if _, err := d.bot.poster.post(ctx, at, blockkit.Root(note)); err != nil {
		d.bot.config.Log.Warn("file not attached", "error", plainError(err))
	}
}

func noFile(code string) formatting.TextID {
	switch code {
	case "not_in_channel", "channel_not_found":
		return formatting.ReasonNoMember
	case "file_uploads_disabled", "file_type_not_allowed", "storage_limit_reached":
		return formatting.ReasonUploadsOff
	case "missing_scope":
		return formatting.ReasonNoScope
	}
	return formatting.ReasonNotTaken
}
