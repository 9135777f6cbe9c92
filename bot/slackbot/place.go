package slackbot

import (
	"context"
	"slices"
	"strings"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

// put posts the one message, or changes it, and reports whether it stands as
// it should. One that has gone is posted anew. One that could only not be
// reached is tried again with the next stage; the last one must be seen, and
// is posted anew then.
func (d *door) put(ctx context.Context, m formatting.Message, last bool) bool {
	if d.root.message != "" {
		err := d.bot.poster.edit(ctx, d.root, blockkit.Root(d.noted(m)))
		if err == nil || !last && !gone(err) {
			return err == nil
		}
		d.bot.config.Log.Warn("message not changed", "error", plainError(err))
	}
	meant := spot{channel: d.channel(), thread: d.source.thread}
	err := d.postAt(ctx, meant, "", m)
	if err == nil {
		return true
	}
	d.bot.config.Log.Warn("message not posted", "error", plainError(err))
	here, direct := d.elsewhere(errorCode(err))
	if direct != "" {
		if err = d.postAt(ctx, spot{channel: d.source.user}, direct, m); err == nil {
			d.lead(ctx)
			return true
		}
	}
	d.nowhere, d.whispers, d.root = true, here, spot{}
	return false
}

// postAt posts the one message, which says why it is there.
func (d *door) postAt(ctx context.Context, at spot, why formatting.TextID, m formatting.Message) error {
	d.whispers = why
	posted, err := d.bot.poster.post(ctx, at, blockkit.Root(d.noted(m)))
	if err != nil {
		return err
	}
	d.root = posted
	if run := d.run; run != nil {
		if why != "" {
			run.Moved(posted.channel)
		}
		d.bot.note(func() { run.Posted(d.bot.poster.link(context.Background(), posted)) }) // without the link all works
	}
	return nil
}

// elsewhere says what is said where a channel takes no message of ours: here,
// if the answer stays and only the person sees it, and in a direct message;
// direct is empty where none is to be tried.
func (d *door) elsewhere(code string) (here, direct formatting.TextID) {
	here, direct = formatting.PlaceNowhere, formatting.PlaceDirect
	switch {
	case code == "messages_tab_disabled": // the conversation with us: one between others is not found
		return formatting.PlaceTabOff, ""
	case code == "is_archived":
		here, direct = formatting.PlaceArchived, formatting.PlaceDirectClosed
	case code == "restricted_action_thread_only_channel":
		here, direct = formatting.PlaceThreadsOnly, formatting.PlaceDirectClosed
	case code == "restricted_action_thread_locked":
		here, direct = formatting.PlaceReadOnly, formatting.PlaceDirectLocked
	case strings.HasPrefix(code, "restricted_action"):
		here, direct = formatting.PlaceReadOnly, formatting.PlaceDirectClosed
	}
	if here != formatting.PlaceNowhere && d.source.hook.usable() {
		direct = ""
	}
	return here, direct
}

// lead tells the person that the answer is in a direct message.
func (d *door) lead(ctx context.Context) {
	post := blockkit.Private(formatting.Notice(formatting.PlaceSentDirect))[0]
	if d.whispers != formatting.PlaceDirect {
		words := formatting.Say(d.whispers)
		post = blockkit.Private(formatting.Message{Fact: words.What})[0]
	}
	p, s := d.bot.poster, d.source
	if s.hook.usable() {
		_ = p.respond(ctx, &s.hook, post)
	}
}

// noted says in the message why it is here.
func (d *door) noted(m formatting.Message) formatting.Message {
	if d.whispers == "" {
		return m
	}
	words := formatting.Say(d.whispers)
	m.Notes = append(slices.Clone(m.Notes), words.What)
	if words.Try != "" {
		m.Notes = append(m.Notes, words.Try)
	}
	return m
}

// closed reports an error that says that a place takes no message of ours,
// whatever the message.
func closed(err error) bool {
	code := errorCode(err)
	return strings.HasPrefix(code, "restricted_action") || slices.Contains([]string{
		"channel_not_found", "not_in_channel", "is_archived", "messages_tab_disabled", "missing_scope", "no_permission",
		"not_allowed", "ekm_access_denied", "access_denied", "team_access_not_granted", "cannot_reply_to_message", "thread_not_found",
	}, code)
}

// gone reports an error that says that a message is not there any more, or
// cannot be changed any more.
func gone(err error) bool {
	return closed(err) || slices.Contains([]string{"message_not_found", "cant_update_message", "edit_window_closed"}, errorCode(err))
}
