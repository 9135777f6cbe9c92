package reproduce

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want string
	}{
		{[]string{"swaks", "--port", "587"}, "swaks --port 587"},
		{[]string{"swaks", "--from", "<>"}, "swaks --from '<>'"},
		{[]string{"swaks", "--from", ""}, "swaks --from ''"},
		{[]string{"swaks", "--from", "o'neil@example.test"}, `swaks --from 'o'\''neil@example.test'`},
		{[]string{"swaks", "--from", `"a $(id) b"@example.test`}, `swaks --from '"a $(id) b"@example.test'`},
		{[]string{"swaks", "--ehlo", "[IPv6:2001:db8::1]"}, "swaks --ehlo '[IPv6:2001:db8::1]'"},
		{[]string{"A=B", "~", "#", "!", "*"}, "'A=B' '~' '#' '!' '*'"},
		{[]string{"swaks", "--to", "jörg@example.test"}, "swaks --to 'jörg@example.test'"},
	} {
		if got := Quote(c.argv); got != c.want {
			t.Errorf("%q: got %s, want %s", c.argv, got, c.want)
		}
	}
}

// tricky are pieces of words that mean something to a shell.
func tricky() []string {
	return []string{
		"", "a", "-n", "--", "'", `"`, `\`, "$HOME", "$(id)", "`id`", "${x}", "*", "?", "[a-z]", "~", "#", "!", "!!", "&",
		"|", ";", "<", ">", "(", ")",
		"{a,b}", " ", "\t", "\n", "\r", "\x01", "\x7f", "=", "A=b", "%s", `\n`, `\0`, "ä", "\u0101\u0181", "\xff",
		"\x81\x88", "日本語", "🎉", "'\\''", "''", "\v\f\b\a\x1b[31m",
		"o'neil@example.test", "[192.0.2.7]", strings.Repeat("x", 300),
	}
}

// TestShellHandsBack lets sh read thousands of argument lists back, all in
// one run.
func TestShellHandsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	lists := [][]string{tricky()}
	for _, word := range tricky() {
		lists = append(lists, []string{word})
	}
	for range 3000 {
		argv := make([]string, 1+r.IntN(5))
		for i := range argv {
			for range r.IntN(5) {
				argv[i] += tricky()[r.IntN(len(tricky()))]
			}
		}
		lists = append(lists, argv)
	}
	for octet := range 255 {
		lists = append(lists, []string{string([]byte{byte(octet + 1)}), fmt.Sprintf("a%cb", octet+1)})
	}
	handedBack(t, lists)
}

func FuzzQuote(f *testing.F) {
	for _, word := range tricky() {
		f.Add(word)
	}
	f.Add(strings.Join(tricky(), "\x00"))
	f.Fuzz(func(t *testing.T, words string) {
		handedBack(t, [][]string{strings.Split(words, "\x00"), {strings.ReplaceAll(words, "\x00", "")}})
	})
}

// handedBack runs sh once and wants from it exactly the words of each list.
func handedBack(t *testing.T, lists [][]string) {
	t.Helper()
	sh, err := exec.LookPath("/bin/sh")
	if err != nil {
		t.Skip("there is no /bin/sh to ask")
	}
	script, want := "f() { printf '%s\\0' \"$#\" \"$@\"; }\n", []string{}
	for _, argv := range lists {
		script += "f " + Quote(argv) + "\n"
		want = append(append(want, fmt.Sprint(len(argv))), argv...)
	}
	cmd := exec.CommandContext(t.Context(), sh)
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("sh cannot read this: %v\n%q", err, script)
	}
	got := strings.Split(string(bytes.TrimSuffix(out, []byte{0})), "\x00")
	if !slices.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Fatalf("sh hands back %d words, want %d; the first difference is at %d: %q, want %q", len(got), len(want), at,
			got[at:min(at+1, len(got))], want[at:min(at+1, len(want))])
	}
}
