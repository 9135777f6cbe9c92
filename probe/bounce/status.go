package bounce

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"smtptest/probe/replies"
)

// readStatus reads the fields of RFC 3464: those about the message, and a group
// for each recipient. Where no blank line divides the groups, a field that comes
// again begins the next.
func (n *Notice) readStatus(all []field) {
	var now Failure
	seen, block := map[string]bool{}, -1
	end := func() {
		known := seen["diagnostic-code"] || seen["remote-mta"] || seen["final-recipient"] || n.Reporting != ""
		if known && (seen["action"] || seen["status"]) {
			if !strings.Contains(now.Said, now.Enhanced) {
				now.Said = now.Enhanced + " " + now.Said // the words alone may mean nothing to anybody
			}
			n.add(now)
		}
		now, seen = Failure{}, map[string]bool{}
	}
	for _, f := range all {
		if f.name == "reporting-mta" {
			n.Reporting = hostName(typed(f.value))
			continue
		}
		read := ofRecipient[f.name]
		if read == nil {
			continue
		}
		if seen[f.name] || f.block != block {
			end()
		}
		block = f.block
		seen[f.name] = true
		read(&now, f.value)
	}
	end()
}

// ofRecipient are the fields of a recipient's group that are read. Final-Recipient
// is an address: it only tells that there is one.
var ofRecipient = map[string]func(*Failure, string){
	"final-recipient": func(*Failure, string) {},
	"action": func(f *Failure, value string) {
		word, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(value)), " ")
		if slices.Contains([]string{"failed", "delayed", "delivered", "relayed", "expanded"}, word) {
			f.Action = word
		}
	},
	"status": func(f *Failure, value string) {
		if f.Enhanced == "" {
			f.Enhanced = enhanced.FindString(value)
		}
	},
	"remote-mta": func(f *Failure, value string) {
		name := typed(value)
		first, _, _ := strings.Cut(name, " ")
		f.Remote, f.Address = hostName(first), address(name)
	},
	"diagnostic-code":  func(f *Failure, value string) { f.words(typed(value)) },
	"will-retry-until": func(f *Failure, value string) { f.Retried = date(value) },
}

// typed is the value behind its type, as in "dns; mx.example.com".
func typed(value string) string {
	kind, rest, found := strings.Cut(value, ";")
	if !found || strings.ContainsAny(strings.TrimSpace(kind), " .@") {
		return strings.TrimSpace(value)
	}
	return strings.TrimSpace(rest)
}

var (
	enhanced  = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	replyCode = regexp.MustCompile(`(?:^|[ '"#:])([245]\d\d)(?:[ \-#]|$)`)
	inReplyTo = regexp.MustCompile(`(?i)in reply to (?:the )?(end of DATA|[A-Z]+(?: FROM| TO)?) command`)
)

// words takes the words of a reply in, with the codes in them. A code in the
// words is nearer to the server than one of the status.
func (f *Failure) words(said string) {
	f.Said = bounded(strings.TrimSpace(said), maxSaid)
	if m := replyCode.FindStringSubmatch(f.Said); m != nil {
		f.Code, _ = strconv.Atoi(m[1])
	}
	if e := enhanced.FindString(f.Said); e != "" {
		f.Enhanced = e
	}
	if m := inReplyTo.FindStringSubmatch(f.Said); m != nil {
		f.Answered = placeOf(m[1])
	}
}

// placeOf is what a command is called in a notice.
func placeOf(command string) replies.Place {
	command = strings.ToUpper(strings.TrimSpace(command))
	command = strings.TrimPrefix(command, "PIPELINED ")
	for prefix, place := range map[string]replies.Place{
		"RCPT": replies.RCPT, "MAIL": replies.MAIL, "DATA": replies.DATA, "END OF": replies.DATA, "EHLO": replies.EHLO,
		"HELO": replies.EHLO, "STARTTLS": replies.STARTTLS, "AUTH": replies.AUTH, "INITIAL": replies.Greeting,
	} {
		if strings.HasPrefix(command, prefix) {
			return place
		}
	}
	return replies.Anywhere
}
