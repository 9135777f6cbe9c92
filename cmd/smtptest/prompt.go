package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"smtptest/bot/command"
)

// mostRemembered lines of a prompt: what one person types in a sitting.
const mostRemembered = 200

// prompt is where a person types one line after another. On a terminal it has
// line editing, history and completion; elsewhere it reads lines. Nothing typed
// is kept beyond the program's end.
type prompt struct {
	terminal *terminal
	editor   *term.Terminal // nil: the input is no keyboard, or the terminal cannot move its cursor
	keys     *keys
	history  *history
}

// newPrompt makes a prompt that completes the words of a line. known are those
// that can stand where a word follows what is before it.
func newPrompt(t *terminal, known func(before string) []string) *prompt {
	p := &prompt{terminal: t, history: &history{}}
	if t.keyboard == nil || !t.inIsTerminal || !t.outIsTerminal || !t.errIsTerminal {
		return p
	}
	p.keys = &keys{from: t.keyboard}
	p.editor = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{p.keys, t.out}, "")
	p.editor.History = p.history
	p.editor.AutoCompleteCallback = func(line string, at int, key rune) (string, int, bool) {
		if key != '\t' {
			return "", 0, false
		}
		return p.complete(line, at, known)
	}
	return p
}

// command reads a line that is worth remembering.
func (p *prompt) command(ctx context.Context, sign string) (line string, ok bool) {
	p.history.on = true
	defer func() { p.history.on = false }()
	return p.line(ctx, sign)
}

// line reads one line. ok is false when the person leaves, and at the end of
// the input and of ctx.
func (p *prompt) line(ctx context.Context, sign string) (line string, ok bool) {
	if p.editor == nil {
		fmt.Fprint(p.terminal.out, sign)
		return p.terminal.readLine(ctx)
	}
	p.editor.SetPrompt(sign)
	return p.raw(ctx, p.editor.ReadLine)
}

// secret reads one line that is not shown. The echo is off before it is asked
// for: people paste quickly. ok as for line.
func (p *prompt) secret(ctx context.Context, sign string) (value string, ok bool) {
	return p.raw(ctx, func() (string, error) { return p.editor.ReadPassword(sign) })
}

// raw reads from the keyboard in raw mode.
func (p *prompt) raw(ctx context.Context, read func() (string, error)) (line string, ok bool) {
	fd := int(p.terminal.keyboard.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return "", false
	}
	defer func() { _ = term.Restore(fd, state) }()
	if columns, rows, err := term.GetSize(fd); err == nil && columns > 0 {
		p.terminal.columns, p.terminal.rows = columns, rows
		_ = p.editor.SetSize(columns, rows)
	}
	p.editor.SetBracketedPasteMode(true)
	defer p.editor.SetBracketedPasteMode(false)
	type typed struct {
		line string
		ok   bool
	}
	over := make(chan typed, 1)
	go func() {
		line, err := read()
		over <- typed{line, err == nil || errors.Is(err, term.ErrPasteIndicator)}
	}()
	select {
	case t := <-over:
		return t.line, t.ok
	case <-ctx.Done():
		return "", false
	}
}

// complete extends the word at the cursor as far as it is certain. Where it is
// not, it shows what is possible.
func (p *prompt) complete(line string, at int, known func(before string) []string) (string, int, bool) {
	start := strings.LastIndex(line[:at], " ") + 1
	before, word := line[:start], line[start:at]
	var fitting []string
	for _, k := range known(before) {
		if strings.HasPrefix(k, strings.ToLower(word)) {
			fitting = append(fitting, k)
		}
	}
	if len(fitting) == 0 {
		return "", 0, false
	}
	certain := common(fitting)
	switch {
	case len(fitting) == 1:
		certain += " "
	case len(certain) <= len(word):
		fmt.Fprintf(p.editor, "%s\n", inColumns(fitting, p.terminal.columns))
		return "", 0, false
	}
	return before + certain + line[at:], len(before) + len(certain), true
}

// common is how all words begin.
func common(words []string) string {
	head := words[0]
	for _, w := range words[1:] {
		for !strings.HasPrefix(w, head) {
			head = head[:len(head)-1]
		}
	}
	return head
}

// inColumns writes words beside each other, as many as the width takes.
func inColumns(words []string, columns int) string {
	widest := 0
	for _, w := range words {
		widest = max(widest, len(w)+2)
	}
	var b strings.Builder
	for i, w := range words {
		if i > 0 && i%max(1, columns/widest) == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%-*s", widest, w)
	}
	return b.String()
}

// history is the lines before, in memory. It implements term.History.
type history struct {
	lines []string // the newest first
	on    bool     // off: what answers a form is not remembered
}

// Add implements term.History.
func (h *history) Add(line string) {
	if !h.on || strings.TrimSpace(line) == "" || len(h.lines) > 0 && h.lines[0] == line {
		return
	}
	h.lines = slices.Insert(h.lines, 0, line)
	h.lines = h.lines[:min(len(h.lines), mostRemembered)]
}

// Len implements term.History.
func (h *history) Len() int { return len(h.lines) }

// At implements term.History.
func (h *history) At(i int) string { return h.lines[i] }

// keys is the keyboard in raw mode. Ctrl-C takes back what was typed; on an
// empty line it leaves, as the editor has it.
type keys struct {
	from  *os.File
	typed bool
}

// The keys that matter here, as octets.
const (
	ctrlC = 0x03
	ctrlE = 0x05 // to the end of the line
	ctrlU = 0x15 // take back what is before
)

// Read implements io.Reader. One octet can become two, so it reads half as many
// as there is room for.
func (k *keys) Read(b []byte) (int, error) {
	raw := make([]byte, max(1, len(b)/2))
	n, err := k.from.Read(raw)
	out := b[:0]
	for _, key := range raw[:n] {
		if key == ctrlC && k.typed && len(b) > 1 {
			out = append(out, ctrlE, ctrlU)
		} else {
			out = append(out, key)
		}
		k.typed = key != ctrlC && key != '\r'
	}
	return len(out), err
}

// knownWords are what can be typed at a prompt, by what stands before the word:
// names and commands first, then options and their values.
func knownWords(d command.Dialect, first, names []string) func(before string) []string {
	var options []string
	choices := map[string][]string{}
	for _, o := range command.Help("", d) {
		options = append(options, "--"+o.Name)
		choices["--"+o.Name] = o.Choices
	}
	return func(before string) []string {
		words := strings.Fields(before)
		for len(words) > 0 && strings.Trim(words[0], "/@") == "smtptest" {
			words = words[1:]
		}
		switch {
		case len(words) == 0:
			return slices.Concat(first, names)
		case words[0] == "help":
			return command.Topics(d)
		case words[0] == "login" && len(words) == 1:
			return names
		}
		if c := choices[words[len(words)-1]]; len(c) > 0 {
			return c
		}
		return options
	}
}
