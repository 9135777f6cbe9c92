package probetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Script is what a server does on one connection, in order. Its text has one
// action a line; empty lines and lines that begin with # are passed over.
//
//	S: 220 mx.example.test ESMTP   sends the line and CRLF
//	RAW: "250-a\n"                 sends a Go string as it is
//	DRIP 1s: 220 slow              sends the line octet by octet
//	FLOOD 5000: 220-more           sends the line so many times
//	POUR 70000: x                  sends the text so many times, without line end
//	C: EHLO *                      expects a line; * stands for anything
//	C: AUTH PLAIN {base64:\0{user}\0{password}}
//	                               expects the login of the case; see expand, for S: too
//	SCRAM: ok                      the server's part of a SCRAM-SHA-256 login; see scram
//	TLS: names=a.example.test      TLS handshake; see CertSpec and tlsConfig
//	HELLO                          reads one TLS record, the ClientHello
//	ALERT 40                       sends a fatal TLS alert in the clear
//	PAUSE 6s                       waits
//	EOF                            expects the client to close, and nothing before
//	CLOSE                          closes (also at the end of the script)
//	HANGUP                         closes without TLS's close_notify
//	RESET                          ends the connection with RST
type Script []Action

// Action is one line of a Script.
type Action struct {
	Verb  string        // "S", "C", "RAW", …
	Text  string        // what follows the colon
	Count int           // of FLOOD and POUR, and the number of ALERT
	Every time.Duration // of DRIP and PAUSE
	Line  int           // in the script's text, for messages

	exact bool // of C: the text is compared as it is
}

// ParseScript reads a script. The error names the line.
func ParseScript(text string) (Script, error) {
	var script Script
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		a, err := parseAction(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		a.Line = i + 1
		script = append(script, a)
	}
	return script, nil
}

func parseAction(line string) (Action, error) {
	head, text, _ := strings.Cut(line, ":")
	verb, arg, _ := strings.Cut(head, " ")
	a := Action{Verb: verb, Text: strings.TrimPrefix(text, " ")}
	var err error
	switch verb {
	case "S", "C", "SCRAM", "TLS", "HELLO", "EOF", "CLOSE", "HANGUP", "RESET":
	case "RAW":
		a.Text, err = strconv.Unquote(a.Text)
	case "FLOOD", "POUR", "ALERT":
		a.Count, err = strconv.Atoi(arg)
	case "DRIP", "PAUSE":
		a.Every, err = time.ParseDuration(arg)
	default:
		err = fmt.Errorf("%q is no action", verb)
	}
	if err != nil {
		return Action{}, fmt.Errorf("%s: %w", verb, err)
	}
	return a, nil
}

// matches compares a line with a pattern in which star stands for anything.
func matches(pattern, line, star string) bool {
	head, tail, any := strings.Cut(pattern, star)
	if !any {
		return pattern == line
	}
	if !strings.HasPrefix(line, head) {
		return false
	}
	line = line[len(head):]
	for i := 0; i <= len(line); i++ {
		if matches(tail, line[i:], star) {
			return true
		}
	}
	return false
}
