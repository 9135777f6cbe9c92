package chat

import (
	"slices"
	"strings"
	"testing"

	"smtptest/bot"
	"smtptest/formatting"
)

// update is one of a run: its fact is its first word, the rest are sections.
func update(s bot.Stage, words string) bot.Update {
	all := strings.Fields(words)
	m := formatting.Message{Fact: all[0], Target: "mail.example.com:587"}
	for _, title := range all[1:] {
		if strings.HasSuffix(title, ".txt") {
			m.Sections = append(m.Sections, formatting.File{Name: title})
			continue
		}
		m.Sections = append(m.Sections, formatting.Prose{Title: title})
	}
	return bot.Update{Stage: s, Message: m}
}

func tested() []bot.Update {
	return []bot.Update{
		update(bot.StageStarted, "begun"), update(bot.StageProgress, "waits"), update(bot.StageVerdict, "works"),
		update(bot.StageDone, "works tls all.txt log"),
	}
}

func deniedAfter(stages int) []bot.Update {
	return append(tested()[:stages:stages], update(bot.StageDenied, "denied"))
}

// kinds of platforms in memory.
const (
	plain   = iota // the five methods alone
	follow         // and messages behind the first response, which stands at once
	direct         // and a second place
	nowhere        // and none
	address        // and an address of the event's own, where all see an answer
)

// delivered is one run on a platform that fails, and all that the platform
// hears of it, in order.
type delivered struct {
	name     string
	platform int
	private  bool
	place    Place
	fails    map[string][]Kind
	updates  []bot.Update
	heard    []string
}

