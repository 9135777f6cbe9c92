package diagnosis

import (
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// TestPasswordEnds: the warning counts from the report's own time, and comes at
// hosts of that provider alone, where a password could be sent.
func TestPasswordEnds(t *testing.T) {
	for _, c := range []struct{ host, auth, used, started, title string }{
		{"smtp.office365.com", "LOGIN XOAUTH2", "", "2026-11-28", "Password logins end here in 33 days, by default"},
		{"smtp.office365.com", "LOGIN XOAUTH2", "", "2026-12-30", "Password logins end here tomorrow, by default"},
		{"smtp.office365.com", "LOGIN XOAUTH2", "LOGIN", "2026-12-31", "Password logins end here today, by default"},
		{"smtp.office365.com", "LOGIN XOAUTH2", "", "2025-12-31", "Password logins end here in 365 days, by default"},
		{"smtp.office365.com", "LOGIN XOAUTH2", "", "2025-12-30", ""},
		{"smtp.office365.com", "LOGIN XOAUTH2", "", "2027-01-01", ""},
		{"smtp.office365.com", "LOGIN XOAUTH2", "XOAUTH2", "2026-11-28", ""},
		{"smtp.office365.com", "XOAUTH2", "", "2026-11-28", ""},
		{"smtp-mail.outlook.com", "LOGIN XOAUTH2", "", "2026-11-28", ""}, // there they have ended
		{"smtp.gmail.com", "LOGIN PLAIN XOAUTH2", "", "2026-11-28", ""},
	} {
		started, _ := time.Parse(time.DateOnly, c.started)
		s := probe.Session{Hellos: []probe.Hello{{
			Verb: "EHLO", Secure: true,
			Reply:        smtp.Reply{Code: 250},
			Capabilities: smtp.Capabilities{{Keyword: "AUTH", Params: strings.Fields(c.auth), Line: "AUTH " + c.auth}},
		}}}
		if c.used != "" {
			s.Auth = &probe.Auth{Mechanism: c.used, Sent: true, Accepted: true, Reply: &smtp.Reply{Code: 235}}
		}
		r := &probe.Report{Started: started.Add(23 * time.Hour), Sessions: []probe.Session{s}}
		r.Request.Target = probe.Target{Host: c.host, Port: 587}
		title := ""
		for _, f := range Of(r).Findings {
			if f.ID == PasswordEnds {
				title = f.Title
				if f.Severity != Warning || !strings.Contains(f.Reference, "techcommunity.microsoft.com") {
					t.Errorf("%+v", f)
				}
			}
		}
		if title != c.title {
			t.Errorf("%s on %s with %q: %q, want %q", c.host, c.started, c.auth+c.used, title, c.title)
		}
	}
}
