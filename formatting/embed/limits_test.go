package embed_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"unicode/utf8"

	"smtptest/formatting/embed"
)

// payload is a post as it goes over the wire.
func payload(t *testing.T, p embed.Post) map[string]any {
	t.Helper()
	return decoded(t, map[string]any{"content": p.Content, "embeds": p.Embeds, "components": p.Components})
}

func decoded(t *testing.T, v any) map[string]any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// bound is a limit as Discord's own description of its interface has it, in
// code points or elements; written down anew, so that a wrong number in the
// package is found.
type bound struct{ least, most int }

func bounds() map[string]bound {
	return map[string]bound{
		"content": {0, 2000}, "embeds": {0, 10}, "components": {0, 5},
		"embeds.description": {0, 4096}, "embeds.footer.text": {1, 2048}, "embeds.title": {0, 256}, "embeds.fields": {0, 25},
		"components.components": {1, 5}, "components.components.label": {1, 80}, "components.components.custom_id": {1, 100},
		"components.components.placeholder": {1, 150}, "components.components.options": {1, 25},
		"components.components.options.label": {1, 100}, "components.components.options.value": {1, 100},
		"components.components.options.description": {0, 100},
	}
}

func modalBounds() map[string]bound {
	return map[string]bound{
		"custom_id": {1, 100}, "title": {1, 45}, "components": {1, 5}, "components.content": {1, 4000},
		"components.label": {1, 45}, "components.description": {1, 100},
		"components.component.custom_id": {1, 100}, "components.component.value": {0, 4000},
		"components.component.options": {1, 25}, "components.component.options.label": {1, 100},
		"components.component.options.value": {1, 100},
		"content":                            {0, 0},
	}
}

// walker holds a decoded payload against bounds and knows every text in it.
type walker struct {
	t      *testing.T
	bounds map[string]bound
	total  int             // runes in embeds
	ids    map[string]bool // custom ids so far
}

func walk(t *testing.T, v map[string]any, b map[string]bound) {
	t.Helper()
	w := walker{t: t, bounds: b, ids: map[string]bool{}}
	w.object("", v)
	if w.total > 6000 {
		t.Errorf("the embeds hold %d runes", w.total)
	}
}

func (w *walker) object(path string, v map[string]any) {
	for key, x := range v {
		name := key
		if path != "" {
			name = path + "." + key
		}
		w.value(name, x)
	}
}

func (w *walker) value(name string, x any) {
	switch x := x.(type) {
	case map[string]any:
		w.object(name, x)
	case []any:
		w.holds(name, len(x))
		for _, item := range x {
			w.value(name, anyObject(item))
		}
	case string:
		w.text(name, x)
	}
}

func anyObject(x any) any {
	if m, ok := x.(map[string]any); ok {
		return m
	}
	return map[string]any{"unnamed": x}
}

func (w *walker) text(name, x string) {
	n := utf8.RuneCountInString(x)
	w.holds(name, n)
	if len(name) > 7 && name[:7] == "embeds." {
		w.total += n
	}
	if _, known := w.bounds[name]; !known {
		w.t.Errorf("%s has no known limit: %.100q", name, x)
	}
	if !utf8.ValidString(x) {
		w.t.Errorf("%s is no UTF-8", name)
	}
	if len(name) >= 9 && name[len(name)-9:] == "custom_id" {
		if w.ids[x] {
			w.t.Errorf("the id %q is there twice", x)
		}
		w.ids[x] = true
	}
}

func (w *walker) holds(name string, n int) {
	if b, known := w.bounds[name]; known && (n < b.least || n > b.most) {
		w.t.Errorf("%s has %d, the limits are %d and %d", name, n, b.least, b.most)
	}
}

func TestWalkerFails(t *testing.T) {
	var inner testing.T
	long := fmt.Sprintf("%4001d", 0)
	for _, v := range []map[string]any{
		{"content": long}, {"news": "x"}, {"embeds": []any{map[string]any{"footer": map[string]any{"text": ""}}}},
		{"components": []any{map[string]any{"components": []any{}}}},
		{"embeds": []any{map[string]any{"description": long}, map[string]any{"description": long}}},
	} {
		inner = testing.T{}
		walk(&inner, v, bounds())
		if !inner.Failed() {
			t.Errorf("nobody sees what is wrong with %.80v", v)
		}
	}
}
