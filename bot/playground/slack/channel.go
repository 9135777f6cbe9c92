package slack

import "slices"

// Kind is what a channel is to the bot.
type Kind int

// The kinds of channels.
const (
	Member        Kind = iota // public, and the bot is a member
	Public                    // public, and the bot is not: chat:write.public is needed
	PrivateMember             // private, and the bot is a member
	Private                   // private, and the bot is not: it does not exist for the bot
	Others                    // a direct message between other people: it does not exist for the bot
	Direct                    // the direct message between a person and the bot
)

// Channel is a place where people talk. The flags may be combined with any
// Kind.
type Channel struct {
	ID, Name    string
	Kind        Kind
	With        string // the person of a Direct
	ThreadsOnly bool   // no messages at the top level
	NoThreads   bool   // no replies
	Shared      bool   // by Slack Connect, with another workspace
	Refuse      string // the code that answers each post, such as "messages_tab_disabled"; empty: none
}

// Codes that answer each post into a channel.
const (
	Archived = "is_archived" // and each change of what is there
	ReadOnly = "restricted_action_read_only_channel"
)

// Where the bot is, when Options name no channels.
const (
	InMember      = "C0MEMBER1"
	InPublic      = "C0PUBLIC1"
	InPrivate     = "C0PRIVAT1" // not a member
	InPrivateTeam = "C0TEAM001" // a member
	InOthers      = "D0OTHERS1"
	InDirect      = "D0DIRECT1" // with Ada
	InArchived    = "C0ARCHIV1"
	InReadOnly    = "C0READON1"
	InThreadsOnly = "C0THREAD1"
	InNoThreads   = "C0FLAT001"
	InShared      = "C0SHARED1"
)

// Channels is one channel of each sort.
func Channels() []Channel {
	return []Channel{
		{ID: InMember, Name: "incident"},
		{ID: InPublic, Name: "general", Kind: Public},
		{ID: InPrivate, Name: "secret", Kind: Private},
		{ID: InPrivateTeam, Name: "team", Kind: PrivateMember},
		{ID: InOthers, Name: "directmessage", Kind: Others},
		{ID: InDirect, Name: "directmessage", Kind: Direct, With: Ada},
		{ID: InArchived, Name: "old", Refuse: Archived},
		{ID: InReadOnly, Name: "announcements", Refuse: ReadOnly},
		{ID: InThreadsOnly, Name: "questions", ThreadsOnly: true},
		{ID: InNoThreads, Name: "flat", NoThreads: true},
		{ID: InShared, Name: "partners", Shared: true},
	}
}

// SetChannel adds a channel, or changes the one with that ID.
func (s *Server) SetChannel(c Channel) { s.Locked(func() { s.channels[c.ID] = c }) }

// LockThread makes a thread one that admins have locked.
func (s *Server) LockThread(channel, ts string) {
	s.Locked(func() { s.locked[key(channel, ts)] = true })
}

// seen reports whether the bot knows that a channel exists.
func (c Channel) seen() bool { return c.Kind != Private && c.Kind != Others }

// joined reports whether the bot is a member.
func (c Channel) joined() bool {
	return c.Kind == Member || c.Kind == PrivateMember || c.Kind == Direct
}

// channel finds where a call goes. An id of a person is the direct message
// with that person, which is opened where people may be named. s.Mu is held.
func (s *Server) channel(id string, people bool) Channel {
	if u, ok := s.users[id]; ok {
		wrong(!people, "channel_not_found", "an id of a person, where that of the channel is wanted")
		return s.direct(u)
	}
	c, ok := s.channels[id]
	refuse(!ok || !c.seen(), "channel_not_found")
	return c
}

// direct finds or opens the direct message with a person. s.Mu is held.
func (s *Server) direct(u User) Channel {
	for _, c := range s.channels {
		if c.Kind == Direct && c.With == u.ID {
			return c
		}
	}
	c := Channel{ID: s.id("D0"), Name: "directmessage", Kind: Direct, With: u.ID}
	s.channels[c.ID] = c
	return c
}

// postable finds where a message goes and refuses what the bot may not post
// there: the codes are those of docs.slack.dev/reference/methods/chat.postMessage.
// s.Mu is held.
func (s *Server) postable(id, thread string) Channel {
	c := s.channel(id, true)
	refuse(c.Refuse != "", c.Refuse)
	refuse(!c.joined() && !slices.Contains(s.options.Scopes, "chat:write.public"), "not_in_channel")
	refuse(c.ThreadsOnly && thread == "", "restricted_action_thread_only_channel")
	s.threadable(c, thread)
	return c
}

// threadable refuses replies where there are none. s.Mu is held.
func (s *Server) threadable(c Channel, thread string) {
	if thread == "" {
		return
	}
	refuse(c.NoThreads, "restricted_action_non_threadable_channel")
	refuse(s.locked[key(c.ID, thread)], "restricted_action_thread_locked")
	parent, ok := s.messages.Get(key(c.ID, thread))
	// Slack posts a stray message here; a bot that counts on that has lost its thread.
	wrong(!ok || parent.Deleted || parent.Ephemeral(), "cannot_reply_to_message",
		"thread_ts "+thread+" is no message of "+c.ID)
	wrong(parent.Thread != "" && parent.Thread != parent.TS, "cannot_reply_to_message",
		"thread_ts "+thread+" is itself a reply")
}
