//go:build !linux

package main

// defend says what it cannot do.
func defend() []string {
	return []string{"Outside Linux the process is not closed to debuggers and core dumps: see to that before it starts."}
}
