package provider

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// maxAge is how long a record is believed without another look: providers
// move their dates and rewrite their texts.
const maxAge = 1 // years

// origins are all records, each under a name by which it is found again.
func origins(providers []Provider, shapes []Shape) map[string]Record {
	out := map[string]Record{}
	for _, s := range shapes {
		out["shapes.txt: shape "+s.ID] = s.Record
	}
	for _, p := range providers {
		at := p.ID + ".txt: "
		out[at+"provider"], out[at+"user"] = p.Record, p.User.Record
		for _, h := range p.Hosts {
			out[at+"host "+h.Names[0]] = h.Record
		}
		for _, s := range p.Signatures {
			out[at+"signature "+s.Words] = s.Record
		}
		for _, c := range p.Credentials {
			out[at+"credential "+c.Shape+" as "+string(c.As)] = c.Record
		}
		for _, n := range p.Notes {
			out[at+"note "+n.About] = n.Record
		}
		for _, x := range p.Texts {
			out[at+"text "+string(x.ID)+", "+x.Means] = x.Record
		}
	}
	return out
}

// stale names the records that are older than maxAge, in order.
func stale(records map[string]Record, now time.Time) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(records)) {
		if r := records[name]; now.After(r.Verified.AddDate(maxAge, 0, 0)) {
			out = append(out, fmt.Sprintf("check again: %s (last checked %s, %s)", name, r.Verified.Format(monthForm),
				r.Reference()))
		}
	}
	return out
}

func TestNoRecordIsOlderThanAYear(t *testing.T) {
	for _, s := range stale(origins(loaded().providers, loaded().shapes), time.Now()) {
		t.Error(s)
	}
}

func TestStaleFindsOldRecords(t *testing.T) {
	month := func(y int, m time.Month) Record { return Record{Verified: time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)} }
	records := map[string]Record{"old": month(2026, time.October), "new": month(2026, time.November), "never": {}}
	got := stale(records, time.Date(2027, time.October, 31, 12, 0, 0, 0, time.UTC))
	if len(got) != 2 || !strings.HasPrefix(got[0], "check again: never") ||
		!strings.HasPrefix(got[1], "check again: old (last checked 2026-10") {
		t.Errorf("stale = %q", got)
	}
}

func TestEveryRecordHasADate(t *testing.T) {
	all := origins(loaded().providers, loaded().shapes)
	if len(all) < 200 {
		t.Errorf("%d records", len(all))
	}
	confirmed := 0
	for name, r := range all {
		if r.Verified.Year() < 2026 {
			t.Errorf("%s: checked %s", name, r.Verified)
		}
		if r.Confirmed() {
			confirmed++
		}
		if ref := r.Reference(); !strings.Contains(ref, r.Verified.Format(monthForm)) ||
			r.Confirmed() == strings.HasPrefix(ref, unconfirmed) {
			t.Errorf("%s: reference %q", name, ref)
		}
	}
	if confirmed < len(all)/2 {
		t.Errorf("only %d of %d records are confirmed", confirmed, len(all))
	}
}

