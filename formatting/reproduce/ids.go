package reproduce

import (
	"regexp"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// mostIDs in a ticket. A session has one or two; a hostile server can send as
// many as it likes.
const mostIDs = 5

// maxSearchedBytes of one reply are searched for ids. Servers put them into
// the first lines; a hostile reply has a hundred times as much.
const maxSearchedBytes = 4 << 10

// id is what a server calls a session, a message or a case of its own: with
// it people who run the server find the session in their log.
type id struct {
	kind  string
	value string
}

// idForm is one way in which servers write an id. The first group of the
// pattern is the id; it holds letters, digits and a few signs only.
type idForm struct {
	kind    string
	pattern *regexp.Regexp
}

// idForms are tried in order; what an earlier one has found is not looked for
// again. The lengths are those of each kind, with room.
var idForms = []idForm{
	// "250 2.0.0 Ok: queued as 4XyzAB12Cd"
	{"queue id", regexp.MustCompile(`(?i)\bqueued as ([0-9a-z][0-9a-z._-]{4,63})`)},
	// "250 OK id=1rXyzA-0001AB-2C", since 4.97 "1rXyzA-000000001AB-2CDe"
	{"Exim message id", regexp.MustCompile(`\bid=([0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4})\b`)},
	// "220 smtp.gmail.com ESMTP 5b1f17b1804b1-42b7a8b5e2csm12345678f8f.10 - gsmtp"
	{"Google session id", regexp.MustCompile(`\b([0-9A-Za-z][0-9A-Za-z._-]{7,79}) - gsmtp\b`)},
	// "421 4.3.2 Service not available [AM0PR02CA0001.eurprd02.prod.outlook.com
	// 2024-05-01T10:00:00.000Z 08DC6A0B1C2D3E4F]"
	{"Microsoft session id", regexp.MustCompile(
		`\[([0-9A-Za-z.-]{1,80}\.prod\.outlook\.com(?: [0-9A-Za-z:.-]{1,40}){0,2})\]`)},
	// "250 2.6.0 <…> [InternalId=12345, Hostname=…] Queued mail for delivery"
	{"Exchange InternalId", regexp.MustCompile(`\[InternalId=([0-9]{1,24})\b`)},
	// "220 email-smtp.amazonaws.com ESMTP SimpleEmailService-d-ABCDEF abcDEF123ghiJKL456"
	{"Amazon SES session id", regexp.MustCompile(`\bSimpleEmailService-[0-9A-Za-z-]{1,40} ([0-9A-Za-z]{12,64})\b`)},
	// "250 Ok 0100018f00000000-00000000-0000-0000-0000-000000000000-000000"
	{"Amazon SES message id", regexp.MustCompile(
		`\bOk ([0-9a-f]{16}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]{6})\b`)},
	// "550 I cannot deliver mail for <…> (9C1DF2A0-1B2C-4D3E-8F90-123456789ABC.1.1)", as Haraka does
	{"session id", regexp.MustCompile(`(?i)\b([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.[0-9]{1,4}){0,2})\b`)},
	// "535 5.7.8 Error: authentication failed … 1714060800-aBcDeFgH0Y0", as Yandex does
	{"session id", regexp.MustCompile(`(?m)[ ]([0-9]{10}-[0-9A-Za-z]{8,24})\r?$`)},
	// "554 … [abcDEFghiJKLmnoPQRstuv.uk123]", as Mimecast does
	{"case id", regexp.MustCompile(`\[([0-9A-Za-z_-]{18,30}\.[a-z]{2}[0-9]{1,4})\]`)},
	// "421 too many connections, connection id: 123456", "(session=4711)"
	{"connection id",
		regexp.MustCompile(
			`(?i)\b(?:connection|conn|session|transaction|request|incident|case)(?:[ _-]?(?:id|number|no\.?))?` +
				` ?[:=#] ?((?:[a-z._-]{0,40}[0-9]){3}[0-9a-z._-]{0,60})`)},
}

// idsOf finds the ids in all replies of a session, each once, also as a part
// of another.
func idsOf(s *probe.Session) []id {
	var found []id
	for _, reply := range repliesOf(s) {
		text := reply.Text()
		for _, i := range idsIn(text[:min(len(text), maxSearchedBytes)]) {
			known := func(k id) bool { return strings.Contains(k.value, i.value) }
			if len(found) < mostIDs && !slices.ContainsFunc(found, known) {
				found = append(found, i)
			}
		}
	}
	return found
}

// repliesOf are the replies of a session in the order of its dialogue.
func repliesOf(s *probe.Session) []*smtp.Reply {
	all := []*smtp.Reply{s.Greeting}
	for i := range s.Hellos {
		all = append(all, &s.Hellos[i].Reply)
	}
	all = append(all, s.STARTTLS)
	if s.Auth != nil {
		all = append(all, s.Auth.Reply)
	}
	if e := s.Envelope; e != nil {
		all = append(all, e.Mail, e.Rcpt, e.Rset)
	}
	if s.Failure != nil {
		all = append(all, s.Failure.Reply)
	}
	all = append(all, s.Quit)
	return slices.DeleteFunc(all, func(r *smtp.Reply) bool { return r == nil })
}

// idsIn finds the ids in a text, in the order of idForms.
func idsIn(text string) []id {
	var found []id
	for _, form := range idForms {
		for _, m := range form.pattern.FindAllStringSubmatch(text, mostIDs) {
			found = append(found, id{form.kind, m[1]})
		}
	}
	return found
}
