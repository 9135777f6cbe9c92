package playground_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/discordbot"
	"smtptest/bot/playground"
	"smtptest/bot/playground/slack"
	"smtptest/bot/slackbot"
	"smtptest/probe/probetest/long"
	"smtptest/probe/secret"
)

// TestMain: what these tests wait for is the pace of Slack.
func TestMain(m *testing.M) { long.AtOnce(m, "8") }

// visitor is a browser without a script, before the page and the real bot.
type visitor struct {
	*testing.T
	*playground.Playground
	address string
	expired atomic.Int64
}

func visit(t *testing.T) *visitor {
	t.Helper()
	w, err := bottest.NewFixture()
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{T: t}
	v.Playground = playground.New(playground.Options{
		Servers: []playground.Server{{Name: "expired", Story: "The certificate expired", First: true}, {Name: "good"}},
		Expire:  func() { v.expired.Add(1) },
	})
	d := &bot.Dispatcher{Handler: w.Handler}
	log := slog.New(slog.DiscardHandler)
	process := bottest.Start(d,
		slackbot.New(slackbot.Config{BotToken: secret.New(slack.BotToken), AppToken: secret.New(slack.AppToken),
			APIURL: strings.TrimSuffix(v.Slack.URL(), "/api/"), Log: log}, d),
		discordbot.New(discordbot.Config{BotToken: secret.New(v.Discord.Token), APIURL: v.Discord.URL(), LoginForm: true,
			Log: log}, d))
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, over := make(chan string, 1), make(chan error, 1)
	go func() { over <- v.Serve(ctx, l, func(address string) { ready <- address }) }()
	v.address = <-ready
	t.Cleanup(func() {
		cancel()
		_ = process.Stop(10 * time.Second)
		v.Close()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	v.sees("as=ada", "2 of 2 sockets. Discord: connected")
	// The bot registers its commands after it has connected.
	registered, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if err := v.Discord.Until(registered, func() bool { return len(v.Discord.Commands("")) == 3 }); err != nil {
		t.Fatal("the bot has registered no commands: ", err)
	}
	return v
}

// page is the page for a query.
func (v *visitor) page(query string) string {
	v.Helper()
	return v.get(v.address + "?" + query)
}

func (v *visitor) get(address string) string {
	v.Helper()
	r, err := http.Get(address)
	if err != nil {
		v.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		v.Fatal(r.Status, err)
	}
	return string(body)
}

// sees waits until the page shows all of these texts, and returns it.
func (v *visitor) sees(query string, texts ...string) string {
	v.Helper()
	var page, missing string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		page, missing = v.page(query), ""
		for _, text := range texts {
			if !strings.Contains(page, text) {
				missing = text
			}
		}
		if missing == "" {
			return page
		}
	}
	v.Fatalf("the page does not show %q:\n%s", missing, page)
	return ""
}

// send sends a form from the page.
func (v *visitor) send(pairs ...string) {
	v.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := v.request(http.MethodPost, v.address+"do", strings.NewReader(form.Encode()))
	r.Header.Set("Origin", strings.Join(strings.Split(v.address, "/")[:3], "/"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Script", "1")
	if code := v.status(r); code != http.StatusNoContent {
		v.Errorf("%v: %d", pairs, code)
	}
}

func (v *visitor) request(method, address string, body io.Reader) *http.Request {
	r, err := http.NewRequestWithContext(v.Context(), method, address, body)
	if err != nil {
		v.Fatal(err)
	}
	return r
}

func (v *visitor) status(r *http.Request) int {
	v.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// find is the first group of a pattern in a page.
func (v *visitor) find(page, pattern string) string {
	v.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		v.Fatalf("no %s in\n%s", pattern, page)
	}
	return strings.NewReplacer("&#43;", "+", "&amp;", "&", "&#34;", `"`).Replace(m[1])
}

// TestBothPlatforms is one visit: a server on both platforms, their threads, a
// menu, a file, what only one person sees, a form.
func TestBothPlatforms(t *testing.T) {
	t.Parallel()
	v := visit(t)
	v.send("kind", "both", "as", "ada", "server", "expired.test")
	page := v.sees("only=slack&as=bob", "Failed at TLS", "Asked by ada", "EHLO")
	page += v.sees("only=discord&as=bob", "Failed at TLS", "ada used smtptest", "EHLO", `class="thread"`)
	if strings.Contains(page, `class="unknown"`) {
		t.Errorf("something is unknown:\n%s", page)
	}

	page = v.page("only=slack&as=ada")
	v.send("kind", "slack.press", "as", "ada", "message", v.find(page, `name="message" value="([^"]+)"`),
		"choose", v.find(page, `name="choose" value="([^"]+ transcript)"`))
	page = v.sees("only=slack&as=ada", "/file/slack/")
	if file := v.get(v.address + v.find(page, `href="/[A-Z0-9]+/(file/[^"]+)"`)); !strings.Contains(file, "EHLO") {
		t.Errorf("the file holds %s", file)
	}

	v.send("kind", "slack.say", "as", "ada", "text", "/smtptest help")
	v.sees("only=slack&as=ada", "Only you can see this")
	if strings.Contains(v.page("only=slack&as=bob"), "Only you can see this") {
		t.Error("bob sees what is for ada alone")
	}
	hint := v.Slack.Say(slack.Ada, slack.InMember, "", "550 5.7.26 unauthenticated mail is not accepted")
	v.send("kind", "slack.apply", "as", "bob", "message", hint.TS)
	v.sees("only=slack&as=bob", "550 5.7.26", "Only you can see this")
	v.send("kind", "slack.say", "as", "bob", "slack", "direct message", "text", "help")
	v.sees("only=slack&as=bob&slack=direct+message", "<b>bob</b>", "<b>smtptest</b>")
	v.sees("only=slack&as=bob&slack=app+home", "s-home", `class="rich"`)
	if page = v.sees("only=discord", "EHLO"); page != v.page("only=discord") {
		t.Error("the page changes though nothing has happened")
	}
	v.send("kind", "discord.say", "as", "bob", "text", "is **this** 535 5.7.8?")
	v.sees("only=discord&as=ada", "is **this** 535 5.7.8?", "<b>bob</b>")
	v.send("kind", "slack.say", "as", "bob", "text", "@smtptest good.test", "thread", "")
	v.sees("only=slack", "TLS 1.3", "Works: TLS tested")
	if all := append(v.Slack.Violations(), v.Discord.Violations()...); len(all) > 0 {
		t.Error(all)
	}
}

// TestForms opens, refuses, closes and sends the login form on both platforms.
func TestForms(t *testing.T) {
	t.Parallel()
	v := visit(t)
	v.send("kind", "slack.say", "as", "ada", "text", "/smtptest login login-plain.test")
	v.send("kind", "discord.command", "as", "bob", "option:target", "login login-plain.test")
	page := v.sees("as=ada", `id="slack-modal"`, "Slack itself shows what is typed here", `type="password"`)
	if strings.Contains(page, `id="discord-modal"`) {
		t.Error("ada sees the form of bob")
	}
	v.send("kind", "slack.modal", "as", "ada", "view", v.find(page, `name="view" value="([^"]+)"`), "do", "close")
	if strings.Contains(v.page("as=ada"), `id="slack-modal"`) {
		t.Error("the form is still open")
	}
	page = v.sees("as=bob", `id="discord-modal"`)
	modal := v.find(page, `name="modal" value="([^"]+)"`)
	v.send("kind", "discord.modal", "as", "bob", "modal", modal, "do", "submit", "field:user", "ada@example.test")
	v.sees("as=bob", "not all of it is filled in", `id="discord-modal"`)
	v.send("kind", "discord.modal", "as", "bob", "modal", modal, "do", "submit", "field:user", "ada@example.test",
		"field:secret", "hunter2", "field:mechanism", "automatic")
	v.sees("as=bob", "bob used smtptest", "login")
}

// TestPanel makes things go wrong, and reads what people are told.
func TestPanel(t *testing.T) {
	t.Parallel()
	v := visit(t)
	for _, what := range []string{"slack-429", "discord-429"} {
		v.send("kind", "panel", "what", what)
	}
	v.send("kind", "both", "server", "good.test")
	v.sees("", "TLS 1.3", "ada used smtptest")
	v.send("kind", "panel", "what", "expire")
	v.sees("", "Expire the buttons: done")
	if v.expired.Load() != 1 {
		t.Error("nothing has expired")
	}
	v.send("kind", "slack.say", "text", "/smtpest good.test")
	v.send("kind", "slack.say", "text", "/smtptest good.test", "thread", "1")
	v.sees("", "Slack knows no such command", "does not work in a thread")
	v.send("kind", "panel", "what", "slack-cut")
	v.send("kind", "panel", "what", "discord-cut")
	v.sees("", "2 of 2 sockets. Discord: connected")
}

// TestEvents: a browser is told what has changed.
func TestEvents(t *testing.T) {
	t.Parallel()
	v := visit(t)
	r, err := http.DefaultClient.Do(v.request(http.MethodGet, v.address+"events?as=ada", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	v.send("kind", "slack.say", "as", "bob", "text", "does <b>anybody</b> see this?")
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line := lines.Text(); strings.Contains(line, "anybody") {
			if !strings.HasPrefix(line, "data: {") || strings.Contains(line, `u003cb\u003eanybody`) {
				t.Errorf("told: %s", line)
			}
			return
		}
	}
	t.Error("nothing was told")
}

// TestStrangers: whoever does not come from the page gets nothing.
func TestStrangers(t *testing.T) {
	t.Parallel()
	v := visit(t)
	root := strings.Join(strings.Split(v.address, "/")[:3], "/")
	for name, c := range map[string]struct {
		method, address, host, origin, body string
		want                                int
	}{
		"the page":          {http.MethodGet, v.address, "", "", "", 200},
		"without a script":  {http.MethodPost, v.address + "do", "", root, "kind=slack.say&text=hello", 200},
		"another name":      {http.MethodGet, v.address, "evil.test", "", "", 403},
		"another origin":    {http.MethodPost, v.address + "do", "", "http://evil.test", "kind=both", 403},
		"no origin":         {http.MethodPost, v.address + "do", "", "", "kind=both", 403},
		"no token":          {http.MethodGet, root + "/", "", "", "", 404},
		"a guessed token":   {http.MethodGet, root + "/AAAAAAAAAAAAAAAAAAAAAAAAAA/", "", "", "", 404},
		"no such form":      {http.MethodPost, v.address + "do", "", root, "kind=x", 400},
		"a form too long":   {http.MethodPost, v.address + "do", "", root, "kind=" + strings.Repeat("x", 70_000), 400},
		"no such file":      {http.MethodGet, v.address + "file/slack/F1", "", "", "", 404},
		"a file of Discord": {http.MethodGet, v.address + "file/discord/1", "", "", "", 404},
	} {
		r := v.request(c.method, c.address, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.Host = c.host; c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if got := v.status(r); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	r, err := http.Get(v.address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if p := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'self';") {
		t.Errorf("the policy is %q", p)
	}
}

// TestUsage: what is completed is what the app's manifest says.
func TestUsage(t *testing.T) {
	manifest, err := os.ReadFile("../../deploy/slack/manifest.yaml")
	for _, says := range []string{`usage_hint: "` + playground.Usage + `"`, "name: " + playground.Shortcut + "\n",
		"callback_id: " + playground.ShortcutCallback + "\n"} {
		if !strings.Contains(string(manifest), says) {
			t.Errorf("the manifest does not say %q: %v", says, err)
		}
	}
}

// TestBounds: windows are limited, and so is what is kept.
func TestBounds(t *testing.T) {
	t.Parallel()
	v := visit(t)
	refused := 0
	for range 20 {
		r, err := http.DefaultClient.Do(v.request(http.MethodGet, v.address+"events", nil))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if r.StatusCode == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused != 4 {
		t.Errorf("%d of 20 windows were refused, want 4", refused)
	}
	for range 100 {
		v.Slack.Say(slack.Ada, slack.InMember, "", "words")
		v.Act(url.Values{"kind": {"slack.say"}, "text": {"/nonsense"}})
	}
	if n := strings.Count(v.page("only=slack"), "<article"); n != 60 {
		t.Errorf("%d messages are shown, want 60", n)
	}
}
