// Package html renders what Slack and Discord were sent, the payloads
// themselves, as HTML: blocks, attachments and modals of the one, Markdown,
// embeds, components and modals of the other.
//
// It knows what this program sends, and nothing more. Anything else, a kind of
// block or a member of an embed, becomes a box that says so: a payload that
// changes cannot lose words here without being seen. Every text passes
// html/template, so the words of a server stay words. There is no script and no
// style in what it writes; a page brings its own, under a strict
// Content-Security-Policy.
package html

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// View says how a payload is shown: to whom forms go, and what ids mean. The
// zero value shows ids, and leads nowhere.
type View struct {
	Action string                    // where what is pressed is sent to
	Hidden []Field                   // sent along with it
	Name   func(id string) string    // of a person; nil: the id
	Link   func(url string) string   // where on the page an address leads; empty or nil: nowhere
	Errors map[string]string         // of a modal, by the id of its field
	Zone   *time.Location            // of dates; nil: UTC
	Secret func(field string) string // what to say beside a field that hides what is typed; nil: none does
}

// Field is a name and a value that a form sends.
type Field struct{ Name, Value string }

//go:embed *.tmpl
var files embed.FS

var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "*.tmpl"))
})

// Blocks renders blocks of Slack, an array.
func (v View) Blocks(raw []byte) template.HTML { return v.root("slack").each(decode(raw)) }

// Attachments renders attachments of Slack, an array: of each the colour and
// the blocks.
func (v View) Attachments(raw []byte) template.HTML {
	var out template.HTML
	for _, x := range list(decode(raw)) {
		out += v.root("slack").of(object(x)).strict("attachment", "id", "color", "blocks", "fallback")
	}
	return out
}

// Modal renders a modal view of Slack.
func (v View) Modal(raw []byte) template.HTML { return v.root("slack").part(decode(raw)) }

// Embeds renders embeds of Discord, as decoded.
func (v View) Embeds(all []any) template.HTML {
	var out template.HTML
	for _, x := range all {
		out += v.root("discord").of(object(plain(x))).strict("embed", "type", "title", "description", "color", "fields",
			"footer")
	}
	return out
}

// Components renders components of Discord, as decoded.
func (v View) Components(all []any) template.HTML { return v.root("discord").each(plain(all)) }

// DiscordModal renders a form of Discord.
func (v View) DiscordModal(title string, parts []any) template.HTML {
	return v.root("discord").of(map[string]any{"title": title, "components": plain(parts)}).fill("modal")
}

// node is one object of a payload, as a template sees it.
type node struct {
	View
	surface string // "slack" or "discord": whose kinds it is made of
	o       map[string]any
	field   string // the id of the field of a modal that it is in; empty: it is pressed, not filled in
}

func (v View) root(surface string) node { return node{View: v, surface: surface} }

func (n node) of(o map[string]any) node {
	n.o = o
	return n
}

func (n node) each(v any) template.HTML {
	var out template.HTML
	for _, x := range list(v) {
		out += n.part(x)
	}
	return out
}

// part renders an object by the template of its type; one that has none is
// shown as unknown.
func (n node) part(v any) template.HTML {
	inner := n.of(object(v))
	return inner.fill(fmt.Sprint(inner.o["type"]))
}

// strict renders an object that may have these members only.
func (n node) strict(kind string, members ...string) template.HTML {
	for name := range n.o {
		if !slices.Contains(members, name) {
			return n.unknown(kind + " with " + name)
		}
	}
	return n.fill(kind)
}

func (n node) fill(kind string) template.HTML {
	t := templates().Lookup(n.surface + " " + kind)
	if t == nil {
		return n.unknown(kind)
	}
	return n.execute(t, n)
}

// unknown is the box in the place of what is not known here.
func (n node) unknown(kind string) template.HTML {
	return n.execute(templates().Lookup("unknown"), n.surface+": "+kind)
}

func (n node) execute(t *template.Template, data any) template.HTML {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return template.HTML(template.HTMLEscapeString("This cannot be shown: " + err.Error()))
	}
	return template.HTML(b.String())
}

// Parts renders what is in a list.
func (n node) Parts(key string) template.HTML { return n.each(n.o[key]) }

// Part renders what is in a member; nothing if it is not there.
func (n node) Part(key string) template.HTML {
	if n.o[key] == nil {
		return ""
	}
	return n.part(n.o[key])
}

// Nodes are the objects of a list.
func (n node) Nodes(key string) []node {
	var out []node
	for _, x := range list(n.o[key]) {
		out = append(out, n.of(object(x)))
	}
	return out
}

// Rows are the cells of a list of lists.
func (n node) Rows(key string) [][]template.HTML {
	var out [][]template.HTML
	for _, row := range list(n.o[key]) {
		var cells []template.HTML
		for _, cell := range list(row) {
			cells = append(cells, n.part(cell))
		}
		out = append(out, cells)
	}
	return out
}

// Str is a text or number at a path such as text.text; empty: it is not there.
func (n node) Str(path string) string {
	switch v := n.at(path).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// On reports whether a member is true.
func (n node) On(path string) bool { return n.at(path) == true }

func (n node) at(path string) any {
	var v any = n.o
	for key := range strings.SplitSeq(path, ".") {
		v = object(v)[key]
	}
	return v
}

// Styles are the classes of a text of Slack.
func (n node) Styles() string {
	var out []string
	for _, name := range []string{"bold", "italic", "strike", "underline"} {
		if n.On("style." + name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

// In is the same node as a part of the field of a modal.
func (n node) In(key, field string) template.HTML {
	n.field = field
	return n.Part(key)
}

// Input is the name under which a form sends a field, and ID that of its
// element, for its label.
func (n node) Input() string { return "field:" + n.field }

// ID is the id of a field's element.
func (n node) ID() string { return n.surface + "-field-" + n.field }

// Field is the id of the field; empty: there is none.
func (n node) Field() string { return n.field }

// Wrong is what is wrong with a field.
func (n node) Wrong(field string) string { return n.Errors[field] }

// Hides is what to say of a field that hides what is typed; empty: it does not.
func (n node) Hides() string {
	if n.Secret == nil {
		return ""
	}
	return n.Secret(n.field)
}

// Person is the name of somebody.
func (n node) Person(path string) string { return n.person(n.Str(path)) }

func (v View) person(id string) string {
	if v.Name == nil {
		return id
	}
	return v.Name(id)
}

// Leads is where on the page an address leads; empty: nowhere.
func (n node) Leads(path string) string { return n.leads(n.Str(path)) }

func (v View) leads(url string) string {
	if v.Link == nil {
		return ""
	}
	return v.Link(url)
}

// Colour is a colour as CSS and SVG write it; empty: there is none.
func (n node) Colour(path string) string {
	text := n.Str(path)
	if value, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 24); strings.HasPrefix(text, "#") && err == nil {
		return fmt.Sprintf("#%06x", value)
	}
	value, err := strconv.ParseUint(text, 10, 24)
	if err != nil || value == 0 {
		return ""
	}
	return fmt.Sprintf("#%06x", value)
}

// Markdown renders a text of Discord.
func (n node) Markdown(path string) template.HTML { return n.View.Markdown(n.Str(path)) }

// decode reads JSON; what cannot be read is nothing.
func decode(raw []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// plain is a value as its JSON decodes, so that numbers are all of one type.
func plain(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return decode(raw)
}

func object(v any) map[string]any { o, _ := v.(map[string]any); return o }
func list(v any) []any            { l, _ := v.([]any); return l }
