package dnssec_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"smtptest/probe/dnssec"
	"smtptest/probe/domain/domaintest"
	"smtptest/probe/resolve"
)

// standard is a root, test. and mx.test. with one address, an alias and an
// unsigned zone.
func standard(t testing.TB) *domaintest.Zones {
	z := domaintest.NewZones(t)
	z.Sign("test.", ".")
	z.Sign("mx.test.", "test.")
	z.Put("mx.test.", z.RR("mx.test. 60 IN A 192.0.2.1"))
	z.Put("test.", z.RR("alias.test. 60 IN CNAME mx.test."))
	z.Unsigned("plain.test.", "test.")
	z.Put("", z.RR("plain.test. 60 IN A 192.0.2.2"))
	return z
}

// TestProofs breaks one link at a time.
func TestProofs(t *testing.T) {
	for _, c := range []struct {
		name, ask string
		spoil     func(*domaintest.Zones)
		want      dnssec.Proof
	}{
		{"good", "mx.test", func(*domaintest.Zones) {}, dnssec.Proof{Status: dnssec.Secure, Zone: "mx.test"}},
		{"an alias", "alias.test", func(*domaintest.Zones) {}, dnssec.Proof{Status: dnssec.Secure, Zone: "test"}},
		{"an unsigned zone", "plain.test", func(*domaintest.Zones) {},
			dnssec.Proof{Status: dnssec.Insecure, Zone: "plain.test"}},
		{"forged data", "mx.test", func(z *domaintest.Zones) {
			z.Sets["mx.test. A"][0] = z.RR("mx.test. 60 IN A 203.0.113.9")
		}, dnssec.Proof{Status: dnssec.Bogus, Zone: "mx.test", Reason: dnssec.ReasonSignature}},
		{"stripped", "mx.test", func(z *domaintest.Zones) {
			z.Sets["mx.test. A"] = z.Sets["mx.test. A"][:1]
		}, dnssec.Proof{Status: dnssec.Bogus, Zone: "mx.test", Reason: dnssec.ReasonMissing}},
		{"stripped everywhere", "mx.test", func(z *domaintest.Zones) {
			for key, set := range z.Sets {
				z.Sets[key] = set[:1]
			}
		}, dnssec.Proof{Status: dnssec.Unknown, Zone: ".", Reason: dnssec.ReasonStripped}},
		{"expired", "mx.test", func(z *domaintest.Zones) {
			a := z.Sets["mx.test. A"][0]
			z.Sets["mx.test. A"] = []dns.RR{a, z.Signature("mx.test.", -2*time.Hour, a)}
		}, dnssec.Proof{Status: dnssec.Bogus, Zone: "mx.test", Reason: dnssec.ReasonExpired}},
		{"not yet", "mx.test", func(z *domaintest.Zones) {
			a := z.Sets["mx.test. A"][0]
			z.Sets["mx.test. A"] = []dns.RR{a, z.Signature("mx.test.", 2*time.Hour, a)}
		}, dnssec.Proof{Status: dnssec.Bogus, Zone: "mx.test", Reason: dnssec.ReasonNotYet}},
		{"a DS of its own making", "mx.test", func(z *domaintest.Zones) {
			ds := z.Sets["mx.test. DS"][0]
			z.Put("mx.test.", ds)
		}, dnssec.Proof{Status: dnssec.Bogus, Zone: "mx.test", Reason: dnssec.ReasonSigner}},
		{"a DS of another key", "mx.test", func(z *domaintest.Zones) {
			ds := z.Keys["test."].ToDS(dns.SHA256)
			ds.Hdr = domaintest.Header("mx.test.", dns.TypeDS)
			z.Put("test.", ds)
		}, dnssec.Proof{Status: dnssec.Bogus, Zone: "mx.test", Reason: dnssec.ReasonDS}},
		{"no DS, and nothing proves it", "mx.test", func(z *domaintest.Zones) {
			delete(z.Sets, "mx.test. DS")
		}, dnssec.Proof{Status: dnssec.Unknown, Zone: "mx.test", Reason: dnssec.ReasonNoProof}},
		{"no DS, by a proof of the child's own", "mx.test", func(z *domaintest.Zones) {
			delete(z.Sets, "mx.test. DS")
			nsec := z.RR("mx.test. 60 IN NSEC zz.test. NS RRSIG NSEC")
			z.Denial["mx.test. DS"] = []dns.RR{nsec, z.Signature("mx.test.", 0, nsec)}
		}, dnssec.Proof{Status: dnssec.Unknown, Zone: "mx.test", Reason: dnssec.ReasonNoProof}},
		{"an alias made from a signed DNAME", "mx.old.test", func(z *domaintest.Zones) {
			rename(z, "test.")
		}, dnssec.Proof{Status: dnssec.Secure, Zone: "test"}},
		{"an alias that the DNAME does not make", "mx.old.test", func(z *domaintest.Zones) {
			rename(z, "mx.test.")
		}, dnssec.Proof{Status: dnssec.Bogus, Zone: "test", Reason: dnssec.ReasonMissing}},
		{"opted out", "new.test", func(z *domaintest.Zones) {
			optOut(z, "new.test.")
		}, dnssec.Proof{Status: dnssec.Insecure, Zone: "new.test"}},
		{"opted out below a signed delegation", "a.mx.test", func(z *domaintest.Zones) {
			optOut(z, "a.mx.test.")
		}, dnssec.Proof{Status: dnssec.Unknown, Zone: "a.mx.test", Reason: dnssec.ReasonNoProof}},
		{"another root", "mx.test", func(z *domaintest.Zones) {
			z.Sign(".", "")
		}, dnssec.Proof{Status: dnssec.Bogus, Zone: ".", Reason: dnssec.ReasonAnchor}},
		{"a wildcard", "mx.test", func(z *domaintest.Zones) {
			z.Sets["mx.test. A"][1].(*dns.RRSIG).Labels = 1
		}, dnssec.Proof{Status: dnssec.Unknown, Zone: "mx.test", Reason: dnssec.ReasonWildcard}},
		{"held back by the name server", "mx.test", func(z *domaintest.Zones) {
			z.Failing["mx.test. A"] = true
		}, dnssec.Proof{
			Status: dnssec.Bogus, Zone: "mx.test", Reason: dnssec.ReasonServer, EDE: "Signature Expired: too old",
		}},
		{"nothing there, in a signed zone", "none.mx.test", func(*domaintest.Zones) {},
			dnssec.Proof{Status: dnssec.Unknown, Zone: "mx.test", Reason: dnssec.ReasonNoProof}},
		{"nothing there, and this machine vouches", "none.mx.test", func(z *domaintest.Zones) {
			z.AD, z.From = true, netip.MustParseAddrPort("127.0.0.1:53")
		}, dnssec.Proof{Status: dnssec.Said, Zone: "mx.test"}},
		{"nothing there, and somebody else vouches", "none.mx.test", func(z *domaintest.Zones) { z.AD = true },
			dnssec.Proof{Status: dnssec.Unknown, Zone: "mx.test", Reason: dnssec.ReasonNoProof}},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := standard(t)
			run := dnssec.NewRun(z, z.Anchors())
			c.spoil(z)
			if got := run.Lookup(context.Background(), c.ask, resolve.TypeA); got.Proof != c.want {
				t.Errorf("got  %+v\nwant %+v", got.Proof, c.want)
			}
		})
	}
}

