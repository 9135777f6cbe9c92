package discord

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// description is Discord's own: github.com/discord/discord-api-spec, specs/openapi.json.
var description = flag.String("description", "", "write schema.json anew from Discord's description of its REST API")

// notUsed are properties, and kinds of components and options, that no bot of
// ours sends: they are left out of the cut, and so refused or a violation.
var notUsed = regexp.MustCompile(`^(poll|sticker_ids|shared_client_theme|message_reference|video|provider|handler|` +
	`dm_permission|` +
	`(name|description)_localizations|duration_secs|waveform|is_spoiler|is_remix|` +
	`username|avatar_url|thread_name|applied_tags|sku_id|` +
	`(User|Role|Mentionable|Channel)Select.*|(Container|Section|Thumbnail|MediaGallery|File|Separator)Component.*|` +
	`FileUpload.*|Checkbox.*|TextDisplayComponentForMessageRequest|ActionRowComponentForModalRequest|` +
	`ApplicationCommand(Attachment|Channel|Integer|Number|Mentionable|Role|User|Subcommand|SubcommandGroup)Option)$`)

type schema = map[string]any

// cutter copies schemas of the description.
type cutter struct{ from schema }

// TestCut writes schema.json: from the description, what the bodies that the
// fake takes refer to, without what is not used.
func TestCut(t *testing.T) {
	if *description == "" {
		t.Skip("no -description")
	}
	octets, err := os.ReadFile(*description)
	if err != nil {
		t.Fatal(err)
	}
	var whole struct{ Components struct{ Schemas schema } }
	if err := json.Unmarshal(octets, &whole); err != nil {
		t.Fatal(err)
	}
	c := cutter{whole.Components.Schemas}
	defs, todo := map[string][]byte{}, bodies()
	for ; len(todo) > 0; todo = todo[1:] {
		if defs[todo[0]] == nil {
			defs[todo[0]] = line(t, c.cut(c.from[todo[0]]))
			for _, m := range regexp.MustCompile(`"#/\$defs/(\w+)"`).FindAllSubmatch(defs[todo[0]], -1) {
				todo = append(todo, string(m[1]))
			}
		}
	}
	tighten(t, defs)
	var out bytes.Buffer
	out.WriteString(`{"$comment": "Cut from Discord's description of its REST API, ` +
		`github.com/discord/discord-api-spec, MIT License.",` + "\n" + `"$defs": {`)
	for i, name := range slices.Sorted(maps.Keys(defs)) {
		out.WriteString(strings.Repeat(",", min(i, 1)) + "\n\"" + name + "\": " + string(defs[name]))
	}
	out.WriteString("\n}}\n")
	if err := os.WriteFile("schema.json", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tighten merges tighter.json into the definitions (RFC 7396).
func tighten(t *testing.T, defs map[string][]byte) {
	t.Helper()
	octets, err := os.ReadFile("tighter.json")
	if err != nil {
		t.Fatal(err)
	}
	var patch schema
	if err := json.Unmarshal(octets, &patch); err != nil {
		t.Fatal(err)
	}
	for name, changes := range patch {
		var v any
		if err := json.Unmarshal(defs[name], &v); err != nil {
			t.Fatal(name, err)
		}
		if delete(defs, name); changes != nil {
			defs[name] = line(t, merge(v, changes))
		}
	}
}

func merge(v, patch any) any {
	changes, ok := patch.(schema)
	if !ok {
		return patch
	}
	o, _ := v.(schema)
	if o == nil {
		o = schema{}
	}
	for name, change := range changes {
		if change == nil {
			delete(o, name)
		} else {
			o[name] = merge(o[name], change)
		}
	}
	return o
}

func line(t *testing.T, v any) []byte {
	t.Helper()
	octets, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// cut copies a schema without descriptions and what is not used, and closes
// what the description leaves open, so that an error names its place: an
// object has no other properties, and of alternatives the type decides.
func (c cutter) cut(v any) any {
	switch v := v.(type) {
	case schema:
		return c.object(v)
	case []any:
		var out []any
		for _, x := range v {
			if _, name := refersTo(x); !notUsed.MatchString(name) {
				out = append(out, c.cut(x))
			}
		}
		return out
	}
	return v
}

func (c cutter) object(v schema) schema {
	out := schema{}
	for name, x := range v {
		if _, words := x.(string); !notUsed.MatchString(name) && !(words && (name == "description" || name == "title")) {
			out[name] = c.cut(x)
		}
	}
	if v, ok := out["default_member_permissions"]; ok && v != nil { // Application Command Object: a string
		out["default_member_permissions"] = schema{"type": []any{"string", "null"}, "pattern": "^[0-9]{1,20}$"}
	}
	if to, name := refersTo(v); to {
		out["$ref"] = "#/$defs/" + name
	}
	if v["properties"] != nil {
		out["additionalProperties"] = false
	}
	if v["format"] == "snowflake" { // API Reference, Uploading Files: the examples have numbers
		out["type"] = []any{"string", "integer"}
	}
	if all, ok := out["oneOf"].([]any); ok {
		delete(out, "oneOf")
		c.choose(out, all)
	}
	return out
}

func refersTo(v any) (bool, string) {
	o, _ := v.(schema)
	to, ok := o["$ref"].(string)
	return ok, to[strings.LastIndex(to, "/")+1:]
}

// choose puts a decision into a schema in place of alternatives, which are
// constants, kinds of components or options, or basic types.
func (c cutter) choose(out schema, all []any) {
	var words, kinds, rules []any
	for _, x := range all {
		o := x.(schema)
		ref, name := refersTo(x)
		kind := c.kind(name)
		switch {
		case o["const"] != nil:
			words = append(words, o["const"])
		case ref && kind != nil:
			kinds = append(kinds, kind)
			is := schema{"required": []any{"type"}, "properties": schema{"type": schema{"const": kind}}}
			rules = append(rules, schema{"if": is, "then": x})
		case ref:
			rules = append(rules, schema{"if": schema{"not": schema{"type": "null"}}, "then": x})
		default:
			words = append(words, o["type"])
			rules = append(rules, schema{"if": schema{"type": o["type"]}, "then": x})
		}
	}
	switch {
	case rules == nil:
		out["enum"] = words
	case kinds != nil:
		out["type"], out["required"], out["properties"] = "object", []any{"type"}, schema{"type": schema{"enum": kinds}}
	case len(words) == len(all):
		out["type"] = words
	}
	if rules != nil {
		out["allOf"] = rules
	}
}

// kind is the type of a component or an option; nil: a schema has none.
func (c cutter) kind(name string) any {
	whole, _ := c.from[name].(schema)
	properties, _ := whole["properties"].(schema)
	is, _ := properties["type"].(schema)
	if all, _ := is["enum"].([]any); len(all) == 1 {
		return all[0]
	}
	return nil
}
