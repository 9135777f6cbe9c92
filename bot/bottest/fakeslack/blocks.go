package fakeslack

// What blocks may hold. Pages are below docs.slack.dev/reference/block-kit.
const (
	maxBlocks     = 50  // blocks, in a message
	maxViewBlocks = 100 // blocks, in a modal

	maxSectionText   = 3000 // blocks/section-block
	maxFields        = 10   // the same page
	maxFieldText     = 2000 // the same page
	maxHeaderText    = 150  // blocks/header-block
	maxHeaderLevel   = 4    // the same page
	maxContext       = 10   // blocks/context-block, elements
	maxActions       = 25   // blocks/actions-block, elements
	maxInputLabel    = 2000 // blocks/input-block, hint too
	maxMarkdown      = 12_000
	maxTableRows     = 100 // blocks/table-block
	maxTableColumns  = 20  // the same page
	maxButtonText    = 75  // block-elements/button-element
	maxButtonValue   = 2000
	maxURL           = 3000
	maxSpoken        = 75  // accessibility_label
	maxOverflow      = 5   // block-elements/overflow-menu-element
	maxSelect        = 100 // block-elements/select-menu-element
	maxChoices       = 10  // block-elements/radio-button-group-element, checkboxes too
	maxOptionText    = 75  // composition-objects/option-object
	maxOptionValue   = 150
	maxPlaceholder   = 150
	maxTyped         = 3000 // block-elements/plain-text-input-element, max_length
	maxConfirmTitle  = 100  // composition-objects/confirmation-dialog-object
	maxConfirmText   = 300
	maxConfirmButton = 30
	maxAltText       = 2000 // blocks/image-block
	maxAnyText       = maxText
	maxIndent        = 8 // block-elements/rich-text-list-element
	anyNumber        = 1 << 30
)

// plainText is a text object that is never markup.
func plainText(most int) rule {
	return kind(map[string]shape{"plain_text": {"text": need(text(1, most)), "emoji": may(flag)}})
}

// anyText is a text object of either sort.
func anyText(most int) rule {
	return kind(map[string]shape{
		"plain_text": {"text": need(text(1, most)), "emoji": may(flag)},
		"mrkdwn":     {"text": need(text(1, most)), "verbatim": may(flag)},
	})
}

// blockShapes are the blocks of a surface. Cards, plans and the like belong to
// agents, and a message with one may be refused: here it always is.
func blockShapes(where surface) map[string]shape {
	out := map[string]shape{
		"section": {
			"text": may(anyText(maxSectionText)), "fields": may(each(1, maxFields, anyText(maxFieldText))),
			"accessory": may(kind(elementShapes())), "expand": may(flag),
		},
		"header":    {"text": need(plainText(maxHeaderText)), "level": may(number(1, maxHeaderLevel))},
		"divider":   {},
		"context":   {"elements": need(each(1, maxContext, contextElement()))},
		"actions":   {"elements": need(each(1, maxActions, kind(elementShapes())))},
		"rich_text": {"elements": need(each(1, anyNumber, kind(richShapes())))},
		"image": {"image_url": need(text(1, maxURL)), "alt_text": need(text(1, maxAltText)),
			"title": may(plainText(maxAltText))},
	}
	if where == modal {
		out["input"] = shape{
			"label": need(plainText(maxInputLabel)), "hint": may(plainText(maxInputLabel)),
			"element": need(kind(inputShapes())), "optional": may(flag), "dispatch_action": may(flag),
		}
	} else {
		out["markdown"] = shape{"text": need(text(1, maxMarkdown))}
		out["table"] = shape{
			"rows":            need(each(1, maxTableRows, each(1, maxTableColumns, kind(cellShapes())))),
			"column_settings": may(each(1, maxTableColumns, is(shape{"align": may(one("left", "center", "right", "")), "is_wrapped": may(flag)}))),
		}
	}
	for _, sh := range out {
		sh["block_id"] = may(blockID)
	}
	return out
}

func contextElement() rule {
	return kind(map[string]shape{
		"plain_text": {"text": need(text(1, maxSectionText)), "emoji": may(flag)},
		"mrkdwn":     {"text": need(text(1, maxSectionText)), "verbatim": may(flag)},
		"image":      {"image_url": need(text(1, maxURL)), "alt_text": need(text(1, maxAltText))},
	})
}

// elementShapes are what can be pressed outside an input.
func elementShapes() map[string]shape {
	return map[string]shape{
		"button": {
			"text": need(plainText(maxButtonText)), "action_id": may(actionID), "value": may(text(1, maxButtonValue)), "url": may(text(1, maxURL)),
			"style": may(one("primary", "danger")), "confirm": may(confirm()), "accessibility_label": may(text(1, maxSpoken)),
		},
		"overflow": {
			"action_id": may(actionID), "options": need(each(1, maxOverflow, option(maxOptionText, "url"))), "confirm": may(confirm()),
		},
		"static_select": selectShape(),
		"radio_buttons": choiceShape("initial_option", option(maxOptionText)),
		"checkboxes":    choiceShape("initial_options", each(1, maxChoices, option(maxOptionText))),
	}
}

