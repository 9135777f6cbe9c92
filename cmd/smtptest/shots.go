package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	page "smtptest/bot/playground"
	fakeslack "smtptest/bot/playground/slack"
)

// shot is a picture of the page.
type shot struct {
	name, query string
	shows       string // what the page must show before it is taken
	most        int    // pixels of its height
}

// shots are the pictures that the documentation shows.
func shots() []shot {
	var out []shot
	for _, theme := range []string{"light", "dark"} {
		out = append(out,
			shot{"expired-slack-" + theme, "only=slack&slack=incident&theme=" + theme, "221 2.0.0 Bye", 1100},
			shot{"expired-discord-" + theme, "only=discord&discord=incident&theme=" + theme, "221 2.0.0 Bye", 1100},
			shot{"login-slack-" + theme, "only=slack&slack=general&theme=" + theme, "slack-modal", 700},
			shot{"domain-slack-" + theme, "as=bob&only=slack&slack=direct+message&theme=" + theme, "<table>", 1000},
		)
	}
	return out
}

// pagesFile says, for each picture, what the page was when it was taken.
const pagesFile = "pages.txt"

// stage is the page on which people act.
type stage struct {
	*page.Playground
	listener net.Listener
	newer    func() // starts the bot again with Slack's newer blocks
}

// picture lets people act, and takes the pictures.
func (t *terminal) picture(ctx context.Context, p *stage, folder string) int {
	browser := chromium()
	if browser == "" {
		fmt.Fprintln(t.err, "Pictures need Chromium or Chrome, and none was found. Install it, and put it into the PATH.")
		return exitSoftware
	}
	ctx, end := context.WithTimeout(ctx, 2*time.Minute)
	defer end()
	address := make(chan string, 1)
	go func() { _ = p.Serve(ctx, p.listener, func(a string) { address <- a }) }()
	err := errors.Join(os.MkdirAll(folder, 0o755), perform(ctx, p))
	at, pages := <-address, ""
	if err == nil {
		pages, err = p.settled(ctx, shots())
	}
	for _, s := range shots() {
		if err == nil {
			err = s.take(ctx, browser, at, folder)
		}
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, pagesFile), []byte(pages), 0o644)
	}
	if err != nil {
		fmt.Fprintln(t.err, "The pictures could not be taken:", err)
		return exitSoftware
	}
	fmt.Fprintf(t.out, "%d pictures are in %s.\n", len(shots()), folder)
	return exitWorking
}

// chromium finds a browser that takes pictures by itself; empty: there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	return ""
}

// perform is what people do before the pictures: one server on both platforms,
// a login that is refused, and a domain where Slack's newer blocks are used.
func perform(ctx context.Context, p *stage) error {
	if err := p.connected(ctx); err != nil {
		return err
	}
	p.Act(url.Values{"kind": {"both"}, "server": {"expired"}})
	p.Act(url.Values{"kind": {"slack.say"}, "slack": {"general"}, "text": {"/smtptest login app-password"}})
	var form fakeslack.View
	err := p.Slack.Until(ctx, func() (open bool) {
		form, open = p.Slack.OpenView(fakeslack.Ada)
		return open
	})
	if err != nil {
		return err
	}
	_, err = p.Slack.Submit(fakeslack.Ada, form, map[string]string{"user": "ada@example.com", "secret": "x"}).Wait(ctx)
	if err != nil {
		return err
	}
	before := slices.DeleteFunc(shots(), func(s shot) bool { return strings.HasPrefix(s.name, "domain") })
	if _, err := p.settled(ctx, before); err != nil {
		return err
	}
	p.newer()
	if err := p.connected(ctx); err != nil {
		return err
	}
	p.Act(url.Values{"as": {"bob"}, "kind": {"slack.say"}, "slack": {"direct message"}, "text": {"domain " + demoDomain}})
	return nil
}

// connected waits until the bot is, to both platforms.
func (p *stage) connected(ctx context.Context) error {
	return errors.Join(p.Slack.Until(ctx, func() bool { return p.Slack.Sockets() > 0 }),
		p.Discord.Until(ctx, func() bool { return p.Discord.Connected() > 0 && len(p.Discord.Commands("")) > 0 }))
}

