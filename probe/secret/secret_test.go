package secret

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"
)

const canary = `ca"n&a‹r\y é+/?`

// holder keeps a Secret in every place that printing might look into.
type holder struct {
	Open    Secret
	closed  Secret
	Pointer *Secret
	List    []Secret
	Table   map[string]Secret
	inner   struct{ deep []*Secret }
	Any     any
	any     any
}

func sample() holder {
	s := New(canary)
	h := holder{Open: s, closed: s, Pointer: &s, List: []Secret{s}, Table: map[string]Secret{"a": s}, Any: s, any: &s}
	h.inner.deep = []*Secret{&s}
	return h
}

// forms of the canary that no output may hold.
func leaks(text string) bool { return New(canary).In(text) }

func TestSecretPrintsItsMark(t *testing.T) {
	s := New(canary)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "% x", "%10.3s", "%U", "%t"} {
		if got := fmt.Sprintf(format, s); got != "[redacted]" {
			t.Errorf("%s prints %q", format, got)
		}
		if got := fmt.Sprintf(format, &s); got != "[redacted]" {
			t.Errorf("%s of the pointer prints %q", format, got)
		}
	}
	if s.String() != "[redacted]" || s.GoString() != "[redacted]" || fmt.Sprint(s) != "[redacted]" {
		t.Errorf("String %q, GoString %q, Sprint %q", s.String(), s.GoString(), fmt.Sprint(s))
	}
	if got := fmt.Sprint(Secret{}); got != "[redacted]" {
		t.Errorf("zero prints %q", got)
	}
}

func TestSecretInsideOthersStaysHidden(t *testing.T) {
	h := sample()
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p", "%!", "%T"} {
		for _, value := range []any{h, &h, []holder{h}, map[int]*holder{1: &h}, New(canary)} {
			if got := fmt.Sprintf(format, value); leaks(got) {
				t.Errorf("%s prints %q", format, got)
			}
		}
	}
	if got := fmt.Sprint(h.List, h.Table); got != "[[redacted]] map[a:[redacted]]" {
		t.Errorf("slice and map print %q", got)
	}
	if got := errors.Join(fmt.Errorf("login: %v %w", h.Open, fmt.Errorf("%+v", h))).Error(); leaks(got) {
		t.Errorf("error says %q", got)
	}
}

func TestSecretEncodesAsItsMark(t *testing.T) {
	h := sample()
	asJSON, err := json.Marshal(h)
	if err != nil || leaks(string(asJSON)) || strings.Count(string(asJSON), `"[redacted]"`) != 5 {
		t.Errorf("JSON is %s, %v", asJSON, err)
	}
	type login struct{ S Secret }
	asXML, err := xml.Marshal(login{h.Open})
	if err != nil || leaks(string(asXML)) || !strings.Contains(string(asXML), "<S>[redacted]</S>") {
		t.Errorf("XML is %s, %v", asXML, err)
	}
	var b bytes.Buffer
	if err := template.Must(template.New("").Parse("{{.}} {{.Open}}")).Execute(&b, h); err != nil || leaks(b.String()) {
		t.Errorf("template gives %s, %v", b.String(), err)
	}
}

func TestSecretLogsItsMark(t *testing.T) {
	var b bytes.Buffer
	h := sample()
	for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(handler).Info("login", "secret", h.Open, "pointer", h.Pointer, "holder", h, slog.Any("list", h.List))
	}
	if leaks(b.String()) || !strings.Contains(b.String(), "secret=[redacted]") ||
		!strings.Contains(b.String(), `"secret":"[redacted]"`) {
		t.Errorf("logs hold %s", b.String())
	}
}

func TestReveal(t *testing.T) {
	for _, tt := range []struct {
		name  string
		s     Secret
		value string
		zero  bool
	}{
		{"value", New(canary), canary, false},
		{"short", New("a"), "a", false},
		{"empty", New(""), "", true},
		{"zero", Secret{}, "", true},
	} {
		if got := tt.s.Reveal(); got != tt.value || tt.s.IsZero() != tt.zero {
			t.Errorf("%s: %q, zero %v", tt.name, got, tt.s.IsZero())
		}
	}
}
