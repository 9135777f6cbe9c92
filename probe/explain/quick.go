package explain

import (
	"slices"
	"strconv"
	"strings"

	"smtptest/probe/registry"
)

// maxQuickWords is how long a question may be: beyond it a text was pasted.
const maxQuickWords = 12

// quick reports a question, as "535 5.7.139" or "what is STARTTLS": every
// word of it is known, or one is nearly so. In it numbers and names are taken
// for what they can be; in other text only where the place tells.
func (in *input) quick() bool {
	if in.question == nil {
		q := in.asks()
		in.question = &q
	}
	return *in.question
}

func (in *input) asks() bool {
	if len(in.words) > maxQuickWords {
		return false
	}
	known, unknown := in.split()
	switch len(unknown) {
	case 0:
		return known > 0
	case 1:
		return known > 0 && near(unknown[0].lower) != ""
	}
	return false
}

// split counts the words that are known and more than filling, and gives
// those that are not known.
func (in *input) split() (known int, unknown []word) {
	for i := 0; i < len(in.words); i++ {
		_, length := in.topicAt(i)
		switch {
		case length > 0:
			known++
			i += length - 1
		case filler(in.at(i)):
		case in.knownAt(i):
			known++
		default:
			unknown = append(unknown, in.words[i])
		}
	}
	return known, unknown
}

func (in *input) knownAt(i int) bool {
	w := in.words[i]
	if digits(w.text) {
		return knownNumber(w.text, in.at(i-1))
	}
	if _, ok := enhancedWord(w.text); ok {
		return true
	}
	if _, ok := alertNamed(w.lower); ok {
		return true
	}
	if _, ok := registry.KeywordOf(w.text); ok {
		return true
	}
	if _, ok := mechanism(w.text); ok {
		return true
	}
	_, ok := providerNamed(w.lower)
	return ok
}

// knownNumber reports what can be a reply code, a port or an alert.
func knownNumber(text, previous string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || text[0] == '0' {
		return false
	}
	_, port := registry.PortOf(uint16(n))
	_, alert := registry.AlertOf(int(n))
	return port || threeDigits(text) && "200" <= text && text <= "599" || alert &&
		slices.Contains([]string{"alert", "number"}, previous)
}

// suggestions are known words near to those of a short text that are not
// known.
func (in *input) suggestions() []string {
	const maxWords = 4 // more is a sentence, in which some word is near to one of ours
	if len(in.words) > maxWords {
		return nil
	}
	var out []string
	_, unknown := in.split()
	for _, w := range unknown {
		if meant := near(w.lower); meant != "" && len(out) < maxSuggestions {
			out = once(out, meant)
		}
	}
	return out
}

// near is the known word that is nearest to a lower-case one: at most two
// edits away, one for words of up to four letters; empty if there is none.
func near(lower string) string {
	const shortLetters, longestName = 4, 24
	if len(lower) < 3 || len(lower) > longestName || digits(lower) {
		return ""
	}
	best, nearest := "", 3
	for _, name := range suggestible() {
		limit := 2
		if min(len(name), len(lower)) <= shortLetters {
			limit = 1
		}
		if d := distance(lower, strings.ToLower(name)); d > 0 && d <= limit && d < nearest {
			best, nearest = name, d
		}
	}
	return best
}

// suggestible are the words that are worth suggesting.
func suggestible() []string {
	return []string{
		"STARTTLS", "SIZE", "PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "DSN",
		"ENHANCEDSTATUSCODES", "REQUIRETLS", "LIMITS", "XCLIENT",
		"AUTH", "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2",
		"OAUTHBEARER", "NTLM", "GSSAPI", "EXTERNAL",
		"tls", "ssl", "implicit", "security", "relay", "greylisting", "timeout", "refused", "certificate",
		"greeting", "postscreen", "submission",
		"spf", "dkim", "dmarc", "dane", "mta-sts", "dns", "nxdomain", "servfail", "ehlo", "helo", "ports", "oauth",
		"envelope", "handshake", "blocklist",
	}
}

// distance is the Levenshtein distance in octets; 3 stands for all that is
// more than 2.
func distance(a, b string) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return 3
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(b)], 3)
}
