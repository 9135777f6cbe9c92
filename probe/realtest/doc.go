// Package realtest compares the probe with real servers: Postfix, Dovecot's
// submission service, Exim and OpenSMTPD, as Debian packages them, run on
// loopback by the tests of this package and asked by three witnesses. The
// probe is one; swaks (the dialogue) and openssl s_client (the handshake and
// the certificates) are the others, and each difference between them fails
// the test.
//
// In order: a site (a temporary folder, a throw-away CA), a server (its
// configuration from testdata, its process, its ports), the witnesses, each
// turned into facts with the same names, and the comparison. Beside the table
// of servers and security modes there are Postfix's postscreen, which lets
// clients wait for the end of its greeting; certificates with faults; and
// TLS asked of a port that has none, and the reverse.
//
// Then come logins, right and wrong, with each mechanism that a server offers,
// swaks again being the other witness where it speaks the mechanism; refusals
// that the diagnosis has to give their right name; and healthy servers, with
// which it may find no fault. What has to fail or to say a given thing behind
// a server is Go: a policy service, a relay host, an authentication service
// that hangs up. Each kind of server that Debian, npm or the Go module proxy gives is
// asked once more as its package configures it, at once and with a greeting that
// comes late; those that take minutes to install are tested with -long alone.
//
// A whole mail domain is examined behind signed zones, which Knot serves and
// BIND's tools have signed. BIND's validator is the other witness of DNSSEC;
// openssl, and Postfix's own client behind Unbound, are those of DANE.
//
// The deep TLS scan has servers of its own, in several settings, and other
// witnesses: sslscan, testssl.sh, and openssl s_client asked for each suite by
// itself. All have to find the same versions, suites and groups; what a witness
// does not find stands in a table with its reason. -long asks all of them at all
// servers, and measures how much sooner the scan is over than the others.
//
// The tests run as root with SMTPTEST_REAL=1, after .ci/real-servers has
// installed what they need; otherwise they are skipped. A server that is
// missing then is a failure. They never touch a mail server of the machine:
// each server has its own configuration, spool, log and ports above 1024,
// stays in the foreground and is ended with its process group; Exim and
// OpenSMTPD see nothing but a folder of their own. No message is ever sent.
//
// RFC 5321 (the dialogue), RFC 3207 (STARTTLS), RFC 8314 (implicit TLS),
// RFC 9525 and RFC 5280 (certificates), RFC 4954 (logins).
package realtest
