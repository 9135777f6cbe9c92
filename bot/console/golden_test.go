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
// testdata/messages/NAME.txt holds a message as plain text, as Slack is sent
// it and as Discord is sent it.
func TestGolden(t *testing.T) {
	goldens := formattest.Goldens{Package: "./bot/console", Files: "testdata/messages/*.txt", Update: *update}
	for _, s := range specimens(t) {
		goldens.Hold(t, s.name, func(*testing.T) string { return constant(threefold(s)) })
	}
	for name, show := range forms() {
		goldens.Hold(t, name, func(*testing.T) string { return show })
	}
	goldens.LeftOver(t)
}

// threefold is a message in all three renderers: whole where one person sees
// it, root and thread where it stands in a channel.
func threefold(s specimen) string {
	var b strings.Builder
	if s.typed != "" {
		b.WriteString("> " + s.typed[:min(len(s.typed), 100)] + "\n\n")
	}
	for _, show := range []console.Renderer{console.Plain(plain.Style{}), console.Slack(), console.Discord()} {
		if strings.HasPrefix(s.name, "answer.") && s.name != "answer.private" {
			b.WriteString(show.Root(s.show) + show.Thread(s.show))
		} else {
			b.WriteString(show.Private(s.show))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// forms are the login form, where envelopes may be tested and where not, and
// what stands beside fields that cannot be used.
func forms() map[string]string {
	all := map[string]string{}
	for name, fields := range map[string]int{"form.whole": 5, "form.without-envelope": 3} {
		for _, r := range []struct {
			platform string
			show     console.Renderer
		}{{"", console.Plain(plain.Style{})}, {"Slack", console.Slack()}, {"Discord", console.Discord()}} {
			f := formatting.LoginForm(strings.Repeat("0", 32), probe.Target{Host: "smtp.example.com", Port: 587}, r.platform)
			f.Fields = f.Fields[:fields]
			all[name] += r.show.Form(f) + "\n"
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
