package bot

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/profile"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/explain"
	"smtptest/probe/guard"
)

// Handler turns what somebody asked into messages: the same on every
// platform. Acknowledging, deferring, threading and posting is an adapter's
// business. Its fields must not change once it is in use.
type Handler struct {
	Prober   probe.Prober
	Policy   guard.Policy // what may be dialled: asked here for what needs no lookup, by the prober for the rest
	Limits   *Limits
	Runs     *Runs
	Observe  func(Record)    // hears of each answer, from many goroutines at once; nil: nobody
	Dialect  command.Dialect // of a chat
	Hosts    []string        // host names without a dot that may be tested where Dialect allows any; empty: all
	Envelope bool            // senders and recipients may be tested
	Logins   Logins
	Profiles *profile.Set // logins that the operator has set up; nil: none
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
// nothing. Whoever gets a Run must call its Do.
func (h *Handler) Begin(inv Invocation) Answer {
	if inv.Began.IsZero() {
		inv.Began = time.Now()
	}
	a, rec := h.begin(inv)
	if a.Run == nil {
		h.observe(inv, rec)
	}
	return a
}

func (h *Handler) begin(inv Invocation) (Answer, Record) {
	switch {
	case inv.Refused != "":
		return refuse("who", inv.Refused)
	case inv.Press != nil:
		return h.pressed(inv)
	case inv.Form != nil:
		return h.submitted(inv)
	}
	c, err := h.parse(inv)
	if err != nil {
		return h.unread(inv, err)
	}
	rec := Record{Kind: string(c.Verb)}
	switch c.Verb {
	case command.VerbHelp:
		return private(h.help(inv, c.Topic)), rec
	case command.VerbExplain:
		return private(formatting.Explanation(explain.Of(c.Topic))), rec
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
	m := command.HelpAbout(topic, h.Dialect, h.Limits.config.Facts())
	if topic != "login" {
		return m
	}
	f := formatting.Facts{Title: formatting.Say(formatting.NoteProfiles).What}
	for _, name := range h.Profiles.Names(inv.who()) {
		f.Rows = append(f.Rows, formatting.Fact{Name: name, Value: "login HOST:PORT --profile " + name})
	}
	if len(f.Rows) > 0 {
		m.Sections = append(m.Sections, f)
	}
	return m
}

// profiled tests a login with a profile. Whether there is a profile that this
// person may not use is not told.
func (h *Handler) profiled(inv Invocation, c command.Command, before *run) (Answer, Record) {
	p, ok := h.Profiles.Find(c.Profile, inv.who())
	switch target := c.Request.Target; {
	case !ok:
		return refuse(string(command.VerbLogin), formatting.ProfileUnknown)
	case !p.Covers(target):
		return refuse(string(command.VerbLogin), formatting.ProfileTarget, formatting.Value{Name: "target", Text: target.String()})
	case c.Request.Security == probe.SecurityNone:
		return refuse(string(command.VerbLogin), formatting.RefusedLoginClear)
	}
	return h.test(inv, asked{command: c, profile: p, before: before})
}

func (h *Handler) parse(inv Invocation) (c command.Command, err error) {
	if len(inv.Options) > 0 {
		c, err = command.ParseOptions(inv.Text, inv.Options, h.Dialect)
	} else {
		c, err = command.Parse(inv.Text, h.Dialect)
	}
	if err == nil && !h.knows(c.Request.Target.Host) {
		return command.Command{}, &command.UsageError{ID: formatting.UsageSingleLabel}
	}
	return c, err
}

// knows reports a host name that is whole, or listed.
func (h *Handler) knows(host string) bool {
	return host == "" || strings.ContainsAny(host, ".:") || len(h.Hosts) == 0 || slices.Contains(h.Hosts, host)
}

// unread says why a command could not be read. A secret that others can read
// is said to be one more thing to mend.
func (h *Handler) unread(inv Invocation, err error) (Answer, Record) {
	usage, ok := errors.AsType[*command.UsageError](err)
	if !ok {
		return refuse("", formatting.FaultInternal, formatting.Value{Name: "reference", Text: "usage"})
	}
	m := formatting.RefusalOf(usage.ID, usage.Words())
	if usage.ID == formatting.UsageSecret && inv.Overheard {
		words := formatting.Say(formatting.SecretInChannel)
		m.Notes = append(m.Notes, words.What, words.Try)
	}
	return private(m), Record{Kind: "usage", Refused: string(usage.ID)}
}

func private(m formatting.Message) Answer { return Answer{Message: m, Private: true} }

// refuse is an answer that says why something is not done.
func refuse(kind string, id formatting.TextID, values ...formatting.Value) (Answer, Record) {
	return private(formatting.Refusal(id, values...)), Record{Kind: kind, Refused: string(id)}
}

// logsIn reports that a login is part of the test.
func (a asked) logsIn() bool { return a.login != nil || a.profile != nil }

// asked is a test that somebody wants.
type asked struct {
	command command.Command
	login   *probe.Login     // nil: none, or that of a profile
	profile *profile.Profile // its login is read when the test begins; nil: none
	before  *run             // the test that this one repeats; nil: none
	changed formatting.Value // unused name: the same request; "change": in what it differs from before
}

// test admits a test, or says why not.
func (h *Handler) test(inv Invocation, a asked) (Answer, Record) {
	c := a.command
	if id, values, ok := h.admit(c); !ok {
		return refuse(string(c.Verb), id, values...)
	}
	r := h.newRun(inv, a)
	if other := h.Runs.runs(r.kept.key); other != nil && other.dials { // one that does not may still be denied
		return joined(c, other)
	}
	testing := r.testing()
	if !h.Limits.enter() {
		return refuse(string(c.Verb), formatting.LimitBusy,
			formatting.Value{Name: "limit", Text: strconv.Itoa(h.Limits.config.AtOnce)}, formatting.Value{Name: "wait", Text: formatting.Wait(slotWait)})
	}
	if over := h.Limits.take(h.claims(inv, a)...); over != nil {
		h.Limits.leave()
		return refuse(string(c.Verb), over.claim.over, over.values(c.Request.Target)...)
	}
	h.Runs.begin(r.kept)
	return Answer{Message: testing, Private: r.kept.private, Run: r}, Record{}
}

// joined leads a second person to the test that runs.
func joined(c command.Command, other *run) (Answer, Record) {
	a, rec := refuse(string(c.Verb), formatting.RunJoined, formatting.Value{Name: "target", Text: c.Request.Target.String()})
	if other.link != "" {
		a.Message.Links = []formatting.Link{{Label: formatting.Say(formatting.LabelRunning).What, URL: other.link}}
	}
	return a, rec
}

// admit asks what needs no lookup: the port, an address that was typed, what
// the operator has switched off.
func (h *Handler) admit(c command.Command) (formatting.TextID, []formatting.Value, bool) {
	r := c.Request
	if h.Policy.CheckPort(r.Target.Port) != nil {
		return formatting.RefusedPort, []formatting.Value{{Name: "port", Text: strconv.Itoa(int(r.Target.Port))}, {Name: "ports", Text: h.ports()}}, false
	}
	for _, a := range typedAddresses(r) {
		if h.Policy.Check(netip.AddrPortFrom(a, r.Target.Port)) != nil {
			return formatting.RefusedAddress, nil, false
		}
	}
	if r.Envelope != nil && !h.Envelope {
		return formatting.RefusedEnvelope, nil, false
	}
	return "", nil, true
}

// typedAddresses are the addresses that a request names itself.
func typedAddresses(r probe.Request) []netip.Addr {
	var all []netip.Addr
	if a, ok := r.Target.Address(); ok {
		all = append(all, a)
	}
	if r.At.IsValid() {
		all = append(all, r.At)
	}
	return all
}

// ports lists the ports that are open, for people.
func (h *Handler) ports() string {
	all := append(guard.DefaultPorts(), h.Policy.Ports...)
	slices.Sort(all)
	var names []string
	for _, p := range slices.Compact(all) {
		names = append(names, strconv.Itoa(int(p)))
	}
	return strings.Join(names, ", ")
}

// claims are all limits that a test counts for before it begins.
func (h *Handler) claims(inv Invocation, a asked) []claim {
	r, who := a.command.Request, personKey(inv)
	all := []claim{
		{perPerson, who, formatting.LimitPerson},
		{perChannel, workspaceKey(inv) + inv.Place.Channel, formatting.LimitChannel},
		{perTarget, strings.ToLower(r.Target.Host), formatting.LimitTarget},
	}
	if r.Envelope != nil && r.Envelope.To != nil {
		all = append(all, claim{perRecipients, who, formatting.LimitRecipients})
	}
	if a.logsIn() {
		all = append(all, h.accountClaim(a))
	}
	return all
}

// personKey names a person of a platform.
func personKey(inv Invocation) string {
	return workspaceKey(inv) + inv.Person.ID
}

func workspaceKey(inv Invocation) string {
	return string(inv.Place.Platform) + "\x00" + inv.Place.Workspace + "\x00"
}

// accountClaim counts a login for its account, whoever tries it.
func (h *Handler) accountClaim(a asked) claim {
	user := ""
	switch {
	case a.login != nil:
		user = a.login.Credential.User
	case a.profile != nil:
		user = a.profile.User()
	}
	return claim{perLoginAccount, accountKey(a.command.Request.Target.Host, user), formatting.LimitLoginAccount}
}

// values are what a refusal says of a limit.
func (o *overLimit) values(t probe.Target) []formatting.Value {
	return []formatting.Value{
		{Name: "target", Text: t.Host}, {Name: "limit", Text: strconv.Itoa(o.rate.Most)},
		{Name: "window", Text: formatting.Window(o.rate.Per)}, {Name: "wait", Text: formatting.Wait(o.wait)},
	}
}

func (h *Handler) observe(inv Invocation, rec Record) {
	if h.Observe == nil {
		return
	}
	rec.Platform, rec.Submitted, rec.Elapsed = inv.Place.Platform, inv.Form != nil, time.Since(inv.Began)
	h.Observe(rec)
}
