// Package probe measures one SMTP server and reports what it saw.
//
// A probe goes in this order: look the name up, ask the guard whether each
// address may be dialled, connect, read the greeting, send EHLO, upgrade with
// STARTTLS, send EHLO again, log in and name an envelope where they were asked
// for, send QUIT. With implicit TLS the handshake comes before the greeting. Each part is a
// Step of a Session; all sessions together, with what DNS said, are the
// Report.
//
// The Report holds facts and no judgement: good and bad are distinguished by
// package diagnosis, which sees nothing else. A sick server is a result and
// not an error: whatever had been seen when a session ended is in it, with
// a Failure that says how it ended. failure.go is the only place that reads Go's
// errors.
//
// The probe sends only what was planned: EHLO (HELO where EHLO is refused),
// STARTTLS, AUTH with the lines of its exchange, MAIL, RCPT, RSET, QUIT. It
// never sends DATA, VRFY or EXPN, never writes before the whole greeting is
// there, and stops at the first refusal. A working server sees one connection.
// Others are made on failure only, each labelled with its Variant: VariantTLS
// when no greeting came, VariantLegacy after a failed handshake, and the
// contrasts of contrast.go, the cheapest follow-ups that tell causes apart. How
// a variant differs from the session that was asked for stands in variant.go.
// An address that does not accept the connection makes way for the next.
//
// RFCs: 5321 (SMTP), 3207 (STARTTLS), 4954 (AUTH), 8314 (implicit TLS), 2034 and 3463
// (enhanced codes), 2920 (pipelining), 6531 (SMTPUTF8), 9525 (names in
// certificates).
package probe
