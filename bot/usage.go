package bot

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"smtptest/formatting"
)

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
	UsageBadProfile       UsageID = "usage.bad-profile"
	UsageLoginAlone       UsageID = "usage.login-alone"
	UsageUnknownCommand   UsageID = "usage.unknown-command"
	UsageLoginOption      UsageID = "usage.login-option"
	UsageNothingToExplain UsageID = "usage.nothing-to-explain"
	UsageSchemeTLS        UsageID = "usage.scheme-tls"
	UsageAtTarget         UsageID = "usage.at-target"
	UsageFamilyTarget     UsageID = "usage.family-target"
	UsageFamilyAt         UsageID = "usage.family-at"
)

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
	return e.Words().String()
}

// Words are the sentences of Error.
func (e *UsageError) Words() formatting.Words {
	words := formatting.Say(formatting.TextID(e.ID),
		formatting.Value{Name: "it", Text: e.it()}, formatting.Value{Name: "option", Text: e.Option}, formatting.Value{Name: "want", Text: e.Want})
	if e.Reason != "" {
		words.Means = "It " + e.Reason + "."
	}
	if e.Suggestion != "" {
		words.Try = "Did you mean " + e.Suggestion + "?"
	}
	return words
}

// it is what the error points at.
func (e *UsageError) it() string {
	switch {
	case strings.HasPrefix(e.Quoted, "-"):
		return e.Quoted
	case e.Quoted != "":
		return "“" + e.Quoted + "”"
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
