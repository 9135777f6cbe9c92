package bot

import (
	"os"
	"strings"
	"testing"

	"smtptest/formatting"
)

func TestEveryTopicSaysSomething(t *testing.T) {
	for _, d := range []Dialect{{}, {Terminal: true}} {
		for _, topic := range append(Topics(), append(optionNames(d), "")...) {
			m := HelpAbout(topic, d, DefaultLimits())
			if len(m.Sections) == 0 || m.Verdict != "" {
				t.Errorf("%+v: help %s: %+v", d, topic, m)
			}
			for _, s := range m.Sections {
				if f, ok := s.(formatting.Facts); ok && len(f.Rows) == 0 {
					t.Errorf("%+v: help %s has an empty list", d, topic)
				}
			}
		}
	}
}

// TestTheOverviewIsShort: it is read in a chat, between two alarms.
func TestTheOverviewIsShort(t *testing.T) {
	text := ""
	for _, s := range HelpAbout("", Dialect{}, DefaultLimits()).Sections {
		switch s := s.(type) {
		case formatting.Prose:
			text += s.Title + strings.Join(s.Paragraphs, "\n")
		case formatting.Code:
			for _, l := range s.Lines {
				text += l.Text + "\n"
			}
		}
	}
	if n := len([]rune(text)); n > 1000 {
		t.Errorf("%d runes", n)
	}
}

// TestREADMEHasTheLimits: what holds by default is what the README says.
func TestREADMEHasTheLimits(t *testing.T) {
	octets, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultLimits()
	for _, r := range []Rate{c.Person, c.Channel, c.Target, c.Login, c.Recipients} {
		if !strings.Contains(string(octets), "| "+r.String()+" |") {
			t.Errorf("the README does not say %q", r)
		}
	}
}
