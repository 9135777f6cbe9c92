package tlsscan

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"

	"smtptest/probe"
	"smtptest/probe/guard"
)

// TestFeatures reads what crypto/tls does beside suites and groups.
func TestFeatures(t *testing.T) {
	certificate := certificates(t, "key=rsa2048")
	named := func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if h.ServerName == "" {
			return nil, errors.New("no name")
		}
		return &certificate[0], nil
	}
	for _, c := range []struct {
		name   string
		config *tls.Config
		check  func(Report) bool
	}{
		{"plain", &tls.Config{Certificates: certificate}, func(r Report) bool {
			return r.SessionTicket == Yes && r.ExtendedMasterSecret == Yes && r.SecureRenegotiation == Yes &&
				r.Heartbeat == No && r.Compression == No && r.ClientCertificate == No && r.FallbackSCSV == Yes &&
				r.ALPN == ALPNIgnored && r.WithoutSNI.Agreed == Yes &&
				r.WithoutSNI.Certificate == r.Certificates[0].SHA256 && r.Certificates[0].Kind == "RSA" &&
				r.Version(TLS13).Order == OrderServer && r.Version(TLS12).Order == OrderServer
		}},
		{"no tickets, one version, client certificates", &tls.Config{Certificates: certificate, MaxVersion: tls.VersionTLS12,
			MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true, ClientAuth: tls.RequestClientCert},
			func(r Report) bool {
				return r.SessionTicket == No && r.FallbackSCSV == Unknown && r.ClientCertificate == Yes &&
					r.Version(TLS13).Offered == No && r.Version(TLS11).Offered == No
			}},
		{"another protocol", &tls.Config{Certificates: certificate, NextProtos: []string{"smtp"}},
			func(r Report) bool { return r.ALPN == ALPNRefused }},
		{"the foreign protocol", &tls.Config{Certificates: certificate, NextProtos: []string{"http/1.1"}},
			func(r Report) bool { return r.ALPN == ALPNSelected }},
		{"a name is needed", &tls.Config{GetCertificate: named}, func(r Report) bool {
			return r.WithoutSNI.Agreed == No && r.WithoutSNI.Failure.Kind == probe.KindAlert
		}},
		{"TLS 1.3 alone", &tls.Config{Certificates: certificate, MinVersion: tls.VersionTLS13}, func(r Report) bool {
			return r.Version(TLS13).Complete && r.Version(TLS12).Offered == No && r.Version(SSL30).Offered == No &&
				r.SessionTicket == Unknown && r.Certificates == nil && r.WithoutSNI.Agreed == Yes
		}},
		{"TLS 1.0 alone", &tls.Config{Certificates: certificate, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}, func(r Report) bool {
			v := r.Version(TLS10)
			return v.Complete && len(v.Suites) == 1 && v.Order == OrderUnknown && r.Version(TLS12).Offered == No &&
				r.Version(TLS11).Offered == No && r.SecureRenegotiation == Yes
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, func(_ int, conn net.Conn) {
				_ = tls.Server(conn, c.config).HandshakeContext(context.Background())
			})
			rep := s.scan(t, probe.SecurityImplicit)
			if rep.Failure != nil || rep.Stopped != nil || !c.check(rep) {
				rep.Connections = nil
				t.Errorf("%+v", rep)
			}
		})
	}
}

// TestOrdinaryClients: a server that has room for five serves its own client
// while it leaves the scan without an answer.
func TestOrdinaryClients(t *testing.T) {
	const ordinary = "ordinary.example.test"
	room, held, release := make(chan struct{}, MaxAtOnce+1), make(chan struct{}, 99), make(chan struct{})
	certificate := certificates(t, "key=ec")
	s := serve(t, func(n int, c net.Conn) {
		room <- struct{}{}
		defer func() { <-room }()
		config := &tls.Config{Certificates: certificate}
		config.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			if h.ServerName != ordinary && n > 1 {
				held <- struct{}{}
				<-release
			}
			return nil, nil
		}
		_ = tls.Server(c, config).HandshakeContext(context.Background())
	})
	go func() {
		defer close(release)
		for range MaxAtOnce {
			<-held
		}
		c, err := tls.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", s.port),
			&tls.Config{ServerName: ordinary, InsecureSkipVerify: true})
		if err != nil {
			t.Errorf("while the scan had %d connections: %v", MaxAtOnce, err)
			return
		}
		c.Close()
		if len(held) > 0 {
			t.Errorf("the scan has %d connections more than %d", len(held), MaxAtOnce)
		}
	}()
	if rep := s.scan(t, probe.SecurityImplicit); rep.Stopped != nil || rep.Version(TLS13).Offered != Yes {
		t.Errorf("%+v", rep.Stopped)
	}
}

// TestHooks: progress comes after each connection, an address is scanned without
// a name, and a panic is one of the scan.
func TestHooks(t *testing.T) {
	config := &tls.Config{Certificates: certificates(t, "key=ec")}
	s := serve(t, func(_ int, c net.Conn) { _ = tls.Server(c, config).HandshakeContext(context.Background()) })
	scanner := Scanner{Local: &probe.Local{Policy: guard.Policy{Open: true}}}
	req := Request{Target: probe.Target{Host: "127.0.0.1", Port: s.port}, Security: probe.SecurityImplicit}
	var last Event
	events := 0
	rep, err := scanner.Scan(t.Context(), req, Hooks{Event: func(e Event) { last, events = e, events+1 }})
	if err != nil || events != len(rep.Connections) || last.Connections != events || len(last.Versions) != 2 ||
		last.Suites == 0 || last.Groups == 0 {
		t.Errorf("%d events, the last %+v, %v", events, last, err)
	}
	if rep.WithoutSNI.Agreed != Unknown || rep.Connections[0].Offer.ServerName != "" ||
		rep.Address != netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), s.port) {
		t.Errorf("%+v, %+v", rep.WithoutSNI, rep.Address)
	}
	ctx, cancel := context.WithCancel(t.Context())
	rep, err = scanner.Scan(ctx, req, Hooks{Event: func(Event) { cancel() }})
	if err != nil || rep.Stopped == nil || rep.Stopped.Why != StopCanceled {
		t.Errorf("stopped %+v, %v", rep.Stopped, err)
	}
	defer func() {
		if recover() != "here" {
			t.Error("the panic did not come through")
		}
	}()
	_, _ = scanner.Scan(t.Context(), req, Hooks{Event: func(Event) { panic("here") }})
}

// TestGuard: what may not be dialled is not.
func TestGuard(t *testing.T) {
	scanner := Scanner{Local: &probe.Local{}}
	for _, c := range []struct {
		host string
		kind probe.Kind
	}{{"127.0.0.1", probe.KindDenied}, {"printer.local", probe.KindDenied}} {
		rep, err := scanner.Scan(t.Context(), Request{Target: probe.Target{Host: c.host, Port: 587}}, Hooks{})
		if err != nil || rep.Failure == nil || rep.Failure.Kind != c.kind || len(rep.Connections) > 0 {
			t.Errorf("%s: %+v, %v", c.host, rep.Failure, err)
		}
	}
	if _, err := scanner.Scan(t.Context(), Request{}, Hooks{}); err == nil {
		t.Error("no target, and no error")
	}
}
