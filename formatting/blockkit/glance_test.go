package blockkit_test

import (
	"slices"
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
	"smtptest/formatting/formattest"
)

// TestAtAGlance: of twelve kinds of trouble the first eight lines in the
// channel say what it is, what to try and who can fix it.
func TestAtAGlance(t *testing.T) {
	n := 0
	for _, c := range formattest.Cases(t) {
		if !slices.Contains(formattest.Situations(), c.Name) {
			continue
		}
		n++
		m := formattest.Message(t, c, formatting.Slack)
		p := blockkit.Root(m)
		lines := seen([]blockkit.Post{p})
		first := strings.Join(lines[:min(8, len(lines))], "\n")
		for _, want := range []string{m.Verdict, m.Target, "\nTry: " + m.Try, "\nWho can fix it: " + m.Owner} {
			if !strings.Contains(first, want) || m.Try == "" || m.Owner == "" {
				t.Errorf("%s: %q is not among\n%s", c.Name, want, first)
			}
		}
		if !strings.Contains(p.Text, m.Verdict) || !strings.Contains(p.Text, "Try: ") {
			t.Errorf("%s: the notification says %q", c.Name, p.Text)
		}
	}
	if want := len(formattest.Situations()); n != want {
		t.Errorf("%d of %d cases exist", n, want)
	}
}

// TestHostileServersCrowdNothingOut: whatever a server lists, the posts are few
// and the transcript is among them.
func TestHostileServersCrowdNothingOut(t *testing.T) {
	for i, m := range formattest.Hostile() {
		thread, private := blockkit.Thread(m), blockkit.Private(m)
		if len(thread) > 4 || len(private) > 2 {
			t.Errorf("%d: %d posts in the thread, %d in private", i, len(thread), len(private))
		}
		for where, posts := range map[string][]blockkit.Post{"thread": thread, "private": private} {
			if !strings.Contains(strings.Join(seen(posts), "\n"), formattest.HostileLine) {
				t.Errorf("%d, %s: no transcript in %d posts", i, where, len(posts))
			}
			for _, p := range posts {
				checkPost(t, p)
			}
		}
	}
}
