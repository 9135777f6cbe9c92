package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"smtptest/probe/smtp"
)

// minOctets is the length from which on a value has forms. Shorter ones are
// in every text by chance, and a mask in their place would reveal them.
const minOctets = 4

// Forms lists the ways in which a value could be written: as it is, made
// printable, in base64, hexadecimal, and escaped for URLs, JSON and HTML;
// each once, the longest first. It is nil for values under four octets.
//
// Base64 is listed for each of the three places where the value can begin
// inside what was encoded. A form then holds only the characters that the
// value alone decides; up to one more on either side holds a few bits of it.
//
// Not listed: encodings broken over lines, quoted-printable, other character
// sets than UTF-8, and one encoding inside another.
func Forms(value string) []string {
	if len(value) < minOctets {
		return nil
	}
	forms := slices.Concat(
		[]string{value, smtp.Printable([]byte(value))},
		base64Forms(value), hexForms(value), urlForms(value), jsonForms(value), htmlForms(value),
	)
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(forms)
}

// base64Forms encodes the value behind none, one and two other octets. In
// each case it lists what does not depend on the octets before, up to the
// end with padding, without it, and up to where other octets could follow.
func base64Forms(value string) []string {
	var forms []string
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for before := range 3 {
			first := (before*8 + 5) / 6
			whole := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + value))
			sure := (before + len(value)) * 8 / 6
			forms = append(forms, whole[first:], strings.TrimRight(whole[first:], "="), whole[first:sure])
		}
	}
	return forms
}

func hexForms(value string) []string {
	lower := hex.EncodeToString([]byte(value))
	return []string{lower, strings.ToUpper(lower)}
}

// urlForms differ in what they leave alone: Go's three escapers, a form with
// spaces as %20, and what browsers do, which spare five more characters.
func urlForms(value string) []string {
	query := url.QueryEscape(value)
	component := strings.ReplaceAll(query, "+", "%20")
	browser := strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(component)
	forms := []string{query, component, browser, url.PathEscape(value), (&url.URL{Path: value}).EscapedPath()}
	for _, f := range forms {
		forms = append(forms, lowerEscapes(f))
	}
	return forms
}

// lowerEscapes turns %2F into %2f.
func lowerEscapes(escaped string) string {
	b := []byte(escaped)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], bytes.ToLower(b[i+1:i+3]))
		}
	}
	return string(b)
}

// jsonForms are what Go writes with and without care for HTML, and what
// others write who keep to ASCII or escape the solidus (RFC 8259 §7).
func jsonForms(value string) []string {
	plain := jsonString(value, false)
	forms := []string{plain, asciiJSON(plain), jsonString(value, true)}
	for _, f := range forms {
		forms = append(forms, strings.ReplaceAll(f, "/", `\/`))
	}
	return forms
}

func jsonString(value string, forHTML bool) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(forHTML)
	if e.Encode(value) != nil {
		return value // a string can always be encoded
	}
	quoted := strings.TrimSuffix(b.String(), "\n")
	return quoted[1 : len(quoted)-1]
}

func asciiJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// htmlForms escape all five characters, in the two spellings that are usual,
// or only the three that chat platforms ask for.
func htmlForms(value string) []string {
	all := html.EscapeString(value)
	return []string{
		all,
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#039;").Replace(all),
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "'").Replace(all),
		strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(value),
	}
}
