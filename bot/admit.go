package bot

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/guard"
)

// asked is a test that somebody wants.
type asked struct {
	command command.Command
	login   *probe.Login     // nil: none, or that of a profile
	profile Profile          // its login is read when the test begins; nil: none
	before  *results.Result  // the test that this one repeats; nil: none
	changed formatting.Value // unused name: the same request; "change": in what it differs from before
}

// logsIn reports that a login is part of the test.
func (a asked) logsIn() bool { return a.login != nil || a.profile != nil }

// egress reports that this network is tested, and no server.
func (a asked) egress() bool { return a.command.Verb == command.VerbEgress }

// egressTarget is what an egress test counts for in a server's place. No host
// has this name.
const egressTarget = "this network"

// user is who logs in; empty: nobody does.
func (a asked) user() string {
	switch {
	case a.login != nil:
		return a.login.Credential.User
	case a.profile != nil:
		return a.profile.User()
	}
	return ""
}

// test admits a test, or says why not.
func (h *Handler) test(inv Invocation, a asked) (Answer, Record) {
	c, kind := a.command, Kind(a.command.Verb)
	if id, values, ok := h.admit(c); !ok {
		return refuse(kind, id, values...)
	}
	if a.deep() {
		if before, rec, found := h.scannedBefore(inv, c); found {
			return before, rec
		}
		kind = KindDeep
	}
	j := h.newJob(inv, a)
	other, runs := h.Store.Running(j.running.Key)
	if runs && other.Dialled { // one that has not may still be denied
		return joined(c, other)
	}
	testing := j.testing()
	who := results.PersonKey(inv.Place, inv.Person.ID)
	place, full := h.Limiter.Enter(who)
	if full != "" {
		return refuseFull(kind, full, h.Limiter.Limits())
	}
	receipt, over := h.Limiter.Take(claims(inv, a)...)
	if over != nil {
		h.Limiter.Leave(place)
		return refuseOver(kind, over, cmp.Or(c.Request.Target, probe.Target{Host: c.Domain.Domain}))
	}
	j.place, j.receipt, j.counted = place, receipt, receipt.Logins()
	h.Store.Start(j.running)
	h.Store.Start(j.itself())
	return Answer{Message: testing, Private: j.result.Private, Job: j}, Record{}
}

// slotWait is the wait that a refusal names when all places are taken: tests of
// healthy servers take about a second.
const slotWait = 5 * time.Second

// refuseFull says whose places are all taken.
func refuseFull(kind Kind, full results.Scope, l results.Limits) (Answer, Record) {
	id, limit := formatting.LimitBusy, l.AtOnce
	if full == results.PersonAtOnce {
		id, limit = formatting.LimitPersonBusy, l.PersonAtOnce
	}
	return refuse(kind, id, formatting.Value{Name: "limit", Text: strconv.Itoa(limit)},
		formatting.Value{Name: "wait", Text: formatting.Wait(slotWait)})
}

// joined leads a second person to the test that runs.
func joined(c command.Command, other results.Running) (Answer, Record) {
	a, rec := refuse(Kind(c.Verb), formatting.RunJoined, targetValue(asked{command: c}.about()))
	if other.Link != "" {
		a.Message.Links = []formatting.Link{{Label: formatting.Say(formatting.LabelRunning).What, URL: other.Link}}
	}
	return a, rec
}

// admit asks what needs no lookup: the port, an address that was typed, what
// the operator has switched off.
func (h *Handler) admit(c command.Command) (formatting.TextID, []formatting.Value, bool) {
	r := c.Request
	if id, values, ok := h.away(c, c.Verb == command.VerbLogin || c.Profile != ""); !ok {
		return id, values, false
	}
	if c.Verb == command.VerbEgress || c.Verb == command.VerbDomain { // the guard of whoever looks them up sees the hosts
		return "", nil, true
	}
	if id, values, ok := h.admitTarget(r, asked{command: c}.elsewhere() == ""); !ok {
		return id, values, false
	}
	if c.Verb == command.VerbCompare {
		return h.admitTarget(c.Other, true)
	}
	if (r.Envelope != nil || r.Enforced) && !h.Envelope {
		return formatting.RefusedEnvelope, nil, false
	}
	return "", nil, true
}

