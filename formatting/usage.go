package formatting

import (
	"strconv"
	"strings"
)

// The ways in which a command cannot be read.
const (
	UsageTooLong          TextID = "usage.too-long"
	UsageSecret           TextID = "usage.secret"
	UsageForgedLink       TextID = "usage.forged-link"
	UsageNoTarget         TextID = "usage.no-target"
	UsageBadHost          TextID = "usage.bad-host"
	UsageHostNumber       TextID = "usage.host-number"
	UsageSingleLabel      TextID = "usage.single-label"
	UsageMailAddress      TextID = "usage.mail-address"
	UsageUnknownScheme    TextID = "usage.unknown-scheme"
	UsageBehindPort       TextID = "usage.behind-port"
	UsageBadPort          TextID = "usage.bad-port"
	UsagePortTwice        TextID = "usage.port-twice"
	UsageExtraWord        TextID = "usage.extra-word"
	UsageUnknownTopic     TextID = "usage.unknown-topic"
	UsageUnknownOption    TextID = "usage.unknown-option"
	UsageOptionElsewhere  TextID = "usage.option-elsewhere"
	UsageOptionTwice      TextID = "usage.option-twice"
	UsageNoValue          TextID = "usage.no-value"
	UsageBadValue         TextID = "usage.bad-value"
	UsageBadSwitch        TextID = "usage.bad-switch"
	UsageBadMailbox       TextID = "usage.bad-mailbox"
	UsageBadEHLO          TextID = "usage.bad-ehlo"
	UsageBadAddress       TextID = "usage.bad-address"
	UsageBadTime          TextID = "usage.bad-time"
	UsageTimeRange        TextID = "usage.time-range"
	UsageBadFile          TextID = "usage.bad-file"
	UsageBadUser          TextID = "usage.bad-user"
	UsageBadMechanism     TextID = "usage.bad-mechanism"
	UsageBadProfile       TextID = "usage.bad-profile"
	UsageLoginAlone       TextID = "usage.login-alone"
	UsageUnknownCommand   TextID = "usage.unknown-command"
	UsageLoginOption      TextID = "usage.login-option"
	UsageNothingToExplain TextID = "usage.nothing-to-explain"
	UsageOptionEgress     TextID = "usage.option-egress"
	UsageOptionDomain     TextID = "usage.option-domain"
	UsageOnlyDomain       TextID = "usage.only-domain"
	UsageOptionDeep       TextID = "usage.option-deep"
	UsageDeepLogin        TextID = "usage.deep-login"
	UsageNoDomain         TextID = "usage.no-domain"
	UsageDomainPort       TextID = "usage.domain-port"
	UsageDomainAddress    TextID = "usage.domain-address"
	UsageBadSelector      TextID = "usage.bad-selector"
	UsageBadBlockList     TextID = "usage.bad-block-list"
	UsageSchemeTLS        TextID = "usage.scheme-tls"
	UsageAtTarget         TextID = "usage.at-target"
	UsageAtLogin          TextID = "usage.at-login"
	UsageFamilyTarget     TextID = "usage.family-target"
	UsageFamilyAt         TextID = "usage.family-at"
	UsageTwoForms         TextID = "usage.two-forms"
	UsageEnforced         TextID = "usage.enforced"
	UsageSeveral          TextID = "usage.several"
	UsageWatch            TextID = "usage.watch"
	UsageWatchLogin       TextID = "usage.watch-login"
	UsageBadCount         TextID = "usage.bad-count"
	UsageTwoServers       TextID = "usage.two-servers"
	UsageNoMeaning        TextID = "usage.no-meaning"
	UsageNotTogether      TextID = "usage.not-together"
	UsageNoVantages       TextID = "usage.no-vantages"
	UsageUnknownVantage   TextID = "usage.unknown-vantage"
	UsageVantageAll       TextID = "usage.vantage-all"
	UsageFromAddress      TextID = "usage.from-address"
	UsageBadExpect        TextID = "usage.bad-expect"
	UsageExpectAlone      TextID = "usage.expect-alone"
)

const tryHostPort = "Write HOST:PORT, for example smtp.example.com:587."

