package discord

import (
	"cmp"
	"strconv"
	"time"

	"smtptest/bot/playground/wire"
)

// Kind is a type of channel (Discord, Channel Resource, Channel Types).
type Kind int

// The kinds of channels. A forum post is a PublicThread whose parent is a Forum.
const (
	Text               Kind = 0
	DM                 Kind = 1 // between a person and the bot, or, with UserInstall, two people
	Voice              Kind = 2
	GroupDM            Kind = 3
	Announcement       Kind = 5
	AnnouncementThread Kind = 10
	PublicThread       Kind = 11
	PrivateThread      Kind = 12
	Stage              Kind = 13
	Forum              Kind = 15
)

// Thread reports whether a channel of this kind is a thread.
func (k Kind) Thread() bool { return k >= AnnouncementThread && k <= PrivateThread }

// Permission is a set of permissions (Discord, Permissions).
type Permission uint64

// The permissions that this server asks for.
const (
	ViewChannel           Permission = 1 << 10
	SendMessages          Permission = 1 << 11
	EmbedLinks            Permission = 1 << 14
	AttachFiles           Permission = 1 << 15
	ReadMessageHistory    Permission = 1 << 16
	UseExternalEmojis     Permission = 1 << 18
	CreatePublicThreads   Permission = 1 << 35
	SendMessagesInThreads Permission = 1 << 38
)

// allPermissions is what a bot has where nothing is taken from it: the six
// that an invitation of it asks for, and what everybody has.
const allPermissions = ViewChannel | SendMessages | EmbedLinks | AttachFiles | ReadMessageHistory |
	UseExternalEmojis | CreatePublicThreads | SendMessagesInThreads

// Channel is a channel or a thread. Its fields are set before AddChannel, or
// in ChangeChannel.
type Channel struct {
	ID          string // empty: made up by AddChannel
	Name        string
	Kind        Kind
	Guild       string     // empty: the server's, or none for DM and GroupDM
	Parent      string     // of a thread, or the category
	Lacks       Permission // what the bot may not; of a thread, its parent's count too
	UserInstall bool       // the bot is no member: the application is installed by the person
	Locked      bool       // of a thread
	Archived    bool       // of a thread: it wakes up at the next message unless it is locked
	MostThreads int        // active ones; 0: 1000 (Discord, Guild Features); below 0: any number
	AutoMod     string     // a message that contains it is blocked; empty: none is

	AutoArchive int // minutes
	count       int // messages in it
	last        string
}

// mostActiveThreads is Discord's limit of a guild.
const mostActiveThreads = 1000

// AddChannel makes a channel and returns its id.
func (s *Server) AddChannel(c Channel) string {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	c.ID = cmp.Or(c.ID, s.nextID())
	if c.Guild == "" && c.Kind != DM && c.Kind != GroupDM {
		c.Guild = s.GuildID
	}
	c.Name = cmp.Or(c.Name, "channel-"+c.ID)
	s.channels.Put(c.ID, &c)
	return c.ID
}

// ChangeChannel changes a channel, for example its permissions; there must be
// one.
func (s *Server) ChangeChannel(id string, change func(*Channel)) {
	s.Locked(func() {
		c, _ := s.channels.Get(id)
		change(c)
	})
}

// Channels lists all channels and threads, oldest first.
func (s *Server) Channels() []Channel { return wire.Copies(s.Frame, &s.channels, nil) }

// lacks is what the bot may not in a channel. The caller holds mu.
func (s *Server) lacks(c *Channel) Permission {
	lacks := c.Lacks
	if parent, ok := s.channels.Get(c.Parent); ok && c.Kind.Thread() {
		lacks |= parent.Lacks
	}
	return lacks
}

// visible finds the channel of a request, as the bot sees it.
func (s *Server) visible(c *call) *Channel {
	ch, ok := s.channels.Get(c.r.PathValue("channel"))
	refuse(!ok, unknownChannel)
	refuse(ch.UserInstall || s.lacks(ch)&ViewChannel != 0, missingAccess)
	return ch
}

// writable refuses what the bot may not post into a channel that it sees.
func (s *Server) writable(ch *Channel, c *call, m *Message) {
	refuse(ch.Kind == Forum, notText)
	if ch.Guild == "" {
		return
	}
	wants := SendMessages
	if ch.Kind.Thread() {
		wants = SendMessagesInThreads
	}
	if len(m.Embeds) > 0 {
		wants |= EmbedLinks
	}
	if len(c.files) > 0 {
		wants |= AttachFiles
	}
	refuse(s.lacks(ch)&wants != 0, missingPermissions)
	refuse(ch.Locked && ch.Archived, archived)
	refuse(ch.Locked, locked)
	ch.Archived = false // Discord, Threads: a message wakes an archived thread that is not locked
}

// channelObject is a channel as Discord describes it. The caller holds mu.
func (s *Server) channelObject(c *Channel) map[string]any {
	own := map[string]any{"id": c.ID, "type": int(c.Kind), "name": c.Name, "last_message_id": orNull(c.last)}
	if c.Guild == "" {
		return with("channel", own)
	}
	own["guild_id"], own["parent_id"] = c.Guild, orNull(c.Parent)
	if c.Kind.Thread() {
		own["owner_id"], own["message_count"], own["total_message_sent"] = s.BotID, c.count, c.count
		now := stamp(time.Now())
		own["member_count"], own["thread_metadata"] = 1, map[string]any{
			"archived": c.Archived, "locked": c.Locked, "auto_archive_duration": cmp.Or(c.AutoArchive, 1440),
			"archive_timestamp": now, "create_timestamp": now,
		}
	}
	return with("guild channel", own)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }

// startThread is Start Thread from Message. The order of the questions is
// the one in which a bot can do something about the answers.
func (s *Server) startThread(c *call) any {
	ch := s.visible(c)
	refuse(ch.Kind != Text && ch.Kind != Announcement, wrongChannelType)
	m := s.publicMessage(ch.ID, c.r.PathValue("message"))
	refuse(m.Loading, unknownMessage) // of a deferred answer before it is filled in
	c.shape("", bodyThread, c.body)
	s.settle(c)
	refuse(s.lacks(ch)&CreatePublicThreads != 0, missingPermissions)
	refuse(m.Flags&flagHasThread != 0, threadExists)
	refuse(ch.MostThreads >= 0 && s.activeThreads(ch.ID) >= cmp.Or(ch.MostThreads, mostActiveThreads), tooManyThreads)
	m.Flags |= flagHasThread
	body := object(c.body)
	thread := &Channel{ID: m.ID, Name: text(body["name"]), Kind: PublicThread, Guild: ch.Guild, Parent: ch.ID,
		AutoMod: ch.AutoMod, AutoArchive: number(body["auto_archive_duration"])}
	if ch.Kind == Announcement {
		thread.Kind = AnnouncementThread
	}
	s.channels.Put(thread.ID, thread) // its id is the message's
	c.status = 201
	return s.channelObject(thread)
}

func (s *Server) activeThreads(parent string) int {
	n := 0
	for _, c := range s.channels.All {
		if c.Parent == parent && c.Kind.Thread() && !c.Archived {
			n++
		}
	}
	return n
}

// String is the set as Discord writes it in JSON: a number in decimal digits.
func (p Permission) String() string { return strconv.FormatUint(uint64(p), 10) }
