package playground

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"smtptest/formatting/html"
)

// shown is how many messages of a channel the page shows, the newest.
const shown = 60

// item is a message, as the page shows it.
type item struct {
	ID       string // of its element
	At       time.Time
	Author   string
	Bot      bool
	Of       string // "slack" or "discord"
	Private  bool   // only this person sees it
	Notice   bool   // it is the platform's own, and no message
	Edited   bool
	Thinking bool   // Discord: the answer is deferred
	Replies  string // Discord: what it answers
	Body     template.HTML
	Text     string // in place of a Body
	Files    []file
	Menu     menu // no Commands: it has none
	Thread   *thread

	ts string // of Slack
}

// file is something to download.
type file struct {
	Name, URL string
	Size      int
	Preview   string
}

// menu are the commands of the bot in the menu of a message.
type menu struct {
	Commands []string
	Hidden   []html.Field
	Action   string
}

// thread is what stands below a message.
type thread struct {
	ID    string
	Items []item
	Open  bool     // at first
	Reply *compose // nil: nobody can write there
}

// compose is a box to write in.
type compose struct {
	ID, Label, Hint string
	Usage           string // of the command that may be typed there; empty: none may
	Hidden          []html.Field
	Action          string
}

// Count words how many replies a thread has.
func (t thread) Count() string {
	if len(t.Items) == 1 {
		return "1 reply"
	}
	return fmt.Sprintf("%d replies", len(t.Items))
}

// Version changes with what an item shows, its thread left out.
func (i item) Version() string {
	i.Thread = nil
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", i))
	return hex.EncodeToString(sum[:6])
}

// Clock is when it was posted.
func (i item) Clock() string { return i.At.Format("15:04") }

// Stamp is the same for programs.
func (i item) Stamp() string { return i.At.UTC().Format(time.RFC3339) }

// inOrder sorts items by time and keeps the newest.
func inOrder(all []item) []item {
	slices.SortStableFunc(all, func(a, b item) int { return a.At.Compare(b.At) })
	return all[max(0, len(all)-shown):]
}

// noticed are the notices of a person in a channel.
func (p *Playground) noticed(who, channel string) []item {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []item
	for _, n := range p.notices {
		if n.who == who && n.channel == channel {
			out = append(out, item{ID: "n-" + n.n, At: n.at, Text: n.text, Notice: true, Private: true})
		}
	}
	return out
}

// element makes the id of an element out of ids of a platform.
func element(parts ...string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == ' ' {
			return '-'
		}
		return r
	}, strings.Join(parts, "-"))
}

// previewed is the beginning of a text file.
func previewed(data []byte) string {
	const most = 600 // octets: some ten lines
	text := strings.ToValidUTF8(string(data[:min(len(data), most)]), "")
	if len(data) > most {
		text = text[:cmp.Or(strings.LastIndexByte(text, '\n')+1, len(text))]
	}
	return text
}
