package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// fact is what every table's row has in common.
type fact struct{ table, key, reference, meaning string }

// facts are all rows of all tables.
func facts() []fact {
	var out []fact
	for k, v := range keywords() {
		out = append(out, fact{"keywords.tsv", k, v.Reference, v.Meaning})
	}
	for k, v := range codes() {
		out = append(out, fact{"codes.tsv", fmt.Sprint(k), v.Reference, v.Meaning})
	}
	for k, v := range enhanced() {
		out = append(out, fact{"enhanced.tsv", fmt.Sprint(k), v.Reference, v.Meaning})
	}
	for k, v := range mechanisms() {
		out = append(out, fact{"mechanisms.tsv", k, v.Reference, v.Meaning})
	}
	for k, v := range ports() {
		out = append(out, fact{"ports.tsv", fmt.Sprint(k), v.Reference, v.Meaning})
	}
	for k, v := range alerts() {
		out = append(out, fact{"alerts.tsv", fmt.Sprint(k), v.Reference, v.Meaning})
	}
	return out
}

// style says what is wrong with a meaning, "" for nothing.
func style(meaning string) string {
	first, _, _ := strings.Cut(meaning, " ")
	switch {
	case len(meaning) < 8 || len(meaning) > 90:
		return fmt.Sprintf("has %d characters, not 8 to 90", len(meaning))
	case strings.ContainsAny(meaning[len(meaning)-1:], ".,;:!"):
		return "ends in a punctuation mark"
	case strings.Contains(meaning, "  "):
		return "holds two spaces in a row"
	case strings.IndexFunc(meaning, func(r rune) bool { return r < ' ' || r > '~' }) >= 0:
		return "holds more than printable ASCII"
	case unicode.IsUpper(rune(first[0])) && first == first[:1]+strings.ToLower(first[1:]) && !properNoun(first):
		return "begins with a capital letter"
	}
	return ""
}

func properNoun(word string) bool {
	switch word {
	case "Kerberos", "Exchange", "Windows", "Novell", "Microsoft's", "Direct":
		return true
	}
	return false
}

func TestStyleFindsFaults(t *testing.T) {
	for _, bad := range []string{"short", "ends in a full stop.", "two  spaces in it", "The capital letter",
		"bytes \x1b[31m here", strings.Repeat("long ", 20)} {
		if style(bad) == "" {
			t.Errorf("style(%q) found nothing", bad)
		}
	}
	for _, good := range []string{"the mailbox is full", "TLS or login is not available", "OAuth 2 access token",
		"Kerberos ticket"} {
		if s := style(good); s != "" {
			t.Errorf("style(%q) = %q", good, s)
		}
	}
}

// reference is an RFC with or without its section, or a draft.
var reference = regexp.MustCompile(`^(RFC [1-9][0-9]{2,4}( §[1-9][0-9]*(\.[0-9]+)*)?|draft-[a-z0-9-]+)$`)

func TestEveryRow(t *testing.T) {
	all := facts()
	if len(all) < 310 {
		t.Errorf("%d rows in all tables", len(all))
	}
	for _, f := range all {
		if s := style(f.meaning); s != "" {
			t.Errorf("%s, %s: the meaning %q %s", f.table, f.key, f.meaning, s)
		}
		if f.reference != "" && !reference.MatchString(f.reference) {
			t.Errorf("%s, %s: %q is neither RFC nor draft", f.table, f.key, f.reference)
		}
	}
}

func TestEveryTableNamesSourceAndDate(t *testing.T) {
	names, err := fs.Glob(files, "*.tsv")
	if err != nil || len(names) != 9 {
		t.Fatalf("tables %v, %v", names, err)
	}
	head := regexp.MustCompile(`^# source: \S.+\n# date: 20\d\d-\d\d(-\d\d)?\n`)
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil || !head.Match(text) {
			t.Errorf("%s does not begin with source and date (%v)", name, err)
		}
	}
}

