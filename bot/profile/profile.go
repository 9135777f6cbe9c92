// Package profile knows the logins that the operator has set up: one file
// each, named by the profile. People in a chat only ever name one; its secret
// is read at each use, so that it can be rotated, and goes to the servers that
// the file lists and nowhere else.
//
// A file has lines of the form KEY: VALUE; empty lines and lines that begin
// with # say nothing. Lists are divided by commas.
//
//	hosts: smtp.example.com:587, smtp.example.com:465
//	user: relay@example.com
//	password-file: /run/secrets/relay     or token-file, or the four below
//	token-url: https://login.example.com/token
//	client-id: 1234
//	client-secret-file: /run/secrets/client
//	scope: https://outlook.example.com/.default
//	mechanism: SCRAM-SHA-256              none: the best that is offered
//	slack: U0123ABC, W0456DEF             who may use it there; * is everybody
//	discord: 112233445566778899           people and roles
//
// It decides who may use which profile where; it never logs in.
package profile

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"smtptest/bot"
	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// Limits of what is read.
const (
	maxProfiles      = 200
	maxFileOctets    = 64 << 10 // of a profile, or of a secret
	maxTargets       = 50
	maxUsersOfaPlace = 1000
)

// Profile is one login that the operator has set up.
type Profile struct {
	Name string

	targets   []probe.Target
	user      string
	mechanism string                           // empty: the best that is offered
	password  string                           // file; empty: none
	token     string                           // file; empty: none
	oauth     *oauth                           // nil: none
	users     map[formatting.Platform][]string // who may use it
	client    *http.Client                     // fetches tokens
}

// oauth is where a token comes from (RFC 6749 §4.4).
type oauth struct {
	url, client, secret, scope string // secret is a file
}

// Set is all profiles, a bot.Profiles. Its zero value has none.
type Set struct{ all []*Profile }

// Problem is one thing that is wrong with a profile, in one line for the
// operator, without the value.
type Problem struct{ Profile, Says string }

// Error implements error.
func (p Problem) Error() string { return "profile " + p.Profile + ": " + p.Says }

// Read reads a folder of profiles. client fetches tokens: it must be limited to
// the same addresses as everything else. What is wrong is said of each file;
// the others can be used.
func Read(folder string, client *http.Client) (*Set, []error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return &Set{}, []error{errors.New("the folder of profiles cannot be read")}
	}
	s := &Set{}
	var problems []error
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || e.IsDir() { // a mounted secret has links such as ..data
			continue
		}
		if len(s.all) == maxProfiles {
			return s, append(problems, fmt.Errorf("there are more than %d profiles; the rest was not read", maxProfiles))
		}
		p, err := readFile(filepath.Join(folder, name), name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		p.client = client
		s.all = append(s.all, p)
	}
	return s, problems
}

func readFile(path, name string) (*Profile, error) {
	if !command.IsProfile(name) {
		return nil, Problem{strconv.Quote(name), "the name of the file is not a profile's name: " +
			"lower-case letters, digits and hyphens, at most 32"}
	}
	text, err := readBounded(path)
	if err != nil {
		return nil, Problem{name, "cannot be read"}
	}
	return parse(name, text)
}

// parse reads the text of a profile.
func parse(name, text string) (*Profile, error) {
	p := &Profile{Name: name, users: map[formatting.Platform][]string{}}
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, found := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !found || value == "" || seen[key] {
			return nil, Problem{name, fmt.Sprintf("line %d is not KEY: VALUE, or repeats a key", i+1)}
		}
		seen[key] = true
		if says := p.set(key, value); says != "" {
			return nil, Problem{name, fmt.Sprintf("line %d: %s", i+1, says)}
		}
	}
	if says := p.complete(); says != "" {
		return nil, Problem{name, says}
	}
	return p, nil
}

