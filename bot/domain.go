package bot

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/compared"
	"smtptest/formatting/jsonreport"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/domain"
)

// Domains examines mail domains; *domain.Examiner is one.
type Domains interface {
	Examine(ctx context.Context, req domain.Request, hooks domain.Hooks) (domain.Report, error)
}

// domain reports that a mail domain is examined, and no server in particular.
func (a asked) domain() bool { return a.command.Verb == command.VerbDomain }

// about names what a test is about, where limits and refusals speak of it.
func (a asked) about() string {
	switch {
	case a.domain():
		return a.command.Domain.Domain
	case a.egress():
		return egressTarget
	}
	if a.compares() {
		return compared.Name(a.command.Request) + " and " + compared.Name(a.command.Other)
	}
	return a.command.Request.Target.String()
}

// domainKey is what others who ask the same have in common with this one.
func domainKey(place Place, d domain.Request) string {
	return results.RequestKey(place, probe.Request{Target: probe.Target{Host: "domain " + d.Domain + " " + d.Selector}})
}

// examine runs the examination. Each address is counted once, as for a test of
// one server.
func (j *Job) examine(ctx context.Context) (o outcome) {
	req := j.asked.command.Domain
	if req.Timeout == 0 {
		req.Timeout = domain.DefaultTimeout
	}
	report, err := j.domains().Examine(ctx, req, domain.Hooks{Event: j.examined, Allow: j.allowServer})
	if err != nil {
		return outcome{err: err}
	}
	judged := delivery.Judge(&report)
	return outcome{domain: &judged}
}

// examined keeps the newest event, for what is shown after a while. Once servers
// are asked the domain is past the guard, and others can join.
func (j *Job) examined(e domain.Event) {
	j.mu.Lock()
	j.event = e
	j.mu.Unlock()
	if e.Stage == domain.StageSessions {
		j.dialled()
	}
}

func (j *Job) allowServer(to netip.AddrPort) time.Duration {
	_, over := j.claim(results.Claim{Scope: results.PerAddress, Key: results.AddressKey(to.Addr())})
	if over == nil {
		return 0
	}
	return over.Wait
}

// domainProgress is what is known of a running examination.
func (j *Job) domainProgress() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return formatting.DomainProgress(j.event)
}

// domainEnded is the last message of an examination.
func (j *Job) domainEnded(ctx context.Context, o outcome, rec *Record) Update {
	if o.domain.Verdict == delivery.NotTested {
		rec.Refused = formatting.RefusedTarget
		return Update{StageDenied, formatting.Refusal(formatting.RefusedTarget, targetValue(o.domain.Report.Request.Domain))}
	}
	rec.Outcome = outcomeOf(o.domain.Verdict)
	j.change(func() { j.result.Domain, j.result.Ended = o.domain, time.Now().UTC() })
	m := formatting.Domain(*o.domain)
	m.By, m.Links = j.inv.Person, j.before()
	m.Notes = append(append(m.Notes, j.understood()...), j.notes()...)
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled) {
		stopped := formatting.Say(formatting.FaultStopped)
		m.Notes = append(m.Notes, stopped.What, stopped.Try)
	}
	m.Actions = j.domainActions(o.domain)
	return Update{StageDone, m}
}

// outcomeOf counts a verdict on a domain as one of the outcomes of a test.
func outcomeOf(v delivery.Verdict) diagnosis.Outcome {
	switch v {
	case delivery.All:
		return diagnosis.Working
	case delivery.Warnings, delivery.TakesNoMail:
		return diagnosis.WithWarnings
	case delivery.Some, delivery.NoSender:
		return diagnosis.Failed
	}
	return diagnosis.Inconclusive
}

// exchanges is the result whose target is a mail domain with this server among
// its mail servers: somebody has typed the domain, so that nothing is guessed.
// nil: none is known.
func (j *Job) exchanges(r *probe.Report) *results.Result {
	if len(r.Lookup.MX) > 0 {
		return &j.result
	}
	b := j.asked.before
	if b == nil || b.Judged.Report == nil {
		return nil
	}
	for _, mx := range b.Judged.Report.Lookup.MX {
		if strings.EqualFold(mx.Host, r.Request.Target.Host) {
			return b
		}
	}
	return nil
}

// wholeDomain is the button that examines the domain, where one is known.
func (j *Job) wholeDomain(judged diagnosis.Judged) []formatting.Action {
	r := j.exchanges(judged.Report)
	if r == nil || !j.offersDomain(judged) {
		return nil
	}
	label := formatting.Say(formatting.LabelDomain).What
	return []formatting.Action{{
		Verb: pressDomain, Run: r.ID, Label: label, Accessible: label + ": " + r.Command.Request.Target.Host,
	}}
}

