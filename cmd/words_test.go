package cmd_test

import (
	"regexp"
	"strings"
	"testing"
)

// needle is something that must not be said in a file of the tree. Needles
// are put together from halves so that this file does not hold them.
type needle struct {
	words   []string       // plain, because most lines hold none of them
	pattern *regexp.Regexp // in a line that holds a word; nil: the word is enough
	code    bool           // looked for in Go files that are not tests; otherwise in every text
	says    string
}

func needles() []needle {
	return []needle{
		{[]string{"/wo" + "rk/", "/ro" + "ot/", "/tmp/bash" + "_jobs"}, nil, false,
			"a path of one machine: name it relative to the checkout, or make it a setting"},
		{[]string{"proxy.golang" + ".org", "registry." + "npmjs", "deb.debian" + ".org"}, nil, false,
			"the host of a package registry: leave the choice to the machine's own configuration"},
		{[]string{"TO" + "DO", "FIX" + "ME", "XX" + "X"}, regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`), true,
			"an unfinished word: finish it, or put it into the issue"},
		{[]string{"for " + "now"}, regexp.MustCompile(`\bfor ` + `now\b`), true,
			"an unfinished word: say what is and why"},
		// Without its quotation mark this is what RFC 5321 §4.2.2 says of 502
		// and 504, and so a word of the field.
		{[]string{" imple" + "mented"}, regexp.MustCompile(`(?i)["\x60]not ` + `implemented|not ` +
			`implemented yet|not yet ` + `implemented`), true,
			"an unfinished word: finish it"},
	}
}

// in finds the needle in a line; "" if it is not there.
func (n needle) in(line string) string {
	for _, w := range n.words {
		switch {
		case !strings.Contains(line, w):
		case n.pattern == nil:
			return w
		default:
			return n.pattern.FindString(line)
		}
	}
	return ""
}

func checkWords(t *tree) []complaint {
	code := map[string]bool{}
	for _, f := range t.code() {
		code[f.path] = true
	}
	all := needles()
	var out []complaint
	for _, x := range t.texts {
		if strings.HasSuffix(x.path, ".sum") {
			continue
		}
		for i, l := range x.lines {
			for _, says := range said(all, l, code[x.path]) {
				out = append(out, complaint{x.path, i + 1, says})
			}
		}
	}
	return out
}

// said lists what is wrong with one line.
func said(all []needle, line string, code bool) []string {
	var out []string
	for _, n := range all {
		if n.code && !code {
			continue
		}
		if found := n.in(line); found != "" {
			out = append(out, "holds "+found+", "+n.says)
		}
	}
	return out
}

func TestWordsCanFail(t *testing.T) {
	prove(t, checkWords, []broken{
		{"in order", map[string]string{
			"probe/a.go": "package probe\n// 502 Command not " + "implemented, before nowhere, XXX" +
				"L, a todo list\n",
			"probe/a_test.go":   "package probe\n// TO" + "DO\n",
			"README.md":         "for " + "now, in /wor" + "kspace\n",
			"go.sum":            "proxy.golang" + ".org\n",
			"probe/testdata/ca": "/wo" + "rk/\x00binary",
		}, nil},
		{"machine path", map[string]string{".ci/run": "#!/bin/sh\ncd /wo" + "rk/x\n"}, []string{".ci/run:2: holds /wo" +
			"rk/, a path of one machine"}},
		{"home of root", map[string]string{"README.md": "/ro" + "ot/x"}, []string{"README.md:1: holds /ro"}},
		{"job folder", map[string]string{"README.md": "/tmp/bash" + "_jobs"}, []string{"README.md:1: holds /tmp"}},
		{"registry", map[string]string{"deploy/image": "\n\nGOPROXY=https://proxy.golang" + ".org"},
			[]string{"deploy/image:3: holds proxy"}},
		{"dot in the host is a dot", map[string]string{"README.md": "proxy-golang" + "-org"}, nil},
		{"unfinished", map[string]string{"probe/a.go": "package probe\n// FIX" + "ME\n"},
			[]string{"probe/a.go:2: holds FIX"}},
		{"unfinished in two words", map[string]string{"probe/a.go": "package probe\n// Good for " + "now.\n// Not yet " +
			"implemented.\n"},
			[]string{"probe/a.go:2: holds for", "probe/a.go:3: holds Not"}},
		{"stub", map[string]string{"probe/a.go": "package probe\nvar err = errors.New(\"not " + "implemented\")\n"},
			[]string{"probe/a.go:2: holds \"not"}},
	})
}
