// Package rows reads what a platform takes and refuses from a file of the
// tests: its head says what a row is.
package rows

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Row is one body with a limit, or without.
type Row struct {
	Part, Name string
	Wrong      string // the place or the words of the complaint; empty: the body is taken
	Good       string // a body at the limit; empty: there is none
	Bad        string // a body beyond it; empty: there is none
}

// Read reads a file.
func Read(t testing.TB, file string) (all []Row) {
	t.Helper()
	octets, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var short []string
	part := ""
	for _, line := range strings.Split(string(octets), "\n") {
		if name, text, ok := strings.Cut(line, " = "); ok && strings.HasPrefix(line, "@") {
			short = append(short, name, text)
			continue
		}
		if name, ok := strings.CutPrefix(line, "== "); ok {
			part = name
		}
		x := strings.SplitN(strings.NewReplacer(short...).Replace(line), " | ", 3)
		if len(x) < 3 || line[0] == '#' {
			continue
		}
		r := Row{Part: part, Name: x[0]}
		var limit string
		r.Wrong, limit, _ = strings.Cut(strings.TrimSpace(x[1]), " < ")
		n, _ := strconv.Atoi(limit)
		if limit != "" || r.Wrong == "" {
			r.Good = Times(x[2], n)
		}
		if r.Wrong != "" {
			r.Bad = Times(x[2], n+1)
		}
		all = append(all, r)
	}
	return all
}

// Times repeats what a body marks so many times.
func Times(body string, n int) string {
	marked := regexp.MustCompile(`«(.)(.*?)»`)
	body = marked.ReplaceAllStringFunc(body, func(m string) string {
		parts := marked.FindStringSubmatch(m)
		var all []string
		for i := range n {
			all = append(all, strings.ReplaceAll(parts[2], "#", strconv.Itoa(i)))
		}
		return strings.Join(all, strings.Trim(parts[1], "*"))
	})
	return strings.ReplaceAll(body, "#", "0")
}
