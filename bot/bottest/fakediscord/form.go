package fakediscord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// field is one place of a request's body. Asking it for a type notes a fault
// when it has another one; the faults of a whole body go out together, in the
// tree that Discord sends (API Reference, Error Messages).
type field struct {
	errors map[string]any // shared by all fields of a body
	path   []string
	value  any
}

func newForm(value any) field { return field{errors: map[string]any{}, value: value} }

// decode reads a JSON value and nothing behind it.
func decode(octets []byte) (any, *refusal) {
	d := json.NewDecoder(bytes.NewReader(octets))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, refuse(codeInvalidJSON)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, refuse(codeInvalidJSON)
	}
	return v, nil
}

// refused is the answer to a body with faults; nil: it has none.
func (f field) refused() *refusal {
	if len(f.errors) == 0 {
		return nil
	}
	r := refuse(codeFormBody)
	r.errors = f.errors
	return r
}

func (f field) fail(code, message string, args ...any) {
	at := f.errors
	for _, name := range f.path {
		inner, ok := at[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[name] = inner
		}
		at = inner
	}
	list, _ := at["_errors"].([]any)
	at["_errors"] = append(list, map[string]any{"code": code, "message": fmt.Sprintf(message, args...)})
}

func (f field) required() { f.fail("BASE_TYPE_REQUIRED", "This field is required") }

// null reports a member that is absent or null: Discord tells the two apart
// only where it clears something.
func (f field) null() bool { return f.value == nil }

func (f field) step(name string, value any) field {
	return field{f.errors, append(slices.Clip(f.path), name), value}
}

// at is a member of an object.
func (f field) at(name string) field {
	o, _ := f.value.(map[string]any)
	return f.step(name, o[name])
}

// object notes anything but an object.
func (f field) object() bool {
	_, ok := f.value.(map[string]any)
	if !ok {
		f.fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
	}
	return ok
}

// list is an array of least to most elements; an absent one may pass if least is 0.
func (f field) list(least, most int) []field {
	if f.null() {
		if least > 0 {
			f.required()
		}
		return nil
	}
	values, ok := f.value.([]any)
	if !ok {
		f.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
		return nil
	}
	f.length(len(values), least, most)
	var out []field
	for i, v := range values {
		out = append(out, f.step(strconv.Itoa(i), v))
	}
	return out
}

func (f field) length(n, least, most int) {
	switch {
	case n >= least && n <= most:
	case least > 0:
		f.fail("BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", least, most)
	default:
		f.fail("BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", most)
	}
}

// text is a string of least to most code points; an absent one may pass if
// least is 0.
func (f field) text(least, most int) string {
	if f.null() {
		if least > 0 {
			f.required()
		}
		return ""
	}
	s, ok := f.value.(string)
	if !ok {
		f.fail("STRING_TYPE_CONVERT", "Could not interpret %q as string.", fmt.Sprint(f.value))
		return ""
	}
	if s == "" && least > 0 {
		f.required()
		return ""
	}
	f.length(utf8.RuneCountInString(s), least, most)
	return s
}

// whole is a whole number between least and most; absent: 0.
func (f field) whole(least, most int64) int64 {
	if f.null() {
		return 0
	}
	n, ok := f.value.(json.Number)
	i, err := n.Int64()
	switch {
	case !ok || err != nil:
		f.fail("NUMBER_TYPE_COERCE", "Value %q is not int.", fmt.Sprint(f.value))
		return 0
	case i < least:
		f.fail("NUMBER_TYPE_MIN", "int value should be greater than or equal to %d.", least)
	case i > most:
		f.fail("NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", most)
	}
	return i
}

// among is a whole number of a set; an absent one is noted.
func (f field) among(set ...int64) int64 {
	if f.null() {
		f.required()
		return 0
	}
	i := f.whole(-1<<53, 1<<53)
	if !slices.Contains(set, i) {
		f.choices(set)
	}
	return i
}

func (f field) choices(set []int64) {
	var names []string
	for _, n := range set {
		names = append(names, strconv.FormatInt(n, 10))
	}
	f.fail("BASE_TYPE_CHOICES", "Value must be one of {%s}.", strings.Join(names, ", "))
}

// yes is a boolean; absent: false.
func (f field) yes() bool {
	b, ok := f.value.(bool)
	if !ok && !f.null() {
		f.fail("BOOL_TYPE_CONVERT", "Must be either true or false.")
	}
	return b
}

// address is an absent or a web address (Discord, Embed Object: http and
// https; images may be attachment://NAME).
func (f field) address(schemes ...string) {
	s := f.text(0, 2048)
	ok := s == ""
	for _, scheme := range schemes {
		ok = ok || strings.HasPrefix(s, scheme+"://")
	}
	if !ok {
		f.fail("URL_TYPE_INVALID_SCHEME", "Scheme must be one of (%s).", strings.Join(schemes, ", "))
	}
}

// distinct notes a text that was there before, where Discord wants none twice.
func (f field) distinct(seen map[string]bool, s, code, message string) {
	if s != "" && seen[s] {
		f.fail(code, "%s", message)
	}
	seen[s] = true
}
