package blockkit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

// buttons are the blocks of what can be pressed or chosen. What would exceed
// the room for them, or could not be read back, is left out: an answer has
// four.
func buttons(actions []formatting.Action) []slack.Block {
	var elements []slack.BlockElement
	room := maxActionOctets - octets(slack.NewActionBlock(""))
	for i, a := range actions {
		e := button(a, i)
		if e == nil || len(elements) == maxActionsElements {
			continue
		}
		if n := octets(e) + len(","); n <= room {
			elements, room = append(elements, e), room-n
		}
	}
	if len(elements) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", elements...)}
}

// blockSize counts a block of buttons. The runes of its JSON are more than
// those of its labels, and few.
func blockSize(b slack.Block) size {
	n := octets(b) + len(",")
	return size{blocks: 1, runes: n, octets: n}
}

// button is an element for an action, nil if it cannot be one. Its number in
// the message tells two with the same verb apart.
func button(a formatting.Action, number int) slack.BlockElement {
	if !readable(a.Verb, a.Run) {
		return nil
	}
	id := fmt.Sprintf("%s:%s:%d:%s", prefix, a.Verb, number, a.Run)
	if len(a.Choices) > 0 {
		return menu(id, a)
	}
	b := slack.NewButtonBlockElement(id, a.Request, object(a.Label, maxButtonTextRunes))
	// else the label is read
	if text := formatting.Clean(a.Accessible); !blank(text) && utf8.RuneCountInString(text) <= maxAccessibleRunes {
		b.AccessibilityLabel = text
	}
	if a.Main {
		b.Style = slack.StylePrimary
	}
	return b
}

// menu offers choices: a few of them behind three dots, one or many in a list.
func menu(id string, a formatting.Action) slack.BlockElement {
	options := choices(a.Choices)
	switch n := len(options); {
	case n == 0:
		return nil
	case n < minOverflowOptions || n > maxOverflowOptions:
		return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, object(a.Label, maxPlaceholderRunes), id, options...)
	}
	return slack.NewOverflowBlockElement(id, options...)
}

// choices are options that Slack takes: with a value, each value once.
func choices(all []formatting.Choice) []*slack.OptionBlockObject {
	var out []*slack.OptionBlockObject
	for _, c := range all {
		known := slices.ContainsFunc(out, func(o *slack.OptionBlockObject) bool { return o.Value == c.Value })
		if known || !option(c.Value) || len(out) == maxSelectOptions {
			continue
		}
		out = append(out, slack.NewOptionBlockObject(c.Value, object(c.Label, maxOptionTextRunes), nil))
	}
	return out
}

// prefix is how our action_ids begin.
const prefix = "smtptest"

var verb = regexp.MustCompile(`^[A-Za-z]{1,12}$`)

// readable reports whether an action can be read back from a press.
func readable(v, run string) bool {
	return verb.MatchString(v) && utf8.RuneCountInString(run) <= 32 && run == formatting.Clean(run)
}

// option reports whether a value is one that Slack takes.
func option(value string) bool {
	return !blank(value) && utf8.RuneCountInString(value) <= maxOptionValueRunes && value == formatting.Clean(value)
}

// Pressed reads back what was put into a button or an option: from the
// action_id, and from the value, which is that of the option; empty for a
// button. Not ok: it was not put there by this package.
func Pressed(actionID, value string) (verb, run, choice string, ok bool) {
	parts := strings.SplitN(actionID, ":", 4)
	if len(parts) != 4 || parts[0] != prefix || !readable(parts[1], parts[3]) || value != "" && !option(value) {
		return "", "", "", false
	}
	return parts[1], parts[3], value, true
}
