package probetest

import (
	"embed"
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
	"smtptest/probe/smtp"
)

//go:embed cases/*.txtar
var files embed.FS

// Case is one fault, or one healthy server, written as a conversation, with
// what each package must make of it. Its file is a txtar archive:
// the comment tells the story, and the sections are
//
//	request     key: value lines; see setRequest
//	network     DNS: and DIAL: lines; see ParseNetwork. Optional
//	dialogue    the Script of every connection
//	dialogue 2  the Script of the second connection, if it differs; and so on
//	port 465    the Script of every connection to another port
//	report      what probe must report, as Digest writes it
//	findings    the verdict, then the finding ids in order
type Case struct {
	Name      string // file name without extension: the name in the sandbox
	About     string // the story
	Request   probe.Request
	Network   string // text of the network section
	Dialogues []Script
	Ports     map[string]Script // of other ports than the target's
	Report    string
	Findings  string
	Cancel    time.Duration // when the person stops the test; 0: never

	archive *txtar.Archive
}

// Cases are all embedded cases, by name.
func Cases() ([]*Case, error) {
	names, err := fs.Glob(files, "cases/*.txtar")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	cases := make([]*Case, 0, len(names))
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		c, err := ParseCase(strings.TrimSuffix(path.Base(name), ".txtar"), text)
		if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// ParseCase reads a case's file. The error names case and section.
func ParseCase(name string, text []byte) (*Case, error) {
	c := &Case{Name: name, Ports: map[string]Script{}, archive: txtar.Parse(text)}
	c.About = strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(string(c.archive.Comment), "# "), "\n# ", "\n"))
	for _, f := range c.archive.Files {
		if err := c.section(f.Name, string(f.Data)); err != nil {
			return nil, fmt.Errorf("case %s: %s: %w", name, f.Name, err)
		}
	}
	if c.Request.Target.Host == "" {
		return nil, fmt.Errorf("case %s: no target", name)
	}
	return c, nil
}

func (c *Case) section(name, text string) error {
	var err error
	switch {
	case name == "request":
		err = c.setRequest(text)
	case name == "network":
		c.Network = text
		_, err = ParseNetwork(text)
	case strings.HasPrefix(name, "port "):
		c.Ports[strings.TrimPrefix(name, "port ")], err = ParseScript(text)
	case strings.HasPrefix(name, "dialogue"):
		var script Script
		script, err = ParseScript(text)
		c.Dialogues = append(c.Dialogues, script)
	case name == "report":
		c.Report = text
	case name == "findings":
		c.Findings = text
	default:
		err = fmt.Errorf("unknown section")
	}
	return err
}

// Dialogue is the script of the nth connection, counted from 0. The last one
// serves all further connections.
func (c *Case) Dialogue(n int) Script {
	if len(c.Dialogues) == 0 {
		return nil
	}
	return c.Dialogues[min(n, len(c.Dialogues)-1)]
}

// DialogueOn is the script of a port. ok is false for a port of which the
// story says nothing.
func (c *Case) DialogueOn(port uint16) (script Script, ok bool) {
	if port == c.Request.Target.Port {
		return c.Dialogue(0), true
	}
	script, ok = c.Ports[strconv.Itoa(int(port))]
	return script, ok
}

// With is the case's file with one section replaced or added.
func (c *Case) With(section, text string) []byte {
	a := &txtar.Archive{Comment: c.archive.Comment, Files: slices.Clone(c.archive.Files)}
	i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == section })
	if i < 0 {
		a.Files = append(a.Files, txtar.File{Name: section})
		i = len(a.Files) - 1
	}
	a.Files[i].Data = []byte(text)
	return txtar.Format(a)
}

// setRequest reads the keys target (first), tls, from, to, enforced, ehlo,
// login, password, token, mechanism, ip, at, timeout and cancel.
func (c *Case) setRequest(text string) error {
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		if err := c.setKey(key, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func (c *Case) setKey(key, value string) (err error) {
	r := &c.Request
	switch key {
	case "target":
		return c.setTarget(value)
	case "tls":
		r.Security = probe.Security(value)
	case "from":
		err = c.setMailbox(value, func(m smtp.Mailbox) { c.envelope().From = m })
	case "to":
		err = c.setMailbox(value, func(m smtp.Mailbox) { c.envelope().To = &m })
	case "enforced":
		r.Enforced, err = strconv.ParseBool(value)
	case "ehlo":
		r.EHLOName = value
	case "login", "password", "token", "mechanism":
		c.setLogin(key, value)
	case "ip":
		var n int
		n, err = strconv.Atoi(value)
		r.Family = probe.Family(n)
	case "at":
		r.At, err = netip.ParseAddr(value)
	case "timeout":
		r.Timeout, err = time.ParseDuration(value)
	case "cancel":
		c.Cancel, err = time.ParseDuration(value)
	default:
		err = fmt.Errorf("unknown key")
	}
	return err
}

func (c *Case) setTarget(value string) error {
	i := strings.LastIndex(value, ":")
	port, err := strconv.ParseUint(value[i+1:], 10, 16)
	if i < 0 || err != nil {
		return fmt.Errorf("%q is not host:port", value)
	}
	c.Request.Target = probe.Target{Host: strings.Trim(value[:i], "[]"), Port: uint16(port)}
	return nil
}

func (c *Case) setMailbox(value string, set func(smtp.Mailbox)) error {
	if value == "<>" {
		set(smtp.Mailbox{})
		return nil
	}
	m, err := smtp.ParseMailbox(value)
	set(m)
	return err
}

func (c *Case) setLogin(key, value string) {
	if c.Request.Login == nil {
		c.Request.Login = &probe.Login{Credential: sasl.Credential{Host: c.Request.Target.Host, Port: c.Request.Target.Port}}
	}
	l := c.Request.Login
	switch key {
	case "login":
		l.Credential.User = value
	case "password":
		l.Credential.Password = secret.New(value)
	case "token":
		l.Credential.Token = secret.New(value)
	case "mechanism":
		l.Mechanism = value
	}
}

func (c *Case) envelope() *probe.Envelope {
	if c.Request.Envelope == nil {
		c.Request.Envelope = &probe.Envelope{}
	}
	return c.Request.Envelope
}
