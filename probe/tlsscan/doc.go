// Package tlsscan measures which TLS a mail server speaks: versions, cipher
// suites, groups, signature schemes, certificates and extensions, by asking with
// ClientHellos of its own and reading the answers up to the point where keys
// would be made. No handshake is ever finished and no key is ever made, which is
// why groups that this program cannot compute in can be asked for as well.
//
// SSL 3.0 to TLS 1.3 are asked for. SSL 2.0, whose handshake has nothing in common
// with the others, is not; nor are suites that need a secret beforehand.
//
// How few connections suffice: TLS 1.3 is asked with an empty key_share, so that
// the HelloRetryRequest names suite and group at once, and both leave the next
// offer (RFC 8446 §4.1.4, §4.2.8). Older versions are asked for all suites, then for the
// rest in disjoint parts at the same time, each until it is refused; the
// ServerKeyExchange names curve or prime, and the signature scheme. Older
// versions than the newest of those take what that takes: they are asked for the
// rest only, unless there are few.
//
// It judges nothing: package diagnosis does.
//
// RFC 8446, RFC 5246, RFC 8422, RFC 6101 (TLS); RFC 3207, RFC 8314 (TLS for mail).
package tlsscan
