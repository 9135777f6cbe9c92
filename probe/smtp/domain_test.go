package smtp

import (
	"net/netip"
	"strings"
	"testing"
)

var domains = []struct{ name, in, want, shown string }{
	{"plain", "smtp.example.com", "smtp.example.com", "smtp.example.com"},
	{"upper case", "SMTP.Example.COM", "smtp.example.com", "smtp.example.com"},
	{"trailing dot", "smtp.example.com.", "smtp.example.com", "smtp.example.com"},
	{"one label", "mailhub", "mailhub", "mailhub"},
	{"underscore", "_smtp.mail_1.example.com", "_smtp.mail_1.example.com", "_smtp.mail_1.example.com"},
	{"digits lead", "1and1.example", "1and1.example", "1and1.example"},
	{"hyphens in third and fourth place", "r3---sn.example.com", "r3---sn.example.com", "r3---sn.example.com"},
	{"IDN", "bücher.example", "xn--bcher-kva.example", "bücher.example"},
	{"IDN, upper case", "BÜCHER.example", "xn--bcher-kva.example", "bücher.example"},
	{"A-label", "XN--BCHER-KVA.example", "xn--bcher-kva.example", "bücher.example"},
	{"sharp s stays", "straße.example", "xn--strae-oqa.example", "straße.example"},
	{"full width", "ｓｍｔｐ．ｅｘａｍｐｌｅ．ｃｏｍ", "smtp.example.com", "smtp.example.com"},
	{"ideographic full stop", "例え。テスト", "xn--r8jz45g.xn--zckzah", "例え.テスト"},
	{"right to left", "אבג.example", "xn--4dbcd.example", "אבג.example"},
	{"label of 63", strings.Repeat("a", 63) + ".example", strings.Repeat("a", 63) + ".example", strings.Repeat("a", 63) +
		".example"},
}

func TestParseDomain(t *testing.T) {
	for _, tt := range domains {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseDomain(tt.in)
			if err != nil || got != tt.want {
				t.Fatalf("got %q, %v; want %q", got, err, tt.want)
			}
			if shown := DisplayDomain(got); shown != tt.shown {
				t.Errorf("shown as %q, want %q", shown, tt.shown)
			}
		})
	}
}

var notDomains = []struct {
	name, in string
	fault    Fault
}{
	{"empty", "", FaultEmpty},
	{"a dot", ".", FaultEmpty},
	{"leading dot", ".example.com", FaultEmptyLabel},
	{"two dots", "smtp..example.com", FaultEmptyLabel},
	{"two trailing dots", "example.com..", FaultEmptyLabel},
	{"label of 64", strings.Repeat("a", 64) + ".example", FaultLabelLength},
	{"254 octets", strings.Repeat("a23456789.", 25) + "exam", FaultLength},
	{"far too long", strings.Repeat("ü", 5000), FaultLength},
	{"leading hyphen", "-a.example", FaultHyphen},
	{"trailing hyphen", "a-.example", FaultHyphen},
	{"space", "a b.example", FaultCharacter},
	{"slash from a compatibility character", "a℀.example", FaultCharacter},
	{"percent", "%31.example", FaultCharacter},
	{"wildcard", "*.example.com", FaultCharacter},
	{"CRLF", "example.com\r\n", FaultInvisible},
	{"NUL", "exa\x00mple.com", FaultInvisible},
	{"soft hyphen", "exa\u00admple.com", FaultInvisible},
	{"invalid UTF-8", "0\x8f", FaultInvisible},
	{"replacement character", "0\ufffd", FaultIDN},
	{"bad A-label", "xn--a\u00e9.example", FaultIDN},
	{"mixed direction", "אa.example", FaultIDN},
	{"IPv4 address", "192.0.2.7", FaultNumber},
	{"short IPv4 address", "127.1", FaultNumber},
	{"decimal IPv4 address", "2130706433", FaultNumber},
	{"octal IPv4 address", "0177.0.0.1", FaultNumber},
	{"hexadecimal IPv4 address", "0x7f000001", FaultNumber},
	{"hexadecimal last label", "127.0.0.0X1", FaultNumber},
	{"empty hexadecimal", "127.0.0.0x", FaultNumber},
	{"IPv4 address in full width", "１２７．０．０．１", FaultNumber},
	{"IPv6 address", "2001:db8::1", FaultCharacter},
}

func TestParseDomainRefuses(t *testing.T) {
	for _, tt := range notDomains {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseDomain(tt.in)
			wantFault(t, err, tt.fault)
		})
	}
}

var helloNames = []struct {
	name, in, want string
	fault          Fault
}{
	{"domain", "Client.Example.com.", "client.example.com", ""},
	{"one label", "localhost", "localhost", ""},
	{"IDN", "bücher.example", "xn--bcher-kva.example", ""},
	{"IPv4 literal", "[192.0.2.7]", "[192.0.2.7]", ""},
	{"IPv6 literal", "[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]", ""},
	{"IPv6 literal, long form", "[ipv6:2001:0DB8:0:0:0:0:0:1]", "[IPv6:2001:db8::1]", ""},
	{"IPv4 mapped, as typed", "[IPv6:::ffff:192.0.2.7]", "[IPv6:::ffff:192.0.2.7]", ""},
	{"IPv4 without brackets", "192.0.2.7", "", FaultBareAddress},
	{"IPv6 without brackets", "2001:db8::1", "", FaultBareAddress},
	{"IPv6 without tag", "[2001:db8::1]", "", FaultLiteral},
	{"underscore", "my_laptop.example.com", "", FaultCharacter},
	{"two words", "a.example b.example", "", FaultCharacter},
	{"CRLF", "a.example\r\nMAIL FROM:<>", "", FaultInvisible},
	{"CRLF in literal", "[192.0.2.7\r\n]", "", FaultLiteral},
	{"empty", "", "", FaultEmpty},
}

func TestParseHelloName(t *testing.T) {
	for _, tt := range helloNames {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseHelloName(tt.in)
			if tt.fault != "" {
				wantFault(t, err, tt.fault)
			} else if err != nil || got != tt.want {
				t.Fatalf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestAddressLiteral(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "[192.0.2.7]", "2001:db8::1": "[IPv6:2001:db8::1]",
		"::ffff:192.0.2.7": "[192.0.2.7]", "fe80::1%eth0": "[IPv6:fe80::1]",
	} {
		got := AddressLiteral(netip.MustParseAddr(in))
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
		if again, err := ParseHelloName(got); err != nil || again != got {
			t.Errorf("%s is not an EHLO name: %q, %v", got, again, err)
		}
	}
	if got := AddressLiteral(netip.Addr{}); got != "" {
		t.Errorf("zero address: %q", got)
	}
}

func TestSyntaxErrorHoldsNoInput(t *testing.T) {
	_, err := ParseDomain("hunter2!.example")
	if err == nil || err.Error() != "the domain holds a character that no host name may hold" {
		t.Errorf("%v", err)
	}
}

func FuzzParseHelloName(f *testing.F) {
	for _, tt := range helloNames {
		f.Add(tt.in)
	}
	for _, tt := range notDomains {
		f.Add(tt.in)
	}
	for _, tt := range domains {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParseHelloName(s)
		if err != nil {
			return
		}
		if again, err := ParseHelloName(name); err != nil || again != name {
			t.Fatalf("%q became %q and that %q, %v", s, name, again, err)
		}
		if len(name) > maxDomainOctets || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.:[]IP") != "" {
			t.Fatalf("unfit for the wire: %q from %q", name, s)
		}
	})
}
