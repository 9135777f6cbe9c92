package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/formatting"
	"smtptest/formatting/deepscan"
	"smtptest/probe"
	"smtptest/probe/guard"
)

// Handler turns what somebody asked into messages: the same on every
// platform. Acknowledging, deferring, threading and posting is an adapter's
// business. Its fields must not change once it is in use.
type Handler struct {
	Prober probe.Prober
	// Egress is that of probe.Local; nil: there is no such command.
	Egress func(context.Context) []probe.ControlConn
	// Domains examines mail domains; nil: there is no such command.
	Domains  Domains
	Scans    Scans        // of TLS; nil: there is no such option
	Vantages Vantages     // other places to test from; nil: none
	Policy   guard.Policy // what may be dialled: asked here for what needs no lookup, by the prober for the rest
	Limiter  results.Limiter
	Store    results.Store
	Observe  func(Record)    // hears of each answer, from many goroutines at once; nil: nobody
	Dialect  command.Dialect // of a chat
	Hosts    []string        // host names without a dot that may be tested where Dialect allows any; empty: all
	Envelope bool            // senders and recipients may be tested
	Logins   Logins
	Profiles Profiles       // nil: none
	Watches  *watch.Service // nil: none
	Key      []byte         // of the codes in buttons that outlive their results; empty: none does
}

// Logins says what may be done with typed credentials.
type Logins struct {
	Off   bool                  // no form is opened
	OffOn []formatting.Platform // no form is opened there
	Hosts []string              // the only targets, as A-labels; empty: any
}

// off reports that no form is opened on a platform.
func (l Logins) off(p formatting.Platform) bool { return l.Off || slices.Contains(l.OffOn, p) }

