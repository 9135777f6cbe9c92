package slackbot

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

const (
	dialTimeout = 10 * time.Second
	frameOctets = 32 << 10               // an acknowledgement goes out in one frame: Slack wants it whole
	linger      = 250 * time.Millisecond // before the library hears of an end
	parting     = 20 * time.Millisecond  // before Slack hears of one: what it sends meanwhile nobody reads
)

// dialer makes sockets that end a little late, for the library and for Slack.
// The library drops what it has read and not yet handed over the moment it
// hears of the end, and closes a socket on the acknowledgement that it writes:
// a command that came just before would be lost without a trace.
func dialer() *websocket.Dialer {
	plain := &net.Dialer{Timeout: dialTimeout}
	return &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTimeout, WriteBufferSize: frameOctets,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := plain.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return lateEnd{conn}, nil
		},
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// lateEnd is a connection that ends a little late, whichever side ends it.
type lateEnd struct{ net.Conn }

// Read implements net.Conn.
func (c lateEnd) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && n == 0 {
		time.Sleep(linger)
	}
	return n, err
}

// Close implements net.Conn. What is being written may still be written.
func (c lateEnd) Close() error {
	time.AfterFunc(parting, func() { _ = c.Conn.Close() })
	return nil
}
