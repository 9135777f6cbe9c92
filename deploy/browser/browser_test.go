package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// program is what TestMain has built, address that of its page, and chromium the
// browser in which each test has a window.
var (
	program, address string
	chromium         context.Context
)

func TestMain(m *testing.M) { os.Exit(around(m)) }

// around builds the program, starts it for all tests, and ends it.
func around(m *testing.M) int {
	dir, err := os.MkdirTemp("", "smtptest-browser")
	if err != nil {
		return complain(err)
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "smtptest")
	build := exec.Command("go", "build", "-o", program, "./cmd/smtptest")
	build.Dir = filepath.Join("..", "..")
	if says, err := build.CombinedOutput(); err != nil {
		return complain(fmt.Errorf("%w: %s", err, says))
	}
	c, err := playground()
	if err != nil {
		return complain(err)
	}
	ctx, end := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(chromedp.NoSandbox))
	defer end()
	// The first call starts the browser, which ends with the context of that call.
	if err := chromedp.Do(ctx); err != nil {
		return complain(err)
	}
	chromium = ctx
	code := m.Run()
	_ = c.Process.Signal(os.Interrupt)
	if err := c.Wait(); err != nil {
		return complain(fmt.Errorf("the playground did not end well: %w", err))
	}
	return code
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// playground starts the program and reads where its page is.
func playground() (*exec.Cmd, error) {
	c := exec.Command(program, "playground", "-no-browser")
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	at := strings.Index(line, "http://")
	if err != nil || at < 0 {
		return nil, fmt.Errorf("no address in %q: %w", line, errors.Join(err, c.Process.Kill()))
	}
	address = strings.TrimSpace(line[at:])
	return c, nil
}

// window is one window of the browser, before the eyes of one person.
type window struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // on the console
}

// browser opens a window for a test. What the console says is an error of the
// test, and so is a report of the policy.
func browser(t *testing.T) *window {
	t.Helper()
	ctx, end := chromedp.NewContext(chromium)
	t.Cleanup(end)
	w := &window{T: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	w.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `window.reports = []; addEventListener('securitypolicyviolation', (e) => reports.push(e.violatedDirective));`})
		return err
	}))
	go func() {
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			w.mu.Lock()
			w.troubles = append(w.troubles, m.String())
			w.mu.Unlock()
		}
	}()
	t.Cleanup(w.calm)
	return w
}

// calm fails the test if the browser has complained.
func (w *window) calm() {
	if r := ask[[]string](w, "reports"); len(r) > 0 {
		w.Errorf("the policy reports %q", r)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.troubles) > 0 {
		w.Errorf("the console says %q", w.troubles)
	}
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.Fatal(err)
	}
}

// open shows the page for a query, and waits until it hears of changes.
func (w *window) open(query string) {
	w.Helper()
	w.do(chromedp.Navigate(address + "?" + query))
	w.until(`document.querySelector('#state') && source.readyState === 1`)
}

// ask evaluates an expression.
func ask[T any](w *window, expression string) T {
	w.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression is true.
func (w *window) until(expression string) {
	w.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ask[bool](w, "!!("+expression+")") {
			return
		}
	}
	w.Fatalf("never true: %s\n%s", expression, ask[string](w, "document.body.innerText"))
}

// says waits until an element shows a text.
func (w *window) says(selector, text string) {
	w.Helper()
	w.until(fmt.Sprintf("[...document.querySelectorAll(%q)].some((e) => e.innerText.includes(%q))", selector, text))
}

// slack types a line in Slack, and sends it.
func (w *window) slack(text string) {
	w.Helper()
	w.do(chromedp.SendKeys("#slack-say-text", text+"\r"))
}

