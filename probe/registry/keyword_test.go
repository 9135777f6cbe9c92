package registry

import (
	"slices"
	"strings"
	"testing"

	"smtptest/probe/smtp"
)

func TestRegisteredKeywords(t *testing.T) {
	names := strings.Fields(`8BITMIME ATRN AUTH BINARYMIME BURL CHECKPOINT CHUNKING CONNEG CONPERM DELIVERBY DSN
		ENHANCEDSTATUSCODES ETRN EXPN HELP TURN SEND SOML SAML FUTURERELEASE LIMITS MT-PRIORITY MTRK NO-SOLICITING
		PIPELINING REQUIRETLS RRVS SIZE SMTPUTF8 STARTTLS SUBMITTER UTF8SMTP VERB ONEX`)
	for _, name := range names {
		k, ok := KeywordOf(strings.ToLower(name))
		if !ok || !k.Registered || k.Vendor != "" || k.Name != name {
			t.Errorf("KeywordOf(%q) = %+v, %t", name, k, ok)
		}
		if k.Reference == "" && name != "VERB" && name != "ONEX" {
			t.Errorf("%s has no RFC", name)
		}
	}
	for name, k := range keywords() {
		if k.Registered && !slices.Contains(names, name) {
			t.Errorf("%s is called registered", name)
		}
	}
}

func TestOtherKeywords(t *testing.T) {
	for _, c := range []struct{ name, vendor string }{
		{"VRFY", ""},
		{"XCLIENT", "Postfix"}, {"XFORWARD", "Postfix"}, {"xverp", "Postfix"},
		{"PRDR", "Exim"}, {"PIPECONNECT", "Exim"}, {"X_PIPE_CONNECT", "Exim"},
		{"X-EXPS", "Exchange"}, {"X-LINK2STATE", "Exchange"}, {"X-ANONYMOUSTLS", "Exchange"},
		{"XRDST", "Exchange"}, {"XEXCH50", "Exchange"}, {"XSHADOW", "Exchange"},
		{"XSHADOWREQUEST", "Exchange"}, {"XOORG", "Exchange"}, {"XPROXY", "Exchange"}, {"Ok", "Exchange"},
		{"X-RCPTLIMIT", "ZMailer"}, {"XLOOP", "Oracle Messaging Server"}, {"XSECURITY", "Courier"},
	} {
		k, ok := KeywordOf(c.name)
		if !ok || k.Registered || k.Vendor != c.vendor || k.Masked {
			t.Errorf("KeywordOf(%q) = %+v, %t", c.name, k, ok)
		}
	}
}

func TestMaskedKeywords(t *testing.T) {
	for _, c := range []struct {
		name string
		want bool
	}{
		{"XXXXXXXA", true}, {"XXXX", true}, {"xxxxxxxa", true}, {"XXXXXXXXXXXXXXXXXXB", true},
		{"XXX", false}, {"XXAB", false}, {"XX50", false}, {"XXX5", false}, {"XEXCH50", false}, {"", false},
		{"STARTTLS", false}, {"XXXAXXX", false}, {strings.Repeat("X", 65), false},
	} {
		k, ok := KeywordOf(c.name)
		if (ok && k.Masked) != c.want {
			t.Errorf("KeywordOf(%q) = %+v, %t", c.name, k, ok)
		}
	}
}

