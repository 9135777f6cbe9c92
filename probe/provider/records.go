package provider

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"smtptest/probe/replies"
)

// readProvider makes a provider of the stanzas of its file; the first of
// them names it.
func readProvider(stanzas []*stanza) (Provider, error) {
	var p Provider
	for i, s := range stanzas {
		if (s.kind() == "provider") != (i == 0) {
			return p, fmt.Errorf("%s:%d: a file begins with its provider, and has one", s.file, s.lines[0].number)
		}
		p.take(s)
		if err := s.finish(); err != nil {
			return p, err
		}
	}
	return p, nil
}

// take adds one stanza to the provider.
func (p *Provider) take(s *stanza) {
	switch s.kind() {
	case "provider":
		p.ID, p.Name, p.Mechanisms, p.Record = s.one("provider"), s.one("name"), s.list("mechanisms"), s.origin()
	case "host":
		p.Hosts = append(p.Hosts, readHost(s))
	case "signature":
		p.Signatures = append(p.Signatures, Signature{Words: s.one("signature"),
			Where: Place(s.word("where", places())), Record: s.origin()})
	case "user":
		p.User = User{Literal: s.one("user"), Says: s.one("says"), Record: s.origin()}
	case "credential":
		p.Credentials = append(p.Credentials, readCredential(s))
	case "note":
		p.Notes = append(p.Notes, Note{About: s.one("note"), Says: s.one("says"), Record: s.origin()})
	case "ending":
		p.Endings = append(p.Endings, readEnding(s))
	case "text":
		p.Texts = append(p.Texts, readText(s))
	default:
		s.fail(s.lines[0].number, "%q is not a kind of record", s.kind())
	}
}

// word is a value that is one of a few words.
func (s *stanza) word(key string, known []string) string {
	value := ""
	s.each(key, func(v string) error {
		value = v
		return among(v, known)
	})
	return value
}

func among(v string, known []string) error {
	for _, k := range known {
		if v == k {
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", v, strings.Join(known, ", "))
}

func places() []string {
	return []string{string(PlaceEnd), string(PlaceBracket), string(PlaceAnywhere)}
}

func roles() []string {
	return []string{string(RoleSubmission), string(RoleRelay), string(RoleMX), string(RoleOther)}
}

func modes() []string {
	return []string{string(ModeSTARTTLS), string(ModeImplicit), string(ModeEither), string(ModeNone),
		string(ModeClosed)}
}

func owners() []string {
	var out []string
	for _, o := range replies.Owners() {
		out = append(out, string(o))
	}
	return out
}

func readHost(s *stanza) Host {
	var h Host
	s.each("host", func(v string) error {
		h.Names = append(h.Names, v)
		return nil
	})
	h.Role = Role(s.word("role", roles()))
	if h.Role != RoleOther {
		s.each("port", func(v string) error {
			port, err := readPort(v)
			h.Ports = append(h.Ports, port)
			return err
		})
	}
	h.Record = s.origin()
	return h
}

// readPort reads a port number and its mode.
func readPort(v string) (Port, error) {
	number, mode, _ := strings.Cut(v, " ")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 {
		return Port{}, fmt.Errorf("%q is not a port", number)
	}
	return Port{Number: uint16(n), Mode: Mode(mode)}, among(mode, modes())
}

func readCredential(s *stanza) Credential {
	return Credential{
		Shape:  s.one("credential"),
		As:     Use(s.word("as", []string{string(AsUser), string(AsPassword)})),
		Fits:   s.word("fits", []string{"yes", "no"}) == "yes",
		Says:   s.one("says"),
		Record: s.origin(),
	}
}

func readEnding(s *stanza) Ending {
	e := Ending{About: s.one("ending"), Says: s.one("says"), Fix: s.one("fix"), Record: s.origin()}
	s.each("host", func(v string) error {
		e.Hosts = append(e.Hosts, v)
		return nil
	})
	s.each("on", func(v string) (err error) {
		e.On, err = time.Parse(time.DateOnly, v)
		return err
	})
	return e
}

// id reads the id of what a text means.
func (s *stanza) id() (id replies.ID) {
	s.each("finding", func(v string) error {
		id = replies.ID(v)
		if !replies.Known(id) {
			return fmt.Errorf("%q has no meaning in package replies", v)
		}
		return nil
	})
	return id
}

func readText(s *stanza) Text {
	t := Text{ID: s.id()}
	s.each("text", func(string) error { return nil })
	s.each("when", func(v string) error {
		w, err := readWhen(v)
		t.When = append(t.When, w)
		return err
	})
	t.Means, t.Fix = s.one("means"), s.one("fix")
	t.Owner = replies.Owner(s.word("owner", owners()))
	t.Record = s.origin()
	return t
}