func TestEverySourceIsUsed(t *testing.T) {
	sources, err := readSources(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range origins(loaded().providers, loaded().shapes) {
		for _, s := range r.Sources {
			delete(sources, s.Key)
		}
	}
	for key := range sources {
		t.Errorf("source %s is named nowhere", key)
	}
}

// faults says what is wrong with a sentence for people, "" for nothing.
func faults(sentence string) string {
	switch {
	case len(sentence) < 10 || len(sentence) > 320:
		return fmt.Sprintf("has %d characters", len(sentence))
	case !strings.HasSuffix(sentence, "."):
		return "does not end in a full stop"
	case strings.Contains(sentence, "  "):
		return "holds two spaces in a row"
	case strings.IndexFunc(sentence, func(r rune) bool {
		return r < ' ' || r > '~' || strings.ContainsRune("<>`*_", r) && !strings.Contains(sentence, "SMTP_")
	}) >= 0:
		return "holds characters that a chat client may act on"
	case strings.ToUpper(sentence[:1]) != sentence[:1] && !strings.HasPrefix(sentence, "smtp"):
		return "does not begin with a capital letter"
	}
	return ""
}

func TestFaultsFindsFaults(t *testing.T) {
	for _, bad := range []string{
		"Short.", "No full stop at its end", "Two  spaces in a row.", "Ping <@everyone> now, please.",
		"small letters first.",
	} {
		if faults(bad) == "" {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestSentences(t *testing.T) {
	check := func(where, sentence string) {
		if f := faults(sentence); f != "" {
			t.Errorf("%s: %q %s", where, sentence, f)
		}
	}
	for _, p := range All() {
		check(p.ID, p.User.Says)
		for _, c := range p.Credentials {
			check(p.ID, c.Says)
		}
		for _, n := range p.Notes {
			check(p.ID, n.Says)
		}
		for _, x := range p.Texts {
			check(p.ID, x.Means)
			if x.Fix != "" || x.ID != "data.accepted" {
				check(p.ID, x.Fix)
			}
		}
	}
}

var (
	nameForm = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.([a-z0-9-]+|\*))+$`)
)

func TestFields(t *testing.T) {
	for _, p := range All() {
		if p.ID == "" || p.Name == "" || len(p.Hosts) == 0 || p.User.Says == "" {
			t.Errorf("%q lacks a name, a host or its user name", p.ID)
		}
		for _, m := range p.Mechanisms {
			if m != strings.ToUpper(m) {
				t.Errorf("%s: mechanism %q", p.ID, m)
			}
		}
		for _, x := range p.Texts {
			for _, w := range x.When {
				if w.Words != strings.ToLower(w.Words) || strings.Join(strings.Fields(w.Words), " ") != w.Words {
					t.Errorf("%s: the words %q can never be found", p.ID, w.Words)
				}
			}
		}
	}
}

func TestNothingStandsTwice(t *testing.T) {
	seen := map[string]string{}
	once := func(kind, what, where string) {
		if first, twice := seen[kind+what]; twice {
			t.Errorf("%s %q of %s stands in %s already", kind, what, where, first)
		}
		seen[kind+what] = where
	}
	for _, p := range All() {
		once("provider", p.ID, p.ID)
		once("name", p.Name, p.ID)
		for _, h := range p.Hosts {
			for _, n := range h.Names {
				once("host", n, p.ID)
				if !nameForm.MatchString(n) {
					t.Errorf("%s: %q is not a host name or pattern", p.ID, n)
				}
			}
		}
		for _, s := range p.Signatures {
			once("signature", s.Words, p.ID)
		}
		for _, c := range p.Credentials {
			once("credential "+p.ID, c.Shape+string(c.As), p.ID)
		}
		for _, n := range p.Notes {
			once("note "+p.ID, n.About, p.ID)
		}
		for _, x := range p.Texts {
			once("text "+p.ID, x.Means, p.ID)
			for _, w := range x.When {
				once("form "+p.ID, fmt.Sprint(w), p.ID)
			}
		}
	}
	for _, s := range loaded().shapes {
		once("shape", s.ID, "shapes.txt")
	}
}

func TestTheTwelveAndTheirNeighbours(t *testing.T) {
	for _, c := range []struct{ id, host, literal string }{
		{"gmail", "smtp.gmail.com", ""},
		{"microsoft", "smtp.office365.com", ""},
		{"ses", "email-smtp.eu-west-1.amazonaws.com", ""},
		{"sendgrid", "smtp.sendgrid.net", "apikey"},
		{"mailgun", "smtp.mailgun.org", ""},
		{"postmark", "smtp.postmarkapp.com", ""},
		{"yahoo", "smtp.mail.yahoo.com", ""},
		{"icloud", "smtp.mail.me.com", ""},
		{"zoho", "smtp.zoho.com", ""},
		{"fastmail", "smtp.fastmail.com", ""},
		{"brevo", "smtp-relay.brevo.com", ""},
		{"sparkpost", "smtp.sparkpostmail.com", "SMTP_Injection"},
		{"zeptomail", "smtp.zeptomail.com", "emailapikey"},
		{"resend", "smtp.resend.com", "resend"},
		{"mailtrap", "live.smtp.mailtrap.io", "api"},
	} {
		p, ok := Of(c.host)
		if !ok || p.ID != c.id || p.User.Literal != c.literal {
			t.Errorf("Of(%q) = %q with user %q, want %s, %q", c.host, p.ID, p.User.Literal, c.id, c.literal)
		}
	}
}

func TestNotesWithAUse(t *testing.T) {
	for _, id := range []string{"brevo", "postmark", "sparkpost", "ses"} {
		if n, ok := byID(t, id).Note(NoteEnvelope); !ok || n.Says == "" {
			t.Errorf("%s: nothing says that an accepted envelope proves little", id)
		}
	}
	for _, id := range []string{"gmail", "yahoo", "icloud", "fastmail", "zoho"} {
		if n, _ := byID(t, id).Note(NotePassword); !strings.Contains(n.Says, "own password never works") {
			t.Errorf("%s: nothing says that its own password never works: %q", id, n.Says)
		}
	}
	if n, ok := byID(t, "gmail").Note(NoteEnvelope); ok {
		t.Errorf("gmail: %q", n.Says)
	}
}
