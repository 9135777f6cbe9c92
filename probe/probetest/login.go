package probetest

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// expand fills in what S: and C: lines say in braces about the login of the
// case, so that a script holds no password and can say exactly what must be
// sent:
//
//	{user} {password} {token} {host} {port}   what the request says
//	{base64:TEXT} {hex:TEXT}                  TEXT encoded; braces inside it are filled in first
//	{url:TEXT} {json:TEXT} {html:TEXT}        TEXT escaped
//	{printable:TEXT}                          as our own transcripts write octets
//	{hmac-md5:TEXT}                           TEXT under the password, in hexadecimal (RFC 2195 §2)
//
// A brace with a quotation mark behind it begins JSON and stands for itself,
// what is inside it is filled in.
// Inside TEXT \0 is the octet NUL and \1 the octet 1. In a C: line what is
// filled in is compared literally; * outside of it stands for anything. A
// line without a login is left as it is: other stories have braces too.
func expand(text string, login *probe.Login) (string, error) {
	if login == nil {
		return text, nil
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		inside, after, ok := closing(rest)
		if !ok {
			return "", fmt.Errorf("a brace is not closed in %q", text)
		}
		value, err := brace(inside, login)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		text = after
	}
}

// closing cuts at the brace that belongs to the one before text.
func closing(text string) (inside, after string, ok bool) {
	depth := 1
	for i, c := range text {
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return text[:i], text[i+1:], true
		}
	}
	return "", "", false
}

// brace is what stands in the place of a brace and all inside it.
func brace(inside string, login *probe.Login) (string, error) {
	if strings.HasPrefix(inside, `"`) {
		inside, err := expand(inside, login)
		return "{" + inside + "}", err
	}
	return field(inside, login)
}

func field(inside string, login *probe.Login) (string, error) {
	name, arg, _ := strings.Cut(inside, ":")
	c := login.Credential
	switch name {
	case "user":
		return c.User, nil
	case "password":
		return c.Password.Reveal(), nil
	case "token":
		return c.Token.Reveal(), nil
	case "host":
		return c.Host, nil
	case "port":
		return strconv.Itoa(int(c.Port)), nil
	}
	arg, err := expand(strings.NewReplacer(`\0`, "\x00", `\1`, "\x01").Replace(arg), login)
	if err != nil {
		return "", err
	}
	return encode(name, arg, login)
}

func encode(name, text string, login *probe.Login) (string, error) {
	switch name {
	case "base64":
		return base64.StdEncoding.EncodeToString([]byte(text)), nil
	case "hex":
		return hex.EncodeToString([]byte(text)), nil
	case "url":
		return url.QueryEscape(text), nil
	case "html":
		return html.EscapeString(text), nil
	case "printable":
		return smtp.Printable([]byte(text)), nil
	case "json":
		quoted, err := json.Marshal(text)
		return strings.Trim(string(quoted), `"`), err
	case "hmac-md5":
		return hmacMD5(text, login.Credential.Password.Reveal()), nil
	}
	return "", fmt.Errorf("{%s} is not known", name)
}

// hmacMD5 answers a challenge of CRAM-MD5.
func hmacMD5(text, password string) string {
	mac := hmac.New(md5.New, []byte(password))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// star stands for anything in a pattern. It is in no line that a client may
// send.
const star = "\x02"

// matchesFilled compares a line with a pattern whose stars stand for
// anything, but not those in what is filled in.
func matchesFilled(pattern, line string, login *probe.Login) (bool, error) {
	filled, err := expand(strings.ReplaceAll(pattern, "*", star), login)
	if err != nil {
		return false, err
	}
	return matches(filled, line, star), nil
}
