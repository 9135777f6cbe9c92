package clienthello

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/probetest/cost"
	"smtptest/probe/registry"
)

// What servers send, made by hand.

func record(kind byte, data ...[]byte) []byte {
	return append16([]byte{kind, 3, 3}, bytes.Join(data, nil))
}

func message(kind byte, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	return append([]byte{kind, byte(len(all) >> 16), byte(len(all) >> 8), byte(len(all))}, all...)
}

// serverHello is one without a session; extensions are pairs of number and data.
func serverHello(version, suite uint16, compression byte, extensions ...[]byte) []byte {
	body := binary.BigEndian.AppendUint16(nil, version)
	body = append(append(body, bytes.Repeat([]byte{7}, 32)...), 0)
	body = append(binary.BigEndian.AppendUint16(body, suite), compression)
	if len(extensions) > 0 {
		body = append16(body, bytes.Join(extensions, nil))
	}
	return message(messageServerHello, body)
}

func extension(number uint16, data ...byte) []byte {
	return append16(binary.BigEndian.AppendUint16(nil, number), data)
}

func retry(suite uint16, extensions ...[]byte) []byte {
	hello := serverHello(TLS12, suite, 0, extensions...)
	copy(hello[6:], retryRequest)
	return hello
}

func certificate(der []byte) []byte {
	entry := append([]byte{0, byte(len(der) >> 8), byte(len(der))}, der...)
	return message(messageCertificate, []byte{0, byte(len(entry) >> 8), byte(len(entry))}, entry)
}

// curve is a ServerKeyExchange in x25519, signed with ecdsa_secp256r1_sha256.
func curve(group uint16) []byte {
	return message(messageServerKeyExchange, []byte{3}, numbers([]uint16{group}), []byte{2, 1, 1, 4, 3, 0, 1, 9})
}

func prime(octets int, signed ...byte) []byte {
	p := append([]byte{0, 0x40}, make([]byte, octets-1)...)
	return message(messageServerKeyExchange, append16(nil, p), []byte{0, 1, 2, 0, 1, 5}, signed)
}

var done = message(messageServerHelloDone)

const (
	ecdsa = 0xc02b // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
	dhe   = 0x009e // TLS_DHE_RSA_WITH_AES_128_GCM_SHA256
	rsa   = 0x002f // TLS_RSA_WITH_AES_128_CBC_SHA
	adh   = 0x0034 // TLS_DH_anon_WITH_AES_128_CBC_SHA
)

var (
	versions13 = extension(extSupportedVersions, 3, 4)
	inX25519   = extension(extKeyShare, 0, 29)
)

