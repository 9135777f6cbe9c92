package slackbot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/formatting"
)

// guest is a person of another workspace in a Slack Connect channel.
func guest() fakeslack.User {
	return fakeslack.User{ID: "U0GUEST01", Name: "eve", Team: "T0OTHER01"}
}

// TestWho: the lists hold for commands, mentions and presses alike, and who is
// refused is told so alone.
func TestWho(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		channel  string
		user     string
		config   Config
		refusals string // empty: none
	}{
		{"a guest", fakeslack.InShared, guest().ID, Config{}, "You belong to another organisation"},
		{"a guest who is listed", fakeslack.InShared, guest().ID, Config{Teams: []string{fakeslack.Team, "T0OTHER01"}}, ""},
		{"a person who is not listed", fakeslack.InMember, "U0BOB0001", Config{Users: []string{fakeslack.Ada}},
			"You are not among those"},
		{"a channel that is not listed", fakeslack.InMember, fakeslack.Ada, Config{Channels: []string{fakeslack.InPublic}},
			"Tests may not be run in this channel"},
		{"a direct message, when channels are listed", fakeslack.InDirect, fakeslack.Ada,
			Config{Channels: []string{fakeslack.InMember}}, "Tests may not be run in this channel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			channels := append(fakeslack.Channels(), fakeslack.Channel{ID: fakeslack.InShared, Name: "partners", Shared: true,
				Kind: fakeslack.Member})
			w := newFixture(t, fakeslack.Options{Users: []fakeslack.User{{ID: fakeslack.Ada}, guest()}, Channels: channels},
				func(c *Config, _ *bottest.Fixture) {
					c.Teams, c.Channels, c.Users = tt.config.Teams, tt.config.Channels, tt.config.Users
				})
			payload := w.acked(w.slack.Command(tt.user, tt.channel, "expired.test:587"))
			if tt.refusals == "" {
				w.finished(tt.channel, "Failed at TLS")
				return
			}
			if !strings.Contains(payload, tt.refusals) {
				t.Errorf("told %q, want %q", payload, tt.refusals)
			}
			d := w.slack.Mention(tt.user, tt.channel, "", "<@"+fakeslack.BotUI+"> expired.test")
			w.acked(d)
			d.Again()
			w.Until("the refusal of the mention", func() bool { return len(w.slack.Ephemerals(tt.user)) == 2 })
			if len(w.bots("")) > 0 || w.Probes() > 0 {
				t.Errorf("%d messages, %d probes", len(w.bots("")), w.Probes())
			}
			w.clean()
		})
	}
}

// TestPressesAreCheckedToo: a guest sees the buttons, and may not press them.
func TestPressesAreCheckedToo(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{Users: []fakeslack.User{{ID: fakeslack.Ada}, guest()}})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InShared, "expired.test:587"))
	root := w.finished(fakeslack.InShared, "Failed at TLS")
	for verb, choice := range map[string]string{"again": "", "more": "json"} {
		w.acked(w.slack.Press(guest().ID, root, w.button(root, verb), choice))
	}
	w.Until("two refusals", func() bool { return len(w.slack.Ephemerals(guest().ID)) == 2 })
	if w.Probes() != 1 || strings.Contains(w.thread(root), "JSON") {
		t.Errorf("%d probes", w.Probes())
	}
	w.clean()
}

