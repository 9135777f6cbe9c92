package blocklist

import (
	"context"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"smtptest/probe/dnssec"
	"smtptest/probe/resolve"
)

// zone is the data of a list: "NAME TYPE" to an answer, or to an outcome in
// brackets. "*" answers for all.
type zone map[string]string

// counting counts what is asked of a zone.
type counting struct {
	zone
	asked []string
}

func (c *counting) Unproven(_ context.Context, name string, t resolve.Type) dnssec.Answer {
	c.asked = append(c.asked, name+" "+t.String())
	text, ok := c.zone[strings.TrimSuffix(name, ".list.test")+" "+t.String()]
	if !ok && t == resolve.TypeA {
		text, ok = c.zone["*"]
	}
	switch outcome, failed := strings.CutPrefix(text, "!"); {
	case !ok:
		return dnssec.Answer{Outcome: resolve.NoName}
	case failed:
		return dnssec.Answer{Outcome: outcome}
	case t == resolve.TypeTXT:
		return dnssec.Answer{Records: []resolve.Record{{Text: text}}}
	}
	var a dnssec.Answer
	for code := range strings.FieldsSeq(text) {
		a.Records = append(a.Records, resolve.Record{IP: netip.MustParseAddr(code)})
	}
	return a
}

const (
	point4 = "2.0.0.127 A"
	point6 = "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 A"
	long6  = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
)

func short(l List) string {
	out := fmt.Sprintf("%s|%s asked %d open %d", l.IP4, l.IP6, l.Asked, l.Unanswered)
	if l.Code.IsValid() {
		out += " code " + l.Code.String()
	}
	for _, listing := range l.Listings {
		out += fmt.Sprintf("; %s %v %q", listing.IP, listing.Codes, listing.Reason)
	}
	return out
}

// TestAsk goes through RFC 5782.
func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		zone zone
		want string
	}{
		"nothing is listed":  {zone{point4: "127.0.0.2", point6: "127.0.0.2"}, "good|good asked 2 open 0"},
		"the list is gone":   {zone{}, "no-test-point|no-test-point asked 0 open 2"},
		"the name was sold":  {zone{"*": "192.0.2.80"}, "no-answer|no-answer asked 0 open 2"},
		"everything is":      {zone{"*": "127.0.0.2"}, "lists-all|lists-all asked 0 open 2"},
		"the server is dead": {zone{"*": "!servfail"}, "no-answer|no-answer asked 0 open 2"},
		"by a public resolver": {
			zone{"*": "127.255.255.254"}, "refused|refused asked 0 open 2 code 127.255.255.254",
		},
		"as some refuse":    {zone{"*": "127.0.0.1"}, "refused|refused asked 0 open 2 code 127.0.0.1"},
		"it has IPv4 alone": {zone{point4: "127.0.0.2"}, "good|no-test-point asked 1 open 1"},
		"too many meanwhile": {
			zone{point4: "127.0.0.2", point6: "127.0.0.2", "1.2.0.192 A": "127.255.255.255"},
			"good|good asked 1 open 1 code 127.255.255.255",
		},
		"a test point of many": {zone{point4: "127.0.0.2 127.0.0.4 127.0.0.10"}, "good|no-test-point asked 1 open 1"},
		"both are listed": {
			zone{point4: "127.0.0.2", point6: "127.0.0.3", "1.2.0.192 A": "127.0.0.4 127.0.0.4 10.0.0.1 127.0.0.11",
				"1.2.0.192 TXT": "listed:\x1b[2J see x", long6 + " A": "127.0.0.3"},
			`good|good asked 2 open 0; 192.0.2.1 [127.0.0.4 127.0.0.11] "listed:\\x1b[2J see x"; 2001:db8::1 [127.0.0.3] ""`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			z, err := ParseZone("List.test.")
			if err != nil {
				t.Fatal(err)
			}
			got := Ask(t.Context(), &counting{zone: c.zone}, z,
				[]netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")})
			if s := short(got); s != c.want {
				t.Errorf("\ngot  %s\nwant %s", s, c.want)
			}
		})
	}
}

