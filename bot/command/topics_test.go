package command

import (
	"strings"
	"testing"

	"smtptest/formatting"
)

// limits stand for those of a bot.
var limits = Here{Limits: formatting.Limits{Person: "5 a minute"}.Facts(true, true), Ports: "25"}

func TestEveryTopicSaysSomething(t *testing.T) {
	for _, d := range []Dialect{{}, {Terminal: true}} {
		for _, topic := range append(Topics(d), append(optionNames(d), "")...) {
			m := HelpAbout(topic, d, limits)
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
	for _, s := range HelpAbout("", Dialect{}, limits).Sections {
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
