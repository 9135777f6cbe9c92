package bot

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The rules of this voice:
//
//   - Say what could not be read, then what that means if it is not plain,
//     then what to write instead: one sentence each, the last one imperative.
//   - Point at a word by its place. Repeat it only if quote allows that.
//   - No blame, no "please", no "invalid", no "error", no exclamation mark.
//   - The field's words: host name, address, port, mail address, option.
//   - An example stands in every sentence where a person may wonder about
//     the form.

// UsageID names one way in which a command could not be read. It never
// changes its meaning.
type UsageID string

// The ways.
const (
	UsageTooLong          UsageID = "usage.too-long"
	UsageSecret           UsageID = "usage.secret"
	UsageForgedLink       UsageID = "usage.forged-link"
	UsageNoTarget         UsageID = "usage.no-target"
	UsageBadHost          UsageID = "usage.bad-host"
	UsageHostNumber       UsageID = "usage.host-number"
	UsageSingleLabel      UsageID = "usage.single-label"
	UsageMailAddress      UsageID = "usage.mail-address"
	UsageUnknownScheme    UsageID = "usage.unknown-scheme"
	UsageBehindPort       UsageID = "usage.behind-port"
	UsageBadPort          UsageID = "usage.bad-port"
	UsagePortTwice        UsageID = "usage.port-twice"
	UsageExtraWord        UsageID = "usage.extra-word"
	UsageUnknownTopic     UsageID = "usage.unknown-topic"
	UsageUnknownOption    UsageID = "usage.unknown-option"
	UsageOptionElsewhere  UsageID = "usage.option-elsewhere"
	UsageOptionTwice      UsageID = "usage.option-twice"
	UsageNoValue          UsageID = "usage.no-value"
	UsageBadValue         UsageID = "usage.bad-value"
	UsageBadSwitch        UsageID = "usage.bad-switch"
	UsageBadMailbox       UsageID = "usage.bad-mailbox"
	UsageBadEHLO          UsageID = "usage.bad-ehlo"
	UsageBadAddress       UsageID = "usage.bad-address"
	UsageBadTime          UsageID = "usage.bad-time"
	UsageTimeRange        UsageID = "usage.time-range"
	UsageBadFile          UsageID = "usage.bad-file"
	UsageBadUser          UsageID = "usage.bad-user"
	UsageBadMechanism     UsageID = "usage.bad-mechanism"
	UsageLoginAlone       UsageID = "usage.login-alone"
	UsageUnknownCommand   UsageID = "usage.unknown-command"
	UsageLoginOption      UsageID = "usage.login-option"
	UsageNothingToExplain UsageID = "usage.nothing-to-explain"
	UsageSchemeTLS        UsageID = "usage.scheme-tls"
	UsageAtTarget         UsageID = "usage.at-target"
	UsageFamilyTarget     UsageID = "usage.family-target"
	UsageFamilyAt         UsageID = "usage.family-at"
)

// usageText is what is said: {it} is what the error points at, {option} and
// {want} are the option and the form of its value.
type usageText struct{ what, means, try string }

const tryHostPort = "Write HOST:PORT, for example smtp.example.com:587."

