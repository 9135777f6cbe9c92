package console_test

import (
	"slices"
	"strings"
	"testing"

	"smtptest/bot/console"
	"smtptest/formatting"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
	"smtptest/probe"
)

// specimens are all messages that are not results of cases.
func specimens(t *testing.T) []specimen {
	t.Helper()
	return slices.Concat(mistyped(t), refused(), helped(), answered(t))
}

// TestGolden compares what people have read with what they get now:
// testdata/messages/NAME.txt is a message as plain text. That Slack and
// Discord are sent the same words is checked by TestAllSayTheSame; their shapes
// have golden files beside their renderers.
func TestGolden(t *testing.T) {
	goldens := formattest.Goldens{Files: "testdata/messages/*.txt"}
	for _, s := range specimens(t) {
		goldens.Compare(t, s.name, func(*testing.T) string { return constant(shown(s)) })
	}
	for name, show := range forms() {
		goldens.Compare(t, name, func(*testing.T) string { return show })
	}
	goldens.LeftOver(t)
}

// shown is a message in a terminal, below what was typed: whole where one
// person sees it, root and thread where it stands in a channel.
func shown(s specimen) string {
	text := ""
	if s.typed != "" {
		text = "> " + s.typed[:min(len(s.typed), 100)] + "\n\n"
	}
	show := console.Plain(plain.Style{})
	if strings.HasPrefix(s.name, "answer.") && s.name != "answer.private" {
		return text + show.Root(s.show) + show.Thread(s.show)
	}
	return text + show.Private(s.show)
}

// forms are the login form, where envelopes may be tested and where not, and
// what stands beside fields that cannot be used.
func forms() map[string]string {
	all := map[string]string{}
	target := probe.Target{Host: "smtp.example.com", Port: 587}
	for name, fields := range map[string]int{"form.whole": 5, "form.without-envelope": 3} {
		for _, platform := range []string{"", "Slack"} {
			f := formatting.LoginForm(strings.Repeat("0", 32), target, platform)
			f.Fields = f.Fields[:fields]
			all[name] += console.Plain(plain.Style{}).Form(f) + "\n"
		}
	}
	for _, id := range formatting.TextIDs() {
		if strings.HasPrefix(string(id), "form.") && id != formatting.FormGone && formatting.Say(id).Try != "" {
			all["form.fields"] += formatting.Say(id, formatting.Value{Name: "limit", Text: "320"}).String() + "\n"
		}
	}
	return all
}

// TestEveryTextIsRead: each text of the catalogue that can become a message
// has a golden file.
func TestEveryTextIsRead(t *testing.T) {
	read := map[string]bool{}
	for _, s := range specimens(t) {
		read[s.name] = true
		if _, id, ok := strings.Cut(s.name, ".reason."); ok {
			read["reason."+id] = true
		}
	}
	for _, id := range formatting.TextIDs() {
		switch subject, _, _ := strings.Cut(string(id), "."); {
		case read[string(id)], subject == "note", subject == "label": // parts of other messages
		case subject == "form": // forms
		case id == formatting.PlaceNoFile: // with each reason
		default:
			t.Errorf("nobody has read %s", id)
		}
	}
}
