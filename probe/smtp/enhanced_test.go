package smtp

import "testing"

var enhanced = []struct {
	name, in, want, rest string
}{
	{"success", "2.0.0 Ready", "2.0.0", "Ready"},
	{"later", "4.7.0 Try again", "4.7.0", "Try again"},
	{"refusal", "5.7.139 Authentication unsuccessful", "5.7.139", "Authentication unsuccessful"},
	{"alone", "2.1.5", "2.1.5", ""},
	{"three digits", "5.999.999 a", "5.999.999", "a"},
	{"leading zeros", "5.07.001 a", "5.7.1", "a"},
	{"two spaces", "5.1.1  a", "5.1.1", " a"},
	{"one space", "5.1.1 ", "5.1.1", ""},
	{"class 1", "1.0.0 a", "", "1.0.0 a"},
	{"class 3", "3.0.0 a", "", "3.0.0 a"},
	{"class of two digits", "55.1.1 a", "", "55.1.1 a"},
	{"class with a zero", "05.1.1 a", "", "05.1.1 a"},
	{"four digits", "5.1000.1 a", "", "5.1000.1 a"},
	{"two numbers", "5.1 a", "", "5.1 a"},
	{"four numbers", "5.1.1.1 a", "", "5.1.1.1 a"},
	{"IPv4 address", "4.4.8.8 is blocked", "", "4.4.8.8 is blocked"},
	{"empty subject", "5..1 abc", "", "5..1 abc"},
	{"empty detail", "5.10. abc", "", "5.10. abc"},
	{"comma", "5.7.1, a", "", "5.7.1, a"},
	{"hash before", "#5.1.0 Address rejected", "", "#5.1.0 Address rejected"},
	{"space before", " 5.1.1 a", "", " 5.1.1 a"},
	{"minus", "5.-1.1 a", "", "5.-1.1 a"},
	{"plus", "5.+1.1 a", "", "5.+1.1 a"},
	{"digits beyond ASCII", "5.١.١ a", "", "5.١.١ a"},
	{"words", "Ok. So. Fine", "", "Ok. So. Fine"},
	{"empty", "", "", ""},
}

func TestParseEnhanced(t *testing.T) {
	for _, tt := range enhanced {
		t.Run(tt.name, func(t *testing.T) {
			got, rest, ok := ParseEnhanced(tt.in)
			if got.String() != tt.want || rest != tt.rest || ok != (tt.want != "") || got.IsZero() == ok {
				t.Errorf("got %q, %q, %v; want %q, %q", got, rest, ok, tt.want, tt.rest)
			}
		})
	}
}

func FuzzParseEnhanced(f *testing.F) {
	for _, tt := range enhanced {
		f.Add(tt.in)
	}
	for _, tt := range replies {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, rest, ok := ParseEnhanced(text)
		if !ok {
			if !code.IsZero() || rest != text {
				t.Fatalf("%q: no code, but %v and %q", text, code, rest)
			}
			return
		}
		if c := code.Class; c != 2 && c != 4 && c != 5 || code.Subject > 999 || code.Detail > 999 || code.Subject < 0 ||
			code.Detail < 0 {
			t.Fatalf("%q: read as %v", text, code)
		}
		again, _, ok := ParseEnhanced(code.String() + " " + rest)
		if !ok || again != code {
			t.Fatalf("%q: written %q, read again as %v", text, code, again)
		}
	})
}
