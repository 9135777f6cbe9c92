package main

import (
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"

	"smtptest/probe/secret"
)

type slackConfig struct {
	botToken, appToken     secret.Secret
	teams, channels, users []string
	apiURL                 string
	containers             bool
}

type discordConfig struct {
	botToken                        secret.Secret
	application                     string
	registerIn                      []string
	guilds, channels, roles, people []string
	apiURL                          string
	loginForm, ansi                 bool
}

func (r *reader) slack(v variables) *slackConfig {
	c := slackConfig{
		botToken: r.secret("SLACK_BOT_TOKEN", v.SlackBotToken, v.SlackBotTokenFile),
		appToken: r.secret("SLACK_APP_TOKEN", v.SlackAppToken, v.SlackAppTokenFile),
		teams:    r.slackIDs("SLACK_ALLOWED_TEAMS", v.SlackTeams, "TE"),
		channels: r.slackIDs("SLACK_ALLOWED_CHANNELS", v.SlackChannels, "CGD"),
		users:    r.slackIDs("SLACK_ALLOWED_USERS", v.SlackUsers, "UW"), apiURL: r.apiURL("SLACK_API_URL", v.SlackAPIURL),
		containers: r.Yes("SLACK_CONTAINERS", v.SlackContainers),
	}
	switch {
	case c.botToken.IsZero() && c.appToken.IsZero():
		return nil
	case c.botToken.IsZero():
		r.Wrong("SLACK_BOT_TOKEN", "is missing, while SLACK_APP_TOKEN is set; Slack needs both")
	case c.appToken.IsZero():
		r.Wrong("SLACK_APP_TOKEN", "is missing, while SLACK_BOT_TOKEN is set; Slack needs both")
	case strings.HasPrefix(c.botToken.Reveal(), "xapp-") && strings.HasPrefix(c.appToken.Reveal(), "xoxb-"):
		r.Wrong("SLACK_BOT_TOKEN", "and SLACK_APP_TOKEN hold each other's token; swap them")
	case !strings.HasPrefix(c.botToken.Reveal(), "xoxb-"):
		r.Wrong("SLACK_BOT_TOKEN", "is not a bot token; it begins with xoxb-")
	case !strings.HasPrefix(c.appToken.Reveal(), "xapp-"):
		r.Wrong("SLACK_APP_TOKEN", "is not an app-level token; it begins with xapp-")
	}
	return &c
}

func (r *reader) discord(v variables) *discordConfig {
	c := discordConfig{
		botToken:   r.secret("DISCORD_BOT_TOKEN", v.DiscordBotToken, v.DiscordBotTokenFile),
		registerIn: r.snowflakes("DISCORD_GUILD_IDS", v.DiscordRegisterIn),
		guilds:     r.snowflakes("DISCORD_ALLOWED_GUILDS", v.DiscordGuilds),
		channels:   r.snowflakes("DISCORD_ALLOWED_CHANNELS", v.DiscordChannels),
		roles:      r.snowflakes("DISCORD_ALLOWED_ROLES", v.DiscordRoles),
		people:     r.snowflakes("DISCORD_ALLOWED_USERS", v.DiscordUsers),
		apiURL:     r.apiURL("DISCORD_API_URL", v.DiscordAPIURL),
		loginForm:  r.Yes("DISCORD_LOGIN_FORM", v.DiscordLoginForm), ansi: r.Yes("DISCORD_ANSI", v.DiscordANSI),
	}
	switch ids := r.snowflakes("DISCORD_APPLICATION_ID", v.DiscordApplication); {
	case len(ids) == 1:
		c.application = ids[0]
	case len(ids) > 1:
		r.Wrong("DISCORD_APPLICATION_ID", "lists more than one id")
	}
	switch token := c.botToken.Reveal(); {
	case c.botToken.IsZero():
		return nil
	case strings.Count(token, ".") != 2 || strings.ContainsAny(token, " \t\n"):
		r.Wrong("DISCORD_BOT_TOKEN", "is not a bot token; "+
			"one has three parts with dots between them, and is on the page Bot of the application")
	}
	return &c
}

// snowflakes are Discord's ids.
func (r *reader) snowflakes(variable, text string) []string {
	const fewest, most = 15, 20 // digits; Discord's first were made in 2015
	all := r.List(variable, text)
	for i, id := range all {
		if len(id) < fewest || len(id) > most || strings.Trim(id, "0123456789") != "" {
			r.Wrong(variable, "lists what is not an id, as entry %d; "+
				"ids are long numbers, which Copy ID shows in Discord's developer mode", i+1)
			return nil
		}
	}
	return all
}

// maxSecretFileOctets bounds the file of a secret; the longest token has some
// 400.
const maxSecretFileOctets = 64 << 10

// secret is a value, or what its file contains. Files end in a line end that is
// not part of the secret.
func (r *reader) secret(variable, value, file string) secret.Secret {
	switch {
	case value != "" && file != "":
		r.Wrong(variable, "and %s_FILE are both set; set one of them", variable)
	case file != "":
		content, err := os.ReadFile(file)
		if err != nil || len(content) > maxSecretFileOctets {
			r.Wrong(variable+"_FILE", "names a file that cannot be read")
			return secret.Secret{}
		}
		value = string(content)
		if strings.TrimSpace(value) == "" {
			r.Wrong(variable+"_FILE", "names a file that is empty")
		}
	}
	return secret.New(strings.TrimSpace(value))
}

// slackIDs are Slack's names of things, told apart by their first letter.
func (r *reader) slackIDs(variable, text, first string) []string {
	all := r.List(variable, text)
	for i, id := range all {
		if !strings.Contains(first, id[:1]) || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			letters := strings.Join(strings.Split(first, ""), " or ")
			r.Wrong(variable, "lists what is not an id, as entry %d; ids begin with %s and are in the address of the page",
				i+1, letters)
			return nil
		}
	}
	return all
}

func (r *reader) apiURL(variable, text string) string {
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err == nil && apiPath.MatchString(u.Path):
		r.Wrong(variable, "ends in %s, which this program adds itself; leave it out", apiPath.FindString(u.Path))
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "":
		r.Wrong(variable, "is not an address such as https://proxy.example.com")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		r.Wrong(variable, "begins with http:, which is for loopback only; use https:")
	case u.Scheme != "http" && u.Scheme != "https":
		r.Wrong(variable, "begins with neither https: nor http:")
	}
	return strings.TrimSuffix(text, "/")
}

// apiPath is what the two libraries put behind the address of a server.
var apiPath = regexp.MustCompile(`/api(/v[0-9]+)?/?$`)

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}
