package embed

import (
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"smtptest/formatting"
)

// scheme begins each custom id, so that buttons of an older scheme are not
// taken for ours.
const scheme = "st1"

// The longest that an Action may have, see there.
const (
	maxVerbLetters = 12
	maxRunRunes    = 32
)

// rows are the buttons of a message, five in a row, and below them its menus.
// It is never nil.
func rows(actions []formatting.Action) []discordgo.MessageComponent {
	var buttons, menus []discordgo.MessageComponent
	var ids []string // a second component with the same id is refused with the whole message
	for _, a := range actions {
		id := customID(a.Verb, a.Run)
		if longer := id + ":" + a.Request; id != "" && a.Request != "" && size(longer) <= maxCustomIDRunes {
			id = longer
		}
		switch {
		case id == "" || slices.Contains(ids, id) || strings.TrimSpace(formatting.Clean(a.Label)) == "":
			continue
		case len(a.Choices) > 0:
			menus = append(menus, row(menu(id, a)))
		default:
			buttons = append(buttons, button(id, a))
		}
		ids = append(ids, id)
	}
	out := []discordgo.MessageComponent{}
	for chunk := range slices.Chunk(buttons, maxRowButtons) {
		out = append(out, row(chunk...))
	}
	out = append(out, menus...)
	return out[:min(len(out), maxRows)]
}

func row(parts ...discordgo.MessageComponent) discordgo.ActionsRow {
	return discordgo.ActionsRow{Components: parts}
}

// button has no place for Action.Accessible: Discord's have no text beside their
// label.
func button(id string, a formatting.Action) discordgo.Button {
	style := discordgo.SecondaryButton
	if a.Main {
		style = discordgo.PrimaryButton
	}
	return discordgo.Button{CustomID: id, Label: label(a.Label, maxButtonLabelRunes), Style: style}
}

func menu(id string, a formatting.Action) discordgo.SelectMenu {
	m := discordgo.SelectMenu{MenuType: discordgo.StringSelectMenu, CustomID: id,
		Placeholder: label(a.Label, maxSelectHintRunes)}
	for _, o := range options(a.Choices, "") {
		m.Options = append(m.Options, discordgo.SelectMenuOption{Label: o.Label, Value: o.Value})
	}
	return m
}

// label is a text where Discord reads no markup.
func label(text string, most int) string {
	runes := []rune(formatting.Clean(text))
	whole := formatting.Isolate(string(runes))
	if size(whole) <= most {
		return whole
	}
	kept := formatting.Isolate(string(runes[:min(len(runes), most-1)]))
	if size(kept) > most-1 {
		kept = formatting.Isolate(string(runes[:most-1-formatting.IsolateRunes]))
	}
	return kept + "…"
}

// customID is empty if there could be no way back from it.
func customID(verb, run string) string {
	id := scheme + ":" + verb + ":" + run
	if _, _, _, ok := Pressed(id, nil); !ok {
		return ""
	}
	return id
}

// Pressed reads what Root put into a component: the verb and the run of the
// Action, and the value of its Choice, which is empty if it was a button. It
// reads the custom id of a Modal too, whose run is the form's ID. ok is false
// for what is not ours.
func Pressed(customID string, values []string) (verb, run, choice string, ok bool) {
	if rest, ours := strings.CutPrefix(customID, scheme+":"); ours {
		verb, run, ok = strings.Cut(rest, ":")
		run, _, _ = strings.Cut(run, ":")
	}
	ok = ok && letters(verb) && run != "" && size(run) <= maxRunRunes && formatting.Clean(run) == run && len(values) <= 1
	if ok && len(values) == 1 {
		choice = values[0]
		ok = choice != "" && size(choice) <= maxOptionValueRunes
	}
	if !ok {
		return "", "", "", false
	}
	return verb, run, choice, true
}

// Request reads back the Request of the Action; empty: there was no room for it.
func Request(customID string) string {
	parts := strings.SplitN(customID, ":", 4)
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}

func letters(verb string) bool {
	notLetter := func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	return verb != "" && len(verb) <= maxVerbLetters && !strings.ContainsFunc(verb, notLetter)
}
