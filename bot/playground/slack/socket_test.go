package slack_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	fakeslack "smtptest/bot/playground/slack"
)

// bare is a socket without the real client, for what that would never do.
func bare(t testing.TB, s *fakeslack.Server) *websocket.Conn {
	t.Helper()
	_, url, err := real(s).StartSocketModeContext(patience(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, answer, err := websocket.DefaultDialer.DialContext(patience(t), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// frame is what Socket Mode sends.
type frame struct {
	Type, Reason string
	ID           string `json:"envelope_id"`
	Connections  int    `json:"num_connections"`
	Attempt      int    `json:"retry_attempt"`
	Accepts      bool   `json:"accepts_response_payload"`
}

func read(t testing.TB, conn *websocket.Conn) frame {
	t.Helper()
	var f frame
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if err := conn.ReadJSON(&f); err != nil {
		t.Fatal(err)
	}
	return f
}

func write(t testing.TB, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// settled waits until so many violations were written down.
func settled(t testing.TB, s *fakeslack.Server, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); len(s.Violations()) < n && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	_, url, err := real(s).StartSocketModeContext(patience(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{http.StatusSwitchingProtocols, http.StatusForbidden} { // each URL serves once
		conn, answer, err := websocket.DefaultDialer.DialContext(patience(t), url, nil)
		if answer == nil || answer.StatusCode != want {
			t.Fatalf("use %d: %v, %v", i+1, answer, err)
		}
		_ = answer.Body.Close()
		if err == nil {
			defer conn.Close()
			if f := read(t, conn); f.Type != "hello" || f.Connections != 1 {
				t.Errorf("%+v", f)
			}
		}
	}
	blamed(t, s, "a ticket that is unknown, used or too old")
}

func TestTenSockets(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	for range 10 {
		if f := read(t, bare(t, s)); f.Type != "hello" {
			t.Fatalf("%+v", f)
		}
	}
	clean(t, s)
	if f := read(t, bare(t, s)); f.Type != "disconnect" || f.Reason != "too_many_websockets" {
		t.Errorf("the eleventh: %+v", f)
	}
	if n := s.Sockets(); n != 10 {
		t.Errorf("%d sockets", n)
	}
	blamed(t, s, "more than 10 sockets")
}

func TestPings(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{PingEvery: 50 * time.Millisecond})
	conn := bare(t, s)
	read(t, conn)
	pings := make(chan string, 10)
	conn.SetPingHandler(func(data string) error {
		pings <- data
		return nil // no pong
	})
	if _, _, err := conn.ReadMessage(); err == nil {
		t.Error("a client that answers no ping was kept")
	}
	if len(pings) < 2 {
		t.Errorf("%d pings", len(pings))
	}
	if err := s.Until(patience(t), func() bool { return s.Sockets() == 0 }); err != nil {
		t.Error(err)
	}
}

// TestAcks shows each acknowledgement that Slack takes, and those that it
// does not.
func TestAcks(t *testing.T) {
	t.Parallel()
	for _, w := range []struct{ name, ack, says string }{
		{"bare", `{"envelope_id":"ID"}`, ""},
		{"null", `{"envelope_id":"ID","payload":null}`, ""},
		{"text", `{"envelope_id":"ID","payload":{"text":"x"}}`, ""},
		{"19 KiB", `{"envelope_id":"ID","payload":{"text":"` + strings.Repeat("x", 19<<10) + `"}}`, ""},
		{"20 KiB", `{"envelope_id":"ID","payload":{"text":"` + strings.Repeat("x", 20<<10) + `"}}`, "which Slack drops"},
		{"other envelope", `{"envelope_id":"other"}`, "never sent"},
		{"field", `{"envelope_id":"ID","type":"ack"}`, `unknown field "type"`},
		{"no JSON", `ack ID`, "cannot read"},
		{"twice", `{"envelope_id":"ID"}` + "\n" + `{"envelope_id":"ID"}`, "acknowledged 2 times, and sent 1 times"},
		{"empty text", `{"envelope_id":"ID","payload":{"text":""}}`, "no_text"},
		{"field of the message", `{"envelope_id":"ID","payload":{"text":"x","colour":"red"}}`, "unknown field colour"},
		{"blocks", `{"envelope_id":"ID","payload":{"text":"x","blocks":[{"type":"poem"}]}}`, "invalid_blocks"},
	} {
		t.Run(w.name, func(t *testing.T) {
			s := start(t, fakeslack.Options{})
			conn := bare(t, s)
			read(t, conn)
			s.Command(fakeslack.Ada, fakeslack.InMember, "")
			f := read(t, conn)
			if f.Type != "slash_commands" || !f.Accepts {
				t.Fatalf("%+v", f)
			}
			for _, line := range strings.Split(strings.ReplaceAll(w.ack, "ID", f.ID), "\n") {
				write(t, conn, line)
			}
			if w.says == "" {
				if err := s.Until(patience(t), func() bool { return s.Counts()["ack"] == 1 }); err != nil {
					t.Error(err)
				}
				clean(t, s)
				return
			}
			settled(t, s, 1)
			blamed(t, s, w.says)
		})
	}
}

func TestLateAcks(t *testing.T) {
	t.Parallel()
	const patient = 200 * time.Millisecond
	s := start(t, fakeslack.Options{AckWithin: patient})
	conn := bare(t, s)
	read(t, conn)
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "")
	f := read(t, conn)
	if _, err := d.Wait(patience(t)); !errors.Is(err, fakeslack.ErrTimeout) {
		t.Errorf("no acknowledgement: %v", err)
	}
	blamed(t, s, "was not acknowledged within 200ms")
	write(t, conn, `{"envelope_id":"`+f.ID+`","payload":{"text":"too late"}}`)
	settled(t, s, 2)
	blamed(t, s, "was not acknowledged within 200ms", "was acknowledged after")
	if n := len(s.Ephemerals(fakeslack.Ada)); n != 0 {
		t.Errorf("a late answer is shown: %d", n)
	}
	// an event comes once more
	d = s.Mention(fakeslack.Ada, fakeslack.InMember, "", "x")
	first, second := read(t, conn), read(t, conn)
	if first.ID != second.ID || first.Attempt != 0 || second.Attempt != 1 {
		t.Errorf("%+v, %+v", first, second)
	}
	write(t, conn, `{"envelope_id":"`+second.ID+`"}`)
	if _, err := d.Wait(patience(t)); err != nil && !errors.Is(err, fakeslack.ErrTimeout) {
		t.Error(err)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "")
	if _, err := d.Wait(patience(t)); !errors.Is(err, fakeslack.ErrDispatch) {
		t.Error(err)
	}
	clean(t, s)
}

func TestEnvelopesGoToAnySocket(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	one, two := connect(t, s), connect(t, s)
	for range 30 {
		s.Command(fakeslack.Ada, fakeslack.InMember, "")
	}
	for range 30 {
		select {
		case e := <-one.events:
			one.ack(t, e)
		case e := <-two.events:
			two.ack(t, e)
		case <-patience(t).Done():
			t.Fatal("not all came")
		}
	}
	if err := s.Until(patience(t), func() bool { return s.Counts()["ack"] == 30 }); err != nil {
		t.Fatal(err)
	}
	if len(one.events)+len(two.events) != 0 {
		t.Error("more came than was sent")
	}
	clean(t, s)
}

func TestSubmissions(t *testing.T) {
	t.Parallel()
	for _, w := range []struct {
		name string
		ack  any
		open bool
		says string
	}{
		{"close", nil, false, ""},
		{"empty", map[string]any{}, false, ""},
		{"clear", slack.NewClearViewSubmissionResponse(), false, ""},
		{"errors", slack.NewErrorsViewSubmissionResponse(map[string]string{"user": "No"}), true, ""},
		{"errors of a section", slack.NewErrorsViewSubmissionResponse(map[string]string{"title": "No"}), true,
			`"title" is no block_id of an input`},
		{"no errors", slack.NewErrorsViewSubmissionResponse(nil), true, "errors without an error"},
		{"action", map[string]any{"response_action": "shout"}, true, "response_action"},
		{"update", map[string]any{"response_action": "update", "view": form()}, true, ""},
		{"update with a long title", map[string]any{"response_action": "update", "view": titled(25)}, true, "less than 25"},
	} {
		t.Run(w.name, func(t *testing.T) {
			s := start(t, fakeslack.Options{})
			h := connect(t, s)
			d := s.Command(fakeslack.Ada, fakeslack.InMember, "login")
			h.ack(t, h.next(t))
			if _, err := real(s).OpenViewContext(patience(t), d.Trigger, form()); err != nil {
				t.Fatal(err)
			}
			v, _ := s.OpenView(fakeslack.Ada)
			d = s.Submit(fakeslack.Ada, v, map[string]string{"user": "u", "pass": "p"})
			h.ack(t, h.next(t), w.ack)
			if _, err := d.Wait(patience(t)); err != nil {
				t.Fatal(err)
			}
			if _, open := s.OpenView(fakeslack.Ada); open != w.open {
				t.Errorf("open: %v", open)
			}
			if w.says == "" {
				clean(t, s)
				return
			}
			blamed(t, s, w.says)
		})
	}
}

func titled(n int) slack.ModalViewRequest {
	v := form()
	v.Title = slack.NewTextBlockObject(slack.PlainTextType, strings.Repeat("t", n), false, false)
	return v
}

// TestSlacksClient keeps from being sent what Slack's own client keeps.
func TestSlacksClient(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "login")
	if _, err := real(s).OpenViewContext(patience(t), d.Trigger, form()); err != nil {
		t.Fatal(err)
	}
	v, _ := s.OpenView(fakeslack.Ada)
	for _, w := range []struct {
		who    string
		values map[string]string
		want   error
	}{
		// well formed, and nobody is there
		{fakeslack.Ada, map[string]string{"user": "u", "pass": "p"}, fakeslack.ErrDispatch},
		{fakeslack.Ada, map[string]string{"user": "u"}, fakeslack.ErrNothing},
		{fakeslack.Ada, map[string]string{"user": "u", "pass": strings.Repeat("p", 513)}, fakeslack.ErrNothing},
		{fakeslack.Ada, map[string]string{"user": "u", "pass": "p", "mech": "NTLM"}, fakeslack.ErrNothing},
		{fakeslack.Ada, map[string]string{"user": "u", "pass": "p", "host": "x"}, fakeslack.ErrNothing},
		{"U0BOB0001", map[string]string{"user": "u", "pass": "p"}, fakeslack.ErrNothing},
	} {
		if _, err := s.Submit(w.who, v, w.values).Wait(patience(t)); !errors.Is(err, w.want) {
			t.Errorf("%s %v: %v, want %v", w.who, w.values, err, w.want)
		}
	}
}
