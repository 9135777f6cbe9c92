package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/timeline"
	"smtptest/probe"
	"smtptest/probe/diagnosis/outage"
)

// Board is a platform on which messages are changed and posted by where they
// stand, with nothing left of the event that led to them.
type Board interface {
	// Edit changes the message of a watch. ErrGone: it cannot be changed any more.
	Edit(ctx context.Context, at Spot, m formatting.Message) error
	// End changes it for the last time.
	End(ctx context.Context, at Spot, m formatting.Message) error
	// Reply posts below it, into its thread.
	Reply(ctx context.Context, at Spot, m formatting.Message) error
	// Announce posts into its channel.
	Announce(ctx context.Context, at Spot, m formatting.Message) error
}

// ErrGone is of a message that was deleted, or of a place that the bot was taken
// out of.
var ErrGone = errors.New("the message of the watch is gone")

// Tested is what one test of a watch has shown.
type Tested struct {
	Seen   outage.Seen   // without a Kind: nothing was tested
	Last   timeline.Head // of Seen
	Missed string        // why nothing was tested, and the next test may be; empty: it was, or Denied
	Denied bool          // the server may not be tested any more
	Link   string        // to the message of the watch; empty: unknown
}

// Limits of a service.
const (
	testsAtOnce = 4 // beside those that people ask for: the tests of servers that are down take long
	maxTold     = 4 // turns that the channel is told: of an intermittent fault it has heard by then
	maxReplies  = 12
	saveWithin  = 5 * time.Second
	showWithin  = 60 * time.Second // with what a platform asks to wait
	stopWithin  = 150 * time.Millisecond
)

// Service carries watches out. Its fields must not change once Run was called.
type Service struct {
	Schedule Schedule
	Pace     func(probe.Target) Pace // of a new watch; nil: DefaultPace
	// Test tests the server of a watch. It is called from many goroutines.
	Test func(context.Context, Row) Tested
	// Actions are what can be done under the message of a watch.
	Actions func(r Row, over bool) []formatting.Action

	mu     sync.Mutex
	boards map[formatting.Platform]Board
	slots  chan struct{}
	shows  map[string]showing // by the id of the watch
	ending sync.WaitGroup
}

// Attach says how the messages of a platform are reached. It is called before
// Run, by the platform's adapter.
func (s *Service) Attach(p formatting.Platform, b Board) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boards == nil {
		s.boards = map[formatting.Platform]Board{}
	}
	s.boards[p] = b
}

func (s *Service) board(p formatting.Platform) Board {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slots == nil {
		s.slots = make(chan struct{}, testsAtOnce)
	}
	return s.boards[p]
}

// Run carries out what is due until ctx is over.
func (s *Service) Run(ctx context.Context) { s.Schedule.Run(ctx, s.due) }

// New is a watch of which the first test is over and stands in the row's own
// fields already. It takes the places that it needs: a watch that does not begin
// after all gives them back by Drop.
func (s *Service) New(ctx context.Context, r *Row, first Tested) (full Limit, err error) {
	r.Pace = DefaultPace()
	if s.Pace != nil {
		r.Pace = s.Pace(r.Command.Request.Target)
	}
	now := time.Now().UTC()
	r.Next = now.Add(-min(first.Seen.Took, r.Pace.Most)) // when the first test began
	r.Until = r.Next.Add(r.Pace.Most)
	r.Series.Add(first.Seen)
	r.Last = first.Last
	r.advance(now)
	return s.Schedule.Reserve(ctx, *r)
}

// Drop gives back the places of a watch that never began.
func (s *Service) Drop(ctx context.Context, r Row) { s.Schedule.End(ctx, r) }

// Begin lets a watch go on whose message stands.
func (s *Service) Begin(ctx context.Context, r Row) error { return s.Schedule.Start(ctx, r) }

// Message is what the message of a watch says now.
func (s *Service) Message(r Row) formatting.Message {
	m := timeline.Message(r.words())
	m.Actions = s.Actions(r, false)
	return m
}

// Stopped says what became of a wish to end a watch.
type Stopped int

// What may become of it.
const (
	Ends      Stopped = iota // its message will say so
	Nowhere                  // nobody watches that any more
	Elsewhere                // it belongs to another place
	Unknown                  // the engine did not answer in time
)

// Stop ends a watch for somebody in its channel. It returns at once; the message
// is changed afterwards.
func (s *Service) Stop(at results.Place, id string, by formatting.Person) Stopped {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	r, ok, err := s.Schedule.Get(ctx, id)
	switch {
	case err != nil:
		return Unknown
	case !ok:
		return Nowhere
	case r.Place != at:
		return Elsewhere
	}
	s.ending.Go(func() { s.end(context.Background(), r, timeline.OverStopped, by.Name) })
	return Ends
}

