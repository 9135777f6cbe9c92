// Package fleettest starts real nats-server processes for tests: one, or three
// that form a cluster, each with its own files on an address of its own within
// 127.0.0.0/8. They can be killed, halted, continued, started again and put into
// lame duck mode.
//
//	servers := fleettest.Start(t, fleettest.Options{Nodes: 3})
//	conn, err := nats.Connect(servers.URL())
//	servers.Leader(t, "LIMITS").Kill(t)
//
// Tests that use it are skipped without SMTPTEST_REAL=1. SMTPTEST_NATS_SERVER
// may name a program; otherwise the version in .ci/tools/nats/go.mod is built
// once, which takes half a minute and a way to Go's module proxy, and kept in the
// user's cache folder.
package fleettest
