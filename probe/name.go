package probe

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Limits of a distinguished name. Those of real certificates have some six
// parts; pkix.Name.String would take seconds for the most that TLS carries.
const (
	maxNameOctets = 512 // of one name, subject or issuer
	maxNameParts  = 64  // relative distinguished names of one name
	maxOIDOctets  = 32
)

// attributeWords are the attribute types that certificates have in their names
// (RFC 4514 §3, RFC 5280 §4.1.2.4 and appendix A.1), by their DER octets.
var attributeWords = map[string]string{
	"\x55\x04\x03": "CN", "\x55\x04\x04": "SN", "\x55\x04\x05": "SERIALNUMBER", "\x55\x04\x06": "C",
	"\x55\x04\x07": "L", "\x55\x04\x08": "ST", "\x55\x04\x09": "STREET", "\x55\x04\x0a": "O", "\x55\x04\x0b": "OU",
	"\x55\x04\x0c": "title", "\x55\x04\x11": "POSTALCODE", "\x55\x04\x2a": "GN", "\x55\x04\x61": "organizationIdentifier",
	"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01": "UID", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19": "DC",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01": "emailAddress",
}

// name is a distinguished name in words: printable and bounded.
type name struct{ text, common string }

// readName writes a distinguished name as RFC 4514 §2 does, the last part
// first. It reads the DER form, so that the cost is linear in the octets that
// came, whatever they are; what was left out is counted at the end.
func readName(der []byte) name {
	parts, total := nameParts(der)
	var n name
	var text strings.Builder
	written := 0
	for _, part := range parts {
		words := part.words(&n)
		if written > 0 && text.Len()+len(words) > maxNameOctets {
			break
		}
		if written > 0 {
			text.WriteByte(',')
		}
		text.WriteString(words)
		written++
	}
	n.text = printableName(text.String())
	if left := total - written; left > 0 {
		n.text += fmt.Sprintf(",… (%d more parts)", left)
	}
	return n
}

// namePart is one relative distinguished name in DER.
type namePart cryptobyte.String

// nameParts are the last parts of a name in reverse order, maxNameParts at
// most, and how many there are.
func nameParts(der []byte) (last []namePart, total int) {
	all := cryptobyte.String(der)
	var sequence, part cryptobyte.String
	if !all.ReadASN1(&sequence, asn1.SEQUENCE) {
		return nil, 0
	}
	var ring [maxNameParts]namePart
	for sequence.ReadASN1(&part, asn1.SET) {
		ring[total%maxNameParts] = namePart(part)
		total++
	}
	for i := total - 1; i >= max(0, total-maxNameParts); i-- {
		last = append(last, ring[i%maxNameParts])
	}
	return last, total
}

// words writes the attributes of a part; several of them are rare.
func (p namePart) words(n *name) string {
	set := cryptobyte.String(p)
	var attribute, oid, value cryptobyte.String
	var tag asn1.Tag
	var text strings.Builder
	for text.Len() <= maxNameOctets && set.ReadASN1(&attribute, asn1.SEQUENCE) {
		if !attribute.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !attribute.ReadAnyASN1(&value, &tag) {
			break
		}
		key, words := attributeName(oid), attributeValue(value, tag)
		if key == "CN" && n.common == "" {
			n.common = printableName(words)
		}
		if text.Len() > 0 {
			text.WriteByte('+')
		}
		text.WriteString(key + "=" + escaped(words))
	}
	return clip(text.String(), maxNameOctets)
}

// attributeName is the word for an attribute type, or its numbers.
func attributeName(oid cryptobyte.String) string {
	if word, ok := attributeWords[string(oid)]; ok {
		return word
	}
	if len(oid) == 0 || len(oid) > maxOIDOctets {
		return "OID"
	}
	var text strings.Builder
	number := uint64(0)
	for _, octet := range oid {
		number = number<<7 | uint64(octet&0x7f)
		switch {
		case octet >= 0x80: // its last octet is below
		case text.Len() == 0: // the first two numbers are one (X.690 §8.19.4)
			first := min(number/40, 2)
			fmt.Fprintf(&text, "%d.%d", first, number-40*first)
			number = 0
		default:
			fmt.Fprintf(&text, ".%d", number)
			number = 0
		}
	}
	return text.String()
}

// attributeValue reads the kinds of text that X.520 allows; anything else is
// written as hexadecimal digits.
func attributeValue(value cryptobyte.String, tag asn1.Tag) string {
	const bmpString = 30
	value = value[:min(len(value), maxNameOctets)]
	switch tag {
	case asn1.UTF8String, asn1.PrintableString, asn1.IA5String, asn1.T61String, 18: // NumericString
		return string(value)
	case bmpString:
		var units []uint16
		for pair := range slices.Chunk(value[:len(value)&^1], 2) {
			units = append(units, uint16(pair[0])<<8|uint16(pair[1]))
		}
		return string(utf16.Decode(units))
	}
	return "#" + hex.EncodeToString(value[:min(len(value), maxNameOctets/2)])
}

// escaped marks the characters that have a meaning in a name (RFC 4514 §2.4).
func escaped(value string) string {
	if !strings.ContainsAny(value, `,+"\<>; `) {
		return value
	}
	var out strings.Builder
	for i, c := range value {
		switch {
		case strings.ContainsRune(`,+"\<>;`, c), c == ' ' && (i == 0 || i == len(value)-1):
			out.WriteByte('\\')
		}
		out.WriteRune(c)
	}
	return out.String()
}