// TestBounds: a list that says everything is asked about twelve addresses and
// for four reasons, one that falls silent is left alone, a reason is cut.
func TestBounds(t *testing.T) {
	var all []netip.Addr
	full := zone{point4: "127.0.0.2"}
	dying := zone{point4: "127.0.0.2"}
	for i := range 40 {
		all = append(all, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
		full[fmt.Sprintf("%d.2.0.192 A", i)] = strings.Repeat("127.0.0.3 127.0.0.4 127.0.0.5 ", 30)
		full[fmt.Sprintf("%d.2.0.192 TXT", i)] = strings.Repeat("é", 40_000)
		dying[fmt.Sprintf("%d.2.0.192 A", i)] = "!timeout"
	}
	z, err := ParseZone("list.test")
	if err != nil {
		t.Fatal(err)
	}
	c := &counting{zone: full}
	l := Ask(t.Context(), c, z, all)
	if len(l.Listings) != MaxAddresses || len(c.asked) != 2+MaxAddresses+maxReasons ||
		len(l.Listings[0].Reason) > maxReasonOctets+3 {
		t.Errorf("%d listings after %d questions, a reason of %d octets", len(l.Listings), len(c.asked),
			len(l.Listings[0].Reason))
	}
	c = &counting{zone: dying}
	if l := Ask(t.Context(), c, z, all); len(c.asked) != 2+maxUnanswered || l.Unanswered != MaxAddresses {
		t.Errorf("%d questions, %d unanswered", len(c.asked), l.Unanswered)
	}
}

// TestKey: the key of a customer's zone is asked with, and never shown.
func TestKey(t *testing.T) {
	const key = "abcdefghijklmnopqrstuvwxyz"
	z, err := ParseZone(key + ".zen.dq.example")
	if err != nil {
		t.Fatal(err)
	}
	name := "1.2.0.192." + key + ".zen.dq.example"
	points := "2.0.0.127." + key + ".zen.dq.example"
	c := &counting{zone: zone{points + " A": "127.0.0.2", name + " A": "127.0.0.2",
		name + " TXT": "see https://example/?" + key + "&" + strings.ToUpper(key[:1]) + key[1:]}}
	l := Ask(t.Context(), c, z, []netip.Addr{netip.MustParseAddr("192.0.2.1")})
	text := strings.ToLower(fmt.Sprint(z, &z, l))
	if len(l.Listings) != 1 || strings.Contains(text, key[:keyOctets]) || !strings.Contains(text, "….zen.dq.example") {
		t.Error(text)
	}
	if v := fmt.Sprintf("%v %+v", z, z); strings.Contains(v, key) {
		t.Error(v)
	}
}

func TestParseZone(t *testing.T) {
	for _, text := range []string{"", ".", "zen spamhaus", "192.0.2.1", "a..b", strings.Repeat("a.", 95) + "test"} {
		if z, err := ParseZone(text); err == nil {
			t.Errorf("%q: %v", text, z)
		}
	}
	if z, err := ParseZone("ZEN.Spamhaus.org."); err != nil || !reflect.DeepEqual(z, Zone{"zen.spamhaus.org"}) {
		t.Errorf("%v %v", z, err)
	}
}

// FuzzReason: a list's words are bounded and printable, and do not hold the key.
func FuzzReason(f *testing.F) {
	const key = "zyxwvutsrqponmlkjihgfedcba" // an escape may end in a to f
	f.Add("see https://" + key + ".example/")
	f.Add(strings.Repeat("x", 290) + strings.ToUpper(key) + "\x1b[2J")
	f.Fuzz(func(t *testing.T, text string) {
		z, err := ParseZone(key + ".test")
		if err != nil {
			t.Fatal(err)
		}
		c := &counting{zone: zone{"1.2.0.192." + z.name + " TXT": text}}
		l := &lookup{ask: c, zone: z}
		got := l.reason(t.Context(), netip.MustParseAddr("192.0.2.1"))
		if len(got) > 5*maxReasonOctets || strings.Contains(strings.ToLower(got), key) || strings.Contains(got, "\x1b") {
			t.Errorf("%q", got)
		}
	})
}