// TestEnterprise: the whole of an enterprise belongs to the bot where the whole
// of it has installed it, or where it is listed; a guest never does.
func TestEnterprise(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		self    self
		teams   []string
		command slack.SlashCommand
		want    formatting.TextID
	}{
		{"own workspace", self{team: "T1", enterprise: "E1"}, nil, slack.SlashCommand{TeamID: "T1", EnterpriseID: "E1"}, ""},
		{"sibling", self{team: "T1", enterprise: "E1"}, nil, slack.SlashCommand{TeamID: "T2", EnterpriseID: "E1"},
			formatting.RefusedStranger},
		{"sibling, installed by all", self{team: "E1", enterprise: "E1"}, nil,
			slack.SlashCommand{TeamID: "T2", EnterpriseID: "E1", IsEnterpriseInstall: true}, ""},
		{"sibling, enterprise listed", self{team: "T1", enterprise: "E1"}, []string{"E1"},
			slack.SlashCommand{TeamID: "T2", EnterpriseID: "E1", IsEnterpriseInstall: true}, ""},
		{"another enterprise", self{team: "E1", enterprise: "E1"}, nil,
			slack.SlashCommand{TeamID: "T9", EnterpriseID: "E9", IsEnterpriseInstall: true}, formatting.RefusedStranger},
		{"nothing is known of us", self{}, nil, slack.SlashCommand{TeamID: "T1"}, formatting.RefusedStranger},
		{"nothing is known of them", self{}, nil, slack.SlashCommand{}, formatting.RefusedStranger},
	} {
		b := &Bot{config: Config{Teams: tt.teams}, self: tt.self}
		s := &source{}
		readCommand(tt.command, s)
		if got := b.refused(s); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestMentionsOfGuests: the enterprise of the event is not that of a guest.
func TestMentionsOfGuests(t *testing.T) {
	t.Parallel()
	b := &Bot{self: self{team: "E1", enterprise: "E1"}}
	event := func(team string) slackevents.EventsAPIEvent {
		return slackevents.EventsAPIEvent{
			TeamID: "T2", EnterpriseID: "E1",
			Data: &slackevents.EventsAPICallbackEvent{EventID: "Ev1",
				Authorizations: []slack.EventAuthorization{{IsEnterpriseInstall: true}}},
			InnerEvent: slackevents.EventsAPIInnerEvent{Data: &slackevents.AppMentionEvent{User: "U1", UserTeam: team,
				Channel: "C1"}},
		}
	}
	for team, want := range map[string]formatting.TextID{"": "", "T2": "", "T9": formatting.RefusedStranger} {
		s := &source{}
		b.readEvent(event(team), s)
		if got := b.refused(s); got != want {
			t.Errorf("team %q: %q, want %q", team, got, want)
		}
	}
}

// TestAuthorsWhoAreNotKnown: in a channel that is shared with others, who is
// not known to be of ours is a stranger.
func TestAuthorsWhoAreNotKnown(t *testing.T) {
	t.Parallel()
	b := &Bot{self: self{team: "T0OWN"}}
	const stranger = formatting.RefusedStranger
	for _, tt := range []struct {
		fields string
		shared bool
		want   formatting.TextID
	}{
		{``, false, ""},
		{`"team":"T0OWN",`, false, ""},
		{``, true, stranger},
		{`"team":"T0OWN",`, true, ""},
		{`"user_team":"T0OWN","source_team":"T0OWN",`, true, ""},
		{`"user_team":"T0THER","source_team":"T0THER",`, true, stranger},
		{`"source_team":"T0THER","team":"T0THER",`, true, stranger},
		{`"team":"T0THER",`, true, stranger},
		{`"team":"T0THER",`, false, stranger},
		{`"team":7,`, true, stranger},
	} {
		payload := fmt.Sprintf(`{"token":"x","team_id":"T0OWN","api_app_id":"A1","is_ext_shared_channel":%t,"event":{%s`+
			`"type":"app_mention","user":"U1","text":"<@UBOT> mx.example.com","ts":"1.1","channel":"C1"},`+
			`"type":"event_callback","event_id":"E1"}`, tt.shared, tt.fields)
		e, err := slackevents.ParseEvent(json.RawMessage(payload), slackevents.OptionNoVerifyToken())
		if err != nil {
			t.Fatal(err)
		}
		s := &source{}
		if _, ok := b.readEvent(e, s); !ok || b.refused(s) != tt.want {
			t.Errorf("%q, shared %t: read %t, %q, want %q", tt.fields, tt.shared, ok, b.refused(s), tt.want)
		}
	}
	for team, want := range map[string]formatting.TextID{"T0OWN": "", "T0THER": stranger, "": stranger} {
		s := &source{}
		readInteraction(&slack.InteractionCallback{Team: slack.Team{ID: "T0OWN"}, User: slack.User{ID: "U1", TeamID: team},
			IsEnterpriseInstall: true, Enterprise: slack.Enterprise{ID: "T0OWN"}}, s)
		if got := b.refused(s); got != want {
			t.Errorf("a press of %q: %q, want %q", team, got, want)
		}
	}
}
