// Package greedy makes certificates that are as large as TLS carries them, one
// for each part that a certificate may hold many of, and servers that show them.
// Tests of cost use them, inside package probe too: it imports none of ours.
package greedy

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Part is what a certificate may hold many of.
type Part struct {
	About string
	Most  int // so many make a certificate that TLS still carries
	fill  func(c *x509.Certificate, n int)
}

// Parts are all of them.
func Parts() []Part {
	return []Part{
		{"name parts", 17500, func(c *x509.Certificate, n int) {
			part := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{1, 2, 127, 127, 127}, Value: "a"}
			c.Subject.ExtraNames = slices.Repeat([]pkix.AttributeTypeAndValue{part}, n)
		}},
		{"one long name", 240000, func(c *x509.Certificate, n int) { c.Subject.CommonName = strings.Repeat("<", n) }},
		{"DNS names", 80000, func(c *x509.Certificate, n int) { c.DNSNames = slices.Repeat([]string{"a"}, n) }},
		{"addresses", 40000, func(c *x509.Certificate, n int) {
			c.IPAddresses = slices.Repeat([]net.IP{{192, 0, 2, 1}}, n)
		}},
		{"URIs", 80000, func(c *x509.Certificate, n int) { c.URIs = slices.Repeat([]*url.URL{{Path: "a"}}, n) }},
		{"extensions", 20000, func(c *x509.Certificate, n int) {
			for i := range n {
				c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, i}})
			}
		}},
		{"usages", 70000, func(c *x509.Certificate, n int) {
			c.UnknownExtKeyUsage = slices.Repeat([]asn1.ObjectIdentifier{{1, 3}}, n)
		}},
		{"constraints and names", 20000, func(c *x509.Certificate, n int) {
			c.IsCA, c.BasicConstraintsValid = true, true
			c.PermittedDNSDomains = slices.Repeat([]string{"b"}, n)
			c.DNSNames = slices.Repeat([]string{"a"}, n)
		}},
		{"serial number", 240000, func(c *x509.Certificate, n int) {
			c.SerialNumber = new(big.Int).Lsh(big.NewInt(1), uint(8*n-8))
		}},
	}
}

// serial begins the serial number of all but one of the certificates, so that
// Own finds it.
var serial = []byte{0x12, 0x34, 0x56, 0x78}

// Certificate holds a part so many times, and is issued by nobody that is known.
func (p Part) Certificate(n int) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(append(serial, 1, 2, 3)),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	p.fill(c, n)
	issuer := &x509.Certificate{Subject: pkix.Name{CommonName: "Issuing CA"}}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), key)
	if err != nil {
		return nil, err
	}
	made := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	made.Leaf, err = x509.ParseCertificate(der)
	return made, err
}

// Own is the same certificate with a serial number of its own, so that nothing
// that was read of another one can be used again: its signature is wrong, which
// makes no difference to its key.
func Own(c *tls.Certificate, number byte) *tls.Certificate {
	der := bytes.Clone(c.Certificate[0])
	if i := bytes.Index(der, serial); i >= 0 {
		der[i+len(serial)-1] = number
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: c.PrivateKey}
}

// Serve shows the certificate at once to whoever connects, and says yes to all
// commands, until the listener is closed.
func Serve(l net.Listener, c *tls.Certificate) {
	config := &tls.Config{Certificates: []tls.Certificate{*c}}
	Accept(l, func(conn net.Conn) {
		defer conn.Close()
		server := tls.Server(conn, config)
		fmt.Fprint(server, "220 a\r\n")
		for lines := bufio.NewScanner(server); lines.Scan(); {
			fmt.Fprint(server, "250 a\r\n")
		}
	})
}

// Accept serves each connection until the listener is closed.
func Accept(l net.Listener, serve func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go serve(conn)
	}
}
