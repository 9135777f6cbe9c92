package deepscan

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtptest/formatting"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/tlsscan"
)

// permissive is a server that takes too much.
func permissive(port uint16) *tlsscan.Report {
	began := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	suites := []tlsscan.Suite{{Number: 0xc02f}, {Number: 0x009e, DHBits: 1024}, {Number: 0x002f}, {Number: 0x0005}}
	r := &tlsscan.Report{
		Request: tlsscan.Request{Target: probe.Target{Host: "mx.example.test", Port: port}}, Vantage: "here", Started: began,
		Elapsed: 2900 * time.Millisecond, Address: netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), port),
		Security: probe.SecuritySTARTTLS, Schemes: []uint16{0x0804, 0x0201}, SchemesComplete: true,
		Certificates: []tlsscan.Certificate{{Kind: "RSA", Connections: 2, Certificate: probe.Certificate{
			Key: "RSA 2048", Signature: "SHA256-RSA", SHA256: "0f", NotAfter: began.AddDate(0, 2, 0),
		}}},
		WithoutSNI: tlsscan.WithoutSNI{Agreed: tlsscan.Yes, Certificate: "0f"}, ALPN: tlsscan.ALPNIgnored,
		ExtendedMasterSecret: tlsscan.Yes, SecureRenegotiation: tlsscan.Yes, Compression: tlsscan.No,
		Versions: []tlsscan.Version{
			{Number: tlsscan.TLS13, Offered: tlsscan.No, Complete: true},
			{Number: tlsscan.TLS12, Offered: tlsscan.Yes, Complete: true, Suites: suites, Order: tlsscan.OrderServer,
				Groups: []uint16{29, 23}, GroupsComplete: true},
			{Number: tlsscan.TLS11, Offered: tlsscan.No, Complete: true},
			{Number: tlsscan.TLS10, Offered: tlsscan.Yes, Complete: true, Suites: suites[2:], Order: tlsscan.OrderServer},
			{Number: tlsscan.SSL30, Offered: tlsscan.Unknown},
		},
		Connections: []tlsscan.Connection{
			{Asks: tlsscan.AskVersion,
				Offer:   tlsscan.Offer{Version: tlsscan.TLS13, Suites: []uint16{0x1301}, Groups: []uint16{29}},
				Failure: &probe.Failure{Kind: probe.KindAlert, Phase: probe.PhaseHandshake, Alert: 70}},
			{Asks: tlsscan.AskSuites, Began: time.Second,
				Offer:  tlsscan.Offer{Version: tlsscan.TLS12, Suites: []uint16{0xc02f, 5}},
				Choice: tlsscan.Choice{Version: tlsscan.TLS12, Suite: 0xc02f, Group: 29, Scheme: 0x0804, Certificate: "0f"}},
		},
		Stopped: &tlsscan.Stopped{Why: tlsscan.StopReply, After: 2},
	}
	return r
}

// TestGolden is what a terminal shows of a server, where people log in and where
// servers hand over, and the file that a chat gets.
func TestGolden(t *testing.T) {
	goldens := formattest.Goldens{Files: "testdata/*.txt"}
	show := func(port uint16) string {
		m := Message(tlsgrade.Judge(permissive(port)), formatting.Terminal)
		return plain.Head(m, plain.Style{}) + plain.Body(m, plain.Style{})
	}
	for name, text := range map[string]string{
		"submission": show(587), "relay": show(25), "file": Text(tlsgrade.Judge(permissive(587))),
	} {
		goldens.Compare(t, name, func(*testing.T) string { return text })
	}
	goldens.LeftOver(t)
}

// TestNoCertificate: it is hidden in TLS 1.3 alone.
func TestNoCertificate(t *testing.T) {
	r := permissive(587)
	r.Certificates = nil
	body := plain.Body(Message(tlsgrade.Judge(r), formatting.Terminal), plain.Style{})
	if strings.Contains(body, "encrypts") || !strings.Contains(body, "none: the server shows none") {
		t.Error(body)
	}
}