// admitTarget asks for one server. Which addresses may be dialled at another place
// is the business of its agent.
func (h *Handler) admitTarget(r probe.Request, here bool) (formatting.TextID, []formatting.Value, bool) {
	if h.Policy.CheckPort(r.Target.Port) != nil {
		return formatting.RefusedPort, []formatting.Value{
			{Name: "port", Text: strconv.Itoa(int(r.Target.Port))}, {Name: "ports", Text: h.ports()},
		}, false
	}
	for _, a := range typedAddresses(r) {
		if here && h.Policy.Check(netip.AddrPortFrom(a, r.Target.Port)) != nil {
			return formatting.RefusedAddress, nil, false
		}
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

// claims are all limits that a test counts for before it begins. A login is
// counted for all that is known of where it goes, so that neither another name
// nor another spelling gives more tries.
func claims(inv Invocation, a asked) []results.Claim {
	r, who := a.command.Request, results.PersonKey(inv.Place, inv.Person.ID)
	all := []results.Claim{
		{Scope: results.PerPerson, Key: who},
		{Scope: results.PerChannel, Key: results.ChannelKey(inv.Place)},
		{Scope: results.PerTarget, Key: cmp.Or(strings.ToLower(r.Target.Host), strings.ToLower(a.about()))},
	}
	if other := a.command.Other.Target.Host; other != "" && !strings.EqualFold(other, r.Target.Host) {
		all = append(all, results.Claim{Scope: results.PerTarget, Key: strings.ToLower(other)})
	}
	if r.Envelope != nil && r.Envelope.To != nil {
		all = append(all, results.Claim{Scope: results.PerRecipients, Key: who})
	}
	if a.logsIn() {
		host := strings.ToLower(strings.TrimSuffix(r.Target.Host, "."))
		all = append(all,
			results.Claim{Scope: results.PerLoginAccount, Key: results.AccountKey(host, a.user())},
			results.Claim{Scope: results.PerLoginHost, Key: host},
			results.Claim{Scope: results.PerLoginProvider, Key: results.ProviderKey(host)},
			results.Claim{Scope: results.PerLoginPerson, Key: who})
	}
	return all
}

// overTexts say which limit was reached.
var overTexts = map[results.Scope]formatting.TextID{
	results.PerPerson:        formatting.LimitPerson,
	results.PerChannel:       formatting.LimitChannel,
	results.PerTarget:        formatting.LimitTarget,
	results.PerAddress:       formatting.LimitTarget,
	results.PerLoginTarget:   formatting.LimitLoginTarget,
	results.PerLoginHost:     formatting.LimitLoginTarget,
	results.PerLoginProvider: formatting.LimitLoginProvider,
	results.PerLoginAccount:  formatting.LimitLoginAccount,
	results.PerLoginPerson:   formatting.LimitLoginPerson,
	results.PerComparison:    formatting.LimitRepeat,
	results.PerRecipients:    formatting.LimitRecipients,
	results.PerAnswer:        formatting.LimitAnswers,
	results.PerDeep:          formatting.LimitDeep,
}

// refuseOver names the limit that was reached, and when to try again.
func refuseOver(kind Kind, over *results.Refusal, t probe.Target) (Answer, Record) {
	return refuse(kind, overTexts[over.Claim.Scope], targetValue(cmp.Or(t.Host, egressTarget)),
		formatting.Value{Name: "limit", Text: strconv.Itoa(over.Rate.Most)},
		formatting.Value{Name: "window", Text: formatting.Window(over.Rate.Per)},
		formatting.Value{Name: "wait", Text: formatting.Wait(over.Wait)})
}

func targetValue(text string) formatting.Value { return formatting.Value{Name: "target", Text: text} }
