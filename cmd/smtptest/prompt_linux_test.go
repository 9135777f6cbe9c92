package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// screen is a pseudo-terminal with somebody in front of it.
type screen struct {
	t      *testing.T
	master *os.File

	mu    sync.Mutex
	shown bytes.Buffer
	read  int // so much of it has been waited for
}

// newScreen opens a pseudo-terminal of a width, and the side that a program
// runs on.
func newScreen(t *testing.T, columns int) (*screen, *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("this system has no pseudo-terminals:", err)
	}
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)})
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close(); master.Close() })
	s := &screen{t: t, master: master}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := master.Read(b)
			s.mu.Lock()
			s.shown.Write(b[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s, slave
}

// wait waits until a text is shown, behind what was waited for before.
func (s *screen) wait(text string) string {
	s.t.Helper()
	for range 500 {
		s.mu.Lock()
		shown := s.shown.String()
		s.mu.Unlock()
		if i := strings.Index(shown[s.read:], text); i >= 0 {
			shown = shown[s.read : s.read+i+len(text)]
			s.read += len(shown)
			return shown
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("%q does not come; shown:\n%q", text, s.shown.String()[s.read:])
	return ""
}

func (s *screen) press(keys string) {
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// visit starts a command on a screen; its exit code comes when it is over.
func visit(t *testing.T, columns int, args ...string) (*screen, chan int) {
	s, slave := newScreen(t, columns)
	over := make(chan int, 1)
	go func() {
		over <- run(t.Context(), args, &terminal{
			in: slave, keyboard: slave, out: slave, err: slave,
			inIsTerminal: true, outIsTerminal: true, errIsTerminal: true, columns: columns, rows: 24,
		})
	}()
	return s, over
}

// TestPromptKeys edits lines, completes words, goes back in the history and
// pastes.
func TestPromptKeys(t *testing.T) {
	s, over := visit(t, 80, "sandbox")
	s.wait("sandbox> ")
	for _, step := range []struct{ name, keys, want string }{
		{"completion", "expla\t535\r", "Reply code 535"},
		{"an arrow into the line", "explain 53\x1b[D\x1b[D\x1b[C5\r", "Reply code 553"},
		{"history", "\x1b[A\x1b[A\r", "Reply code 535"},
		{"a list of what is possible", "expired-\t\t", "expired-tls12"},
		{"Ctrl-C takes the line back", "\x03explain 421\r", "Reply code 421"},
		{"a value of an option", "good --tls im\t\x03", "--tls implicit"},
		{"pasted with a tab and an end", "\x1b[200~good\t--to a@b.example\r\x1b[201~", "RCPT TO"},
	} {
		s.press(step.keys)
		s.wait(step.want)
		if strings.HasSuffix(step.keys, "\r") || strings.HasPrefix(step.keys, "\x1b[200~") {
			s.wait("sandbox> ")
		}
	}
	s.press("\x03\x03")
	if code := <-over; code != exitWorking {
		t.Errorf("exit code %d", code)
	}
}

// TestLeavingKeys: Ctrl-D and Ctrl-C on an empty line, and the word.
func TestLeavingKeys(t *testing.T) {
	for _, key := range []string{"\x03", "\x04", "quit\r"} {
		s, over := visit(t, 80, "sandbox")
		s.wait("sandbox> ")
		s.press(key)
		if code := <-over; code != exitWorking {
			t.Errorf("%q: exit code %d", key, code)
		}
	}
}

// TestFormIsNotRemembered: what was answered in a form does not come back with
// an arrow.
func TestFormIsNotRemembered(t *testing.T) {
	s, over := visit(t, 80, "console")
	s.wait("> ")
	s.press("login scram\r")
	s.wait("User name: ")
	s.press("ada@example.test\r")
	s.wait("token: ")
	s.press("hunter2zq\r")
	s.wait("Enter for 1): ")
	s.press("cancel\r")
	s.wait("> ")
	s.press("\x1b[A")
	if shown := s.wait("scram"); strings.Contains(shown, "ada@") || strings.Contains(s.shown.String(), "hunter2") {
		t.Errorf("shown: %q", s.shown.String())
	}
	s.press("\x03\x03")
	<-over
}

// TestVerdictStays: on a screen of 24 lines the last ones say what the first said.
func TestVerdictStays(t *testing.T) {
	s, over := visit(t, 80, "sandbox", "expired")
	<-over
	s.wait("from the sandbox")
	last := s.wait("Who can fix it: ")
	if !strings.Contains(last, "Failed at TLS  mx.example.test:587") || strings.Count(last, "\n") > 10 {
		t.Errorf("the last lines are\n%s", last)
	}
}

// TestWidths: nothing but transcripts and digests is wider than the terminal.
func TestWidths(t *testing.T) {
	for _, columns := range []int{40, 80, 120} {
		for _, args := range []string{
			"sandbox expired", "sandbox no-starttls-auto", "help", "explain 535", "sandbox", "console",
		} {
			s, over := visit(t, columns, strings.Fields(args)...)
			if args == "sandbox" || args == "console" {
				s.wait("> ")
				s.press("\x04")
			}
			<-over
			s.press("\x04") // the end of what is shown
			time.Sleep(20 * time.Millisecond)
			s.mu.Lock()
			shown := s.shown.String()
			s.mu.Unlock()
			for line := range strings.SplitSeq(shown, "\r\n") {
				if n := utf8.RuneCountInString(line); n > columns && !unfoldable.MatchString(line) {
					t.Errorf("%s at %d columns: %d in %q", args, columns, n, line)
				}
			}
		}
	}
}

// unfoldable lines are those that people copy.
var unfoldable = regexp.MustCompile(`^ *\d+\.\d{3} |[0-9a-f]{64}$|\x1b\[\?2004`)
