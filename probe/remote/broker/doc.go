// Package broker knows how a bot and an agent use NATS safely: which addresses
// are taken, how a connection is kept, which servers are too old, and what each
// may do there.
package broker
