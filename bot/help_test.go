package bot_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/tlsscan"
)

// anyProfile is a profile that everybody may use everywhere.
type anyProfile struct{}

func (anyProfile) Names(bot.Who) []string                   { return []string{"relay"} }
func (anyProfile) Find(string, bot.Who) (bot.Profile, bool) { return anyProfile{}, true }
func (anyProfile) User() string                             { return "joe" }
func (anyProfile) Covers(probe.Target) bool                 { return true }
func (anyProfile) Login(context.Context, probe.Target) (*probe.Login, error) {
	return &probe.Login{}, nil
}

// scansNothing finds no TLS.
type scansNothing struct{}

func (scansNothing) Scan(_ context.Context, r tlsscan.Request, _ tlsscan.Hooks) (tlsscan.Report, error) {
	return tlsscan.Report{Request: r}, nil
}

// switches are the ways in which a handler can be configured, one bit each.
var switches = []func(*bot.Handler){
	func(h *bot.Handler) { h.Envelope = false },
	func(h *bot.Handler) { h.Logins.Off = true },
	func(h *bot.Handler) { h.Logins.OffOn = []formatting.Platform{formatting.Discord} },
	func(h *bot.Handler) { h.Logins.Hosts = []string{"relay.example.com"} },
	func(h *bot.Handler) { h.Profiles = anyProfile{} },
	func(h *bot.Handler) { h.Egress, h.Scans = nil, nil },
}

// TestHelpIsTrue renders all help in each configuration and on each platform:
// what it shows is accepted there, and what is off is not in it.
func TestHelpIsTrue(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		var got probe.Request
		plain := *fx.Handler
		plain.Prober = asking(&got)
		plain.Scans = scansNothing{}
		plain.Egress = func(context.Context) []probe.ControlConn { return []probe.ControlConn{{}} }
		for bits := range 1 << len(switches) {
			h := plain
			for i, change := range switches {
				if bits&(1<<i) != 0 {
					change(&h)
				}
			}
			*fx.Handler = h
			for _, place := range []formatting.Platform{formatting.Slack, formatting.Discord, formatting.Console} {
				reader{fx, place, fmt.Sprintf("%06b %s", bits, place)}.readsAll(t)
			}
		}
	})
}

// reader reads the help of one configuration.
type reader struct {
	*fixture
	place formatting.Platform
	name  string
}

// asks asks as somebody new and after a while, so that no limit is reached.
func (r reader) asks(text string, options ...command.NamedValue) (formatting.Message, formatting.TextID) {
	time.Sleep(time.Minute)
	inv := by(fmt.Sprint("person", time.Now()), text)
	var seen bot.Record
	r.Handler.Observe = func(rec bot.Record) { seen = rec }
	inv.Place.Platform, inv.Place.Channel, inv.Options = r.place, inv.Person.ID, options
	a := r.Handler.Begin(inv)
	if a.Job != nil {
		a.Job.Do(r.t.Context(), func(bot.Update) {})
	}
	return a.Message, seen.Refused
}

func (r reader) readsAll(t *testing.T) {
	t.Helper()
	d := r.Handler.Speaks(r.place)
	var names []string
	for _, o := range command.Help("", d) {
		names = append(names, o.Name)
	}
	said := command.Hint(d)
	for _, topic := range append(command.Topics(d), "") {
		m, refused := r.asks("help " + topic)
		if refused != "" {
			t.Errorf("%s: help %s is refused: %s", r.name, topic, refused)
		}
		said += "\n" + text(m)
		for _, s := range m.Sections {
			if c, ok := s.(formatting.Code); ok {
				r.typesAll(t, c.Lines)
			}
		}
	}
	for _, m := range namedOption.FindAllStringSubmatch(said, -1) {
		if !slices.Contains(names, m[1]+m[2]) {
			t.Errorf("%s: help names the option %s", r.name, m[0])
		}
	}
	form := strings.Contains(said, "login HOST:PORT") || strings.Contains(said, "Test a login…")
	if _, refused := r.asks("login relay.example.com:587"); form != (refused == "") {
		t.Errorf("%s: help has a form: %v; asked for: %q", r.name, form, refused)
	}
	if mentions := strings.Contains(said, "@smtptest"); mentions != (r.place == formatting.Slack) {
		t.Errorf("%s: help speaks of mentions: %v", r.name, mentions)
	}
	if !strings.Contains(said, "Open here: 25, 465, 587, 2525.") ||
		r.place == formatting.Discord && strings.Contains(said, "--") {
		t.Errorf("%s: %s", r.name, said)
	}
	if n := len([]rune(command.Hint(d))); n > 100 {
		t.Errorf("%s: the hint has %d runes", r.name, n)
	}
}

var (
	namedOption = regexp.MustCompile(`--([a-z]+)|\boption ([a-z]+)\b`)
	field       = regexp.MustCompile(` ([a-z]+):(\S+)`)
)

// typesAll types what help shows, with names in the place of its examples.
func (r reader) typesAll(t *testing.T, lines []formatting.CodeLine) {
	t.Helper()
	for _, l := range lines {
		if strings.HasPrefix(l.Text, "#") {
			continue
		}
		typed := strings.NewReplacer("/smtptest target:", "", "/smtptest ", "", "HOST:PORT", "mx.example.com:587",
			"NAME", "relay", "2001:db8::25", "2606:4700::25").Replace(l.Text)
		var options []command.NamedValue
		if r.place == formatting.Discord {
			for _, m := range field.FindAllStringSubmatch(typed, -1) {
				options = append(options, command.NamedValue{Name: m[1], Value: m[2]})
			}
			typed = field.ReplaceAllString(typed, "")
		}
		if _, refused := r.asks(typed, options...); refused != "" {
			t.Errorf("%s: help shows %s, and it is refused: %s", r.name, l.Text, refused)
		}
	}
}
