// Package provider holds what is known of the large mail providers: their
// hosts and ports, by which names they log in, how their credentials look,
// and what they mean by the words of their replies, which is often not what
// the reply code means elsewhere.
//
// The facts are data, one file for each provider in data/, made of short
// records that people can read and correct. Each says where it was read and
// when that was last checked; what was seen in many places but on no page of
// a provider is marked unconfirmed. Of finds the provider of a host, before
// anything is dialled; ModeAdvice then says whether port and security fit;
// ShapeOf and Provider.CredentialAdvice look at a credential before it is
// sent; Provider.Means reads a reply.
//
// The package asks no network and no clock, never judges a whole session,
// and never keeps or returns a credential.
//
// RFC 5321 §4.2 (replies), RFC 3463 (enhanced codes), RFC 8314 §3 (TLS),
// RFC 4954 (login).
package provider

import (
	"slices"
	"strings"
	"time"
)

// Provider is all that is known of one mail provider. Its slices are shared:
// callers read them and change nothing.
type Provider struct {
	Record
	ID          string   // lower case, never renamed, such as "gmail"
	Name        string   // as people say it
	Mechanisms  []string // SASL mechanisms offered after TLS, upper case; empty: not known
	Hosts       []Host
	Signatures  []Signature
	User        User
	Credentials []Credential
	Notes       []Note
	Endings     []Ending
	Texts       []Text
}

// Record says where a fact comes from.
type Record struct {
	Sources  []Source  // empty: common knowledge, on no page that was read
	Verified time.Time // first day, UTC, of the month in which it was last checked
}

// Source is a place where a fact was read.
type Source struct {
	Key   string // its name in data/sources.txt
	Where string // an https address, or words where there is no one page
}

// Confirmed reports whether there is a source at all.
func (r Record) Confirmed() bool { return len(r.Sources) > 0 }

// Reference is the record's origin in one line, for people: the first source
// and the month of the last check.
func (r Record) Reference() string {
	month := r.Verified.Format(monthForm)
	if !r.Confirmed() {
		return "unconfirmed, " + month
	}
	return strings.TrimPrefix(r.Sources[0].Where, "https://") + ", checked " + month
}

// Host is one or more servers of a provider that behave alike.
type Host struct {
	Record
	Names []string // host names and patterns: "*." stands for any labels in front, "*" between dots for one label
	Role  Role
	Ports []Port // the preferred one first; empty: not known
}

// Role is what a host is for.
type Role string

// The roles.
const (
	RoleSubmission Role = "submission" // people and programs log in and send (RFC 6409)
	RoleRelay      Role = "relay"      // an organisation's servers send, with or without a login
	RoleMX         Role = "mx"         // takes mail from other servers (RFC 5321 §5.1)
	RoleOther      Role = "other"      // belongs to the provider; nothing more is known
)

// Port is a port of a host with what is spoken there.
type Port struct {
	Number uint16
	Mode   Mode
}

// Mode is how a session on a port begins.
type Mode string

// The modes.
const (
	ModeSTARTTLS Mode = "starttls" // in the clear, to be upgraded with STARTTLS (RFC 3207)
	ModeImplicit Mode = "implicit" // with TLS at once (RFC 8314 §3.3)
	ModeEither   Mode = "either"   // in the clear; STARTTLS is offered, not required
	ModeNone     Mode = "none"     // in the clear, without STARTTLS
	ModeClosed   Mode = "closed"   // the port is known not to be served
)

// Signature is a piece of text by which a provider's replies are known.
type Signature struct {
	Record
	Words string // lower case
	Where Place
}

// Place is where in a line of a reply a signature stands.
type Place string

// The places.
const (
	PlaceEnd      Place = "end"      // the line ends in it
	PlaceBracket  Place = "bracket"  // in the square brackets that end the line
	PlaceAnywhere Place = "anywhere" // distinctive enough wherever it stands
)

// User is what a provider takes as user name.
type User struct {
	Record
	Literal string // the same word for every account; empty: there is none
	Says    string // one sentence
}

// Fits reports whether name can be a user name here: without a literal one
// any can. Options may follow the literal name behind a colon, as SparkPost
// has them.
func (u User) Fits(name string) bool {
	return u.Literal == "" || name == u.Literal || strings.HasPrefix(name, u.Literal+":")
}

// Credential is what a credential of some shape is worth at a provider.
type Credential struct {
	Record
	Shape string // a Shape's ID
	As    Use
	Fits  bool   // it is what the provider wants in that place
	Says  string // one sentence
}

// Use is the place in a login where a credential stands.
type Use string

// The uses.
const (
	AsUser     Use = "user"
	AsPassword Use = "password"
)

// Note is something else worth knowing about a provider.
type Note struct {
	Record
	About string // one word; NoteEnvelope and NotePassword are asked for by name
	Says  string // one or two sentences
}

// Ending is something that a provider stops taking on a day.
type Ending struct {
	Record
	About string    // one word: EndingPassword
	Hosts []string  // where it ends
	On    time.Time // the day, UTC
	Says  string    // one or two sentences
	Fix   string    // what to do before
}

// EndingPassword is the end of logins by password.
const EndingPassword = "password"

// Ends finds what ends at a host; ok is false where nothing does.
func Ends(host, about string) (e Ending, ok bool) {
	p, _ := Of(host)
	for _, e := range p.Endings {
		if e.About == about && slices.ContainsFunc(e.Hosts, func(h string) bool { return strings.EqualFold(h, host) }) {
			return e, true
		}
	}
	return Ending{}, false
}

// The notes that have a use of their own.
const (
	NoteEnvelope = "envelope" // an accepted envelope is weak evidence here, and why
	NotePassword = "password" // which password the provider takes: worth saying at any refused login
)

// Note is the note about one thing; ok is false when there is none.
func (p Provider) Note(about string) (n Note, ok bool) {
	for _, n := range p.Notes {
		if n.About == about {
			return n, true
		}
	}
	return Note{}, false
}
