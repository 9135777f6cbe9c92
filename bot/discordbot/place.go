package discordbot

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"smtptest/formatting"
)

// right is a permission that the bot may have.
type right struct {
	name  string // as Discord shows it
	bit   uint64
	costs string // what does not work without it
}

// rights are all that this door uses; the invitation asks for the same.
func rights() []right {
	return []right{
		{"View Channels", discordgo.PermissionViewChannel, "no thread can be opened"},
		{"Send Messages", discordgo.PermissionSendMessages, "an answer that comes too late for Discord is lost"},
		{"Embed Links", discordgo.PermissionEmbedLinks, "an answer that comes too late for Discord is lost"},
		{"Attach Files", discordgo.PermissionAttachFiles, "long transcripts are not in the thread"},
		{"Create Public Threads", discordgo.PermissionCreatePublicThreads, "the evidence stands in the channel"},
		{"Send Messages in Threads", discordgo.PermissionSendMessagesInThreads, "the evidence stands in the channel"},
	}
}

// Kinds of channels (Discord, Channel Types).
const (
	kindText          = int(discordgo.ChannelTypeGuildText)
	kindNews          = int(discordgo.ChannelTypeGuildNews)
	kindNewsThread    = int(discordgo.ChannelTypeGuildNewsThread)
	kindPublicThread  = int(discordgo.ChannelTypeGuildPublicThread)
	kindPrivateThread = int(discordgo.ChannelTypeGuildPrivateThread)
)

// where is where the evidence of a public answer goes.
type where int

const (
	below where = iota // into a thread of the one message
	here               // into the thread that the command was typed in
	after              // behind the one message, by the interaction's token, which needs no right
)

// place says where the evidence goes, and, if that is not a thread below, why.
func (s source) place() (where, reason) {
	switch {
	case s.guild == "":
		return after, reason{id: formatting.PlaceInDirect}
	case !s.member:
		return after, reason{id: formatting.PlaceNotInstalled}
	case s.inThread():
		if s.lacks("View Channels", "Send Messages in Threads") != "" {
			return after, reason{id: formatting.PlaceInThread}
		}
		return here, reason{id: formatting.PlaceInThread}
	case s.channelKind != kindText && s.channelKind != kindNews:
		return after, reason{id: formatting.PlaceThreadless}
	}
	if name := s.lacks("View Channels", "Create Public Threads", "Send Messages in Threads"); name != "" {
		return after, reason{formatting.PlaceLacksRight, name}
	}
	return below, reason{}
}

func (s source) inThread() bool {
	return s.channelKind == kindPublicThread || s.channelKind == kindPrivateThread || s.channelKind == kindNewsThread
}

// lacks is the first of these rights that the bot has not; empty: it has all.
func (s source) lacks(names ...string) string {
	for _, name := range names {
		for _, r := range rights() {
			if r.name == name && s.may&r.bit == 0 {
				return name
			}
		}
	}
	return ""
}

// reason is why the evidence is where it is.
type reason struct {
	id    formatting.TextID // empty: it is where it was meant to be
	right string            // that is missing
}

// on says the reason in a message.
func (r reason) on(m formatting.Message) formatting.Message {
	if r.id == "" {
		return m
	}
	words := formatting.Say(r.id, formatting.Value{Name: "right", Text: r.right})
	m.Notes = append(append([]string(nil), m.Notes...), words.What)
	if words.Try != "" {
		m.Notes = append(m.Notes, words.Try)
	}
	return m
}

// link is the address of a message, as clients know it.
func (s source) link(id string) string {
	guild := s.guild
	if guild == "" {
		guild = "@me"
	}
	return "https://discord.com/channels/" + strings.Join([]string{guild, s.channel, id}, "/")
}
