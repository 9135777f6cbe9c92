package registry

import (
	"bytes"
	"strconv"
	"strings"
)

// maxProtocolOctets is how much of what was heard is looked at: greetings
// show what they are in their first line (RFC 5321 §4.5.3.1.5).
const maxProtocolOctets = 512

// Protocol names the protocol that begins with what a server said first:
// "SSH", "IMAP", "POP3", "HTTP", "FTP", "TLS", "SMTP" and so on; empty when
// it is none that is known here. first may be raw octets or what
// smtp.Printable made of them; its first 512 octets are looked at. A greeting
// with a reply code is SMTP's unless it says that it is another's.
func Protocol(first []byte) string {
	heard := octets(first)
	for _, s := range signatures() {
		if s.fits(heard) {
			return s.protocol
		}
	}
	return ""
}

// signature is how a protocol is known. Order counts: the first that fits
// names it.
type signature struct {
	protocol string
	fits     func(heard string) bool
}

func signatures() []signature {
	return []signature{
		{"TLS", isTLS},
		{"SSH", begins("SSH-")},
		{"HTTP", begins("HTTP/", "<!DOCTYPE HTML", "<HTML")},
		{"RFB", begins("RFB 0")},
		{"Redis", begins("-NOAUTH ", "-DENIED ", "-ERR UNKNOWN COMMAND", "-ERR WRONG NUMBER")},
		{"POP3", begins("+OK", "-ERR")},
		{"IMAP", begins("* OK", "* PREAUTH", "* BYE", "* BAD")},
		{"ManageSieve", begins(`"IMPLEMENTATION"`)},
		{"XMPP", begins("<?XML", "<STREAM:")},
		{"rsync", begins("@RSYNCD:")},
		{"AMQP", begins("AMQP")},
		{"Telnet", isTelnet},
		{"RDP", begins("\x03\x00\x00")},
		{"MySQL", isMySQL},
		{"PostgreSQL", isPostgreSQL},
		{"NNTP", isNNTP},
		{"LMTP", isLMTP},
		{"FTP", isFTP},
		{"SMTP", isReply},
	}
}

// begins fits what starts with one of the words, given in upper case and
// compared without case.
func begins(words ...string) func(string) bool {
	return func(heard string) bool {
		for _, w := range words {
			if len(heard) >= len(w) && strings.EqualFold(heard[:len(w)], w) {
				return true
			}
		}
		return false
	}
}

// isTLS knows a record: content type, then the version 3.x that all of SSL 3
// to TLS 1.3 write (RFC 8446 §5.1).
func isTLS(heard string) bool {
	return len(heard) >= 3 && heard[0] >= 20 && heard[0] <= 23 && heard[1] == 3 && heard[2] <= 4
}

// isTelnet knows a negotiation: IAC, then WILL, WONT, DO or DONT (RFC 854).
func isTelnet(heard string) bool {
	return len(heard) >= 2 && heard[0] == 0xff && heard[1] >= 0xfb && heard[1] <= 0xfe
}

// isMySQL knows a first packet: length of three octets, sequence number 0,
// then protocol 10 or an error. Protocol 10 is the octet LF, at which an
// SMTP reader stops, so the packet's head may be all there is.
func isMySQL(heard string) bool {
	if len(heard) < 4 || heard[0] == 0 || heard[1:4] != "\x00\x00\x00" {
		return false
	}
	return len(heard) == 4 || heard[4] == '\n' || heard[4] == 0xff
}

// isPostgreSQL knows the error message with which a start that it could not
// read is answered: "E", a length of four octets, the field "S".
func isPostgreSQL(heard string) bool {
	return len(heard) >= 6 && heard[0] == 'E' && heard[1:3] == "\x00\x00" && heard[5] == 'S'
}

// isNNTP knows the two greetings of RFC 3977 §5.1; SMTP has no such codes.
func isNNTP(heard string) bool {
	return isReply(heard) && (heard[:3] == "200" || heard[:3] == "201")
}

// isLMTP goes by the word in the greeting (RFC 2033): LMTP's code is
// that of SMTP.
func isLMTP(heard string) bool {
	return isReply(heard) && saysWord(heard, "LMTP") && !saysWord(heard, "SMTP")
}

// isFTP knows a greeting or refusal of FTP, whose codes are those of SMTP
// (RFC 959 §4.2), by what it says of itself. Host names that hold "ftp" do
// not count.
func isFTP(heard string) bool {
	if !isReply(heard) || saysWord(heard, "SMTP") {
		return false
	}
	return saysWord(heard, "FTP") || strings.Contains(heard, "USER and PASS")
}

// saysWord reports whether one of the words that are not host names holds
// the letters of part: "vsFTPd" says FTP, "ftp.example.org" does not.
func saysWord(heard, part string) bool {
	for _, word := range strings.Fields(strings.ToUpper(heard)) {
		if strings.Contains(word, part) && !strings.Contains(word, ".") {
			return true
		}
	}
	return false
}

// isReply knows a reply line (RFC 5321 §4.2).
func isReply(heard string) bool {
	if len(heard) < 3 || heard[0] < '2' || heard[0] > '5' {
		return false
	}
	for _, c := range []byte(heard[1:3]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(heard) == 3 || strings.IndexByte(" -\r\n", heard[3]) >= 0
}

// octets undoes the escapes \xNN of smtp.Printable and cuts to what is
// looked at.
func octets(first []byte) string {
	var b strings.Builder
	for len(first) > 0 && b.Len() < maxProtocolOctets {
		if bytes.HasPrefix(first, []byte(`\x`)) && len(first) >= 4 {
			if n, err := strconv.ParseUint(string(first[2:4]), 16, 8); err == nil {
				b.WriteByte(byte(n))
				first = first[4:]
				continue
			}
		}
		b.WriteByte(first[0])
		first = first[1:]
	}
	return b.String()
}
