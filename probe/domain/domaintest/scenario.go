package domaintest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"

	"smtptest/probe"
	"smtptest/probe/blocklist"
	"smtptest/probe/dane"
	"smtptest/probe/domain"
	"smtptest/probe/guard"
	"smtptest/probe/smtp"
)

// Scenario is a domain in a few lines:
//
//	zone example.test.               a signed zone, under test.
//	unsigned example.test.           one that is not signed
//	example.test. MX 10 mx.example.test.
//	_25._tcp.mx.example.test. TLSA 3 1 1 KEY
//	policy enforce mx.example.test   the file at mta-sts.example.test, or the fault of its server
//	192.0.2.1 expired                how a session with this address ends
//	list bl.test                     a block list that is asked
//	silence                          no question is answered
//
// Behind a record "expired", "forged", "stripped", "dead" or "refused" spoils it.
// In the data of a TLSA record KEY is the digest of the servers' key, AUTHORITY
// that of the key which has signed it, CERTIFICATE that authority's certificate
// and PUBLIC its key, whole. The certificate is for one label under a.test and p.test.
type Scenario struct {
	t        T
	Zones    *Zones
	Domain   string
	zone     string
	sessions map[netip.Addr]string
	chain    [][]byte // of the servers, the authority behind it
	control  string
	lists    []blocklist.Zone
	web      *httptest.Server
	roots    *x509.CertPool
}

// Read prepares a scenario.
func Read(t T, text string) *Scenario {
	t.Helper()
	s := &Scenario{t: t, Zones: NewZones(t), sessions: map[netip.Addr]string{}, roots: x509.NewCertPool()}
	s.Zones.Sign("test.", ".")
	authority := s.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true}, nil)
	leaf := s.issue(&x509.Certificate{DNSNames: []string{"*.a.test", "*.p.test"}}, &authority)
	s.chain = append(leaf.Certificate, authority.Certificate...)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			s.line(line)
		}
	}
	return s
}

func (s *Scenario) line(line string) {
	word, rest, _ := strings.Cut(line, " ")
	ip, err := netip.ParseAddr(word)
	switch {
	case err == nil:
		s.sessions[ip] = rest
	case word == "domain":
		s.Domain = rest
	case word == "zone":
		s.zone = rest
		s.Zones.Sign(rest, "test.")
	case word == "unsigned":
		s.zone = ""
		s.Zones.Unsigned(rest, "test.")
	case word == "silence":
		s.Zones.Silent = true
	case word == "list":
		zone, err := blocklist.ParseZone(rest)
		if err != nil {
			s.t.Fatal(err)
		}
		s.lists = append(s.lists, zone)
	case word == "control":
		s.control = rest
	case word == "policy":
		s.policy(rest)
	default:
		s.record(line)
	}
}

// record serves one record, spoilt as its last word says. Records of one name
// and type make one set.
func (s *Scenario) record(line string) {
	line = s.data(line)
	at := strings.LastIndex(line, " ")
	fault := line[at+1:]
	switch fault {
	case "expired", "forged", "stripped", "dead", "refused":
		line = line[:at]
	default:
		fault = ""
	}
	if fault == "dead" {
		s.Zones.Dead[line] = true
		return
	}
	name, rest, _ := strings.Cut(line, " ")
	rr := s.Zones.RR(name + " 60 IN " + rest)
	key := strings.ToLower(name) + " " + dns.TypeToString[rr.Header().Rrtype]
	set := []dns.RR{rr}
	for _, other := range s.Zones.Sets[key] {
		if other.Header().Rrtype == rr.Header().Rrtype {
			set = append(set, other)
		}
	}
	s.Zones.Put(s.zone, set...)
	s.spoil(key, fault, set)
}

func (s *Scenario) spoil(key, fault string, set []dns.RR) {
	switch fault {
	case "expired":
		s.Zones.Sets[key] = append(set, s.Zones.Signature(s.zone, -3*time.Hour, set...))
	case "forged":
		s.Zones.Sets[key][len(set)].(*dns.RRSIG).Expiration++
	case "stripped":
		s.Zones.Sets[key] = set
	case "refused":
		s.Zones.Failing[key] = true
	}
}

