package slack

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"smtptest/bot/playground/wire"
)

// schemaFile says what blocks and modals may be.
//
//go:embed schema.json
var schemaFile []byte

// The schemas of what a bot shows.
const (
	message     = "message"     // its blocks
	attachments = "attachments" // of a message, which hold blocks
	modal       = "modal"       // the whole view
)

var schemas = sync.OnceValue(func() wire.Schemas { return wire.Compile(schemaFile, message, attachments, modal) })

// check lists what is wrong with blocks or a modal: its shape, or else what no
// schema says.
func check(surface string, v any) []string {
	const most = 10
	var wrongs []string
	for _, m := range schemas().Misfits(surface, v) {
		if words := complaint(m); len(wrongs) < most && words != "" {
			wrongs = append(wrongs, words)
		}
	}
	if wrongs == nil && surface == message {
		wrongs = append(duplicates("", v), uneven(v)...)
	}
	if o, _ := v.(object); wrongs == nil && surface == modal {
		wrongs = duplicates("/blocks", o["blocks"])
	}
	return wrongs
}

// misfit is a complaint in the form in which Slack answers.
func misfit(at, words string) string { return "[ERROR] " + words + " [json-pointer:" + at + "]" }

// complaint words what does not fit as Slack does; empty: another complaint
// says it better.
func complaint(m wire.Misfit) string {
	words := m.Words
	switch k := m.Rule.(type) {
	case *kind.MaxLength:
		words = fmt.Sprintf("must be less than %d characters", k.Want+1)
	case *kind.MinLength:
		words = fmt.Sprintf("must be more than %d characters", k.Want-1)
	case *kind.MaxItems:
		words = fmt.Sprintf("no more than %d items allowed", k.Want)
	case *kind.MinItems:
		words = fmt.Sprintf("no fewer than %d items allowed", k.Want)
	case *kind.Required:
		words = "missing required field: " + m.Name
	case *kind.AdditionalProperties:
		words = "invalid additional property: " + m.Name
	case *kind.Enum, *kind.Const:
		if last := len(m.Place) - 1; last >= 0 && m.Place[last] == "type" {
			words = fmt.Sprint("unsupported type: ", m.Value)
		}
	}
	return misfit("/"+strings.Join(m.Place, "/"), words)
}

// duplicates: a block_id is unique within a message or a view, an action_id
// within its block (docs.slack.dev/reference/block-kit/blocks, block-elements).
func duplicates(at string, blocks any) (wrong []string) {
	all, _ := blocks.([]any)
	ids := map[any]bool{nil: false}
	for i, b := range all {
		o, _ := b.(object)
		place := fmt.Sprint(at, "/", i)
		if ids[o["block_id"]] {
			wrong = append(wrong, misfit(place+"/block_id", "`block_id` already exists"))
		}
		ids[o["block_id"]] = o["block_id"] != nil
		elements, _ := o["elements"].([]any)
		actions := map[any]bool{}
		for _, e := range append(elements, o["accessory"], o["element"]) {
			element, _ := e.(object)
			if id := element["action_id"]; id != nil && actions[id] {
				wrong = append(wrong, misfit(place, "`action_id` already exists"))
			} else if id != nil {
				actions[id] = true
			}
		}
	}
	return wrong
}

// maxTableRunes is the text of all tables of a message
// (docs.slack.dev/reference/block-kit/blocks/data-table-block).
const maxTableRunes = 20_000

// uneven: the rows of a data_table are of one length, and their texts together
// have a limit.
func uneven(blocks any) (wrong []string) {
	all, _ := blocks.([]any)
	runes := 0
	for i, b := range all {
		o, _ := b.(object)
		if o["type"] != "data_table" {
			continue
		}
		rows, _ := o["rows"].([]any)
		for k, r := range rows {
			row, _ := r.([]any)
			if first, _ := rows[0].([]any); len(row) != len(first) {
				wrong = append(wrong, misfit(fmt.Sprint("/", i, "/rows/", k), "all rows must have the same number of cells"))
			}
			runes += cellRunes(row)
		}
	}
	if runes > maxTableRunes {
		wrong = append(wrong, misfit("", fmt.Sprintf("no more than %d characters in all tables", maxTableRunes)))
	}
	return wrong
}

func cellRunes(row []any) (runes int) {
	for _, c := range row {
		cell, _ := c.(object)
		text, _ := cell["text"].(string)
		runes += utf8.RuneCountInString(text)
	}
	return runes
}

// checkBlocks reads the blocks of a message.
func checkBlocks(raw string) (blocks []any) {
	wrong(json.Unmarshal([]byte(raw), &blocks) != nil, "invalid_blocks_format", "the blocks are no JSON array")
	wrongs := check(message, blocks)
	wrong(len(wrongs) > 0, "invalid_blocks", wrongs...)
	return blocks
}

// checkAttachments reads the attachments of a message.
func checkAttachments(raw string) (all []any) {
	wrong(json.Unmarshal([]byte(raw), &all) != nil, "invalid_attachments", "the attachments are no JSON array")
	wrongs := check(attachments, all)
	for _, a := range all {
		if wrongs == nil {
			wrongs = check(message, a.(object)["blocks"])
		}
	}
	wrong(len(wrongs) > 0, "invalid_attachments", wrongs...)
	return all
}

// validate answers blocks.validate: what is wrong with one payload is why it is
// asked, and no violation (docs.slack.dev/reference/methods/blocks.validate).
func (s *Server) validate(c *call) object {
	wrong(len(c.args) != 1, "invalid_arguments", "exactly one of blocks, message and view")
	for kind, raw := range c.args {
		var v any
		wrong(json.Unmarshal([]byte(raw), &v) != nil, "invalid_arguments", kind+" is no JSON")
		if errors := payloadErrors(v); len(errors) > 0 {
			panic(&refusal{code: "invalid_" + kind, errors: errors})
		}
	}
	return object{}
}

// payloadErrors are those of blocks, of a message or of a view.
func payloadErrors(v any) (all []object) {
	add := func(at string, wrongs []string) {
		for _, w := range wrongs {
			words, place, _ := strings.Cut(strings.TrimPrefix(w, "[ERROR] "), " [json-pointer:")
			all = append(all, object{
				"pointer": at + strings.TrimSuffix(place, "]"), "code": "failed_constraint", "message": words,
			})
		}
	}
	o, _ := v.(object)
	switch {
	case o == nil:
		add("", check(message, v))
	case o["type"] == "modal":
		add("", check(modal, o))
	default:
		add("/blocks", check(message, o["blocks"]))
		if o["attachments"] != nil {
			add("/attachments", check(attachments, o["attachments"]))
		}
	}
	return all
}

// named gives each block without one a block_id, as Slack does, and encodes
// them. s.Mu is held.
func (s *Server) named(blocks []any) json.RawMessage {
	s.name(blocks)
	return encode(blocks)
}

func (s *Server) name(blocks []any) {
	for _, b := range blocks {
		if o, ok := b.(object); ok && o["block_id"] == nil {
			o["block_id"] = s.id("b")
		}
	}
}

// namedWithin is named for the blocks of attachments, each of which has a
// number.
func (s *Server) namedWithin(attachments []any) json.RawMessage {
	for i, a := range attachments {
		o := a.(object)
		o["id"] = i + 1
		blocks, _ := o["blocks"].([]any)
		s.name(blocks)
	}
	return encode(attachments)
}

// holdsRichText looks for a rich_text block in what was encoded here.
func holdsRichText(raw json.RawMessage) bool {
	return strings.Contains(string(raw), `"type":"rich_text"`)
}
