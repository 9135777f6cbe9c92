// Package defend closes the memory of a process that holds secrets to others.
package defend

import "golang.org/x/sys/unix"

// Memory keeps the memory of the process, tokens and typed passwords in it,
// from other processes of the machine: no core is ever written, and nobody but
// root may attach to it or read its memory. It gives what could not be done,
// in words for the operator.
func Memory() []string {
	var open []string
	if unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) != nil {
		open = append(open, "Core dumps could not be switched off: a crash may write passwords to disk.")
	}
	if unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) != nil {
		open = append(open, "The process could not be closed to debuggers: others of the same user may read its memory.")
	}
	return open
}
