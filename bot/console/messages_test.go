package console_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/bot"
	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe/probetest"
	"smtptest/probe/secret"
)

// specimen is one message that people can get.
type specimen struct {
	name  string
	typed string // what leads to it; empty: nothing that is typed
	show  formatting.Message
}

// mistypes lead to each text of usage, in a chat or in a terminal.
func mistypes() []struct{ id, text string } {
	return []struct{ id, text string }{
		{"usage.too-long", strings.Repeat("smtp.example.com ", 70)},
		{"usage.secret", "alice:hunter2@smtp.example.com"},
		{"usage.forged-link", "<https://smtp.example.com|mail.example.net>"},
		{"usage.no-target", "--tls none"},
		{"usage.bad-host", "smtp..example.com"},
		{"usage.host-number", "192.0.2"},
		{"usage.single-label", "mailserver:587"},
		{"usage.mail-address", "bob@example.com:25"},
		{"usage.unknown-scheme", "ftp://smtp.example.com"},
		{"usage.behind-port", "smtp.example.com:587/inbox"},
		{"usage.bad-port", "smtp.example.com:70000"},
		{"usage.several", "smtp.example.com:587 465"},
		{"usage.port-twice", "smtp.example.com:smtp :465"},
		{"usage.extra-word", "egress smtp.example.com"},
		{"usage.unknown-topic", "help lgoin"},
		{"usage.unknown-option", "smtp.example.com --tsl none"},
		{"usage.option-elsewhere", "smtp.example.com --json"},
		{"usage.option-twice", "smtp.example.com --ip 4 --ip 6"},
		{"usage.no-value", "smtp.example.com --tls"},
		{"usage.bad-value", "smtp.example.com --tls startls"},
		{"usage.bad-profile", "login smtp.example.com --profile ../relay"},
		{"usage.bad-switch", "smtp.example.com --private=maybe"},
		{"usage.bad-mailbox", "smtp.example.com --from alice"},
		{"usage.bad-ehlo", "smtp.example.com --ehlo my_host"},
		{"usage.bad-address", "smtp.example.com --at 300.1.1.1"},
		{"usage.bad-time", "smtp.example.com --timeout soon"},
		{"usage.time-range", "smtp.example.com --timeout 5m"},
		{"usage.bad-file", "smtptest smtp.example.com --ca="},
		{"usage.bad-count", "smtp.example.com --repeat many"},
		{"usage.two-servers", "compare smtp.example.com"},
		{"usage.no-meaning", "compare mx1.example.com mx2.example.com --repeat 3"},
		{"usage.not-together", "smtp.example.com --repeat 3 --to bob@example.com"},
		{"usage.bad-block-list", "smtptest domain example.com --block-list a..b"},
		{"usage.bad-expect", "smtptest smtp.example.com --expect cert>soon"},
		{"usage.expect-alone", "smtptest smtp.example.com --junit out.xml"},
		{"usage.bad-user", "smtptest smtp.example.com --login="},
		{"usage.bad-mechanism", "smtptest smtp.example.com --login alice --mechanism PLAIN+"},
		{"usage.login-alone", "smtptest smtp.example.com --mechanism PLAIN"},
		{"usage.login-option", "smtptest login smtp.example.com"},
		{"usage.unknown-command", "smtptest exlpain 535"},
		{"usage.nothing-to-explain", "explain"},
		{"usage.option-egress", "egress --tls none"},
		{"usage.no-domain", "domain"},
		{"usage.domain-port", "domain example.com:25"},
		{"usage.domain-address", "domain 192.0.2.1"},
		{"usage.option-domain", "domain example.com --tls none"},
		{"usage.option-deep", "smtp.example.com --deep --to bob@example.com"},
		{"usage.deep-login", "login smtp.example.com --deep"},
		{"usage.only-domain", "smtp.example.com --selector a"},
		{"usage.bad-selector", "domain example.com --selector a/b"},
		{"usage.scheme-tls", "smtps://smtp.example.com --tls starttls"},
		{"usage.at-login", "login smtp.example.com --at 192.0.2.2"},
		{"usage.at-target", "192.0.2.1:25 --at 192.0.2.2"},
		{"usage.family-target", "192.0.2.1:25 --ip 6"},
		{"usage.family-at", "smtp.example.com --at 192.0.2.1 --ip 6"},
		{"usage.two-forms", "smtptest smtp.example.com --json --ticket"},
		{"usage.enforced", "smtp.example.com:465 --enforced"},
		{"usage.no-vantages", "smtp.example.com --from-vantage berlin"},
		{"usage.from-address", "smtp.example.com from alice@example.com"},
		{"usage.unknown-vantage", "places smtp.example.com from berln"},
		{"usage.vantage-all", "places domain example.com from all"},
		{"usage.watch", "smtp.example.com --watch --private"}, {"usage.watch-login", "login smtp.example.com --watch"},
	}
}

