package slackbot

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

// maxAckBytes is what an acknowledgement may hold; Slack drops a larger one
// without a word.
const maxAckBytes = 20 << 10

// event answers one event of Slack's: it is the chat.Acknowledger and the
// chat.Platform of its delivery.
type event struct {
	bot      *Bot
	source   *source
	delivery *chat.Delivery[blockkit.Post]
	channel  string                     // where the event happened; of a form, where it was opened
	verdict  *blockkit.Post             // for the person alone, if the first message is late; nil: that has no verdict
	acked    time.Time                  // a form
	posted   bool                       // its first message stands
	ours     func(context.Context) bool // whether no other process has answered; nil: there is none
	unseen   bool                       // nothing can be seen of the answer before it is over
	told     formatting.TextID          // where the person was told the answer, in the words of a form; empty: nowhere
}

func (b *Bot) responder(s *source) bot.Responder {
	e := &event{bot: b, source: s, channel: s.channel}
	e.delivery = &chat.Delivery[blockkit.Post]{Kit: b.kit, Platform: e, Ack: e}
	return e.delivery
}

// Place implements chat.Acknowledger.
func (e *event) Place(a bot.Answer) chat.Place {
	if e.channel == "" && a.Job != nil {
		e.channel = a.Job.Place().Channel
	}
	e.channel = cmp.Or(e.channel, a.Channel)
	e.ours = a.Ours
	p := chat.Place{At: chat.Spot{Channel: e.channel, Thread: e.source.thread}}
	p.Brief = e.source.thread != ""
	if a.Private {
		p.Evidence, e.unseen = chat.Alone, true
	}
	return p
}

// Interim implements chat.Acknowledger. What Slack shows of a command's own
// acknowledgement cannot be changed any more, so it says nothing of a test.
func (e *event) Interim(_ context.Context, a bot.Answer) chat.Interim {
	a.Job.Stands("", e.source.hook.url)
	if e.source.kind == kindForm && a.Private { // the form of a test that all see closes
		e.source.ack(updateView(noted(a.Message, formatting.FormMeanwhile)))
		e.acked = time.Now()
	} else {
		e.source.ack(nil)
	}
	return chat.Nothing
}

// Reject implements chat.Acknowledger: the form stays open.
func (e *event) Reject(_ context.Context, a bot.Answer) {
	e.source.ack(slack.NewErrorsViewSubmissionResponse(a.Errors))
}

// Open implements chat.Acknowledger. A mention opens no form, but a button does.
func (e *event) Open(_ context.Context, a bot.Answer) {
	e.async(func(ctx context.Context) {
		instead := formatting.Notice(formatting.FormPress)
		if e.source.trigger != "" {
			err := e.bot.api.caller.Once(ctx, func(ctx context.Context) error { // a trigger is used once
				_, err := e.bot.api.slack.OpenViewContext(ctx, e.source.trigger, blockkit.Modal(*a.Form))
				return err
			})
			if err == nil {
				return
			}
			e.bot.config.Log.Warn("form not opened", "error", plainError(err))
			instead = formatting.Refusal(formatting.FaultForm)
		}
		if a.Reopen != nil {
			instead.Actions = []formatting.Action{*a.Reopen}
		}
		e.delivery.Tell(ctx, instead)
	})
}

// Reply implements chat.Acknowledger. What is for the person alone is in the
// acknowledgement itself, where that can hold it.
func (e *event) Reply(_ context.Context, m formatting.Message, private bool) {
	switch {
	case !private:
		e.async(func(ctx context.Context) { e.delivery.Publish(ctx, m) })
	case e.source.kind == kindForm && m.Verdict != "":
		e.source.ack(updateView(m))
	case e.source.kind == kindHome:
		e.async(func(ctx context.Context) { e.publish(ctx, m) })
	case !e.inAck(m):
		e.async(func(ctx context.Context) {
			if e.source.under != (chat.Spot{}) && hasFile(m) {
				e.delivery.Fill(ctx, e.source.under, seen(m))
				return
			}
			e.delivery.Tell(ctx, m)
		})
	}
}

// Replace implements chat.Replacer.
func (e *event) Replace(ctx context.Context, m formatting.Message) {
	if e.source.under == (chat.Spot{}) {
		e.Reply(ctx, m, true)
		return
	}
	e.async(func(ctx context.Context) {
		if _, err := e.Edit(ctx, e.source.under, blockkit.Root(m)); err != nil {
			e.delivery.Tell(ctx, m)
		}
	})
}

