package registry

import (
	"fmt"
	"strconv"
	"sync"
)

// Code is what is known of a basic reply code (RFC 5321 §4.2).
type Code struct {
	Code      int    // 200 to 599
	Reference string // RFC and section; empty: outside the standards, seen in the field
	Meaning   string // one line
}

var codes = sync.OnceValue(func() map[int]Code {
	return load("codes.tsv", 3, readCode)
})

func readCode(c []string) (int, Code, error) {
	n, err := strconv.Atoi(c[0])
	if err != nil || n < 200 || n > 599 {
		return 0, Code{}, fmt.Errorf("%q is not a reply code", c[0])
	}
	return n, Code{Code: n, Reference: c[1], Meaning: c[2]}, nil
}

// CodeOf is the row of a reply code. ok is false for a code that is not
// listed: CodeClass still tells what its first digit means.
func CodeOf(code int) (c Code, ok bool) {
	c, ok = codes()[code]
	return c, ok
}

// CodeClass is what the first digit of a reply code tells (RFC 5321
// §4.2.1). Empty outside 200 to 599.
func CodeClass(code int) string {
	switch code / 100 {
	case 2:
		return "the server did what was asked"
	case 3:
		return "so far so good, the server waits for more"
	case 4:
		return "refused this time: the same may work later"
	case 5:
		return "refused: the same will be refused again"
	}
	return ""
}
