package smtp

import (
	"errors"
	"strings"
	"testing"
)

var mailboxes = []struct {
	name, in string
	want     Mailbox
	wire     string // as String writes it
}{
	{"plain", "alice@example.com", Mailbox{"alice", "example.com"}, "alice@example.com"},
	{"angle brackets", "<alice@example.com>", Mailbox{"alice", "example.com"}, "alice@example.com"},
	{"dots and tag", "a.b+tag@example.com", Mailbox{"a.b+tag", "example.com"}, "a.b+tag@example.com"},
	{"all of atext", "!#$%&'*+-/=?^_`{|}~@example.com", Mailbox{"!#$%&'*+-/=?^_`{|}~", "example.com"},
		"!#$%&'*+-/=?^_`{|}~@example.com"},
	{"case of local kept, of domain not", "Alice@EXAMPLE.com", Mailbox{"Alice", "example.com"}, "Alice@example.com"},
	{"quoted with space", `"al ice"@example.com`, Mailbox{"al ice", "example.com"}, `"al ice"@example.com`},
	{"quoted with at", `"a@b"@example.com`, Mailbox{"a@b", "example.com"}, `"a@b"@example.com`},
	{"quoted without need", `"alice"@example.com`, Mailbox{"alice", "example.com"}, "alice@example.com"},
	{"quoted pairs", `"a\"b\\c\d"@example.com`, Mailbox{`a"b\cd`, "example.com"}, `"a\"b\\cd"@example.com`},
	{"quoted, two dots", `"a..b"@example.com`, Mailbox{"a..b", "example.com"}, `"a..b"@example.com`},
	{"quoted, empty", `""@example.com`, Mailbox{"", "example.com"}, `""@example.com`},
	{"quoted angle bracket", `"a>b"@example.com`, Mailbox{"a>b", "example.com"}, `"a>b"@example.com`},
	{"IPv4 literal", "alice@[192.0.2.7]", Mailbox{"alice", "[192.0.2.7]"}, "alice@[192.0.2.7]"},
	{"IPv6 literal", "alice@[ipv6:2001:DB8:0::1]", Mailbox{"alice", "[IPv6:2001:db8::1]"}, "alice@[IPv6:2001:db8::1]"},
	{"one label", "postmaster@localhost", Mailbox{"postmaster", "localhost"}, "postmaster@localhost"},
	{"IDN", "alice@bücher.example", Mailbox{"alice", "xn--bcher-kva.example"}, "alice@xn--bcher-kva.example"},
	{"SMTPUTF8", "пётр@пример.example", Mailbox{"пётр", "xn--e1afmkfd.example"}, "пётр@xn--e1afmkfd.example"},
	{"64 octets", strings.Repeat("a", 64) + "@example.com", Mailbox{strings.Repeat("a", 64), "example.com"},
		strings.Repeat("a", 64) + "@example.com"},
}

func TestParseMailbox(t *testing.T) {
	for _, tt := range mailboxes {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseMailbox(tt.in)
			if err != nil || got != tt.want {
				t.Fatalf("got %+v, %v; want %+v", got, err, tt.want)
			}
			if got.String() != tt.wire {
				t.Errorf("String() = %s, want %s", got, tt.wire)
			}
			if got.IsZero() {
				t.Error("IsZero")
			}
		})
	}
}

