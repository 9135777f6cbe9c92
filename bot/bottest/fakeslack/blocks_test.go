package fakeslack_test

import (
	"strings"
	"testing"

	"smtptest/bot/bottest/fakeslack"
)

// x is so many runes, of two octets each.
func x(n int) string { return strings.Repeat("é", n) }

// times repeats what stands in a list.
func times(n int, item string) string { return strings.Repeat(item+",", n-1) + item }

// numbered is like times, with # replaced by a number of two digits.
func numbered(n int, item string) string {
	var all []string
	for i := range n {
		all = append(all, strings.ReplaceAll(item, "#", string([]byte{byte('a' + i/26), byte('a' + i%26)})))
	}
	return strings.Join(all, ",")
}

func plain(s string) string { return `{"type":"plain_text","text":"` + s + `"}` }

func section(s string) string { return `{"type":"section","text":` + plain(s) + `}` }

func actions(elements string) string { return `{"type":"actions","elements":[` + elements + `]}` }

func press(more string) string { return `{"type":"button","text":` + plain("Go") + more + `}` }

func options(n, runes, value int) string {
	return `"options":[` + numbered(n, `{"text":`+plain(x(runes))+`,"value":"`+strings.Repeat("v", value-2)+`#"}`) + `]`
}

func richText(elements string) string { return `{"type":"rich_text","elements":[` + elements + `]}` }

func span(s string) string {
	return `{"type":"rich_text_section","elements":[{"type":"text","text":"` + s + `"}]}`
}

// asking is a button that asks back.
func asking(title, text, button int) string {
	return actions(press(`,"confirm":{"title":` + plain(x(title)) + `,"text":` + plain(x(text)) + `,"confirm":` +
		plain(x(button)) + `,"deny":` + plain("No") + `}`))
}

