package probe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// crypto/tls ends a handshake over a certificate that it cannot read or use,
// and keeps the certificate to itself. Up to TLS 1.2 certificates travel in the
// clear (RFC 5246 §7.4.2), so that the legacy variant can read them by itself.

// refusals are how crypto/tls begins its sentences about such certificates. It
// has no types for them.
var refusals = []string{
	"tls: failed to parse certificate from server: ",
	"tls: server's certificate contains an unsupported type of public key: ",
	"tls: server sent certificate containing ",
}

// certificateRefusal is why crypto/tls refused a certificate, in its own words; empty: it
// did not.
func certificateRefusal(detail string) string {
	for _, begins := range refusals {
		if reason, ok := strings.CutPrefix(detail, begins); ok {
			return reason
		}
	}
	return ""
}

// Types of records and of handshake messages (RFC 5246 §6.2.1, §7.4).
const (
	recordHandshake    = 22
	messageServerHello = 2
	messageCertificate = 11
)

// message is the first handshake message of a kind among octets that were
// received in the clear; nil: there is none, or not all of it.
func message(received []byte, kind uint8) cryptobyte.String {
	var handshake []byte
	records := cryptobyte.String(received)
	for {
		var recordType uint8
		var version uint16
		var fragment cryptobyte.String
		if !records.ReadUint8(&recordType) || !records.ReadUint16(&version) ||
			!records.ReadUint16LengthPrefixed(&fragment) || recordType != recordHandshake {
			break
		}
		handshake = append(handshake, fragment...)
	}
	messages := cryptobyte.String(handshake)
	for {
		var messageType uint8
		var body cryptobyte.String
		if !messages.ReadUint8(&messageType) || !messages.ReadUint24LengthPrefixed(&body) {
			return nil
		}
		if messageType == kind {
			return body
		}
	}
}

// chosen is what a ServerHello in the clear agrees to.
func chosen(received []byte) (version, suite uint16) {
	hello := message(received, messageServerHello)
	var session cryptobyte.String
	if !hello.ReadUint16(&version) || !hello.Skip(32) || !hello.ReadUint8LengthPrefixed(&session) ||
		!hello.ReadUint16(&suite) {
		return 0, 0
	}
	return version, suite
}

// readChain describes the certificates that were sent in the clear, as far as
// each can be read.
func readChain(received []byte) (chain []Certificate, omitted int) {
	body := message(received, messageCertificate)
	var list, der cryptobyte.String
	if !body.ReadUint24LengthPrefixed(&list) {
		return nil, 0
	}
	for list.ReadUint24LengthPrefixed(&der) {
		if len(chain) == maxChainCertificates {
			omitted++
			continue
		}
		chain = append(chain, readCertificate(der))
	}
	return chain, omitted
}

// readCertificate reads what people ask about (RFC 5280 §4.1), up to where the
// certificate cannot be read.
func readCertificate(der []byte) Certificate {
	sum := sha256.Sum256(der)
	out := Certificate{SHA256: hex.EncodeToString(sum[:])}
	input := cryptobyte.String(der)
	var whole, tbs, issuer, validity, subject cryptobyte.String
	number := new(big.Int)
	version := asn1.Tag(0).Constructed().ContextSpecific()
	if !input.ReadASN1(&whole, asn1.SEQUENCE) || !whole.ReadASN1(&tbs, asn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(version) || !tbs.ReadASN1Integer(number) || !tbs.SkipASN1(asn1.SEQUENCE) ||
		!tbs.ReadASN1Element(&issuer, asn1.SEQUENCE) {
		return out
	}
	out.Serial, out.Issuer = serial(number), readName(issuer).text
	if !tbs.ReadASN1(&validity, asn1.SEQUENCE) || !tbs.ReadASN1Element(&subject, asn1.SEQUENCE) {
		return out
	}
	name := readName(subject)
	out.Subject, out.CommonName, out.SelfIssued = name.text, name.common, bytes.Equal(subject, issuer)
	for _, at := range []*time.Time{&out.NotBefore, &out.NotAfter} {
		if validity.PeekASN1Tag(asn1.UTCTime) {
			validity.ReadASN1UTCTime(at)
		} else {
			validity.ReadASN1GeneralizedTime(at)
		}
	}
	out.readNames(tbs)
	return out
}

// readNames reads the subjectAltName (RFC 5280 §4.2.1.6) from what follows the
// subject.
func (c *Certificate) readNames(tbs cryptobyte.String) {
	const dns, ip = 2, 7
	names := alternativeNames(tbs)
	var name cryptobyte.String
	var kind asn1.Tag
	for names.ReadAnyASN1(&name, &kind) {
		var text string
		switch address, isAddress := netip.AddrFromSlice(name); {
		case kind == asn1.Tag(dns).ContextSpecific():
			text = printableName(string(name[:min(len(name), maxNameOctets)]))
		case kind == asn1.Tag(ip).ContextSpecific() && isAddress:
			text = address.String()
		default:
			continue
		}
		if len(c.Names) == maxCertificateNames {
			c.NamesOmitted++
			continue
		}
		c.Names = append(c.Names, text)
	}
}

// alternativeNames finds that extension; empty: there is none, or it cannot be
// read.
func alternativeNames(tbs cryptobyte.String) (names cryptobyte.String) {
	const extensions = 3
	var all, extension, oid, value, skipped cryptobyte.String
	var other asn1.Tag
	tag := asn1.Tag(extensions).Constructed().ContextSpecific()
	for !tbs.PeekASN1Tag(tag) {
		if !tbs.ReadAnyASN1(&skipped, &other) {
			return nil
		}
	}
	if !tbs.ReadASN1(&all, tag) || !all.ReadASN1(&all, asn1.SEQUENCE) {
		return nil
	}
	for all.ReadASN1(&extension, asn1.SEQUENCE) {
		if !extension.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || string(oid) != "\x55\x1d\x11" {
			continue
		}
		extension.SkipOptionalASN1(asn1.BOOLEAN)
		if extension.ReadASN1(&value, asn1.OCTET_STRING) && value.ReadASN1(&names, asn1.SEQUENCE) {
			return names
		}
	}
	return nil
}