// set takes one line, and says what is wrong with it.
func (p *Profile) set(key, value string) string {
	switch key {
	case "hosts":
		return p.setTargets(value)
	case "user":
		p.user = value
	case "password-file":
		p.password = value
	case "token-file":
		p.token = value
	case "mechanism":
		p.mechanism = strings.ToUpper(value)
		_, err := sasl.New(p.mechanism, sasl.Credential{})
		if problem, ok := errors.AsType[*sasl.Error](err); ok && problem.Problem == sasl.ProblemUnknown {
			return "this mechanism is not known"
		}
	case string(formatting.Slack), string(formatting.Discord), string(formatting.Console):
		all := list(value)
		p.users[formatting.Platform(key)] = all
		if len(all) > maxUsersOfaPlace {
			return "too many people are listed"
		}
	case "token-url", "client-id", "client-secret-file", "scope":
		return p.setOAuth(key, value)
	default:
		return "this key is not known"
	}
	return ""
}

func (p *Profile) setOAuth(key, value string) string {
	if p.oauth == nil {
		p.oauth = &oauth{}
	}
	switch key {
	case "token-url":
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			return "the address does not begin with https://, or is none"
		}
		p.oauth.url = value
	case "client-id":
		p.oauth.client = value
	case "client-secret-file":
		p.oauth.secret = value
	case "scope":
		p.oauth.scope = value
	}
	return ""
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

func (p *Profile) setTargets(value string) string {
	for _, word := range list(value) {
		if at, err := netip.ParseAddrPort(word); err == nil && at.Port() != 0 && at.Addr().Zone() == "" {
			p.targets = append(p.targets, probe.Target{Host: at.Addr().String(), Port: at.Port()})
			continue
		}
		host, port, found := strings.Cut(word, ":")
		n, err := strconv.ParseUint(port, 10, 16)
		name, bad := smtp.ParseDomain(host)
		if !found || err != nil || n == 0 || bad != nil {
			return "a host is not written as smtp.example.com:587 or [2001:db8::25]:587"
		}
		p.targets = append(p.targets, probe.Target{Host: name, Port: uint16(n)})
	}
	if len(p.targets) > maxTargets {
		return "too many hosts are listed"
	}
	return ""
}

// complete says what is missing. Without a list of hosts anybody could send
// the secret to a server of their own.
func (p *Profile) complete() string {
	sources := 0
	for _, has := range []bool{p.password != "", p.token != "", p.oauth != nil} {
		if has {
			sources++
		}
	}
	switch o := p.oauth; {
	case len(p.targets) == 0:
		return "hosts is missing: where the secret may go must be said"
	case p.user == "":
		return "user is missing"
	case sources != 1:
		return "exactly one of password-file, token-file and token-url must be there"
	case o != nil && (o.url == "" || o.client == "" || o.secret == ""):
		return "token-url, client-id and client-secret-file belong together"
	case len(p.users) == 0:
		return "nobody may use it: add slack or discord with the ids of people, or *"
	}
	return ""
}

// Find implements bot.Profiles.
func (s *Set) Find(name string, w bot.Who) (bot.Profile, bool) {
	for _, p := range s.all {
		if p.Name == name && p.allows(w) {
			return p, true
		}
	}
	return nil, false
}

// Names implements bot.Profiles.
func (s *Set) Names(w bot.Who) []string {
	var names []string
	for _, p := range s.all {
		if p.allows(w) {
			names = append(names, p.Name)
		}
	}
	return names
}

func (p *Profile) allows(w bot.Who) bool {
	for _, id := range p.users[w.Platform] {
		if id == "*" || slices.Contains(w.IDs, id) {
			return true
		}
	}
	return false
}

// User implements bot.Profile.
func (p *Profile) User() string { return p.user }

// Covers implements bot.Profile.
func (p *Profile) Covers(t probe.Target) bool {
	return slices.ContainsFunc(p.targets, func(own probe.Target) bool {
		return strings.EqualFold(own.Host, t.Host) && own.Port == t.Port
	})
}
