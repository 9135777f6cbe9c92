package main

import (
	"context"
	"fmt"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/probe"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
	"smtptest/probe/resolve"
)

// examiner examines domains from this machine, as the command asks.
func examiner(c command.Command, local *probe.Local) (*domain.Examiner, error) {
	e := &domain.Examiner{Sessions: local, Policy: local.Policy, Roots: local.Roots, Reach: local.Reach,
		BlockLists: c.BlockLists}
	if c.DNS.IsValid() {
		e.DNS = resolve.At(c.DNS)
	}
	if c.Anchors == "" {
		return e, nil
	}
	anchors, err := dnssec.ReadAnchors(c.Anchors)
	if err != nil {
		return nil, anchorError(err.Error())
	}
	e.Anchors = anchors
	return e, nil
}

// anchorError says in a sentence what is wrong with the file of --trust-anchors.
type anchorError string

// Error implements error.
func (e anchorError) Error() string {
	return "The file behind --trust-anchors cannot be used: " + string(e) + "."
}

// examined shows what was found out about a domain: 1 where some sender does
// not deliver, 2 where nothing can be said.
func examined(ctx context.Context, t *terminal, local *probe.Local, c command.Command) int {
	e, err := examiner(c, local)
	if err != nil {
		return usage(t, err)
	}
	progress := &progressLine{terminal: t, quiet: c.JSON}
	show := func(e domain.Event) { progress.show(formatting.DomainProgress(e)) }
	report, err := e.Examine(ctx, c.Domain, domain.Hooks{Event: show})
	progress.clear()
	if err != nil {
		fmt.Fprintln(t.err, "Something went wrong in this program, not in the domain:", err)
		return exitSoftware
	}
	judged := delivery.Judge(&report)
	if c.JSON {
		return t.document(deliveryCode(judged.Verdict))(jsonreport.EncodeDomain(judged))
	}
	t.message(formatting.Domain(judged), false)
	return deliveryCode(judged.Verdict)
}

func deliveryCode(v delivery.Verdict) int {
	switch v {
	case delivery.All, delivery.Warnings, delivery.TakesNoMail:
		return exitWorking
	case delivery.Some, delivery.NoSender:
		return exitFailed
	case delivery.NotTested:
		return exitNotTested
	}
	return exitInconclusive
}