func TestMeaning(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"SIZE 35882577", "largest message 34.2 MiB"},
		{"size 10485760", "largest message 10 MiB"},
		{"SIZE 1073741824", "largest message 1 GiB"},
		{"SIZE 1000", "largest message 1000 octets"},
		{"SIZE 1", "largest message 1 octet"},
		{"SIZE 18446744073709551615", "largest message 16777216 TiB"},
		{"SIZE", "no fixed limit declared"},
		{"SIZE 0", "no fixed limit declared"},
		{"SIZE -1", "a size limit can be announced and checked before DATA"},
		{"SIZE 99999999999999999999999", "a size limit can be announced and checked before DATA"},
		{"AUTH PLAIN LOGIN", "log in with PLAIN, LOGIN"},
		{"AUTH plain PLAIN", "log in with PLAIN"},
		{"AUTH=LOGIN", "log in with LOGIN (old spelling)"},
		{"AUTH", "login announced, but without a mechanism"},
		{"AUTH <b>", "login announced, but without a mechanism"},
		{"AUTH A B C D E F G H I J", "log in with A, B, C, D, E, F, G, H and 2 more"},
		{"AUTH PLAIN @everyone", "log in with PLAIN and 1 more"},
		{"LIMITS RCPTMAX=100", "at most 100 recipients a message"},
		{"LIMITS MAILMAX=1 RCPTDOMAINMAX=1 rcptmax=20", "at most 20 recipients a message, 1 message a session, 1 " +
			"recipient domain a session"},
		{"LIMITS RCPTMAX=0", "limits of the session are announced up front"},
		{"LIMITS RCPTMAX=1234567 FUTURE", "limits of the session are announced up front"},
		{"DELIVERBY 120", "a delivery deadline of 2 minutes or more may be set"},
		{"DELIVERBY", "a delivery deadline may be set for a message"},
		{"DELIVERBY soon", "a delivery deadline may be set for a message"},
		{"FUTURERELEASE 5184000", "a message may be held for up to 60 days"},
		{"FUTURERELEASE 3600 2026-12-31T23:30:00-01:00", "a message may be held for up to 1 hour, until 2027-01-01"},
		{"FUTURERELEASE 5400 tomorrow", "a message may be held for up to 1.5 hours"},
		{"FUTURERELEASE", "a message may be handed in now and released later"},
		{"MT-PRIORITY mixer", "messages may carry a priority level of the MIXER profile"},
		{"MT-PRIORITY other", "messages may carry a priority level"},
		{"X-RCPTLIMIT 10000", "at most 10000 recipients a message"},
		{"X-RCPTLIMIT", "a recipient limit is announced"},
		{"STARTTLS", "the connection can be switched to TLS"},
		{"StartTls", "the connection can be switched to TLS"},
		{"XVERP=Courier", "each recipient can get a bounce address of its own"},
		{"XXXXXXXA", "masked by an inspecting firewall"},
		{"X-UNHEARD-OF 1 2 3", ""},
	} {
		got := Meaning(capability(t, c.line))
		if got != c.want {
			t.Errorf("Meaning(%q) = %q, want %q", c.line, got, c.want)
		}
	}
}

func capability(t *testing.T, line string) smtp.Capability {
	t.Helper()
	c, ok := smtp.ParseCapability(line)
	if !ok {
		t.Fatalf("%q is no capability", line)
	}
	return c
}

// maxMeaning is more than eight mechanism names of twenty letters need.
const maxMeaning = 250

func FuzzMeaning(f *testing.F) {
	for _, line := range []string{"SIZE 35882577", "SIZE", "AUTH PLAIN LOGIN", "AUTH=LOGIN",
		"LIMITS RCPTMAX=100 MAILMAX=5",
		"DELIVERBY 120", "FUTURERELEASE 5184000 2026-12-31T23:30:00Z", "MT-PRIORITY MIXER", "X-RCPTLIMIT " +
			"1", "XXXXXXXA", "X-UNHEARD-OF", "AUTH <!channel>"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, ok := smtp.ParseCapability(line)
		if !ok {
			return
		}
		got := Meaning(c)
		if len(got) > maxMeaning {
			t.Errorf("Meaning(%q) has %d octets", line, len(got))
		}
		unsafe := func(r rune) bool { return r < ' ' || strings.ContainsRune("<>@`*", r) || r > '~' }
		if i := strings.IndexFunc(got, unsafe); i >= 0 {
			t.Errorf("Meaning(%q) = %q lets %q through", line, got, got[i])
		}
		if _, known := KeywordOf(c.Keyword); known != (got != "") {
			t.Errorf("Meaning(%q) = %q of a keyword known: %t", line, got, known)
		}
	})
}