// inAck answers in the acknowledgement, or reports that it cannot.
func (e *event) inAck(m formatting.Message) bool {
	posts := blockkit.Private(m)
	if e.source.kind != kindCommand || len(posts) != 1 {
		return false
	}
	payload := ackOf(posts[0])
	if payload != nil {
		e.source.ack(payload)
	}
	return payload != nil
}

// seen says in the titles of files who can open them: Slack has none for one
// person alone.
func seen(m formatting.Message) formatting.Message {
	return retitled(m, func(title string) string { return title + openToAll() })
}

// unseen takes what seen says away again, where there is no file.
func unseen(m formatting.Message) formatting.Message {
	return retitled(m, func(title string) string { return strings.TrimSuffix(title, openToAll()) })
}

func openToAll() string { return ". " + formatting.Say(formatting.NoteFileSeen).What }

func retitled(m formatting.Message, title func(string) string) formatting.Message {
	m.Sections = slices.Clone(m.Sections)
	for i, s := range m.Sections {
		if f, ok := s.(formatting.File); ok {
			f.Title = title(f.Title)
			m.Sections[i] = f
		}
	}
	return m
}

func hasFile(m formatting.Message) bool {
	return slices.ContainsFunc(m.Sections, func(s formatting.Section) bool {
		_, ok := s.(formatting.File)
		return ok
	})
}

// async acknowledges, and does a job after that, or says that there is too
// much to do.
func (e *event) async(job func(context.Context)) {
	m := formatting.Refusal(formatting.FaultBusy)
	once := func(ctx context.Context) {
		if e.ours == nil || e.ours(ctx) {
			job(ctx)
		}
	}
	e.bot.jobs.Async(once, func(busy bool) (said bool) {
		var payload any
		if busy {
			payload = e.busy(m)
		}
		e.source.ack(payload)
		return payload != nil
	}, func(ctx context.Context) { e.delivery.Tell(ctx, m) })
}

// busy is the acknowledgement that says that there is too much to do; nil: it
// cannot say that.
func (e *event) busy(m formatting.Message) any {
	switch e.source.kind {
	case kindForm:
		return updateView(m)
	case kindCommand:
		return ackOf(blockkit.Private(m)[0])
	}
	return nil
}

func updateView(m formatting.Message) any {
	view := blockkit.StatusModal(m)
	return slack.NewUpdateViewSubmissionResponse(&view)
}

// ackOf is a message in an acknowledgement; nil if it is too large for one.
func ackOf(p blockkit.Post) any {
	r := replyOf(p, slack.ResponseTypeEphemeral)
	if text, err := json.Marshal(r); err != nil || len(text) > maxAckBytes {
		return nil
	}
	return r
}

// Edit implements chat.Platform.
func (e *event) Edit(ctx context.Context, at chat.Spot, p blockkit.Post) (chat.Spot, error) {
	return at, e.bot.api.Change(ctx, at, p)
}

// Delete implements chat.Platform.
func (e *event) Delete(ctx context.Context, at chat.Spot) error {
	return e.bot.api.caller.Do(ctx, "", func(ctx context.Context) error {
		_, _, err := e.bot.api.slack.DeleteMessageContext(ctx, at.Channel, at.Message)
		return err
	})
}

// Thread implements chat.Platform. In Slack every message has one, and none
// within one.
func (e *event) Thread(_ context.Context, root chat.Spot, _ string) (chat.Spot, error) {
	if root.Thread == "" {
		root.Thread = root.Message
	}
	root.Message = ""
	return root, nil
}

// Tell implements chat.Platform.
func (e *event) Tell(ctx context.Context, p blockkit.Post) error {
	a, s := e.bot.api, e.source
	if s.kind == kindDirect { // where nobody else reads
		_, err := a.post(ctx, chat.Spot{Channel: e.channel, Thread: s.thread}, p, true)
		return err
	}
	if e.told = formatting.FormWhole; s.hook.usable() && a.respond(ctx, &s.hook, p, slack.ResponseTypeEphemeral) == nil {
		return nil
	}
	if e.channel != "" && a.caller.Do(ctx, "", func(ctx context.Context) error {
		_, err := a.slack.PostEphemeralContext(ctx, e.channel, s.user, options(p, s.thread)...)
		return err
	}) == nil {
		return nil
	}
	p.File, e.told = nil, formatting.FormWholeDirect
	_, err := a.post(ctx, chat.Spot{Channel: s.user}, p, true)
	if err != nil {
		e.told = ""
	}
	return err
}

