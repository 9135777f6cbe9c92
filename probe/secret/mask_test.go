package secret

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/probetest/cost"
	"smtptest/probe/smtp"
)

var masked = []struct{ name, value, text, want string }{
	{"nothing there", "hunter22", "250 ok", "250 ok"},
	{"as it is", "hunter22", "535 hunter22 is wrong", "535 [redacted] is wrong"},
	{"twice", "hunter22", "hunter22 hunter22", "[redacted] [redacted]"},
	{"side by side", "hunter22", "hunter22hunter22", "[redacted]"},
	{"another case", "hunter22", "HUNTER22", "[redacted]"},
	{"an ordinary word of it", "MyPassword2024", "535 wrong password", "535 wrong password"},
	{"a run of five", "hunter22", "unter nter2", "unter nter2"},
	{"overlapping", "abab", "xababab", "x[redacted]ab"},
	{"base64", "hunter22", "334 aHVudGVyMjI=", "334 [redacted]"},
	{"base64 without padding", "hunter22", "334 aHVudGVyMjI", "334 [redacted]"},
	{"PLAIN response", "hunter22", "535 AGFAYi5jAGh1bnRlcjIy", "535 AGFAYi5jA[redacted]"},
	{"base64 for URLs", "??>>~~", "Pz8-Pn5-", "[redacted]"},
	{"hexadecimal", "hunter22", "68756e7465723232", "[redacted]"},
	{"hexadecimal in either case", "hunter22", "68756E7465723232 68756e7465723232 68756E7465723232",
		"[redacted] [redacted] [redacted]"},
	{"hexadecimal in mixed case", "jklmno", "6A6b6C6d6E6f", "[redacted]"},
	{"URL", "p&s w+rd", "?pass=p%26s+w%2Brd p%26s%20w%2Brd p%26s%20w%2brd", "?pass=[redacted] [redacted] [redacted]"},
	{"JSON", `p"s\w<é`, `{"a":"p\"s\\w<é","b":"p\"s\\w\u003cé","c":"p\"s\\w<\u00e9"}`,
		`{"a":"[redacted]","b":"[redacted]","c":"[redacted]"}`},
	{"HTML", `p"s<w'`, `p&#34;s&lt;w&#39; p&quot;s&lt;w&#039; p"s&lt;w'`, "[redacted] [redacted] [redacted]"},
	{"made printable", "pass\u200bword\a", `535 pass\u{200b}word\x07`, "535 [redacted]"},
	{"four octets", "abcd", "abcd", "[redacted]"},
	{"three octets are not looked for", "abc", "abc", "abc"},
	{"the mark itself", "redacted", "redacted", "[redacted]"},
	{"no secret", "", "text", "text"},
	{"no text", "hunter22", "", ""},
	{"letters that change length in lower case", "abcdef", "İİ 616263646566", "İİ [redacted]"},
}

func TestMask(t *testing.T) {
	for _, tt := range masked {
		t.Run(tt.name, func(t *testing.T) {
			s := New(tt.value)
			if got := s.Mask(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if s.In(tt.text) != (tt.text != tt.want) {
				t.Errorf("In says %v", s.In(tt.text))
			}
		})
	}
}

// TestFormsFromOutside writes the canary with encoders that Forms does not
// use in the same way, each with other text around it.
func TestFormsFromOutside(t *testing.T) {
	s := New(canary)
	quoted, err := json.Marshal(map[string]string{"pass": "x" + canary + "y"})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{
		"x" + canary + "y", string(quoted), html.EscapeString("<" + canary + ">"),
		url.Values{"pass": {canary}}.Encode(), (&url.URL{Path: "/a" + canary + "b"}).String(),
		hex.EncodeToString([]byte("x" + canary + "y")), fmt.Sprintf("%X", "x"+canary),
		fmt.Sprintf("%q", canary), fmt.Sprintf("%+q", canary), smtp.Printable([]byte("\x00" + canary)),
	}
	for before := range 7 {
		for after := range 4 {
			whole := strings.Repeat("u", before) + canary + strings.Repeat("v", after)
			for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding,
				base64.RawURLEncoding} {
				texts = append(texts, e.EncodeToString([]byte(whole)))
			}
		}
	}
	for _, text := range texts {
		if !s.In(text) {
			t.Errorf("not found in %q", text)
		}
	}
}