// Close ends the watches that live in this process alone: their messages say
// so. It returns when they do, or ctx is over.
func (s *Service) Close(ctx context.Context) {
	for _, r := range s.Schedule.Local() {
		s.ending.Go(func() { s.end(ctx, r, timeline.OverRestart, "") })
	}
	done := make(chan struct{})
	go func() {
		s.ending.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// due carries out one watch whose time has come.
func (s *Service) due(ctx context.Context, r Row) {
	board := s.board(r.Place.Platform)
	if board == nil || !s.enter(ctx) {
		return
	}
	denied, link := s.tested(ctx, &r)
	if ctx.Err() != nil { // the bot stops: the test was cut off
		return
	}
	now := time.Now().UTC()
	over := r.over(now)
	if denied {
		over = timeline.OverDenied
	}
	r.advance(now)
	if !s.save(ctx, &r) {
		return
	}
	if r.Shown < r.Series.Turns {
		s.tell(ctx, board, r, link)
		r.Shown = r.Series.Turns
		if !s.save(ctx, &r) {
			return
		}
	}
	if over != "" {
		s.end(ctx, r, over, "")
		return
	}
	s.show(ctx, board, r)
}

// showing is an edit that goes on.
type showing struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// show brings the message up to date, unless the watch has ended meanwhile: an edit that a
// platform makes wait must not come after the last one.
func (s *Service) show(ctx context.Context, board Board, r Row) {
	ctx, cancel := context.WithTimeout(ctx, showWithin)
	defer cancel()
	edit := showing{cancel, make(chan struct{})}
	s.mu.Lock()
	if s.shows == nil {
		s.shows = map[string]showing{}
	}
	s.shows[r.ID] = edit
	s.mu.Unlock()
	var err error
	if _, goesOn, unknown := s.Schedule.Get(ctx, r.ID); goesOn || unknown != nil {
		err = board.Edit(ctx, r.At, s.Message(r))
	}
	s.mu.Lock()
	delete(s.shows, r.ID)
	s.mu.Unlock()
	close(edit.done)
	if errors.Is(err, ErrGone) {
		s.Schedule.End(ctx, r)
	}
}

// shown waits until no edit of a watch that has ended goes on.
func (s *Service) shown(id string) {
	s.mu.Lock()
	edit, ok := s.shows[id]
	s.mu.Unlock()
	if ok {
		edit.cancel()
		<-edit.done
	}
}

// enter waits for one of the places for tests.
func (s *Service) enter(ctx context.Context) bool {
	select {
	case s.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// tested tests a server, and once more at once where it ended in another way: a
// difference is claimed only when it repeats.
func (s *Service) tested(ctx context.Context, r *Row) (denied bool, link string) {
	defer func() { <-s.slots }()
	for range 2 {
		t := s.Test(ctx, *r)
		r.Missed, link = t.Missed, t.Link
		if t.Denied || t.Seen.Kind == "" {
			return t.Denied, link
		}
		r.Last = t.Last
		if turned, doubted := r.Series.Add(t.Seen); turned || !doubted {
			break
		}
	}
	return false, link
}

func (s *Service) save(ctx context.Context, r *Row) bool {
	ctx, cancel := context.WithTimeout(ctx, saveWithin)
	defer cancel()
	return s.Schedule.Save(ctx, r)
}

// tell says that a server has turned: below the message, and in the channel,
// where people wait for that. A message that stands in somebody's thread is told
// there alone.
func (s *Service) tell(ctx context.Context, b Board, r Row, link string) {
	ctx, cancel := context.WithTimeout(ctx, showWithin)
	defer cancel()
	words := r.words()
	matters := r.Series.Kind == outage.Works || r.Series.From == outage.Works
	if r.At.Thread != "" && r.Series.Turns <= maxReplies {
		_ = b.Reply(ctx, r.At, timeline.Turned(words))
	}
	if matters && r.Series.Turns <= maxTold && !r.At.Within {
		_ = b.Announce(ctx, r.At, timeline.Told(words, link))
	}
}

// end ends a watch, once, and says so in its message and below it.
func (s *Service) end(ctx context.Context, r Row, why timeline.Over, by string) {
	if !s.Schedule.End(ctx, r) {
		return
	}
	board := s.board(r.Place.Platform)
	if board == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, showWithin)
	defer cancel()
	s.shown(r.ID)
	m := timeline.End(r.words(), why, by)
	m.Actions = s.Actions(r, true)
	_ = board.End(ctx, r.At, m)
}
