// Package clienthello writes ClientHellos that offer what the caller wants, and
// reads what a server answers up to the point where keys would be made: the
// ServerHello or HelloRetryRequest, the certificate and the ServerKeyExchange. It
// makes no keys and finishes no handshake, so that anything can be offered.
//
// The reader is strict: what breaks the protocol, or chooses what was not
// offered, is a Fault. Its cost is linear in the octets that come, which the
// caller bounds with MaxBytes.
//
// RFC 8446, RFC 5246, RFC 8422, RFC 6101.
package clienthello
