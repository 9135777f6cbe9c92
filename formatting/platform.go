package formatting

// Platform is where people talk to the bot.
type Platform string

// The platforms.
const (
	Slack   Platform = "slack"
	Discord Platform = "discord"
	Console Platform = "console" // a terminal that is used like a chat

	// Terminal is the program smtptest itself: what it prints is read where
	// its options are typed.
	Terminal Platform = "terminal"
)
