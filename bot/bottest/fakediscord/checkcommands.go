package fakediscord

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Limits of commands (Discord, Application Commands).
const (
	mostChatCommands    = 100
	mostContextCommands = 15 // of users, and of messages; raised in March 2026
	mostCommandOptions  = 25
	mostChoices         = 25
	mostCommandText     = 100  // descriptions, names and string values of choices
	mostCommandSum      = 8000 // names, descriptions and values of one command
	mostStringLength    = 6000
	mostDailyCreates    = 200 // a guild, or all global ones
)

// Types of options (Discord, Application Commands, Option Type).
const (
	optionSub       = 1
	optionSubGroup  = 2
	optionString    = 3
	optionInteger   = 4
	optionBoolean   = 5
	optionNumber    = 10
	optionLastKnown = 11
)

// commandName is the pattern of Application Commands Naming; Go has no short
// name for the two scripts that Discord lists besides letters and digits.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

func checkCommands(f field) {
	kinds, names := map[int64]int{}, map[int64]map[string]bool{}
	for _, c := range f.list(0, mostChatCommands+2*mostContextCommands) {
		if !c.object() {
			continue
		}
		kind := int64(1)
		if !c.at("type").null() {
			kind = c.at("type").among(1, 2, 3)
		}
		if names[kind] == nil {
			names[kind] = map[string]bool{}
		}
		kinds[kind]++
		name := checkCommand(c, kind)
		c.at("name").distinct(names[kind], name, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
	}
	if kinds[1] > mostChatCommands || kinds[2] > mostContextCommands || kinds[3] > mostContextCommands {
		f.fail("APPLICATION_COMMANDS_LIMIT", "Maximum number of application commands reached")
	}
}

func checkCommand(c field, kind int64) string {
	name := c.at("name").text(1, 32)
	sum := 0
	if kind == 1 {
		checkName(c.at("name"), name)
		sum = count(name, c.at("description").text(1, mostCommandText))
		sum += checkCommandOptions(c.at("options"), 0)
	} else if !empty(c.at("description").value) {
		c.at("description").fail("APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "Context menu commands cannot have a description")
	}
	if sum > mostCommandSum {
		c.fail("APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (%d)", mostCommandSum)
	}
	for _, x := range c.at("contexts").list(0, 3) {
		x.among(0, 1, 2)
	}
	if !c.at("integration_types").null() {
		for _, x := range c.at("integration_types").list(1, 2) {
			x.among(0, 1)
		}
	}
	if p := c.at("default_member_permissions"); !p.null() && !snowflake.MatchString(p.text(1, 20)) {
		p.fail("BITFIELD_TYPE_CONVERT", "Value is not a bit set.")
	}
	c.at("nsfw").yes()
	return name
}

func checkName(f field, name string) {
	if name != "" && (!commandName.MatchString(name) || strings.ToLower(name) != name) {
		f.fail("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	}
}

// checkCommandOptions returns how much options count for the sum. depth is
// how many sub-commands stand around them.
func checkCommandOptions(f field, depth int) int {
	sum, optional, seen := 0, false, map[string]bool{}
	for _, o := range f.list(0, mostCommandOptions) {
		if !o.object() {
			continue
		}
		name := o.at("name").text(1, 32)
		checkName(o.at("name"), name)
		o.at("name").distinct(seen, name, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
		sum += count(name, o.at("description").text(1, mostCommandText))
		if !o.at("required").yes() {
			optional = true
		} else if optional {
			o.at("required").fail("APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		sum += checkOption(o, depth)
	}
	return sum
}

func checkOption(o field, depth int) int {
	kind := o.at("type").whole(optionSub, optionLastKnown)
	if o.at("type").null() {
		o.at("type").required()
	}
	if kind == optionSub || kind == optionSubGroup {
		if depth >= 2 || (depth == 1 && kind == optionSubGroup) {
			o.at("type").fail("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type is invalid")
			return 0
		}
		return checkCommandOptions(o.at("options"), depth+1)
	}
	checkBounds(o, kind)
	choices := o.at("choices").list(0, mostChoices)
	if o.at("autocomplete").yes() && len(choices) > 0 {
		o.at("autocomplete").fail("APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", "Choices cannot be used with autocomplete")
	}
	sum := 0
	for _, c := range choices {
		if c.object() {
			sum += checkChoice(c, kind)
		}
	}
	return sum
}

func checkChoice(c field, kind int64) int {
	sum := count(c.at("name").text(1, mostCommandText))
	if kind == optionString {
		return sum + count(c.at("value").text(1, mostCommandText))
	}
	if _, ok := c.at("value").value.(json.Number); !ok {
		c.at("value").fail("NUMBER_TYPE_COERCE", "Value is not a number.")
	}
	return sum
}

// checkBounds: lengths belong to strings, values to numbers. discordgo sends
// max_length and max_value only when they are not 0.
func checkBounds(o field, kind int64) {
	o.at("min_length").whole(0, mostStringLength)
	o.at("max_length").whole(1, mostStringLength)
	for name, owners := range map[string][]int64{
		"min_length": {optionString}, "max_length": {optionString},
		"min_value": {optionInteger, optionNumber}, "max_value": {optionInteger, optionNumber},
	} {
		if !o.at(name).null() && kind != owners[0] && kind != owners[len(owners)-1] {
			o.at(name).fail("APPLICATION_COMMAND_OPTION_BOUND_INVALID", "%s is not valid for this type of option", name)
		}
	}
}
