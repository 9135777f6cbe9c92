package discordbot

import (
	"testing"

	"smtptest/bot"
	"smtptest/bot/command"
)

// payloads are events as they may come one day.
func payloads() []string {
	return []string{
		`{"id":"1","token":"t","type":2,"guild_id":"2","channel_id":"3","app_permissions":"1024","channel":{"type":0,
			"parent_id":null},"member":{"user":{"id":"4"},"roles":["5"]},"authorizing_integration_owners":{"0":"2"},
			"data":{"name":"smtptest","options":[{"name":"target","type":3,"value":"a.example"},{"name":"private","type":5,
			"value":true}]}}`,
		`{"id":"1","token":"t","type":3,"user":{"id":"4"},"data":{"custom_id":"st1:more:r","component_type":3,
			"values":["json"]}}`,
		`{"id":"1","token":"t","type":5,"user":{"id":"4"},"data":{"custom_id":"st1:login:f","components":[{"type":10,
			"id":1},{"type":18,"component":{"type":4,"custom_id":"user","value":"ada"}},{"type":1,"components":[{"type":4,
			"custom_id":"secret","value":"pencil"}]},{"type":18,"component":{"type":3,"custom_id":"mechanism",
			"values":["PLAIN"]}}]}}`,
		// A component of a type to come, and members that have become another type.
		`{"id":"1","token":"t","type":5,"user":{"id":"4"},"data":{"custom_id":"st1:login:f","components":[{"type":99,
			"custom_id":"x","value":{"a":[1]},"component":[]},{"type":18,"component":{"type":4,"custom_id":"secret",
			"value":"pencil"}}]}}`,
		`{"id":"1","token":"t","type":2,"app_permissions":1024,"channel":7,"data":{"name":"smtptest",
			"options":[{"name":"target","value":"a.example"},{"name":"new","value":{"b":1}}]}}`,
		`{"id":"1","token":"t","type":4,"data":{"name":"smtptest"}}`,
		`{"id":"1","token":"t","type":3,"data":{"custom_id":"another:bot"}}`,
		`{"id":"1"}`, `{`, `[]`, ``,
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	all := payloads()
	inv, s, ok := read([]byte(all[0]))
	if !ok || inv.Text != "a.example" || len(inv.Options) != 1 ||
		inv.Options[0] != (command.NamedValue{Name: "private", Value: "true"}) || inv.Person.ID != "4" ||
		inv.Groups[0] != "5" ||
		inv.Place != (bot.Place{Platform: "discord", Workspace: "2", Channel: "3"}) || s.may != 1024 || !s.member {
		t.Errorf("command: %+v %+v", inv, s)
	}
	if inv, _, ok = read([]byte(all[1])); !ok || *inv.Press != (bot.Press{Verb: "more", Run: "r", Choice: "json"}) {
		t.Errorf("press: %+v", inv.Press)
	}
	for _, raw := range all[2:4] {
		if inv, _, ok = read([]byte(raw)); !ok || inv.Form.Form != "f" || inv.Form.Secret.Reveal() != "pencil" ||
			inv.Form.Values["secret"] != "" {
			t.Errorf("form: %+v", inv.Form)
		}
	}
	if inv, s, ok = read([]byte(all[4])); !ok || inv.Text != "a.example" || s.may != 1024 {
		t.Errorf("other types: %+v %+v", inv, s)
	}
	for _, raw := range all[5:] {
		if _, _, ok := read([]byte(raw)); ok {
			t.Errorf("%s is taken for ours", raw)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, raw := range payloads() {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		inv, s, ok := read(raw)
		if !ok {
			return
		}
		if inv.ID == "" || s.token == "" || inv.Press != nil && inv.Press.Verb == "" {
			t.Errorf("%+v %+v", inv, s)
		}
		s.place()
		_ = s.link("1")
		Config{Guilds: []string{"1"}, Roles: []string{"1"}}.refused(s)
	})
}
