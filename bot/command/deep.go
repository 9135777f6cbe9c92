package command

import (
	"slices"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/tlsscan"
)

// deepOptions are those that mean something for a scan of TLS. It ends each
// session during the handshake: nothing is sent behind it, and no certificate is
// verified.
var deepOptions = []string{"deep", "tls", "ehlo", "ip", "at", "timeout", "private", "json", "as", "dns"}

// checkDeep wants a scan by itself.
func (p *parser) checkDeep() *UsageError {
	switch {
	case !p.command.Deep:
		return nil
	case p.dialect.NoDeep:
		return &UsageError{ID: formatting.UsageOptionElsewhere, Option: "--deep"}
	case p.command.Verb == VerbLogin:
		return &UsageError{ID: formatting.UsageDeepLogin, Option: "--deep"}
	case p.command.Vantage != "": // a scan is made from here
		return &UsageError{ID: formatting.UsageOptionDeep, Option: "--" + optionVantage}
	case p.command.Request.Security == probe.SecurityNone:
		return &UsageError{ID: formatting.UsageOptionDeep, Option: "--tls none"}
	case p.command.Request.Timeout > tlsscan.MaxTime:
		reason := "may be at most " + short(tlsscan.MaxTime) + " with --deep"
		return &UsageError{ID: formatting.UsageTimeRange, Option: "--timeout", Reason: reason}
	}
	for _, o := range options {
		if p.given[o.name] && !slices.Contains(deepOptions, o.name) {
			return &UsageError{ID: formatting.UsageOptionDeep, Option: "--" + o.name}
		}
	}
	return nil
}