// pair reads two columns; a key "bad" is refused.
func pair(c []string) (string, string, error) {
	if c[0] == "bad" {
		return "", "", errors.New("a bad key")
	}
	return c[0], c[1], nil
}

func TestParse(t *testing.T) {
	got, err := parse("t.tsv", "# source: x\nkey\tvalue\na\t1\n# between\nb\t-\n", 2, pair)
	if want := map[string]string{"a": "1", "b": ""}; err != nil || !maps.Equal(got, want) {
		t.Errorf("parse = %v, %v; want %v", got, err, want)
	}
}

func TestParseErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"too few columns", "key\tvalue\na\n", "t.tsv:2: 1 columns, not 2"},
		{"too many columns", "key\tvalue\na\tb\tc\n", "t.tsv:2: 3 columns, not 2"},
		{"column names missing", "key\n", "t.tsv:1: 1 columns, not 2"},
		{"empty line", "key\tvalue\n\na\tb\n", "t.tsv:2: 1 columns, not 2"},
		{"empty cell", "key\tvalue\na\t\n", "t.tsv:2: column 2 is empty or padded"},
		{"padded cell", "key\tvalue\n a\tb\n", "t.tsv:2: column 1 is empty or padded"},
		{"twice", "# head\nkey\tvalue\na\t1\na\t2\n", "t.tsv:4: a second row for a"},
		{"refused by its reader", "key\tvalue\na\t1\nbad\t2\n", "t.tsv:3: a bad key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := parse("t.tsv", c.text, 2, pair); err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestReadersRefuse(t *testing.T) {
	refuse := func(name string, read func() error) {
		if read() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	refuse("a reply code of two digits", func() error { _, _, err := readCode([]string{"22", "", "m"}); return err })
	refuse("a reply code of 600", func() error { _, _, err := readCode([]string{"600", "", "m"}); return err })
	refuse("an enhanced code with its "+
		"class", func() error { _, _, err := readEnhanced([]string{"5.1.1", "", "", "m"}); return err })
	refuse("an enhanced code with a tail", func() error {
		_, _, err := readEnhanced([]string{"X.1.1 " +
			"x", "", "", "m"})
		return err
	})
	refuse("a basic code that is none", func() error {
		_, _, err := readEnhanced([]string{"X.1.1", "550,", "",
			"m"})
		return err
	})
	refuse("a basic code of 5XX", func() error {
		_, _, err := readEnhanced([]string{"X.1.1", "5XX", "",
			"m"})
		return err
	})
	refuse("an unknown usage", func() error {
		_, _, err := readMechanism([]string{"X", "rare", "", "nothing", "no", "m"})
		return err
	})
	refuse("an unknown secret", func() error {
		_, _, err := readMechanism([]string{"X", "common", "", "key", "no", "m"})
		return err
	})
	refuse("a maybe", func() error {
		_, _, err := readMechanism([]string{"X", "common", "", "nothing", "maybe", "m"})
		return err
	})
	refuse("port 0", func() error { _, _, err := readPort([]string{"0", "", "", "no", "", "m"}); return err })
	refuse("port 65536", func() error { _, _, err := readPort([]string{"65536", "", "", "no", "", "m"}); return err })
	refuse("alert 256", func() error { _, _, err := readAlert([]string{"256", "n", "no", "", "m"}); return err })
}

// TestMustTable: a fault in a table of the program ends it with file and line.
func TestMustTable(t *testing.T) {
	read := func(cells []string) (string, error) { return strings.Join(List(cells[1], "|"), "+"), nil }
	rows := MustTable("t.tsv", []byte("name\tlist\na\tx|y\nb\t-\n"), 2, read)
	if got := strings.Join(rows, ","); got != "x+y," {
		t.Errorf("got %q", got)
	}
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "t.tsv:2") {
			t.Errorf("got %v", v)
		}
	}()
	MustTable("t.tsv", []byte("name\tlist\na\tb\tc\n"), 2, read)
}
