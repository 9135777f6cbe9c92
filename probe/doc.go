// Package probe measures one SMTP server and reports what it saw.
//
// A probe goes in this order: look the name up, ask the guard whether each
// address may be dialled, connect, read the greeting, say EHLO, upgrade with
// STARTTLS, say EHLO again, name an envelope if one was asked for, say QUIT.
// With implicit TLS the handshake comes before the greeting. Each part is a
// Step of a Session; all sessions together, with what DNS said, are the
// Report.
//
// The Report holds facts and no judgement: good and bad are told apart by
// package diagnosis, which sees nothing else. A sick server is a result and
// not an error: whatever had been seen when a session ended is in it, with
// a Failure that says how it ended. Failure.go is the only place that looks
// inside Go's errors.
//
// The probe sends only what was planned: EHLO (HELO where EHLO is refused),
// STARTTLS, MAIL, RCPT, RSET, QUIT. It never sends DATA, VRFY or EXPN, never
// writes before the whole greeting is there, and stops at the first refusal.
// A working server sees one connection. Others are made on failure only, each
// labelled with its Variant: VariantTLS when no greeting came, VariantLegacy after a
// failed handshake, and the contrasts of contrast.go, the cheapest second
// looks that tell causes apart. An address that does not accept the
// connection makes way for the next.
//
// RFCs: 5321 (SMTP), 3207 (STARTTLS), 8314 (implicit TLS), 2034 and 3463
// (enhanced codes), 2920 (pipelining), 6531 (SMTPUTF8), 9525 (names in
// certificates).
package probe
