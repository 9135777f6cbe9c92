package embed

import (
	"encoding/json"

	"github.com/bwmarrin/discordgo"

	"smtptest/formatting"
)

// Modal is a form that Discord shows to one person. Where the input goes and
// what happens to it stands first. There is room for four fields; one that
// finds none is left out only if it is optional, while no more than four are
// not. Discord has no input that hides what is typed, and names the buttons
// itself.
func Modal(f formatting.Form) *discordgo.InteractionResponseData {
	target := ""
	if f.Target != "" {
		target = short(f.Target, lineRunes, code)
	}
	notice := fit([]string{target, short(f.Notice, lineRunes, prose)}, maxModalTextRunes)
	parts := []discordgo.MessageComponent{discordgo.TextDisplay{Content: notice}}
	for _, field := range chosen(f.Fields, maxModalParts-len(parts)) {
		parts = append(parts, labelled(field))
	}
	return &discordgo.InteractionResponseData{
		CustomID: customID("login", f.ID), Title: label(f.Title, maxModalTitleRunes), Components: parts,
	}
}

// chosen are the fields that have room, in order: those that must be filled
// in before those that may.
func chosen(fields []formatting.Field, room int) []formatting.Field {
	for _, f := range fields {
		if !f.Optional {
			room--
		}
	}
	var out []formatting.Field
	for _, f := range fields {
		if f.Optional {
			if room <= 0 {
				continue
			}
			room--
		}
		out = append(out, f)
	}
	return out[:min(len(out), maxModalParts-1)]
}

func labelled(f formatting.Field) fieldLabel {
	l := fieldLabel{Kind: labelComponent, Label: label(f.Label, maxFieldLabelRunes),
		Description: label(f.Hint, maxFieldHintRunes)}
	if len(f.Choices) > 0 {
		c := choice{Kind: radioGroup, CustomID: f.ID, Required: !f.Optional, Options: options(f.Choices, f.Initial)}
		if n := len(c.Options); n < minRadioOptions || n > maxRadioOptions {
			c.Kind = discordgo.SelectMenuComponent
		}
		l.Component = c
		return l
	}
	in := input{
		Kind: discordgo.TextInputComponent, CustomID: f.ID, Style: discordgo.TextInputShort,
		Required: !f.Optional, MaxLength: min(f.MaxRunes, maxInputRunes),
	}
	if f.Lines {
		in.Style = discordgo.TextInputParagraph
	}
	if !f.Secret && (in.MaxLength == 0 || size(f.Initial) <= in.MaxLength) {
		in.Value = label(f.Initial, maxInputRunes)
	}
	l.Component = in
	return l
}

// Kinds that the library does not know. Its own inputs always bring a label,
// which Discord refuses inside a Label.
const (
	labelComponent discordgo.ComponentType = 18
	radioGroup     discordgo.ComponentType = 21
)

type fieldLabel struct {
	Kind        discordgo.ComponentType    `json:"type"`
	Label       string                     `json:"label"`
	Description string                     `json:"description,omitempty"`
	Component   discordgo.MessageComponent `json:"component"`
}

type input struct {
	Kind      discordgo.ComponentType  `json:"type"`
	CustomID  string                   `json:"custom_id"`
	Style     discordgo.TextInputStyle `json:"style"`
	Value     string                   `json:"value,omitempty"`
	Required  bool                     `json:"required"`
	MaxLength int                      `json:"max_length,omitempty"`
}

// choice is a group of radio buttons, which shows all that can be chosen, or
// where these are too many for it a menu; and whether something must be chosen.
type choice struct {
	Kind     discordgo.ComponentType `json:"type"`
	CustomID string                  `json:"custom_id"`
	Required bool                    `json:"required"`
	Options  []option                `json:"options"`
}

type option struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// options leave out what Discord refuses: values that are empty, too long or
// there twice.
func options(choices []formatting.Choice, initial string) []option {
	var out []option
	have := map[string]bool{}
	for _, c := range choices {
		if c.Value == "" || c.Label == "" || size(c.Value) > maxOptionValueRunes || have[c.Value] ||
			len(out) == maxSelectOptions {
			continue
		}
		have[c.Value] = true
		out = append(out, option{label(c.Label, maxOptionLabelRunes), c.Value, c.Value == initial})
	}
	return out
}

// Type is that of a Label.
func (l fieldLabel) Type() discordgo.ComponentType { return l.Kind }

// MarshalJSON is what the library asks of a component; the tags say it all.
func (l fieldLabel) MarshalJSON() ([]byte, error) {
	type bare fieldLabel
	return json.Marshal(bare(l))
}

// Type is that of a text input.
func (i input) Type() discordgo.ComponentType { return i.Kind }

// MarshalJSON is what the library asks of a component; the tags say it all.
func (i input) MarshalJSON() ([]byte, error) {
	type bare input
	return json.Marshal(bare(i))
}

// Type is that of the group or menu.
func (c choice) Type() discordgo.ComponentType { return c.Kind }

// MarshalJSON is what the library asks of a component; the tags say it all.
func (c choice) MarshalJSON() ([]byte, error) {
	type bare choice
	return json.Marshal(bare(c))
}
