package discordbot

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	fakediscord "smtptest/bot/playground/discord"
)

// The tests in this file hold what the plain library cannot do, each with the
// fake: for these reasons the connection, the attempts and the buckets are
// ours. A test that fails after an upgrade says that the library can do it
// now, and that code of ours can go.

// plain is the library's session as its own documentation has it, only that it
// speaks with the fake.
func plain(t *testing.T, s *fakediscord.Server) *discordgo.Session {
	t.Helper()
	session, err := discordgo.New("Bot " + s.Token)
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	session.Client.Transport = rewriting{to, transport}
	session.Identify.Intents = 0
	session.LogLevel = -1
	session.ShouldReconnectOnError = false
	t.Cleanup(func() { s.Close(); transport.CloseIdleConnections() })
	return session
}

// rewriting sends what is meant for Discord to the fake.
type rewriting struct {
	to   *url.URL
	next http.RoundTripper
}

func (r rewriting) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = r.to.Scheme, r.to.Host
	return r.next.RoundTrip(req)
}

// opened is one whose gateway stands.
func opened(t *testing.T, s *fakediscord.Server) *discordgo.Session {
	t.Helper()
	session := plain(t, s)
	if err := session.Open(); err != nil {
		t.Fatal(err)
	}
	return session
}

// identifies counts the identifies that the fake has seen.
func identifies(s *fakediscord.Server) int {
	frames, _ := s.Received()
	n := 0
	for _, f := range frames {
		if strings.Contains(string(f.Data), `"intents"`) {
			n++
		}
	}
	return n
}

// soon reports whether something is so before a time is over.
func soon(within time.Duration, so func() bool) bool {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if so() {
			return true
		}
	}
	return so()
}

// TestLibraryIdentifiesWithoutEnd: refused, it identifies again at once, and
// again; Discord resets the token after a thousand. TestIdentifyIsRefused is
// the same with ours.
func TestLibraryIdentifiesWithoutEnd(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{IdentifyEvery: time.Hour})
	opened(t, s)
	s.UpsetGateway(fakediscord.InvalidSession)
	if !soon(5*time.Second, func() bool { return identifies(s) > 20 }) {
		t.Errorf("%d identifies", identifies(s))
	}
}

// TestLibraryLocksUp: asked to reconnect while it opens, or not spoken to, it
// never comes back. TestOpenEnds is the same with ours.
func TestLibraryLocksUp(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]fakediscord.GatewayMode{
		"asked to reconnect": {Answer: `{"op":7,"d":null}`}, "silent": {Silent: true},
	} {
		s := fakediscord.New(fakediscord.Options{})
		s.SetGateway(mode)
		session := plain(t, s)
		over := make(chan error, 1)
		go func() { over <- session.Open() }()
		if !soon(5*time.Second, func() bool { return s.GatewayStats().Connections == 1 }) {
			t.Fatal("no connection")
		}
		select {
		case err := <-over:
			t.Errorf("%s: Open returned %v", name, err)
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// TestLibraryPanics: a message that is no event ends the goroutine that reads
// it. Once the connection stands nobody can recover that. TestOpenEnds is the
// same with ours.
func TestLibraryPanics(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	s.SetGateway(fakediscord.GatewayMode{Answer: "null"})
	session := plain(t, s)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	t.Error(session.Open())
}

// TestLibraryMissesSilence: it waits for five intervals, and then ends the
// session, so that nothing can be resumed. TestSilence is the same with ours.
func TestLibraryMissesSilence(t *testing.T) {
	t.Parallel()
	const every = 500 * time.Millisecond
	s := fakediscord.New(fakediscord.Options{Heartbeat: every})
	opened(t, s)
	s.SetGateway(fakediscord.GatewayMode{NoAcks: true})
	ends := func() bool { return slices.Contains(s.GatewayStats().Closes, websocket.CloseNormalClosure) }
	if soon(3*every, ends) {
		t.Error("it was noticed within three intervals")
	}
	if !soon(10*time.Second, ends) {
		t.Error("the session was not ended: ", s.GatewayStats().Closes)
	}
}

// TestLibraryTellsNoCloseCode: it goes on after a code that is final, as after
// all others. TestFatal is the same with ours.
func TestLibraryTellsNoCloseCode(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	session := opened(t, s)
	session.ShouldReconnectOnError = true
	s.SetGateway(fakediscord.GatewayMode{CloseAtOnce: fakediscord.CloseAuthentication})
	s.CloseGateway(fakediscord.CloseAuthentication)
	if !soon(10*time.Second, func() bool { return s.GatewayStats().Connections > 2 }) {
		t.Errorf("%+v", s.GatewayStats())
	}
}

// TestLibraryResumesElsewhere: it resumes at any gateway, not at the one that
// has the session. TestMissedCommands is the same with ours.
func TestLibraryResumesElsewhere(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	session := opened(t, s)
	gone := make(chan bool, 1)
	session.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) { gone <- true })
	s.UpsetGateway(fakediscord.Drop)
	<-gone
	if err := session.Open(); err != nil {
		t.Fatal(err)
	}
	if n := s.GatewayStats().Resumes; n != 1 || len(resumed(s)) > 0 {
		t.Errorf("%d resumed, at the right place: %v", n, resumed(s))
	}
}

