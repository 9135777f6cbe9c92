package console

import (
	"slices"
	"strings"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
	"smtptest/formatting/embed"
)

// Slack prints the calls that would be made to Slack: a line that names the
// call, then its payload as JSON. Channel, timestamps and tokens are left out,
// and of a file its name and size are enough.
func Slack() Renderer {
	return Renderer{
		Root:   func(m formatting.Message) string { return slackPost("chat.postMessage (root)", blockkit.Root(m)) },
		Edit:   func(m formatting.Message) string { return slackPost("chat.update (root)", blockkit.Root(m)) },
		Thread: slackThread,
		Private: func(m formatting.Message) string {
			if hasFile(m) { // it is attached in the thread of the button
				return slackThread(m)
			}
			return slackPosts("ephemeral", blockkit.Private(m))
		},
		Form: func(f formatting.Form) string { return payload("views.open", blockkit.Modal(f)) },
	}
}

func slackThread(m formatting.Message) string {
	return slackPosts("chat.postMessage (thread)", blockkit.Thread(m))
}

func slackPosts(call string, all []blockkit.Post) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(slackPost(call, p))
	}
	return b.String()
}

func slackPost(call string, p blockkit.Post) string {
	text := payload(call, struct {
		Text   string `json:"text"`
		Blocks any    `json:"blocks"`
		Below  any    `json:"attachments,omitempty"`
	}{p.Text, p.Blocks, filled(p.Below)})
	if f := p.File; f != nil {
		text += payload("files.upload "+f.Name, struct {
			Title  string `json:"title"`
			Octets int    `json:"length"`
		}{f.Title, len(f.Text)})
	}
	return text
}

func hasFile(m formatting.Message) bool {
	return slices.ContainsFunc(m.Sections, func(s formatting.Section) bool {
		_, ok := s.(formatting.File)
		return ok
	})
}

// Discord prints the requests that would be made to Discord, as Slack does.
func Discord() Renderer {
	root := func(m formatting.Message) string { return discordPost("PATCH @original", embed.Root(m)) }
	return Renderer{
		Root: root,
		Edit: root,
		Thread: func(m formatting.Message) string {
			var b strings.Builder
			for _, p := range embed.Thread(m, embed.Style{}) {
				b.WriteString(discordPost("POST thread message", p))
			}
			return b.String()
		},
		Private: func(m formatting.Message) string {
			var b strings.Builder
			request := "PATCH @original (ephemeral)"
			for _, p := range embed.Whole(m) {
				b.WriteString(discordPost(request, p))
				request = "POST follow-up (ephemeral)"
			}
			return b.String()
		},
		Form: discordModal,
	}
}

func discordModal(f formatting.Form) string {
	m := embed.Modal(f)
	return payload("modal", struct {
		ID         string `json:"custom_id"`
		Title      string `json:"title"`
		Components any    `json:"components"`
	}{m.CustomID, m.Title, m.Components})
}

// attachment announces a file in the payload of its message.
type attachment struct {
	ID     int    `json:"id"`
	Name   string `json:"filename"`
	Octets int    `json:"size"`
}

func discordPost(request string, p embed.Post) string {
	var files []attachment
	for i, f := range p.Files {
		files = append(files, attachment{i, f.Name, len(f.Text)})
	}
	return payload(request, struct {
		Content     string       `json:"content"`
		Embeds      any          `json:"embeds,omitempty"`
		Components  any          `json:"components,omitempty"`
		Attachments []attachment `json:"attachments,omitempty"`
		Mentions    any          `json:"allowed_mentions"`
	}{p.Content, filled(p.Embeds), filled(p.Components), files, embed.NoMentions()})
}

// filled is nil for an empty list: an empty field says nothing.
func filled[T any](list []T) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// payload is a line that names a call, and what goes with it.
func payload(call string, v any) string { return call + "\n" + indented(v) }
