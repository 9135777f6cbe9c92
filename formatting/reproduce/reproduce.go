// Package reproduce turns a Report into what people carry on with outside of
// this program: the commands of other tools that show the same thing (dig,
// swaks, openssl s_client), and the text of a ticket for the provider of the
// server.
//
// In order: Commands choose the tools for how far each session came, Quote
// writes an argument list for a POSIX shell, Section makes a part of a
// Message of them, Ticket words the record of the test.
//
// Commands contain values of the Request, the EHLO name as it was sent and
// addresses that were dialled: never an octet of a server, never a user name
// or secret. A Ticket quotes the server's replies as they are, printable and
// bounded; it holds no secret, and a user name in part. Of a target that policy
// denies there is neither.
//
// RFC 5321 (the dialogue), RFC 3207 and RFC 8314 (TLS); POSIX.1-2017, Shell
// Command Language §2.2 (quoting).
package reproduce

import (
	"net/netip"

	"smtptest/formatting"
	"smtptest/probe"
)

// Command is one command of another tool.
type Command struct {
	Name  string   // of the tool: "dig", "swaks" or "openssl s_client"
	Argv  []string // the program and its arguments
	Shows string   // what it shows: one clause without a full stop
}

// Here is what commands need to know of the place where they are typed, and no
// Report holds.
type Here struct {
	CAFile string         // what the tools trust instead of the system's certificates; empty: those
	At     netip.AddrPort // where the server is reached in place of the address of the session; zero: there
}

// Line is the command for a POSIX shell.
func (c Command) Line() string { return Quote(c.Argv) }

// mostCommands of one report. A run makes at most three comparisons; what
// goes beyond are addresses that did not answer.
const mostCommands = 6

// Commands are the commands that show what a report shows: first those for
// the session that answers the request, then one for each follow-up, each
// comparison and each address that did not take the connection; at most six.
// Without any session they ask DNS. nil: policy denied the target, or nothing
// was asked of anybody.
func Commands(r *probe.Report, here Here) []Command {
	if denied(r) {
		return nil
	}
	main := r.Main()
	if main == nil {
		return lookup(r)
	}
	all := []Command{swaks(r, main, here)}
	if main.TLS != nil {
		all = append(all, openssl(r, main, here))
	}
	for i := range r.Sessions {
		if s := &r.Sessions[i]; s != main && !here.At.IsValid() {
			all = append(all, other(r, s, here)...)
		}
	}
	return all[:min(len(all), mostCommands)]
}

// address is where a session's server is reached.
func (h Here) address(s *probe.Session) netip.AddrPort {
	if h.At.IsValid() {
		return h.At
	}
	return s.Address
}

// verifies reports a session in which a bad certificate counts as a failure. On
// port 25 most senders deliver all the same (RFC 7435 §3), and so a verdict
// there has a warning.
func verifies(s *probe.Session) bool {
	return s.Address.Port() != 25 && (s.TLS != nil || s.Security == probe.SecurityImplicit)
}

// denied reports that policy forbade the target: then not even whether its
// name exists may be told.
func denied(r *probe.Report) bool {
	f := r.Lookup.Failure
	if s := r.Main(); s != nil {
		f = s.Failure
	}
	return f != nil && f.Kind == probe.KindDenied
}

// other is the command for a session beside the main one, in the tool that
// shows what the session was made for.
func other(r *probe.Report, s *probe.Session, here Here) []Command {
	var c Command
	switch {
	case s.Failure != nil && s.Failure.Kind == probe.KindDenied:
		return nil
	case s.Variant == probe.VariantTLS || s.Variant == probe.VariantLegacy || s.Variant == probe.VariantNoSNI,
		s.Variant == probe.VariantFiniteField:
		if s.TLS == nil {
			return nil
		}
		c = openssl(r, s, here)
	case s.Variant != probe.VariantMain && !s.Source.IsValid():
		return nil
	default:
		c = swaks(r, s, here)
	}
	c.Shows = "An address that was tried before"
	if s.Variant != probe.VariantMain {
		c.Shows = formatting.VariantName(s)
	}
	return []Command{c}
}

// lookup asks DNS for what a mail client and a mail server want to know of a
// name. The trailing dot keeps search domains out (RFC 1034 §3.1).
func lookup(r *probe.Report) []Command {
	if r.Lookup.Name == "" {
		return nil
	}
	name := r.Lookup.Name + "."
	all := []Command{{
		Name: "dig", Argv: []string{"dig", name, "A", name, "AAAA", name, "MX"},
		Shows: "What DNS answers: addresses and mail exchangers of the name",
	}}
	if r.Lookup.Answer == probe.AnswerBogus {
		all = append(all, Command{
			Name: "dig", Argv: []string{"dig", "+cdflag", name, "A"},
			Shows: "The same without DNSSEC validation: an answer here means that validation fails",
		})
	}
	return all
}

// Section is the last part of an answer in a terminal: what each command
// shows as a shell's comment, then the command. Its lines have no side,
// because nobody said them. ok is false when there is no command.
func Section(r *probe.Report, here Here) (section formatting.Code, ok bool) {
	section.Title = "The same with other tools"
	for _, c := range Commands(r, here) {
		section.Lines = append(section.Lines,
			formatting.CodeLine{Text: "# " + c.Shows},
			formatting.CodeLine{Text: c.Line()})
	}
	return section, len(section.Lines) > 0
}
