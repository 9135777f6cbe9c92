package discordbot

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"smtptest/bot"
	"smtptest/formatting"
)

// Command is the name of the command, as it is typed.
const Command = "/" + commandName

// Rights are the permissions that an invitation asks for, as Discord shows
// them.
func Rights() []string {
	var names []string
	for _, p := range permissions() {
		names = append(names, p.String())
	}
	return names
}

// InviteURL is where somebody who manages a server adds the bot to it.
func InviteURL(application string) string {
	var all uint64
	for _, p := range permissions() {
		all |= uint64(p)
	}
	return "https://discord.com/oauth2/authorize?client_id=" + url.QueryEscape(application) +
		"&scope=bot+applications.commands&permissions=" + strconv.FormatUint(all, 10)
}

// about is what Discord says of our application.
type about struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Public    bool   `json:"bot_public"`
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
	b.application, b.about = a.ID, a
	if a.Public && len(b.config.Guilds) == 0 {
		problems = append(problems, "The bot is public, and DISCORD_ALLOWED_GUILDS lists no server: whoever adds it to a "+
			"server of their own runs tests in your name. Switch Public Bot off on the page Bot, or list your servers.")
	}
	return append(problems, a.problems()...), nil
}

// Reach lists the servers that the bot is in, for Identity. Errors are those of Check.
func (b *Bot) Reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	path := "/users/@me/guilds?limit=" + strconv.Itoa(namedGuilds)
	if err := b.rest.do(ctx, call{method: http.MethodGet, path: path, bot: true}, &b.guilds); err != nil {
		if fatal, ok := asFatal(err); ok {
			return fatal
		}
		return bot.Plain(plainError(err))
	}
	return nil
}

// guildName is a server as a list of them has it.
type guildName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// namedGuilds is how many servers are named: whoever has more knows them by number.
const namedGuilds = 20

// Identity says who answers where, as Check and Reach have found out.
func (b *Bot) Identity() string {
	where := "servers whose number Discord does not say"
	if n := b.about.Guilds; n != nil {
		where = strconv.Itoa(*n) + " server(s)"
	}
	for i, g := range b.guilds {
		between := ", "
		if i == 0 {
			between = ": "
		}
		where += between + formatting.Clean(g.Name) + " (" + g.ID + ")"
	}
	if n := b.about.Guilds; n != nil && len(b.guilds) > 0 && *n > len(b.guilds) {
		where += " and " + strconv.Itoa(*n-len(b.guilds)) + " more"
	}
	return b.about.Name + " (application " + b.about.ID + ") in " + where
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
