package embed_test

import (
	"slices"
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/formatting/formattest"
)

// TestAtAGlance: of twelve kinds of trouble the first eight lines in the
// channel say what it is, what to try and who can fix it.
func TestAtAGlance(t *testing.T) {
	for _, c := range formattest.Cases(t) {
		if !slices.Contains(formattest.Situations(), c.Name) {
			continue
		}
		m := formattest.Message(t, c, formatting.Discord)
		p := embed.Root(m)
		lines := strings.Split(p.Content+"\n"+p.Embeds[0].Description, "\n")
		first := strings.Join(lines[:min(8, len(lines))], "\n")
		for _, want := range []string{m.Tone.Symbol(), m.Target, "\n**Try:** ", "\n**Who can fix it:** " + m.Owner} {
			if !strings.Contains(first, want) || m.Owner == "" {
				t.Errorf("%s: %q is not among\n%s", c.Name, want, first)
			}
		}
	}
}

// TestHostileServersCrowdNothingOut: whatever a server lists, the posts are few
// and the transcript is among them, and whole in a file where it is long.
func TestHostileServersCrowdNothingOut(t *testing.T) {
	for i, m := range formattest.Hostile() {
		posts, text := embed.Thread(m, embed.Style{}), ""
		for _, p := range posts {
			text += p.Content
			for _, f := range p.Files {
				text += f.Text
			}
		}
		if len(posts) > 6 || !strings.Contains(text, formattest.HostileLine) || strings.Contains(text, "\n0 of ") {
			t.Errorf("%d: %d posts without the transcript", i, len(posts))
		}
	}
}
