package main

import (
	"context"
	"errors"
	"fmt"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/guard"
	"smtptest/probe/provider"
)

// network is the prober of the real network. A person at a terminal may
// connect wherever this machine may, so the guard is open.
func network(c bot.Command) (*probe.Local, error) {
	local := &probe.Local{Policy: guard.Policy{Open: true}}
	if c.CAFile == "" {
		return local, nil
	}
	roots, err := probe.ReadRoots(c.CAFile)
	if err != nil {
		return nil, caError(err.Error())
	}
	local.Roots = roots
	return local, nil
}

// caError says in sentences for people what is wrong with the file of --ca.
type caError string

// Error implements error.
func (e caError) Error() string { return "The file behind --ca " + string(e) + "." }

// probeAndShow runs one test and shows its answer.
func probeAndShow(ctx context.Context, t *terminal, prober probe.Prober, c bot.Command) int {
	login, err := t.login(ctx, c)
	switch {
	case errors.Is(err, errStopped):
		fmt.Fprintln(t.err, err)
		return exitInconclusive
	case err != nil:
		return usage(t, err)
	}
	if login != nil {
		c.Request.Login = login
	}
	t.foresay(c)
	show := newShow(t, c.JSON || c.Ticket || c.As != "")
	report, err := prober.Probe(ctx, c.Request, show.watch)
	show.done()
	if err != nil {
		fmt.Fprintln(t.err, "Something went wrong in this program, not on the mail server:", err)
		return exitSoftware
	}
	d := diagnosis.Of(&report)
	switch {
	case c.JSON:
		return showJSON(t, report, d)
	case c.Ticket:
		fmt.Fprint(t.out, reproduce.Ticket(&report, d))
		return exitCode(d.Verdict)
	}
	m := formatting.Result(&report, d)
	if as, ok := payloadsOf(c.As); ok {
		m.Notes = foresaid(c)
		fmt.Fprint(t.out, as.Root(m)+as.Thread(m))
		return exitCode(d.Verdict)
	}
	if section, ok := reproduce.Section(&report); ok && !t.inSandbox {
		m.Sections = append(m.Sections, section)
	}
	if !show.verdictShown {
		fmt.Fprint(t.out, plain.Head(m, t.style()))
	}
	fmt.Fprint(t.out, plain.Body(m, t.style()))
	return exitCode(d.Verdict)
}

// foresay tells what can be said before anything is dialled. A chat has it
// beside the verdict.
func (t *terminal) foresay(c bot.Command) {
	if c.JSON || c.As != "" {
		return
	}
	for _, said := range foresaid(c) {
		fmt.Fprintln(t.err, said)
	}
}

// foresaid is how the target was understood, and what is known against it.
func foresaid(c bot.Command) []string {
	var all []string
	if asked := formatting.Asked(c.Typed, c.Request.Target, c.PortGiven); asked != "" {
		all = append(all, asked)
	}
	r := c.Request
	if advice, ok := provider.ModeAdvice(r.Target.Host, r.Target.Port, string(r.Security)); ok {
		all = append(all, "Known beforehand: "+advice)
	}
	return all
}

func showJSON(t *terminal, report probe.Report, d diagnosis.Diagnosis) int {
	out, err := jsonreport.Encode(&report, d)
	if err != nil {
		fmt.Fprintln(t.err, "The report could not be written as JSON:", err)
		return exitSoftware
	}
	t.out.Write(out)
	return exitCode(d.Verdict)
}

func (t *terminal) style() plain.Style {
	return plain.Style{Colour: t.colour, Columns: t.columns}
}
