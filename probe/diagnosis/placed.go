package diagnosis

import "strings"

// placed names the place in findings of a report that comes from another one than
// that of the reader, who would take “here” for their own. Words in quotation marks
// are the server's, and stay.
func placed(findings []Finding, vantage string) {
	if vantage == "" {
		return
	}
	r := strings.NewReplacer(
		"from here", "from "+vantage, "This network", "The network of "+vantage, "this network", "the network of "+vantage,
		"This machine", "The machine at "+vantage, "this machine", "the machine at "+vantage,
		"or test from another place", "or test from a third place",
	)
	for i := range findings {
		f := &findings[i]
		f.Title, f.Explanation, f.Advice = outside(f.Title, r), outside(f.Explanation, r), outside(f.Advice, r)
	}
}

// outside replaces what stands outside quotation marks.
func outside(text string, r *strings.Replacer) string {
	var b strings.Builder
	for text != "" {
		open := strings.IndexAny(text, "“\"")
		if open < 0 {
			break
		}
		b.WriteString(r.Replace(text[:open]))
		text = text[open:]
		end := strings.IndexAny(text[1:], "”\"")
		if end < 0 {
			b.WriteString(text)
			return b.String()
		}
		end += 2
		for end < len(text) && text[end]&0xc0 == 0x80 { // the rest of the closing mark
			end++
		}
		b.WriteString(text[:end])
		text = text[end:]
	}
	return b.String() + r.Replace(text)
}
