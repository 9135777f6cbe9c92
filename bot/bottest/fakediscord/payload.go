package fakediscord

import (
	"encoding/json"
	"time"
)

// User is a person, with the roles that they have in the guild.
type User struct {
	ID, Name string
	Roles    []string
	Locale   string // empty: en-US
}

func person(id, name string) User { return User{ID: id, Name: name} }

func (u User) object() map[string]any {
	return map[string]any{
		"id": u.ID, "username": or(u.Name, "user"+u.ID), "global_name": orNull(u.Name), "avatar": nil,
		"avatar_decoration_data": nil,
		"discriminator":          "0", "public_flags": 0, "clan": nil, "primary_guild": nil, "collectibles": nil,
		"display_name_styles": nil,
	}
}

func (u User) member() map[string]any {
	roles := u.Roles
	if roles == nil {
		roles = []string{}
	}
	return map[string]any{
		"user": u.object(), "nick": nil, "avatar": nil, "banner": nil, "roles": roles,
		"joined_at":     "2024-01-09T10:00:00.000000+00:00",
		"premium_since": nil, "deaf": false, "mute": false, "pending": false, "flags": 0, "communication_disabled_until": nil,
		"permissions": (allPermissions | 1<<31).String(), "unusual_dm_activity_until": nil, "collectibles": nil,
	}
}

// payload is an INTERACTION_CREATE as Discord sends it, with members that
// Discord has and its documents do not, for readers that are too strict. The
// caller holds mu.
func (s *Server) payload(i *Interaction, ch *Channel, data map[string]any) {
	locale := or(i.user.Locale, "en-US")
	i.owners = s.ownersOf(i, ch)
	o := map[string]any{
		"id": i.ID, "application_id": s.ApplicationID, "type": i.kind, "data": data, "token": i.Token, "version": 1,
		"channel_id": ch.ID, "channel": s.partialChannel(ch), "app_permissions": s.appPermissions(ch).String(),
		"locale":       locale,
		"entitlements": []any{}, "entitlement_sku_ids": []any{}, "authorizing_integration_owners": i.owners,
		"context": contextOf(ch, s), "attachment_size_limit": mostFileOctets,
		"x_not_in_any_document": map[string]any{"since": "2026-11", "list": []any{1, "two", nil}},
	}
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

// ownersOf says for whom the application is installed: 0 for a guild ("0" in
// a DM with the bot), 1 for a person (Discord, Interaction Object).
func (s *Server) ownersOf(i *Interaction, ch *Channel) map[string]any {
	switch {
	case ch.UserInstall:
		return map[string]any{"1": i.user.ID}
	case ch.Guild == "":
		return map[string]any{"0": "0"}
	}
	return map[string]any{"0": ch.Guild}
}

// contextOf is where an interaction took place: 0 a guild, 1 a DM with the
// bot, 2 another DM or group DM (Discord, Interaction Context Types).
func contextOf(ch *Channel, s *Server) int {
	switch {
	case ch.Guild != "":
		return 0
	case ch.Kind == DM && !ch.UserInstall:
		return 1
	}
	return 2
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
	delete(o, "permission_overwrites")
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
	s.byToken[i.Token] = i
	return i
}