// data puts in the data of a TLSA record.
func (s *Scenario) data(line string) string {
	for _, c := range []struct {
		word               string
		depth              int
		selector, matching uint8
	}{{" KEY", 0, 1, 1}, {" AUTHORITY", 1, 1, 1}, {" CERTIFICATE", 1, 0, 0}, {" PUBLIC", 1, 1, 0}} {
		data, ok := dane.Select(s.chain[c.depth], c.selector, c.matching)
		if !ok {
			s.t.Fatal("the certificate cannot be read")
		}
		line = strings.Replace(line, c.word, " "+hex.EncodeToString(data), 1)
	}
	return line
}

// Examiner examines the scenario.
func (s *Scenario) Examiner() *domain.Examiner {
	e := &domain.Examiner{
		Sessions: s, DNS: s.Zones, Anchors: s.Zones.Anchors(), Policy: guard.Policy{Open: true}, Roots: s.roots,
		Ports: domain.Ports{Web: 1}, BlockLists: s.lists,
	}
	if s.web != nil {
		e.Ports.Web = uint16(s.web.Listener.Addr().(*net.TCPAddr).Port)
	}
	if s.control != "" {
		e.Reach = s.reach
	}
	return e
}

func (s *Scenario) reach(context.Context, uint16) []probe.ControlConn {
	mail, web, _ := strings.Cut(s.control, " ")
	return []probe.ControlConn{
		{Host: "mail.example", Port: 25, Kind: probe.Kind(strings.Trim(mail, "-"))},
		{Host: "web.example", Port: 443, Kind: probe.Kind(web)},
	}
}

// Probe implements probe.Prober.
func (s *Scenario) Probe(_ context.Context, req probe.Request, _ probe.Hooks) (probe.Report, error) {
	session := probe.Session{Address: netip.AddrPortFrom(req.At, 25), Security: probe.SecuritySTARTTLS}
	state, known := s.sessions[req.At]
	if !known {
		s.t.Errorf("%s was dialled, and the scenario says nothing about it", req.At)
	}
	session.Source = netip.MustParseAddrPort("192.0.2.200:40000")
	session.Greeting = &smtp.Reply{Code: 220, Lines: []smtp.Line{{Code: 220, Text: req.Target.Host + " ESMTP"}}}
	session.Transcript = conversation(state, session.Greeting.String())
	switch state {
	case "down":
		session.Source, session.Transcript = netip.AddrPort{}, nil
		session.Greeting, session.Failure = nil, &probe.Failure{Phase: probe.PhaseConnect, Kind: probe.KindRefused}
	case "421":
		reply := smtp.Reply{Code: 421, Lines: []smtp.Line{{Code: 421, Text: "4.7.0 Try again later"}}}
		session.Failure = &probe.Failure{Phase: probe.PhaseGreeting, Kind: probe.KindReply, Reply: &reply}
	case "silent":
		session.Source, session.Transcript = netip.AddrPort{}, nil
		session.Greeting = nil
		session.Failure = &probe.Failure{Phase: probe.PhaseConnect, Kind: probe.KindTimeout, Limit: 10 * time.Second}
	case "454":
		reply := smtp.Reply{Code: 454, Lines: []smtp.Line{{Code: 454, Text: "4.7.0 TLS not available"}}}
		offer := smtp.Reply{Code: 250, Lines: []smtp.Line{{Code: 250, Text: "mx"}, {Code: 250, Text: "STARTTLS"}}}
		session.Hellos = []probe.Hello{{Verb: "EHLO", Reply: offer, Capabilities: smtp.ParseCapabilities(&offer)}}
		session.STARTTLS = &reply
		session.Failure = &probe.Failure{Phase: probe.PhaseSTARTTLS, Kind: probe.KindReply, Reply: &reply}
	case "clear":
		session.Hellos = []probe.Hello{{Verb: "EHLO", Reply: smtp.Reply{Code: 250}}}
	default:
		session.Hellos = []probe.Hello{{Verb: "EHLO", Reply: smtp.Reply{Code: 250}}}
		session.TLS = s.handshake(state, req.Target.Host)
	}
	switch state {
	case "handshake":
		session.Failure = &probe.Failure{Phase: probe.PhaseHandshake, Kind: probe.KindTLS}
	case "alert":
		session.Failure = &probe.Failure{Phase: probe.PhaseHandshake, Kind: probe.KindAlert, Alert: 40}
	}
	return probe.Report{Request: req, Started: s.Zones.Now, Sessions: []probe.Session{session}}, nil
}

