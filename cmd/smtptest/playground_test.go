package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// heard is what the program prints while it runs.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

// until waits until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("%s did not come", what)
}

// TestPlayground opens the page, tests a server, restarts the bot, lets a
// button expire, runs its test again, and ends.
func TestPlayground(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	var out, errOut heard
	code := make(chan int, 1)
	go func() { code <- run(ctx, []string{"playground"}, &terminal{out: &out, err: &errOut}) }()
	until(t, "the address", func() bool { return strings.HasSuffix(out.String(), "/\n") })
	address := "http" + strings.TrimSpace(strings.Split(out.String(), "http")[1])
	get := func() string {
		r, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		page, _ := io.ReadAll(r.Body)
		return string(page)
	}
	do := func(kind string, fields url.Values) {
		fields.Set("kind", kind)
		r, _ := http.NewRequestWithContext(ctx, http.MethodPost, address+"do", strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", address[:strings.Index(address[len("http://"):], "/")+len("http://")])
		if a, err := http.DefaultClient.Do(r); err != nil || a.StatusCode != http.StatusOK {
			t.Fatal(a, err)
		}
	}
	connected := func() bool { return strings.Contains(get(), "2 of 2 sockets. Discord: connected") }
	until(t, "the connection", connected)
	do("both", url.Values{"server": {"expired"}})
	verdicts := func() int { return strings.Count(get(), ">Failed at TLS<") }
	until(t, "the verdict on both", func() bool { return verdicts() == 2 })
	do("panel", url.Values{"what": {"restart"}})
	until(t, "the restart", func() bool { return strings.Contains(get(), "Restart the bot: done") })
	until(t, "the bot again", connected)
	do("panel", url.Values{"what": {"expire"}})
	again := regexp.MustCompile(`name="message" value="([^"]+)"><button name="press" value="(smtptest:again:[^"]+)"`).
		FindStringSubmatch(get())
	do("slack.press", url.Values{"message": {again[1]}, "press": {again[2]}})
	until(t, "another answer from a button that outlives its result", func() bool { return verdicts() == 3 })
	end()
	if c := <-code; c != exitWorking || !strings.Contains(errOut.String(), "No browser could be opened") ||
		!strings.HasSuffix(errOut.String(), "The playground has ended.\n") {
		t.Errorf("exit code %d, %q", c, errOut.String())
	}
	stacks := make([]byte, 1<<20)
	if stacks = stacks[:runtime.Stack(stacks, true)]; bytes.Contains(stacks, []byte("slackbot.(*Bot).Run")) {
		t.Error("the bot that was started anew still runs")
	}
}

// TestPlaygroundCannot: what is in the way is said in a sentence.
func TestPlaygroundCannot(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for args, want := range map[string]string{
		"playground -port " + port: "Port " + port + " is in use.",
		"playground -port 99999":   "-no-browser, -port",
		"playground now":           "-no-browser, -port",
	} {
		code, out, errOut := typed(t, t.Context(), "", strings.Fields(args)...)
		if code == exitWorking || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit code %d, %q, %q", args, code, out, errOut)
		}
	}
}

// TestPictureParts: what differs from run to run is not in what a picture is
// known by, words are; and a picture ends where the page does.
func TestPictureParts(t *testing.T) {
	one := `<article id="s-1" data-v="ab">valid until 26 November 2026, 3 days ago · TLS 41 ms · total 42 ms`
	other := `<article id="s-2" data-v="cd">valid until 2 December 2027, 3 days ago · total under 1 ms`
	if a, b := lasting([]byte(one)), lasting([]byte(other)); !bytes.Equal(a, b) {
		t.Errorf("%s\n%s", a, b)
	}
	if a, b := lasting([]byte(one)), lasting([]byte(strings.ReplaceAll(one, "valid", "good"))); bytes.Equal(a, b) {
		t.Error("another word is not seen")
	}
	full := image.NewRGBA(image.Rect(0, 0, 40, 300))
	for x := range 40 {
		for y := range 20 { // 800 colours
			full.Set(x, y, color.RGBA{uint8(x), uint8(y), 7, 255})
		}
	}
	file := t.TempDir() + "/a.png"
	var b bytes.Buffer
	if err := errors.Join(png.Encode(&b, full), os.WriteFile(file, b.Bytes(), 0o600), cut(file, 100)); err != nil {
		t.Fatal(err)
	}
	octets, _ := os.ReadFile(file)
	small, err := png.Decode(bytes.NewReader(octets))
	if err != nil || small.Bounds().Dy() != 20 {
		t.Fatal(small.Bounds(), err)
	}
	if r, g, _, _ := small.At(39, 19).RGBA(); r>>8 < 35 || g>>8 < 15 {
		t.Errorf("a colour was lost: %d %d", r>>8, g>>8)
	}
}
