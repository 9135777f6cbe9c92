// Package bot carries out what somebody asked, the same on every platform.
//
// An adapter makes an Invocation of its event; package command reads it as a
// Command; Handler checks who may ask for it and how often, and answers at once
// or prepares a Job; a Job probes the server, has the report judged once, stores
// it in package results, and hands its messages to the adapter's Responder one
// after the other. Handler.Begin asks the network nothing: only a Job connects
// to anything. Dispatcher is the order around them: an event that comes twice is
// answered once, and a panic ends one answer alone.
//
// No credential is kept, and a Record says nothing of target, person or text.
package bot
