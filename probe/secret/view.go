package secret

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// view is a text in another form. Each byte knows where in the text it came
// from.
type view struct {
	data []byte
	from []span
}

func plainView(text string) view {
	v := view{[]byte(text), make([]span, len(text))}
	for i := range v.from {
		v.from[i] = span{i, i + 1}
	}
	return v
}

func (v *view) add(data []byte, sp span) {
	v.data = append(v.data, data...)
	for range data {
		v.from = append(v.from, sp)
	}
}

// between is where the bytes from i to j came from.
func (v view) between(i, j int) span { return span{v.from[i].from, v.from[j-1].to} }

// folded is a view without case, and with one alphabet of base64.
func (v view) folded() view {
	data := []byte(lowerASCII(string(v.data)))
	for i, c := range data {
		switch c {
		case '-':
			data[i] = '+'
		case '_':
			data[i] = '/'
		}
	}
	return view{data, v.from}
}

// letterOrDigit is an ASCII letter or digit in lower case, 0 for all else.
func letterOrDigit(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return c
	}
	return 0
}

// squeezed keeps letters and digits alone, without case.
func (v view) squeezed() view {
	out := view{make([]byte, 0, len(v.data)), make([]span, 0, len(v.data))}
	for i := 0; i < len(v.data); {
		if c := v.data[i]; c < utf8.RuneSelf {
			if i++; letterOrDigit(c) != 0 {
				out.data, out.from = append(out.data, letterOrDigit(c)), append(out.from, v.from[i-1])
			}
			continue
		}
		r, size := utf8.DecodeRune(v.data[i:])
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r == utf8.RuneError && size == 1 {
			letter := v.data[i : i+size]
			if size > 1 {
				letter = []byte(string(unicode.ToLower(r)))
			}
			out.add(letter, v.between(i, i+size))
		}
		i += size
	}
	return out
}

// unescaped reads the escapes of URLs and quoted-printable (%41, =41), of C and
// JSON (\x41, 0x41, \101, \u0041, \u{41}, \"), and of HTML (&#65;, &#x41;, &amp;).
// Where there is none, ok is false.
func (v view) unescaped() (out view, ok bool) {
	for i := 0; i < len(v.data); {
		data, size := v.data[i:i+1], 1
		if bytes.IndexByte([]byte(`%=\0&`), v.data[i]) >= 0 {
			if got, n := escape(string(v.data[i:min(i+12, len(v.data))])); n > 0 {
				data, size, ok = got, n, true
			}
		}
		out.add(data, v.between(i, i+size))
		i += size
	}
	return out, ok
}

// escape reads the escape that a text begins with, and its length; 0: there is
// none.
func escape(text string) (data []byte, size int) {
	number := func(prefix string, digits, base int) bool {
		rest, found := strings.CutPrefix(text, prefix)
		if !found || len(rest) < digits {
			return false
		}
		n, err := strconv.ParseUint(rest[:digits], base, 16)
		if err != nil {
			return false
		}
		data, size = []byte{byte(n)}, len(prefix)+digits
		if n > 255 || prefix == `\u` {
			data = []byte(string(rune(n)))
		}
		return true
	}
	switch {
	case number("%", 2, 16), number("=", 2, 16), number(`\x`, 2, 16), number("0x", 2, 16), number(`\u`, 4, 16),
		number(`\`, 3, 8):
		return data, size
	case strings.HasPrefix(text, `\u{`), strings.HasPrefix(text, "&"):
		end := strings.IndexAny(text, "};")
		if end < 0 {
			return nil, 0
		}
		entity := text[:end+1]
		if hex, braces := strings.CutPrefix(entity, `\u{`); braces {
			entity = "&#x" + strings.TrimSuffix(hex, "}") + ";"
		}
		if plain := html.UnescapeString(entity); plain != entity {
			return []byte(plain), end + 1
		}
	case len(text) > 1 && text[0] == '\\' && text[1] < utf8.RuneSelf:
		return []byte(text[1:2]), 2
	}
	return nil, 0
}

// codec is an encoding of bytes in letters.
type codec struct {
	bits   int               // of each letter
	least  int               // letters that hold a run
	shifts int               // letters that may stand before the encoding begins
	value  func(c byte) int  // of a letter; -1: none
	skip   func(c byte) bool // between letters; nil: nothing
}

var codecs = []codec{
	{6, 8, 4, base64Value, nil},
	{5, 10, 1, base32Value, nil},
	{4, 12, 2, hexValue, func(c byte) bool { return strings.IndexByte(": -,.", c) >= 0 }},
}

func base64Value(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+', c == '-':
		return 62
	case c == '/', c == '_':
		return 63
	}
	return -1
}

func base32Value(c byte) int {
	switch lower := c | 0x20; {
	case 'a' <= lower && lower <= 'z':
		return int(lower - 'a')
	case '2' <= c && c <= '7':
		return int(c-'2') + 26
	}
	return -1
}

func hexValue(c byte) int {
	switch lower := c | 0x20; {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= lower && lower <= 'f':
		return int(lower-'a') + 10
	}
	return -1
}

// search looks at one text in all its views, those with the fewest encodings
// first: what is deep inside must not use up the work that is due to the rest.
type search struct {
	masker *Masker
	left   int // bytes that may still be decoded
	next   []view
	spans  []span
}

func (s *search) run(text string) {
	s.next = []view{plainView(text)}
	for depth := 0; depth <= maxDepth && len(s.next) > 0; depth++ {
		now := s.next
		s.next = nil
		for _, v := range now {
			s.view(v, depth < maxDepth)
		}
	}
}

func (s *search) view(v view, deeper bool) {
	all := []view{v}
	if u, ok := v.unescaped(); ok {
		all = append(all, u)
	}
	for _, w := range all {
		s.match(w.folded(), gramBytes)
		s.match(w.folded(), longRun)
		squeezed := w.squeezed()
		for length := range s.masker.runs {
			s.match(squeezed, length)
		}
		for _, c := range codecs {
			if deeper {
				s.decode(w, c)
			}
		}
	}
}

func (s *search) match(v view, length int) {
	eachGram(v.data, length, func(at int, gram uint64) {
		if s.masker.has(gram) {
			s.spans = append(s.spans, v.between(at, at+length))
		}
	})
}

// decode reads every run of a codec's letters, from each place where a byte
// could begin.
func (s *search) decode(v view, c codec) {
	var letters []int // places in v
	flush := func() {
		for first := range c.shifts {
			if len(letters)-first < c.least {
				break
			}
			if s.left -= len(letters) * c.bits / 8; s.left < 0 {
				break
			}
			s.next = append(s.next, read(v, c, letters[first:]))
		}
		letters = letters[:0]
	}
	for i, b := range v.data {
		switch {
		case c.value(b) >= 0:
			letters = append(letters, i)
		case c.skip == nil || !c.skip(b):
			flush()
		}
	}
	flush()
}

// read decodes the letters at these places.
func read(v view, c codec, letters []int) view {
	out := view{data: make([]byte, 0, len(letters)*c.bits/8+1), from: make([]span, 0, len(letters)*c.bits/8+1)}
	have, value := 0, 0
	begins := 0 // the letter that holds the first bit of the next byte
	for i, at := range letters {
		if have == 0 {
			begins = i
		}
		value, have = value<<c.bits|c.value(v.data[at]), have+c.bits
		if have >= 8 {
			have -= 8
			out.add([]byte{byte(value >> have)}, span{v.from[letters[begins]].from, v.from[at].to})
			value &= 1<<have - 1
			begins = i
		}
	}
	return out
}
