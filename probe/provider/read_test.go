package provider

import (
	"strings"
	"testing"
	"testing/fstest"
)

const goodProvider = `# a comment
provider   x
name       X
mechanisms PLAIN
source     1
verified   2026-11

host     smtp.example.com
role     submission
port     587 starttls
source   1
# between
verified 2026-11

user     -
says     Use the full mail address.
source   unconfirmed
verified 2026-11

text
finding  auth.refused
when     AUTH,MAIL 535,454 5.7.8,5.7.20-29 bad password
when     - 421
means    The password is wrong.
fix      Use another.
owner    you
source   1
verified 2026-11
`

const goodShapes = `shape    k
what     a key
of       -
begins   k-
letters  lower digits -
length   5-9
source   1
verified 2026-11
`

func tree(provider, shapes string) fstest.MapFS {
	return fstest.MapFS{
		"data/sources.txt": {Data: []byte("1 https://example.com/page\n")},
		"data/shapes.txt":  {Data: []byte(shapes)},
		"data/x.txt":       {Data: []byte(provider)},
	}
}

func TestRead(t *testing.T) {
	all, err := readAll(tree(goodProvider, goodShapes))
	if err != nil || len(all.providers) != 1 || len(all.shapes) != 1 {
		t.Fatalf("%d providers, %d shapes, %v", len(all.providers), len(all.shapes), err)
	}
	p := all.providers[0]
	if got := p.Reference(); got != "example.com/page, checked 2026-11" {
		t.Errorf("reference %q", got)
	}
	if got := p.User.Reference(); got != "unconfirmed, 2026-11" || p.User.Literal != "" {
		t.Errorf("user %+v, %q", p.User, got)
	}
	if h := p.Hosts[0]; h.Ports[0] != (Port{587, ModeSTARTTLS}) || h.Role != RoleSubmission {
		t.Errorf("host %+v", h)
	}
	w := p.Texts[0].When
	if len(w) != 2 || len(w[0].At) != 2 || len(w[0].Codes) != 2 || w[0].Enhanced[1].Last != 29 ||
		w[0].Words != "bad password" || w[1].At != nil {
		t.Errorf("forms %+v", w)
	}
}

// Each row breaks the good file in one place.
func TestReadErrorsNameFileAndLine(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown kind", "user     -", "usr      -", `x.txt:15: "usr" is not a kind of record`},
		{"unknown key", "says     Use", "sais     Use", "x.txt:15: this user has no says"},
		{"one key too many", "role     submission", "role     submission\ncolour   red",
			"x.txt:10: a host has no colour"},
		{"a key twice", "name       X", "name       X\nname       Y", "x.txt:4: name: a second one"},
		{"no value", "name       X", "name", "x.txt:3: name has no value"},
		{"no date", "mechanisms PLAIN\nsource     1\nverified   2026-11", "mechanisms PLAIN\nsource     1",
			"x.txt:2: this provider has no verified"},
		{"a day", "source     1\nverified   2026-11", "source     1\nverified   2026-11-23",
			`x.txt:6: verified: parsing time "2026-11-23": extra text: "-23"`},
		{"no source", "starttls\nsource   1", "starttls", "x.txt:8: this host has no source"},
		{"unknown source", "starttls\nsource   1", "starttls\nsource   2",
			`x.txt:11: source: "2" is not in sources.txt`},
		{"unknown role", "submission", "msa", `x.txt:9: role: "msa" is none of submission, relay, mx, other`},
		{"port 0", "587", "0", `x.txt:10: port: "0" is not a port`},
		{"port 65536", "587", "65536", `x.txt:10: port: "65536" is not a port`},
		{"unknown mode", "587 starttls", "587 " +
			"ssl", `x.txt:10: port: "ssl" is none of starttls, implicit, either, none, closed`},
		{"unknown owner", "owner    you", "owner    " +
			"me", `x.txt:26: owner: "me" is none of you, server, network, provider, sender`},
		{"unknown stage", "AUTH,MAIL", "AUTH,RSET",
			`x.txt:22: when: "RSET" is none of greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA`},
		{"code of two digits", "535,454", "53", `x.txt:22: when: "53" is not a reply code`},
		{"code 600", "535,454", "600", `x.txt:22: when: "600" is not a reply code`},
		{"enhanced code of two parts", "5.7.8,", "5.7,", `x.txt:22: when: "5.7" is not an enhanced status code`},
		{"range that runs back", "5.7.20-29", "5.7.20-19", `x.txt:22: when: "5.7.20-19" is not a range of codes`},
		{"fits every reply", "when     - 421", "when     AUTH", `x.txt:23: when: "AUTH" fits every reply`},
		{"no provider at the head", "provider   x", "note       x", "x.txt:2: a file begins with its provider, and " +
			"has " +
			"one"},
		{"a second provider", "user     -", "provider x", "x.txt:15: a file begins with its provider, and has one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(goodProvider, c.old, c.new, 1)
			if broken == goodProvider {
				t.Fatal("nothing was broken")
			}
			if _, err := readAll(tree(broken, goodShapes)); err == nil || err.Error() != c.want {
				t.Errorf("error %v\nwant  %s", err, c.want)
			}
		})
	}
}

func TestReadErrorsOfShapesAndSources(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown letters", "lower digits -", "lower " +
			"numbers", `shapes.txt:5: letters: "numbers" is not a set of characters`},
		{"length that runs back", "5-9", "9-5", `shapes.txt:6: length: "9-5" is not a range of lengths`},
		{"one length", "5-9", "5", `shapes.txt:6: length: "5" is not a range of lengths`},
		{"part of no length", "length", "parts 4 0\nbetween -\nlength", `shapes.txt:6: parts: "0" is not a length`},
		{"parts without between", "length", "parts 4 4\nlength", "shapes.txt:1: this shape has no between"},
		{"unknown key", "of       -", "off      -", "shapes.txt:1: this shape has no of"},
	} {
		if _, err := readAll(tree(goodProvider, strings.Replace(goodShapes, c.old, c.new, 1))); err == nil ||
			err.Error() != c.want {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
	for _, sources := range []string{"1 a\n1 b\n", "1\n"} {
		broken := tree(goodProvider, goodShapes)
		broken["data/sources.txt"].Data = []byte(sources)
		if _, err := readAll(broken); err == nil || !strings.HasPrefix(err.Error(), "sources.txt:") {
			t.Errorf("sources %q: %v", sources, err)
		}
	}
	if _, err := readAll(fstest.MapFS{}); err == nil {
		t.Error("no sources.txt, and no error")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(goodProvider, goodShapes)
	f.Add("provider\n\ntext\n", "shape\n")
	f.Add("#\n\n\nhost *\nport 1 none\n", "when - - -")
	f.Fuzz(func(t *testing.T, provider, shapes string) {
		all, err := readAll(tree(provider, shapes))
		if err != nil && !strings.Contains(err.Error(), ".txt:") {
			t.Errorf("an error without its place: %v", err)
		}
		if err == nil && len(all.providers) != 1 {
			t.Errorf("%d providers", len(all.providers))
		}
	})
}