// inputShapes are what may stand in an input block. Inputs of their own for
// secrets do not exist.
func inputShapes() map[string]shape {
	return map[string]shape{
		"plain_text_input": {
			"action_id": may(actionID), "placeholder": may(plainText(maxPlaceholder)), "initial_value": may(text(0, maxTyped)),
			"multiline": may(flag), "min_length": may(number(0, maxTyped)), "max_length": may(number(1, maxTyped)),
			"focus_on_load": may(flag), "dispatch_action_config": may(is(shape{"trigger_actions_on": may(each(1, 2, one("on_enter_pressed", "on_character_entered")))})),
		},
		"number_input": {
			"action_id": may(actionID), "placeholder": may(plainText(maxPlaceholder)), "initial_value": may(numeral),
			"is_decimal_allowed": need(flag), "min_value": may(numeral), "max_value": may(numeral), "focus_on_load": may(flag),
		},
		"static_select": selectShape(),
		"radio_buttons": choiceShape("initial_option", option(maxOptionText)),
		"checkboxes":    choiceShape("initial_options", each(1, maxChoices, option(maxOptionText))),
	}
}

func selectShape() shape {
	return shape{
		"action_id": may(actionID), "options": need(each(1, maxSelect, option(maxOptionText))), "initial_option": may(option(maxOptionText)),
		"placeholder": may(plainText(maxPlaceholder)), "confirm": may(confirm()), "focus_on_load": may(flag),
	}
}

func choiceShape(initial string, chosen rule) shape {
	return shape{
		"action_id": may(actionID), "options": need(each(1, maxChoices, option(maxOptionText))), initial: may(chosen),
		"confirm": may(confirm()), "focus_on_load": may(flag),
	}
}

// option is one choice; more names what else it may hold.
func option(most int, more ...string) rule {
	sh := shape{"text": need(anyText(most)), "value": need(text(1, maxOptionValue)), "description": may(anyText(most))}
	for _, name := range more {
		sh[name] = may(text(1, maxURL))
	}
	return is(sh)
}

func confirm() rule {
	return is(shape{
		"title": need(plainText(maxConfirmTitle)), "text": need(anyText(maxConfirmText)), "style": may(one("primary", "danger")),
		"confirm": need(plainText(maxConfirmButton)), "deny": need(plainText(maxConfirmButton)),
	})
}

// cellShapes are the cells of a table. raw_number is left out: slack-go's
// change log of 0.32.0 says that Slack may refuse it.
func cellShapes() map[string]shape {
	return map[string]shape{
		"raw_text":  {"text": need(text(1, maxAnyText))},
		"rich_text": {"elements": need(each(1, anyNumber, kind(richShapes())))},
	}
}

// richShapes are what may stand in a rich_text block. Lists hold sections and
// nothing else: they nest by indent alone (block-elements/rich-text-list-element).
func richShapes() map[string]shape {
	section := shape{"elements": need(each(1, anyNumber, kind(spanShapes())))}
	return map[string]shape{
		"rich_text_section": section,
		"rich_text_quote":   {"elements": need(each(1, anyNumber, kind(spanShapes()))), "border": may(number(0, 1))},
		"rich_text_list": {
			"elements": need(each(1, anyNumber, kind(map[string]shape{"rich_text_section": section}))),
			"style":    need(one("bullet", "ordered")), "indent": may(number(0, maxIndent)), "border": may(number(0, 1)), "offset": may(number(0, anyNumber)),
		},
		"rich_text_preformatted": {
			"elements": need(each(1, anyNumber, kind(map[string]shape{
				"text": {"text": need(text(1, maxAnyText))},
				"link": {"url": need(text(1, maxURL)), "text": may(text(1, maxAnyText))},
			}))),
			"border": may(number(0, 1)), "language": may(text(1, maxOptionText)),
		},
	}
}

// spanShapes are what may stand in a line of rich text.
func spanShapes() map[string]shape {
	style := may(is(shape{"bold": may(flag), "italic": may(flag), "strike": may(flag), "code": may(flag), "underline": may(flag)}))
	id := need(text(1, 64))
	return map[string]shape{
		"text":      {"text": need(text(1, maxAnyText)), "style": style},
		"link":      {"url": need(text(1, maxURL)), "text": may(text(1, maxAnyText)), "unsafe": may(flag), "style": style},
		"user":      {"user_id": id, "style": style},
		"usergroup": {"usergroup_id": id, "style": style},
		"channel":   {"channel_id": id, "style": style},
		"team":      {"team_id": id, "style": style},
		"emoji":     {"name": id, "unicode": may(text(1, 64)), "skin_tone": may(number(1, 6)), "style": style},
		"broadcast": {"range": need(one("here", "channel", "everyone")), "style": style},
		"color":     {"value": id, "style": style},
		"date": {"timestamp": need(number(0, 1<<40)), "format": need(text(1, maxOptionText)), "timezone": may(text(1, 64)),
			"url": may(text(1, maxURL)), "fallback": may(text(1, maxAnyText)), "style": style},
	}
}
