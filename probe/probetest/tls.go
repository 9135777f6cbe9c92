package probetest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
)

// tlsConfig is the server's side of a TLS action. Beside the words of
// CertSpec it understands:
//
//	min=1.2 max=1.0       protocol versions
//	suites=rsa            or 3des, cbc: TLS 1.2 and below with suites that clients avoid; old: those beside a good one
//	groups=p256           or x25519, p384, p521: the only group
//	client-cert=require   or request, or known: request, with the names of the accepted authorities
//	late-alert=yes        alert 42 when all is done: under TLS 1.3 the client's handshake has ended by then
func (s *Server) tlsConfig(text string) (*tls.Config, error) {
	words, err := ParseWords(text)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS10}
	var certWords []string
	for _, word := range strings.Fields(text) {
		key, _, _ := strings.Cut(word, "=")
		switch key {
		case "min", "max", "suites", "groups", "client-cert", "late-alert":
		default:
			certWords = append(certWords, word)
		}
	}
	if err := setTLS(config, words); err != nil {
		return nil, err
	}
	cert, err := s.CA.Certificate(strings.Join(certWords, " "), s.Host)
	if err != nil {
		return nil, err
	}
	if words["client-cert"] == "known" {
		config.ClientAuth, config.ClientCAs = tls.RequestClientCert, s.CA.Roots()
	}
	config.Certificates = []tls.Certificate{*cert}
	return config, nil
}

func setTLS(c *tls.Config, words CertSpec) error {
	var ok bool
	if v, given := words["min"]; given {
		if c.MinVersion, ok = versions()[v]; !ok {
			return fmt.Errorf("min=%s is no version", v)
		}
	}
	if v, given := words["max"]; given {
		if c.MaxVersion, ok = versions()[v]; !ok {
			return fmt.Errorf("max=%s is no version", v)
		}
	}
	if v, given := words["groups"]; given {
		group, ok := groups()[v]
		if !ok {
			return fmt.Errorf("groups=%s is no group", v)
		}
		c.CurvePreferences = []tls.CurveID{group}
	}
	switch words["client-cert"] {
	case "require":
		c.ClientAuth = tls.RequireAnyClientCert
	case "request":
		c.ClientAuth = tls.RequestClientCert
	}
	if words["late-alert"] == "yes" {
		c.VerifyConnection = func(tls.ConnectionState) error { return errors.New("the script ends TLS here") }
	}
	return setSuites(c, words["suites"])
}

func setSuites(c *tls.Config, kind string) error {
	switch kind {
	case "":
		return nil
	case "rsa":
		c.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
	case "3des":
		c.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}
	case "old":
		c.CipherSuites = []uint16{
			tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA,
			tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_RSA_WITH_RC4_128_SHA,
		}
	case "cbc":
		c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
	default:
		return fmt.Errorf("suites=%s is not known", kind)
	}
	c.MaxVersion = min(tls.VersionTLS12, max(c.MaxVersion, tls.VersionTLS12))
	return nil
}

func versions() map[string]uint16 {
	return map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12,
		"1.3": tls.VersionTLS13}
}

func groups() map[string]tls.CurveID {
	return map[string]tls.CurveID{"p256": tls.CurveP256, "p384": tls.CurveP384, "p521": tls.CurveP521,
		"x25519": tls.X25519}
}
