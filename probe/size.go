package probe

import (
	"reflect"
	"strings"
)

// Size is an upper bound of the heap that the report holds, in bytes: texts,
// lists with their spare capacity, what pointers lead to, and what the
// allocator adds. It visits every field, so that no field can be forgotten.
// What several parts of the report share is counted for each of them.
func (r *Report) Size() int { return HeapOf(r) }

// HeapOf is the same for any value that is made of texts, numbers, structs,
// slices and pointers alone, without circles: what it holds outside of itself.
func HeapOf(value any) int { return behind(reflect.ValueOf(value)) }

// behind is what a value holds outside of itself.
func behind(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.String:
		return allocated(v.Len())
	case reflect.Pointer:
		if !v.IsNil() {
			n = allocated(int(v.Type().Elem().Size())) + behind(v.Elem())
		}
	case reflect.Slice:
		if v.IsNil() {
			return 0
		}
		// One place more: the list may be the tail of another one, as the
		// parameters behind a keyword are.
		n = allocated((v.Cap() + 1) * int(v.Type().Elem().Size()))
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return n
		}
		for i := range v.Len() {
			n += behind(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			n += behind(v.Field(i))
		}
	}
	return n
}

// allocated is the most that the allocator takes for an object: its size
// classes waste at most a quarter and 16 bytes, and a header has 8.
func allocated(bytes int) int {
	if bytes == 0 {
		return 0
	}
	return bytes + bytes/4 + 16 + 8
}

// own copies the texts of a request, which may be parts of longer ones that a
// report must not keep alive, such as everything that a person typed.
func (r Request) own() Request {
	r.Target.Host, r.EHLOName = strings.Clone(r.Target.Host), strings.Clone(r.EHLOName)
	if r.Envelope == nil {
		return r
	}
	envelope := *r.Envelope
	envelope.From.Local, envelope.From.Domain = strings.Clone(envelope.From.Local), strings.Clone(envelope.From.Domain)
	if envelope.To != nil {
		to := *envelope.To
		to.Local, to.Domain = strings.Clone(to.Local), strings.Clone(to.Domain)
		envelope.To = &to
	}
	r.Envelope = &envelope
	return r
}
