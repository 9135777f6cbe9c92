package replies

import (
	"os"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/registry"
)

// wording is a reply of testdata/wordings.tsv: what a server was seen to say.
type wording struct {
	kind, server string
	at           Place
	id           ID
	host         string // whose own meaning it is, see package provider; empty: any server's
	reply        string
	source       string
}

func wordings(t testing.TB) []wording {
	t.Helper()
	text, err := os.ReadFile("testdata/wordings.tsv")
	if err != nil {
		t.Fatal(err)
	}
	return registry.MustTable("wordings.tsv", text, 7, func(c []string) (wording, error) {
		reply := strings.ReplaceAll(c[5], `\n`, "\n")
		return wording{c[0], c[1], Place(c[2]), ID(c[3]), c[4], reply, c[6]}, nil
	})
}

func TestWordings(t *testing.T) {
	for _, w := range wordings(t) {
		if w.host != "" {
			continue // package provider checks it
		}
		t.Run(w.server, func(t *testing.T) {
			if got := Classify(Reply(w.at, mustParse(t, w.reply))).ID; got != w.id {
				t.Errorf("%s: %s\ngot %q, want %q", w.at, w.reply, got, w.id)
			}
		})
	}
}

// TestEveryReplyMeansSomething: no reply that ends a session may be left
// without a meaning.
func TestEveryReplyMeansSomething(t *testing.T) {
	for _, at := range Places() {
		for _, code := range []string{"354", "399", "400", "421", "499", "500", "554", "599"} {
			if at != DATA && Classify(Reply(at, mustParse(t, code+" no"))).ID == "" {
				t.Errorf("%s to %s means nothing", code, at)
			}
		}
	}
	for _, code := range []string{"200", "250", "299"} {
		if Classify(Reply(Greeting, mustParse(t, code+" yes"))).ID == "" {
			t.Errorf("%s in the greeting's place means nothing", code)
		}
	}
}

// tooFew are the ids for which fewer than three wordings of servers have been
// collected, and notHeldOut those that no wording was kept from: two providers
// say auth.client-refused in words, and others only refuse the password; only
// Microsoft says auth.basic-auth-off, and only OpenSMTPD a refusal of any
// recipient. An id leaves its list when they have been found.
func tooFew() []ID { return []ID{"auth.client-refused", "envelope.recipient-refused"} }
func notHeldOut() []ID {
	return []ID{"auth.basic-auth-off", "auth.client-refused", "envelope.recipient-refused"}
}

// TestEveryIDHasWordings: what is known by the words of servers is checked
// against at least three different ones, and against one that it had not been
// written for, the ids of the lists above excepted.
func TestEveryIDHasWordings(t *testing.T) {
	const atLeast = 3
	replies, heldOut := map[ID][]string{}, map[ID]bool{}
	for _, w := range wordings(t) {
		lower := strings.ToLower(w.reply)
		if w.kind != "composed" && w.kind != "misread" && !slices.Contains(replies[w.id], lower) {
			replies[w.id] = append(replies[w.id], lower)
		}
		heldOut[w.id] = heldOut[w.id] || w.kind == "held"
	}
	for _, id := range readByWords() {
		if few := len(replies[id]) < atLeast; few != slices.Contains(tooFew(), id) {
			t.Errorf("%s is checked against %d wordings: collect more, or correct tooFew", id, len(replies[id]))
		}
		if heldOut[id] == slices.Contains(notHeldOut(), id) {
			t.Errorf("%s, checked against a wording that was held out: %v; correct notHeldOut", id, heldOut[id])
		}
	}
}

// readByWords are the ids that the words of a reply can lead to.
func readByWords() []ID {
	var out []ID
	for _, e := range Entries() {
		for _, at := range e.At {
			if id := e.ID.At(at); at != DATA && len(e.Words) > 0 && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}