var notMailboxes = []struct {
	name, in string
	fault    Fault
}{
	{"empty", "", FaultEmpty},
	{"null path", "<>", FaultEmpty},
	{"no at", "alice", FaultNoAt},
	{"no local-part", "@example.com", FaultSourceRoute},
	{"source route", "@relay.example,@b.example:alice@example.com", FaultSourceRoute},
	{"no domain", "alice@", FaultEmpty},
	{"two at", "a@b@example.com", FaultCharacter},
	{"leading dot", ".a@example.com", FaultLocal},
	{"trailing dot", "a.@example.com", FaultLocal},
	{"two dots", "a..b@example.com", FaultLocal},
	{"space", "al ice@example.com", FaultLocal},
	{"angle bracket inside", "a>b@example.com", FaultLocal},
	{"parameter behind", "a@example.com> SIZE=1", FaultCharacter},
	{"CRLF", "a@example.com\r\nDATA", FaultInvisible},
	{"CR in quotes", "\"a\rb\"@example.com", FaultInvisible},
	{"LF escaped in quotes", "\"a\\\nb\"@example.com", FaultInvisible},
	{"NUL", "a\x00b@example.com", FaultInvisible},
	{"ESC", "a\x1b[31m@example.com", FaultInvisible},
	{"C1 control", "a\u0085b@example.com", FaultInvisible},
	{"bidi override", "a\u202eb@example.com", FaultInvisible},
	{"zero-width space", "a\u200bb@example.com", FaultInvisible},
	{"line separator", "a\u2028b@example.com", FaultInvisible},
	{"invalid UTF-8", "a\xff@example.com", FaultInvisible},
	{"quote not closed", `"a@example.com`, FaultLocal},
	{"quote closed early", `"a"b@example.com`, FaultNoAt},
	{"backslash at the end", `"a\`, FaultLocal},
	{"quoted pair beyond ASCII", `"\é"@example.com`, FaultLocal},
	{"underscore in domain", "a@b_c.example", FaultCharacter},
	{"bare IPv4 address", "a@192.0.2.7", FaultNumber},
	{"IPv6 literal without tag", "a@[2001:db8::1]", FaultLiteral},
	{"IPv4 literal with tag", "a@[IPv6:192.0.2.7]", FaultLiteral},
	{"literal with zone", "a@[IPv6:fe80::1%eth0]", FaultLiteral},
	{"literal not closed", "a@[192.0.2.7", FaultLiteral},
	{"unregistered literal", "a@[x400:abc]", FaultLiteral},
	{"65 octets before the at", strings.Repeat("a", 65) + "@example.com", FaultLocalLength},
	{"65 octets with quotes", `"` + strings.Repeat("a", 62) + ` "@example.com`, FaultLocalLength},
	{"path over 256", "a@" + strings.Repeat("a23456789.", 25) + "com", FaultLength},
	{"far too long", strings.Repeat("a", 4096), FaultLength},
}

func TestParseMailboxRefuses(t *testing.T) {
	for _, tt := range notMailboxes {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseMailbox(tt.in)
			wantFault(t, err, tt.fault)
			if !got.IsZero() {
				t.Errorf("a mailbox beside the error: %+v", got)
			}
		})
	}
}

func wantFault(t *testing.T, err error, fault Fault) {
	t.Helper()
	syntax, ok := errors.AsType[*SyntaxError](err)
	if !ok || syntax.Fault != fault {
		t.Fatalf("err = %v, want fault %q", err, fault)
	}
}

func TestMailboxASCII(t *testing.T) {
	for in, want := range map[string]bool{
		"alice@bücher.example": true, "пётр@example.com": false, `"é b"@example.com`: false,
	} {
		m, err := ParseMailbox(in)
		if err != nil || m.ASCII() != want {
			t.Errorf("%s: ASCII() = %v, %v; want %v", in, m.ASCII(), err, want)
		}
	}
}

func TestZeroMailbox(t *testing.T) {
	var m Mailbox
	if !m.IsZero() || m.String() != "" {
		t.Errorf("zero value: IsZero %v, String %q", m.IsZero(), m)
	}
}

func FuzzParseMailbox(f *testing.F) {
	for _, tt := range mailboxes {
		f.Add(tt.in)
	}
	for _, tt := range notMailboxes {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMailbox(s)
		if err != nil {
			return
		}
		wire := m.String()
		again, err := ParseMailbox(wire)
		if err != nil || again != m {
			t.Fatalf("%q became %+v, its String %q became %+v, %v", s, m, wire, again, err)
		}
		if len(wire) > maxMailboxOctets || strings.ContainsFunc(wire, func(r rune) bool { return !visible(r) }) {
			t.Fatalf("unfit for the wire: %q", wire)
		}
		if pathEnd(wire) != len(wire) {
			t.Fatalf("a > outside quotes ends the path early: %q", wire)
		}
	})
}

// pathEnd is where a server that knows quotes sees the end of the path.
func pathEnd(wire string) int {
	quoted := false
	for i := 0; i < len(wire); i++ {
		switch c := wire[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case (c == '>' || c == ' ') && !quoted:
			return i
		}
	}
	return len(wire)
}
