package bounce

import (
	"regexp"
	"strings"
	"sync"
)

// plainForm is how a program writes a notice for people: the words by which it
// is known, in lower case, and where it names itself.
type plainForm struct {
	form  Form
	marks []string
}

func plainForms() []plainForm {
	return []plainForm{
		{Postfix, []string{"this is the mail system at host"}},
		{Qmail, []string{"this is the qmail-send program", "i wasn't able to deliver your message to the following"}},
		{Exim, []string{"created automatically by mail delivery software", "message that you sent could not be delivered",
			"message that you sent has not yet been delivered"}},
		{Exchange, []string{"diagnostic information for administrators", "delivery has failed to these recipients"}},
		{Gmail, []string{"the response from the remote server was", "technical details of permanent failure",
			"technical details of temporary failure", "the error that the other server returned was",
			"your message wasn't delivered to", "temporary problem delivering your message"}},
		{Sendmail, []string{"transcript of session follows", "had permanent fatal errors"}},
	}
}

// The groups of a pattern: host and ip of the server, what it said, and the
// command that this answers. A NUL stands where a paragraph ends.
const (
	hostIn = `(?P<host>[^\s\[\]\x00]+)`
	ipIn   = `\[(?P<ip>[0-9A-Fa-f.:]+)\]`
	said   = `(?P<said>[^\x00]+?)`
	ends   = `(?:\x00|$)`
)

// plainWords are how each form says what was answered. What they find is bounded
// by whoever takes it in.
var plainWords = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		// Postfix, bounce(8).
		regexp.MustCompile(`host ` + hostIn + ipIn + `(?::\d+)? (?:said|refused to talk to me): ` + said +
			`(?: \(in reply to (?:the )?(?P<cmd>[A-Za-z ]+) command\)|` + ends + `)`),
		regexp.MustCompile(`(?P<said>connect to ` + hostIn + ipIn + `:\d+: [^\x00]+?)` + ends),
		// Exim, the specification's chapter on errors_copy and friends; older releases put the host behind.
		regexp.MustCompile(`host ` + hostIn + ` ` + ipIn + `(?::\d+)? SMTP error from remote (?:mail server|mailer) after ` +
			`(?P<cmd>(?:pipelined )?(?:end of data|initial connection|[A-Za-z]+))[^\x00]*?: (?P<said>\d{3}[^\x00]+?)` + ends),
		regexp.MustCompile(`SMTP error from remote (?:mail server|mailer) after ` +
			`(?P<cmd>(?:pipelined )?(?:end of data|initial connection|[A-Za-z]+))[^\x00]*?: host ` + hostIn + ` ` + ipIn +
			`: (?P<said>\d{3}[^\x00]+?)` + ends),
		// qmail-remote(8).
		regexp.MustCompile(`(?:(?P<ip>[0-9A-Fa-f.:]+) (?:does not like|failed after|refused)[^\x00]*?\. )?` +
			`Remote host said: ` + said + `(?: Giving up on [0-9A-Fa-f.:]+|` + ends + `)`),
		// Exchange: the server stands behind "at", or on the line before.
		regexp.MustCompile(`(?i)remote server at (?P<host>[^\s(\x00]+) \((?P<ip>[0-9A-Fa-f.:]+)\) returned '` +
			said + `'`),
		regexp.MustCompile(`(?i)(?:(?P<host>[a-z0-9.-]+)\s+)?remote server returned '` + said + `'`),
		regexp.MustCompile(`(?P<said>#\d{3} [^\x00#]+) ?##`),
		// Gmail, now and before 2017.
		regexp.MustCompile(`(?i)domain \S+ by ` + hostIn + ` ` + ipIn + `[^\x00]*?\x00?\s*The error that the other server ` +
			`returned was:\s*\x00?\s*` + said + ends),
		regexp.MustCompile(`(?i)The response (?:from the remote server )?was:\s*\x00?\s*` + said + ends),
		// sendmail.
		regexp.MustCompile(`while talking to (?P<host>[^\s:\x00]+):\s*>>> (?P<cmd>[A-Za-z]+)[^\x00]*?<<< ` + said + ends),
	}
})

// reporters are where a form names the host that wrote it.
var reporters = regexp.MustCompile(
	`(?i)(?:mail system at host|qmail-send program at|generating server:) ?\x00? ?([a-z0-9.-]+)`)

// readPlain reads what was written for people.
func (n *Notice) readPlain(text string) {
	flat := flattened(text)
	lower := strings.ToLower(flat)
	for _, p := range plainForms() {
		for _, mark := range p.marks {
			if n.Form == "" && strings.Contains(lower, mark) {
				n.Form = p.form
			}
		}
	}
	if n.Form == "" {
		return
	}
	if m := reporters.FindStringSubmatch(flat); m != nil {
		n.Reporting = hostName(m[1])
	}
	for _, f := range failuresIn(flat) {
		n.add(f)
	}
	if len(n.Failures) == 0 { // in words that are not known here; what they mean may be known all the same
		var f Failure
		f.words(bounded(strings.ReplaceAll(flat, "\x00", " "), maxSaid))
		n.add(f)
	}
}

// flattened is a text in one line, with a NUL for each blank line, without the
// message that may be quoted below.
func flattened(text string) string {
	for _, mark := range []string{
		"\n--- Below this line is a copy", "\n------ This is a copy of", "\nOriginal message headers:",
		"\n----- Original message",
	} {
		text, _, _ = strings.Cut(text, mark)
	}
	var b strings.Builder
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\x00", " "), "\n") {
		words := strings.Fields(unquoted(line))
		if len(words) == 0 {
			b.WriteString("\x00 ")
			continue
		}
		b.WriteString(strings.Join(words, " ") + " ")
	}
	return strings.ReplaceAll(strings.TrimSpace(b.String()), " \x00", "\x00")
}

// failuresIn are the failures that a flattened text speaks of.
func failuresIn(flat string) (all []Failure) {
	for _, re := range plainWords() {
		for _, m := range re.FindAllStringSubmatch(flat, maxFailures) {
			var f Failure
			for i, name := range re.SubexpNames() {
				switch text := m[i]; {
				case text == "":
				case name == "host":
					f.Remote = hostName(text)
				case name == "ip":
					f.Address = address(text)
				case name == "said":
					f.words(text)
				case name == "cmd":
					f.Answered = placeOf(text)
				}
			}
			all = append(all, f)
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// completed adds to what the status says what only the text for people does:
// the address, and which command was answered.
func (n *Notice) completed(text string) {
	for _, t := range failuresIn(flattened(text)) {
		for i := range n.Failures {
			f := &n.Failures[i]
			if f.Remote != "" && t.Remote != "" && f.Remote != t.Remote || f.Code != t.Code && t.Code != 0 {
				continue
			}
			if f.Remote == "" {
				f.Remote = t.Remote
			}
			if !f.Address.IsValid() {
				f.Address = t.Address
			}
			if f.Answered == "" {
				f.Answered = t.Answered
			}
		}
	}
}
