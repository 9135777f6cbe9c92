package fakediscord_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"smtptest/bot/bottest/fakediscord"
)

func x(n int) string { return strings.Repeat("é", n) }

// TestBodies holds the rows of testdata/bodies.txt against the fake; the file
// says what a row is.
func TestBodies(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	file, err := os.ReadFile("testdata/bodies.txt")
	if err != nil {
		t.Fatal(err)
	}
	var short []string
	send := w.message
	for _, line := range strings.Split(string(file), "\n") {
		if name, text, ok := strings.Cut(line, " = "); ok && strings.HasPrefix(line, "@") {
			short = append(short, name, text)
			continue
		}
		switch line {
		case "== callback":
			send = func(body string) (int, map[string]any) { return w.respond(w.ask(w.text), body) }
		case "== commands":
			send = func(body string) (int, map[string]any) {
				return w.bot("PUT", "/applications/"+w.s.ApplicationID+"/guilds/"+w.s.GuildID+"/commands", body)
			}
		}
		row := strings.SplitN(strings.NewReplacer(short...).Replace(line), " | ", 3)
		if len(row) < 3 || line[0] == '#' {
			continue
		}
		where, limit, bounded := strings.Cut(strings.TrimSpace(row[1]), " < ")
		n, _ := strconv.Atoi(limit)
		if bounded || where == "" {
			status, body := send(times(row[2], n))
			w.want(row[0]+" within", status/100*100, body, 200, 0)
		}
		if where != "" {
			status, body := send(times(row[2], n+1))
			w.want(row[0]+" beyond", status, body, 400, 50035)
			if !place(body, where) {
				t.Errorf("%s: no error at %s: %v", row[0], where, body)
			}
		}
	}
}

// times repeats what a row marks.
func times(body string, n int) string {
	marked := regexp.MustCompile(`«(.)(.*?)»`)
	body = marked.ReplaceAllStringFunc(body, func(m string) string {
		parts, separator := marked.FindStringSubmatch(m), ""
		if parts[1] == "," {
			separator = ","
		}
		var all []string
		for i := range n {
			all = append(all, strings.ReplaceAll(parts[2], "#", strconv.Itoa(i)))
		}
		return strings.Join(all, separator)
	})
	return strings.ReplaceAll(body, "#", "0")
}

// message posts a message by the bot's token.
func (w *fixture) message(body string) (int, map[string]any) {
	return w.bot("POST", "/channels/"+w.text+"/messages", body)
}

// TestSums: what embeds and commands may have in all.
func TestSums(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for n, want := range map[int]int{2000: 200, 2001: 400} {
		status, _ := w.message(`{"embeds":[{"description":"` + x(4000) + `"},{"description":"` + x(n) + `"}]}`)
		if status != want {
			t.Errorf("%d in embeds: %d", 4000+n, status)
		}
	}
	choices := times(`«,{"name":"c","value":"`+x(99)+`"}»`, 21)
	options := times(`«,{"type":3,"name":"o#","description":"d","choices":[`+choices+`]}»`, 4)
	status, body := w.bot("PUT", "/applications/"+w.s.ApplicationID+"/commands",
		`[{"name":"a","description":"d","options":[`+options+`]}]`)
	w.want("too large a command", status, body, 400, 50035)
}

func TestEmptyAndBroken(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		body string
		code int
	}{
		{`{}`, 50006}, {`{"content":"","embeds":null,"components":null}`, 50006},
		{`{"components":[{"type":1,"components":[` + button + `]}]}`, 50006},
		{`{"content":`, 50109}, {`{"content":"a"}{}`, 50109}, {`[]`, 50035},
	} {
		status, body := w.message(c.body)
		w.want(c.body, status, body, 400, c.code)
	}
}

const (
	button = `{"type":2,"style":1,"label":"a","custom_id":"b1"}`
	modal  = `{"type":9,"data":{"custom_id":"m","title":"Login","components":[{"type":18,"label":"a",` +
		`"component":{"type":4,"style":1,"custom_id":"i1"}}]}}`
)