// pairs are blocks that Slack takes, each with one that it refuses.
func pairs() []struct{ name, good, bad, says string } {
	return []struct{ name, good, bad, says string }{
		{"50 blocks", times(50, `{"type":"divider"}`), times(51, `{"type":"divider"}`), "no more than 50 items"},
		{"type of block", section("x"), `{"type":"sektion"}`, "unsupported type: sektion"},
		{"agents' block", section("x"), `{"type":"plan","title":"x"}`, "unsupported type: plan"},
		{"field of block", section("x"), `{"type":"section","text":` + plain("x") + `,"colour":"red"}`,
			"invalid additional property: colour [json-pointer:/0]"},
		{"no object", section("x"), `"section"`, "got string, want object"},
		{"section text", section(x(3000)), section(x(3001)), "less than 3001 characters [json-pointer:/0/text/text]"},
		{"empty text", section("x"), section(""), "more than 0 characters"},
		{"text of a number", section("x"), `{"type":"section","text":{"type":"plain_text","text":5}}`,
			"got number, want string"},
		{"fields", `{"type":"section","fields":[` + times(10, plain(x(100))) + `]}`,
			`{"type":"section","fields":[` + times(11, plain("x")) + `]}`, "no more than 10"},
		{"field text", `{"type":"section","fields":[` + plain(x(2000)) + `]}`, `{"type":"section","fields":[` +
			plain(x(2001)) + `]}`, "less than 2001"},
		{"header", `{"type":"header","text":` + plain(x(150)) + `}`, `{"type":"header","text":` + plain(x(151)) + `}`,
			"less than 151"},
		{"header level", `{"type":"header","level":4,"text":` + plain("x") + `}`,
			`{"type":"header","level":5,"text":` + plain("x") + `}`, "maximum: got 5, want 4"},
		{"header mrkdwn", `{"type":"header","text":` + plain("x") + `}`,
			`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "unsupported type: mrkdwn"},
		{"verbatim", section("x"), `{"type":"section","text":{"type":"plain_text","text":"x","verbatim":true}}`,
			"additional property: verbatim"},
		{"emoji", `{"type":"section","text":{"type":"mrkdwn","text":"x","verbatim":true}}`,
			`{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}`, "additional property: emoji"},
		{"context", `{"type":"context","elements":[` + times(10, plain("x")) + `]}`,
			`{"type":"context","elements":[` + times(11, plain("x")) + `]}`, "no more than 10"},
		{"context empty", `{"type":"context","elements":[` + plain("x") + `]}`, `{"type":"context","elements":[]}`,
			"no fewer than 1"},
		{"actions", actions(numbered(25, press(`,"action_id":"#"`))), actions(numbered(26, press(`,"action_id":"#"`))),
			"no more than 25"},
		{"action_id twice", actions(press(`,"action_id":"a"`) + "," + press(`,"action_id":"b"`)),
			actions(press(`,"action_id":"a"`) + "," + press(`,"action_id":"a"`)), "`action_id` already exists"},
		{"action_id in two blocks", actions(press(`,"action_id":"a"`)) + "," + actions(press(`,"action_id":"a"`)),
			actions(press(`,"action_id":"` + x(256) + `"`)), "less than 256"},
		{"block_id twice", `{"type":"divider","block_id":"a"},{"type":"divider","block_id":"b"}`,
			`{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`, "`block_id` already exists"},
		{"block_id", `{"type":"divider","block_id":"` + x(255) + `"}`, `{"type":"divider","block_id":"` + x(256) + `"}`,
			"less than 256"},
		{"element", actions(press("")), actions(`{"type":"knob"}`), "unsupported type: knob"},
		{"button text", actions(`{"type":"button","text":` + plain(x(75)) + `}`),
			actions(`{"type":"button","text":` + plain(x(76)) + `}`), "less than 76"},
		{"button value", actions(press(`,"value":"` + x(2000) + `"`)), actions(press(`,"value":"` + x(2001) + `"`)),
			"less than 2001"},
		{"button url", actions(press(`,"url":"` + strings.Repeat("u", 3000) + `"`)),
			actions(press(`,"url":"` + strings.Repeat("u", 3001) + `"`)), "less than 3001"},
		{"button style", actions(press(`,"style":"danger"`)), actions(press(`,"style":"loud"`)), "value must be one of"},
		{"button label", actions(press(`,"accessibility_label":"` + x(75) + `"`)),
			actions(press(`,"accessibility_label":"` + x(76) + `"`)), "less than 76"},
		{"button field", actions(press("")), actions(press(`,"colour":"red"`)), "additional property: colour"},
		{"overflow", actions(`{"type":"overflow",` + options(5, 75, 150) + `}`), actions(`{"type":"overflow",` + options(6,
			1, 2) + `}`), "no more than 5"},
		{"select", actions(`{"type":"static_select",` + options(100, 1, 2) + `}`),
			actions(`{"type":"static_select",` + options(101, 1, 2) + `}`), "no more than 100"},
		{"option text", actions(`{"type":"overflow",` + options(1, 75, 2) + `}`),
			actions(`{"type":"overflow",` + options(1, 76, 2) + `}`), "less than 76"},
		{"option value", actions(`{"type":"overflow",` + options(1, 1, 150) + `}`),
			actions(`{"type":"overflow",` + options(1, 1, 151) + `}`), "less than 151"},
		{"placeholder", actions(`{"type":"static_select",` + options(1, 1, 2) + `,"placeholder":` + plain(x(150)) + `}`),
			actions(`{"type":"static_select",` + options(1, 1, 2) + `,"placeholder":` + plain(x(151)) + `}`), "less than 151"},
		{"confirm title", asking(100, 300, 30), asking(101, 300, 30), "less than 101"},
		{"confirm text", asking(100, 300, 30), asking(100, 301, 30), "less than 301"},
		{"confirm button", asking(100, 300, 30), asking(100, 300, 31), "less than 31"},
		{"input in a message", section("x"), `{"type":"input","label":` + plain("x") +
			`,"element":{"type":"plain_text_input"}}`, "unsupported type: input"},
		{"rich text", richText(span("x")), richText(`{"type":"rich_text_poem","elements":[]}`),
			"unsupported type: rich_text_poem"},
		{"rich text empty", richText(span("x")), richText(span("")), "more than 0 characters"},
		{"rich text list", richText(`{"type":"rich_text_list","style":"bullet","indent":8,"elements":[` + span("x") + `]}`),
			richText(`{"type":"rich_text_list","style":"bullet","indent":9,"elements":[` + span("x") +
				`]}`), "maximum: got 9, want 8"},
		{"list in a list", richText(`{"type":"rich_text_list","style":"bullet","elements":[` + span("x") + `]}`),
			richText(`{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_list","style":"bullet",` +
				`"elements":[` + span("x") + `]}]}`), "unsupported type: rich_text_list"},
		{"section in a section", richText(span("x")), richText(`{"type":"rich_text_section","elements":[` + span("x") +
			`]}`), "unsupported type: rich_text_section"},
		{"preformatted", richText(`{"type":"rich_text_preformatted","border":0,"elements":[{"type":"text",` +
			`"text":"S: 220"}]}`),
			richText(`{"type":"rich_text_preformatted","elements":[{"type":"user","user_id":"U1"}]}`), "unsupported type: user"},
		{"style in preformatted", richText(`{"type":"rich_text_preformatted","elements":[{"type":"text","text":"x"}]}`),
			richText(`{"type":"rich_text_preformatted","elements":[{"type":"text","text":"x","style":{"bold":true}}]}`),
			"additional property: style"},
		{"text at the top", richText(span("x")), richText(`{"type":"text","text":"x"}`), "unsupported type: text"},
		{"style", richText(`{"type":"rich_text_section","elements":[{"type":"text","text":"x","style":{"code":true}}]}`),
			richText(`{"type":"rich_text_section","elements":[{"type":"text","text":"x","style":{"red":true}}]}`),
			"additional property: red"},
		{"markdown", section("x"), `{"type":"markdown","text":"x"}`, "unsupported type: markdown"},
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	refused := 0
	for _, p := range pairs() {
		t.Run(p.name, func(t *testing.T) {
			if a := raw(t, s, "chat.postMessage", args("channel", fakeslack.InMember, "text", "x", "blocks",
				"["+p.good+"]")); a.Error != "" {
				t.Errorf("the good one: %s %q", a.Error, a.Metadata.Messages)
			}
			a := raw(t, s, "chat.postMessage", args("channel", fakeslack.InMember, "text", "x", "blocks", "["+p.bad+"]"))
			if a.Error != "invalid_blocks" || !strings.Contains(strings.Join(a.Metadata.Messages, " "), p.says) {
				t.Errorf("the bad one: %s %q, want %q", a.Error, a.Metadata.Messages, p.says)
			}
			refused++
		})
	}
	if n := len(s.Violations()); n != refused {
		t.Errorf("%d violations, want %d", n, refused)
	}
}

// TestSumOfBlocks: 13,000 octets, and not on the way of a response_url.
func TestSumOfBlocks(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	const frame = len(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text",` +
		`"text":""}]}]}]`)
	for _, w := range []struct {
		octets int
		want   string
	}{{13_000, ""}, {13_001, "msg_blocks_too_long"}} {
		blocks := "[" + rich(strings.Repeat("x", w.octets-frame)) + "]"
		if a := raw(t, s, "chat.postMessage", args("channel", fakeslack.InMember, "text", "x", "blocks",
			blocks)); a.Error != w.want {
			t.Errorf("%d octets: %q", w.octets, a.Error)
		}
		h := s.Command(fakeslack.Ada, fakeslack.InMember, "")
		if status, body := hooked(t, h.ResponseURL, `{"text":"x","blocks":`+blocks+`}`); status != 200 {
			t.Errorf("response_url, %d octets: %d %s", w.octets, status, body)
		}
	}
}

// view is a modal with one input.
func view(more string) string {
	return `{"type":"modal","title":` + plain(strings.Repeat("t", 24)) + `,"submit":` + plain("Go") + `,"blocks":[` +
		input("", "") + `]` + more + `}`
}

func input(block, element string) string {
	return `{"type":"input","label":` + plain("x") + block + `,"element":{"type":"plain_text_input","action_id":"value"` +
		element + `}}`
}

func blocksOf(view string, blocks string) string {
	return strings.Replace(view, input("", ""), blocks, 1)
}

func TestViews(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	good := view("")
	for _, w := range []struct{ name, good, bad, says string }{
		{"title", good, strings.Replace(good, "tttt", "ttttt", 1), "less than 25"},
		{"submit", good, strings.Replace(good, plain("Go"), plain(x(25)), 1), "less than 25"},
		{"close", view(`,"close":` + plain(x(24))), view(`,"close":` + plain(x(25))), "less than 25"},
		{"no submit", good, strings.Replace(good, `"submit":`+plain("Go")+",", "", 1), "missing required field: submit"},
		{"no title", good, strings.Replace(good, `"title":`+plain(strings.Repeat("t", 24))+",", "", 1),
			"missing required field: title"},
		{"private_metadata", view(`,"private_metadata":"` + x(3000) + `"`), view(`,"private_metadata":"` + x(3001) + `"`),
			"less than 3001"},
		{"callback_id", view(`,"callback_id":"` + x(255) + `"`), view(`,"callback_id":"` + x(256) + `"`), "less than 256"},
		{"field", view(`,"clear_on_close":true`), view(`,"secret":true`), "additional property: secret"},
		{"type", good, strings.Replace(good, "modal", "dialog", 1), "unsupported type: dialog"},
		{"blocks", blocksOf(good, times(100, `{"type":"divider"}`)), blocksOf(good, times(101, `{"type":"divider"}`)),
			"no more than 100"},
		{"no blocks", good, blocksOf(good, ""), "no fewer than 1"},
		{"block_id twice", blocksOf(good, input(`,"block_id":"a"`, "")+","+input(`,"block_id":"b"`, "")),
			blocksOf(good, input(`,"block_id":"a"`, "")+","+input(`,"block_id":"a"`, "")), "already exists"},
		{"label", good, strings.Replace(good, plain("x"), plain(x(2001)), 1), "less than 2001"},
		{"max_length", blocksOf(good, input("", `,"max_length":3000`)), blocksOf(good, input("", `,"max_length":3001`)),
			"maximum: got 3,001, want 3,000"},
		{"password", good, strings.Replace(good, "plain_text_input", "password_input", 1),
			"unsupported type: password_input"},
		{"table", good, blocksOf(good, `{"type":"table","rows":[]}`), "unsupported type: table"},
	} {
		t.Run(w.name, func(t *testing.T) {
			open := func(v string) answer {
				d := s.Command(fakeslack.Ada, fakeslack.InMember, "login")
				return raw(t, s, "views.open", args("trigger_id", d.Trigger, "view", v))
			}
			if a := open(w.good); a.Error != "" {
				t.Errorf("the good one: %s %q", a.Error, a.Metadata.Messages)
			}
			if a := open(w.bad); a.Error != "invalid_arguments" || !strings.Contains(strings.Join(a.Metadata.Messages, " "),
				w.says) {
				t.Errorf("the bad one: %s %q, want %q", a.Error, a.Metadata.Messages, w.says)
			}
		})
	}
}