func runs() []delivered {
	behind, alone := Place{Evidence: Behind, Why: Reason{ID: formatting.PlaceInDirect}}, Place{Evidence: Alone}
	posts := func(all ...Kind) map[string][]Kind { return map[string][]Kind{"post": all} }
	edits := func(all ...Kind) map[string][]Kind { return map[string][]Kind{"edit": all} }
	told := []string{"tell works*", "tell tls", "tell all.txt", "tell log"}
	evidence := []string{"post C/1 tls", "upload C/1 all.txt", "post C/1 log"}
	return []delivered{
		{
			name: "all goes well", updates: tested(),
			heard: slices.Concat([]string{"post C begun", "edit 1 waits", "edit 1 works"}, evidence),
		},
		{
			name: "it is over soon", updates: tested()[2:],
			heard: slices.Concat([]string{"post C works"}, evidence),
		},
		{
			name: "announced once", platform: direct, updates: tested(),
			heard: slices.Concat([]string{"post C begun", "announce C1", "edit 1 waits", "edit 1 works"}, evidence),
		},
		{
			name: "private", private: true, place: alone, updates: tested(),
			heard: []string{"tell works", "tell tls", "tell all.txt", "tell log"},
		},
		{
			name: "private, told in part", private: true, place: alone, updates: tested(),
			fails: map[string][]Kind{"tell": {works, Transient}},
			heard: []string{"tell works", "tell tls"},
		},
		{
			name: "the message has gone", updates: tested(), fails: edits(Gone),
			heard: []string{
				"post C begun", "edit 1 waits", "post C waits", "delete 1", "edit 2 works", "post C/2 tls", "upload C/2 all.txt",
				"post C/2 log",
			},
		},
		{
			name: "the message cannot be reached once", updates: tested(), fails: edits(Transient),
			heard: slices.Concat([]string{"post C begun", "edit 1 waits", "edit 1 works"}, evidence),
		},
		{
			name: "the verdict cannot be shown until the end", updates: tested(), fails: edits(works, Transient),
			heard: slices.Concat([]string{"post C begun", "edit 1 waits", "edit 1 works", "edit 1 works"}, evidence),
		},
		{
			name: "the message cannot be reached at all", updates: tested(), fails: edits(Transient, Refused, Limited),
			heard: []string{
				"post C begun", "edit 1 waits", "edit 1 works", "edit 1 works", "post C works", "delete 1",
				"post C/2 tls", "upload C/2 all.txt", "post C/2 log",
			},
		},
		{
			name: "the way is closed", platform: follow, updates: tested(),
			fails: map[string][]Kind{"edit": {Lost, Lost, Lost, Lost, Lost}, "thread": {Refused}},
			heard: []string{
				"edit  begun", "edit  waits", "edit  works", "edit  works", "thread", "edit  works*", "follow tls",
				"follow all.txt", "follow log",
			},
		},
		{
			name: "no place", platform: nowhere, updates: tested(), fails: posts(Closed),
			heard: slices.Concat([]string{"post C begun"}, told),
		},
		{
			name: "no place, found out at the end", platform: nowhere, updates: tested()[3:], fails: posts(Closed),
			heard: slices.Concat([]string{"post C works"}, told),
		},
		{
			name: "the second place", platform: direct, updates: tested(), fails: posts(Closed),
			heard: []string{
				"post C begun", "post D begun*", "announce D1", "redirected", "edit 1 waits*", "edit 1 works*",
				"post D/1 tls", "upload D/1 all.txt", "post D/1 log",
			},
		},
		{
			name: "neither place", platform: direct, updates: tested(), fails: posts(Closed, Refused),
			heard: slices.Concat([]string{"post C begun", "post D begun*"}, told),
		},
		{
			name: "at the end, for all", platform: address, updates: tested(), fails: posts(Closed),
			heard: []string{"post C begun", "respond works*", "respond tls", "respond all.txt", "respond log"},
		},
		{
			name: "at the end, for all in part", platform: address, updates: tested()[2:],
			fails: map[string][]Kind{"post": {Closed}, "respond": {works, Refused}},
			heard: []string{"post C works", "respond works*", "respond tls", "tell tls", "tell all.txt", "tell log"},
		},
		{
			name: "no place, and no second one", updates: tested()[:1], fails: posts(Closed),
			heard: []string{"post C begun"},
		},
		{
			name: "the thread takes nothing", updates: tested()[2:], fails: posts(works, Closed),
			heard: []string{"post C works", "post C/1 tls", "tell no-thread", "tell tls", "tell all.txt", "tell log"},
		},
		{
			name: "the thread is lost on the way", updates: tested()[2:], fails: posts(works, works, Transient),
			heard: []string{
				"post C works", "post C/1 tls", "upload C/1 all.txt", "post C/1 log", "tell lost", "tell tls", "tell all.txt",
				"tell log",
			},
		},
		{
			name: "the file is not taken", updates: tested()[2:], fails: map[string][]Kind{"upload": {Refused}},
			heard: []string{"post C works", "post C/1 tls", "upload C/1 all.txt", "tell all.txt", "post C/1 no-file",
				"post C/1 log"},
		},
		{
			name: "neither the file nor words for it", updates: tested()[2:],
			fails: map[string][]Kind{"upload": {Refused}, "post": {works, works, Closed}},
			heard: []string{
				"post C works", "post C/1 tls", "upload C/1 all.txt", "tell all.txt", "post C/1 no-file",
				"tell no-thread", "tell tls", "tell all.txt", "tell log",
			},
		},
		{
			name: "behind", platform: follow, place: behind, updates: tested(),
			heard: []string{"edit  begun*", "edit  waits*", "edit  works*", "edit  works*", "follow tls", "follow all.txt",
				"follow log"},
		},
		{
			name: "behind, for one person", platform: follow, private: true, place: Place{Evidence: Behind},
			updates: tested()[1:],
			heard:   []string{"edit  waits", "edit  works", "edit  works", "follow tls", "follow all.txt", "follow log"},
		},
		{
			name: "no thread", platform: follow, updates: tested()[2:], fails: map[string][]Kind{"thread": {Refused}},
			heard: []string{"edit  works", "thread", "edit  works*", "follow tls", "follow all.txt", "follow log"},
		},
		{
			name: "the thread takes half", platform: follow, updates: tested()[2:],
			fails: map[string][]Kind{"thread": {works}, "post": {works, Refused}},
			heard: []string{"edit  works", "thread", "post C tls", "upload C all.txt", "post C log", "follow log"},
		},
		{
			name: "denied", updates: deniedAfter(1),
			heard: []string{"post C begun", "delete 1", "tell denied"},
		},
		{
			name: "denied at once", updates: deniedAfter(0),
			heard: []string{"tell denied"},
		},
		{
			name: "denied, and gone already", updates: deniedAfter(1), fails: map[string][]Kind{"delete": {Gone}},
			heard: []string{"post C begun", "delete 1", "tell denied"},
		},
		{
			name: "denied, and not taken back", updates: deniedAfter(1), fails: map[string][]Kind{"delete": {Refused}},
			heard: []string{"post C begun", "delete 1", "edit 1 taken-back", "tell denied"},
		},
		{
			name: "denied, and neither taken back nor changed", updates: deniedAfter(1),
			fails: map[string][]Kind{"delete": {Transient}, "edit": {Transient}},
			heard: []string{"post C begun", "delete 1", "edit 1 taken-back", "tell denied"},
		},
		{
			name: "denied, and the way is closed", platform: follow, updates: deniedAfter(0),
			fails: map[string][]Kind{"delete": {Lost}},
			heard: []string{"delete "},
		},
		{
			name: "denied, where nothing is posted", platform: nowhere, updates: deniedAfter(1), fails: posts(Closed),
			heard: []string{"post C begun", "tell denied"},
		},
		{
			name: "denied, for one person", private: true, place: alone, updates: deniedAfter(1),
			heard: []string{"tell denied"},
		},
		{
			name: "denied, in a message for one person", platform: follow, private: true, place: Place{Evidence: Behind},
			updates: deniedAfter(1),
			heard:   []string{"edit  begun", "edit  denied"},
		},
	}
}

