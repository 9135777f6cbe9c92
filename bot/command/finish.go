package command

import (
	"cmp"

	"smtptest/formatting"
	"smtptest/probe"
)

// DefaultPort is taken when no port is named: message submission (RFC 6409
// §3.1).
const DefaultPort = 587

// finish compares target and options with each other and fills in what was
// not said.
func (p *parser) finish() *UsageError {
	for _, name := range []string{"selector", "trust-anchors", "block-list"} {
		if p.given[name] {
			return &UsageError{ID: formatting.UsageOnlyDomain, Option: "--" + name}
		}
	}
	if p.target == nil {
		return &UsageError{ID: formatting.UsageNoTarget}
	}
	if err := p.settlePort(); err != nil {
		return err
	}
	if err := p.settleSecurity(); err != nil {
		return err
	}
	if err := p.checkEnforced(); err != nil {
		return err
	}
	if err := p.checkDeep(); err != nil {
		return err
	}
	p.command.Request.Target.Host = p.target.host
	p.command.Typed = p.target.shown
	if err := p.checkLogin(); err != nil {
		return err
	}
	if err := p.checkForm(); err != nil {
		return err
	}
	if err := p.checkRepeat(); err != nil {
		return err
	}
	if err := p.checkVantage(); err != nil {
		return err
	}
	if err := p.checkExpect(); err != nil {
		return err
	}
	if err := p.checkWatch(); err != nil {
		return err
	}
	return p.checkAddresses()
}

// checkLogin wants a user for what belongs to a login.
func (p *parser) checkLogin() *UsageError {
	if p.command.User != "" {
		return nil
	}
	for _, name := range []string{"password-file", "token-file", "mechanism"} {
		if p.given[name] {
			return &UsageError{ID: formatting.UsageLoginAlone, Option: "--" + name}
		}
	}
	return nil
}

// checkForm wants one form of the answer.
func (p *parser) checkForm() *UsageError {
	first := ""
	for _, name := range []string{"json", "ticket", "brief", "as"} {
		switch {
		case !p.given[name]:
		case first == "":
			first = name
		default:
			return &UsageError{ID: formatting.UsageTwoForms, Option: "--" + first, Want: "--" + name}
		}
	}
	return nil
}

// checkExpect wants a list for the file, and an answer that has room for it.
func (p *parser) checkExpect() *UsageError {
	switch {
	case p.given["junit"] && !p.given["expect"]:
		return &UsageError{ID: formatting.UsageExpectAlone, Option: "--junit"}
	case p.given["expect"] && p.given["ticket"]:
		return &UsageError{ID: formatting.UsageTwoForms, Option: "--expect", Want: "--ticket"}
	case p.given["expect"] && p.given["as"]:
		return &UsageError{ID: formatting.UsageTwoForms, Option: "--expect", Want: "--as"}
	}
	return nil
}

func (p *parser) settlePort() *UsageError {
	named, t := p.target.port, &p.command.Request.Target
	switch {
	case named != 0 && p.port != 0 && named != p.port:
		return &UsageError{ID: formatting.UsagePortTwice}
	case named != 0:
		t.Port, p.command.PortGiven = named, true
	case p.port != 0:
		t.Port, p.command.PortGiven = p.port, true
	default:
		t.Port = settledPort(*p.target)
	}
	return nil
}

// settledPort is the port of a target, or the one that is meant where it has
// none.
func settledPort(t target) uint16 {
	return cmp.Or(t.port, t.scheme.port, DefaultPort)
}

// settleSecurity lets the scheme say what --tls did not.
func (p *parser) settleSecurity() *UsageError {
	asked, implied := &p.command.Request.Security, p.target.scheme.security
	if *asked == "" || *asked == probe.SecurityAuto {
		*asked = probe.SecurityAuto
		if implied != "" {
			*asked = implied
		}
		return nil
	}
	if implied != "" && implied != *asked {
		return &UsageError{ID: formatting.UsageSchemeTLS, Option: "--tls"}
	}
	return nil
}

// checkEnforced wants a session in which there can be a STARTTLS.
func (p *parser) checkEnforced() *UsageError {
	const implicit = 465 // RFC 8314 §7.3
	r := p.command.Request
	switch {
	case !r.Enforced, r.Security == probe.SecuritySTARTTLS, r.Security == probe.SecurityAuto && r.Target.Port != implicit:
		return nil
	}
	return &UsageError{ID: formatting.UsageEnforced, Option: "--enforced"}
}

// checkAddresses names contradictions between the target, --at and --ip.
func (p *parser) checkAddresses() *UsageError {
	r := &p.command.Request
	literal, isAddress := r.Target.Address()
	switch {
	case p.command.Verb == VerbLogin && r.At.IsValid():
		return &UsageError{ID: formatting.UsageAtLogin, Option: "--at"}
	case isAddress && r.At.IsValid() && r.At != literal:
		return &UsageError{ID: formatting.UsageAtTarget, Option: "--at"}
	case isAddress && !r.Family.Allows(literal):
		return &UsageError{ID: formatting.UsageFamilyTarget, Option: "--ip"}
	case r.At.IsValid() && !r.Family.Allows(r.At):
		return &UsageError{ID: formatting.UsageFamilyAt, Option: "--ip"}
	}
	return nil
}
