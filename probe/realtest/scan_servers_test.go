//go:build unix

package realtest

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"smtptest/probe"
	"smtptest/probe/tlsscan"
)

// scanned is a port whose TLS is measured by all witnesses.
type scanned struct {
	name     string
	port     uint16
	security probe.Security
	order    tlsscan.Order // of TLS 1.2; empty: whatever it is
	dhBits   int           // of its finite-field suites; 0: it has none, or whatever they are
	all      bool          // openssl and testssl.sh are asked also without -long: each takes half a minute
}

// everything is all that OpenSSL 3.0 has, also what it would not take by
// default.
const everything = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"

// today are eleven suites of the kind that is recommended.
const today = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20"

// scannedPostfix is one Postfix with a setting for each port.
func scannedPostfix(s *site) []scanned {
	rsa, ec := s.certificate("key=rsa2048"), s.certificate("key=ec")
	both := "{ smtpd_tls_chain_files = " + rsa + ", " + ec + " }"
	p := &postfix{Certificate: rsa, Services: []service{
		{Program: "smtpd", Options: []string{"smtpd_tls_protocols=>=TLSv1.2", both, "tls_medium_cipherlist=" + today}},
		{Program: "smtpd", Options: []string{"smtpd_tls_protocols=>=TLSv1", "tls_medium_cipherlist=" + everything,
			"tls_preempt_cipherlist=yes"}},
		{Program: "smtpd", Options: []string{"smtpd_tls_wrappermode=yes", "smtpd_tls_security_level=encrypt",
			"smtpd_tls_mandatory_protocols=>=TLSv1.3"}},
		{Program: "smtpd", Options: []string{"smtpd_tls_protocols=>=TLSv1",
			"tls_medium_cipherlist=kRSA+AES:ECDHE+AES:@SECLEVEL=0"}},
	}}
	p.start(s)
	names := []string{"Postfix, today's suites, RSA and ECDSA", "Postfix, all suites, its own order",
		"Postfix, TLS 1.3 alone", "Postfix, TLS 1.0 with AES"}
	var out []scanned
	for i, x := range p.Services {
		out = append(out, scanned{name: names[i], port: x.Port, security: probe.SecuritySTARTTLS, all: i == 0})
	}
	out[1].order = tlsscan.OrderServer
	out[2].security = probe.SecurityImplicit
	return out
}

// diffieHellman makes parameters that are not in any standard.
func (s *site) diffieHellman(bits int) string {
	s.Helper()
	path := filepath.Join(s.folder, fmt.Sprintf("dh%d.pem", bits))
	make := exec.Command("openssl", "dhparam", "-dsaparam", "-out", path, fmt.Sprint(bits))
	if out, err := make.CombinedOutput(); err != nil {
		s.Fatalf("openssl dhparam: %v\n%s", err, out)
	}
	return path
}

// scannedDovecot takes every suite with AES, in its client's order.
func scannedDovecot(s *site) []scanned {
	d := &dovecot{Certificate: s.certificate("key=rsa2048"), TLS: strings.Join([]string{
		"ssl_min_protocol = TLSv1", "ssl_cipher_list = kRSA+AES:DHE+AES:ECDHE+AES:@SECLEVEL=0",
		"ssl_dh = <" + s.diffieHellman(2048),
		"ssl_prefer_server_ciphers = no",
	}, "\n")}
	d.start(s)
	return []scanned{
		{name: "Dovecot, all suites with AES, its client's order", port: d.ImplicitPort, security: probe.SecurityImplicit,
			order: tlsscan.OrderClient, dhBits: 2048},
	}
}

// scannedExim is GnuTLS.
func scannedExim(s *site) []scanned {
	e := exim()
	e.Spec = "key=rsa2048"
	e.TLS = "tls_require_ciphers = NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:%COMPAT"
	e.start(s)
	return []scanned{{name: "Exim with GnuTLS", port: e.StartTLSPort, security: probe.SecuritySTARTTLS}}
}

// scannedNginx is a proxy in front of a mail server, and one with TLS alone.
func scannedNginx(s *site) []scanned {
	ports := freePorts(s, 2)
	folder := s.subfolder("nginx")
	s.configure(filepath.Join(folder, "nginx.conf"), "nginx.conf", map[string]any{
		"Folder": folder, "Certificate": s.certificate("key=ec"), "Mail": ports[0], "Stream": ports[1]})
	server := exec.Command("nginx", "-p", folder, "-c", filepath.Join(folder, "nginx.conf"))
	s.run(server, filepath.Join(folder, "log"), ports...)
	return []scanned{
		{name: "nginx, mail", port: ports[0], security: probe.SecuritySTARTTLS},
		{name: "nginx, stream", port: ports[1], security: probe.SecurityImplicit},
	}
}

// scannedStunnel puts TLS in front of a server that has none.
func scannedStunnel(s *site) []scanned {
	ports := freePorts(s, 1)
	folder := s.subfolder("stunnel")
	config, both := filepath.Join(folder, "stunnel.conf"), filepath.Join(folder, "both.pem")
	certificate, err := os.ReadFile(s.certificate("key=rsa2048"))
	must(s, err)
	parameters, err := os.ReadFile(s.diffieHellman(1024))
	must(s, err)
	s.write(both, append(certificate, parameters...))
	s.configure(config, "stunnel.conf", map[string]any{"Folder": folder, "Certificate": both, "Port": ports[0]})
	s.run(exec.Command("stunnel4", config), filepath.Join(folder, "log"), ports...)
	return []scanned{
		{name: "stunnel, TLS 1.0 to 1.2, DH 1024", port: ports[0], security: probe.SecurityImplicit, dhBits: 1024},
	}
}

// scannedGo is crypto/tls, which has post-quantum groups.
func scannedGo(s *site) []scanned {
	certificate, err := s.ca.Certificate("key=ec", mailHost)
	must(s, err)
	l, err := tls.Listen("tcp4", loopback+":0", &tls.Config{Certificates: []tls.Certificate{*certificate}})
	must(s, err)
	s.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fmt.Fprint(c, "220 mail.example.test ESMTP\r\n")
				c.Read(make([]byte, 512))
			}()
		}
	}()
	port := l.Addr().(*net.TCPAddr).AddrPort().Port()
	return []scanned{{name: "crypto/tls", port: port, security: probe.SecurityImplicit}}
}
