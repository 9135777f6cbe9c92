package command

import (
	"time"

	"smtptest/formatting"
)

// Limits of --timeout.
const (
	minTimeoutChat     = 5 * time.Second
	minTimeoutTerminal = 2 * time.Second // what a script grants a server that is near
	maxTimeoutChat     = formatting.LongestInChat
	maxTimeoutTerminal = 10 * time.Minute
)

// venue is where an option exists.
type venue int

const (
	everywhere venue = iota
	chatOnly
	terminalOnly
)

// option is one row of the table that all three readings and all help share.
type option struct {
	name    string // without dashes
	shape   string // of its value; empty: a switch
	meaning string // one line for help, at most 100 runes (Discord's limit)
	venue   venue
	needs   feature  // help and Discord's registration have the option only with it
	choices []string // the only values, in lower case; empty: any that set accepts
	set     func(*Command, word) *UsageError
	read    func(*parser, word) *UsageError // in place of set, where the dialect says what is a value
}

// options is the table, in the order in which help lists it.
var options = []option{
	{
		name: "tls", shape: "auto|starttls|implicit|none", choices: []string{"auto", "starttls", "implicit", "none"},
		meaning: "auto: TLS at once on 465, else STARTTLS if offered", set: setTLS,
	},
	{
		name: "from", shape: "ADDRESS", set: setFrom, needs: needsEnvelope,
		meaning: "ask if this sender is accepted; <> is the empty one",
	},
	{
		name: "to", shape: "ADDRESS", set: setTo, needs: needsEnvelope,
		meaning: "ask if this recipient is accepted; no mail is sent",
	},
	{
		name: "enforced", set: setEnforced, needs: needsEnvelope,
		meaning: "ask if mail is refused before STARTTLS; none is sent",
	},
	{
		name: "deep", set: setDeep, needs: needsDeep,
		meaning: "scan its TLS: versions, suites, who could not connect; about 35 connections",
	},
	{name: "ehlo", shape: "NAME", meaning: "introduce ourselves by this name", set: setEHLO},
	{name: "ip", shape: "4|6", choices: []string{"4", "6"}, meaning: "use this IP version only", set: setIP},
	{name: "at", shape: "IP", meaning: "connect to this address, whatever DNS says", set: setAt},
	{
		name: "timeout", shape: "30s", venue: chatOnly, set: setTimeout(minTimeoutChat, maxTimeoutChat),
		meaning: "end the test after this time, 5s to 60s",
	},
	{
		name: "timeout", shape: "30s", venue: terminalOnly, set: setTimeout(minTimeoutTerminal, maxTimeoutTerminal),
		meaning: "end the test after this time, 2s to 10m",
	},
	{
		name: "watch", set: setWatch, needs: needsWatch,
		meaning: "test it every 30 s until it works, for 30 minutes at most",
	},
	{
		name: "repeat", shape: "N", set: setRepeat,
		meaning: "make the test 2 to 20 times on fresh connections; say what differed",
	},
	{
		name: optionVantage, shape: "NAME", venue: chatOnly, needs: needsVantage, read: (*parser).setVantage,
		meaning: "test from this place instead, or from all at once",
	},
	{name: "private", venue: chatOnly, meaning: "show the answer to you alone", set: setPrivate},
	{
		name: "profile", shape: "NAME", venue: chatOnly, set: setProfile, needs: needsProfile,
		meaning: "log in with a profile that the operator has set up",
	},
	{
		name: "login", shape: "USER", venue: terminalOnly, set: setLogin,
		meaning: "log in as this user; the password is asked for",
	},
	{
		name: "password-file", shape: "FILE", venue: terminalOnly, meaning: "read the password from this file",
		set: setFile(func(c *Command) *string { return &c.PasswordFile }),
	},
	{
		name: "token-file", shape: "FILE", venue: terminalOnly,
		meaning: "read an OAuth 2 token from this file, for XOAUTH2",
		set:     setFile(func(c *Command) *string { return &c.TokenFile }),
	},
	{
		name: "mechanism", shape: "NAME", venue: terminalOnly, set: setMechanism,
		meaning: "log in with this SASL mechanism, such as PLAIN",
	},
	{
		name: "ca", shape: "FILE", venue: terminalOnly, meaning: "trust the certificates in this PEM file too",
		set: setFile(func(c *Command) *string { return &c.CAFile }),
	},
	{
		name: "dns", shape: "ADDRESS", venue: terminalOnly, set: setDNS,
		meaning: "ask this name server, such as 9.9.9.9",
	},
	{
		name: "selector", shape: "NAME", set: setSelector, needs: needsDomain,
		meaning: "with domain: look at the DKIM key at this selector too",
	},
	{
		name: "trust-anchors", shape: "FILE", venue: terminalOnly, needs: needsDomain,
		meaning: "with domain: prove DNSSEC by the DS or DNSKEY records in this file",
		set:     setFile(func(c *Command) *string { return &c.Anchors }),
	},
	{
		name: "block-list", shape: "ZONE", venue: terminalOnly, needs: needsDomain, set: setBlockList,
		meaning: "with domain: ask this block list about the servers' addresses; several with commas",
	},
	{
		name: "ticket", venue: terminalOnly, set: setTicket,
		meaning: "answer with a text for the people who run the server",
	},
	{
		name: "brief", venue: terminalOnly, set: setBrief,
		meaning: "answer in eight lines at most: verdict, cause, what to try, who can fix it",
	},
	{name: "json", venue: terminalOnly, meaning: "answer in JSON", set: setJSON},
	{
		name: "expect", shape: "LIST", venue: terminalOnly, set: setExpect,
		meaning: "say what of this does not hold, such as 'tls>=1.2, cert>14d'",
	},
	{
		name: "junit", shape: "FILE", venue: terminalOnly, meaning: "with --expect: write a JUnit file too",
		set: setFile(func(c *Command) *string { return &c.JUnit }),
	},
	{
		name: "as", shape: "slack|discord", choices: []string{string(formatting.Slack), string(formatting.Discord)},
		venue: terminalOnly, meaning: "print what would be posted there", set: setAs,
	},
}
