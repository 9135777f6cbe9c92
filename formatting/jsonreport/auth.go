package jsonreport

import (
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/sasl"
)

type authJSON struct {
	Offered   []string     `json:"offered"`
	Mechanism string       `json:"mechanism,omitempty"`
	Reason    string       `json:"reason,omitempty"`
	Sent      bool         `json:"sent"`
	Accepted  bool         `json:"accepted"`
	Reply     *replyJSON   `json:"reply,omitempty"`
	Evidence  evidenceAuth `json:"evidence"`
	Form      *formJSON    `json:"form,omitempty"`
	Notes     []string     `json:"notes"`
}

// formJSON is what user name and password look like.
type formJSON struct {
	User   string `json:"user,omitempty"`
	Secret string `json:"secret,omitempty"`
}

func auth(host string, a probe.Auth) authJSON {
	return authJSON{
		Offered: same(a.Offered), Mechanism: a.Mechanism, Reason: string(a.Reason), Sent: a.Sent, Accepted: a.Accepted,
		Reply: some(a.Reply, reply), Evidence: exchange(a.Evidence),
		Form:  some(a.Form, func(f probe.LoginForm) formJSON { return formJSON(f) }),
		Notes: same(diagnosis.LoginNotes(host, a.Form)),
	}
}

// evidenceAuth is what the exchange showed; neither user name nor secret.
type evidenceAuth struct {
	Mechanism   string          `json:"mechanism,omitempty"`
	Challenges  int             `json:"challenges"`
	Deferred    bool            `json:"deferred"`
	Unencoded   bool            `json:"unencoded"`
	Prompts     []string        `json:"prompts"`
	Realm       string          `json:"realm,omitempty"`
	Iterations  int             `json:"iterations,omitempty"`
	Unprepared  bool            `json:"unprepared"`
	Proof       string          `json:"proof,omitempty"`
	ServerError string          `json:"server_error,omitempty"`
	TokenError  *tokenErrorJSON `json:"token_error,omitempty"`
	Problem     string          `json:"problem,omitempty"`
}

type tokenErrorJSON struct {
	Status        string `json:"status,omitempty"`
	Schemes       string `json:"schemes,omitempty"`
	Scope         string `json:"scope,omitempty"`
	Configuration string `json:"configuration,omitempty"`
}

func exchange(e sasl.Evidence) evidenceAuth {
	return evidenceAuth{
		Mechanism: e.Mechanism, Challenges: e.Challenges, Deferred: e.Deferred, Unencoded: e.Unencoded,
		Prompts: same(e.Prompts),
		Realm:   e.Realm, Iterations: e.Iterations, Unprepared: e.Unprepared, Proof: string(e.Proof),
		ServerError: e.ServerError,
		TokenError:  some(e.TokenError, func(t sasl.TokenError) tokenErrorJSON { return tokenErrorJSON(t) }),
		Problem:     string(e.Problem),
	}
}

// same is a list that is never null.
func same(list []string) []string { return each(list, func(s string) string { return s }) }
