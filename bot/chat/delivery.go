package chat

import (
	"context"

	"smtptest/bot"
	"smtptest/formatting"
)

// Delivery answers one event. It implements bot.Responder; its methods are
// called one after the other.
//
// Of a test the channel sees one message, which is posted, edited, and posted
// anew when it has gone. The verdict is shown once; then the evidence follows.
// Where a place takes nothing, the answer goes to the best place left and says
// why. Nothing of a denied test stays.
type Delivery[P any] struct {
	*Kit[P]
	Platform Platform[P]
	Ack      Acknowledger

	run     *bot.Job // nil: the answer was all
	private bool     // for the person alone
	place   Place
	given   Reason // that of place before the answer went elsewhere
	root    Spot   // the one message
	stands  bool   // it is posted, as far as we know
	verdict bool   // it shows the verdict
	silent  bool   // nothing is to be said
}

// Answer implements bot.Responder.
func (d *Delivery[P]) Answer(ctx context.Context, a bot.Answer) {
	d.run, d.private, d.place = a.Job, a.Private, d.Ack.Place(a)
	d.given, d.root = d.place.Why, d.place.At
	switch {
	case a.Job != nil:
		interim := d.Ack.Interim(ctx, a)
		if d.stands, d.silent = interim == OneStands, interim == Answered; d.silent {
			a.Job.Abandon()
		}
	case a.Errors != nil:
		d.Ack.Reject(ctx, a)
	case a.Form != nil:
		d.Ack.Open(ctx, a)
	default:
		if r, ok := d.Ack.(Replacer); ok && a.Replace {
			r.Replace(ctx, a.Message)
			return
		}
		d.Ack.Reply(ctx, a.Message, a.Private)
	}
}

// Update implements bot.Responder.
func (d *Delivery[P]) Update(ctx context.Context, u bot.Update) {
	switch {
	case d.silent:
	case u.Stage == bot.StageDenied:
		d.denied(ctx, u.Message)
	case u.Stage == bot.StageDone && d.place.Evidence == Behind:
		d.whole(ctx, d.final(u))
	default:
		d.show(ctx, u)
	}
	if !d.silent {
		d.keep(u)
	}
	if c, ok := d.Platform.(Companion); ok && !d.silent {
		c.Accompany(ctx, u)
	}
}

// Publish shows a message to the channel that belongs to no run.
func (d *Delivery[P]) Publish(ctx context.Context, m formatting.Message) {
	d.show(ctx, bot.Update{Stage: bot.StageDone, Message: m})
}

// show changes the one message, or posts it, and shows the evidence at the
// end.
func (d *Delivery[P]) show(ctx context.Context, u bot.Update) {
	last := u.Stage == bot.StageDone
	if d.place.Evidence != Alone && d.place.Evidence != AtEnd && !d.verdict {
		if a, ok := d.Platform.(Advancer); ok && !d.stands && a.Ahead(ctx, u) {
			return
		}
		shown := d.put(ctx, func() P { return d.head(d.final(u)) }, last)
		d.verdict = shown && u.Stage >= bot.StageVerdict
	}
	switch {
	case !last:
	case d.place.Evidence == Alone: // perhaps just found out
		d.Tell(ctx, d.place.Why.on(d.final(u)))
	case d.place.Evidence == AtEnd:
		d.respond(ctx, d.final(u))
	default:
		d.evidence(ctx, u.Message)
	}
}

// head is the one message, which says why it is where it is.
func (d *Delivery[P]) head(m formatting.Message) P { return d.Root(d.place.Why.on(m)) }

// put edits the one message, or posts it, and reports whether it stands as it
// should. One that has gone is posted anew. One that could only not be reached
// is tried again with the next stage; the last one must be seen, and is posted
// anew then. post is asked again for each place, because it names the reason.
func (d *Delivery[P]) put(ctx context.Context, post func() P, last bool) bool {
	if d.stands {
		at, err := d.Platform.Edit(ctx, d.root, post())
		if err == nil {
			d.standsAt(at)
			return true
		}
		d.lost("message not changed", err)
		kind := d.Classify(err).Kind
		if kind == Lost || !last && kind != Gone && kind != Closed {
			return false
		}
	}
	before, stood := d.root, d.stands
	err := d.postAt(ctx, d.place.At, d.given, post)
	if err == nil {
		if stood && before != d.root { // it would say for ever that the test runs
			_ = d.Platform.Delete(ctx, before)
		}
		return true
	}
	d.lost("message not posted", err)
	return d.redirect(ctx, err, post)
}

// postAt posts the one message there.
func (d *Delivery[P]) postAt(ctx context.Context, at Spot, why Reason, post func() P) error {
	d.place.Why = why
	posted, err := d.Platform.Post(ctx, at, post())
	if err == nil {
		d.standsAt(posted)
	}
	return err
}

// standsAt notes where the one message stands, and lets others be led there.
func (d *Delivery[P]) standsAt(at Spot) {
	if d.stands && at == d.root {
		return
	}
	d.root, d.stands = at, true
	if d.run == nil {
		return
	}
	d.run.Stands(at.Message, "")
	if d.private {
		return
	}
	if at.Channel != d.place.At.Channel {
		d.run.Moved(at.Channel)
	}
	if a, ok := d.Platform.(Announcer); ok {
		a.Announce(d.run, at)
	}
}

