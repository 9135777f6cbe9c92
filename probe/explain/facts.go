package explain

import (
	_ "embed" // the tables
	"fmt"
	"slices"
	"sync"

	"smtptest/probe/registry"
	"smtptest/probe/replies"
)

var (
	//go:embed topics.tsv
	topicsTable []byte
	//go:embed advice.tsv
	adviceTable []byte
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
	side replies.Owner
	try  string
}

// library is all tables.
type library struct {
	topics map[string]*topic // by each of its words
	advice map[string]advice
}

var facts = sync.OnceValue(func() library {
	l := library{topics: map[string]*topic{}, advice: map[string]advice{}}
	for _, t := range allTopics() {
		for _, w := range t.words {
			l.topics[w] = &t
		}
	}
	for _, a := range allAdvice() {
		l.advice[a.code] = a
	}
	return l
})

func allTopics() []topic { return registry.MustTable("topics.tsv", topicsTable, 5, readTopic) }

func allAdvice() []advice { return registry.MustTable("advice.tsv", adviceTable, 3, readAdvice) }

func readTopic(c []string) (topic, error) {
	t := topic{title: c[1], references: registry.List(c[2], "; "), meaning: c[3], try: c[4]}
	for _, w := range registry.List(c[0], ",") {
		folded := read(w)
		t.words = append(t.words, folded.phrase(0, len(folded.words)))
	}
	return t, nil
}

func readAdvice(c []string) (advice, error) {
	a := advice{code: c[0], side: replies.Owner(c[1]), try: c[2]}
	if a.side != "" && !slices.Contains(replies.Owners(), a.side) {
		return a, fmt.Errorf("%q is not a side", c[1])
	}
	return a, nil
}
