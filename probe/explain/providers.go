package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smtptest/probe/provider"
	"smtptest/probe/registry"
	"smtptest/probe/replies"
	"smtptest/probe/smtp"
)

// notIANA marks every meaning that is one provider's.
const notIANA = "the provider's own meaning, not the one that IANA registered"

// providers explains what a provider means: the one that the text names or is
// signed by, or else those whose words or codes these can be.
func (in *input) providers(n numbers) []Item {
	if p, ok := in.provider(); ok {
		return in.ofProvider(p, n)
	}
	items := in.saidBy(n)
	for _, e := range n.enhanced {
		_, registered := registry.EnhancedOf(e)
		if registered && !in.quick() {
			continue // in a reply of nobody known it means what it means everywhere
		}
		for _, p := range provider.All() {
			t, ok := meaningAt(p, e)
			if ok && !speaksOf(items, p) && !(registered && commonplace(t.ID, e)) {
				items = append(items, codeMeant(p, t, e, Possible))
			}
		}
	}
	return items
}

// commonplace reports whether a meaning is no news beside that of a registered
// code: it is the same, or the code is X.7.1, which everybody says of everything.
func commonplace(id replies.ID, e smtp.EnhancedCode) bool {
	said := replies.Text{Codes: []int{100*e.Class + 50}, Enhanced: []smtp.EnhancedCode{e}}
	for _, said.Place = range replies.Places() {
		if replies.Classify(said).ID == id {
			return true
		}
	}
	return e.Subject == 7 && e.Detail == 1
}

// ofProvider explains a text of one known provider.
func (in *input) ofProvider(p provider.Provider, n numbers) []Item {
	if len(n.codes)+len(n.enhanced) == 0 {
		if in.quick() {
			return []Item{card(p)}
		}
		return nil
	}
	if t, weight := in.meant(p, n); weight > 0 {
		return []Item{textItem(p, t, Likely)}
	}
	var items []Item
	for _, e := range n.enhanced {
		if t, ok := meaningAt(p, e); ok {
			items = append(items, codeMeant(p, t, e, Likely))
		}
	}
	return items
}

// provider is the provider of a text: by the signature of a reply, the name
// of a host, or, in a question, its own name.
func (in *input) provider() (provider.Provider, bool) {
	for _, p := range provider.All() {
		for _, s := range p.Signatures {
			if strings.Contains(in.text, s.Words) {
				return p, true
			}
		}
	}
	for _, host := range in.hosts() {
		if p, ok := provider.Of(host); ok {
			return p, true
		}
	}
	for i := 0; in.quick() && i < len(in.words); i++ {
		if p, ok := providerNamed(in.at(i)); ok {
			return p, true
		}
	}
	return provider.Provider{}, false
}

// maxHosts is how many names are looked up; a stack trace is full of names
// with dots.
const maxHosts = 32

// hosts are the words that can be host names. The domains of mail addresses
// are left out: the recipient's provider need not be the one that speaks.
func (in *input) hosts() []string {
	var out []string
	for _, w := range in.words {
		if len(out) < maxHosts && strings.Contains(w.lower, ".") && !strings.Contains(w.lower, "@") &&
			strings.ContainsAny(w.lower, "abcdefghijklmnopqrstuvwxyz") {
			out = once(out, w.lower)
		}
	}
	return out
}

// providerNamed finds a provider by its id or another common name.
func providerNamed(lower string) (provider.Provider, bool) {
	id := lower
	switch lower {
	case "google", "workspace", "googlemail":
		id = "gmail"
	case "outlook", "office365", "o365", "m365", "exchange", "hotmail":
		id = "microsoft"
	case "aol":
		id = "yahoo"
	case "amazon", "aws":
		id = "ses"
	case "sendinblue":
		id = "brevo"
	case "apple":
		id = "icloud"
	}
	for _, p := range provider.All() {
		if p.ID == id {
			return p, true
		}
	}
	return provider.Provider{}, false
}

// meant is the text of a provider that fits best, whatever it answers; weight
// 0: none does.
func (in *input) meant(p provider.Provider, n numbers) (t provider.Text, weight int) {
	for _, candidate := range p.Texts {
		for _, w := range candidate.When {
			if heavy := 1 + 4*len(w.Words) + 2*len(w.Enhanced); heavy > weight && in.fits(w, n) {
				t, weight = candidate, heavy
			}
		}
	}
	return t, weight
}

