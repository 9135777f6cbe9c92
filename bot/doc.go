// Package bot carries out what somebody asked, the same on every platform.
//
// An adapter makes an Invocation of its event; package command reads it as a
// Command; Handler checks who may ask for it and how often, and answers at once
// or prepares a run; a run probes the server and hands its messages to the
// adapter one after the other. Handler.Begin asks the network nothing: only a
// run connects to anything. Dispatcher is the order around them: an event that
// comes twice is answered once, and a panic ends one answer alone.
//
// No credential is kept, and a Record says nothing of target, person or text.
package bot
