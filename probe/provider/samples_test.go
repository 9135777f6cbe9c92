package provider

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"smtptest/probe/registry"
	"smtptest/probe/replies"
	"smtptest/probe/smtp"
)

// sample is a reply as a provider was seen to give it, and the id that it
// has to lead to.
type sample struct {
	provider string
	at       replies.Place
	reply    string // lines as on the wire, joined by newlines
	id       replies.ID
}

// reply reads a sample's lines: no more than the tests need.
func reply(t *testing.T, text string) *smtp.Reply {
	t.Helper()
	r := &smtp.Reply{}
	for _, raw := range strings.Split(text, "\n") {
		if len(raw) < 4 {
			t.Fatalf("sample line %q", raw)
		}
		code, err := strconv.Atoi(raw[:3])
		if err != nil {
			t.Fatalf("sample line %q: %v", raw, err)
		}
		l := smtp.Line{Code: code, More: raw[3] == '-', Text: raw[4:]}
		if e, _, ok := smtp.ParseEnhanced(l.Text); ok && r.Enhanced.IsZero() {
			r.Enhanced = e
		}
		r.Code, r.Lines = code, append(r.Lines, l)
	}
	return r
}

func samples(t testing.TB) []sample {
	t.Helper()
	return rows(t, "samples.tsv", 4, func(c []string) (sample, error) {
		return sample{c[0], replies.Place(c[1]), strings.ReplaceAll(c[2], `\n`, "\n"), replies.ID(c[3])}, nil
	})
}

// rows reads a table of testdata.
func rows[V any](t testing.TB, name string, columns int, read func(cells []string) (V, error)) []V {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := registry.ReadTable(name, string(text), columns, read)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func byID(t testing.TB, id string) Provider {
	t.Helper()
	for _, p := range All() {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("no provider %q", id)
	return Provider{}
}

func TestMeans(t *testing.T) {
	for _, s := range samples(t) {
		got, ok := byID(t, s.provider).Means(s.at, reply(t, s.reply))
		if !ok || got.ID != s.id {
			t.Errorf("%s at %s: %q means %q (%t), want %s", s.provider, s.at, s.reply, got.ID, ok, s.id)
		}
	}
}

// A form that no sample fits is a slip, and a row that none means is hidden
// behind another.
func TestEveryTextHasItsSample(t *testing.T) {
	fitted, meant := map[string]bool{}, map[string]bool{}
	for _, s := range samples(t) {
		p, r := byID(t, s.provider), reply(t, s.reply)
		got, _ := p.Means(s.at, r)
		meant[p.ID+got.Means] = true
		for _, text := range p.Texts {
			for _, w := range text.When {
				if w.fits(s.at, r, fold(r)) {
					fitted[p.ID+fmt.Sprint(w)] = true
				}
			}
		}
	}
	for _, p := range All() {
		for _, text := range p.Texts {
			if !meant[p.ID+text.Means] {
				t.Errorf("%s: no sample means %q", p.ID, text.Means)
			}
			for _, w := range text.When {
				if !fitted[p.ID+fmt.Sprint(w)] {
					t.Errorf("%s: no sample fits %v", p.ID, w)
				}
			}
		}
	}
}

// The order of belief: words, then the enhanced code, then the basic one,
// and the first of equals.
func TestOrderOfBelief(t *testing.T) {
	form := func(v string) []When {
		w, err := readWhen(v)
		if err != nil {
			t.Fatal(err)
		}
		return []When{w}
	}
	p := Provider{Texts: []Text{
		{Means: "code", When: form("- 550")},
		{Means: "code again", When: form("- 550")},
		{Means: "enhanced", When: form("- - 5.7.1-9")},
		{Means: "both", When: form("- 550 5.7.1")},
		{Means: "word", When: form("- - - no")},
		{Means: "more words", When: form("- - - no way")},
	}}
	for text, want := range map[string]string{
		"550 x": "code", "554 5.7.2 x": "enhanced", "550 5.7.2 x": "enhanced", "550 5.7.1 x": "both", "550 5.6.2 " +
			"x": "code",
		"550 5.7.1 No": "word", "450 No\tway": "more words", "450-4.7.1 No\n450 4.7.1 way": "more words", "450 x": "",
	} {
		if got, ok := p.Means(replies.MAIL, reply(t, text)); got.Means != want || ok != (want != "") {
			t.Errorf("%q means %q, %t; want %q", text, got.Means, ok, want)
		}
	}
}

// The same reply can mean one thing here and another there.
func TestMeansWhat(t *testing.T) {
	for _, c := range []struct{ name, provider, reply, holds string }{
		{"5.7.30 at Gmail is about DKIM", "gmail", "550 5.7.30 x", "DKIM"},
		{"the tenant's switch", "microsoft", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is " +
			"disabled for the Tenant.", "whole organisation"},
		{"the mailbox's switch", "microsoft", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is " +
			"disabled for the Mailbox.", "this mailbox"},
		{"Security Defaults", "microsoft", "535 5.7.139 user is locked by your organization's security defaults " +
			"policy.", "Security Defaults"},
		{"Conditional Access", "microsoft", "535 5.7.139 the request did not meet the criteria to be authenticated " +
			"successfully.", "Conditional Access"},
		{"no password fault", "sendgrid", "451 Authentication failed: Maximum credits exceeded",
			"password is not at fault"},
		{"told after DATA only", "brevo", "502 5.7.0 Your SMTP account is not yet activated.", "after DATA"},
	} {
		at := replies.AUTH
		if strings.HasPrefix(c.reply, "550") || strings.HasPrefix(c.reply, "502") {
			at = replies.DATA
		}
		if got, ok := byID(t, c.provider).Means(at, reply(t, c.reply)); !ok || !strings.Contains(got.Means, c.holds) {
			t.Errorf("%s: %q means %q", c.name, c.reply, got.Means)
		}
	}
}

func TestMeansNothing(t *testing.T) {
	for _, s := range []sample{
		{"gmail", replies.MAIL, "250 2.1.0 OK d2e1a - gsmtp", ""},
		{"gmail", replies.RCPT, "535-5.7.8 Username and Password not accepted.", ""},
		{"ses", replies.AUTH, "235 Authentication successful.", ""},
		{"brevo", replies.Greeting, "525 5.7.1 Unauthorized IP address", ""},
		{"microsoft", replies.MAIL, "550 5.7.650 Access denied", ""},
		{"mailtrap", replies.AUTH, "535 5.7.0 Invalid login or password", ""},
	} {
		if got, ok := byID(t, s.provider).Means(s.at, reply(t, s.reply)); ok {
			t.Errorf("%s at %s: %q means %q", s.provider, s.at, s.reply, got.ID)
		}
	}
}

func FuzzMeans(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.reply)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := &smtp.Reply{Code: 535}
		for _, l := range strings.Split(text, "\n") {
			r.Lines = append(r.Lines, smtp.Line{Code: 535, Text: l})
		}
		for _, p := range All() {
			if got, ok := p.Means(replies.AUTH, r); ok != (got.Means != "") {
				t.Errorf("%s: %q means %q, %t", p.ID, text, got.Means, ok)
			}
		}
	})
}
