package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// output is standard output that remembers the first failure to write to it: a
// full disk must not look like a test that went well.
type output struct {
	to io.Writer

	mu  sync.Mutex // a test writes its verdict while it goes on
	err error
}

// Write implements io.Writer. After a failure nothing more is written.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	o.err = err
	return n, err
}

// failure is why something could not be written; nil: all was.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if path, ok := errors.AsType[*os.PathError](o.err); ok {
		return path.Err // the name of the file is that of a descriptor
	}
	return o.err
}

// checked carries out a command and returns its exit code, or exitOutput where
// standard output did not take the answer.
func (t *terminal) checked(carryOut func() int) int {
	o := &output{to: t.out}
	t.out = o
	code := carryOut()
	t.out = o.to
	if err := o.failure(); err != nil {
		fmt.Fprintln(t.err, "The answer could not be written in full:", err)
		return exitOutput
	}
	return code
}