// allows reports whether a login may be tested at a host.
func (l Logins) allows(host string) bool {
	return len(l.Hosts) == 0 || slices.ContainsFunc(l.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// Begin answers what needs no network, and prepares what does. It blocks on
// nothing. Callers must call Do of a Job that they get.
func (h *Handler) Begin(inv Invocation) Answer {
	if inv.Began.IsZero() {
		inv.Began = time.Now()
	}
	// Whatever is asked is counted first, so that nothing is done for a flood. A
	// test has limits of its own.
	asking := results.Claim{Scope: results.PerAnswer, Key: results.PersonKey(inv.Place, inv.Person.ID)}
	receipt, over := h.Limiter.Take(asking)
	if over != nil {
		a, rec := refuseOver(KindFlood, over, probe.Target{})
		h.observe(inv, rec)
		return a
	}
	a, rec := h.begin(inv)
	a.Unsure = h.unsure(rec.Refused)
	if a.Job == nil {
		h.observe(inv, rec)
	} else {
		h.Limiter.Refund(receipt)
	}
	return a
}

func (h *Handler) begin(inv Invocation) (Answer, Record) {
	switch {
	case inv.Refused != "":
		return refuse(KindStranger, inv.Refused)
	case inv.Home:
		return private(h.home(inv)), Record{Kind: KindHome}
	case inv.Press != nil:
		return h.pressed(inv)
	case inv.Form != nil:
		return h.submitted(inv)
	case inv.About != nil:
		return h.about(inv)
	}
	if inv.Traits.OpensTests && strings.TrimSpace(inv.Text) == "" && len(inv.Options) == 0 {
		return h.testForm(inv)
	}
	c, err := h.parse(inv)
	if err != nil {
		return h.unread(inv, err)
	}
	rec := Record{Kind: Kind(c.Verb)}
	switch c.Verb {
	case command.VerbHelp:
		return private(h.help(inv, c.Topic)), rec
	case command.VerbExplain:
		return h.explain(inv, c)
	case command.VerbLogin:
		if c.Profile == "" {
			return h.form(inv, c)
		}
	}
	if c.Profile != "" {
		return h.profiled(inv, c, nil)
	}
	return h.test(inv, asked{command: c})
}

// help is a topic, with the profiles that this person may use where it is
// about logins.
func (h *Handler) help(inv Invocation, topic string) formatting.Message {
	d := h.Speaks(inv.Place.Platform)
	d.NoProfiles = len(h.profileNames(inv)) == 0
	m := command.HelpAbout(topic, d, command.Here{
		Limits: h.Limiter.Limits().Facts(!d.NoForm || !d.NoProfiles, h.Envelope), Ports: h.ports(),
		Vantages: h.vantageFacts(),
	})
	if topic != "login" {
		return m
	}
	if f := h.profileFacts(inv); len(f.Rows) > 0 {
		m.Sections = append(m.Sections, f)
	}
	return m
}

// profileFacts are the profiles that this person may use, and how.
func (h *Handler) profileFacts(inv Invocation) formatting.Facts {
	d := h.Speaks(inv.Place.Platform)
	f := formatting.Facts{Title: formatting.Say(formatting.NoteProfiles).What}
	for _, name := range h.profileNames(inv) {
		f.Rows = append(f.Rows, formatting.Fact{Name: name, Value: d.Write("HOST:PORT --profile " + name)})
	}
	return f
}

// maxOwnTests is how many of a person's tests the bot's own page lists.
const maxOwnTests = 10

// home is the bot's own page: what it can do, what this person has tested
// lately, and the profiles that this person may use.
func (h *Handler) home(inv Invocation) formatting.Message {
	recent := formatting.Facts{Title: formatting.Say(formatting.NoteRecent).What}
	for _, r := range h.Store.Recent(inv.Place, inv.Person.ID, maxOwnTests) {
		recent.Rows = append(recent.Rows, formatting.Fact{
			Name:  asked{command: r.Command}.about(),
			Value: verdictOf(r) + ", " + formatting.Wait(time.Since(r.Ended)) + " ago",
		})
	}
	if len(recent.Rows) == 0 {
		recent.Rows = []formatting.Fact{{Name: formatting.Say(formatting.NoteNoneRecent).What}}
	}
	m := h.help(inv, "")
	m.Sections = append([]formatting.Section{recent}, m.Sections...)
	if profiles := h.profileFacts(inv); len(profiles.Rows) > 0 {
		m.Sections = append(m.Sections, profiles)
	}
	return m
}

// verdictOf is the verdict of whatever was tested.
func verdictOf(r results.Result) string {
	switch where := r.Place.Platform; {
	case r.Domain != nil:
		return formatting.DomainWords(*r.Domain)
	case r.Deep != nil:
		return deepscan.Words(*r.Deep)
	case r.Places != nil:
		return formatting.Places(*r.Places, where).Verdict
	case len(r.Tests) > 0:
		m, _ := wordSeveral(r.Command, outcome{tests: r.Tests, stop: r.Stop}, where)
		return m.Verdict
	}
	return formatting.VerdictWords(r.Judged)
}

func (h *Handler) profileNames(inv Invocation) []string {
	if h.Profiles == nil {
		return nil
	}
	return h.Profiles.Names(inv.who())
}

// profiled tests a login with a profile. Whether there is a profile that this
// person may not use is not said.
func (h *Handler) profiled(inv Invocation, c command.Command, before *results.Result) (Answer, Record) {
	var p Profile
	found := false
	if h.Profiles != nil {
		p, found = h.Profiles.Find(c.Profile, inv.who())
	}
	switch target := c.Request.Target; {
	case !found:
		return refuse(KindLogin, formatting.ProfileUnknown)
	case !p.Covers(target):
		return refuse(KindLogin, formatting.ProfileTarget, targetValue(target.String()))
	case c.Request.Security == probe.SecurityNone:
		return refuse(KindLogin, formatting.RefusedLoginClear)
	}
	return h.test(inv, asked{command: c, profile: p, before: before})
}

// Speaks is the grammar of a platform's commands, as it is switched on here.
func (h *Handler) Speaks(p formatting.Platform) command.Dialect {
	d := h.Dialect
	d.Platform, d.NoEgress, d.NoDomain, d.Hosts = p, h.Egress == nil, h.Domains == nil, h.Hosts
	d.NoWatch, d.NoDeep, d.Vantages = h.Watches == nil, h.Scans == nil, h.vantages()
	d.NoEnvelope, d.NoForm, d.NoProfiles, d.LoginHosts = !h.Envelope, h.Logins.off(p), h.Profiles == nil, h.Logins.Hosts
	return d
}

func (h *Handler) parse(inv Invocation) (c command.Command, err error) {
	d := h.Speaks(inv.Place.Platform)
	if len(inv.Options) > 0 {
		c, err = command.ParseOptions(inv.Text, inv.Options, d)
	} else {
		c, err = command.Parse(inv.Text, d)
	}
	return c, err
}

// unread says why a command could not be read. A secret that others can read
// is said to need deleting, too.
func (h *Handler) unread(inv Invocation, err error) (Answer, Record) {
	usage, ok := errors.AsType[*command.UsageError](err)
	if !ok {
		return refuse("", formatting.FaultInternal, formatting.Value{Name: "reference", Text: "usage"})
	}
	m := formatting.RefusalOf(usage.ID, usage.Words())
	if usage.ID == formatting.UsageNothingToExplain && inv.Traits.OpensTexts {
		return h.textForm(inv)
	}
	said := map[formatting.TextID]formatting.TextID{
		formatting.UsageSecret: formatting.SecretInChannel, formatting.UsageExtraWord: formatting.SecretPerhaps,
	}[usage.ID]
	if said != "" && inv.Overheard && usage.Suggestion == "" {
		words := formatting.Say(said)
		m.Notes = append(m.Notes, words.What, words.Try)
	}
	m.Actions = choose(usage.Targets)
	return private(m), Record{Kind: KindUsage, Refused: usage.ID}
}

// choose lets a person say which of several servers was meant.
func choose(targets []string) []formatting.Action {
	if len(targets) == 0 {
		return nil
	}
	a := formatting.Action{Verb: pressTarget, Run: "any", Label: formatting.Say(formatting.LabelChoose).What}
	for _, t := range targets {
		a.Choices = append(a.Choices, formatting.Choice{Value: t, Label: t})
	}
	return []formatting.Action{a}
}

func private(m formatting.Message) Answer { return Answer{Message: m, Private: true} }

// refuse is an answer that says why something is not done.
func refuse(kind Kind, id formatting.TextID, values ...formatting.Value) (Answer, Record) {
	return private(formatting.Refusal(id, values...)), Record{Kind: kind, Refused: id}
}

func (h *Handler) observe(inv Invocation, rec Record) {
	if h.Observe == nil {
		return
	}
	rec.Platform, rec.Submitted, rec.Elapsed = inv.Place.Platform, inv.Form != nil, time.Since(inv.Began)
	h.Observe(rec)
}
