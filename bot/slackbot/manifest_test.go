package slackbot

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe/probetest"
)

// manifest is all that may stand in ours: a field that is not here is a
// mistake, or one more thing that this test must hold to the code.
type manifest struct {
	Metadata struct {
		Major int `yaml:"major_version"`
		Minor int `yaml:"minor_version"`
	} `yaml:"_metadata"`
	Display struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
		Colour      string `yaml:"background_color"`
	} `yaml:"display_information"`
	Features struct {
		Home struct {
			Tab      bool `yaml:"home_tab_enabled"`
			Messages bool `yaml:"messages_tab_enabled"`
			ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		Bot struct {
			Name   string `yaml:"display_name"`
			Online bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		Commands []struct {
			Command     string `yaml:"command"`
			Description string `yaml:"description"`
			Hint        string `yaml:"usage_hint"`
			Escape      *bool  `yaml:"should_escape"`
		} `yaml:"slash_commands"`
		Shortcuts []struct {
			Name        string `yaml:"name"`
			Type        string `yaml:"type"`
			Callback    string `yaml:"callback_id"`
			Description string `yaml:"description"`
		} `yaml:"shortcuts"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot      []string `yaml:"bot"`
			Optional []string `yaml:"bot_optional"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		Org      bool `yaml:"org_deploy_enabled"`
		Socket   bool `yaml:"socket_mode_enabled"`
		Rotation bool `yaml:"token_rotation_enabled"`
	} `yaml:"settings"`
}

func readManifest(t *testing.T) manifest {
	t.Helper()
	octets, err := os.ReadFile("../../deploy/slack/manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	d := yaml.NewDecoder(bytes.NewReader(octets))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestManifest compares what the app asks Slack for with what the program
// uses, and with Slack's limits (slackapi/manifest-schema, version 2).
func TestManifest(t *testing.T) {
	t.Parallel()
	m := readManifest(t)
	must, optional := Scopes()
	for what, pair := range map[string][2][]string{
		// bot_optional marks some of them (slackapi/slack-cli pull 517)
		"bot scopes":          {m.OAuth.Scopes.Bot, slices.Concat(must, optional)},
		"optional bot scopes": {m.OAuth.Scopes.Optional, optional},
		"events":              {m.Settings.Events.Bot, Events()},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: the manifest has %v, the program uses %v", what, pair[0], pair[1])
		}
	}
	commands := m.Features.Commands
	if len(commands) != 1 || commands[0].Command != Command || commands[0].Escape == nil || *commands[0].Escape {
		t.Fatalf("commands %+v, want %s with should_escape: false", commands, Command)
	}
	shortcuts := m.Features.Shortcuts
	if len(shortcuts) != 1 || shortcuts[0].Type != "message" || shortcuts[0].Callback != ExplainCallback ||
		len(shortcuts[0].Name) > 24 || len(shortcuts[0].Description) > 150 {
		t.Fatalf("shortcuts %+v", shortcuts)
	}
	home, s := m.Features.Home, m.Settings
	if !home.Tab || !home.Messages || home.ReadOnly {
		t.Errorf("app home %+v: there is a home tab, and people write in the messages tab", home)
	}
	if !s.Socket || !s.Interactivity.Enabled || s.Rotation || m.Metadata.Major != 2 {
		t.Errorf("settings %+v", s)
	}
	for text, most := range map[string]int{m.Display.Name: 35, m.Display.Description: 140, m.Features.Bot.Name: 80,
		commands[0].Description: 2000, commands[0].Hint: 1000} {
		if n := len([]rune(text)); n == 0 || n > most {
			t.Errorf("%q has %d characters, at most %d are taken", text, n, most)
		}
	}
	if !regexp.MustCompile(`^#[0-9a-f]{6}$`).MatchString(m.Display.Colour) {
		t.Errorf("the colour is %s", m.Display.Colour)
	}
	for _, said := range strings.Split(commands[0].Hint, " | ") {
		if text := strings.ReplaceAll(said, "HOST:PORT", "smtp.example.com:587"); !reads(text) {
			t.Errorf("the hint says %q, which is no command", said)
		}
	}
}

func reads(text string) bool {
	_, err := command.Parse(text, command.Dialect{})
	return err == nil
}

// section is the README's part on Slack.
func section(t *testing.T) string {
	t.Helper()
	octets, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(octets), "\n## Slack\n")
	if !found {
		t.Fatal("the README has no section on Slack")
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// TestREADMESteps: at most eight, and each name in them is one that exists.
func TestREADMESteps(t *testing.T) {
	t.Parallel()
	text := section(t)
	m := readManifest(t)
	steps := regexp.MustCompile(`(?m)^\d+\. `).FindAllString(text, -1)
	if len(steps) == 0 || len(steps) > 8 {
		t.Errorf("%d steps", len(steps))
	}
	known := append(environment(t), "deploy/slack/manifest.yaml", "smtptest-bot", "smtptest-bot -check",
		"connections:write", "xapp-", "xoxb-",
		Command, "/invite @"+m.Features.Bot.Name, "@"+m.Features.Bot.Name, "connected")
	for _, s := range scopes() {
		known = append(known, s.name)
	}
	for _, match := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
		name := match[1]
		command, isCommand := strings.CutPrefix(name, Command+" ")
		mention, isMention := strings.CutPrefix(name, "@"+m.Features.Bot.Name+" ")
		switch {
		case slices.Contains(known, name), isCommand && reads(command), isMention && reads(mention):
		case strings.HasPrefix(name, "go ") && strings.HasSuffix(name, "./cmd/smtptest-bot"),
			strings.HasPrefix(name, "go test ./bot/slackbot"):
		default:
			t.Errorf("the README names %q, which neither the manifest nor the program knows", name)
		}
	}
	for _, name := range []string{"deploy/slack/manifest.yaml", "connections:write", "SLACK_APP_TOKEN",
		"SLACK_BOT_TOKEN", "smtptest-bot -check", "/invite @" + m.Features.Bot.Name} {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the README does not name %s", name)
		}
	}
	if invited := formatting.Say(formatting.PlaceSentDirect).Try; !strings.Contains(invited, "@"+m.Features.Bot.Name) {
		t.Errorf("people are told %q; the bot is called %s", invited, m.Features.Bot.Name)
	}
	if blocks := strings.Count(text, "```"); blocks%2 != 0 {
		t.Errorf("%d fences", blocks)
	}
}

// environment are the variables that the program reads.
func environment(t *testing.T) []string {
	t.Helper()
	octets, err := os.ReadFile("../../cmd/smtptest-bot/config.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, match := range regexp.MustCompile(`env:"([A-Z_]+)`).FindAllStringSubmatch(string(octets), -1) {
		names = append(names, match[1])
	}
	return names
}

// TestREADMEHasTheScopes holds the README's table to scopes.
func TestREADMEHasTheScopes(t *testing.T) {
	const head = "| bot scope | without it |\n|---|---|\n"
	table := head
	for _, s := range scopes() {
		table += fmt.Sprintf("| `%s` | %s |\n", s.name, s.costs)
	}
	octets, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(octets)
	before, rest, found := strings.Cut(readme, head)
	if !found {
		t.Fatal("the README has no table of scopes")
	}
	_, after, _ := strings.Cut(rest, "\n\n")
	want := before + table + "\n" + after
	if readme == want {
		return
	}
	if !probetest.Updating() {
		t.Fatal("the README's table differs from the program: run “UPDATE=1 go test ./bot/slackbot -run README”")
	}
	if err := os.WriteFile("../../deploy/README.md", []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestScopesSayWhatTheyCost: one line each, the same that -check prints.
func TestScopesSayWhatTheyCost(t *testing.T) {
	t.Parallel()
	for _, s := range scopes() {
		if s.costs == "" || strings.ContainsAny(s.costs, ".\n|") {
			t.Errorf("%s costs %q", s.name, s.costs)
		}
	}
}
