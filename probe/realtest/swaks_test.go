//go:build unix

package realtest

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
)

// witnessLimit is how long swaks or openssl may take; a killed one has said
// what it had seen.
const witnessLimit = 40 * time.Second

// swaks asks a listener as the probe does and returns what it printed.
func (s *site) swaks(t *testing.T, l listener, way probe.Security, options ...string) string {
	t.Helper()
	args := []string{
		"--server", loopback, "--port", fmt.Sprint(l.port), "--ehlo", probeHost, "--tls-sni", mailHost, "--timeout", "15",
		"--tls-ca-path", s.roots,
	}
	switch way {
	case probe.SecuritySTARTTLS:
		args = append(args, "--tls")
	case probe.SecurityImplicit:
		args = append(args, "--tls-on-connect")
	}
	if l.from != "" {
		args = append(args, "--local-interface", l.from)
	}
	return witness(t, "swaks", append(args, options...)...)
}

// witness runs a program to its end. How it ends does not matter: a refused
// recipient is an error to swaks. That it is there does.
func witness(t *testing.T, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("run .ci/real-servers first: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), witnessLimit)
	defer cancel()
	out, _ := exec.CommandContext(ctx, path, args...).CombinedOutput()
	return string(out)
}

// readSwaks turns the dialogue that swaks prints into facts. Each line has a
// hint in its first three columns and its text from the fifth on.
func readSwaks(output string) facts {
	f := facts{}
	about := greeting
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		if len(line) < 4 {
			continue
		}
		hint, text := line[:3], line[4:]
		switch hint {
		case " ->", " ~>":
			if strings.HasPrefix(f[about], "334 ") {
				delete(f, about) // what the client says now is a part of the login, not a command
				continue
			}
			about = commandFact(text, hint == " ~>")
		case "<- ", "<~ ", "<**", "<~*":
			f.addLine(about, text)
		case "===", "***":
			f.addNote(text)
		}
	}
	f.addCapabilities(clearHello, clearCaps)
	f.addCapabilities(secureHello, secureCaps)
	return f
}

// addCapabilities takes the lines after the first from a reply to EHLO, each
// without its code.
func (f facts) addCapabilities(hello, caps string) {
	lines := strings.Split(f[hello], "\n")[1:]
	for i := range lines {
		lines[i] = lines[i][len("250-"):]
	}
	if len(lines) > 0 {
		f[caps] = strings.Join(lines, "\n")
	}
}

// commandFact names the fact that the reply to a command is.
func commandFact(command string, secure bool) string {
	verb, _, _ := strings.Cut(command, " ")
	switch {
	case verb != "EHLO":
		return verb
	case secure:
		return secureHello
	}
	return clearHello
}

// addLine adds a line to a reply. With the hint of a reply, swaks also prints
// complaints of its own; they have no code.
func (f facts) addLine(about, text string) {
	if text == "" || text[0] < '2' || text[0] > '5' {
		return
	}
	if f[about] != "" {
		f[about] += "\n"
	}
	f[about] += text
}

// addNote reads what swaks says of the handshake.
func (f facts) addNote(text string) {
	if cipher, ok := strings.CutPrefix(text, "TLS started with cipher "); ok {
		f[handshake] = "complete"
		spelled, _, _ := strings.Cut(cipher, ":")
		f[version] = versionName(spelled)
	}
	if strings.HasPrefix(text, "TLS startup failed") {
		f[handshake] = "failed"
	}
}

// versionName turns OpenSSL's name of a TLS version into that of crypto/tls.
func versionName(openssl string) string {
	if openssl == "TLSv1" {
		return "TLS 1.0"
	}
	return strings.Replace(openssl, "TLSv", "TLS ", 1)
}

func TestReadSwaks(t *testing.T) {
	said := `=== Trying 127.0.0.1:42213...
=== Connected to 127.0.0.1.
<-  220-mail.example.test ESMTP Postfix
<-  220 mail.example.test ESMTP Postfix
 -> EHLO probe.example.test
<-  250-mail.example.test
<-  250 STARTTLS
 -> STARTTLS
<-  220 2.0.0 Ready to start TLS
=== TLS started with cipher TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256
=== TLS peer DN="/CN=mail.example.test"
 ~> EHLO probe.example.test
<~  250-mail.example.test
<~  250 CHUNKING
 ~> MAIL FROM:<bob@sender.example.test>
<~  250 2.1.0 Ok
 ~> RCPT TO:<carol@elsewhere.example>
<~* 554 5.7.1 <carol@elsewhere.example>: Relay access denied
 ~> QUIT
<~  221 2.0.0 Bye
=== Connection closed with remote host.
`
	same(t, readSwaks(said), facts{
		greeting:   "220-mail.example.test ESMTP Postfix\n220 mail.example.test ESMTP Postfix",
		clearHello: "250-mail.example.test\n250 STARTTLS", startTLS: "220 2.0.0 Ready to start TLS",
		handshake: "complete", version: "TLS 1.2", secureHello: "250-mail.example.test\n250 CHUNKING",
		clearCaps: "STARTTLS", secureCaps: "CHUNKING",
		mail: "250 2.1.0 Ok", rcpt: "554 5.7.1 <carol@elsewhere.example>: Relay access denied", quit: "221 2.0.0 Bye",
	})
	said = ` ~> AUTH LOGIN
<~  334 VXNlcm5hbWU6
 ~> YWxpY2U=
<~  334 UGFzc3dvcmQ6
 ~> c2VjcmV0
<~* 535 5.7.8 Authentication failed.
*** No authentication type succeeded
 ~> QUIT
<~  221 2.0.0 Bye
`
	same(t, readSwaks(said), facts{auth: "535 5.7.8 Authentication failed.", quit: "221 2.0.0 Bye"})
	said = `=== Connected to 127.0.0.1.
*** TLS startup failed (connect(): error:0A00010B:SSL routines::wrong version number)
`
	same(t, readSwaks(said), facts{handshake: "failed"})
	said = `=== Connected to 127.0.0.1.
<** Timeout (3 secs) waiting for server response
 -> QUIT
*** Remote host closed connection unexpectedly.
`
	same(t, readSwaks(said), facts{})
}

// same fails the test unless both hold the same facts.
func same(t *testing.T, got, want facts) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: got\n%s\nwant\n%s", name, indent(got[name]), indent(want[name]))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: got\n%s\nwant nothing", name, indent(got[name]))
		}
	}
}
