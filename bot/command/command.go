package command

import (
	"net/netip"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/blocklist"
	"smtptest/probe/domain"
)

// Verb is what a command asks for.
type Verb string

// The verbs.
const (
	VerbTest    Verb = "test"    // probe the server in Command.Request
	VerbLogin   Verb = "login"   // open the form for a login at the server in Command.Request; chat only
	VerbExplain Verb = "explain" // say what the text in Command.Topic means
	VerbDomain  Verb = "domain"  // examine the mail domain in Command.Domain
	VerbEgress  Verb = "egress"  // say which mail ports this network lets out
	VerbCompare Verb = "compare" // probe the servers in Command.Request and Command.Other, and say what differs
	VerbHelp    Verb = "help"
)

// Command is what somebody asked for, read and checked.
type Command struct {
	Verb        Verb
	Request     probe.Request       // of VerbTest, VerbLogin and VerbCompare; zero otherwise
	PortGiven   bool                // the port was named; false: it is DefaultPort or the scheme's
	Typed       string              // the host for people, with U-labels (RFC 5890 §2.3.2.1); of VerbTest, VerbLogin
	Other       probe.Request       // of VerbCompare: the second server; zero otherwise
	Repeat      int                 // of VerbTest: how often, series.Least to series.Most; 0: once
	Deep        bool                // of VerbTest: scan the TLS of the server, and nothing else
	Domain      domain.Request      // of VerbDomain; zero otherwise
	Lines       string              // of VerbExplain: the text with its lines, where it has several; empty otherwise
	Topic       string              // of VerbHelp: one of Topics or an option; empty: help as such. Of VerbExplain: text
	Private     bool                // answer to the person alone; chat only
	Watch       bool                // test it again and again until it works
	Vantage     string              // test from there; VantageAll: from everywhere; chat only, empty: from here
	Pasted      bool                // the text was no command, and was understood all the same
	LeftOut     bool                // of Pasted: some of it was passed over
	Profile     string              // log in with this profile; chat only, empty: none
	CAFile      string              // trust the certificates in this file too; terminal only, empty: none
	DNS         netip.AddrPort      // ask this name server; terminal only, zero: the system's
	Anchors     string              // a file of DNSSEC trust anchors; terminal only, empty: the root's
	BlockLists  []blocklist.Zone    // to ask about the addresses of a domain; terminal only
	JSON, Brief bool                // answer in JSON, or in few lines; terminal only
	Ticket      bool                // answer with a text for the server's operators; terminal only
	Expect      string              // what is expected of the server, checked by package expect; terminal only
	JUnit       string              // write what was expected into this file; terminal only, empty: none
	As          formatting.Platform // answer with what would be posted there; terminal only, empty: with text

	// A login, in a terminal only: a chat has a form for it.
	User         string // empty: no login
	Mechanism    string // in upper case; empty: the best of those offered
	PasswordFile string // empty: ask for the password
	TokenFile    string // an OAuth 2 token in the password's place; empty: none
}

// Understood says how a target was understood where that is not what was
// typed; empty: as it was typed.
func (c Command) Understood() string {
	if c.Verb == VerbDomain {
		return understoodDomain(c)
	}
	if c.Request.Target.Host == "" {
		return ""
	}
	return formatting.Asked(formatting.Asking{
		Typed: c.Typed, Request: c.Request, PortGiven: c.PortGiven, Pasted: c.Pasted, LeftOut: c.LeftOut,
	})
}

// Dialect says where a command is read: what exists there, what is allowed.
type Dialect struct {
	Terminal         bool                // a terminal; false: a chat
	Platform         formatting.Platform // of a chat; empty: any
	AllowSingleLabel bool                // accept host names without a dot; a terminal always does
	Hosts            []string            // of AllowSingleLabel: these alone; empty: all. In a terminal: as they are
	NoEgress         bool                // there are no control hosts: VerbEgress does not exist
	NoDomain         bool                // nobody examines domains here: VerbDomain does not exist
	NoWatch          bool                // nobody keeps watches here
	NoDeep           bool                // nobody scans TLS here: --deep does not exist
	Vantages         []string            // other places that a test can be made from, of a chat; empty: none

	// What help leaves out; typed all the same, the handler says why not.
	NoEnvelope bool     // senders and recipients may not be tested
	NoForm     bool     // no form is opened for a login
	NoProfiles bool     // there is no profile that could be used
	LoginHosts []string // typed passwords go to these alone; empty: to any
}

// NamedValue is one typed option of Discord: its name without dashes and its
// value as text, "true" or "false" for a switch.
type NamedValue struct {
	Name, Value string
}