// TestDelivery plays each run on its platform.
func TestDelivery(t *testing.T) {
	for _, tt := range runs() {
		t.Run(tt.name, func(t *testing.T) {
			m, d := tt.delivery()
			d.Answer(t.Context(), bot.Answer{Job: testRun(t), Private: tt.private})
			for _, u := range tt.updates {
				d.Update(t.Context(), u)
			}
			for i, line := range m.heard {
				m.heard[i] = shorter().Replace(line)
			}
			if !slices.Equal(m.heard, tt.heard) {
				t.Errorf("heard\n%s\nwant\n%s", strings.Join(m.heard, "\n"), strings.Join(tt.heard, "\n"))
			}
		})
	}
}

// shorter gives the texts of the catalogue the names that the table has.
func shorter() *strings.Replacer {
	var all []string
	for id, name := range map[formatting.TextID]string{
		formatting.PlaceNoThread: "no-thread", formatting.PlaceThreadLost: "lost", formatting.PlaceTakenBack: "taken-back",
	} {
		root := kit().Root(formatting.Notice(id))
		all = append(all, root.text, name)
	}
	return strings.NewReplacer(all...)
}

func (tt delivered) delivery() (*memory, *Delivery[post]) {
	m := &memory{fails: tt.fails, place: tt.place}
	m.place.At.Channel = "C"
	var p Platform[post] = m
	switch tt.platform {
	case follow:
		m.interim, p = OneStands, follows{m}
	case direct:
		p = redirects{m, true}
	case address:
		p = responds{redirects{m, false}}
	case nowhere:
		p = redirects{m, false}
	}
	return m, &Delivery[post]{Kit: kit(), Platform: p, Ack: m}
}

// TestAnswers: what has no run has one first response, and of what somebody
// else has answered nothing is said.
func TestAnswers(t *testing.T) {
	said := formatting.Message{Fact: "said"}
	for _, tt := range []struct {
		name   string
		answer bot.Answer
		heard  string
	}{
		{"for all", bot.Answer{Message: said}, "reply said false"},
		{"private", bot.Answer{Message: said, Private: true}, "reply said true"},
		{"a form", bot.Answer{Form: &formatting.Form{}}, "open"},
		{"a form with faults", bot.Answer{Errors: map[string]string{"user": "missing"}}, "reject"},
		{"answered by another", bot.Answer{Job: testRun(t)}, ""},
	} {
		m, d := delivered{}.delivery()
		m.interim = Answered
		d.Answer(t.Context(), tt.answer)
		if tt.answer.Job != nil {
			d.Update(t.Context(), tested()[0])
			d.Update(t.Context(), tested()[3])
		}
		if got := strings.Join(m.heard, ", "); got != tt.heard {
			t.Errorf("%s: heard %q, want %q", tt.name, got, tt.heard)
		}
	}
}

// TestPublish: a message of no run is shown whole, wherever it may be.
func TestPublish(t *testing.T) {
	m := update(bot.StageDone, "shared tls").Message
	for platform, want := range map[int]string{
		plain:   "post C shared, post C/1 tls",
		nowhere: "post C shared, tell shared*, tell tls",
	} {
		memory, d := delivered{platform: platform}.delivery()
		if platform == nowhere {
			memory.fails = map[string][]Kind{"post": {Closed}}
		}
		d.Answer(t.Context(), bot.Answer{})
		memory.heard = nil
		d.Publish(t.Context(), m)
		if got := strings.Join(memory.heard, ", "); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}

// TestFill puts an answer under another message, and to the person where that
// has no thread.
func TestFill(t *testing.T) {
	for want, fails := range map[string]map[string][]Kind{
		"post C/7 tls":                  nil,
		"thread, tell shared, tell tls": {"thread": {Refused}},
	} {
		memory, d := delivered{fails: fails}.delivery()
		d.Fill(t.Context(), Spot{Channel: "C", Message: "7"}, update(bot.StageDone, "shared tls").Message)
		if got := strings.Join(memory.heard, ", "); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}
