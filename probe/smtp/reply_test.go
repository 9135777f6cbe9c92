package smtp

import (
	"io"
	"strings"
	"testing"
)

func TestReplyAccessors(t *testing.T) {
	r, err := read("550-5.7.1 first\r\n550 5.7.26 second\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if r.Code != 550 || r.Class() != 5 || r.Positive() || r.Enhanced != (EnhancedCode{5, 7, 1}) {
		t.Errorf("read as %+v", r)
	}
	if want := "5.7.1 first\n5.7.26 second"; r.Text() != want {
		t.Errorf("text %q, want %q", r.Text(), want)
	}
	if none := (&Reply{}); none.Class() != 0 || none.Positive() || none.String() != "" || none.Text() != "" {
		t.Errorf("the zero reply says %q", none)
	}
}

// TestReplyEnhanced looks for the code on the lines of a reply: its class
// must be that of the reply code (RFC 2034 §4).
func TestReplyEnhanced(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     EnhancedCode
	}{
		{"first line", "535 5.7.8 bad credentials\r\n", EnhancedCode{5, 7, 8}},
		{"second line", "550-no\r\n550 5.1.1 user unknown\r\n", EnhancedCode{5, 1, 1}},
		{"first of two", "550-5.7.1 a\r\n550 5.7.26 b\r\n", EnhancedCode{5, 7, 1}},
		{"not on the first line alone", "250-mx\r\n250 2.0.0\r\n", EnhancedCode{2, 0, 0}},
		{"other class", "250 5.7.1 a\r\n", EnhancedCode{}},
		{"other class, then the right one", "450-5.7.1 a\r\n450 4.7.1 b\r\n", EnhancedCode{4, 7, 1}},
		{"a challenge has none", "334 3.0.0 a\r\n", EnhancedCode{}},
		{"none", "250 ok\r\n", EnhancedCode{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := read(tt.in); err != nil || got.Enhanced != tt.want {
				t.Errorf("got %v, %v; want %v", got.Enhanced, err, tt.want)
			}
		})
	}
}

// TestLineRaw keeps octets only where the text does not show them.
func TestLineRaw(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "250 ok\r\n", ""},
		{"bare LF", "250 ok\n", "250 ok\n"},
		{"NUL", "250 a\x00\r\n", "250 a\x00\r\n"},
		{"tab", "250 a\tb\r\n", "250 a\tb\r\n"},
		{"UTF-8", "250 ü\r\n", "250 ü\r\n"},
		{"no separator", "250ok\r\n", "250ok\r\n"},
		{"long", "250 " + strings.Repeat("a", 600) + "\r\n", "250 " + strings.Repeat("a", 600) + "\r\n"},
		{"cut", "250 " + strings.Repeat("a", 5000) + "\r\n", "250 " + strings.Repeat("a", 4092)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if raw := got.Lines[0].Raw; string(raw) != tt.want || (raw == nil) != (tt.want == "") {
				t.Errorf("raw %q, want %q", raw, tt.want)
			}
		})
	}
}

// TestLineRawIsACopy reads on: the octets kept must not change.
func TestLineRawIsACopy(t *testing.T) {
	c := NewConn(&wire{chunks: chunks("250 first\n250 other\n", []byte{9}), end: io.EOF}, still, &recording{})
	first, err := c.ReadReply()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadReply(); err != nil {
		t.Fatal(err)
	}
	if raw := string(first.Lines[0].Raw); raw != "250 first\n" {
		t.Errorf("raw became %q", raw)
	}
}

func TestDeviationWords(t *testing.T) {
	all := []Deviation{DeviationBareLF, DeviationBareCR, DeviationNUL, Deviation8Bit, DeviationControl,
		DeviationMixedCodes, DeviationNoSeparator, DeviationNoCode,
		DeviationLongLine, DeviationCutLine, DeviationNoLineEnd, DeviationNoFinalLine, DeviationUnknownClass,
		DeviationAlreadyThere}
	seen := map[string]bool{}
	for _, o := range all {
		if words := o.Words(); words == "" || seen[words] {
			t.Errorf("%s: %q is empty or said twice", o, words)
		} else {
			seen[words] = true
		}
	}
	if words := Deviation("other").Words(); words != "" {
		t.Errorf("an unknown deviation says %q", words)
	}
}
