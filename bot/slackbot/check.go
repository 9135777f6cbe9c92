package slackbot

import (
	"context"
	"slices"
	"strings"

	"smtptest/bot"
	"smtptest/bot/chat"
)

// scope is a right that the app may have.
type scope struct {
	name  string
	costs string // what does not work without it
	must  bool   // without it nothing works
}

// scopes are all that this adapter uses; the manifest asks for the same.
func scopes() []scope {
	return []scope{
		{"commands", "the command /smtptest does not exist", true},
		{"chat:write", "no answer can be posted", true},
		{"chat:write.public", "in public channels that the bot was not invited to, answers have no thread", false},
		{"files:write", "long transcripts are shown in part, and cannot be had as a file", false},
		{"app_mentions:read", "mentioning the bot, the only way in threads, does nothing", false},
		{"im:history", "who writes to the bot in the conversation with it gets no answer, but to the command", false},
	}
}

// Scopes are the names of all bot scopes that are used; first those without
// which nothing works.
func Scopes() (must, optional []string) {
	for _, s := range scopes() {
		if s.must {
			must = append(must, s.name)
		} else {
			optional = append(optional, s.name)
		}
	}
	return must, optional
}

// Events are the events that the app listens to.
func Events() []string { return []string{"app_mention", "message.im", "app_home_opened"} }

// Command is the name of the slash command.
const Command = "/smtptest"

// Check asks Slack who we are and which rights we have. Each problem is one
// line for the operator, with what it costs. Errors: *chat.Fatal, or that Slack
// could not be asked, as a bot.Plain.
func (b *Bot) Check(ctx context.Context) (problems []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	who, err := b.api.slack.AuthTestContext(ctx)
	if err != nil {
		return nil, refusal(err, asFatal)
	}
	b.mu.Lock()
	b.self = self{team: who.TeamID, enterprise: who.EnterpriseID, user: who.UserID, bot: who.BotID,
		workspace: who.Team, name: who.User}
	b.mu.Unlock()
	granted := strings.FieldsFunc(who.Header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(granted) == 0 {
		return []string{"Slack does not say which scopes the app has; a missing one shows when it is needed."}, nil
	}
	for _, s := range scopes() {
		if !slices.Contains(granted, s.name) {
			problems = append(problems, s.name+" is missing: "+s.costs+".")
		}
	}
	return problems, nil
}

// Identity says who answers where, as Check has found out.
func (b *Bot) Identity() string {
	me := b.me()
	return "@" + me.name + " in the workspace " + me.workspace + " (" + me.team + ")"
}

// Reach asks for a socket and leaves it unused: it tries the app-level token.
// Slack counts such calls, so it is for -check alone; Run finds out by itself.
// Errors: *chat.Fatal, or that Slack could not be asked, as a bot.Plain.
func (b *Bot) Reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, _, err := b.api.slack.StartSocketModeContext(ctx)
	if err != nil {
		return refusal(err, socketFatal)
	}
	return nil
}

// refusal is what a call that failed says to the operator.
func refusal(err error, final func(error) (*chat.Fatal, bool)) error {
	if fatal, ok := final(err); ok {
		return fatal
	}
	return bot.Plain(plainError(err))
}
