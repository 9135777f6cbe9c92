package command

import "smtptest/formatting"

func setWatch(c *Command, w word) *UsageError { return setSwitch(&c.Watch, w) }

// watched reads a test that is to be made again and again.
func (p *parser) watched(words []word) *UsageError {
	return p.test(append([]word{{text: "--watch", raw: "--watch"}}, words...))
}

// unwatched are the options that cannot be used with --watch, with the reason:
// what is done once for somebody is not always harmless every 30 seconds.
func unwatched() [][2]string {
	const (
		login    = "logs in, and a login every 30 seconds could lock the account"
		mail     = "sends mail commands, which a server could take for an attack if they come every 30 seconds"
		oneShown = "is a form of one answer, and a watch has many"
	)
	return [][2]string{
		{"private", "shows the answer to you alone, and such a message cannot be changed later"},
		{"profile", login}, {"login", login}, {"from", mail}, {"to", mail}, {"enforced", mail},
		{optionVantage, "names another place, and a watch is kept at this one"},
		{"repeat", "tests a number of times, and a watch tests until the server works"},
		{"expect", oneShown}, {"json", oneShown}, {"ticket", oneShown}, {"brief", oneShown}, {"as", oneShown},
	}
}

// checkWatch wants a test that can be made again and again.
func (p *parser) checkWatch() *UsageError {
	switch {
	case !p.command.Watch:
		return nil
	case p.dialect.NoWatch:
		return &UsageError{ID: formatting.UsageOptionElsewhere, Option: "--watch"}
	case p.command.Verb == VerbLogin:
		return &UsageError{ID: formatting.UsageWatchLogin, Option: "--watch"}
	}
	for _, o := range unwatched() {
		if p.given[o[0]] {
			return &UsageError{ID: formatting.UsageWatch, Option: "--" + o[0], Reason: o[1]}
		}
	}
	return nil
}
