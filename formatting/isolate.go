package formatting

import "strings"

// First-strong isolate and its end (UAX #9, section 2.4): what stands between
// them is ordered for itself, and the text around it is not moved. Slack and
// Discord are drawn by browsers and by the systems of telephones, and terminals
// that order text at all follow the same rules.
const (
	isolate    = "\u2068"
	endIsolate = "\u2069"
)

// maxIsolates bounds how many a line gets; the last then reaches to the last
// letter that is written from right to left.
const maxIsolates = 8

// IsolateRunes is how many runes longer a line can become by Isolate.
const IsolateRunes = 2 * maxIsolates

// Isolate keeps letters that are written from right to left from moving the words
// and numbers around them: a server's text stands inside our sentences. A quote is
// isolated as a whole, and outside of quotation marks each run of such letters.
// Our own words have none, so that it does not matter who said what. A text that
// has isolates already stays as it is.
func Isolate(text string) string {
	if !strings.ContainsFunc(text, rightToLeft) || strings.Contains(text, isolate) {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) { // a line end would end them
		isolateLine(&b, line)
	}
	return b.String()
}

func isolateLine(b *strings.Builder, rest string) {
	closes := true // there may still be quotation marks that end
	for n := 1; ; n++ {
		from := strings.IndexFunc(rest, rightToLeft)
		if from < 0 {
			b.WriteString(rest)
			return
		}
		to := from + run(rest[from:])
		if n == maxIsolates {
			to = after(rest, strings.LastIndexFunc(rest, rightToLeft))
		} else if open := strings.LastIndex(rest[:from], "“"); open >= 0 && closes {
			if end := strings.Index(rest[open:], "”"); end < 0 {
				closes = false
			} else if open+end > from {
				from, to = open+len("“"), open+end
			}
		}
		b.WriteString(rest[:from] + isolate + rest[from:to] + endIsolate)
		rest = rest[to:]
	}
}

// run is the length of what begins with a letter from right to left and ends with
// the last one before a letter from left to right.
func run(text string) int {
	end := 0
	for i, r := range text {
		if 'a' <= r|0x20 && r|0x20 <= 'z' {
			break
		}
		if rightToLeft(r) {
			end = after(text, i)
		}
	}
	return end
}

// after is the place behind the rune at i.
func after(text string, i int) int {
	for j := range text[i:] {
		if j > 0 {
			return i + j
		}
	}
	return len(text)
}

// rightToLeft knows the blocks whose letters are written so, those that are not
// assigned yet too: the defaults of DerivedBidiClass.txt of Unicode 17.
func rightToLeft(r rune) bool {
	return r >= 0x590 && (r <= 0x8ff || 0xfb1d <= r && r <= 0xfdff || 0xfe70 <= r && r <= 0xfefe ||
		0x10800 <= r && r <= 0x10fff || 0x1e800 <= r && r <= 0x1efff)
}
