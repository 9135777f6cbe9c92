package diagnosis

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/probe/provider"
	"smtptest/probe/replies"
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

// TestEveryMeaningIsJudged: wherever a reply can end a session, what it means
// must be in the catalogue.
func TestEveryMeaningIsJudged(t *testing.T) {
	var known []ID
	for _, r := range catalogue() {
		known = append(known, r.id)
	}
	for _, e := range replies.Entries() {
		for _, at := range e.At {
			if id := e.ID.At(at); at != replies.DATA && !slices.Contains(known, id) {
				t.Errorf("%s at %s is not in the catalogue", id, at)
			}
		}
	}
	for _, p := range provider.All() {
		for _, x := range p.Texts {
			for _, at := range replies.Places() {
				if id := x.ID.Judged(at); at != replies.DATA && id != "" && !slices.Contains(known, id) {
					t.Errorf("%s: %s at %s is not in the catalogue", p.ID, id, at)
				}
			}
		}
	}
}
