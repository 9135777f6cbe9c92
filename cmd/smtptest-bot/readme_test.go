package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"smtptest/bot/discordbot"
)

// names are what the section on Discord may call by name beside the rights:
// the words of Discord's own pages, read in August 2026.
func names() []string {
	return []string{
		"New Application", "Application ID", "General Information", "Interactions Endpoint URL", "Bot", "Reset Token",
		"Requires OAuth2 Code Grant", "Server Settings", "Integrations",
	}
}

func section(t *testing.T, title string) string {
	t.Helper()
	octets, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(octets), "\n## "+title+"\n")
	if !found {
		t.Fatalf("the README has no section %q", title)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return strings.Join(strings.Fields(text), " ")
}

// TestREADMEOnDiscord: from nothing to a working command in at most 8 steps,
// and each name in them is one that exists.
func TestREADMEOnDiscord(t *testing.T) {
	text := section(t, "Discord")
	if n := len(regexp.MustCompile(` [0-9]\. `).FindAllString(" "+text, -1)); n < 5 || n > 8 {
		t.Errorf("%d steps", n)
	}
	bold := regexp.MustCompile(`\*\*([^*.]+)\*\*`).FindAllStringSubmatch(text, -1)
	known := append(names(), discordbot.Rights()...)
	for _, b := range bold {
		if !slices.Contains(known, b[1]) {
			t.Errorf("%s is not a name that is known", b[1])
		}
	}
	for _, right := range discordbot.Rights() {
		if !strings.Contains(text, "**"+right+"**") {
			t.Errorf("the right %s is not named", right)
		}
	}
	link, typed := "`"+discordbot.InviteURL("APPLICATION_ID")+"`", "`"+discordbot.Command+" target:"
	if !strings.Contains(text, link) || !strings.Contains(text, typed) {
		t.Error("the link or the command is another one")
	}
	if !strings.Contains(text, strings.Trim(policy(), "“”")) {
		t.Error("Discord's policy is not quoted")
	}
}

// policy is what the program says of the policy when it starts.
func policy() string {
	_, quoted, _ := strings.Cut(loginFormIsOn, "says: ")
	return quoted
}

// TestREADMEKnowsTheVariables: each variable that the README names exists.
func TestREADMEKnowsTheVariables(t *testing.T) {
	var known []string
	for _, f := range fields() {
		known = append(known, f.Name)
	}
	variable := regexp.MustCompile(`\b(SLACK|DISCORD|SMTPTEST)_[A-Z_]+`)
	for _, name := range variable.FindAllString(section(t, "Discord"), -1) {
		if !slices.Contains(known, name) {
			t.Errorf("%s does not exist", name)
		}
	}
}
