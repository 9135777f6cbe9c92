package discordbot

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"smtptest/formatting"
)

// ofMessages is the type of commands that stand in the menu of a message. The
// message comes with them, so that no intent is needed to read it.
const ofMessages = int(discordgo.MessageApplicationCommand)

// said is what one reads of a message: an alert has embeds, a message that was
// forwarded has its own inside.
type said struct {
	Content string `json:"content"`
	Embeds  []struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		Fields      []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"fields"`
		Footer struct {
			Text string `json:"text"`
		} `json:"footer"`
	} `json:"embeds"`
	Forwarded []struct {
		Message said `json:"message"`
	} `json:"message_snapshots"`
}

// words are all that one reads, a line for each part.
func (m said) words() string {
	all := []string{m.Content}
	for _, e := range m.Embeds {
		all = append(all, e.Title, e.Description)
		for _, f := range e.Fields {
			all = append(all, f.Name+": "+f.Value)
		}
		all = append(all, e.Footer.Text)
	}
	for _, f := range m.Forwarded {
		all = append(all, f.Message.words())
	}
	return strings.TrimSpace(strings.Join(all, "\n"))
}

// label is a text of the catalogue that names something.
func label(id formatting.TextID) string { return formatting.Say(id).What }
