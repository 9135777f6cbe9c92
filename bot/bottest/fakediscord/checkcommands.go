package fakediscord

import (
	"fmt"
	"regexp"
	"strings"
)

// Limits of commands that the description does not have, or has higher
// (Discord, Application Commands).
const (
	mostChatCommands    = 100
	mostContextCommands = 15   // of users, and of messages; raised in March 2026
	mostCommandText     = 100  // of the value of a choice
	mostCommandSum      = 8000 // names, descriptions and values of one command
	mostStringLength    = 6000
)

// Types of commands and options (Discord, Application Commands).
const (
	chatCommand   = 1
	optionString  = 3
	optionBoolean = 5
)

// commandName is the pattern of Application Commands Naming; Go has no short
// name for the two scripts that Discord lists besides letters and digits.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

func (f *faults) checkCommands(v any) {
	all, ok := v.([]any)
	if !ok {
		f.fail("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
	}
	kinds, names := map[int]int{}, map[string]bool{}
	for i, c := range all {
		o, at := object(c), fmt.Sprint(i)
		if !f.shape(at, bodyCommand, c) {
			continue
		}
		kind := or(number(o["type"]), chatCommand)
		kinds[kind]++
		if f.checkCommand(at, o, kind) > mostCommandSum {
			f.fail(at, "APPLICATION_COMMAND_TOO_LARGE", fmt.Sprintf("Command exceeds maximum size (%d)", mostCommandSum))
		}
		if name := fmt.Sprint(kind, " ", o["name"]); names[name] {
			f.fail(at+".name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		} else {
			names[name] = true
		}
	}
	if kinds[1] > mostChatCommands || kinds[2] > mostContextCommands || kinds[3] > mostContextCommands {
		f.fail("", "APPLICATION_COMMANDS_LIMIT", "Maximum number of application commands reached")
	}
}

// checkCommand returns how much a command counts for the sum.
func (f *faults) checkCommand(place string, o map[string]any, kind int) int {
	if kind != chatCommand {
		if !empty(o["description"]) {
			f.fail(place+".description", "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED",
				"Context menu commands cannot have a description")
		}
		return 0
	}
	f.checkName(place, o)
	sum := count(o["name"]) + f.filled(place, o, "description")
	optional, seen := false, map[string]bool{}
	for i, x := range list(o["options"]) {
		opt, at := object(x), fmt.Sprint(place, ".options.", i)
		f.checkName(at, opt)
		if name := text(opt["name"]); seen[name] {
			f.fail(at+".name", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
		} else {
			seen[name] = true
		}
		if optional = optional || opt["required"] != true; optional && opt["required"] == true {
			f.fail(at+".required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
				"Required options must be placed before non-required options")
		}
		sum += count(opt["name"], opt["description"]) + f.checkChoices(at, opt)
	}
	return sum
}

func (f *faults) checkName(place string, o map[string]any) {
	if name := text(o["name"]); !commandName.MatchString(name) || strings.ToLower(name) != name {
		f.fail(place+".name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	}
}

// checkChoices returns how much the choices of an option count for the sum.
func (f *faults) checkChoices(place string, o map[string]any) int {
	sum, choices := 0, list(o["choices"])
	if o["autocomplete"] == true && len(choices) > 0 {
		f.fail(place+".autocomplete", "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
			"Choices cannot be used with autocomplete")
	}
	for i, c := range choices {
		at := fmt.Sprint(place, ".choices.", i)
		if sum += count(object(c)["name"]) + f.filled(at, object(c), "value"); count(object(c)["value"]) > mostCommandText {
			f.tooLong(at+".value", mostCommandText)
		}
	}
	return sum
}
