package slack_test

import (
	"strings"
	"testing"

	"smtptest/bot/bottest/rows"
	fakeslack "smtptest/bot/playground/slack"
)

// x is so many runes, of two octets each.
func x(n int) string { return strings.Repeat("é", n) }

const (
	section = `{"type":"section","text":{"type":"plain_text","text":"x"}}`
	pressed = `{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"Go"}}]}`
	view    = `{"type":"modal","title":{"type":"plain_text","text":"t"},"submit":{"type":"plain_text","text":"Go"},` +
		`"blocks":[{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"plain_text_input"}}]}`
)

// TestBodies holds the rows of testdata/blocks.txt against the fake.
func TestBodies(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	refused := 0
	for _, r := range rows.Read(t, "testdata/blocks.txt") {
		send, code := func(body string) answer {
			return raw(t, s, "chat.postMessage", args("channel", fakeslack.InMember, "text", "x", "blocks", "["+body+"]"))
		}, "invalid_blocks"
		if r.Part == "view" {
			send, code = func(body string) answer {
				d := s.Command(fakeslack.Ada, fakeslack.InMember, "login")
				return raw(t, s, "views.open", args("trigger_id", d.Trigger, "view", body))
			}, "invalid_arguments"
		}
		if r.Good != "" && send(r.Good).Error != "" {
			t.Errorf("%s: what should be taken is refused: %q", r.Name, s.Violations())
		}
		if r.Bad == "" {
			continue
		}
		refused++
		a := send(r.Bad)
		if a.Error != code || !strings.Contains(strings.Join(a.Metadata.Messages, " "), r.Wrong) {
			t.Errorf("%s: %s %q, want %q", r.Name, a.Error, a.Metadata.Messages, r.Wrong)
		}
	}
	if n := len(s.Violations()); n < refused {
		t.Errorf("%d violations, want %d", n, refused)
	}
}

// TestSumOfBlocks: 13,000 octets, and not on the way of a response_url.
func TestSumOfBlocks(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	for n, want := range map[int]string{13_000: "", 13_001: "msg_blocks_too_long"} {
		blocks := "[" + rich(strings.Repeat("x", n-len("["+rich("")+"]"))) + "]"
		if a := raw(t, s, "chat.postMessage", args("channel", fakeslack.InMember, "blocks", blocks)); a.Error != want {
			t.Errorf("%d octets: %q", n, a.Error)
		}
		h := s.Command(fakeslack.Ada, fakeslack.InMember, "")
		if status, body := hooked(t, h.ResponseURL, `{"text":"x","blocks":`+blocks+`}`); status != 200 {
			t.Errorf("response_url, %d octets: %d %s", n, status, body)
		}
	}
}

// TestSumOfTables: 20,000 characters in all tables of a message.
func TestSumOfTables(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	cell := func(n int) string { return `[{"type":"raw_text","text":"` + x(n) + `"}]` }
	table := func(rows string) string { return `{"type":"data_table","caption":"x","rows":[` + rows + "]}" }
	full := table(strings.Repeat(cell(2000)+",", 4) + cell(1999) + "," + cell(1))
	for more, want := range map[string]int{full: 200, full + "," + table(cell(1)+","+cell(1)): 400} {
		h := s.Command(fakeslack.Ada, fakeslack.InMember, "")
		if status, body := hooked(t, h.ResponseURL, `{"text":"x","blocks":[`+full+","+more+`]}`); status != want {
			t.Errorf("want %d: %d %s", want, status, body)
		}
	}
}
