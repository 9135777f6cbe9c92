// Package command is the grammar: what can be asked, and in which words.
//
// Every platform has the same grammar. The text after a Slack command, the
// typed options of Discord and the arguments of a terminal go through one table
// of options, and help is made from it. The order is: undo what chat clients
// and keyboards did to the text, refuse what looks like a secret, find the
// command, read target and options, compare them with each other. The outcome
// is a Command, or a *UsageError, the one error of this package.
//
// It never asks the network anything, and never repeats what a person typed
// unless it is known to be harmless: a word that is, or nearly is, one of ours.
//
// RFCs: 5321 §4.1.2 and §4.1.3 (mailboxes, address literals), 5890 (names),
// 8314 (ports and schemes), 3986 §3.2 (host and port).
package command
