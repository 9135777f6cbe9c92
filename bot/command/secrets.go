package command

import (
	"slices"
	"strings"
	"unicode"
)

// findSecret finds the place of the first word that looks like a password or
// a token.
// False alarms cost a person one more try. A miss costs the advice to change
// it, and what has the form of a host name would be looked up as one.
func findSecret(words []word) (place int, found bool) {
	words = pieces(words)
	for i, w := range words {
		if namesFile(w.text) || i > 0 && namesFile(words[i-1].text) {
			continue
		}
		if namesSecret(w.text) && !onlyNamed(words, i) || hasLogin(w.text) || hasToken(w.text) ||
			beginsLogin(words[i:]) || appPassword(words[i:]) {
			return w.place, true
		}
	}
	return 0, false
}

// findPastedSecret looks for tokens and logins alone.
func findPastedSecret(words []word) (place int, found bool) {
	for _, w := range pieces(words) {
		if hasToken(w.text) || strings.Contains(w.text, "=") && namesSecret(w.text) ||
			strings.Contains(w.text, "://") && hasLogin(w.text) {
			return w.place, true
		}
	}
	return 0, false
}

// onlyNamed reports that the secret whose name stands at i is not there: its
// value is masked or empty, or a sentence mentions it.
func onlyNamed(words []word, i int) bool {
	text := strings.TrimRight(words[i].text, ",;\"'")
	last := i == len(words)-1
	switch at := strings.IndexAny(text, "=:"); {
	case at >= 0 && at < len(text)-1:
		return masked(text[at+1:])
	case at >= 0:
		return last || masked(words[i+1].text) || strings.Contains(words[i+1].text, "=")
	case strings.HasPrefix(text, "-") || i == 0:
		return false
	}
	return last || filler(strings.ToLower(words[i+1].text))
}

// masked reports stars and the like, or the name of a variable.
func masked(value string) bool {
	value = strings.Trim(value, "\"'")
	return strings.Trim(value, "*•xX.…") == "" || strings.HasPrefix(value, "${") || strings.HasPrefix(value, "$") &&
		strings.Trim(value[1:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" ||
		slices.Contains([]string{"redacted", "removed", "hidden", "secret"}, strings.ToLower(strings.Trim(value, "<[]>")))
}

// namesFile reports an option that says where a secret is and contains none.
func namesFile(text string) bool {
	name, _, _ := strings.Cut(text, "=")
	return name == "--password-file" || name == "--token-file"
}

// pieces are the words, split at spaces that quotes had kept and where a URL
// has its query.
func pieces(words []word) []word {
	var out []word
	for _, w := range words {
		for _, text := range strings.FieldsFunc(w.text, func(r rune) bool { return strings.ContainsRune(" ?&", r) }) {
			out = append(out, word{text: text, place: w.place})
		}
	}
	return out
}

// secretNames name a secret when they stand alone, or in front of "=" or ":",
// or as an option; "ap" is swaks's option.
var secretNames = []string{
	"password", "passwd", "passphrase", "pass", "pwd", "pw", "pin", "secret", "token", "apikey", "api-key", "api_key",
	"credential", "credentials", "bearer", "passwort", "kennwort", "ap",
}

// secretParts name a secret wherever they stand in the name of an option or
// of a setting such as SMTP_PASSWORD=.
var secretParts = []string{
	"password", "passwd", "passphrase", "secret", "token", "apikey", "api-key", "api_key", "credential",
}

func namesSecret(text string) bool {
	name := strings.TrimRight(strings.ToLower(strings.TrimLeft(text, "-")), ",;.!?)")
	dashes := strings.HasPrefix(text, "-")
	end := strings.IndexAny(name, "=:")
	separator := byte(0)
	if end >= 0 {
		separator, name = name[end], name[:end]
	}
	known := slices.Contains(secretNames, name)
	part := slices.ContainsFunc(secretParts, func(p string) bool { return strings.Contains(name, p) })
	// A host name may contain such a word too: password.example.com:587.
	return known || part && (dashes || separator == '=')
}

// hasLogin reports user:password@host, and user@domain:password.
func hasLogin(text string) bool {
	text = strings.TrimPrefix(text, "mailto:")
	if _, rest, found := strings.Cut(text, "://"); found {
		text = rest
	}
	if _, value, found := strings.Cut(text, "="); found && strings.HasPrefix(text, "--") {
		text = value
	}
	before, after, found := strings.Cut(text, "@")
	if !found || strings.HasPrefix(before, `"`) || strings.HasPrefix(before, `<"`) {
		return false // in a quoted local-part a colon is a character (RFC 5321 §4.1.2)
	}
	if strings.Contains(before, ":") {
		return true
	}
	_, port, found := strings.Cut(after, ":")
	if strings.Trim(text[len(text)-1:], "#$%>") == "" && strings.Trim(port[:min(1, len(port))], "~/") == "" {
		return false // the prompt of a shell: root@web1:~#
	}
	_, known := readPort(trimTarget(strings.TrimRight(port, "/")))
	return found && port != "" && !known && !strings.HasPrefix(after, "[")
}

// tokenStarts begin the tokens of well-known services.
var tokenStarts = []string{
	"xoxb-", "xoxp-", "xoxa-", "xoxe-", "xoxe.", "xoxs-", "xapp-", "xsmtpsib-", "xkeysib-",
	"ghp_", "gho_", "ghs_", "ghu_", "ghr_",
	"github_pat_", "glpat-", "eyJ", "ya29.", "sk_live_", "-----BEGIN", "--BEGIN",
}

// longTokenStarts begin tokens too, but also names: the rest tells.
// So many bytes follow at least.
var longTokenStarts = map[string]int{"AKIA": 12, "ASIA": 12, "AIza": 30, "sk-": 16, "key-": 32}

func hasToken(text string) bool {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("=:,;'\"`<>()@/", r) }) {
		if token(part) || token(strings.TrimLeft(part, "-")) {
			return true
		}
	}
	return false
}

func token(text string) bool {
	for _, start := range tokenStarts {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	for start, least := range longTokenStarts {
		if rest, found := strings.CutPrefix(text, start); found && len(rest) >= least && !strings.Contains(rest, ".") {
			return true
		}
	}
	// SendGrid's begin in capitals; a host name in capitals has no others.
	if rest, found := strings.CutPrefix(text, "SG."); found {
		return strings.ContainsFunc(rest, unicode.IsLower)
	}
	return false
}

// beginsLogin reports curl's options for a login, -u NAME:PASSWORD and --user
// NAME:PASSWORD.
func beginsLogin(words []word) bool {
	name, value, joined := strings.Cut(strings.TrimLeft(words[0].text, "-"), "=")
	if name == words[0].text || !slices.Contains([]string{"u", "user", "proxy-user"}, strings.ToLower(name)) {
		return false
	}
	return joined && strings.Contains(value, ":") || len(words) > 1 && strings.Contains(words[1].text, ":")
}

// appPassword reports the form in which Google and Yahoo show app passwords,
// four groups of four letters; Apple joins them by hyphens.
func appPassword(words []word) bool {
	var groups []string
	for _, w := range words[:min(4, len(words))] {
		groups = append(groups, strings.Trim(w.text, "\"'"))
	}
	return fourGroups(groups) || fourGroups(strings.Split(words[0].text, "-"))
}

func fourGroups(groups []string) bool {
	return len(groups) == 4 && !slices.ContainsFunc(groups, func(g string) bool {
		return len(g) != 4 || strings.Trim(g, "abcdefghijklmnopqrstuvwxyz") != ""
	})
}