// flights are answers, and what is read of them: the end of an error, or a choice.
func flights() []struct {
	name    string
	version uint16
	sent    []byte
	want    string
	choice  Choice
} {
	return []struct {
		name    string
		version uint16
		sent    []byte
		want    string
		choice  Choice
	}{
		{"curve", TLS12, record(22, serverHello(TLS12, ecdsa, 0, extension(ExtRenegotiation, 0)), certificate([]byte("der")),
			curve(29), done), "", Choice{Version: TLS12, Suite: ecdsa, Group: 29, Scheme: 0x0403}},
		{"in pieces", TLS12, bytes.Join([][]byte{record(22, serverHello(TLS12, ecdsa, 0)[:20]),
			record(22, serverHello(TLS12, ecdsa, 0)[20:], certificate([]byte("der"))[:5]),
			record(22, certificate([]byte("der"))[5:], curve(29), done)}, nil), "",
			Choice{Version: TLS12, Suite: ecdsa, Group: 29, Scheme: 0x0403}},
		{"prime", TLS12, record(22, serverHello(TLS12, dhe, 0), prime(128, 8, 4), done), "",
			Choice{Version: TLS12, Suite: dhe, Scheme: 0x0804, DHBits: 1023}},
		{"anonymous", TLS10, record(22, serverHello(TLS10, adh, 0), prime(64), done), "",
			Choice{Version: TLS10, Suite: adh, DHBits: 511}},
		{"older than offered", TLS12, record(22, serverHello(SSL30, rsa, 0), certificate([]byte("der")), done), "",
			Choice{Version: SSL30, Suite: rsa}},
		{"warning about a name", TLS12, bytes.Join([][]byte{record(21, []byte{1, 112}),
			record(22, serverHello(TLS12, rsa, 0), done)}, nil), "", Choice{Version: TLS12, Suite: rsa}},
		{"retry", TLS13, record(22, retry(0x1301, versions13, inX25519)), "",
			Choice{Version: TLS13, Suite: 0x1301, Group: 29}},
		{"retry with a cookie", TLS13, record(22, retry(0x1301, versions13, inX25519, extension(extCookie, 0, 1, 1))), "",
			Choice{Version: TLS13, Suite: 0x1301, Group: 29}},

		{"alert", TLS12, record(21, []byte{2, 40}), "the server sent the alert handshake_failure", Choice{}},
		{"warnings without end", TLS12, bytes.Repeat(record(21, []byte{1, 112}), 9),
			"the server sent the alert unrecognized_name", Choice{}},
		{"closing", TLS12, record(21, []byte{1, 0}), "the server sent the alert close_notify", Choice{}},
		{"alert of three octets", TLS12, record(21, []byte{1, 0, 0}), "the server sent an alert that is none", Choice{}},
		{"nothing", TLS12, nil, "EOF", Choice{}},
		{"half a record", TLS12, record(22, serverHello(TLS12, rsa, 0))[:9], "unexpected EOF", Choice{}},
		{"plain text", TLS12, []byte("500 command not recognized\r\n"), "the answer is not TLS", Choice{}},
		{"application data", TLS12, record(23, []byte("x")), "a record of type 23 inside the handshake", Choice{}},
		{"empty record", TLS12, record(22), "a record of 0 octets", Choice{}},
		{"long record", TLS12, record(22, make([]byte, 1<<14+1)), "a record of 16385 octets", Choice{}},
		{"certificate of megabytes", TLS12, record(22, serverHello(TLS12, rsa, 0), []byte{11, 0x40, 0, 0}),
			"a handshake message of 4194304 octets", Choice{}},
		{"messages without end", TLS12, record(22, serverHello(TLS12, rsa, 0), bytes.Repeat(message(22), 99)),
			"more handshake messages than there are", Choice{}},
		{"two ServerHellos", TLS12, record(22, serverHello(TLS12, rsa, 0), serverHello(TLS12, rsa, 0)),
			"a handshake message of type 2 came out of turn", Choice{}},
		{"certificate first", TLS12, record(22, certificate(nil)), "type 11 came before the ServerHello", Choice{}},
		{"short ServerHello", TLS12, record(22, message(2, []byte{3, 3})), "the ServerHello cannot be read", Choice{}},
		{"empty list of certificates", TLS12, record(22, serverHello(TLS12, rsa, 0), message(11, []byte{0, 0, 0})),
			"the Certificate message cannot be read", Choice{}},
		{"another suite", TLS12, record(22, serverHello(TLS12, 0x008c, 0)),
			"chose the suite TLS_PSK_WITH_AES_128_CBC_SHA, which was not offered", Choice{}},
		{"a newer version", TLS11, record(22, serverHello(TLS12, rsa, 0)), "chose TLS 1.2, which was not offered",
			Choice{}},
		{"an older version than is offered", TLS13, record(22, serverHello(TLS12, 0x1301, 0)),
			"chose TLS 1.2, which was not offered", Choice{}},
		{"SSL 2.0", TLS12, record(22, serverHello(2, rsa, 0)), "chose version 0x0002, which was not offered", Choice{}},
		{"compression", TLS12, record(22, serverHello(TLS12, rsa, 1)), "chose compression 1, which was not offered",
			Choice{}},
		{"another curve", TLS12, record(22, serverHello(TLS12, ecdsa, 0), curve(0x9999)),
			"chose the group 0x9999, which was not offered", Choice{}},
		{"another signature", TLS12, record(22, serverHello(TLS12, dhe, 0), prime(128, 0x99, 0x99)),
			"signed with 0x9999, which was not offered", Choice{}},
		{"no prime", TLS12, record(22, serverHello(TLS12, dhe, 0), message(12, []byte{0, 1, 0})),
			"the prime of the ServerKeyExchange cannot be read", Choice{}},
		{"a curve of its own", TLS12, record(22, serverHello(TLS12, ecdsa, 0), message(12, []byte{1, 0, 0, 0})),
			"the curve of the ServerKeyExchange cannot be read", Choice{}},
		{"another group", TLS13, record(22, retry(0x1301, versions13, extension(extKeyShare, 0x99, 0x99))),
			"chose the group 0x9999, which was not offered", Choice{}},
		{"a key at once", TLS13, record(22, serverHello(TLS12, 0x1301, 0, versions13, inX25519)),
			"chose a key that was not offered", Choice{}},
		{"an extension that was not offered", TLS12, record(22, serverHello(TLS12, rsa, 0, extension(ExtHeartbeat, 1))),
			"answered extension 15, which was not offered", Choice{}},
		{"an extension twice", TLS12, record(22, serverHello(TLS12, rsa, 0, extension(35), extension(35))),
			"the extensions of the ServerHello cannot be read", Choice{}},
		{"a short extension", TLS13, record(22, retry(0x1301, extension(extSupportedVersions, 3))),
			"extension 43 of the ServerHello cannot be read", Choice{}},
	}
}