var usageTexts = map[UsageID]usageText{
	UsageTooLong:          {"The text is longer than 1,000 characters.", "", "Send the server and the options alone."},
	UsageSecret:           {"{it} looks like a password or a token.", "I did not use it and will not repeat it.", "Change it, because it stays in the history of the place where you typed it."},
	UsageForgedLink:       {"A link shows another name than it leads to.", "I test neither of the two.", "Type the host name yourself."},
	UsageNoTarget:         {"No server is named.", "", tryHostPort},
	UsageBadHost:          {"{it} is not a host name or an IP address.", "", tryHostPort},
	UsageHostNumber:       {"{it} ends in a number like an IPv4 address, and is none.", "Shortened, octal and hexadecimal forms are not read.", "Write four decimal numbers, for example 192.0.2.7."},
	UsageSingleLabel:      {"{it} is a host name without a dot.", "Such a name means another server on every network.", "Write the whole name, for example smtp.example.com."},
	UsageMailAddress:      {"{it} is a mail address, and a test needs a server.", "", tryHostPort},
	UsageUnknownScheme:    {"{it} begins with a scheme that is not for mail.", "", "Write HOST:PORT, or use smtp://, smtps://, submission:// or submissions://."},
	UsageBehindPort:       {"{it} goes on behind host and port.", "", tryHostPort},
	UsageBadPort:          {"{it} names a port that does not exist.", "", "Use 1 to 65535, for example 25, 465 or 587."},
	UsagePortTwice:        {"The port is given twice, and the two differ.", "", "Give it once: HOST:PORT."},
	UsageExtraWord:        {"{it} is one too many.", "A command holds one server, its port and options.", tryHostPort},
	UsageUnknownTopic:     {"{it} is not a topic of help.", "", "Write help options for a list of the options."},
	UsageUnknownOption:    {"{it} is not an option.", "", "Write help options for a list of the options."},
	UsageOptionElsewhere:  {"{option} does not exist here.", "Some options are for terminals only, others for chats only.", "Leave it out."},
	UsageOptionTwice:      {"{option} is given twice.", "", "Give it once."},
	UsageNoValue:          {"{option} lacks its value.", "", "Write {option} {want}."},
	UsageBadValue:         {"{it} is not known.", "", "Write {option} {want}."},
	UsageBadSwitch:        {"{it} is neither true nor false.", "", "Write {option} alone."},
	UsageBadMailbox:       {"{it} is not a mail address.", "", "Write it like {option} alice@example.com."},
	UsageBadEHLO:          {"{it} cannot be used with EHLO.", "", "Write a host name or an address in brackets, for example {option} client.example.com."},
	UsageBadAddress:       {"{it} is not an IP address.", "", "Write it like {option} 192.0.2.7 or {option} 2001:db8::1."},
	UsageBadTime:          {"{it} is not a time.", "", "Write seconds or minutes, for example {option} 30s or {option} 1m."},
	UsageTimeRange:        {"{it} is too short or too long.", "", "Write it like {option} 30s."},
	UsageBadUser:          {"{it} is not a user name.", "", "Write it like {option} alice@example.com."},
	UsageBadMechanism:     {"{it} is not the name of a SASL mechanism.", "", "Write it like {option} PLAIN or {option} SCRAM-SHA-256."},
	UsageLoginAlone:       {"{option} is for a login, and no user is named.", "", "Add --login USER."},
	UsageUnknownCommand:   {"{it} is not a command.", "", "To test a host of that name, write its port too: HOST:587."},
	UsageLoginOption:      {"On a terminal a login is an option.", "", "Write smtptest HOST:PORT --login USER."},
	UsageNothingToExplain: {"There is nothing to explain.", "", "Write a reply, a code, a word or a port behind it, for example explain 535 5.7.8."},
	UsageBadFile:          {"{it} is empty.", "", "Write {option} {want}."},
	UsageSchemeTLS:        {"The target begins with smtps:// or submissions://, and {option} says otherwise.", "That scheme means TLS from the first octet.", "Leave one of the two out."},
	UsageAtTarget:         {"The target is one address and {option} is another.", "Only one of them can be connected to.", "Leave one of the two out."},
	UsageFamilyTarget:     {"{option} asks for one IP version, and the target is an address of the other.", "", "Leave {option} out."},
	UsageFamilyAt:         {"{option} asks for one IP version, and --at is an address of the other.", "", "Leave one of the two out."},
}

// UsageError says why a command could not be read. It holds nothing that was
// typed, except Quoted.
type UsageError struct {
	ID         UsageID
	Word       int    // place of the word that it is about, from 1; 0: no word in particular
	Option     string // option that it is about, with its dashes; empty: none
	Quoted     string // the word itself when it may be repeated: letters, digits, hyphens; otherwise empty
	Want       string // form of the value of Option; empty: a switch, or no option
	Reason     string // rule that was broken, in words that follow "It"; empty: the ID says all
	Suggestion string // what was probably meant, in our words; empty: no idea
}

// Error is the text for people: what could not be read, what that means, what
// to write instead.
func (e *UsageError) Error() string {
	text := usageTexts[e.ID]
	sentences := []string{text.what, text.means, text.try}
	if e.Reason != "" {
		sentences[1] = "It " + e.Reason + "."
	}
	if e.Suggestion != "" {
		sentences[2] = "Did you mean " + e.Suggestion + "?"
	}
	var said []string
	for _, s := range sentences {
		if s != "" {
			said = append(said, s)
		}
	}
	return strings.NewReplacer("{it}", e.it(), "{option}", e.Option, "{want}", e.Want).Replace(strings.Join(said, " "))
}

// it is what the error points at.
func (e *UsageError) it() string {
	switch {
	case strings.HasPrefix(e.Quoted, "-"):
		return e.Quoted
	case e.Quoted != "":
		return `"` + e.Quoted + `"`
	case e.Option != "":
		return "The value of " + e.Option
	case e.Word > 0:
		return "The " + ordinal(e.Word) + " word"
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

// quote lets an error repeat a word that is nearly a known one, and suggests
// that one. It returns the error that it was given.
func quote(text string, known []string, err *UsageError) *UsageError {
	err.Suggestion = near(text, known)
	if err.Suggestion != "" && plain(text) {
		err.Quoted = text
	}
	return err
}

// plain reports a short word of ASCII letters, digits and hyphens: nothing in
// it acts on a client, and no token is that short.
func plain(text string) bool {
	return len(text) <= 24 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// Near is the known word that was probably meant: at most two edits away,
// compared without case; empty if there is none.
func Near(text string, known []string) string { return near(text, known) }

// near is the known word that is nearest to text, compared without case and
// at most two edits away; "" if there is none. Words of two letters are near
// to everything at that distance, so at least one letter must stay.
func near(text string, known []string) string {
	best, nearest := "", 3
	for _, k := range known {
		length := utf8.RuneCountInString(k)
		if d := distance(strings.ToLower(text), k); d < nearest && d < length {
			best, nearest = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance in runes; 3 stands for all that is
// more than 2.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s)-len(t) > 2 || len(t)-len(s) > 2 {
		return 3
	}
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			cost := diagonal
			if s[i] != t[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(t)], 3)
}