// conversation is what was said, in short.
func conversation(state, greeting string) []probe.Entry {
	all := []probe.Entry{
		{Side: probe.SideServer, Text: greeting}, {Side: probe.SideClient, Text: "EHLO [192.0.2.200]"},
		{Side: probe.SideServer, Text: "250-STARTTLS"}, {Side: probe.SideServer, Text: "250 SIZE 52428800"},
		{Side: probe.SideClient, Text: "STARTTLS"}, {Side: probe.SideServer, Text: "220 2.0.0 Ready"},
		{Side: probe.SideClient, Text: "QUIT", Secure: true}, {Side: probe.SideServer, Text: "221 2.0.0 Bye", Secure: true},
	}
	switch state {
	case "421":
		return all[:1]
	case "clear":
		return append(all[:2:2], all[3])
	}
	return all
}

// handshake is one that showed the certificate of the servers, in this state.
func (s *Scenario) handshake(state, host string) *probe.TLS {
	if state == "handshake" || state == "alert" {
		return &probe.TLS{}
	}
	now, sent := s.Zones.Now, s.chain[:1]
	sum := sha256.Sum256(s.chain[0])
	c := probe.Certificate{Names: []string{host}, SHA256: hex.EncodeToString(sum[:]), Serial: "01",
		NotBefore: now.AddDate(0, 0, -10), NotAfter: now.AddDate(0, 0, 80)}
	trust := probe.Trust{
		Name: probe.NameMatches, Dates: probe.DatesValid, Chain: probe.ChainTrusted, Usage: probe.UsageServer,
	}
	switch state {
	case "expired":
		trust.Dates, c.NotBefore, c.NotAfter = probe.DatesExpired, now.AddDate(0, 0, -91), now.AddDate(0, 0, -1)
	case "name":
		trust.Name, c.Names = probe.NameMismatch, []string{"other.test"}
	case "untrusted":
		trust.Chain = probe.ChainSelfSigned
	case "chain":
		sent = s.chain
	case "soon":
		c.NotBefore, c.NotAfter = now.AddDate(0, 0, -85), now.AddDate(0, 0, 5)
	}
	return &probe.TLS{
		Complete: true, Version: "TLS 1.3", Chain: []probe.Certificate{c}, DER: sent, Trust: trust,
	}
}

// policy serves a policy: its mode and patterns, or the fault of its server.
func (s *Scenario) policy(words string) {
	name := "mta-sts." + s.Domain
	kind, body, status := "text/plain", "", http.StatusOK
	first, rest, _ := strings.Cut(words, " ")
	switch first {
	case "enforce", "testing", "none":
		body = "version: STSv1\r\nmode: " + first + "\r\nmax_age: 604800\r\n"
		for mx := range strings.FieldsSeq(rest) {
			body += "mx: " + mx + "\r\n"
		}
	case "short":
		body = "version: STSv1\nmode: enforce\nmax_age: 3600\nmx: " + rest + "\n"
	case "404":
		status = http.StatusNotFound
	case "html":
		kind = "text/html"
	case "syntax":
		body = "version: STSv1\nmode: strict\n"
	case "certificate":
		name = "other.test"
	}
	s.Zones.Put(s.zone, s.Zones.RR("_mta-sts."+s.Domain+". 60 IN TXT \"v=STSv1; id=1\""))
	s.Zones.Put(s.zone, s.Zones.RR("mta-sts."+s.Domain+". 60 IN A 127.0.0.1"))
	s.web = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // who asked sees it
	}))
	s.web.TLS = &tls.Config{Certificates: []tls.Certificate{s.certificate(name)}}
	s.web.Config.ErrorLog = log.New(io.Discard, "", 0) // a refused certificate is what some scenarios are about
	s.web.StartTLS()
	s.t.Cleanup(s.web.Close)
}

// certificate makes one that is trusted in this scenario.
func (s *Scenario) certificate(name string) tls.Certificate {
	made := s.issue(&x509.Certificate{DNSNames: []string{name}, IsCA: true}, nil)
	s.roots.AddCert(made.Leaf)
	return made
}

// issue signs a certificate by its parent or, without one, by itself.
func (s *Scenario) issue(template *x509.Certificate, parent *tls.Certificate) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	template.SerialNumber, template.BasicConstraintsValid = big.NewInt(1), true
	template.NotBefore, template.NotAfter = s.Zones.Now.Add(-time.Hour), s.Zones.Now.Add(time.Hour)
	if parent == nil {
		parent = &tls.Certificate{Leaf: template, PrivateKey: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.Leaf, &key.PublicKey, parent.PrivateKey)
	if err != nil {
		s.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
