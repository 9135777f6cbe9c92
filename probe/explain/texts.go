package explain

import (
	"slices"

	"smtptest/probe/provider"
	"smtptest/probe/replies"
)

// texts explains the text of libraries, the best message of each, and of
// servers, the best of all. What is the matter is explained once, and what is
// read from ideas only where no words before were known.
func (in *input) texts(n numbers) []Item {
	var items []Item
	var told []string
	known := false
	for _, m := range replies.Find(in.asText(n)) {
		meaning, _ := replies.Of(m.ID)
		what, who := string(meaning.IDs[0]), "by "+m.Library
		byCode := m.Layer > replies.LayerConcept
		if byCode && in.quick() || known && m.Layer >= replies.LayerConcept ||
			slices.Contains(told, what) || slices.Contains(told, who) {
			continue
		}
		told, known = append(told, what, who), m.Layer < replies.LayerConcept
		items = append(items, messageItem(m, meaning))
	}
	return items
}

// asText is the input as package replies reads it.
func (in *input) asText(n numbers) replies.Text {
	return replies.Text{
		Place: in.place, Codes: n.codes, Enhanced: n.enhanced, Words: replies.Fold(in.text), Typed: in.typed,
		Mail: in.isMail,
	}
}

func messageItem(m replies.Match, meaning replies.Meaning) Item {
	item := Item{
		ID: m.ID, Title: meaning.Title, Kind: KindText, Wire: meaning.Wire, Side: meaning.Side,
		Try: []string{meaning.Try}, References: meaning.References, Confidence: m.Layer.Confidence(),
	}
	if m.Library != "" {
		item.Kind, item.Try = KindLibrary, []string{m.Fix}
		item.Rows = []Row{{"Library", m.Library}}
	}
	if m.Layer == replies.LayerConcept {
		item.Rows = append(item.Rows, Row{"How sure",
			"this very text is not known here: it was read from what its words are about"})
	}
	if m.Layer > replies.LayerConcept {
		item.Rows = append(item.Rows, Row{"How sure", "its words are not known here: only its code was read"})
	}
	if m.Vague {
		item.Confidence = Possible
		item.Rows = append(item.Rows, Row{"How sure",
			"the text alone does not say that it is about mail: any program that uses the network can write it"})
	}
	return item
}

// meaning is what the whole text says. Of a reply whose place is known it is
// what a diagnosis of a session there would take it for; of other texts it is
// that of the most telling item.
func (in *input) meaning(items []Item) replies.Answer {
	if r, ok := replies.Parse(in.typed); ok && in.place != replies.Anywhere {
		return provider.Classify(in.host(), in.place, r).Answer
	}
	for _, i := range items {
		if i.ID != "" {
			return replies.Answer{ID: i.ID, Layer: replies.LayerText}
		}
	}
	return replies.Answer{}
}

// host is the first host in the text that belongs to a provider; empty: none
// does.
func (in *input) host() string {
	for _, host := range in.hosts() {
		if _, ok := provider.Of(host); ok {
			return host
		}
	}
	return ""
}
