package discordbot

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"smtptest/bot"
)

// Command is the name of the command, as it is typed.
const Command = "/" + commandName

// Rights are the permissions that an invitation asks for, as Discord shows
// them.
func Rights() []string {
	var names []string
	for _, r := range rights() {
		names = append(names, r.name)
	}
	return names
}

// InviteURL is where somebody who manages a server adds the bot to it.
func InviteURL(application string) string {
	var all uint64
	for _, r := range rights() {
		all |= uint64(r.bit)
	}
	return "https://discord.com/oauth2/authorize?client_id=" + url.QueryEscape(application) +
		"&scope=bot+applications.commands&permissions=" + strconv.FormatUint(all, 10)
}

// about is what Discord says of our application.
type about struct {
	ID        string `json:"id"`
	Endpoint  string `json:"interactions_endpoint_url"`
	CodeGrant bool   `json:"bot_require_code_grant"`
	Guilds    *int   `json:"approximate_guild_count"` // nil: not said
}

// Check asks Discord who we are. Each problem is one line for the operator,
// with what it costs. Errors: *chat.Fatal, or that Discord could not be asked, as a bot.Plain.
func (b *Bot) Check(ctx context.Context) (problems []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var a about
	if err := b.rest.do(ctx, call{method: http.MethodGet, path: "/applications/@me", bot: true}, &a); err != nil {
		if fatal, ok := asFatal(err); ok {
			return nil, fatal
		}
		return nil, bot.Plain(plainError(err))
	}
	if want := b.config.ApplicationID; want != "" && want != a.ID {
		problems = append(problems, "DISCORD_APPLICATION_ID names another application than DISCORD_BOT_TOKEN: "+
			"the token's own is used.")
	}
	b.application = a.ID
	return append(problems, a.problems()...), nil
}

func (a about) problems() []string {
	var all []string
	if a.Endpoint != "" {
		all = append(all, "Interactions Endpoint URL is set: commands go there, and none comes to this bot. "+
			"Clear it on the page General Information.")
	}
	if a.CodeGrant {
		all = append(all, "Requires OAuth2 Code Grant is on: the bot cannot be added to a server. "+
			"Switch it off on the page Bot.")
	}
	if a.Guilds != nil && *a.Guilds == 0 {
		all = append(all, "The bot is in no server yet. Add it with "+InviteURL(a.ID))
	}
	return all
}
