package provider

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		host, id string
		role     Role
	}{
		{"smtp.gmail.com", "gmail", RoleSubmission},
		{"SMTP.Gmail.COM.", "gmail", RoleSubmission},
		{"smtp-relay.gmail.com", "gmail", RoleRelay},
		{"aspmx.l.google.com", "gmail", RoleMX},
		{"alt4.aspmx.l.google.com", "gmail", RoleMX},
		{"smtp.google.com", "gmail", RoleMX},
		{"aspmx2.googlemail.com", "gmail", RoleOther},
		{"www.google.com", "gmail", RoleOther},
		{"smtp.office365.com", "microsoft", RoleSubmission},
		{"smtp-legacy.office365.com", "microsoft", RoleSubmission},
		{"smtp-mail.outlook.com", "microsoft", RoleSubmission},
		{"example-com.mail.protection.outlook.com", "microsoft", RoleMX},
		{"example-com.o-v1.mx.microsoft", "microsoft", RoleMX},
		{"outlook-com.olc.protection.outlook.com", "microsoft", RoleMX},
		{"outlook.office365.com", "microsoft", RoleOther},
		{"email-smtp.eu-central-1.amazonaws.com", "ses", RoleSubmission},
		{"email-smtp-fips.us-east-1.amazonaws.com", "ses", RoleSubmission},
		{"vpce-1-2.email-smtp.us-east-1.vpce.amazonaws.com", "ses", RoleSubmission},
		{"smtp.eu.sendgrid.net", "sendgrid", RoleSubmission},
		{"smtp.eu.mailgun.org", "mailgun", RoleSubmission},
		{"smtp-broadcasts.postmarkapp.com", "postmark", RoleSubmission},
		{"smtp.aol.com", "yahoo", RoleSubmission},
		{"mta6.am0.yahoodns.net", "yahoo", RoleMX},
		{"smtppro.zoho.in", "zoho", RoleSubmission},
		{"smtp.zohocloud.ca", "zoho", RoleSubmission},
		{"smtp-relay.sendinblue.com", "brevo", RoleSubmission},
	} {
		p, ok := Of(c.host)
		h, known := p.Host(c.host)
		if !ok || !known || p.ID != c.id || h.Role != c.role {
			t.Errorf("Of(%q) = %q, %t with role %q, %t; want %s, %s", c.host, p.ID, ok, h.Role, known, c.id, c.role)
		}
	}
}

func TestOfNobody(t *testing.T) {
	for _, host := range []string{"", ".", "example.com", "smtp.example.com", "smtp.gmail.com.example.com",
		"notgoogle.com", "google.com",
		"email-smtp..amazonaws.com", "email-smtp.a.b.amazonaws.com", "email-smtp.amazonaws.com",
		"s3.eu-west-1.amazonaws.com",
		"mail.protection.outlook.com.example.net", ".google.com.example", "192.0.2.1", "2001:db8::1", "*", "*.*",
		strings.Repeat("a.", 200)} {
		if p, ok := Of(host); ok {
			t.Errorf("Of(%q) = %s", host, p.ID)
		}
	}
}

