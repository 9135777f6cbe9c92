// Package remote tests from other networks: a Prober asks an agent, over NATS,
// to do what probe.Local does here, and gets its Report. Both ends are here, and
// a stranger could write another agent from this page.
//
// # Subjects
//
// A vantage point is named by 1 to 32 of a-z, 0-9 and "-". One or more agents
// serve it; each request reaches one of them.
//
//	smtptest.v1.probe.NAME.run          requests; agents subscribe in the queue group "probe"
//	smtptest.v1.probe.NAME.cancel.ID    an empty message: nobody waits for run ID any more
//	$SRV.PING, $SRV.INFO, $SRV.STATS    discovery as NATS' services do it, name smtptest-probe
//
// # Request
//
// Headers: Run-Id, 1 to 64 of A-Z, a-z, 0-9; Deadline, RFC 3339 in UTC, after which
// the run must not begin and will not be waited for. The body is JSON, at most
// 64 KiB; fields that are not known are passed over:
//
//	{"request": {"v": 1, "op": "probe", "timeout_ms": 60000, "probe": {"host": "mx.example.org", "port": 25, …}},
//	 "sealed": "…"}
//
// op is probe, domain or egress; the fields are those of type wireRequest. sealed,
// base64, is there where a login goes with op probe.
//
// # Answers
//
// They go to the reply subject, in order; the header Kind names each.
//
//	event    {"at_ms": 12, "phase": "greeting", "address": "192.0.2.7:25", "limit_ms": 30000}
//	report   the last: {"v": 1, "report": {…}}, at most 1 MiB
//	error    the last: {"v": 1, "code": 429, "says": "…"}
//
// The first event comes at once, even when nothing happened yet, and then at least
// one in 2 s, an empty one if need be: who hears nothing for 4 s may take the
// agent for dead. At most 180 answers belong to one request, because a broker
// that lets agents answer and not publish counts them. An event may hold a
// report, of a session that only has to say goodbye. A report has the fields of
// probe.Report or domain.Report under their Go names; times are RFC 3339,
// durations nanoseconds, addresses text, octets base64. One that is larger than
// the broker lets through is cut: first certificates in DER, then transcripts,
// whose Dropped says how much.
//
// Codes: 400 the request cannot be read, 403 this agent does not do that, 408 the
// deadline is over (or a clock is wrong), 409 the login was tried under this id,
// 422 the login does not open, 429 busy, or asked too often, 500, 501 the version
// or op is not known, 503 stopping.
//
// # Logins
//
// A login is sealed to the agent's key with HPKE (RFC 9180, base mode): KEM
// MLKEM768-X25519, KDF HKDF-SHA256, AEAD AES-256-GCM. sealed is the encapsulated
// key, 1120 octets, and the ciphertext. info is "smtptest/1 NAME ID", so that it
// opens under no other id and at no other place; the associated data are the
// octets of "request" as they stand in the body, so that nobody between can
// point the login at another server. The plaintext is JSON, filled with spaces to a
// multiple of 512 octets: {"expires_ms": Unix time, "login": {"user": …}}. An agent
// opens a login once, before it expires. The broker sees none.
//
// The agent's public key stands in the bot's configuration. What an agent says of
// its key when it is discovered is compared with it and never used.
//
// # Trust
//
// An agent does not trust the bot or the broker about what may be dialled: it has its
// own guard and its own limits. The bot does not trust an agent: its texts are
// bounded and made printable once more, and its report is about what was asked.
package remote