// rename serves an alias without a signature, beside a DNAME record with one.
func rename(z *domaintest.Zones, target string) {
	z.Put("", z.RR("mx.old.test. 60 IN CNAME mx.test."))
	z.Put("test.", z.RR("old.test. 60 IN DNAME "+target))
	z.Sets["mx.old.test. CNAME"] = append(z.Sets["mx.old.test. CNAME"], z.Sets["old.test. DNAME"]...)
	z.Sets["mx.old.test. SOA"] = z.Sets["test. SOA"]
}

// TestReverse asks about few of the zones above the name of an IPv6 address.
func TestReverse(t *testing.T) {
	z := standard(t)
	r := dnssec.NewRun(z, z.Anchors())
	name := strings.TrimSuffix(resolve.Reverse(netip.MustParseAddr("2001:db8::1")), ".")
	r.Unproven(context.Background(), name, resolve.TypePTR)
	if r.Lookup(context.Background(), name, resolve.TypePTR); z.Asked(name[2:]+". DS") > 0 {
		t.Error("a zone too deep was asked about")
	}
}

// optOut forges a zone without a signature, and shows for it the record by which
// a registry says that unsigned zones may stand between two of its names.
func optOut(z *domaintest.Zones, name string) {
	hash := dns.HashName("mx.test.", dns.SHA1, 0, "")
	for _, text := range []string{name + " 60 IN A 203.0.113.9", name + " 60 IN SOA ns. host. 1 60 60 60 60"} {
		z.Put("", z.RR(text))
	}
	nsec := z.RR(hash + ".test. 60 IN NSEC3 1 1 0 - " + hash + " NS DS RRSIG")
	z.Denial[name+" DS"] = []dns.RR{nsec, z.Signature("test.", 0, nsec)}
}

