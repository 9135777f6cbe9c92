package embed_test

import (
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/embed"
)

// What people say stays as it is; what Discord could take for markup, or
// would show otherwise, is code.
func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"It cannot · 42 ms (at 03:04, UTC).": "It cannot · 42 ms (at 03:04, UTC).",
		"SPF fail - not 1. or +":             "SPF fail - not 1. or +",
		"- x":                                "`-` x",
		"12. x":                              "`12`. x",
		"see TLS_AES_128, TLS_AES_256.":      "see `TLS_AES_128`, `TLS_AES_256`.",
		"a_b c_d e":                          "`a_b c_d` e",
		"a_b “c_d” e_f":                      "`a_b` “`c_d`” `e_f`",
		"“220 <mx>”: it":                     "“220 `<mx>`”: it",
		"192.0.2.1:25: refused":              "`192.0.2.1:25`: refused",
		"at 2001:db8:100:1":                  "at `2001:db8:100:1`",
		"use --tls implicit":                 "use `--tls` implicit",
		"https://a.test/_x_":                 "`https://a.test/_x_`",
		"join Discord.gg/abc":                "join `Discord.gg/abc`",
		"on discord it works":                "on discord it works",
		"a`b ``":                             "``\u200ba`\u200bb `\u200b`\u200b``",
		"two\nlines\tand\u00a0blanks":        "two lines and blanks",
		"\x1b[31mred\u202e":                  "`\ufffd[31mred\ufffd`",
		"ends in \\":                         "ends in `\\`",
		":smile:":                            "`:smile`:",
	} {
		got := ""
		if p := embed.Root(formatting.Message{Verdict: "x", Notes: []string{text}}); len(p.Embeds) > 0 {
			got = p.Embeds[0].Description
		}
		if got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

// Bold ends where code begins: asterisks in the code would end it sooner.
func TestBold(t *testing.T) {
	if got, want := embed.Root(formatting.Message{Verdict: "The name **x** is (mx_1) wrong"}).Content,
		"**The name** `**x**` **is (**`mx_1`**) wrong**"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What has no room says how much of it is there.
func TestShort(t *testing.T) {
	p := embed.Root(formatting.Message{Verdict: strings.Repeat("*", 3000), Notes: make([]string, 3)})
	if !strings.HasSuffix(p.Content, "` … (300 of 3000 characters shown)") {
		t.Errorf("it ends in %q", p.Content[len(p.Content)-60:])
	}
	notes := []string{strings.Repeat("a", 900), "", strings.Repeat("b", 900), strings.Repeat("c", 900),
		strings.Repeat("d", 900), "e"}
	p = embed.Root(formatting.Message{Verdict: "x", Notes: notes})
	if !strings.HasSuffix(p.Embeds[0].Description, "c\n3 of 5 lines shown") {
		t.Errorf("it ends in %q", p.Embeds[0].Description[2600:])
	}
}

// A fence that holds nothing is none, and would make the next one its text.
func TestBlankTranscripts(t *testing.T) {
	blank := formatting.Code{Lines: []formatting.CodeLine{{}, {}}}
	m := formatting.Message{Sections: []formatting.Section{blank, blank, formatting.Code{}, formatting.Findings{},
		formatting.Facts{}, formatting.Prose{}}}
	checkMessage(t, m)
}
