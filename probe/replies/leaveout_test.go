package replies

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/smtp"
)

// TestLeaveOneSourceOut measures whether the store generalises. For each
// server, provider and library, the rows that only its own texts show are
// taken away, and the rest must name the cause of its texts. What is right,
// wrong and left open is printed with -v; the floor keeps it from falling.
func TestLeaveOneSourceOut(t *testing.T) {
	var all, servers, libraries score
	sources := map[string]score{}
	texts := leaveOutTexts(t)
	shown, stores := loaded().shownBy(texts), map[string]*store{}
	for _, x := range texts {
		if stores[x.source] == nil {
			stores[x.source] = loaded().without(x.source, shown)
		}
		s := stores[x.source]
		result := s.judge(x)
		sources[x.source] = sources[x.source].plus(result)
		all = all.plus(result)
		if x.library {
			libraries = libraries.plus(result)
		} else {
			servers = servers.plus(result)
		}
		if testing.Verbose() && result.right == 0 {
			t.Logf("%-18s %-9s want %-30s %s", x.source, x.text.Place, x.id, s.describe(x))
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(sources), func(a, b string) int {
		return cmp.Or(cmp.Compare(sources[b].all, sources[a].all), cmp.Compare(a, b))
	}) {
		if sources[name].all >= 5 {
			t.Logf("%-28s %v", name, sources[name])
		}
	}
	t.Logf("%-28s %v", "servers and providers", servers)
	t.Logf("%-28s %v", "libraries", libraries)
	t.Logf("%-28s %v", "all", all)
	const leastRight, mostWrong = 85, 3
	if all.percent(all.right) < leastRight || all.percent(all.wrong) > mostWrong {
		t.Errorf("right %.1f %%, wrong %.1f %%", all.percent(all.right), all.percent(all.wrong))
	}
}

// score counts texts. A text is wrong when another cause is named by words or
// by a code; it is left open when only the class of its code, or nothing, was
// known.
type score struct{ all, right, wrong int }

func (s score) plus(o score) score { return score{s.all + o.all, s.right + o.right, s.wrong + o.wrong} }

func (s score) percent(n int) float64 { return 100 * float64(n) / float64(max(s.all, 1)) }

func (s score) String() string {
	return fmt.Sprintf("%4d texts, right %5.1f %%, wrong %5.1f %%, open %5.1f %%",
		s.all, s.percent(s.right), s.percent(s.wrong), s.percent(s.all-s.right-s.wrong))
}

// leftOut is a text with its cause and where it comes from.
type leftOut struct {
	source  string
	library bool
	id      ID
	text    Text
}

// leaveOutTexts are the replies of servers at their places, and the errors of
// libraries as they are pasted.
func leaveOutTexts(t *testing.T) []leftOut {
	t.Helper()
	var out []leftOut
	for _, w := range wordings(t) {
		if w.host == "" && (w.kind == "known" || w.kind == "held") && strings.ToUpper(w.server[:1]) == w.server[:1] {
			out = append(out, leftOut{source(w.server), false, w.id, Reply(w.at, mustParse(t, w.reply))})
		}
	}
	samples, err := os.ReadFile("../explain/testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(samples)), "\n") {
		cells := strings.SplitN(line, "|", 3)
		if len(cells) == 3 && !strings.HasPrefix(line, "#") {
			pasted := strings.ReplaceAll(cells[2], `\n`, "\n")
			out = append(out, leftOut{cells[0], true, ID(cells[1]), pastedText(pasted)})
		}
	}
	return out
}

// pastedText reads a text as people paste it: an error with what it wraps, a line
// of a log, a reply with or without what stands around it.
func pastedText(text string) Text {
	t := Text{Words: Fold(strings.Join(strings.Fields(text), " ")), Typed: text, Mail: true}
	t.Codes = codesOf(text)
	for _, w := range strings.FieldsFunc(text, betweenCodes) {
		if e, rest, ok := smtp.ParseEnhanced(w); ok && rest == "" {
			t.Enhanced = append(t.Enhanced, e)
		}
	}
	return t
}

// source is the program or provider of a wording; those of one maker share
// their words.
func source(server string) string {
	name, _, _ := strings.Cut(server, ",")
	for _, family := range []string{"Exim", "Gmail", "Postfix", "Exchange", "Dovecot"} {
		if strings.Contains(name, family) {
			name = family
		}
	}
	switch name {
	case "postscreen":
		return "Postfix"
	case "Microsoft", "Outlook.com":
		return "Exchange"
	}
	return name
}

// shownBy says by texts of which sources the words of each row are shown.
func (s *store) shownBy(texts []leftOut) []map[string]bool {
	out := make([]map[string]bool, len(s.rows))
	for i := range out {
		out[i] = map[string]bool{}
	}
	for _, x := range texts {
		words := s.index.find(x.text.Words)
		for i, r := range s.rows {
			if words.all(words.index.numbers(r.words)) {
				out[i][x.source] = true
			}
		}
	}
	return out
}

// without is the store without the rows of one source: all of a library, and
// of servers those whose words stand in no text of another source.
func (s *store) without(source string, shown []map[string]bool) *store {
	var kept []row
	for i, r := range s.rows {
		own := r.library == source || r.library == "" && len(shown[i]) == 1 && shown[i][source]
		if !own || len(r.words) == 0 {
			kept = append(kept, r)
		}
	}
	return &store{
		meanings: s.meanings, byID: s.byID, lexicon: s.lexicon, forms: s.forms, makers: s.makers,
		formIndex: s.formIndex, rows: kept, index: newIndex(kept),
	}
}

// answer is what the store makes of a text.
func (s *store) answer(x leftOut) Answer {
	if !x.library {
		return s.classify(x.text)
	}
	for _, m := range s.find(x.text) {
		return Answer{ID: m.ID, Layer: LayerText}
	}
	return Answer{}
}

func (s *store) judge(x leftOut) score {
	a := s.answer(x)
	m := s.byID[x.id]
	switch {
	case a.ID == x.id || m != nil && slices.Contains(m.IDs, a.ID), x.library && gives(a.ID, x.id):
		return score{1, 1, 0}
	case a.ID == "" || a.Layer == LayerClass:
		return score{1, 0, 0}
	}
	return score{1, 0, 1}
}

func (s *store) describe(x leftOut) string {
	a := s.answer(x)
	return fmt.Sprintf("got %-30s %-13s %.150s", a.ID, a.Layer, x.text.Words)
}
