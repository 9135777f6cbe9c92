// Package secret holds passwords and tokens so that no printing, logging or
// encoding shows them, and finds them again in text that others wrote.
//
// A Secret is made once, where a person's or an operator's input comes in,
// and revealed once, where the octets go on the wire. In between it may be
// copied, put into other types, printed by mistake: it shows as [redacted].
// Forms lists how its value could come back from a server or leave the
// process; Mask and In look for those forms.
//
// It never writes, sends or compares a value, and it does not wipe: a Go
// string cannot be overwritten, and the runtime may have copied it. A secret
// is forgotten by dropping every copy of its Secret; the memory is free for
// reuse after the next garbage collection, and whoever can read the memory
// of the process can read the secret until then.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// mark stands where a secret would have stood.
const mark = "[redacted]"

// Secret is a value that does not show itself. The zero value is no secret.
//
// The value sits in a closure because fmt reads the fields of structs, also
// unexported ones, past all methods; of a function it can only show the
// address. For the same reason a Secret cannot be compared or be a map key.
type Secret struct {
	reveal func() string
}

// New hides a value. An empty one gives the zero Secret.
func New(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return value }}
}

// Reveal is the value; empty for the zero Secret. Call it where the octets
// are needed and do not keep the result.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports that there is no value.
func (s Secret) IsZero() bool { return s.reveal == nil }

// String is [redacted], also for the zero Secret: whether there is one is
// nobody's business.
func (s Secret) String() string { return mark }

// GoString is [redacted].
func (s Secret) GoString() string { return mark }

// Format writes [redacted] for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mark) }

// MarshalText is [redacted], for XML, for keys of JSON objects and for
// encoders that know no better. It never fails.
func (s Secret) MarshalText() ([]byte, error) { return []byte(mark), nil }

// MarshalJSON is the string "[redacted]". It never fails.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + mark + `"`), nil }

// LogValue is [redacted].
func (s Secret) LogValue() slog.Value { return slog.StringValue(mark) }
