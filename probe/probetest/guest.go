package probetest

import (
	"cmp"
	"encoding/base64"
	"strings"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// guest is a client of the sandbox: it was not written for the script that it
// meets. Where it says the same command with other arguments the script goes
// on; any other command is answered as an ordinary server would, and the script
// waits. What it logs in with is compared with the account.
type guest struct {
	account probe.Login
	rest    Script // behind the action that is played
	denied  bool   // in this login something else came than the account's
}

// Account is what a guest logs in with: the login of the case's story, and
// what everybody uses for what that leaves open.
func (c *Case) Account() probe.Login {
	own := probe.Login{}
	if c.Request.Login != nil {
		own = *c.Request.Login
	}
	own.Credential.User = cmp.Or(own.Credential.User, "ada@example.test")
	if own.Credential.Password.IsZero() {
		own.Credential.Password = secret.New("correct horse")
	}
	if own.Credential.Token.IsZero() {
		own.Credential.Token = secret.New("ya29.a0AfB_byC3xampleT0ken")
	}
	own.Credential.Host, own.Credential.Port = c.Request.Target.Host, c.Request.Target.Port
	return own
}

// TakesLogin reports a story in which a login can be sent: it is about one, or
// AUTH is offered by a server with which nothing is wrong.
func (c *Case) TakesLogin() bool {
	if c.Request.Login != nil {
		return true
	}
	if !strings.HasPrefix(c.Findings, "working ") {
		return false
	}
	for _, script := range c.Dialogues {
		for _, a := range script {
			if a.Verb == "S" && (strings.HasPrefix(a.Text, "250-AUTH ") || strings.HasPrefix(a.Text, "250 AUTH ")) {
				return true
			}
		}
	}
	return false
}

// depart deals with a line that is not the one of the script. done: the script
// goes on.
func (p *play) depart(a Action, line string) (done bool, err error) {
	g := p.guest
	verb, planned := verbOf(line), verbOf(a.Text)
	switch {
	case !isCommand(planned): // within a login, which goes on to its end
		g.denied = true
		return true, nil
	case verb != planned:
		return false, p.answer(line)
	case verb != "AUTH":
		return true, nil
	case sameAuth(a.Text, line):
		g.denied = true
		return true, nil
	}
	return false, p.answer(line)
}

// verdict is what the guest hears where the script has a reply: no login with
// something else than the account succeeds.
func (g *guest) verdict(reply string) string {
	if g.denied && !strings.HasPrefix(reply, "334") {
		g.denied = false
		if strings.HasPrefix(reply, "235") {
			return loginDenied
		}
	}
	return reply
}

func (p *play) denies() bool { return p.guest != nil && p.guest.denied }

const (
	loginAccepted = "235 2.7.0 Authentication successful"
	loginDenied   = "535 5.7.8 Error: authentication failed"
)

func verbOf(line string) string {
	verb, _, _ := strings.Cut(line, " ")
	return strings.ToUpper(verb)
}

// ordinary are the commands that a server understands, with its replies where
// they are always the same.
var ordinary = map[string]string{
	"HELO": "250 ok", "EHLO": "250 ok", "STARTTLS": "502 5.5.1 Error: command not implemented", "AUTH": "",
	"MAIL": "250 2.1.0 Ok", "RCPT": "250 2.1.5 Ok", "RSET": "250 2.0.0 Ok", "NOOP": "250 2.0.0 Ok",
	"QUIT": "221 2.0.0 Bye",
}

func isCommand(verb string) bool { _, ok := ordinary[verb]; return ok }

// sameAuth reports the same mechanism, with or without an initial response in
// both.
func sameAuth(planned, line string) bool {
	p, l := strings.Fields(planned), strings.Fields(line)
	return len(p) == len(l) && len(p) > 1 && strings.EqualFold(p[1], l[1])
}

// answer answers a command that the script does not expect here.
func (p *play) answer(line string) error {
	verb := verbOf(line)
	if verb == "AUTH" {
		return p.logIn(line)
	}
	if err := p.send(cmp.Or(ordinary[verb], "502 5.5.2 Error: command not recognized") + "\r\n"); err != nil {
		return err
	}
	if verb == "QUIT" {
		return errOver
	}
	return nil
}

// logIn is a login that the script does not have. Where the story refuses one,
// this is refused with the same words.
func (p *play) logIn(line string) error {
	if refusal, ok := refusalIn(p.guest.rest); ok {
		return p.say(Action{Text: refusal})
	}
	words := append(strings.Fields(line), "", "")
	mechanism, initial := strings.ToUpper(words[1]), words[2]
	c := p.guest.account.Credential
	wants, ok := exchanges(c)[mechanism]
	if !ok {
		return p.send("504 5.5.4 Error: authentication mechanism not supported\r\n")
	}
	good := true
	for i, x := range wants {
		response := initial
		if i > 0 || initial == "" {
			var err error
			if response, err = p.challenge(x.challenge); err != nil {
				return err
			}
		}
		decoded, err := base64.StdEncoding.DecodeString(response)
		good = good && err == nil && matches(x.right, string(decoded), star)
	}
	if good {
		return p.send(loginAccepted + "\r\n")
	}
	return p.send(loginDenied + "\r\n")
}

// challenge sends one and reads the response.
func (p *play) challenge(text string) (string, error) {
	if err := p.send("334 " + base64.StdEncoding.EncodeToString([]byte(text)) + "\r\n"); err != nil {
		return "", err
	}
	return p.line(Action{Verb: "C"})
}

// refusalIn is the story's own refusal of a login.
func refusalIn(rest Script) (text string, ok bool) {
	login := false
	for _, a := range rest {
		switch {
		case a.Verb == "C" && verbOf(a.Text) == "AUTH":
			login = true
		case login && a.Verb == "S" && !strings.HasPrefix(a.Text, "334"):
			return a.Text, !strings.HasPrefix(a.Text, "235")
		}
	}
	return "", false
}

// turn is one challenge and the right response, in which star stands for
// anything.
type turn struct{ challenge, right string }

// exchanges are the logins that a guest can make. SCRAM is not among them: it
// is offered in the stories that play it.
func exchanges(c sasl.Credential) map[string][]turn {
	const challenge = "<1896.697170952@mx.example.test>" // of RFC 2195 §2
	user, password, token := c.User, c.Password.Reveal(), "auth=Bearer "+c.Token.Reveal()+"\x01\x01"
	return map[string][]turn{
		"PLAIN":       {{"", star + "\x00" + user + "\x00" + password}},
		"LOGIN":       {{"Username:", user}, {"Password:", password}},
		"CRAM-MD5":    {{challenge, user + " " + hmacMD5(challenge, password)}},
		"XOAUTH2":     {{"", "user=" + user + "\x01" + token}},
		"OAUTHBEARER": {{"", "n,a=" + user + ",\x01" + star + token}},
	}
}
