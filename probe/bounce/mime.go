package bounce

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// parts are the texts of a notice by what they hold. Where a text has no parts,
// each of them is the whole.
type parts struct {
	status   string // message/delivery-status
	human    string // what a person reads
	original string // the header of the message that was not delivered, or of the one at hand
}

// partsOf takes a message apart (RFC 6522).
func partsOf(text string) parts {
	whole := parts{text, text, text}
	m, err := mail.ReadMessage(strings.NewReader(strings.TrimLeft(text, "\n")))
	if err != nil {
		return whole
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	var p parts
	switch {
	case err == nil && strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		budget := maxParts
		p.walk(multipart.NewReader(m.Body, params["boundary"]), 1, &budget)
	case err == nil && strings.HasPrefix(kind, "text/"), m.Header.Get("Subject") != "":
		p.human = decoded(m.Body, m.Header.Get("Content-Transfer-Encoding"))
		p.status = p.human
	}
	if strings.TrimSpace(p.status+p.human) == "" {
		return whole
	}
	if p.original == "" {
		p.original = text // of a text the copy that stands below it, or else its own header
	}
	return p
}

// walk reads parts in order. What is cut off in the middle of one has been read
// until there.
func (p *parts) walk(r *multipart.Reader, depth int, budget *int) {
	for ; *budget > 0; *budget-- {
		part, err := r.NextPart() // it decodes quoted-printable by itself
		if err != nil {
			return
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			kind = "text/plain"
		}
		body := func() string { return decoded(part, part.Header.Get("Content-Transfer-Encoding")) + "\n\n" }
		switch kind {
		case "message/delivery-status", "message/global-delivery-status": // RFC 6533 §4
			p.status += body()
		case "text/plain":
			p.human += body()
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers":
			p.original += body()
		default:
			if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
				p.walk(multipart.NewReader(part, params["boundary"]), depth+1, budget)
			}
		}
	}
}

// decoded is a body without its encoding, as far as it can be read.
func decoded(body io.Reader, encoding string) string {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, _ := io.ReadAll(io.LimitReader(body, MaxOctets)) // what was read before a fault is kept
	return strings.ToValidUTF8(strings.ReplaceAll(string(text), "\r\n", "\n"), "\ufffd")
}
