package discord

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Flags of a message (Discord, Message Resource, Message Flags).
const (
	flagSuppressEmbeds = 1 << 2
	flagEphemeral      = 1 << 6
	flagLoading        = 1 << 7
	flagHasThread      = 1 << 5
	flagSilent         = 1 << 12
)

// Types of components and options (Discord, Component Reference, Application
// Commands).
const (
	typeButton       = 2
	typeStringSelect = 3
	typeTextInput    = 4
	typeRadioGroup   = 21
	typeChat         = 1 // of commands: those that are typed
	typeOfMessages   = 3 // and those in the menu of a message
	optionString     = 3
	optionBoolean    = 5
)

// Limits that no schema can say: sums (Discord, Embed Limits, Application
// Commands), and what a person may type.
const (
	mostEmbedSum     = 6000 // over all embeds of one message
	mostCommandSum   = 8000 // names, descriptions and values of one command
	mostInput        = 4000 // code points of a text in a modal
	mostStringLength = 6000 // code points of an option
	mostContent      = 4000 // code points of a message of somebody who pays for that; others have half
	mostOfMessages   = 15   // commands in the menus of messages (Discord, change log of 2026-03-03)
)

// form is how a message comes.
type form struct {
	place string // in the body of the request; empty: it is the body
	body  string // the name of its schema
	flags int    // that may be set where it goes
	files int    // parts of the request
}

// checkMessage checks a message against the schema of its body and against
// what no schema can say.
func (f *faults) checkMessage(v any, as form) {
	if !f.shape(as.place, as.body, v) {
		return
	}
	o := object(v)
	at := func(name string) string { return strings.TrimPrefix(as.place+"."+name, ".") }
	if set := number(o["flags"]); set&^as.flags != 0 {
		f.fail(at("flags"), "BITFIELD_TYPE_INVALID", fmt.Sprintf("Flags %d cannot be set here.", set&^as.flags))
	}
	for i, e := range list(o["embeds"]) {
		if size(e) == 0 {
			f.required(fmt.Sprint(at("embeds."), i, ".description"))
		}
	}
	if size(o["embeds"]) > mostEmbedSum {
		f.fail(at("embeds"), "MAX_EMBED_SIZE_EXCEEDED", fmt.Sprintf("Embed size exceeds maximum size of %d", mostEmbedSum))
	}
	// What is described must be there (Discord, API Reference, Uploading Files):
	// a number below any snowflake is the index of a part.
	for i, a := range list(o["attachments"]) {
		id, err := strconv.ParseInt(fmt.Sprint(object(a)["id"]), 10, 64)
		if err == nil && id < 1<<22 && id >= int64(as.files) {
			f.fail(fmt.Sprint(at("attachments."), i), "ATTACHMENT_NOT_FOUND", "The attachment cannot be found")
		}
	}
	ids := map[any]bool{}
	for i, row := range list(o["components"]) {
		for j, part := range list(object(row)["components"]) {
			f.checkPart(fmt.Sprint(at("components."), i, ".components.", j), object(part), ids)
		}
	}
}

// size is how many code points the words of embeds or of a command have.
func size(v any) (n int) {
	for _, x := range list(v) {
		n += size(x)
	}
	for name, x := range object(v) {
		switch name {
		case "title", "description", "name", "value", "text":
			n += utf8.RuneCountInString(text(x))
		case "fields", "footer", "options", "choices":
			n += size(x)
		}
	}
	return n
}

// checkPart wants a custom id that no other part of the whole message or form
// has, and options that differ.
func (f *faults) checkPart(place string, o map[string]any, ids map[any]bool) {
	f.once(place+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", o["custom_id"], ids)
	values := map[any]bool{}
	for i, x := range list(o["options"]) {
		f.once(fmt.Sprint(place, ".options.", i, ".value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
			object(x)["value"], values)
	}
	if most := number(o["max_length"]); most > 0 && number(o["min_length"]) > most {
		f.fail(place+".min_length", "NUMBER_TYPE_MAX", fmt.Sprintf("int value should be less than or equal to %d.", most))
	}
}

// once notes a key that was seen before.
func (f *faults) once(place, code string, key any, seen map[any]bool) {
	if key != nil && seen[key] {
		f.fail(place, code, "It must be unique")
	}
	seen[key] = true
}

// checkModal checks the data of a modal: texts, and labels with one input each.
func (f *faults) checkModal(place string, v any) {
	if !f.shape(place, bodyModal, v) {
		return
	}
	ids := map[any]bool{}
	for i, part := range list(object(v)["components"]) {
		f.checkPart(fmt.Sprint(place, ".components.", i, ".component"), object(object(part)["component"]), ids)
	}
}

func (f *faults) checkCommands(v any) {
	all, ok := v.([]any)
	if !ok {
		f.fail("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
	}
	names, menus := map[any]bool{}, 0
	for i, c := range all {
		at, o := strconv.Itoa(i), object(c)
		if number(o["type"]) == typeOfMessages {
			menus++
		}
		if menus > mostOfMessages {
			f.fail(at, "APPLICATION_COMMAND_TOO_MANY", fmt.Sprintf("At most %d of this type", mostOfMessages))
		}
		if !f.shape(at, bodyCommand, c) {
			continue
		}
		if size(c) > mostCommandSum {
			f.fail(at, "APPLICATION_COMMAND_TOO_LARGE", fmt.Sprintf("Command exceeds maximum size (%d)", mostCommandSum))
		}
		f.once(at+".name", "APPLICATION_COMMANDS_DUPLICATE_NAME", fmt.Sprint(o["type"], " ", o["name"]), names)
		optional, options := false, map[any]bool{}
		for j, x := range list(o["options"]) {
			in := fmt.Sprint(at, ".options.", j)
			f.once(in+".name", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", object(x)["name"], options)
			required := object(x)["required"] == true
			if optional = optional || !required; optional && required {
				f.fail(in+".required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
					"Required options must be placed before non-required options")
			}
		}
	}
}