// settled waits until the pages show what they must, and do not change any
// more: Slack takes a message a second. It returns a line for each of them.
func (p *stage) settled(ctx context.Context, all []shot) (lines string, err error) {
	const quiet = 2500 * time.Millisecond
	for since, last := time.Now(), ""; ; time.Sleep(50 * time.Millisecond) {
		now, complete := "", true
		lines = ""
		for _, s := range all {
			html, err := s.page(p.Playground)
			if err != nil || ctx.Err() != nil {
				return "", errors.Join(err, ctx.Err())
			}
			now += string(html)
			lines += fmt.Sprintf("%s %x\n", s.name, sha256.Sum256(lasting(html)))
			complete = complete && bytes.Contains(html, []byte(s.shows))
		}
		if now != last {
			last, since = now, time.Now()
		}
		if complete && time.Since(since) > quiet {
			return lines, nil
		}
	}
}

func (s shot) page(p *page.Playground) ([]byte, error) {
	query, err := url.ParseQuery(s.query)
	if err != nil {
		return nil, err
	}
	return p.Page(query)
}

// Parts of a page that differ from run to run, and what stands for them.
var passing = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`(?s)<aside>.*</aside>|<form method="post"[^>]* class="compose.*?</form>`), ""},
	{regexp.MustCompile(`[A-Z2-7]{26}|[0-9a-f]{32,64}|TLS_[A-Z0-9_]+`), "id"},
	{regexp.MustCompile(` (id|data-v|value|href|action|datetime|for|name)="[^"]*"`), ""},
	{regexp.MustCompile(`January|February|March|April|May|June|July|August|September|October|November|December`), "month"},
	{regexp.MustCompile(`[0-9]+`), "0"},
	{regexp.MustCompile(`( · )?([A-Za-z]+ )?(under )?0(\.0)? m?s\b`), ""}, // what took no time is not said
	{regexp.MustCompile(`<p class="hint edited">[^<]*</p>`), ""},
}

// lasting is a page without what differs from run to run.
func lasting(html []byte) []byte {
	for _, p := range passing {
		html = p.pattern.ReplaceAll(html, []byte(p.by))
	}
	return html
}

// The window in which a picture is taken, in pixels.
const (
	shotWidth  = 720
	shotHeight = 2400
)

// take lets the browser take the picture, and cuts off what is empty.
func (s shot) take(ctx context.Context, browser, address, folder string) error {
	file := filepath.Join(folder, s.name+".png")
	args := []string{"--headless", "--disable-gpu", "--hide-scrollbars", "--screenshot=" + file,
		fmt.Sprintf("--window-size=%d,%d", shotWidth, shotHeight), address + "?" + s.query}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...) // it has none for root
	}
	if says, err := exec.CommandContext(ctx, browser, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(browser), err, strings.TrimSpace(string(says)))
	}
	return cut(file, s.most)
}

// cut leaves out the empty rows at the end of a picture, and what is beyond so
// many rows.
func cut(file string, most int) error {
	octets, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	full, err := png.Decode(bytes.NewReader(octets))
	if err != nil {
		return err
	}
	b := full.Bounds()
	rows := b.Dy()
	for rows > 1 && plainRow(full, rows-1) {
		rows--
	}
	small := image.NewPaletted(image.Rect(0, 0, b.Dx(), min(rows, most)), nil)
	paint(small, full)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, small); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

func plainRow(m image.Image, y int) bool {
	first := m.At(0, y)
	for x := range m.Bounds().Dx() {
		if m.At(x, y) != first {
			return false
		}
	}
	return true
}

// paint copies a picture with 256 colours: those that it has most of, and for
// others the nearest of these. A page has few, and shades of its letters.
func paint(to *image.Paletted, from image.Image) {
	amount := map[color.Color]int{}
	for y := range to.Bounds().Dy() {
		for x := range to.Bounds().Dx() {
			amount[from.At(x, y)]++
		}
	}
	all := slices.SortedFunc(maps.Keys(amount), func(a, b color.Color) int { return amount[b] - amount[a] })
	to.Palette = all[:min(len(all), 256)]
	index := map[color.Color]uint8{}
	for c := range amount {
		index[c] = uint8(to.Palette.Index(c))
	}
	for y := range to.Bounds().Dy() {
		for x := range to.Bounds().Dx() {
			to.SetColorIndex(x, y, index[from.At(x, y)])
		}
	}
}
