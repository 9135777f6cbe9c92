package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// lineOctets is what a value may take to stay in one line.
const lineOctets = 110

// indented is a value as JSON for people: each member of the outermost object
// has a line of its own, and so have those of an object or a list that would
// be too long in one line. What contains no others stays in one.
func indented(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil { // our own types always have a form in JSON
		return fmt.Sprintf("%q\n", err)
	}
	var out strings.Builder
	spread(&out, bytes.TrimSpace(b.Bytes()), "")
	return readably.Replace(out.String()) + "\n"
}

// readably takes out the escapes that JSON needs inside HTML alone, and makes
// the one character visible that renderers use and nobody sees. An escaped
// backslash is replaced by itself, so that what follows it is not taken for an
// escape.
var readably = strings.NewReplacer(`\\`, `\\`, `\u003c`, "<", `\u003e`, ">", `\u0026`, "&", "\u200b", `\u200b`)

// spread writes the members of an object or a list below each other.
func spread(b *strings.Builder, encoded json.RawMessage, indent string) {
	inner, between := indent+"  ", "\n"
	b.WriteByte(encoded[0])
	for _, m := range members(encoded) {
		b.WriteString(between + inner)
		between = ",\n"
		if m.name != "" {
			fmt.Fprintf(b, "%q: ", m.name)
		}
		if len(m.value) > lineOctets && nested(m.value) {
			spread(b, m.value, inner)
			continue
		}
		b.Write(m.value)
	}
	b.WriteString("\n" + indent + string(encoded[len(encoded)-1]))
}

// nested reports an object or a list that contains another.
func nested(encoded json.RawMessage) bool {
	return composite(encoded) && slices.ContainsFunc(members(encoded), func(m member) bool { return composite(m.value) })
}

func composite(encoded json.RawMessage) bool { return encoded[0] == '{' || encoded[0] == '[' }

type member struct {
	name  string // empty: of a list
	value json.RawMessage
}

// members are those of an object or a list, in order.
func members(encoded json.RawMessage) []member {
	d := json.NewDecoder(bytes.NewReader(encoded))
	open, err := d.Token()
	var all []member
	for err == nil && d.More() {
		var m member
		if open == json.Delim('{') {
			var name json.Token
			name, err = d.Token()
			m.name, _ = name.(string)
		}
		if err == nil {
			err = d.Decode(&m.value)
		}
		all = append(all, m)
	}
	return all
}