// Announce implements chat.Announcer. Without the link all works.
func (e *event) Announce(run *bot.Job, at chat.Spot) {
	e.bot.jobs.Note(func() {
		var link string
		_ = e.bot.api.caller.Once(context.Background(), func(ctx context.Context) (err error) {
			link, err = e.bot.api.slack.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: at.Channel, Ts: at.Message})
			return err
		})
		if !strings.HasPrefix(link, "http") {
			link = ""
		}
		run.Posted(link)
	})
}

// Elsewhere implements chat.Redirector. Where we are no member, all see the
// answer at the event's own address, which changes nothing that was said, so
// that it comes at the end. The second place is a direct message. Where the
// place itself is the reason, an answer that only the person sees is better, if
// one can be given.
func (e *event) Elsewhere(err error) chat.Redirect {
	here, direct := reasons(errorCode(err))
	if e.source.hook.usable() {
		if here == formatting.PlaceNowhere {
			e.unseen = true
			why := formatting.PlaceNoMember
			if e.source.between {
				why = formatting.PlaceBetween
			}
			return chat.Redirect{AtEnd: chat.Reason{ID: why}}
		}
		direct = ""
	}
	return chat.Redirect{
		At: chat.Spot{Channel: e.source.user}, There: chat.Reason{ID: direct}, Alone: chat.Reason{ID: here},
	}
}

// reasons are what is said where a channel takes no message of ours: here, if
// the answer stays, and in a direct message; direct is empty where none is to
// be tried.
func reasons(code string) (here, direct formatting.TextID) {
	switch {
	case code == "messages_tab_disabled": // the conversation with us: one between others is not found
		return formatting.PlaceTabOff, ""
	case code == "is_archived":
		return formatting.PlaceArchived, formatting.PlaceDirectClosed
	case code == "restricted_action_thread_only_channel":
		return formatting.PlaceThreadsOnly, formatting.PlaceDirectClosed
	case code == "restricted_action_thread_locked":
		return formatting.PlaceReadOnly, formatting.PlaceDirectLocked
	case strings.HasPrefix(code, "restricted_action"):
		return formatting.PlaceReadOnly, formatting.PlaceDirectClosed
	}
	return formatting.PlaceNowhere, formatting.PlaceDirect
}

// Respond implements chat.Answerer. Slack lets whoever typed or pressed have an
// answer shown to all, members or not (slackapi/bolt-js issue 365).
func (e *event) Respond(ctx context.Context, p blockkit.Post) error {
	return e.bot.api.respond(ctx, &e.source.hook, p, slack.ResponseTypeInChannel)
}

// Redirected implements chat.Redirector.
func (e *event) Redirected(ctx context.Context, why chat.Reason) {
	notice := formatting.Notice(formatting.PlaceSentDirect)
	if why.ID != formatting.PlaceDirect {
		notice = formatting.Message{Fact: formatting.Say(why.ID).What}
	}
	if s := e.source; s.hook.usable() {
		_ = e.bot.api.respond(ctx, &s.hook, blockkit.Private(notice)[0], slack.ResponseTypeEphemeral)
	}
}

// WithoutFile implements chat.Filer: the thread is told why there is no file,
// and what it lacks. What nobody would see otherwise goes to the person alone.
func (e *event) WithoutFile(
	p blockkit.Post, m formatting.Message, err error,
) (instead, aside []blockkit.Post, ok bool) {
	if p.File == nil {
		return nil, nil, false
	}
	note := unattached(errorCode(err))
	if p.Shown != "" {
		note.Notes = slices.Concat([]string{note.Fact}, note.Notes)
		note.Fact = p.Shown
		return []blockkit.Post{blockkit.Root(note)}, nil, true
	}
	note.Notes, note.Sections = nil, unseen(m).Sections
	return nil, blockkit.Private(note), true
}

// unattached says why there is no file. To ask for it elsewhere helps only
// where the place is the reason.
func unattached(code string) formatting.Message {
	reason := noFile(code)
	note := formatting.Notice(formatting.PlaceNoFile, formatting.Value{Name: "reason", Text: formatting.Say(reason).What})
	if reason != formatting.ReasonNoMember {
		note.Notes = nil
	}
	return note
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