// offersDomain reports that the whole domain is what to look at next.
func (j *Job) offersDomain(judged diagnosis.Judged) bool {
	blocked := func(f diagnosis.Finding) bool { return f.ID == diagnosis.PortBlocked }
	return j.handler.Domains != nil && !j.result.Login && judged.Verdict.Outcome == diagnosis.Failed &&
		!slices.ContainsFunc(judged.Findings, blocked)
}

// mentionsDomain is the next question where a server does not take mail from
// others, and nothing else is known to try.
func (j *Job) mentionsDomain(judged diagnosis.Judged) []string {
	r := judged.Report
	other := diagnosis.Next(judged) != diagnosis.Variation{} || j.exchanges(r) != nil
	if r.Request.Target.Port != 25 || other || !j.offersDomain(judged) {
		return nil
	}
	write := j.handler.Speaks(j.inv.Place.Platform).Write("domain EXAMPLE.COM")
	return []string{formatting.Say(formatting.NoteDomain, formatting.Value{Name: "command", Text: write}).What}
}

// domainOf tests the mail domain that a target turned out to be.
func (h *Handler) domainOf(inv Invocation, r results.Result) (Answer, Record) {
	if r.Judged.Report == nil || len(r.Judged.Report.Lookup.MX) == 0 || h.Domains == nil {
		return refuse(KindPress, formatting.RunGone)
	}
	c := command.Command{Verb: command.VerbDomain, Typed: r.Command.Typed, Private: r.Private}
	c.Domain.Domain = r.Judged.Report.Lookup.Name
	return h.once(inv, func() (Answer, Record) { return h.test(inv, asked{command: c}) })
}

// domainActions are Run again and the evidence of each address.
func (j *Job) domainActions(d *delivery.Judged) []formatting.Action {
	name := d.Report.Request.Domain
	again := formatting.Action{
		Verb: pressAgain, Run: j.result.ID, Request: j.request, Label: formatting.Say(formatting.LabelAgain).What,
	}
	more := formatting.Action{
		Verb: pressMore, Run: j.result.ID, Label: formatting.Say(formatting.LabelMore).What,
	}
	for i, p := range sessionsOf(d.Report) {
		more.Choices = append(more.Choices, formatting.Choice{
			Value: strconv.Itoa(i), Label: formatting.Shorten(p.label(), 75, formatting.Characters),
		})
	}
	asJSON := formatting.Say(formatting.LabelJSON).What
	more.Choices = append(more.Choices, formatting.Choice{Value: choiceJSON, Label: asJSON})
	again.Accessible, more.Accessible = again.Label+": "+name, "More: "+name
	return []formatting.Action{again, more}
}

// served is one address that was asked.
type served struct {
	host    *domain.Host
	address *domain.Address
}

func (s served) label() string {
	return fmt.Sprintf("%s [%s]", s.host.Name, s.address.IP)
}

func sessionsOf(r *domain.Report) (out []served) {
	for i := range r.Hosts {
		for k := range r.Hosts[i].Addresses {
			if a := &r.Hosts[i].Addresses[k]; a.Session() != nil {
				out = append(out, served{&r.Hosts[i], a})
			}
		}
	}
	return out
}

// moreDomain is the conversation with one address, or the whole as JSON.
func moreDomain(inv Invocation, d *delivery.Judged) (Answer, Record) {
	if inv.Press.Choice == choiceJSON {
		encoded, err := jsonreport.EncodeDomain(*d)
		if err != nil {
			return refuse(KindMore, formatting.FaultInternal, formatting.Value{Name: "reference", Text: "json"})
		}
		return private(formatting.Message{Sections: []formatting.Section{formatting.File{
			Name: "smtptest-domain.json", Title: formatting.Say(formatting.LabelJSON).What, Text: string(encoded),
		}}}), Record{Kind: KindMore}
	}
	all := sessionsOf(d.Report)
	i, err := strconv.Atoi(inv.Press.Choice)
	if err != nil || i < 0 || i >= len(all) {
		return refuse(KindMore, formatting.RunGone)
	}
	judged := diagnosis.Judge(all[i].address.Report)
	m := formatting.Verdict(judged, inv.Place.Platform)
	m.Target = all[i].label()
	m.Sections = slices.DeleteFunc(formatting.Sections(judged, inv.Place.Platform), func(s formatting.Section) bool {
		_, findings := s.(formatting.Findings)
		return findings
	})
	return private(m), Record{Kind: KindMore}
}
