package sasl

import "strings"

// lws is the white space that may stand around directives (RFC 2831 §7.1).
const lws = " \t\r\n"

// directive is one NAME=VALUE of a DIGEST-MD5 challenge.
type directive struct {
	name  string // in lower case
	value string // without quotation marks and escapes
}

// valuesOf lists the values of all directives with this name.
func valuesOf(directives []directive, name string) []string {
	var values []string
	for _, d := range directives {
		if d.name == name {
			values = append(values, d.value)
		}
	}
	return values
}

// parseDirectives reads a list of directives. Empty members are allowed
// (RFC 2831 §7.1). ok is false for anything else that is not a list.
func parseDirectives(text string) (all []directive, ok bool) {
	for {
		text = strings.TrimLeft(text, lws+",")
		if text == "" {
			return all, true
		}
		name, rest, found := strings.Cut(text, "=")
		name = strings.TrimRight(name, lws)
		value, rest, valid := cutValue(strings.TrimLeft(rest, lws))
		rest = strings.TrimLeft(rest, lws)
		if !found || !isToken(name) || !valid || rest != "" && rest[0] != ',' {
			return nil, false
		}
		all = append(all, directive{strings.ToLower(name), value})
		text = rest
	}
}

// cutValue takes a token or a quoted string off the front.
func cutValue(text string) (value, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		return cutQuoted(text[1:])
	}
	end := strings.IndexAny(text, lws+",")
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:], isToken(text[:end])
}

// cutQuoted takes what stands before the closing quotation mark.
func cutQuoted(text string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return b.String(), text[i+1:], true
		case '\\':
			if i++; i == len(text) {
				return "", "", false
			}
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}

// isToken is more lenient than RFC 2831 §7.1: nonces in base64 are seen
// without quotation marks, and "=" is no token character there.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == ',' || c == '"' {
			return false
		}
	}
	return s != ""
}

func quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}