func TestRead(t *testing.T) {
	for _, c := range flights() {
		t.Run(c.name, func(t *testing.T) {
			f, err := Read(bytes.NewReader(c.sent), &Hello{Offer: Everything(c.version)})
			if c.want == "" && (err != nil || f.Choice != c.choice) {
				t.Errorf("%+v, %v; want %+v", f.Choice, err, c.choice)
			}
			if c.want != "" && (err == nil || !strings.HasSuffix(err.Error(), c.want)) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// FuzzRead: what is accepted was offered, and what is not has its reason.
func FuzzRead(f *testing.F) {
	for _, c := range flights() {
		f.Add(c.sent, byte(c.version))
	}
	f.Fuzz(func(t *testing.T, sent []byte, minor byte) {
		offered := &Hello{Offer: Everything(SSL30 + uint16(minor%5)), Extras: minor%2 == 0}
		in := bytes.NewReader(sent)
		got, err := Read(&bounded{in, MaxBytes}, offered)
		if read := len(sent) - in.Len(); read > MaxBytes {
			t.Errorf("%d octets were read", read)
		}
		if err != nil {
			var alert Alert
			var broken Fault
			if !errors.As(err, &alert) && !errors.As(err, &broken) && !errors.Is(err, io.EOF) &&
				!errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, ErrNotTLS) {
				t.Errorf("%v", err)
			}
			return
		}
		if got.Version < SSL30 || got.Version > offered.Version || !slices.Contains(offered.Suites, got.Suite) ||
			got.Group != 0 && offered.Groups != nil && !slices.Contains(offered.Groups, got.Group) ||
			got.Scheme != 0 && !slices.Contains(offered.Schemes, got.Scheme) || len(got.Leaf) > MaxBytes {
			t.Errorf("%+v", got.Choice)
		}
	})
}

// TestReadCost: the most octets cost in proportion, whatever they are cut into.
func TestReadCost(t *testing.T) {
	for name, unit := range map[string][]byte{
		"records of one octet":    record(22, []byte{11}),
		"records of 2,000 octets": record(22, make([]byte, 2000)),
		"extensions":              extension(35),
		"one unfinished message":  record(22, bytes.Repeat([]byte{0}, 200)),
	} {
		cost.Linear(t, name, MaxBytes, func(n int) func() {
			first := record(22, serverHello(TLS12, rsa, 0), []byte{messageCertificate, 0, 0xff, 0})
			sent := append(first, bytes.Repeat(unit, n/len(unit))...)
			if name == "extensions" {
				sent = record(22, serverHello(TLS12, rsa, 0, bytes.Repeat(unit, min(n, 60_000)/len(unit))))
			}
			return func() { _, _ = Read(&bounded{bytes.NewReader(sent), MaxBytes}, &Hello{Offer: Everything(TLS12)}) }
		})
	}
	var before, after runtime.MemStats
	sent := append(record(22, serverHello(TLS12, rsa, 0)), bytes.Repeat(record(22, make([]byte, 100)), 1000)...)
	runtime.ReadMemStats(&before)
	_, _ = Read(&bounded{bytes.NewReader(sent), MaxBytes}, &Hello{Offer: Everything(TLS12)})
	runtime.ReadMemStats(&after)
	if heap := after.TotalAlloc - before.TotalAlloc; heap > 1<<20 {
		t.Errorf("%d octets of heap", heap)
	}
}

// TestEncode lets crypto/tls read what is sent.
func TestEncode(t *testing.T) {
	for _, version := range []uint16{TLS10, TLS11, TLS12, TLS13} {
		h := Hello{Offer: Everything(version), ALPN: true}
		h.ServerName = "mail.example.test"
		got := readByGo(t, h.Encode([32]byte{}))
		var groups, schemes []uint16
		for _, g := range got.SupportedCurves {
			groups = append(groups, uint16(g))
		}
		for _, s := range got.SignatureSchemes {
			schemes = append(schemes, uint16(s))
		}
		suites := h.Suites
		if version < TLS13 {
			suites = append(slices.Clone(suites), signalRenegotiation)
		}
		if slices.Max(got.SupportedVersions) != version || got.ServerName != h.ServerName ||
			!slices.Equal(got.CipherSuites, suites) || !slices.Equal(groups, h.Groups) ||
			!slices.Equal(schemes, h.Schemes) || !slices.Equal(got.SupportedProtos, []string{ForeignProtocol}) {
			t.Errorf("%s: %+v", VersionName(version), got)
		}
	}
	old := (&Hello{Offer: Everything(SSL30)}).Encode([32]byte{})
	if n := 5 + 4 + 2 + 32 + 1 + 2 + 2*len(Everything(SSL30).Suites) + 2 + 2; len(old) != n || old[2] != 0 {
		t.Errorf("SSL 3.0: %d octets, not %d: it has no extensions", len(old), n)
	}
}

// readByGo is a ClientHello as crypto/tls understands it.
func readByGo(t *testing.T, sent []byte) (got *tls.ClientHelloInfo) {
	t.Helper()
	near, far := net.Pipe()
	go func() {
		defer near.Close()
		near.Write(sent)
		io.Copy(io.Discard, near)
	}()
	server := tls.Server(far, &tls.Config{MinVersion: tls.VersionTLS10,
		GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			got = h
			return nil, errors.New("seen")
		}})
	err := server.Handshake()
	far.Close()
	if got == nil {
		t.Fatal(err)
	}
	return got
}

func TestEverything(t *testing.T) {
	for version, least := range map[uint16]int{SSL30: 60, TLS10: 90, TLS11: 90, TLS12: 230, TLS13: 13} {
		o := Everything(version)
		if len(o.Suites) < least {
			t.Errorf("%s: %d suites", VersionName(version), len(o.Suites))
		}
		for _, n := range o.Suites {
			if s, ok := registry.SuiteOf(n); !ok || s.Shared() || s.Signal() || s.Since > version {
				t.Errorf("%s: %+v", VersionName(version), s)
			}
		}
	}
	for _, weak := range []uint16{0x0003, 0x0004, 0x000a, 0x0002, 0x0034} { // EXPORT, RC4, 3DES, NULL, anonymous
		if !slices.Contains(Everything(TLS12).Suites, weak) {
			t.Errorf("%s is not offered", registry.SuiteName(weak))
		}
	}
}