// mistyped are the refusals of what cannot be read.
func mistyped(t *testing.T) []specimen {
	t.Helper()
	var all []specimen
	for _, m := range mistypes() {
		text, terminal := strings.CutPrefix(m.text, "smtptest ")
		var err error
		places, has := strings.CutPrefix(m.text, "places ")
		if m.text = places; has {
			_, err = command.Parse(places, command.Dialect{Vantages: []string{"berlin", "tokyo", "paris"}})
		} else if terminal {
			_, err = command.ParseArgs(strings.Fields(text), command.Dialect{Terminal: true})
		} else {
			_, err = command.Parse(text, command.Dialect{})
		}
		usage, ok := errors.AsType[*command.UsageError](err)
		if !ok || string(usage.ID) != m.id {
			t.Fatalf("%s leads to %v, want %s", m.text, err, m.id)
		}
		all = append(all, specimen{m.id, m.text, formatting.RefusalOf(formatting.TextID(m.id), usage.Words())})
	}
	h := &bot.Handler{Limiter: results.NewMemoryLimiter(results.DefaultLimits()), Store: results.NewMemoryStore()}
	overheard := bot.Invocation{Text: "alice:hunter2@smtp.example.com", Overheard: true}
	perhaps := bot.Invocation{Text: "help login hunter2", Overheard: true}
	return append(all, specimen{"secret.in-channel", "@smtptest " + overheard.Text, h.Begin(overheard).Message},
		specimen{"secret.perhaps", "@smtptest " + perhaps.Text, h.Begin(perhaps).Message})
}

// refused are the refusals of what could be read, with values that are real.
func refused() []specimen {
	value := func(name, text string) formatting.Value { return formatting.Value{Name: name, Text: text} }
	over := func(limit string, d time.Duration) []formatting.Value {
		return []formatting.Value{value("target", "smtp.example.com"), value("limit", limit),
			value("window", formatting.Window(d)), value("wait", formatting.Wait(34*time.Second))}
	}
	target := value("target", "smtp.example.com")
	values := map[formatting.TextID][]formatting.Value{
		formatting.RefusedPort:        {value("port", "22"), value("ports", "25, 465, 587, 2525")},
		formatting.RefusedTarget:      {target},
		formatting.RefusedLoginHost:   {target},
		formatting.LimitPerson:        over("10", time.Minute),
		formatting.LimitChannel:       over("30", time.Minute),
		formatting.LimitTarget:        over("10", time.Minute),
		formatting.LimitBusy:          {value("limit", "8"), value("wait", formatting.Wait(15*time.Second))},
		formatting.LimitDeep:          over("1", 10*time.Minute),
		formatting.LimitLoginTarget:   over("3", 10*time.Minute),
		formatting.LimitLoginAccount:  over("3", 10*time.Minute),
		formatting.LimitRecipients:    over("10", time.Hour),
		formatting.LimitLoginProvider: over("6", 10*time.Minute),
		formatting.LimitLoginPerson:   over("6", 10*time.Minute),
		formatting.LimitPersonBusy:    {value("limit", "2"), value("wait", formatting.Wait(15*time.Second))},
		formatting.LimitAnswers:       over("30", time.Minute),
		formatting.RunJoined:          {value("target", "smtp.example.com:587")},
		formatting.FaultInternal:      {value("reference", "K7Q2MX4B")},
		formatting.ProfileTarget:      {value("target", "smtp.example.com:587")},
		formatting.ProfileSecret:      {value("reference", "K7Q2MX4B")},
	}
	for _, id := range formatting.TextIDs() {
		if strings.HasPrefix(string(id), "vantage.") {
			values[id] = []formatting.Value{value("vantage", "berlin"), value("seen", ": it was last seen 3 minutes ago")}
		}
	}
	var all []specimen
	for _, id := range formatting.TextIDs() {
		subject, name, _ := strings.Cut(string(id), ".")
		switch {
		case strings.Contains("usage secret note label reason place", subject):
		case subject == "form" && name != "gone": // said beside a field, or a part of the form
		default:
			all = append(all, specimen{string(id), "", formatting.Refusal(id, values[id]...)})
		}
	}
	return append(all, placed()...)
}

