package replies

import (
	"slices"
	"strings"
	"unicode"
)

// ofQuoted are the concepts of the reply that a pasted text quotes, where some
// row knows what they mean; otherwise those of the whole text. What stands
// around a reply speaks of more: the client's options, attempts before it.
func (s *store) ofQuoted(t Text, f features) []bool {
	quoted, ok := quotedReply(t.Typed)
	if !ok {
		return f.concepts
	}
	whole := f.concepts
	f.concepts = s.lexicon.concepts(withoutQueries(withoutContext(withoutAddresses(quoted))))
	for i := range s.rows {
		if r := &s.rows[i]; r.layer() == LayerConcept && r.answers(t) && f.fit(r) {
			return f.concepts
		}
	}
	return whole
}

// maxQuotedOctets is how much of a reply is read.
const maxQuotedOctets = 1024

// quotedReply finds the first reply of a refusal that a longer text quotes,
// from the text behind its code to its end.
func quotedReply(text string) (reply string, ok bool) {
	for i := 0; i+3 < len(text); i++ {
		if c := text[i]; c != '4' && c != '5' || i > 0 && !strings.ContainsRune(" \t\n\"'(<:", rune(text[i-1])) {
			continue
		}
		code, rest, _ := parseLine(text[i:min(len(text), i+maxQuotedOctets)])
		if code == 0 && (strings.HasPrefix(text[i+3:], ", ") || strings.HasPrefix(text[i+3:], ". ")) {
			code, rest, _ = parseLine(text[i:i+3] + text[i+4:min(len(text), i+maxQuotedOctets)])
		}
		before := strings.Fields(text[max(0, i-16):i])
		if code < 400 || rest == "" || len(before) > 0 && slices.Contains(notCodes(), before[len(before)-1]) {
			continue
		}
		return endOfReply(rest), true
	}
	for _, announced := range []string{"response was:", "responded:", "response:", "Response:", "said:"} {
		if _, rest, found := strings.Cut(text, announced); found {
			return endOfReply(rest[:min(len(rest), maxQuotedOctets)]), true
		}
	}
	return "", false
}

// notCodes are words before numbers that are no reply codes.
func notCodes() []string {
	return []string{"port", "line", "Port", "Line", "after", "errno", "of", "than", "to", "Completed", "HTTP"}
}

// endOfReply cuts off what a program writes behind a reply.
func endOfReply(rest string) string {
	for _, behind := range []string{"(in reply to", "; from=<", "', ", "<CRLF>", "{ code:", "\\n"} {
		rest, _, _ = strings.Cut(rest, behind)
	}
	lines := strings.Split(rest, "\n")
	for i, line := range lines[1:] {
		if begins(strings.Fields(line)) {
			return strings.Join(lines[:i+1], "\n")
		}
	}
	return rest
}

// begins reports a line that is no part of the reply in the line before: a
// frame of a stack, a line of a log, a command.
func begins(words []string) bool {
	const shout = 4 // letters of ERROR, INFO, QUIT
	if len(words) == 0 {
		return true
	}
	first := words[0]
	return first == "at" || strings.ContainsAny(first[:1], "*<{}-[#") || strings.HasSuffix(first, ":") ||
		len(first) >= shout && strings.ToUpper(first) == first && unicode.IsLetter(rune(first[0]))
}

// contexts are the names by which logs write what the reply does not speak of.
func contexts() []string {
	return []string{
		"helo", "proto", "from", "to", "orig_to", "relay", "client", "delay", "delays", "name", "type", "size", "nrcpt",
		"nrcpts", "sasl_method", "sasl_username", "mailer", "message-id", "msgid", "host", "ip", "status", "dsn",
	}
}

// withoutContext leaves out what logs write as name=value, and the name of a
// reply code that .NET writes before the reply.
func withoutContext(text string) string {
	const answered = "the server response was:"
	if i := strings.Index(strings.ToLower(text), answered); i >= 0 && isASCII(text[:i]) {
		text = text[i+len(answered):]
	}
	text = strings.ReplaceAll(text, "500 internal server error", "") // of HTTP, as Rails logs it
	if !strings.Contains(text, "=") {
		return text
	}
	var out strings.Builder
	for text != "" {
		end := strings.IndexAny(text, " \t\n,;")
		if end < 0 {
			end = len(text)
		}
		name, _, assigned := strings.Cut(text[:end], "=")
		if !assigned || !slices.Contains(contexts(), name) {
			out.WriteString(text[:end])
		}
		out.WriteString(text[end:min(end+1, len(text))])
		text = text[min(end+1, len(text)):]
	}
	return out.String()
}

// withoutQueries leaves out what stands behind the question mark of a link.
func withoutQueries(text string) string {
	words := strings.Split(text, " ")
	for i, w := range words {
		if link, _, found := strings.Cut(w, "?"); found && strings.Contains(link, "://") {
			words[i] = link
		}
	}
	return strings.Join(words, " ")
}

// technical reports two ideas of which together only texts about mail or TLS
// tell.
func (l *lexicon) technical(has []bool) bool {
	n := 0
	for _, name := range []string{
		"tls", "handshake", "cleartext", "certificate", "smtp", "relay", "spf", "dkim", "dmarc", "grey", "helo",
		"mechanism", "greeting", "ptr", "selfsigned", "apppassword", "recipient", "login",
	} {
		if has[l.number[name]] {
			n++
		}
	}
	return n >= 2 || has[l.number["allowance"]]
}
