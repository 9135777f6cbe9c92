package slackbot

import (
	"context"
	"slices"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

// fill puts the sections of a message into the thread below a message. What
// the thread does not take goes to the person alone.
func (d *door) fill(ctx context.Context, under spot, m formatting.Message) {
	at := spot{channel: under.channel, thread: under.thread}
	if at.thread == "" {
		at.thread = under.message
	}
	for _, post := range blockkit.Thread(m) {
		var err error
		if post.File != nil {
			err = d.attach(ctx, at, post, m)
		} else {
			_, err = d.bot.poster.post(ctx, at, post)
		}
		if err != nil {
			d.bot.config.Log.Warn("thread not filled", "error", plainError(err))
			d.rest(ctx, m, err)
			return
		}
	}
}

// rest shows to the person what the thread did not take.
func (d *door) rest(ctx context.Context, m formatting.Message, err error) {
	why := formatting.PlaceThreadLost
	if closed(err) {
		why = formatting.PlaceNoThread
	}
	told := formatting.Notice(why)
	told.Sections = m.Sections
	d.tell(ctx, told)
}

// attach puts a post with its file into a thread, as one message. Where the
// file is not taken, the thread is told why, and what it lacks; what nobody
// would see otherwise goes to the person alone. An error: the thread takes
// nothing.
func (d *door) attach(ctx context.Context, at spot, post blockkit.Post, m formatting.Message) error {
	err := d.bot.poster.upload(ctx, at, post)
	if err == nil {
		return nil
	}
	d.bot.config.Log.Warn("file not attached", "error", plainError(err))
	note := unattached(errorCode(err))
	if post.Shown != "" {
		note.Notes = slices.Concat([]string{note.Fact}, note.Notes)
		note.Fact = post.Shown
		_, err = d.bot.poster.post(ctx, at, blockkit.Root(note))
		return err
	}
	note.Notes, note.Sections = nil, m.Sections
	d.tell(ctx, note)
	return nil
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
