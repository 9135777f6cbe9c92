package fakediscord

import "fmt"

// Types of components (Discord, Component Reference).
const (
	typeButton       = 2
	typeStringSelect = 3
	typeTextInput    = 4
	typeRadioGroup   = 21
)

const (
	styleLink      = 5    // of a button
	mostModalParts = 5    // Discord, Receiving and Responding, Modal
	mostInput      = 4000 // code points that a person may type
)

// checkRow: five buttons, or one select alone. ids are those of the whole
// message.
func (f *faults) checkRow(place string, parts []any, ids map[string]bool) {
	for i, x := range parts {
		o, at := object(x), fmt.Sprint(place, ".components.", i)
		if number(o["type"]) == typeButton {
			f.checkButton(at, o, ids)
			continue
		}
		f.checkChoice(at, o, ids)
		if len(parts) > 1 {
			f.fail(place, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
		}
	}
}

// unique notes a custom id that is missing or was there before.
func (f *faults) unique(place string, o map[string]any, ids map[string]bool) {
	id := text(o["custom_id"])
	if id == "" {
		f.required(place + ".custom_id")
	}
	if ids[id] {
		f.fail(place+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
	}
	ids[id] = true
}

func (f *faults) checkButton(place string, o map[string]any, ids map[string]bool) {
	link := number(o["style"]) == styleLink
	if !empty(o["custom_id"]) && !empty(o["url"]) {
		f.fail(place, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", "A custom id and url cannot both be specified")
	}
	switch {
	case !link:
		f.unique(place, o, ids)
	case empty(o["url"]):
		f.required(place + ".url")
	default:
		f.address(place+".url", o["url"], "discord")
	}
	if !link && empty(o["label"]) && o["emoji"] == nil {
		f.required(place + ".label")
	}
}

// checkChoice checks a select or a radio group.
func (f *faults) checkChoice(place string, o map[string]any, ids map[string]bool) {
	f.unique(place, o, ids)
	seen := map[string]bool{}
	for i, x := range list(o["options"]) {
		value, at := text(object(x)["value"]), fmt.Sprint(place, ".options.", i)
		if seen[value] {
			f.fail(at+".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		seen[value] = true
		f.filled(at, object(x), "label")
		f.filled(at, object(x), "value")
	}
	if most := number(o["max_values"]); most > len(seen) {
		f.fail(place+".max_values", "BASE_TYPE_BAD_LENGTH", fmt.Sprintf("Must be between 1 and %d in length.", len(seen)))
	}
	f.ordered(place, o, "min_values", "max_values")
}

// ordered: the least is not above the greatest, if there is one.
func (f *faults) ordered(place string, o map[string]any, least, most string) {
	if n := number(o[most]); n > 0 && number(o[least]) > n {
		f.fail(place+"."+least, "NUMBER_TYPE_MAX", fmt.Sprintf("int value should be less than or equal to %d.", n))
	}
}

// checkModal checks the data of a modal against its schema and limits: labels
// with one input each, and texts.
func (f *faults) checkModal(place string, v any) {
	if !f.shape(place, bodyModal, v) {
		return
	}
	parts, ids := list(object(v)["components"]), map[string]bool{}
	if len(parts) > mostModalParts {
		f.tooLong(place+".components", mostModalParts)
	}
	for i, part := range parts {
		o, at := object(object(part)["component"]), fmt.Sprint(place, ".components.", i, ".component")
		switch number(o["type"]) {
		case 0: // a text
		case typeTextInput:
			f.unique(at, o, ids)
			f.ordered(at, o, "min_length", "max_length")
			if o["label"] != nil { // change log 2025-08-25: "the label field on the Text Input is not allowed"
				f.fail(at+".label", "TEXT_INPUT_LABEL_NOT_ALLOWED", "The label field is not allowed on a text input inside a label")
			}
		default:
			f.checkChoice(at, o, ids)
			if o["disabled"] == true { // Component Reference: an error in a modal
				f.fail(at+".disabled", "SELECT_COMPONENT_DISABLED_IN_MODAL", "Selects in a modal cannot be disabled")
			}
		}
	}
}
