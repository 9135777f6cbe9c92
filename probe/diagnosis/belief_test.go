package diagnosis

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"smtptest/probe/smtp"
)

// tap hears nothing.
type tap struct{}

func (tap) Received(smtp.Line) {}
func (tap) Sent(string)        {}

// replyOf reads reply lines as they come from the wire.
func replyOf(t *testing.T, lines ...string) *smtp.Reply {
	t.Helper()
	wire := bytes.NewBufferString(strings.Join(lines, "\r\n") + "\r\n")
	reply, err := smtp.NewConn(wire, func() time.Duration { return 0 }, tap{}).ReadReply()
	if err != nil {
		t.Fatal(err)
	}
	return &reply
}

// madeUp holds one clue of each rank for the same reply, the least trusted
// first.
func madeUp() []clue {
	return []clue{
		{finding: "by.class", class: 5},
		{finding: "by.code", code: []int{550}},
		{finding: "by.enhanced", enhanced: []string{"x.7.1"}},
		{finding: "by.text", text: []string{"go away"}},
	}
}

// TestOrderOfBelief takes the most trusted clue away, one after the other:
// the next in rank must be believed, wherever it stands in the list.
func TestOrderOfBelief(t *testing.T) {
	known := madeUp()
	reply := replyOf(t, "550-5.7.1 Please", "550 5.7.1 Go Away")
	want := []ID{"by.text", "by.enhanced", "by.code", "by.class", ""}
	for i, id := range want {
		if got := believe(known[:len(known)-i], reply, "greeting"); got != id {
			t.Errorf("without the %d best clues: got %q, want %q", i, got, id)
		}
	}
}

func TestBeliefAsksEveryField(t *testing.T) {
	tests := []struct {
		name, to, line string
		want           ID
	}{
		{"all fields", "greeting", "550 5.7.1 go away", "by.text"},
		{"other words", "greeting", "550 5.7.1 no", "by.enhanced"},
		{"other enhanced code", "greeting", "550 5.7.10 no", "by.code"},
		{"other class of the enhanced code", "greeting", "450 4.7.1 no", "by.enhanced"},
		{"other code", "greeting", "554 no", "by.class"},
		{"other class", "greeting", "450 no", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := believe(madeUp(), replyOf(t, tt.line), tt.to); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBeliefHoldsTheCommand(t *testing.T) {
	known := []clue{{finding: "at.rcpt", to: []string{"RCPT"}, code: []int{550}}, {finding: "anywhere", class: 5}}
	reply := replyOf(t, "550 no")
	if got := believe(known, reply, "RCPT"); got != "at.rcpt" {
		t.Errorf("at RCPT: %s", got)
	}
	if got := believe(known, reply, "EHLO"); got != "anywhere" {
		t.Errorf("at EHLO: %s", got)
	}
}

func TestTheFirstOfEqualsIsBelieved(t *testing.T) {
	known := []clue{{finding: "first", code: []int{550}}, {finding: "second", code: []int{550}}}
	if got := believe(known, replyOf(t, "550 no"), "EHLO"); got != "first" {
		t.Errorf("got %s", got)
	}
}
