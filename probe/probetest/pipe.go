package probetest

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Pipe makes the two ends of a connection in memory. Unlike net.Pipe it
// buffers, as TCP does: both sides may speak at once. What one end writes can
// be read at the other after latency, and so can its end.
func Pipe(latency time.Duration, client, server *net.TCPAddr) (*Conn, *Conn) {
	up, down := newStream(latency), newStream(latency)
	return &Conn{in: down, out: up, local: client, remote: server},
		&Conn{in: up, out: down, local: server, remote: client}
}

// Conn is one end of a Pipe. It implements net.Conn with errors of the types
// that TCP has.
type Conn struct {
	in, out       *stream
	local, remote *net.TCPAddr
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.opError("read", err)
}

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.opError("write", err)
}

// Close implements net.Conn: the other end reads io.EOF after what was sent.
func (c *Conn) Close() error {
	c.out.end(io.EOF)
	c.in.abandon(net.ErrClosed)
	return nil
}

// Reset ends the connection as a TCP RST does: the other end's reads and
// writes fail with ECONNRESET.
func (c *Conn) Reset() {
	reset := os.NewSyscallError("read", syscall.ECONNRESET)
	c.out.end(reset)
	c.in.abandon(reset)
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn. Writes never wait.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.until(t)
	return nil
}

// SetWriteDeadline implements net.Conn. Writes never wait.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

func (c *Conn) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// segment is what one write put on the way, or the end of the stream.
type segment struct {
	due  time.Time
	data []byte
	end  error
}

// stream is one direction.
type stream struct {
	latency time.Duration

	mu       sync.Mutex
	changed  *sync.Cond
	pending  []segment
	ended    error // set by the writer; pending data is read first
	gone     error // set by the reader: nobody reads any more
	deadline time.Time
	alarm    *time.Timer
}

func newStream(latency time.Duration) *stream {
	s := &stream{latency: latency}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.gone != nil {
			return 0, s.gone
		}
		if !s.deadline.IsZero() && !time.Now().Before(s.deadline) {
			return 0, os.ErrDeadlineExceeded
		}
		if len(s.pending) > 0 && !time.Now().Before(s.pending[0].due) {
			return s.take(p)
		}
		s.wait()
	}
}

// take reads from the first segment, which is due.
func (s *stream) take(p []byte) (int, error) {
	first := &s.pending[0]
	if first.end != nil {
		return 0, first.end
	}
	n := copy(p, first.data)
	if first.data = first.data[n:]; len(first.data) == 0 {
		s.pending = s.pending[1:]
	}
	return n, nil
}

// wait sleeps until something may have changed.
func (s *stream) wait() {
	if len(s.pending) > 0 {
		timer := time.AfterFunc(time.Until(s.pending[0].due), s.wake)
		defer timer.Stop()
	}
	s.changed.Wait()
}

func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed.Broadcast()
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended != nil:
		return 0, net.ErrClosed
	case s.gone != nil && s.gone != net.ErrClosed:
		return 0, s.gone
	}
	if s.gone == nil {
		s.push(segment{data: append([]byte(nil), p...)})
	}
	return len(p), nil
}

func (s *stream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = err
		s.push(segment{end: err})
	}
}

func (s *stream) push(seg segment) {
	seg.due = time.Now().Add(s.latency)
	s.pending = append(s.pending, seg)
	s.changed.Broadcast()
}

func (s *stream) abandon(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone == nil {
		s.gone = err
	}
	if s.alarm != nil {
		s.alarm.Stop()
	}
	s.changed.Broadcast()
}

func (s *stream) until(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alarm != nil {
		s.alarm.Stop()
	}
	s.deadline = t
	if !t.IsZero() && s.gone == nil {
		s.alarm = time.AfterFunc(time.Until(t), s.wake)
	}
	s.changed.Broadcast()
}
