package discordbot

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"smtptest/bot/chat"
	"smtptest/formatting"
)

// permission is a bit of Discord's permissions.
type permission uint64

// The permissions that this adapter uses; the invitation asks for the same.
const (
	viewChannel         permission = discordgo.PermissionViewChannel
	sendMessages        permission = discordgo.PermissionSendMessages
	embedLinks          permission = discordgo.PermissionEmbedLinks
	attachFiles         permission = discordgo.PermissionAttachFiles
	createPublicThreads permission = discordgo.PermissionCreatePublicThreads
	sendInThreads       permission = discordgo.PermissionSendMessagesInThreads
)

func permissions() []permission {
	return []permission{viewChannel, sendMessages, embedLinks, attachFiles, createPublicThreads, sendInThreads}
}

// String implements fmt.Stringer: the name that Discord shows.
func (p permission) String() string {
	return map[permission]string{
		viewChannel: "View Channels", sendMessages: "Send Messages", embedLinks: "Embed Links",
		attachFiles: "Attach Files", createPublicThreads: "Create Public Threads", sendInThreads: "Send Messages in Threads",
	}[p]
}

// Kinds of channels (Discord, Channel Types).
const (
	kindText          = int(discordgo.ChannelTypeGuildText)
	kindNews          = int(discordgo.ChannelTypeGuildNews)
	kindNewsThread    = int(discordgo.ChannelTypeGuildNewsThread)
	kindPublicThread  = int(discordgo.ChannelTypeGuildPublicThread)
	kindPrivateThread = int(discordgo.ChannelTypeGuildPrivateThread)
)

// place says where the evidence of a public answer goes, and, if that is not a
// thread below, why.
func (s source) place() (chat.Evidence, chat.Reason) {
	switch {
	case s.guild == "":
		return chat.Behind, chat.Reason{ID: formatting.PlaceInDirect}
	case !s.member:
		return chat.Behind, chat.Reason{ID: formatting.PlaceNotInstalled}
	case s.inThread():
		if s.lacks(viewChannel, sendInThreads) != 0 {
			return chat.Behind, chat.Reason{}
		}
		return chat.Below, chat.Reason{} // there is nothing to explain: it follows where one reads
	case s.channelKind != kindText && s.channelKind != kindNews:
		return chat.Behind, chat.Reason{ID: formatting.PlaceThreadless}
	}
	if p := s.lacks(viewChannel, createPublicThreads, sendInThreads); p != 0 {
		name := formatting.Value{Name: "right", Text: p.String()}
		return chat.Behind, chat.Reason{ID: formatting.PlaceLacksRight, Values: []formatting.Value{name}}
	}
	return chat.Below, chat.Reason{}
}

func (s source) inThread() bool {
	return s.channelKind == kindPublicThread || s.channelKind == kindPrivateThread || s.channelKind == kindNewsThread
}

// lacks is the first of these permissions that the bot has not; 0: it has all.
func (s source) lacks(all ...permission) permission {
	for _, p := range all {
		if s.may&uint64(p) == 0 {
			return p
		}
	}
	return 0
}

// link is the address of a message, as clients know it.
func (s source) link(id string) string {
	guild := s.guild
	if guild == "" {
		guild = "@me"
	}
	return "https://discord.com/channels/" + strings.Join([]string{guild, s.channel, id}, "/")
}
