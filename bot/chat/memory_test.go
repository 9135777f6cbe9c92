package chat

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"smtptest/bot"
	"smtptest/bot/results"
	"smtptest/formatting"
)

// post is a message of the platform in memory.
type post struct {
	text string
	file bool
}

// memory is a platform that fails where it is told to. What it hears is
// written down, one word for the call and one for each thing that it shows.
type memory struct {
	fails   map[string][]Kind // by call: the next ones fail so
	place   Place
	interim Interim
	heard   []string
	posted  int
}

// does writes a call down, and fails if that is next.
func (m *memory) does(call string, words ...string) error {
	m.heard = append(m.heard, strings.Join(append([]string{call}, words...), " "))
	next := m.fails[call]
	if len(next) == 0 {
		return nil
	}
	m.fails[call] = next[1:]
	if next[0] == works {
		return nil
	}
	return refusal{Problem{Kind: next[0]}}
}

// works stands in a row of failures for a call that does not fail.
const works Kind = -1

func (m *memory) Place(bot.Answer) Place { return m.place }

func (m *memory) Interim(context.Context, bot.Answer) Interim { return m.interim }

func (m *memory) Reject(context.Context, bot.Answer) { _ = m.does("reject") }

func (m *memory) Open(context.Context, bot.Answer) { _ = m.does("open") }

func (m *memory) Reply(_ context.Context, x formatting.Message, private bool) {
	_ = m.does("reply", x.Fact, strconv.FormatBool(private))
}

func (m *memory) Post(_ context.Context, at Spot, p post) (Spot, error) {
	call, where := "post", at.Channel
	if at.Thread != "" {
		where += "/" + at.Thread
	}
	if p.file {
		call = "upload"
	}
	if err := m.does(call, where, p.text); err != nil {
		return at, err
	}
	m.posted++
	at.Message = strconv.Itoa(m.posted)
	return at, nil
}

func (m *memory) Edit(_ context.Context, at Spot, p post) (Spot, error) {
	return at, m.does("edit", at.Message, p.text)
}

func (m *memory) Delete(_ context.Context, at Spot) error { return m.does("delete", at.Message) }

func (m *memory) Thread(_ context.Context, root Spot, _ string) (Spot, error) {
	root.Thread, root.Message = root.Message, ""
	if m.fails["thread"] == nil {
		return root, nil
	}
	return root, m.does("thread")
}

func (m *memory) Tell(_ context.Context, p post) error { return m.does("tell", p.text) }

// WithoutFile puts words in the file's place.
func (m *memory) WithoutFile(p post, _ formatting.Message, err error) (instead, aside []post, ok bool) {
	if !p.file || classify(err).Kind != Refused {
		return nil, nil, false
	}
	return []post{{text: "no-file"}}, []post{{text: p.text}}, true
}

// follows is one that can put messages behind its first response.
type follows struct{ *memory }

func (f follows) Follow(_ context.Context, p post) error { return f.does("follow", p.text) }

// redirects is one that has a second place; of none if the place is archived.
type redirects struct {
	*memory
	second bool
}

func (r redirects) Elsewhere(error) Redirect {
	to := Redirect{At: Spot{Channel: "D"}, Alone: Reason{ID: formatting.PlaceNowhere}}
	if r.second {
		to.There = Reason{ID: formatting.PlaceDirect}
	}
	return to
}

// responds has an address of the event's own.
type responds struct{ redirects }

func (r responds) Elsewhere(error) Redirect {
	return Redirect{AtEnd: Reason{ID: formatting.PlaceNoMember}}
}

func (r responds) Respond(_ context.Context, p post) error { return r.does("respond", p.text) }

func (r redirects) Redirected(context.Context, Reason) { _ = r.does("redirected") }

func (r redirects) Announce(_ *bot.Job, at Spot) { _ = r.does("announce", at.Channel+at.Message) }

// kit shows the fact of a message, a star if it says why it is there, and the
// titles of its sections.
func kit() *Kit[post] {
	root := func(m formatting.Message) post {
		if len(m.Notes) > 0 {
			return post{text: m.Fact + "*"}
		}
		return post{text: m.Fact}
	}
	thread := func(m formatting.Message) []post {
		var all []post
		for _, s := range m.Sections {
			switch s := s.(type) {
			case formatting.Prose:
				all = append(all, post{text: s.Title})
			case formatting.File:
				all = append(all, post{text: s.Name, file: true})
			}
		}
		return all
	}
	return &Kit[post]{
		Root: root, Thread: thread, Classify: classify, Name: func(err error) string { return err.Error() },
		Whole: func(m formatting.Message) []post { return append([]post{root(m)}, thread(m)...) },
		Log:   slog.New(slog.DiscardHandler),
	}
}

// testRun is a run that is never carried out.
func testRun(t *testing.T) *bot.Job {
	h := &bot.Handler{Limiter: results.NewMemoryLimiter(results.DefaultLimits()), Store: results.NewMemoryStore()}
	a := h.Begin(bot.Invocation{Text: "mail.example.com:587", Place: bot.Place{Channel: "C"}})
	if a.Job == nil {
		t.Fatalf("no run: %+v", a)
	}
	return a.Job
}
