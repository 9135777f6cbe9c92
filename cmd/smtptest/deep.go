package main

import (
	"context"
	"fmt"
	"strings"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/formatting/deepscan"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/tlsscan"
)

// scanRequest is the scan that a command asks for.
func scanRequest(c command.Command) tlsscan.Request {
	r := c.Request
	return tlsscan.Request{
		Target: r.Target, Security: r.Security, Family: r.Family, At: r.At, EHLOName: r.EHLOName, Timeout: r.Timeout,
	}
}

// scanned shows what TLS a server takes: 1 where today's clients get none, 2
// where nothing can be said.
func scanned(ctx context.Context, t *terminal, local *probe.Local, c command.Command) int {
	t.preflight(c)
	progress := &progressLine{terminal: t, quiet: c.JSON || c.As != ""}
	progress.show(deepscan.Testing(c.Request.Target, c.Request.Timeout).Fact)
	report, err := (&tlsscan.Scanner{Local: local}).Scan(ctx, scanRequest(c), tlsscan.Hooks{
		Event: func(e tlsscan.Event) { progress.show(deepscan.Progress(e)) },
	})
	progress.clear()
	if err != nil {
		fmt.Fprintln(t.err, "Something went wrong in this program, not on the mail server:", err)
		return exitSoftware
	}
	judged := tlsgrade.Judge(&report)
	code := exitCode(diagnosis.Verdict{Outcome: judged.Outcome})
	if c.JSON {
		out, err := jsonreport.EncodeDeep(judged)
		if err != nil {
			fmt.Fprintln(t.err, "The report could not be written as JSON:", err)
			return exitSoftware
		}
		fmt.Fprint(t.out, string(out))
		return code
	}
	if as, payloads := payloadsOf(c.As); payloads {
		showAs(t, as, deepscan.Message(judged, c.As), c)
		return code
	}
	m := deepscan.Message(judged, formatting.Terminal)
	fmt.Fprint(t.out, strings.TrimLeft(plain.Head(m, t.style())+plain.Body(m, t.style()), "\n"))
	return code
}

// eitherScan is either, for scans.
type eitherScan struct{ either }

// Scan implements bot.Scans. The servers of the sandbox have one address, and
// are not counted.
func (e eitherScan) Scan(
	ctx context.Context, req tlsscan.Request, hooks tlsscan.Hooks,
) (tlsscan.Report, error) {
	c := e.playground.find(req.Target.Host)
	if c == nil {
		return (&tlsscan.Scanner{Local: e.outside}).Scan(ctx, req, hooks)
	}
	typed := command.Command{Request: probe.Request{
		Target: req.Target, Security: req.Security, Family: req.Family, At: req.At, EHLOName: req.EHLOName,
		Timeout: req.Timeout,
	}, PortGiven: req.Target.Port != command.DefaultPort}
	typed.Request = asked(c.Request, typed)
	local := e.playground.servers.Prober(c.Name).Local
	return (&tlsscan.Scanner{Local: local}).Scan(ctx, scanRequest(typed), tlsscan.Hooks{Event: hooks.Event})
}
