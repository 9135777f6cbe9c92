package smtp

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var printables = []struct{ name, in, want string }{
	{"ASCII", "250 ok ~!@#$%^&*()_+`'\"<>|", "250 ok ~!@#$%^&*()_+`'\"<>|"},
	{"empty", "", ""},
	{"backslash", `a\b\x00\u{200b}`, `a\b\x00\u{200b}`},
	{"tab", "a\tb", `a\tb`},
	{"CR LF", "a\r\nb", `a\x0d\x0ab`},
	{"NUL", "a\x00b", `a\x00b`},
	{"bell and backspace", "\a\b", `\x07\x08`},
	{"DEL", "a\x7f", `a\x7f`},
	{"ESC", "\x1b[2J\x1b]0;title\x07", `\x1b[2J\x1b]0;title\x07`},
	{"C1 octets", "\x9b31m", `\x9b31m`},
	{"C1 code points", "\u009b31m\u0085", `\u{9b}31m\u{85}`},
	{"letters", "grüß 日本語 русский עברית", "grüß 日本語 русский עברית"},
	{"emoji", "✅ 👍🏽", "✅ 👍🏽"},
	{"emoji with variation selector", "❤\ufe0f", `❤\u{fe0f}`},
	{"Latin-1", "gr\xfc\xdfe", `gr\xfc\xdfe`},
	{"cut rune", "a\xe6\x97", `a\xe6\x97`},
	{"overlong", "\xc0\x80", `\xc0\x80`},
	{"surrogate", "\xed\xa0\x80", `\xed\xa0\x80`},
	{"beyond Unicode", "\xf4\x90\x80\x80", `\xf4\x90\x80\x80`},
	{"replacement character", "a\ufffdb", "a\ufffdb"},
	{"right-to-left override", "abc\u202egnp", `abc\u{202e}gnp`},
	{"bidi embeddings", "\u202a\u202b\u202c\u202d", `\u{202a}\u{202b}\u{202c}\u{202d}`},
	{"bidi isolates", "\u2066\u2067\u2068\u2069", `\u{2066}\u{2067}\u{2068}\u{2069}`},
	{"bidi marks", "\u200e\u200f\u061c", `\u{200e}\u{200f}\u{61c}`},
	{"zero width", "a\u200bb\u200cc\u200dd\u2060e\ufefff", `a\u{200b}b\u{200c}c\u{200d}d\u{2060}e\u{feff}f`},
	{"soft hyphen", "a\u00adb", `a\u{ad}b`},
	{"spaces", "a\u00a0b\u2003c\u3000d\u202fe", `a\u{a0}b\u{2003}c\u{3000}d\u{202f}e`},
	{"line and paragraph separator", "a\u2028b\u2029c", `a\u{2028}b\u{2029}c`},
	{"tags", "a\U000e0001\U000e0041", `a\u{e0001}\u{e0041}`},
	{"variation selectors supplement", "a\U000e0100", `a\u{e0100}`},
	{"private use", "a\ue000\U000f0000\U00100000", `a\u{e000}\u{f0000}\u{100000}`},
	{"unassigned", "a\u0378", `a\u{378}`},
	{"noncharacter", "a\uffff\ufdd0", `a\u{ffff}\u{fdd0}`},
	{"Hangul fillers", "a\u115f\u1160\u3164\uffa0", `a\u{115f}\u{1160}\u{3164}\u{ffa0}`},
	{"braille blank", "a\u2800b", `a\u{2800}b`},
	{"braille", "⠓⠊", "⠓⠊"},
	{"grapheme joiner", "a\u034fb", `a\u{34f}b`},
	{"Khmer inherent vowels", "a\u17b4\u17b5", `a\u{17b4}\u{17b5}`},
	{"Mongolian vowel separator", "a\u180e\u180b", `a\u{180e}\u{180b}`},
	{"hieroglyph blanks", "a\U00013441\U00013442", `a\u{13441}\u{13442}`},
	{"Khitan filler", "a\U00016fe4", `a\u{16fe4}`},
	{"null notehead", "a\U0001d159", `a\u{1d159}`},
	{"object replacement", "a\ufffcb", `a\u{fffc}b`},
	{"annotation", "a\ufff9b\ufffac\ufffb", `a\u{fff9}b\u{fffa}c\u{fffb}`},
	{"musical format", "a\U0001d173", `a\u{1d173}`},
	{"combining marks", "e\u0301 ก\u0e33 कि", "e\u0301 ก\u0e33 कि"},
	{"mark on nothing", "\u0301a", `\u{301}a`},
	{"two marks on nothing", "\u0301\u0301a", `\u{301}\u{301}a`},
	{"four marks", "a" + strings.Repeat("\u0301", 4), "a" + strings.Repeat("\u0301", 4)},
	{"tower of marks", "a" + strings.Repeat("\u0301", 6) + "b\u0301",
		"a" + strings.Repeat("\u0301", 4) + `\u{301}\u{301}` + "b\u0301"},
	{"Unicode line drawing", "─│┌", "─│┌"},
}

func TestPrintable(t *testing.T) {
	for _, tt := range printables {
		t.Run(tt.name, func(t *testing.T) {
			if got := Printable([]byte(tt.in)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPrintableEverywhere asks each octet and each assigned code point alone.
func TestPrintableEverywhere(t *testing.T) {
	for c := 0; c < 256; c++ {
		checkPrintable(t, string([]byte{byte(c)}))
	}
	for _, plane := range [][2]rune{{0, 0x323af}, {0xe0000, 0xe01ff}, {0xffffe, 0x100001}, {0x10fffd, unicode.MaxRune}} {
		for r := plane[0]; r <= plane[1]; r++ {
			checkPrintable(t, "a"+string(r))
		}
	}
}

// checkPrintable checks what Printable makes of bytes against its promises.
func checkPrintable(t *testing.T, in string) {
	t.Helper()
	got := Printable([]byte(in))
	if !utf8.ValidString(got) {
		t.Fatalf("%q: %q is not UTF-8", in, got)
	}
	for _, r := range got {
		if !visible(r) || unicode.Is(unicode.C, r) || r != ' ' && unicode.Is(unicode.Z, r) {
			t.Fatalf("%q: %q holds %U", in, got, r)
		}
	}
	if len(got) > 4*len(in) {
		t.Fatalf("%q: %d octets became %d", in, len(in), len(got))
	}
	if again := Printable([]byte(got)); again != got {
		t.Fatalf("%q: %q became %q the second time", in, got, again)
	}
	if plainASCII([]byte(in)) && got != in {
		t.Fatalf("ASCII %q became %q", in, got)
	}
}

func FuzzPrintable(f *testing.F) {
	for _, tt := range printables {
		f.Add(tt.in)
	}
	for _, tt := range misreplies {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, in string) { checkPrintable(t, in) })
}