// TestKeyTrap has a zone of many keys with one tag, and an answer with many
// signatures by each (CVE-2023-50387).
func TestKeyTrap(t *testing.T) {
	z := standard(t)
	r := dnssec.NewRun(z, z.Anchors())
	set := z.Sets["mx.test. A"]
	for range 200 {
		forged := dns.Copy(set[1]).(*dns.RRSIG)
		forged.Signature = strings.Repeat("A", 86) + "=="
		set = append(set[:1:1], append([]dns.RR{forged}, set[1:]...)...)
	}
	z.Sets["mx.test. A"] = set
	for range 60 {
		if got := r.Lookup(context.Background(), "mx.test", resolve.TypeA); got.Proof.Status == dnssec.Secure {
			t.Fatal("a signature behind many forged ones was found: the bound is gone")
		}
	}
	if got := r.Lookup(context.Background(), "mx.test", resolve.TypeA).Proof.Reason; got != dnssec.ReasonTooMany {
		t.Errorf("after the bound the reason is %q", got)
	}
}

// TestKeysOnce asks for the keys of a zone once in a run, whoever asks.
func TestKeysOnce(t *testing.T) {
	z := standard(t)
	r := dnssec.NewRun(z, z.Anchors())
	done := make(chan dnssec.Proof)
	for range 8 {
		go func() { done <- r.Lookup(context.Background(), "mx.test", resolve.TypeA).Proof }()
	}
	for range 8 {
		if p := <-done; p.Status != dnssec.Secure {
			t.Errorf("%+v", p)
		}
	}
	for _, q := range []string{". DNSKEY", "test. DNSKEY", "mx.test. DS"} {
		if n := z.Asked(q); n != 1 {
			t.Errorf("%s was asked %d times", q, n)
		}
	}
}

func TestParseAnchors(t *testing.T) {
	for text, fault := range map[string]string{
		". IN DS 1 8 2 00":         "",
		"example. IN DS 1 13 2 00": "",
		"":                         "no trust anchor",
		". IN DS 1 3 2 00":         "not known",
		". IN A 192.0.2.1":         "DS or DNSKEY",
		" DS 1 8 2 00":             "no zone",
		"nonsense":                 "nonsense",
		"$INCLUDE /etc/passwd":     "INCLUDE",
	} {
		_, err := dnssec.ParseAnchors(strings.NewReader(text))
		if (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzParseAnchors: a file that is read is a list of usable anchors.
func FuzzParseAnchors(f *testing.F) {
	f.Add(". IN DS 1 8 2 00\nexample. IN DNSKEY 257 3 13 AAAA")
	f.Add("$GENERATE 1-3 a$ IN DS 1 8 2 00\n$INCLUDE x\n( ;")
	f.Fuzz(func(t *testing.T, text string) {
		anchors, err := dnssec.ParseAnchors(strings.NewReader(text))
		if (len(anchors) == 0) != (err != nil) {
			t.Errorf("%q: %d zones, %v", text, len(anchors), err)
		}
		for zone, all := range anchors {
			for _, ds := range all {
				if zone != strings.ToLower(ds.Hdr.Name) || !dns.IsFqdn(zone) {
					t.Errorf("%q: %q stands under %q", text, ds, zone)
				}
			}
		}
	})
}