// placed are answers that could not be given where they were asked for.
func placed() []specimen {
	all := []specimen{
		{"place.taken-back", "", formatting.Refusal(formatting.PlaceTakenBack)},
		{"place.sent-direct", "", formatting.Notice(formatting.PlaceSentDirect)},
		{"place.moderated", "", formatting.Notice(formatting.PlaceModerated)},
		{"place.soon", "", formatting.Notice(formatting.PlaceSoon)},
		{"place.no-member", "", formatting.Notice(formatting.PlaceNoMember)},
		{"place.between", "", formatting.Notice(formatting.PlaceBetween)},
		{"place.follows", "", formatting.Notice(formatting.PlaceFollows,
			formatting.Value{Name: "target", Text: "smtp.example.com:587"})},
	}
	noThread := formatting.Notice(formatting.PlaceNoThread)
	noThread.Sections = []formatting.Section{formatting.Facts{Title: "TLS",
		Rows: []formatting.Fact{{Name: "Protocol", Value: "TLS 1.3"}}}}
	all = append(all, specimen{"place.no-thread", "", noThread})
	for _, id := range formatting.TextIDs() {
		if strings.HasPrefix(string(id), "reason.") {
			reason := formatting.Value{Name: "reason", Text: formatting.Say(id).What}
			all = append(all, specimen{"place.no-file." + string(id), "", formatting.Notice(formatting.PlaceNoFile, reason)})
		}
	}
	for _, id := range []formatting.TextID{
		formatting.PlaceDirect, formatting.PlaceNowhere, formatting.PlaceArchived, formatting.PlaceReadOnly,
		formatting.PlaceThreadsOnly,
		formatting.PlaceTabOff, formatting.PlaceDirectClosed, formatting.PlaceDirectLocked, formatting.PlaceThreadLost,
		formatting.PlaceInDirect, formatting.PlaceThreadless,
		formatting.PlaceNotInstalled, formatting.PlaceLacksRight, formatting.PlaceThreadRefused,
	} {
		words := formatting.Say(id, formatting.Value{Name: "right", Text: "Create Public Threads"})
		notes := slices.DeleteFunc([]string{words.What, words.Try}, func(s string) bool { return s == "" })
		all = append(all, specimen{string(id), "", formatting.Message{
			Tone: formatting.ToneBad, Verdict: "Failed at TLS", Target: "smtp.example.com:587", Fact: "The certificate has " +
				"expired · 30 ms",
			Notes: notes, Footer: "from 198.51.100.7 · 2026-01-02 03:04:05 UTC",
		}})
	}
	return all
}

// helped are all topics of help, in a chat and in a terminal.
func helped() []specimen {
	var all []specimen
	inChat := command.Here{Limits: results.DefaultLimits().Facts(true, true), Ports: "25, 465, 587, 2525"}
	here := map[string]command.Here{"chat": inChat}
	for _, topic := range append(command.Topics(command.Dialect{}), "", "ehlo") {
		for name, d := range map[string]command.Dialect{"chat": {}, "terminal": {Terminal: true}} {
			file := "help." + name
			if topic != "" {
				file = "help." + topic + "." + name
			}
			all = append(all, specimen{file, "help " + topic, command.HelpAbout(topic, d, here[name])})
		}
	}
	return all
}