// TestCommandToVerdict types commands and measures until the verdict is there:
// one of three may be late where the machine has other things to do.
func TestCommandToVerdict(t *testing.T) {
	w := browser(t)
	w.open("as=ada&slack=general")
	ask[bool](w, `addEventListener('submit', () => { window.sent = performance.now(); window.seen = 0; }, true),
		new MutationObserver(() => {
			const last = document.querySelector('#slack-log > .bot:nth-last-child(-n+2)');
			if (!window.seen && last && last.innerText.includes('Failed at TLS')) window.seen = performance.now();
		}).observe(document.getElementById('slack-log'), {childList: true, subtree: true}), true`)
	fastest := 1e9
	for i, name := range []string{"expired", "self-signed", "wrong-name"} {
		w.slack("/smtptest " + name)
		w.until(fmt.Sprintf("document.querySelectorAll('#slack-log > .bot').length > %d && window.seen", i))
		if fastest = min(fastest, ask[float64](w, "seen - sent")); fastest < 300 {
			break
		}
		time.Sleep(2 * time.Second) // Slack takes a message a second
	}
	if t.Logf("%.0f ms from the command to the verdict", fastest); fastest >= 300 {
		t.Error("that is too long")
	}
	// The thread is opened by keyboard, and stays open while more comes.
	w.until("document.querySelector('#slack-log details.thread[data-some]')")
	w.do(chromedp.Focus("#slack-log details.thread[data-some] > summary"), chromedp.KeyEvent("\r"))
	w.says("#slack-log details.thread[open]", "EHLO")
	if n := ask[int](w, "document.querySelectorAll('.unknown').length"); n > 0 {
		t.Errorf("%d boxes of something unknown", n)
	}
}

// TestDiscord fills in the command's fields, reads the thread, and chooses from
// the menu.
func TestDiscord(t *testing.T) {
	w := browser(t)
	w.open("as=ada&discord=incident")
	w.do(chromedp.WaitVisible("#option-target"), chromedp.Click("#discord-ask details > summary"))
	w.until("document.querySelector('#option-tls option:nth-child(2)')")
	w.do(chromedp.SendKeys("#option-target", "good"), chromedp.SetValue("#option-tls", "none"),
		chromedp.Click("#discord-ask > button"))
	w.says("#discord-log", "ada used smtptest")
	w.says("#discord-log .embed", "from the sandbox")
	w.until("document.querySelector('#discord-log details.thread[data-some]')")
	ask[bool](w, `document.querySelector('#discord-log details.thread[data-some]').open = true`)
	w.says("#discord-log details.thread[open]", "EHLO")
	ask[bool](w, `(() => { const menu = document.querySelector('#discord-log .actions select');
		menu.value = 'transcript'; return menu.dispatchEvent(new Event('change', {bubbles: true})); })()`)
	w.says("#discord-log .file", "smtptest-transcript.txt")
	w.says("#discord-log .file pre", "EHLO")
	// What was tested lately is proposed while one types.
	w.do(chromedp.SendKeys("#option-target", "goo"))
	w.until("document.querySelector('#suggest-target option')")
}

// TestForm opens the login form, closes it with Escape, fills it in, and reads
// the outcome.
func TestForm(t *testing.T) {
	w := browser(t)
	w.open("as=bob&slack=incident")
	for _, key := range []string{"\x1b", ""} {
		w.slack("/smtptest login login-plain")
		w.until("document.querySelector('#slack-modal')")
		w.until("document.activeElement.id === 'slack-field-user'")
		if key != "" {
			w.do(chromedp.KeyEvent(key))
			w.until("!document.querySelector('#slack-modal')")
		}
	}
	if kind := ask[string](w, "document.getElementById('slack-field-secret').type"); kind != "password" {
		t.Errorf("the secret stands in a field of type %s", kind)
	}
	w.do(chromedp.SendKeys("#slack-field-user", "ada@example.test"), chromedp.SendKeys("#slack-field-secret", "hunter2\r"))
	w.says("#slack-log .bot", "login")
	if strings.Contains(ask[string](w, "document.documentElement.outerHTML"), "hunter2") {
		t.Error("the secret is on the page")
	}
}

// TestTwoPeople: what one person asks in private the other does not see, and
// what is public both do, at once.
func TestTwoPeople(t *testing.T) {
	ada := browser(t)
	bob := browser(t)
	ada.open("as=ada&slack=incident")
	bob.open("as=bob&slack=incident")
	ada.slack("/smtptest help")
	ada.says("#slack-log .private", "Only you can see this")
	ada.slack("good morning <b>all</b>")
	bob.says("#slack-log .human", "good morning <b>all</b>")
	for _, id := range ask[[]string](ada, "[...document.querySelectorAll('#slack-log .private')].map((e) => e.id)") {
		if ask[bool](bob, fmt.Sprintf("!!document.getElementById(%q)", id)) {
			t.Error("bob sees what is for ada alone")
		}
	}
}

