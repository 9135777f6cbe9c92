package formatting

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// login shows how a login at a host went. Neither user name nor secret is in a
// report.
func login(host string, a *probe.Auth) Facts {
	offered := "nothing"
	if len(a.Offered) > 0 {
		offered = listed(a.Offered, mostMechanisms, len(a.Offered))
	}
	rows := []Fact{{"Offered", offered}}
	if a.Mechanism != "" {
		rows = append(rows, Fact{"Mechanism", a.Mechanism + reasonTerms[a.Reason]})
	}
	rows = append(append(rows, Fact{loginResultRow, loginResult(a)}), exchangeRows(a.Evidence)...)
	for _, n := range diagnosis.LoginNotes(host, a.Form) {
		rows = append(rows, Fact{"Form of the input", n})
	}
	return Facts{Title: "Login", Rows: rows}
}

const mostMechanisms = 12 // listed by name; the longest healthy lists have some ten

// loginResultRow names the row that says how a login ended.
const loginResultRow = "Result"

func loginResult(a *probe.Auth) string {
	switch {
	case !a.Sent:
		return "nothing was sent"
	case a.Reply == nil:
		return "no answer"
	case a.Accepted:
		return "accepted: " + brief(a.Reply)
	}
	return "refused: " + brief(a.Reply)
}

// exchangeRows are what the exchange showed beside its result.
func exchangeRows(e sasl.Evidence) []Fact {
	var rows []Fact
	add := func(wanted bool, name, value string) {
		if wanted {
			rows = append(rows, Fact{name, value})
		}
	}
	add(len(e.Prompts) > 0, "The server asked", "“"+smtp.OneLine(strings.Join(e.Prompts, "”, “"))+"”")
	add(e.Unencoded, "Form of the question", "plain words where base64 is due")
	add(e.Deferred, "Initial response", "too long for the AUTH command, sent after the server's challenge")
	add(e.Realm != "", "Realm", e.Realm)
	add(e.Iterations > 0, "Iterations", fmt.Sprint(e.Iterations))
	add(e.Unprepared, "SASLprep", "not used: user name or password has a character that it forbids")
	add(e.Proof != "", "Server's proof", term(proofTerms, e.Proof, "missing"))
	add(e.ServerError != "", "Reason given", e.ServerError)
	if e.TokenError != nil {
		add(true, "Token refused", tokenWords(*e.TokenError))
	}
	add(e.Problem != "", "Canceled because", e.Problem.Words())
	return rows
}

// tokenWords are the fields of the server's explanation that were there.
func tokenWords(t sasl.TokenError) string {
	var parts []string
	for _, field := range []struct{ name, value string }{
		{"status", t.Status}, {"schemes", t.Schemes}, {"scope", t.Scope}, {"OpenID configuration", t.Configuration},
	} {
		if field.value != "" {
			parts = append(parts, field.name+" "+field.value)
		}
	}
	if len(parts) == 0 {
		return "the reason cannot be read"
	}
	return strings.Join(parts, ", ")
}
