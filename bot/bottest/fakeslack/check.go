package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// surface is where blocks are shown.
type surface int

const (
	message surface = iota
	modal
)

// checker walks the JSON of blocks. Each rule adds what is wrong.
type checker struct {
	where     surface
	wrong     []string
	blockIDs  map[string]bool
	actionIDs map[string]bool // of the block at hand: unique within it
	tables    int
	inputs    int
	markdown  int // runes of all markdown blocks
}

// rule checks one value; at is its JSON pointer.
type rule func(c *checker, at string, v any)

// shape is what an object may hold: nothing else is allowed in it.
type shape map[string]member

type member struct {
	rule rule
	need bool
}

func need(r rule) member { return member{r, true} }
func may(r rule) member  { return member{r, false} }

// complain writes in the form in which Slack answers. The list is bounded.
func (c *checker) complain(at, format string, args ...any) {
	const most = 10
	if len(c.wrong) < most {
		c.wrong = append(c.wrong, "[ERROR] "+fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
	}
}

// text is a string of so many runes: limits count code points.
func text(least, most int) rule {
	return func(c *checker, at string, v any) {
		s, ok := v.(string)
		switch n := utf8.RuneCountInString(s); {
		case !ok:
			c.complain(at, "must be a string")
		case n < least:
			c.complain(at, "must be more than %d characters", least-1)
		case n > most:
			c.complain(at, "must be less than %d characters", most+1)
		}
	}
}

// one is one of some words.
func one(words ...string) rule {
	return func(c *checker, at string, v any) {
		if s, ok := v.(string); !ok || !slices.Contains(words, s) {
			c.complain(at, "must be one of %q", words)
		}
	}
}

// flag is true or false.
func flag(c *checker, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.complain(at, "must be a boolean")
	}
}

// number is a whole number.
func number(least, most float64) rule {
	return func(c *checker, at string, v any) {
		n, ok := v.(float64)
		if !ok || n < least || n > most || n != float64(int64(n)) {
			c.complain(at, "must be a whole number from %v to %v", least, most)
		}
	}
}

// numeral is a number that is written as a string.
func numeral(c *checker, at string, v any) {
	s, ok := v.(string)
	if _, err := strconv.ParseFloat(s, 64); !ok || err != nil {
		c.complain(at, "must be a number in a string")
	}
}

// each is a list.
func each(least, most int, r rule) rule {
	return func(c *checker, at string, v any) {
		all, ok := v.([]any)
		switch {
		case !ok:
			c.complain(at, "must be an array")
		case len(all) < least:
			c.complain(at, "no fewer than %d items allowed", least)
		case len(all) > most:
			c.complain(at, "no more than %d items allowed", most)
		}
		for i, x := range all {
			r(c, at+"/"+strconv.Itoa(i), x)
		}
	}
}

// is holds an object to a shape.
func is(sh shape) rule {
	return func(c *checker, at string, v any) {
		o, ok := v.(object)
		if !ok {
			c.complain(at, "must be an object")
			return
		}
		for _, name := range slices.Sorted(maps.Keys(sh)) {
			if _, there := o[name]; !there && sh[name].need {
				c.complain(at, "missing required field: %s", name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(o)) {
			m, known := sh[name]
			if !known {
				c.complain(at, "invalid additional property: %s", name)
				continue
			}
			m.rule(c, at+"/"+name, o[name])
		}
	}
}

// kind holds an object to the shape of its type.
func kind(shapes map[string]shape) rule {
	return func(c *checker, at string, v any) {
		o, _ := v.(object)
		name, _ := o["type"].(string)
		sh, ok := shapes[name]
		if !ok {
			c.complain(at, "unsupported type: %s", name)
			return
		}
		sh = maps.Clone(sh)
		sh["type"] = need(one(name))
		is(sh)(c, at, v)
	}
}

// actionID is unique within its block: docs.slack.dev/reference/block-kit/block-elements.
func actionID(c *checker, at string, v any) {
	text(1, 255)(c, at, v)
	s, _ := v.(string)
	if c.actionIDs[s] {
		c.complain(at, "`action_id` already exists")
	}
	c.actionIDs[s] = true
}

// blockID is unique within a message or a view: docs.slack.dev/reference/block-kit/blocks.
func blockID(c *checker, at string, v any) {
	text(1, 255)(c, at, v)
	s, _ := v.(string)
	if c.blockIDs[s] {
		c.complain(at, "`block_id` already exists")
	}
	c.blockIDs[s] = true
}

// block checks one block, and counts what is counted over all.
func (c *checker) block(at string, v any) {
	c.actionIDs = map[string]bool{}
	kind(blockShapes(c.where))(c, at, v)
	o, _ := v.(object)
	switch o["type"] {
	case "table":
		c.tables++
	case "input":
		c.inputs++
	case "markdown":
		s, _ := o["text"].(string)
		c.markdown += utf8.RuneCountInString(s)
	}
	if c.tables > 1 {
		c.complain(at, "only one table allowed") // reference/block-kit/blocks/table-block
	}
	if c.markdown > maxMarkdown {
		c.complain(at, "markdown must be less than %d characters in all", maxMarkdown+1)
	}
}

// check walks a list of blocks.
func (c *checker) check(at string, blocks []any) {
	c.blockIDs = map[string]bool{}
	most := maxBlocks
	if c.where == modal {
		most = maxViewBlocks
	}
	each(0, most, (*checker).block)(c, at, blocks)
}

// checkBlocks reads the blocks of a message.
func checkBlocks(raw string, where surface) ([]any, error) {
	var blocks []any
	if json.Unmarshal([]byte(raw), &blocks) != nil {
		return nil, wrong("invalid_blocks_format", "the blocks are no JSON array")
	}
	c := &checker{where: where}
	c.check("", blocks)
	if len(c.wrong) > 0 {
		return nil, wrong("invalid_blocks", c.wrong...)
	}
	return blocks, nil
}

// named gives each block without one a block_id, as Slack does, and encodes
// them. s.Mu is held.
func (s *Server) named(blocks []any) json.RawMessage {
	for _, b := range blocks {
		if o, ok := b.(object); ok && o["block_id"] == nil {
			o["block_id"] = s.id("b")
		}
	}
	raw, err := json.Marshal(blocks)
	if err != nil {
		return nil // what was decoded can be encoded
	}
	return raw
}

// holdsRichText looks for a rich_text block at the top.
func holdsRichText(raw json.RawMessage) bool {
	var blocks []struct {
		Type string `json:"type"`
	}
	if raw == nil || json.Unmarshal(raw, &blocks) != nil {
		return false
	}
	for _, b := range blocks {
		if b.Type == "rich_text" {
			return true
		}
	}
	return false
}
