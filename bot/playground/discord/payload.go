package discord

import (
	"cmp"
	"encoding/json"
	"time"
)

// User is a person, with the roles that they have in the guild.
type User struct {
	ID, Name string
	Roles    []string
	Locale   string // empty: en-US
}

func (u User) object() map[string]any {
	return with("user", map[string]any{"id": u.ID, "username": cmp.Or(u.Name, "user"+u.ID), "global_name": orNull(u.Name)})
}

func (u User) member() map[string]any {
	own := map[string]any{"user": u.object(), "permissions": (allPermissions | 1<<31).String()}
	if u.Roles != nil {
		own["roles"] = u.Roles
	}
	return with("member", own)
}

// payload is an INTERACTION_CREATE as Discord sends it, with members that
// Discord has and its documents do not, for readers that are too strict. The
// caller holds mu.
func (s *Server) payload(i *Interaction, ch *Channel, data map[string]any) {
	owners, context := installed(i.user.ID, ch)
	i.owners = owners
	o := with("interaction", map[string]any{
		"id": i.ID, "application_id": s.ApplicationID, "type": i.kind, "data": data, "token": i.Token,
		"channel_id": ch.ID, "channel": s.partialChannel(ch), "app_permissions": s.appPermissions(ch).String(),
		"locale": cmp.Or(i.user.Locale, "en-US"), "authorizing_integration_owners": i.owners,
		"context": context, "attachment_size_limit": mostFileOctets,
	})
	if ch.Guild != "" {
		o["guild_id"], o["guild_locale"] = ch.Guild, "en-US"
		o["guild"] = map[string]any{"id": ch.Guild, "locale": "en-US", "features": []string{"COMMUNITY", "NEWS"}}
		o["member"] = i.user.member()
	} else {
		o["user"] = i.user.object()
	}
	if m, ok := s.messages.Get(i.source); ok {
		o["message"] = s.messageObject(m)
	}
	i.payload, _ = json.Marshal(o) // of maps, strings and numbers only
}

// installed says for whom the application is installed: 0 for a guild ("0" in a
// DM with the bot), 1 for a person, and where an interaction took place: 0 a
// guild, 1 a DM with the bot, 2 another DM or group DM (Discord, Interaction
// Object).
func installed(user string, ch *Channel) (owners map[string]any, context int) {
	if ch.Kind != DM || ch.UserInstall {
		context = 2
	} else {
		context = 1
	}
	owners = map[string]any{"0": "0"}
	if ch.Guild != "" {
		owners, context = map[string]any{"0": ch.Guild}, 0
	}
	if ch.UserInstall {
		owners = map[string]any{"1": user}
	}
	return owners, context
}

// appPermissions is what the bot may do where the interaction took place. An
// application that only a person has installed may what that person may.
func (s *Server) appPermissions(ch *Channel) Permission {
	if ch.Guild == "" {
		return ViewChannel | SendMessages | EmbedLinks | AttachFiles | ReadMessageHistory | UseExternalEmojis
	}
	return allPermissions &^ s.lacks(ch)
}

// partialChannel is the channel in an interaction; app_permissions is in it
// since 2026-07-16 (change log).
func (s *Server) partialChannel(ch *Channel) map[string]any {
	o := s.channelObject(ch)
	o["permissions"] = (allPermissions | 1<<31).String()
	o["app_permissions"] = s.appPermissions(ch).String()
	if ch.Guild == "" {
		o["recipient_flags"] = 0
		o["recipients"] = []any{}
	}
	return o
}

// newInteraction makes an interaction that has not been sent. The caller
// holds mu.
func (s *Server) newInteraction(kind int, user User, channel string) *Interaction {
	i := &Interaction{ID: s.nextID(), s: s, kind: kind, user: user, channel: channel, began: time.Now()}
	i.Token = interactionToken(i.ID)
	s.interactions.Put(i.ID, i)
	s.tokens.Put(i.Token, i)
	return i
}
