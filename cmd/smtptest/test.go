package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"smtptest/bot/command"
	"smtptest/bot/console"
	"smtptest/formatting"
	"smtptest/formatting/ci"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// network is the prober of the real network. A person at a terminal may
// connect wherever this machine may, so the guard is open.
func network(c command.Command) (*probe.Local, error) {
	local := &probe.Local{Policy: guard.Policy{Open: true}, Controls: probe.DefaultControls()}
	if c.DNS.IsValid() {
		local.Resolver = resolve.At(c.DNS)
	}
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
func probeAndShow(ctx context.Context, t *terminal, prober probe.Prober, c command.Command) int {
	if c.Repeat > 0 {
		return repeated(ctx, t, prober, c)
	}
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
	diagnosis.NameForm(c.Request.Login)
	if t.annotates(c) {
		fmt.Fprint(t.out, ci.Quiet(t.token))
	}
	t.preflight(c)
	show := newShow(t, c.JSON || c.Ticket || c.Brief || c.As != "")
	report, err := prober.Probe(ctx, c.Request, probe.Hooks{Event: show.watch})
	show.done()
	if err != nil {
		return t.fault(err)
	}
	judged := diagnosis.Judge(&report)
	switch {
	case c.Expect != "":
		return t.showExpected(judged, c, show.verdictShown)
	case c.JSON:
		return showJSON(t, judged)
	}
	t.answer(judged, c, show.verdictShown)
	return exitCode(judged.Verdict)
}

// answer shows what was found in the form that was asked for. begun: the verdict
// is shown already.
func (t *terminal) answer(judged diagnosis.Judged, c command.Command, begun bool) {
	m := formatting.Result(judged, formatting.Terminal)
	if tlsgrade.Explains(judged.Diagnosis) {
		m.Notes = append(m.Notes, formatting.Say(formatting.NoteDeep).What)
	}
	as, payloads := payloadsOf(c.As)
	switch {
	case c.Ticket:
		fmt.Fprint(t.out, reproduce.Ticket(judged, userOf(c)))
		return
	case payloads:
		showAs(t, as, formatting.Result(judged, c.As), c)
		return
	case c.Brief:
		fmt.Fprint(t.out, plain.Brief(m, t.style()))
		return
	}
	if section, ok := t.commands(judged.Report, c); ok {
		m.Sections = append(m.Sections, section)
	}
	if !begun {
		fmt.Fprint(t.out, plain.Head(m, t.style()))
	}
	body := plain.Body(m, t.style())
	fmt.Fprint(t.out, body)
	if t.outIsTerminal && strings.Count(body, "\n") >= t.rows {
		fmt.Fprint(t.out, "\n"+plain.Brief(m, t.style())) // the verdict above has scrolled away
	}
}

// commands are those of other tools that show the same. The servers of the
// sandbox are reached elsewhere, and only as long as its prompt is open.
func (t *terminal) commands(r *probe.Report, c command.Command) (section formatting.Code, ok bool) {
	main := r.Main()
	switch {
	case !t.inSandbox:
		return reproduce.Section(r, reproduce.Here{CAFile: neededRoots(main, c.CAFile)})
	case t.here == nil || main == nil || !main.Source.IsValid():
		return section, false
	}
	return reproduce.Section(r, *t.here)
}

// neededRoots is the file of --ca where the server's certificates lead into it.
// Other tools trust such a file alone, and would call bad what the system's
// certificates verify.
func neededRoots(s *probe.Session, file string) string {
	content, err := os.ReadFile(file)
	if s == nil || s.TLS == nil || err != nil {
		return ""
	}
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			continue
		}
		for _, c := range s.TLS.Chain {
			if strings.Contains(c.Issuer, root.Subject.CommonName) {
				return file
			}
		}
	}
	return ""
}

// userOf is the user name that was logged in with; empty: none.
func userOf(c command.Command) string {
	if c.Request.Login == nil {
		return ""
	}
	return c.Request.Login.Credential.User
}

// preflight prints what can be said before anything is dialled. A chat has it
// beside the verdict.
func (t *terminal) preflight(c command.Command) {
	if c.JSON || c.As != "" {
		return
	}
	asked, known := preflightNotes(c)
	if asked != "" {
		t.complain(asked)
	}
	if known != "" {
		t.complain("Known beforehand: " + known)
	}
}

// preflightNotes is how the target was understood, and what is known against it;
// both may be empty.
func preflightNotes(c command.Command) (asked, known string) {
	return c.Understood(), diagnosis.Foresee(c.Request)
}

// showAs prints what would be posted on a platform.
func showAs(t *terminal, as console.Renderer, m formatting.Message, c command.Command) {
	asked, known := preflightNotes(c)
	m.Notes = slices.DeleteFunc([]string{asked, known}, func(note string) bool { return note == "" })
	fmt.Fprint(t.out, as.Root(m)+as.Thread(m))
}

func showJSON(t *terminal, j diagnosis.Judged) int {
	return t.document(exitCode(j.Verdict))(jsonreport.Encode(j))
}

func (t *terminal) style() plain.Style {
	return plain.Style{Colour: t.colour, Columns: t.columns, Zone: t.zone}
}