// resumed are the handshakes at the gateway that has the session.
func resumed(s *fakediscord.Server) (all []string) {
	requests, _ := s.Received()
	for _, r := range requests {
		if strings.HasPrefix(r.Where, "GET /resume") {
			all = append(all, r.Where)
		}
	}
	return all
}

// TestLibraryKeepsTokens: it keeps a bucket for the token of each interaction
// for ever. TestNothingIsKept is the same with ours.
func TestLibraryKeepsTokens(t *testing.T) {
	t.Parallel()
	const most = 20
	s := fakediscord.New(fakediscord.Options{})
	session := plain(t, s)
	channel := s.AddChannel(fakediscord.Channel{})
	for range most {
		_ = session.InteractionRespond(typed(t, s, channel), &discordgo.InteractionResponse{Type: 5})
	}
	if n := buckets(session.Ratelimiter); n != most {
		t.Errorf("%d buckets", n)
	}
}

// buckets is how many buckets a limiter of the library keeps.
func buckets(r *discordgo.RateLimiter) int {
	return reflect.ValueOf(r).Elem().FieldByName("buckets").Len()
}

// typed is an interaction that waits for its answer.
func typed(t *testing.T, s *fakediscord.Server, channel string) *discordgo.Interaction {
	t.Helper()
	if len(s.Commands("")) == 0 {
		session := plain(t, s)
		commands := []*discordgo.ApplicationCommand{{Name: "smtptest", Description: "x"}}
		_, err := session.ApplicationCommandBulkOverwrite(s.ApplicationID, "", commands)
		if err != nil {
			t.Fatal(err)
		}
	}
	i, err := s.Command(ada(), channel, "smtptest")
	if err != nil {
		t.Fatal(err)
	}
	return &discordgo.Interaction{ID: i.ID, AppID: s.ApplicationID, Token: i.Token}
}

// TestLibrarySharesABucket: where one interaction's messages are limited, it
// lets those of all others wait. TestNobodyElseWaits is the same with ours.
func TestLibrarySharesABucket(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{Rates: fakediscord.Rates{PerRoute: 1, Window: 2 * time.Second}})
	session := plain(t, s)
	channel := s.AddChannel(fakediscord.Channel{})
	first, second := typed(t, s, channel), typed(t, s, channel)
	began, content := time.Now(), "x"
	for _, i := range []*discordgo.Interaction{first, second} {
		_ = session.InteractionRespond(i, &discordgo.InteractionResponse{Type: 5})
		edit := &discordgo.WebhookEdit{Content: &content, AllowedMentions: &discordgo.MessageAllowedMentions{}}
		_, _ = session.InteractionResponseEdit(i, edit)
	}
	if took := time.Since(began); took < time.Second {
		t.Errorf("the second edit waited %v", took)
	}
}

// TestLibrarySleepsOn: it waits as long as it is told, whatever becomes of the
// context. TestWaitsObeyTheContext is the same with ours.
func TestLibrarySleepsOn(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	session := plain(t, s)
	s.Fail(fakediscord.Fault{Kind: fakediscord.Limited, After: time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, _ = session.GatewayBot(discordgo.WithContext(ctx))
	if took := time.Since(began); took < time.Second {
		t.Errorf("it waited %v", took)
	}
}

// TestLibraryTriesOnce: of the answers of a machine out of order it tries one
// again, 502. TestTriesAgain is the same with ours.
func TestLibraryTriesOnce(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	session := plain(t, s)
	for _, status := range []int{500, 503, 504} {
		s.Fail(fakediscord.Fault{Kind: fakediscord.ServerError, Status: status})
		if _, err := session.GatewayBot(); err == nil {
			t.Errorf("%d was tried again", status)
		}
	}
}

// TestLibraryQuotesTokens: its errors hold the interaction's token.
// TestErrorsQuoteNothing is the same with ours.
func TestLibraryQuotesTokens(t *testing.T) {
	t.Parallel()
	s := fakediscord.New(fakediscord.Options{})
	session := plain(t, s)
	s.Fail(fakediscord.Fault{Kind: fakediscord.CutBefore})
	i := &discordgo.Interaction{ID: "1", Token: "CANARY"}
	err := session.InteractionRespond(i, &discordgo.InteractionResponse{Type: 5})
	if err == nil || !strings.Contains(err.Error(), "CANARY") {
		t.Error(err)
	}
}

// TestLibraryHasNoNonce: a message of which nothing was heard cannot be sent
// again without doubling it. TestChaos is the same with ours.
func TestLibraryHasNoNonce(t *testing.T) {
	t.Parallel()
	octets, err := json.Marshal(discordgo.MessageSend{Content: "x"})
	if err != nil || strings.Contains(string(octets), "nonce") {
		t.Errorf("%s %v", octets, err)
	}
}
