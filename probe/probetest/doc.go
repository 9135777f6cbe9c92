// Package probetest is how to be a faulty SMTP server, and the cases that say
// which ones there are.
//
// A Case is one text file: a story, a request, what the server says and does,
// and what each package must make of it. Tests play cases on a Network in
// memory, where a testing/synctest bubble makes time free; the sandbox plays
// the same cases on real sockets. A CA made for the purpose signs what the
// servers show.
//
// Nothing here is a mock of our own code: the prober under test reads bytes
// from a connection, as it does elsewhere.
package probetest
