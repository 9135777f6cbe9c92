//go:build unix

package realtest

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// serve answers connections to a free port of loopback until the test ends.
func (s *site) serve(answer func(net.Conn)) (address string) {
	s.Helper()
	l, err := net.Listen("tcp4", loopback+":0")
	must(s, err)
	s.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c)
		}
	}()
	return l.Addr().String()
}

// policy is a service that Postfix asks what to do with a recipient
// (SMTPD_POLICY_README). It gives the same action each time; an empty line
// ends each question.
func (s *site) policy(action string) string {
	s.Helper()
	return "check_policy_service inet:" + s.serve(func(c net.Conn) {
		defer c.Close()
		for lines := bufio.NewScanner(c); lines.Scan(); {
			if lines.Text() == "" {
				fmt.Fprintf(c, "action=%s\n\n", action)
			}
		}
	})
}

// hangsUp is an authentication service in Dovecot's protocol that offers
// PLAIN and is gone when it is asked about somebody.
func (s *site) hangsUp() string {
	s.Helper()
	return s.serve(func(c net.Conn) {
		defer c.Close()
		fmt.Fprint(c,
			"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t0123456789abcdef0123456789abcdef\nDONE\n")
		for lines := bufio.NewScanner(c); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "AUTH\t") {
				return
			}
		}
	})
}

// relay is where Dovecot hands mail on: a server that agrees to everything.
func (s *site) relay() (port uint16) {
	s.Helper()
	return portOf(s.serve(func(c net.Conn) {
		defer c.Close()
		fmt.Fprint(c, "220 relay.example.test ESMTP\r\n")
		for lines := bufio.NewScanner(c); lines.Scan(); {
			if fmt.Fprint(c, "250 relay.example.test\r\n"); strings.EqualFold(lines.Text(), "QUIT") {
				return
			}
		}
	}))
}

func portOf(address string) uint16 { return netip.MustParseAddrPort(address).Port() }