// redirect takes the answer to the best place left; that may be with the
// person alone.
func (d *Delivery[P]) redirect(ctx context.Context, err error, post func() P) bool {
	r, ok := d.Platform.(Redirector)
	if !ok {
		return false
	}
	to := r.Elsewhere(err)
	if to.AtEnd.ID != "" {
		d.place.Evidence, d.place.Why, d.stands = AtEnd, to.AtEnd, false
		return false
	}
	if to.There.ID != "" && d.postAt(ctx, to.At, to.There, post) == nil {
		r.Redirected(ctx, to.There)
		return true
	}
	d.place.Evidence, d.place.Why, d.stands = Alone, to.Alone, false
	return false
}

// respond shows all of an answer to everybody at the event's own address, and
// what that does not take to the person alone.
func (d *Delivery[P]) respond(ctx context.Context, m formatting.Message) {
	a, ok := d.Platform.(Answerer[P])
	posts := d.Whole(d.place.Why.on(m))
	for ok && len(posts) > 0 {
		if err := a.Respond(ctx, posts[0]); err != nil {
			d.lost("answer not shown to all", err)
			break
		}
		posts = posts[1:]
	}
	d.each(ctx, posts, d.Platform.Tell)
}

// evidence shows the sections of a message whose head stands.
func (d *Delivery[P]) evidence(ctx context.Context, m formatting.Message) {
	if d.place.Brief {
		m = formatting.Brief(m)
	}
	at, err := d.Platform.Thread(ctx, d.root, m.Target)
	if err != nil {
		d.lost("thread not opened", err)
		d.place.Evidence, d.place.Why = Behind, Reason{ID: formatting.PlaceThreadRefused}
		d.whole(ctx, m)
		return
	}
	d.fill(ctx, at, m)
}

// Fill puts the sections of a message into the thread below another one.
func (d *Delivery[P]) Fill(ctx context.Context, under Spot, m formatting.Message) {
	at, err := d.Platform.Thread(ctx, under, m.Target)
	if err != nil {
		d.aside(ctx, d.Whole(m))
		return
	}
	d.fill(ctx, at, m)
}

func (d *Delivery[P]) fill(ctx context.Context, at Spot, m formatting.Message) {
	posts := d.Thread(m)
	for i, p := range posts {
		err := d.into(ctx, at, p, m)
		if err == nil {
			continue
		}
		d.lost("thread not filled", err)
		if _, ok := d.Platform.(Follower[P]); ok {
			d.aside(ctx, posts[i:])
			return
		}
		why := formatting.PlaceThreadLost
		if d.Classify(err).Kind == Closed {
			why = formatting.PlaceNoThread
		}
		rest := formatting.Notice(why)
		rest.Sections = m.Sections
		d.Tell(ctx, rest)
		return
	}
}

// into puts one post into a thread. An error: the thread takes nothing.
func (d *Delivery[P]) into(ctx context.Context, at Spot, p P, m formatting.Message) error {
	_, err := d.Platform.Post(ctx, at, p)
	f, ok := d.Platform.(Filer[P])
	if err == nil || !ok {
		return err
	}
	instead, aside, ok := f.WithoutFile(p, m, err)
	if !ok {
		return err
	}
	d.lost("file not attached", err)
	d.aside(ctx, aside)
	for _, p := range instead {
		if _, err := d.Platform.Post(ctx, at, p); err != nil {
			return err
		}
	}
	return nil
}

// whole shows an answer without a thread: in the one message and behind it.
func (d *Delivery[P]) whole(ctx context.Context, m formatting.Message) {
	posts := d.Whole(d.place.Why.on(m))
	d.put(ctx, func() P { return posts[0] }, true)
	d.aside(ctx, posts[1:])
}

// aside shows what has no other place behind the one message, or to the person
// alone.
func (d *Delivery[P]) aside(ctx context.Context, posts []P) {
	show := d.Platform.Tell
	if f, ok := d.Platform.(Follower[P]); ok {
		show = f.Follow
	}
	d.each(ctx, posts, show)
}

// Tell shows a message to the person alone.
func (d *Delivery[P]) Tell(ctx context.Context, m formatting.Message) {
	d.each(ctx, d.Whole(m), d.Platform.Tell)
}

func (d *Delivery[P]) each(ctx context.Context, posts []P, show func(context.Context, P) error) {
	for _, p := range posts {
		if err := show(ctx, p); err != nil {
			d.lost("answer not sent in full", err)
			return
		}
	}
}

// denied takes back what is public, and tells the person alone.
func (d *Delivery[P]) denied(ctx context.Context, m formatting.Message) {
	switch {
	case d.private && d.stands:
		d.put(ctx, func() P { return d.Root(m) }, true)
	case d.takeBack(ctx):
		d.Tell(ctx, m)
	}
}

// takeBack removes the one message. It is false where nothing was shown, and
// the person cannot be reached.
func (d *Delivery[P]) takeBack(ctx context.Context) bool {
	if !d.stands {
		return true
	}
	err := d.Platform.Delete(ctx, d.root)
	if err == nil {
		return true
	}
	switch d.Classify(err).Kind {
	case Gone, Closed:
		return true
	case Lost:
		return false
	}
	if _, err := d.Platform.Edit(ctx, d.root, d.Root(formatting.Refusal(formatting.PlaceTakenBack))); err != nil {
		d.lost("message not taken back", err)
	}
	return true
}

func (d *Delivery[P]) lost(what string, err error) {
	d.Log.Warn(what, "error", d.Name(err))
}
