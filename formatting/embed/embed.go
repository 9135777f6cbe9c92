// Package embed renders a Message as messages of Discord: the head as a line
// of text with one embed and buttons, the sections as posts of a thread,
// transcripts in fences, files; and a Form as a modal.
//
// Discord reads markdown nearly everywhere, and servers send what they like.
// So every word that could become markup stands in inline code or in a fence,
// where nothing is markup; in neither can anything be escaped, so runs of
// backticks are broken by a zero-width space. No backslash is ever written
// for protection: what people copy is what was said.
//
// It sends nothing. Whoever does sends NoMentions with each message.
package embed

import (
	"fmt"
	"strings"

	"github.com/bwmarrin/discordgo"

	"smtptest/formatting"
)

// Post is one message, within Discord's limits for messages.
type Post struct {
	Content    string                       // markdown; may be empty if there is an embed or a file
	Embeds     []*discordgo.MessageEmbed    // at most one; never nil in a root, so that an edit takes away an older one
	Components []discordgo.MessageComponent // as Embeds: never nil in a root
	Files      []formatting.File            // to attach, at most 10
}

// Style says how to render transcripts. The zero value is without colour.
type Style struct {
	ANSI bool // colours, which some clients show and some do not
}

// NoMentions forbids that a message calls anybody. Each caller gets its own.
func NoMentions() *discordgo.MessageAllowedMentions {
	return &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}}
}

// Root is the head of a message, for the channel. Notifications and screen
// readers read the first line, so the verdict stands there, outside the
// embed. It is never empty.
func Root(m formatting.Message) Post {
	p := head(m)
	if p.Content == "" && len(p.Embeds) == 0 {
		p.Content = "(no verdict)"
	}
	return p
}

// head is the root of a message; without content and embed if the sections
// are the answer.
func head(m formatting.Message) Post {
	p := Post{Content: headline(m), Embeds: []*discordgo.MessageEmbed{}, Components: rows(m.Actions)}
	e := discordgo.MessageEmbed{Description: description(m), Color: m.Tone.Colour()}
	if footer := short(m.Footer, footerRunes, inert); footer != "" {
		e.Footer = &discordgo.MessageEmbedFooter{Text: footer}
	}
	if e.Description != "" || e.Footer != nil {
		p.Embeds = append(p.Embeds, &e)
	}
	return p
}

// headline is the verdict and its cause: a notification shows no embed.
func headline(m formatting.Message) string {
	parts := []string{m.Tone.Symbol(), short(m.Verdict, verdictRunes, strong), short(m.Target, targetRunes, code)}
	fact := short(m.Fact, factRunes, prose)
	return formatting.Join([]string{formatting.Join(parts, " "), fact}, "\n")
}

func description(m formatting.Message) string {
	var lines []string
	for _, l := range m.Quote {
		lines = append(lines, short(l, lineRunes, code))
	}
	lines = append(lines, told(formatting.TryWords, m.Try), told(formatting.WhoWords, m.Owner))
	if m.Chart != "" {
		lines = append(lines, short(m.Chart, lineRunes, code))
	}
	for _, n := range m.Notes {
		lines = append(lines, short(n, lineRunes, prose))
	}
	for _, t := range m.Times {
		lines = append(lines, fmt.Sprintf("%s: <t:%d:T> · %s", short(t.Name, lineRunes/2, prose), t.At.Unix(),
			formatting.When(t.At)))
	}
	for _, l := range m.Links {
		lines = append(lines, link(l))
	}
	return fit(append(lines, beneath(m)), descriptionRunes)
}

// told writes a text behind the words that say what it is for.
func told(words, text string) string {
	if text == "" {
		return ""
	}
	return "**" + words + "** " + short(text, lineRunes-size(words), prose)
}

// beneath says who asked, without calling them, and when, in the reader's own
// time (reference, Message Formatting).
func beneath(m formatting.Message) string {
	var parts []string
	if m.By.Name != "" {
		parts = append(parts, short("Asked by "+m.By.Name, lineRunes/2, prose))
	}
	if !m.Began.IsZero() {
		parts = append(parts, fmt.Sprintf("<t:%d:f>", m.Began.Unix()))
	}
	return strings.Join(parts, " · ")
}

const maxSnowflakeDigits = 20 // of 64 bits

// link writes an address of Discord's bare, because clients show the channel
// and the message in its place. Any other becomes no link.
func link(l formatting.Link) string {
	label := short(l.Label, lineRunes, prose)
	if !messageLink(l.URL) {
		return label
	}
	return label + ": " + l.URL
}

func messageLink(address string) bool {
	rest, ok := strings.CutPrefix(address, "https://discord.com/channels/")
	return ok && len(rest) <= 3*(maxSnowflakeDigits+1) && strings.Trim(rest, "0123456789/@me") == ""
}
