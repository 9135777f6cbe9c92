package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strconv"
	"testing"
	"time"
)

// TestRemoteAlert reads the number of an alert that crypto/tls keeps to
// itself, over TCP as in the field. It fails when a Go version keeps it in
// another way: see remoteAlert.
func TestRemoteAlert(t *testing.T) {
	for _, want := range []int{40, 42, 70, 71, 80, 112, 116} {
		t.Run(strconv.Itoa(want), func(t *testing.T) {
			conn := connectTo(t, func(conn net.Conn) {
				conn.Read(make([]byte, 1))
				conn.Write([]byte{21, 3, 3, 0, 2, 2, byte(want)})
				conn.Read(make([]byte, 4<<10)) // the rest of the ClientHello: no RST
			})
			err := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).Handshake()
			checkAlert(t, err, want)
		})
	}
}

// TestRemoteAlertAfterHandshake is a client certificate that is missed under
// TLS 1.3: the alert comes when the client first reads.
func TestRemoteAlertAfterHandshake(t *testing.T) {
	cert := throwAway(t)
	conn := connectTo(t, func(conn net.Conn) {
		server := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAnyClientCert})
		server.Handshake()
		conn.Read(make([]byte, 1))
	})
	client := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13})
	if err := client.Handshake(); err != nil {
		t.Fatalf("handshake: %v", err)
	}
	_, err := client.Read(make([]byte, 1))
	checkAlert(t, err, 116)
}

func TestNoRemoteAlert(t *testing.T) {
	conn := connectTo(t, func(conn net.Conn) { conn.Read(make([]byte, 1)) })
	err := tls.Client(conn, &tls.Config{ServerName: "mx.example.test", MaxVersion: tls.VersionTLS11}).Handshake()
	if n, ok := remoteAlert(err); ok {
		t.Errorf("%v: read as alert %d", err, n)
	}
	if n, ok := remoteAlert(&net.OpError{Op: "remote error", Err: nil}); ok {
		t.Errorf("an error without cause: read as alert %d", n)
	}
}

func checkAlert(t *testing.T, err error, want int) {
	t.Helper()
	f := failureOf(context.Background(), err, time.Second)
	if f.Kind != KindAlert || f.Alert != want {
		t.Errorf("%T %v: got %s, alert %d; want %s, alert %d", err, err, f.Kind, f.Alert, KindAlert, want)
	}
}

// connectTo connects to a server on loopback and closes both ends when the
// test is over.
func connectTo(t *testing.T, serve func(net.Conn)) net.Conn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		serve(conn)
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { conn.Close(); listener.Close(); <-done })
	return conn
}

func throwAway(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.example.test"},
		NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
