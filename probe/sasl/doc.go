// Package sasl speaks the client side of the SASL mechanisms by which one
// logs in to an SMTP server (RFC 4422, RFC 4954).
//
// A login goes in this order: Choose picks a mechanism from what the server
// offers and the person has, New makes the Exchange, Start gives the AUTH
// command, Next answers each 334 reply, and Evidence says what was seen.
// Octets in and out are lines of text; the package opens no connection, does
// not wait and does not retry.
//
// No response ever stands in the clear: a Line carries its octets as a
// Secret, and beside them the words that the transcript shows, such as
// "AUTH PLAIN [user and password]". Errors are made of fixed words, so they
// hold neither secrets nor what the server sent. What the server sent and is
// worth knowing is in Evidence: printable, bounded, with the secret masked
// should the server have sent it back.
//
// Mechanisms: SCRAM-SHA-256 (RFC 7677), SCRAM-SHA-1 (RFC 5802), PLAIN
// (RFC 4616), LOGIN (draft-murchison-sasl-login), CRAM-MD5 (RFC 2195),
// DIGEST-MD5 (RFC 2831, retired by RFC 6331), XOAUTH2 (Google's paper),
// OAUTHBEARER (RFC 7628).
//
// Not spoken: SCRAM's "-PLUS" variants, which bind the login to the TLS
// connection. They guard against a certificate that is trusted and yet not
// the server's, and few mail servers offer them; one that does offers the
// plain variant beside it (RFC 5802 §4), so no login fails for their lack.
//
// SASLprep (RFC 4013): SCRAM's user name and password are prepared, as
// RFC 5802 §5.1 asks. PLAIN, LOGIN, CRAM-MD5 and DIGEST-MD5 send or hash
// them as typed: with PLAIN the preparation is the server's task
// (RFC 4616 §2), and the others know nothing of it.
//
// Its errors are of type *Error.
package sasl
