package chat

import (
	"slices"

	"smtptest/formatting"
)

// AllowList says who may use the bot, and where. An empty list allows all.
type AllowList struct {
	Workspaces []string // Slack: teams and enterprises; Discord: guilds
	Channels   []string
	People     []string
	Groups     []string // Discord: roles. A person of one of these is as good as a listed one
}

// Origin is where an event comes from, by the platform's own ids. An empty id
// is on no list.
type Origin struct {
	Workspaces []string // of the person; who comes from where we cannot tell is a stranger
	Channels   []string // the channel, and the one that it belongs to; nil: the event has no channel (a form in Slack)
	Person     string
	Groups     []string
}

// Refuses says why somebody may not use the bot; empty: they may.
func (l AllowList) Refuses(o Origin) formatting.TextID {
	switch {
	case len(l.Workspaces) > 0 && !listed(l.Workspaces, o.Workspaces...):
		return formatting.RefusedStranger
	case len(l.People)+len(l.Groups) > 0 && !listed(l.People, o.Person) && !listed(l.Groups, o.Groups...):
		return formatting.RefusedPerson
	case len(l.Channels) > 0 && o.Channels != nil && !listed(l.Channels, o.Channels...):
		return formatting.RefusedElsewhere
	}
	return ""
}

func listed(all []string, ids ...string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return id != "" && slices.Contains(all, id) })
}
