package formatting

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIsolate(t *testing.T) {
	for text, want := range map[string]string{
		"550 User unknown “ünïcode” 日本語":                   "550 User unknown “ünïcode” 日本語",
		"The server said “שלום 25 (100%) OK”, on port 25.": "The server said “⟨שלום 25 (100%) OK⟩”, on port 25.",
		"“no” and “a שלום b”":                              "“no” and “⟨a שלום b⟩”",
		"“a” שלום 25 עולם 3 “b”":                           "“a” ⟨שלום 25 עולם⟩ 3 “b”",
		"“א” ב”":                                           "“⟨א⟩” ⟨ב⟩”", "“א": "“⟨א⟩", "CN=مثال, O=x": "CN=⟨مثال⟩, O=x",
		"א\nב":                     "⟨א⟩\n⟨ב⟩",
		strings.Repeat("א a ", 10): strings.Repeat("⟨א⟩ a ", 7) + "⟨א a א a א⟩ a ",
	} {
		got := strings.NewReplacer(isolate, "⟨", endIsolate, "⟩").Replace(Isolate(text))
		if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if again := Isolate(Isolate(text)); again != Isolate(text) {
			t.Errorf("%q became %q the second time", text, again)
		}
	}
}

// FuzzIsolate: nothing is lost, every such letter stands in an isolate, each of
// which ends, and no text becomes longer than it may.
func FuzzIsolate(f *testing.F) {
	f.Add("“א” “ב")
	f.Fuzz(func(t *testing.T, text string) {
		text = Clean(text)
		got := Isolate(text)
		if strings.NewReplacer(isolate, "", endIsolate, "").Replace(got) != text {
			t.Fatalf("%q became %q", text, got)
		}
		if utf8.RuneCountInString(got) > utf8.RuneCountInString(text)+IsolateRunes {
			t.Errorf("%q has too many", got)
		}
		inside := false
		for _, r := range got {
			if open := string(r) == isolate; open || string(r) == endIsolate {
				if inside == open {
					t.Fatalf("%q is not balanced", got)
				}
				inside = open
			} else if rightToLeft(r) && !inside {
				t.Errorf("%q has a letter outside", got)
			}
		}
		if inside {
			t.Errorf("%q is left open", got)
		}
	})
}