// usageTexts say why a command could not be read: {it} is what the text points
// at, {option} and {want} are the option and the form of its value.
var usageTexts = map[TextID]text{
	UsageTooLong: {
		"The text is longer than 1,000 characters.", "",
		"Send the server and the options alone.",
	},
	UsageSecret: {
		"{it} looks like a password or a token.", "I did not use it and will not repeat it.",
		"Change it, because it stays in the history of the place where you typed it.",
	},
	UsageForgedLink: {
		"A link shows another name than it leads to.", "I test neither of the two.",
		"Type the host name yourself.",
	},
	UsageNoTarget: {"No server is named.", "", tryHostPort},
	UsageBadHost:  {"{it} is not a host name or an IP address.", "", tryHostPort},
	UsageHostNumber: {
		"{it} ends in a number like an IPv4 address, and is none.",
		"Shortened, octal and hexadecimal forms are not read.",
		"Write four decimal numbers, for example 192.0.2.7.",
	},
	UsageSingleLabel: {
		"{it} is a host name without a dot.", "Such a name means another server on every network.",
		"Write the whole name, for example smtp.example.com.",
	},
	UsageMailAddress: {"{it} is a mail address, and a test needs a server.", "", tryHostPort},
	UsageUnknownScheme: {
		"{it} begins with a scheme that is not for mail.", "",
		"Write HOST:PORT, or use smtp://, smtps://, submission:// or submissions://.",
	},
	UsageBehindPort: {"{it} goes on behind host and port.", "", tryHostPort},
	UsageBadPort: {
		"{it} names a port that does not exist.", "",
		"Use 1 to 65535, for example 25, 465 or 587.",
	},
	UsagePortTwice: {"The port is given twice, and the two differ.", "", "Give it once: HOST:PORT."},
	UsageExtraWord: {
		"{it} is one too many.", "A command holds one server, its port and options.",
		tryHostPort,
	},
	UsageSeveral: {
		"More than one server is named: {targets}.", "One is tested at a time.",
		"Send the one that you mean.",
	},
	UsageUnknownTopic: {
		"{it} is not a topic of help.", "",
		"Write help for a list of them.",
	},
	UsageUnknownOption: {"{it} is not an option.", "", "Write help options for a list of the options."},
	UsageOptionElsewhere: {
		"{option} does not exist here.", "Some options are for terminals only, others for chats only.",
		"Leave it out.",
	},
	UsageOptionTwice: {"{option} is given twice.", "", "Give it once."},
	UsageNoValue:     {"{option} lacks its value.", "", "Write {option} {want}."},
	UsageBadValue:    {"{it} is not known.", "", "Write {option} {want}."},
	UsageBadSwitch:   {"{it} is neither true nor false.", "", "Write {option} alone."},
	UsageBadMailbox:  {"{it} is not a mail address.", "", "Write it like {option} alice@example.com."},
	UsageBadEHLO: {
		"{it} cannot be used with EHLO.", "",
		"Write a host name or an address in brackets, for example {option} client.example.com.",
	},
	UsageBadAddress: {
		"{it} is not an IP address.", "",
		"Write it like {option} 192.0.2.7 or {option} 2001:db8::1.",
	},
	UsageBadTime: {
		"{it} is not a time.", "",
		"Write seconds or minutes, for example {option} 30s or {option} 1m.",
	},
	UsageTimeRange: {"{it} is too short or too long.", "", "Write it like {option} 30s."},
	UsageBadUser:   {"{it} is not a user name.", "", "Write it like {option} alice@example.com."},
	UsageBadMechanism: {
		"{it} is not the name of a SASL mechanism.", "",
		"Write it like {option} PLAIN or {option} SCRAM-SHA-256.",
	},
	UsageBadProfile: {
		"{it} is not the name of a profile.", "",
		"Write help login for a list of those that you may use.",
	},
	UsageLoginAlone: {"{option} is for a login, and no user is named.", "", "Add --login USER."},
	UsageUnknownCommand: {
		"{it} is not a command.", "",
		"To test a host of that name, write its port too: HOST:587.",
	},
	UsageLoginOption: {
		"On a terminal a login is an option.", "",
		"Write smtptest HOST:PORT --login USER.",
	},
	UsageOptionEgress: {
		"{option} has no meaning with egress: no server is tested.", "",
		"Leave it out.",
	},
	UsageOptionDomain: {"{option} has no meaning with domain.", "", "Leave it out."},
	UsageOnlyDomain: {
		"{option} is for a whole domain.", "", "Write domain EXAMPLE.COM, or leave it out.",
	},
	UsageOptionDeep: {
		"{option} has no meaning with --deep.",
		"A deep scan looks at TLS alone and ends each connection during the handshake.",
		"Leave one of the two out.",
	},
	UsageDeepLogin: {
		"{option} cannot be used with a login.", "A deep scan ends each connection during the handshake.",
		"Leave {option} out, or the word login.",
	},
	UsageNoDomain: {
		"No domain is named.", "", "Write the part of the mail addresses behind the @, for example domain example.com.",
	},
	UsageDomainPort: {
		"{it} names a port. The mail servers of a domain are asked on port 25.", "",
		"Write the domain alone, or leave the word domain out to test one server.",
	},
	UsageDomainAddress: {
		"{it} is an IP address, not a domain.", "", "Write the part of the mail addresses behind the @.",
	},
	UsageBadSelector: {
		"{it} is not a DKIM selector: letters, digits, hyphens and dots.", "",
		"It is the s= of a DKIM-Signature header.",
	},
	UsageBadBlockList: {
		"{it} holds what is not the zone of a block list, or more than 10.", "",
		"Write zones with commas between, such as zen.spamhaus.org.",
	},
	UsageNothingToExplain: {
		"There is nothing to explain.", "",
		"Write a reply, a code, a word or a port behind it, for example explain 535 5.7.8.",
	},
	UsageBadFile: {"{it} is empty.", "", "Write {option} {want}."},
	UsageSchemeTLS: {
		"The target begins with smtps:// or submissions://, and {option} says otherwise.",
		"That scheme means TLS from the first octet.",
		"Leave one of the two out.",
	},
	UsageAtLogin: {
		"{option} cannot be used with a login.",
		"A password goes only to the addresses that the name itself has.", "Leave {option} out.",
	},
	UsageAtTarget: {
		"The target is one address and {option} is another.", "Only one of them can be connected to.",
		"Leave one of the two out.",
	},
	UsageFamilyTarget: {
		"{option} asks for one IP version, and the target is an address of the other.", "",
		"Leave {option} out.",
	},
	UsageFamilyAt: {
		"{option} asks for one IP version, and the address to connect to is of the other.", "",
		"Leave one of the two out.",
	},
	UsageBadCount: {"{it} is not a number from 2 to 20.", "", "Write it like {option} 5."},
	UsageTwoServers: {
		"To be compared are two servers, or one server and two of its addresses.", "",
		"Write compare HOST:PORT HOST:PORT, or one server and two of its addresses: compare HOST:PORT IP IP.",
	},
	UsageNoMeaning:   {"{option} has no meaning with {want}.", "", "Leave it out."},
	UsageNotTogether: {"{option} and {want} cannot be used together.", "", "Leave one of the two out."},
	UsageBadExpect: {
		"{it} is not a list of what to expect.", "", "Write help expect for all that can be expected.",
	},
	UsageExpectAlone: {"{option} is for what is expected, and nothing is.", "", "Add --expect LIST."},
	UsageTwoForms: {
		"{option} and {want} are two forms of one answer.", "",
		"Give one of the two.",
	},
	UsageWatch: {"{option} cannot be used with --watch.", "", "Leave one of the two out."},
	UsageWatchLogin: {
		"A login cannot be watched.", "No password is kept, and a login every 30 seconds could lock the account.",
		"Leave {option} out, or watch the server without a login: HOST:PORT {option}.",
	},
	UsageNoVantages: {"There is no other place to test from.", "Every test is made from this bot.", "Leave it out."},
	UsageUnknownVantage: {
		"{it} is not a place to test from.", "There are: {names}.", "Write from NAME, or from all.",
	},
	UsageVantageAll: {
		"This is done from one place at a time.", "From all places at once one server is tested, without a login.",
		"Name one place.",
	},
	UsageFromAddress: {
		"{it} is a mail address, and from NAME says from which place to test.", "",
		"To ask if a sender is accepted, write --from ADDRESS.",
	},
	UsageEnforced: {
		"{option} asks what the server does before STARTTLS, and this test has no STARTTLS.", "",
		"Leave {option} out, or test a port with STARTTLS, such as 587.",
	},
}