func (in *input) fits(w provider.When, n numbers) bool {
	codes := len(w.Codes) == 0 || slices.ContainsFunc(n.codes, func(c int) bool { return slices.Contains(w.Codes, c) })
	enhanced := len(w.Enhanced) == 0 || slices.ContainsFunc(w.Enhanced,
		func(s provider.Span) bool { return slices.ContainsFunc(n.enhanced, within(s)) })
	return codes && enhanced && strings.Contains(in.text, w.Words)
}

func within(s provider.Span) func(smtp.EnhancedCode) bool {
	return func(e smtp.EnhancedCode) bool {
		return e.Class == s.First.Class && e.Subject == s.First.Subject && s.First.Detail <= e.Detail &&
			e.Detail <= s.Last
	}
}

// leastWords is how many letters a provider's words must have to be believed
// without knowing who said them.
const leastWords = 24

// maxSaidBy is how many providers are named for the same words.
const maxSaidBy = 2

// saidBy finds the providers whose own words the text holds, when it is not
// known whose text it is.
func (in *input) saidBy(n numbers) []Item {
	type match struct {
		item   Item
		weight int
	}
	var found []match
	for _, p := range provider.All() {
		t, weight := in.meant(p, n)
		if weight >= 4*leastWords {
			found = append(found, match{textItem(p, t, Possible), weight})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(b.weight, a.weight) })
	var items []Item
	for _, f := range found[:min(len(found), maxSaidBy)] {
		items = append(items, f.item)
	}
	return items
}

func textItem(p provider.Provider, t provider.Text, c Confidence) Item {
	item := Item{Title: "At " + p.Name, Kind: KindProvider, ID: t.ID, Side: t.Owner,
		References: []string{t.Reference()}, Confidence: c}
	item.Rows = []Row{{p.Name + " means", t.Means}, {"Whose meaning", notIANA}}
	if t.Fix != "" {
		item.Try = []string{t.Fix}
	}
	return item
}

// speaksOf reports whether there is an item about a provider already.
func speaksOf(items []Item, p provider.Provider) bool {
	return slices.ContainsFunc(items, func(i Item) bool { return i.Title == "At "+p.Name })
}

// meaningAt is a provider's own meaning of an enhanced code: of a row that
// needs no words, and of those the one whose span is the narrowest.
func meaningAt(p provider.Provider, e smtp.EnhancedCode) (best provider.Text, ok bool) {
	narrowest := -1
	for _, t := range p.Texts {
		for _, w := range t.When {
			i := slices.IndexFunc(w.Enhanced, holds(e))
			if w.Words != "" || i < 0 {
				continue
			}
			if width := w.Enhanced[i].Last - w.Enhanced[i].First.Detail; narrowest < 0 || width < narrowest {
				best, narrowest = t, width
			}
		}
	}
	return best, narrowest >= 0
}

// codeMeant tells what a code means at a provider. It names no cause: words and
// the reply code may say that it is another.
func codeMeant(p provider.Provider, t provider.Text, e smtp.EnhancedCode, c Confidence) Item {
	item := textItem(p, t, c)
	item.Title, item.ID = e.String()+" at "+p.Name, ""
	return item
}

func holds(e smtp.EnhancedCode) func(provider.Span) bool {
	return func(s provider.Span) bool { return within(s)(e) }
}

// card is what is known of a provider that was asked for by name.
func card(p provider.Provider) Item {
	item := Item{Title: p.Name, Kind: KindProvider, References: []string{p.Reference()}, Confidence: Likely}
	for _, h := range p.Hosts {
		if h.Role == provider.RoleSubmission && len(h.Ports) > 0 {
			item.Rows = append(item.Rows, Row{h.Names[0], portList(h.Ports)})
		}
	}
	for _, n := range p.Notes {
		item.Rows = append(item.Rows, Row{"About " + n.About, n.Says})
	}
	return item
}

func portList(ports []provider.Port) string {
	var out []string
	for _, p := range ports {
		if p.Mode != provider.ModeClosed {
			out = append(out, fmt.Sprintf("%s (%s)", strconv.Itoa(int(p.Number)), p.Mode))
		}
	}
	return strings.Join(out, ", ")
}
