package discordbot

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/bot/command"
	"smtptest/formatting"
)

// The command, and its option that is not of the table.
const (
	commandName  = "smtptest"
	optionTarget = bot.FieldTarget
)

// registration is an application command as we register it and compare it.
type registration struct {
	Type         int      `json:"type"`
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	Options      []option `json:"options,omitempty"`
	Contexts     []int    `json:"contexts,omitempty"`          // where it is shown; of a guild's own command none are said
	Installation []int    `json:"integration_types,omitempty"` // as Contexts
}

type option struct {
	Type        int      `json:"type"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Required    bool     `json:"required,omitempty"`
	MaxLength   int      `json:"max_length,omitempty"`
	Suggest     bool     `json:"autocomplete,omitempty"`
	Choices     []choice `json:"choices,omitempty"`
}

type choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// theCommand is made from the table of options, so that all help says the
// same.
func theCommand(guild string, d command.Dialect) registration {
	c := registration{
		Type: int(discordgo.ChatApplicationCommand), Name: commandName,
		Description: strings.TrimSuffix(formatting.HelpHead(), "."),
		Options: []option{{
			Type: int(discordgo.ApplicationCommandOptionString), Name: optionTarget, Required: true,
			MaxLength: command.MaxTextRunes, Suggest: true, Description: command.Hint(d),
		}},
	}
	for _, h := range command.Help("", d) {
		c.Options = append(c.Options, optionOf(h))
	}
	return c.shown(guild)
}

// shown says where a command is shown: one of a guild's own says nothing.
func (c registration) shown(guild string) registration {
	if guild == "" {
		c.Contexts = []int{int(discordgo.InteractionContextGuild), int(discordgo.InteractionContextBotDM)}
		c.Installation = []int{int(discordgo.ApplicationIntegrationGuildInstall)}
	}
	return c
}

// registrations are all commands, in the order in which they are compared.
func registrations(guild string, d command.Dialect) []registration {
	return []registration{
		theCommand(guild, d),
		registration{Type: ofMessages, Name: label(formatting.LabelExplain)}.shown(guild),
		registration{Type: ofMessages, Name: label(formatting.LabelFind)}.shown(guild),
	}
}

func optionOf(h command.OptionHelp) option {
	o := option{Type: int(discordgo.ApplicationCommandOptionString), Name: h.Name, Description: h.Meaning}
	o.Suggest = h.Name == bot.FieldProfile || h.Name == bot.FieldVantage
	if h.Value == "" {
		o.Type = int(discordgo.ApplicationCommandOptionBoolean)
	}
	for _, c := range h.Choices {
		o.Choices = append(o.Choices, choice{c, c})
	}
	return o
}

// keepRegistered registers the command wherever it is to be, and tries again
// until Discord has answered. Errors: *chat.Fatal.
func (b *Bot) keepRegistered(ctx context.Context) error {
	guilds := b.config.RegisterIn
	if len(guilds) == 0 {
		guilds = []string{""}
	}
	for attempt := 0; len(guilds) > 0 && ctx.Err() == nil; attempt++ {
		var left []string
		for _, guild := range guilds {
			err := b.register(ctx, guild)
			if fatal, ok := asFatal(err); ok {
				return fatal
			}
			if b.failed(ctx, err) {
				left = append(left, guild)
			}
		}
		if guilds = left; len(guilds) > 0 {
			chat.Sleep(ctx, chat.Backoff{First: time.Second, Most: time.Minute}.Wait(attempt))
		}
	}
	return nil
}

// failed logs why the command could not be registered, and reports whether
// that may change.
func (b *Bot) failed(ctx context.Context, err error) (again bool) {
	if err == nil || ctx.Err() != nil {
		return false
	}
	const unknownGuild, missingAccess = 10004, 50001
	if code := codeOf(err); code == unknownGuild || code == missingAccess {
		b.config.Log.Error("the command is not registered in a server of DISCORD_GUILD_IDS: the bot was not added to it")
		return false
	}
	b.config.Log.Warn("the command is not registered yet", "error", plainError(err))
	return true
}

// register compares first: what is as it should be is not written again.
func (b *Bot) register(ctx context.Context, guild string) error {
	if b.application == "" {
		if _, err := b.Check(ctx); err != nil {
			return err
		}
	}
	at := path("applications", b.application, "commands")
	if guild != "" {
		at = path("applications", b.application, "guilds", guild, "commands")
	}
	var have []registration
	if err := b.rest.do(ctx, call{method: http.MethodGet, path: at, bot: true}, &have); err != nil {
		return err
	}
	want := registrations(guild, b.dispatcher.Handler.Speaks(formatting.Discord))
	slices.SortFunc(have, func(a, b registration) int { return cmp.Or(a.Type-b.Type, strings.Compare(a.Name, b.Name)) })
	for i := range have {
		if guild != "" {
			have[i].Contexts, have[i].Installation = nil, nil // Discord fills them in, and they do not count
		}
	}
	if reflect.DeepEqual(have, want) {
		return nil
	}
	return b.rest.do(ctx, call{method: http.MethodPut, path: at, bot: true, body: want}, nil)
}
