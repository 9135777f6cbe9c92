//go:build !linux

// Package defend closes the memory of a process that holds secrets to others.
package defend

// Memory says what it cannot do.
func Memory() []string {
	return []string{"Outside Linux the process is not closed to debuggers and core dumps: see to that before it starts."}
}
