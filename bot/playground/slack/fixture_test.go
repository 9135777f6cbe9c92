package slack_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	fakeslack "smtptest/bot/playground/slack"
)

// start runs a fake until the test ends.
func start(t testing.TB, o fakeslack.Options) *fakeslack.Server {
	t.Helper()
	s := fakeslack.New(o)
	t.Cleanup(s.Close)
	return s
}

// real is the client that the bot uses.
func real(s *fakeslack.Server, more ...slack.Option) *slack.Client {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return slack.New(fakeslack.BotToken, append([]slack.Option{
		slack.OptionAppLevelToken(fakeslack.AppToken), slack.OptionAPIURL(s.URL()), slack.OptionHTTPClient(client),
	}, more...)...)
}

// patience is a context that no good test exhausts.
func patience(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// args are name and value in turn.
func args(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// answer is what Slack says to a raw call.
type answer struct {
	Error    string
	TS       string
	Channel  any
	Needed   string
	Provided string
	Metadata struct{ Messages []string } `json:"response_metadata"`
	View     struct{ ID, Hash string }
	Status   int         `json:"-"`
	Head     http.Header `json:"-"`
}

// raw calls a method with a form and the bot's token.
func raw(t testing.TB, s *fakeslack.Server, method string, v url.Values) answer {
	t.Helper()
	token := fakeslack.BotToken
	if v.Has("token") {
		token = v.Get("token")
		v.Del("token")
	}
	r, err := http.NewRequestWithContext(patience(t), http.MethodPost, s.URL()+method, strings.NewReader(v.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token)
	return send(t, r)
}

func send(t testing.TB, r *http.Request) answer {
	t.Helper()
	r.Close = true
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	a := answer{Status: w.StatusCode, Head: w.Header}
	if err := json.NewDecoder(w.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// posted makes a message of the bot and returns its ts.
func posted(t testing.TB, s *fakeslack.Server, v url.Values) string {
	t.Helper()
	a := raw(t, s, "chat.postMessage", v)
	if a.Error != "" {
		t.Fatalf("post: %s %v", a.Error, a.Metadata.Messages)
	}
	return a.TS
}

// heard is what a connected client got.
type heard struct {
	client *socketmode.Client
	events chan socketmode.Event
}

// connect runs a Socket Mode client, and waits until it gets envelopes.
func connect(t testing.TB, s *fakeslack.Server) heard {
	t.Helper()
	before := s.Sockets()
	h := heard{socketmode.New(real(s)), make(chan socketmode.Event, 100)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if err := h.client.RunContext(ctx); err != nil && ctx.Err() == nil {
				return
			}
		}
	}()
	go h.pump(ctx)
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	if err := s.Until(patience(t), func() bool { return s.Sockets() > before }); err != nil {
		t.Fatal(err)
	}
	return h
}

// pump passes on what people did.
func (h heard) pump(ctx context.Context) {
	for {
		select {
		case e := <-h.client.Events:
			switch e.Type {
			case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI,
				socketmode.EventTypeErrorBadMessage:
				h.events <- e
			}
		case <-ctx.Done():
			return
		}
	}
}

// next waits for an event.
func (h heard) next(t testing.TB) socketmode.Event {
	t.Helper()
	select {
	case e := <-h.events:
		if e.Request == nil {
			t.Fatalf("an event of type %s without a request: %v", e.Type, e.Data)
		}
		return e
	case <-patience(t).Done():
		t.Fatal("nothing came")
		return socketmode.Event{}
	}
}

// ack acknowledges, with a payload if one is given.
func (h heard) ack(t testing.TB, e socketmode.Event, payload ...any) {
	t.Helper()
	if err := h.client.Ack(*e.Request, payload...); err != nil {
		t.Fatal(err)
	}
}

// clean wants no violations.
func clean(t testing.TB, s *fakeslack.Server) {
	t.Helper()
	if v := s.Violations(); len(v) > 0 {
		t.Errorf("violations: %q", v)
	}
}

// blamed wants a violation that holds some words, and no other.
func blamed(t testing.TB, s *fakeslack.Server, words ...string) {
	t.Helper()
	all := s.Violations()
	for _, w := range words {
		if !slices.ContainsFunc(all, func(v string) bool { return strings.Contains(v, w) }) {
			t.Errorf("no violation with %q in %q", w, all)
		}
	}
	if len(all) != len(words) {
		t.Errorf("%d violations, want %d: %q", len(all), len(words), all)
	}
}

// rich is a rich_text block with one line.
func rich(text string) string {
	return `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"` + text +
		`"}]}]}`
}
