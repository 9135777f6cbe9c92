package diagnosis

import (
	"testing"

	"smtptest/probe"
)

func TestNearestName(t *testing.T) {
	for _, test := range []struct {
		about   string
		names   []string
		host    string
		near    string
		related bool
	}{
		{
			"sibling before stranger", []string{"www.hosting.test", "mail.example.test"}, "mx.example.test",
			"mail.example.test", true,
		},
		{
			"shortest of equals", []string{"very-long.example.test", "www.example.test"}, "mx.example.test",
			"www.example.test", true,
		},
		{"the domain itself", []string{"example.test"}, "mx.example.test", "example.test", true},
		{"a host below", []string{"a.mx.example.test"}, "mx.example.test", "a.mx.example.test", true},
		{
			"a customer of the same host", []string{"a.hosting.example.test"}, "mx.example.test",
			"a.hosting.example.test", false,
		},
		{"a stranger", []string{"www.elsewhere.example"}, "mx.example.test", "www.elsewhere.example", false},
		{"upper case", []string{"MAIL.EXAMPLE.TEST"}, "mx.example.test", "MAIL.EXAMPLE.TEST", true},
		{"no name to use", []string{"*.example.test", "192.0.2.1", "2001:db8::1"}, "mx.example.test", "", false},
		{"none", nil, "mx.example.test", "", false},
	} {
		near := nearest(test.names, test.host)
		if near != test.near || related(near, test.host) != test.related {
			t.Errorf("%s: got %q, related %t; want %q, %t", test.about, near, related(near, test.host), test.near, test.related)
		}
	}
}

func TestWildcardReach(t *testing.T) {
	for _, test := range []struct {
		names []string
		host  string
		want  string
	}{
		{[]string{"*.example.test"}, "a.b.example.test", " *.example.test stands for exactly one label before example.test."},
		{[]string{"*.example.test"}, "example.test", " *.example.test stands for exactly one label before example.test."},
		{[]string{"*.elsewhere.test"}, "mx.example.test", ""},
		{[]string{"example.test"}, "mx.example.test", ""},
	} {
		if got := wildcardReach(test.names, test.host); got != test.want {
			t.Errorf("%v for %s: got %q, want %q", test.names, test.host, got, test.want)
		}
	}
}

func TestSentPath(t *testing.T) {
	named := func(subject, issuer string) probe.Certificate {
		return probe.Certificate{Subject: subject, Issuer: issuer, SelfIssued: subject == issuer, SHA256: subject + issuer}
	}
	leaf, inter, root, junk := named("leaf", "inter"), named("inter", "root"), named("root", "root"), named("junk", "old")
	for _, test := range []struct {
		about string
		chain []probe.Certificate
		want  string
		sent  int
	}{
		{"leaf alone", []probe.Certificate{leaf}, "inter", 1},
		{"without root", []probe.Certificate{leaf, inter}, "root", 2},
		{"out of order, with junk", []probe.Certificate{leaf, junk, root, inter}, "root", 3},
		{"leaf twice", []probe.Certificate{leaf, leaf, inter}, "root", 2},
		{"circle", []probe.Certificate{named("a", "b"), named("b", "a")}, "", 2},
	} {
		path := sentPath(test.chain)
		if len(path) != test.sent || test.want != "" && issuerOf(test.chain) != test.want {
			t.Errorf("%s: got %d certificates up to %s, want %d up to %s",
				test.about, len(path), issuerOf(test.chain), test.sent, test.want)
		}
	}
}

func TestInspector(t *testing.T) {
	for name, want := range map[string]string{
		"CN=FortiGate CA,O=Fortinet,C=US":                             "Fortinet FortiGate",
		"CN=Avast Web/Mail Shield Root,O=Avast Web/Mail Shield":       "Avast Antivirus",
		"CN=Kaspersky Anti-Virus Personal Root Certificate":           "Kaspersky",
		"CN=Norton Web/Mail Shield Root":                              "Norton Antivirus",
		"CN=Zscaler Intermediate Root CA (zscalerthree.net)":          "Zscaler",
		"CN=Sophos SSL CA_C320ABPCBJ8BQ6B,O=Sophos":                   "Sophos",
		"CN=Bitdefender Personal CA.Net-Defender":                     "Bitdefender",
		"CN=Cisco Umbrella Root CA,O=Cisco":                           "Cisco Umbrella",
		"emailAddress=certadmin@netskope.com,CN=ca.a.goskope.com,O=A": "Netskope",
		"CN=SonicWALL Firewall DPI-SSL,O=SonicWALL Inc.,C=US":         "SonicWall",
		"CN=sophosutm Proxy CA,O=sophosutm":                           "Sophos UTM",
		"CN=www.netspark.com,O=NetSpark":                              "NetSpark",
		"CN=UTM Issuing CA,O=UTM":                                     "", // a university
		"CN=FortiMail,O=Fortinet":                                     "", // a mail server
		"CN=utmost.example.test":                                      "",
		"CN=R11,O=Let's Encrypt,C=US":                                 "",
		"":                                                            "",
	} {
		if got := inspector(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