func TestSigned(t *testing.T) {
	for _, c := range []struct{ name, text, id string }{
		{"Gmail's greeting", "mx.google.com ESMTP d2e1a72fcca58-72d - gsmtp", "gmail"},
		{"several lines", "5.7.8 Username and Password not accepted. For more information, go to\n5.7.8  " +
			"https://support.google.com/mail/ d2e1a - gsmtp", "gmail"},
		{"a customer's rule", "5.7.1 Message blocked d2e1a - gcdp", "gmail"},
		{"Exchange Online", "5.7.3 Authentication unsuccessful [AM0PR02CA0123.eurprd02.prod.outlook.com " +
			"2026-11-01T00:00:00.000Z 08DC]", "microsoft"},
		{"Exchange Online Protection", "5.4.1 Recipient address rejected: Access denied. " +
			"[DB5EUR01FT001.eop-EUR01.prod.protection.outlook.com]", "microsoft"},
		{"SES's greeting", "email-smtp.amazonaws.com ESMTP SimpleEmailService-d-ABC 0123", "ses"},
		{"SendGrid's greeting", "SG ESMTP service ready at geopod-ismtpd-1", "sendgrid"},
		{"Mailgun's greeting", "Mailgun Influx ready", "mailgun"},
	} {
		if p, ok := Signed(c.text); !ok || p.ID != c.id {
			t.Errorf("%s: Signed = %q, %t", c.name, p.ID, ok)
		}
	}
	for _, text := range []string{"", "mail.example.com ESMTP Postfix", "- gsmtp is how Gmail signs",
		"no mail from x.prod.outlook.com here",
		"relay=x.prod.outlook.com [192.0.2.1]", "[open bracket.prod.outlook.com", "Microsoft ESMTP MAIL Service " +
			"ready"} {
		if p, ok := Signed(text); ok {
			t.Errorf("Signed(%q) = %s", text, p.ID)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, s := range []string{"smtp.gmail.com", "email-smtp.eu-west-1.amazonaws.com",
		"x.mail.protection.outlook.com.", "*", "..", "mx.google.com ESMTP - gsmtp", "[x.prod.outlook.com]"} {
		f.Add(s, uint16(587), "implicit")
	}
	f.Fuzz(func(t *testing.T, host string, port uint16, security string) {
		p, ok := Of(host)
		if _, known := p.Host(host); ok != known || ok != (p.ID != "") {
			t.Errorf("Of(%q) = %q, %t; its host is known: %t", host, p.ID, ok, known)
		}
		if advice, said := ModeAdvice(host, port, security); said && (!ok || faults(advice) != "") {
			t.Errorf("ModeAdvice(%q, %d, %q) = %q: %s", host, port, security, advice, faults(advice))
		}
		if p, ok := Signed(host); ok != (p.ID != "") {
			t.Errorf("Signed(%q) = %q, %t", host, p.ID, ok)
		}
	})
}

// A name that is known itself comes before a pattern, however long.
func TestExactNamesComeFirst(t *testing.T) {
	p := Provider{Hosts: []Host{{Names: []string{"*.b.example.com"}, Role: RoleOther},
		{Names: []string{"a.b.example.com"}, Role: RoleMX}, {Names: []string{"*.example.com"}, Role: RoleRelay}}}
	for name, want := range map[string]Role{"a.b.example.com": RoleMX, "c.b.example.com": RoleOther,
		"a.b.c.example.com": RoleRelay} {
		if h, ok := p.Host(name); !ok || h.Role != want {
			t.Errorf("Host(%q) has role %q, want %s", name, h.Role, want)
		}
	}
}

// One account, one data centre.
func TestZohoHasItsDataCentres(t *testing.T) {
	for _, end := range []string{"zoho.com", "zoho.eu", "zoho.in", "zoho.com.au", "zoho.jp", "zoho.com.cn", "zoho.sa",
		"zohocloud.ca"} {
		for _, begin := range []string{"smtp.", "smtppro."} {
			if p, ok := Of(begin + end); !ok || p.ID != "zoho" {
				t.Errorf("Of(%q) = %q", begin+end, p.ID)
			}
		}
	}
}

func TestAllIsTheCallersOwn(t *testing.T) {
	first := All()
	first[0] = Provider{}
	if All()[0].ID == "" {
		t.Error("a caller can change the list")
	}
}

// TestEnds: what ends is found at the hosts where it ends, whatever their case.
func TestEnds(t *testing.T) {
	e, ok := Ends("SMTP.office365.com", EndingPassword)
	if !ok || e.On.Format("2006-01-02") != "2026-12-31" || e.Says == "" || e.Fix == "" {
		t.Errorf("got %+v, %v", e, ok)
	}
	for host, about := range map[string]string{
		"smtp.office365.com": "TLS 1.0", "smtp.gmail.com": EndingPassword, "mx.example.com": EndingPassword,
	} {
		if e, ok := Ends(host, about); ok {
			t.Errorf("%s: %s ends: %+v", host, about, e)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{"apikey": "apikey", "alice@example.com": "", "": ""} {
		if got := SharedUser(name); got != want {
			t.Errorf("%q is shared as %q, want %q", name, got, want)
		}
	}
	if s, ok := ShapeNamed("sendgrid-key"); !ok || s.ID != "sendgrid-key" {
		t.Errorf("got %+v, %v", s, ok)
	}
	if s, ok := ShapeNamed("no-such-shape"); ok {
		t.Errorf("got %+v", s)
	}
}
