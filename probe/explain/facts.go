package explain

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"smtptest/probe/provider"
)

// event is something that happens to a session, whoever reports it.
type event struct {
	id         string
	side       provider.Owner
	references []string
	title      string
	wire       string
	try        string // where no library's setting is known
}

// message is a text by which an event is known.
type message struct {
	library   string // empty: of a server or an operating system
	event     event
	fragments []string // lower case; all must stand in the text
	fix       string   // with the name of the library's setting; empty: the event's own
	needs     need
}

// need is what else must stand in a text, so that words of everyday life are
// not taken for an error of mail.
type need string

const (
	needNothing need = ""
	needCode    need = "code"  // a reply code
	needMail    need = "mail"  // a word or a port of mail
	needAlone   need = "alone" // a code, a word of mail, or nothing else at all
	needVague   need = "vague" // as alone; by itself it may come from any program
	needAny     need = "any"   // nothing, but without a word of mail it may come from any program
)

// topic is something that people ask for by name.
type topic struct {
	words      []string // folded as input is
	title      string
	references []string
	meaning    string
	try        string
}

// advice is what to do about a code.
type advice struct {
	code string // "535", "4.7.1", or "X.7.8" for every class that has no row of its own
	side provider.Owner
	try  string
}

// library is all tables.
type library struct {
	events   map[string]event
	messages []message
	topics   map[string]*topic // by each of its words
	advice   map[string]advice
}

var facts = sync.OnceValue(func() library {
	l := library{events: map[string]event{}, topics: map[string]*topic{}, advice: map[string]advice{}}
	for _, e := range load("events.tsv", 6, readEvent) {
		l.events[e.id] = e
	}
	l.messages = load("errors.tsv", 4, l.readError)
	l.messages = append(l.messages, load("replies.tsv", 3, l.readReply)...)
	for _, t := range load("topics.tsv", 5, readTopic) {
		for _, w := range t.words {
			l.topics[w] = &t
		}
	}
	for _, a := range load("advice.tsv", 3, readAdvice) {
		l.advice[a.code] = a
	}
	return l
})

func readEvent(c []string) (event, error) {
	side, err := readSide(c[1])
	return event{id: c[0], side: side, references: list(c[2], "; "), title: c[3], wire: c[4], try: c[5]}, err
}

func readSide(cell string) (provider.Owner, error) {
	side := provider.Owner(cell)
	switch side {
	case "", provider.OwnerYou, provider.OwnerServer, provider.OwnerNetwork, provider.OwnerProvider, provider.OwnerSender:
		return side, nil
	}
	return side, fmt.Errorf("%q is not a side", cell)
}

func (l library) readError(c []string) (message, error) {
	m, err := l.readMessage(c[1], c[2])
	m.library, m.fix = c[0], c[3]
	if !slices.Contains(libraries(), m.library) {
		return m, fmt.Errorf("%q is not a library", m.library)
	}
	return m, err
}

func (l library) readReply(c []string) (message, error) {
	m, err := l.readMessage(c[0], c[1])
	m.needs = need(c[2])
	switch m.needs {
	case needNothing, needCode, needMail, needAlone, needVague, needAny:
		return m, err
	}
	return m, fmt.Errorf("%q is not a need", c[2])
}

func (l library) readMessage(id, fragments string) (message, error) {
	e, ok := l.events[id]
	if !ok {
		return message{}, fmt.Errorf("%q is not an event", id)
	}
	if fragments != strings.ToLower(fragments) {
		return message{}, fmt.Errorf("%q is not in lower case", fragments)
	}
	return message{event: e, fragments: list(fragments, " & ")}, nil
}

func readTopic(c []string) (topic, error) {
	t := topic{title: c[1], references: list(c[2], "; "), meaning: c[3], try: c[4]}
	for _, w := range list(c[0], ",") {
		folded := read(w)
		t.words = append(t.words, folded.phrase(0, len(folded.words)))
	}
	return t, nil
}

func readAdvice(c []string) (advice, error) {
	side, err := readSide(c[1])
	return advice{code: c[0], side: side, try: c[2]}, err
}

// libraries are the names that errors.tsv may use. OpenSSL stands last: its
// texts appear inside those of the others.
func libraries() []string {
	return []string{"nodemailer", "JavaMail", "MailKit", "Python", "PHPMailer", "Go", openSSL}
}

const openSSL = "OpenSSL"
