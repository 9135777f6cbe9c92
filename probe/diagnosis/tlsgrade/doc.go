// Package tlsgrade judges what package tlsscan measured: how good the TLS of a
// mail server is for what its port is for, what to change first, and which
// well-known clients cannot agree with it.
//
// Three tables hold what it goes by, each with its source and date: the
// security levels of NCSC-NL, the profiles of Mozilla, and what clients offer.
// A level is not a fault. Where mail programs log in, what RFC 8996, RFC 7465 or
// RFC 9325 forbid is a warning. Between servers, on port 25, most senders use
// whatever TLS both sides have and go on without any where there is none, so that
// an old suite, or one without a certificate, beats none: there it is a note (RFC
// 7435 §3, RFC 9325 §5.2).
//
// It reads a tlsscan.Report and nothing else, and claims nothing of what the scan
// did not see.
package tlsgrade