// TestEveryEncoding writes a secret in all the ways that servers and those who
// mean harm have been seen to write it, whole and in part.
func TestEveryEncoding(t *testing.T) {
	const value = "Xk9-canary_Pass.word7!Q"
	b64 := base64.StdEncoding.EncodeToString
	each := func(format string) string {
		var b strings.Builder
		for _, c := range []byte(value) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
	between := func(sep string) string { return strings.Join(strings.Split(value, ""), sep) }
	backwards := []byte(value)
	slices.Reverse(backwards)
	for name, text := range map[string]string{
		"first 15": value[:15], "last 15": value[8:], "without its first": value[1:], "without its last": value[:22],
		"upper": strings.ToUpper(value), "lower": strings.ToLower(value), "backwards": string(backwards),
		"base64 upper": strings.ToUpper(b64([]byte(value))), "base64 backwards": b64(backwards),
		"base64 cut": b64([]byte(value))[:20], "PLAIN cut": b64([]byte("\x00alice@mx.test\x00" + value))[20:48],
		"double base64": b64([]byte(b64([]byte(value)))), "base32": base32.StdEncoding.EncodeToString([]byte(value)),
		"base32 lower": strings.ToLower(base32.StdEncoding.EncodeToString([]byte("x" + value))),
		"spaces":       between(" "), "hyphens": between("-"), "zero width": between("\u200b"), "NUL": between("\x00"),
		"escape": between("\x1b"), "tab": between("\t"), "soft hyphen": value[:11] + "\u00ad" + value[11:],
		"base64 spaced": strings.Join(strings.Split(b64([]byte(value)), ""), " "), "UTF-16": each("%c\x00"),
		"base64 of UTF-16": b64([]byte(each("%c\x00"))), "hex": each("%02x"), "hex with colons": each("%02x:"),
		"hex with spaces": each("%02X "), `\x`: each(`\x%02x`), "0x": each("0x%02x,"), "octal": each(`\%03o`),
		"decimal entities": each("&#%d;"), "hexadecimal entities": each("&#x%x;"), "percent": each("%%%02X"),
		"quoted-printable": each("=%02X"), `\u`: each(`\u%04x`), `\u{}`: each(`\u{%x}`),
		"percent of base64": url.PathEscape(b64([]byte(value))),
		"hex of base64":     hex.EncodeToString([]byte(b64([]byte(value)))), "glued": "user=" + b64([]byte(value)),
	} {
		got := New(value).Mask("535 5.7.8 no: " + text)
		rest, ok := strings.CutPrefix(got, "535 5.7.8 no: ")
		if !ok || !strings.Contains(rest, mark) || len(strings.ReplaceAll(rest, mark, "")) > 12 {
			t.Errorf("%s: %q became %q", name, text, got)
		}
	}
}

// TestTrail: a value that is spread over texts is seen where one goes over into
// the next, and not where each is whole or has none.
func TestTrail(t *testing.T) {
	const value = "Xk9-canary_Pass.word7!Q"
	m := NewMasker(mark, value)
	b64 := base64.StdEncoding.EncodeToString([]byte(value))
	for _, tt := range []struct {
		texts []string
		want  bool
	}{
		{[]string{value[:12], value[12:]}, true}, {[]string{b64[:15], b64[15:]}, true},
		{strings.Split(value, ""), true}, {[]string{"Xk9-c", "anary"}, true},
		{[]string{"no " + value[:5], value[5:9]}, true},
		{[]string{hex.EncodeToString([]byte(value))[:9], "616e617279"}, false},
		{[]string{"k9", "-c"}, false}, {[]string{value, value}, false}, {[]string{value, "is wrong"}, false},
		{[]string{"authentication", "failed", "try again"}, false},
	} {
		var trail Trail
		crosses := false
		for _, text := range tt.texts {
			crosses = trail.Crosses(m, text) || crosses
		}
		if crosses != tt.want {
			t.Errorf("%q crosses: %t", tt.texts, crosses)
		}
	}
}

// TestAddRuns: a line in base64 is masked whole and from its beginning on, and what
// it was made of whole.
func TestAddRuns(t *testing.T) {
	const data = "\x00alice@mx.a.test\x00Xk9-canary_Pass.word7!Q"
	line := base64.StdEncoding.EncodeToString([]byte(data))
	for text, want := range map[string]string{
		"AUTH PLAIN " + line: "AUTH PLAIN " + mark, "cut: " + line[:20]: "cut: " + mark, line[4:14] + "...": mark + "...",
		"alice@mx.a.test": "alice@mx.a.test", "is " + smtp.Printable([]byte(data)): "is " + mark,
	} {
		m := NewMasker(mark, "Xk9-canary_Pass.word7!Q")
		m.AddRuns(data)
		if got := m.Mask(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// TestMaskCosts: the time is linear in the text, whatever it holds, and the
// forms are made once.
func TestMaskCosts(t *testing.T) {
	m := NewMasker(mark, strings.Repeat("€<&", 1800))
	for _, unit := range []string{"Y", "VFZSSg==", "QUFB", "%41", "&#65;", "4141", "a ", `\u{41}`} {
		cost.Linear(t, unit, 4096, func(n int) func() {
			line := strings.Repeat(unit, n/len(unit))
			return func() { m.Mask(line) }
		})
	}
	cost.Linear(t, "a secret", 4000, func(n int) func() {
		value := strings.Repeat("€<&", n)
		return func() { NewMasker(mark, value) }
	})
}

func TestForms(t *testing.T) {
	forms := Forms(canary)
	for i, f := range forms {
		if slices.Contains(forms[:i], f) {
			t.Errorf("%q is listed twice", f)
		}
		if i > 0 && len(f) > len(forms[i-1]) {
			t.Errorf("%q is longer than %q before it", f, forms[i-1])
		}
	}
	for _, value := range []string{"", "abc"} {
		if got := Forms(value); got != nil {
			t.Errorf("%q has the forms %q", value, got)
		}
	}
}

// FuzzMask checks three promises: each form is found wherever it stands, what
// is left between the masks holds none, and a text without one is untouched.
func FuzzMask(f *testing.F) {
	for _, tt := range masked {
		f.Add(tt.value, tt.text)
	}
	f.Add(canary, "334 "+base64.StdEncoding.EncodeToString([]byte(canary)))
	f.Fuzz(func(t *testing.T, value, text string) {
		s := New(value)
		forms := Forms(value)
		for _, form := range forms {
			if len(form) < minOctets {
				t.Fatalf("form %q of %q is too short to be looked for", form, value)
			}
			if whole := text + form + text; !covers(find(whole, value), len(text), len(text)+len(form)) &&
				!strings.Contains(text, form) && !crosses(text, form) {
				t.Errorf("%q is not found in %q", form, whole)
			}
		}
		checkRest(t, text, value)
		if !s.In(text) && s.Mask(text) != text {
			t.Errorf("%q became %q", text, s.Mask(text))
		}
	})
}

// crosses reports that the form is found first where text and form meet, so
// that the one behind it is left with its tail alone.
func crosses(text, form string) bool {
	return strings.Index(text+form, form) != len(text)
}

func covers(spans []span, from, to int) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return s.from <= from && to <= s.to })
}

// checkRest checks the pieces of a text that are not masked.
func checkRest(t *testing.T, text, value string) {
	t.Helper()
	from := 0
	for _, sp := range append(find(text, value), span{len(text), len(text)}) {
		if sp.from < from {
			t.Fatalf("spans of %q in %q are not in order", value, text)
		}
		for _, form := range Forms(value) {
			if strings.Contains(text[from:sp.from], form) {
				t.Errorf("%q is left in %q", form, text[from:sp.from])
			}
		}
		from = sp.to
	}
}
