package clienthello

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Protocol versions by their numbers on the wire (RFC 8446 appendix D, RFC 6101).
const (
	SSL30 uint16 = 0x0300
	TLS10 uint16 = 0x0301
	TLS11 uint16 = 0x0302
	TLS12 uint16 = 0x0303
	TLS13 uint16 = 0x0304
)

// VersionName is the name of a protocol version.
func VersionName(number uint16) string {
	switch {
	case number == SSL30:
		return "SSL 3.0"
	case number >= TLS10 && number <= TLS13:
		return fmt.Sprintf("TLS 1.%d", number-TLS10)
	}
	return fmt.Sprintf("version 0x%04X", number)
}

// Types of records and handshake messages, and numbers of extensions (RFC 8446
// §5.1, §4 and §4.2; RFC 5246 §7.4; RFC 6520 §2; RFC 5746 §3.2; RFC 7627 §5.1).
const (
	recordAlert     = 21
	recordHandshake = 22

	messageClientHello        = 1
	messageServerHello        = 2
	messageCertificate        = 11
	messageServerKeyExchange  = 12
	messageCertificateRequest = 13
	messageServerHelloDone    = 14
	messageCertificateStatus  = 22

	extServerName           = 0
	extGroups               = 10
	extPointFormats         = 11
	extSchemes              = 13
	ExtHeartbeat            = 15
	ExtALPN                 = 16
	ExtExtendedMasterSecret = 23
	ExtSessionTicket        = 35
	extSupportedVersions    = 43
	extCookie               = 44
	extKeyShare             = 51
	ExtRenegotiation        = 0xff01

	signalRenegotiation = 0x00ff // RFC 5746 §3.3
	signalFallback      = 0x5600 // RFC 7507 §2
)

// ForeignProtocol is a name for ALPN (RFC 7301) that no mail server speaks.
const ForeignProtocol = "http/1.1"

// Offer is what a ClientHello offers.
type Offer struct {
	Version    uint16   // the highest
	Suites     []uint16 // in order, signals (RFC 5746, RFC 7507) left out
	Groups     []uint16 // nil: the extension is not sent
	Schemes    []uint16 // signature schemes; nil: the extension is not sent
	ServerName string   // empty: none is sent (RFC 6066 §3)
}

// Hello is a ClientHello. In TLS 1.3 it brings no key share, so that the server
// asks for one (RFC 8446 §4.2.8).
type Hello struct {
	Offer
	Fallback bool // with the signal of RFC 7507
	Extras   bool // with heartbeat and DEFLATE, up to TLS 1.2
	ALPN     bool // with ForeignProtocol
}

// Encode is the record with the ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2;
// SSL 3.0 has no extensions, RFC 6101 §5.6.1.2).
func (h *Hello) Encode(random [32]byte) []byte {
	body := binary.BigEndian.AppendUint16(nil, min(h.Version, TLS12))
	body = append(body, random[:]...)
	body = append(body, 0) // no session
	suites := slices.Clone(h.Suites)
	if h.Version < TLS13 {
		suites = append(suites, signalRenegotiation)
	}
	if h.Fallback {
		suites = append(suites, signalFallback)
	}
	body = append16(body, numbers(suites))
	if h.Extras {
		body = append(body, 2, 1, 0) // DEFLATE (RFC 3749 §2), none
	} else {
		body = append(body, 1, 0)
	}
	if h.Version > SSL30 {
		body = append16(body, h.extensions())
	}
	message := append([]byte{messageClientHello, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
	return append16([]byte{recordHandshake, 3, byte(min(h.Version, TLS10))}, message)
}

func (h *Hello) extensions() (out []byte) {
	add := func(number uint16, data ...byte) {
		out = append16(binary.BigEndian.AppendUint16(out, number), data)
	}
	if h.ServerName != "" {
		add(extServerName, append16(nil, append16([]byte{0}, []byte(h.ServerName)))...)
	}
	if h.Groups != nil {
		add(extGroups, append16(nil, numbers(h.Groups))...)
	}
	if h.Schemes != nil {
		add(extSchemes, append16(nil, numbers(h.Schemes))...)
	}
	if h.ALPN {
		add(ExtALPN, append16(nil, append([]byte{byte(len(ForeignProtocol))}, ForeignProtocol...))...)
	}
	if h.Version == TLS13 {
		add(extSupportedVersions, 2, byte(TLS13>>8), byte(TLS13&0xff))
		add(extKeyShare, 0, 0)
		return out
	}
	add(extPointFormats, 3, 0, 1, 2) // uncompressed, and the compressed ones of RFC 4492 §5.1.2
	add(ExtExtendedMasterSecret)
	add(ExtSessionTicket)
	if h.Extras {
		add(ExtHeartbeat, 1) // peer_allowed_to_send
	}
	return out
}

// append16 appends data behind its length in two octets.
func append16(to, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(data))), data...)
}

func numbers(list []uint16) (out []byte) {
	for _, n := range list {
		out = binary.BigEndian.AppendUint16(out, n)
	}
	return out
}