// TestButtons expires a button and restarts the bot: Run again works after both.
func TestButtons(t *testing.T) {
	w := browser(t)
	w.open("as=ada&slack=direct+message")
	w.slack("/smtptest refused")
	w.says("#slack-log .bot", "Failed at connect")
	w.until("document.querySelector('#slack-log .actions:not(.menu) button')")
	w.do(chromedp.Click("button[value=expire]"))
	w.says("#slack-log .notice", "Expire the buttons: done")
	w.again()
	w.do(chromedp.Click("button[value=restart]"))
	w.says("#slack-log .notice", "Restart the bot: done")
	w.says("#state", "Slack: 2 of 2 sockets. Discord: connected")
	w.again()
}

// again presses “Run again” and waits for one more answer. A key does it, because
// the log scrolls under a mouse.
func (w *window) again() {
	w.Helper()
	const answers = "document.querySelectorAll('#slack-log > .bot').length"
	before := ask[int](w, answers)
	w.do(chromedp.Focus("#slack-log .actions:not(.menu) button"), chromedp.KeyEvent("\r"))
	w.until(fmt.Sprintf("%s > %d", answers, before))
}

// TestHostile shows what hostile servers say: it stays text, and leads nowhere.
func TestHostile(t *testing.T) {
	w := browser(t)
	w.open("as=bob&slack=general&discord=no-threads")
	for _, name := range []string{"markup-greeting", "terminal-tricks", "fake-lines", "injected"} {
		ask[bool](w, fmt.Sprintf(`(() => { const b = document.querySelector('button[name=server][value=%q]');
			if (b) b.click(); return !!b; })()`, name))
	}
	w.until("document.querySelectorAll('#discord-log .bot').length >= 3")
	time.Sleep(2 * time.Second)
	bad := ask[[]string](w, `[...document.querySelectorAll('.log script, .log img, .log iframe, .log [onclick], .log [style]')].map((e) => e.outerHTML)
		.concat([...document.querySelectorAll('.log a')].map((e) => e.href).filter((h) => !h.startsWith(location.origin)))`)
	if len(bad) > 0 {
		t.Errorf("in the log stand %q", bad)
	}
}

// TestReload: the page without a reload and the page anew are the same.
func TestReload(t *testing.T) {
	w := browser(t)
	w.open("as=ada&slack=incident")
	w.slack("/smtptest good")
	w.says("#slack-log .bot", "TLS 1.3")
	time.Sleep(3 * time.Second) // until the thread is complete
	const all = "document.getElementById('slack-log').textContent.replace(/\\s+/g, ' ')"
	before := ask[string](w, all)
	w.open("as=ada&slack=incident")
	if after := ask[string](w, all); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// TestSmallScreen: at 320 px nothing is wider than the screen, in both themes,
// and what can be used has a name.
func TestSmallScreen(t *testing.T) {
	w := browser(t)
	w.do(chromedp.EmulateViewport(320, 640))
	for _, theme := range []string{"light", "dark"} {
		w.open("as=ada&theme=" + theme)
		if wide := ask[int](w, "document.documentElement.scrollWidth"); wide > 320 {
			t.Errorf("%s: the page is %d px wide: %q", theme, wide, ask[[]string](w,
				`[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > 321).map((e) => e.tagName + '.' + e.className).slice(0, 10)`))
		}
		if poor := ask[[]string](w, contrast); len(poor) > 0 {
			t.Errorf("%s: too little contrast: %q", theme, poor)
		}
	}
	nameless := ask[[]string](w, `[...document.querySelectorAll('button, a, summary, input:not([type=hidden]), select')].filter((e) =>
		!(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels.length))).map((e) => e.outerHTML)`)
	if len(nameless) > 0 {
		t.Errorf("without a name: %q", nameless)
	}
}

// contrast lists texts whose contrast is below 4.5 (WCAG 2.2, 1.4.3).
const contrast = `(() => {
	const parts = (c) => { const x = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
		x.fillStyle = c; x.fillRect(0, 0, 1, 1); return [...x.getImageData(0, 0, 1, 1).data]; };
	const light = ([r, g, b]) => [r, g, b].map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; })
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255]; };
	const seen = new Map();
	for (const e of document.querySelectorAll('body *')) {
		if (!e.innerText || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
		const ink = getComputedStyle(e).color, key = e.tagName + '.' + e.className + ' ' + ink;
		if (seen.has(key)) continue;
		const a = light(parts(ink)), b = light(behind(e));
		seen.set(key, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
	}
	return [...seen].filter(([, ratio]) => ratio < 4.5).map(([key, ratio]) => key + ' ' + ratio.toFixed(2));
})()`