// Usage is what is wrong with a command. It contains nothing that was typed,
// except Quoted.
type Usage struct {
	ID         TextID
	Word       int      // place of the word that it is about, from 1; 0: no word in particular
	Option     string   // option that it is about, with its dashes; empty: none
	Quoted     string   // the word itself when it may be repeated: letters, digits, hyphens; otherwise empty
	Want       string   // form of the value of Option; empty: a switch, or no option
	Reason     string   // rule that was broken, in words that follow "It"; empty: the ID says all
	Suggestion string   // what was probably meant, in our words; empty: no idea
	Targets    []string // of UsageSeveral: HOST:PORT, as it would be tested
	Names      []string // of UsageUnknownVantage: those that there are
}

// Words are the sentences for people: what could not be read, what that means,
// what to write instead.
func (u Usage) Words() Words {
	words := Say(u.ID, Value{"it", u.subject()}, Value{"option", u.Option}, Value{"want", u.Want},
		Value{"targets", targetList(u.Targets)}, Value{"names", targetList(u.Names)})
	if u.Reason != "" {
		words.Means = "It " + u.Reason + "."
	}
	if u.Suggestion != "" {
		words.Try = "Did you mean " + u.Suggestion + "?"
	}
	return words
}

// subject is what the sentences point at.
func (u Usage) subject() string {
	switch {
	case strings.HasPrefix(u.Quoted, "-"):
		return u.Quoted
	case u.Quoted != "":
		return "“" + u.Quoted + "”"
	case u.Option != "":
		return "The value of " + u.Option
	case u.Word > 0:
		return "The " + ordinal(u.Word) + " word"
	}
	return "A word"
}

func ordinal(n int) string {
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return strconv.Itoa(n) + ending
}

// targetList is so many targets as one reads.
func targetList(all []string) string {
	const mostTargets = 5
	if more := len(all) - mostTargets; more > 0 {
		return strings.Join(all[:mostTargets], ", ") + " and " + strconv.Itoa(more) + " more"
	}
	return strings.Join(all, ", ")
}