// listener is a responder that keeps what it is given.
type listener struct {
	mu    sync.Mutex
	given []formatting.Message
	over  chan struct{}
}

// Answer implements bot.Responder.
func (l *listener) Answer(_ context.Context, a bot.Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case a.Job != nil:
		a.Job.Posted("https://discord.com/channels/41771983423143937/155361364909621248/1024")
		return
	case a.Form != nil:
		l.given = append(l.given, formatting.Message{Verdict: a.Form.ID})
	default:
		l.given = append(l.given, a.Message)
	}
	close(l.over)
}

// Update implements bot.Responder.
func (l *listener) Update(_ context.Context, u bot.Update) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.given = append(l.given, u.Message)
	if u.Stage == bot.StageDone || u.Stage == bot.StageDenied {
		close(l.over)
	}
}

// visit is a person who uses the bot in virtual time.
type visit struct {
	t          *testing.T
	dispatcher *bot.Dispatcher
}

func (v *visit) do(inv bot.Invocation) []formatting.Message {
	inv.Place = bot.Place{Platform: "console", Channel: "C1"}
	inv.Person = formatting.Person{ID: "U0ADA12345", Name: "ada"}
	l := &listener{over: make(chan struct{})}
	v.dispatcher.Dispatch(v.t.Context(), inv, l)
	<-l.over
	return l.given
}

// press presses the button of a verb under the last of some messages.
func (v *visit) press(verb, choice string, under []formatting.Message) []formatting.Message {
	for _, a := range under[len(under)-1].Actions {
		if a.Verb == verb {
			return v.do(bot.Invocation{Press: &bot.Press{Verb: verb, Run: a.Run, Choice: choice}})
		}
	}
	v.t.Fatalf("there is no %s under %+v", verb, under)
	return nil
}

// headOf is the verdict, which may have been shown before the evidence or with it.
func headOf(all []formatting.Message) formatting.Message {
	m := all[len(all)-1]
	m.Sections = nil
	return m
}

// answered are the messages of a test from its beginning to its end, and
// after.
func answered(t *testing.T) (all []specimen) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ca, err := probetest.NewCA()
		if err != nil {
			t.Fatal(err)
		}
		v := &visit{t, &bot.Dispatcher{Handler: &bot.Handler{
			Prober:  scripted{t, ca},
			Limiter: results.NewMemoryLimiter(results.DefaultLimits()), Store: results.NewMemoryStore(), Envelope: true,
		}}}
		add := func(name, typed string, m formatting.Message) { all = append(all, specimen{name, typed, m}) }
		slow := v.do(bot.Invocation{Text: "slow.test"})
		add("answer.testing", "slow.test", slow[0])
		add("answer.progress", "slow.test", slow[1])
		first := v.do(bot.Invocation{Text: "expired.test:587"})
		add("answer.verdict", "expired.test:587", headOf(first))
		again := v.press("again", "", first)
		add("answer.again", "Run again", headOf(again))
		for _, choice := range []string{"commands", "transcript", "ticket"} {
			add("more."+choice, choice, v.press("more", choice, first)[0])
		}
		domain := v.do(bot.Invocation{Text: "mail-domain.test"})
		variant := v.press("variant", "", domain)
		add("answer.variant", "Test its mail server on 25", variant[len(variant)-1])
		time.Sleep(time.Minute)
		private := v.do(bot.Invocation{Text: "good.test --private"})
		add("answer.private", "good.test --private", private[len(private)-1])
		form := v.do(bot.Invocation{Text: "login login-plain.test:587"})[0].Verdict
		in := v.do(bot.Invocation{Form: &bot.Submission{
			Form: form, Values: map[string]string{formatting.FieldUser: "ada@example.test"}, Secret: secret.New(password),
		}})
		add("answer.shared", "Share the verdict", v.press("share", "", in)[0])
		v.dispatcher.Stop(t.Context())
	})
	return all
}
