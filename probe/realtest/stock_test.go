//go:build unix

package realtest

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest/long"
)

// stockPause is how long the greeting is kept back the second time: as long as
// postscreen does, and shorter than the silence after which the probe makes a
// second connection.
const stockPause = 6 * time.Second

// stock is a server as its package configures it: nothing is set but what its
// installation asks for, ports, its name, a certificate that the probe trusts.
type stock struct {
	name  string
	long  bool // it needs what only `.ci/real-servers more` installs
	start func(*site) []listener
}

// TestStock asks each kind of server that Debian, npm or the Go module proxy
// gives, at once and with a greeting that comes late: nothing about a healthy
// server is an error. Its log is a table of what was found.
func TestStock(t *testing.T) {
	for _, kind := range stocks() {
		t.Run(kind.name, func(t *testing.T) {
			if kind.long {
				long.Only(t)
			}
			s := newSite(t)
			var all sync.WaitGroup
			for i, l := range kind.start(s) {
				for j, pause := range []time.Duration{0, stockPause} {
					l.from = stranger(2*i + j)
					all.Go(func() { s.unblamed(kind.name, l, pause) })
				}
			}
			all.Wait()
		})
	}
}

// stranger is the nth of many callers, each from a network of its own: servers
// count the connections of an address and of a network.
func stranger(n int) string { return fmt.Sprintf("127.0.%d.2", 10+n) }

// unblamed wants a session to its end, and no error.
func (s *site) unblamed(kind string, l listener, pause time.Duration) {
	if pause > 0 {
		l.port = s.late(l.port, l.from, pause)
	}
	way := probe.SecurityAuto
	if len(l.ways) > 0 {
		way = l.ways[0]
	}
	report := s.measure(s.T, l, probe.Request{Security: way, Enforced: way == probe.SecurityAuto})
	d := diagnosis.Of(&report)
	found := map[diagnosis.Severity][]string{}
	for _, f := range d.Findings {
		found[f.Severity] = append(found[f.Severity], string(f.ID))
	}
	s.Logf("| %s | %s | as %d | after %s | %d errors | warnings %v | notes %v |", kind, banner(&report),
		report.Request.Target.Port, pause, len(found[diagnosis.Error]), found[diagnosis.Warning], found[diagnosis.Info])
	healthy := d.Verdict.Outcome == diagnosis.Working || d.Verdict.Outcome == diagnosis.WithWarnings
	sessions := 1
	if report.FollowUp(probe.VariantClearMail) != nil { // Courier takes no STARTTLS after a MAIL
		sessions = 2
	}
	if len(found[diagnosis.Error]) > 0 || !healthy || len(report.Sessions) != sessions {
		s.Errorf("%s: the verdict is %+v with %v\n%s", kind, d.Verdict, found, transcript(report))
	}
}

// banner is what a server says of itself, without its name.
func banner(r *probe.Report) string {
	m := r.Main()
	if m == nil || m.Greeting == nil {
		return "no greeting"
	}
	_, rest, _ := strings.Cut(m.Greeting.Text(), " ")
	return strings.ReplaceAll(rest, "\n", " / ")
}

// late is a port that leads to another one and keeps back what the server says
// first. What a client says too early arrives.
func (s *site) late(port uint16, from string, pause time.Duration) uint16 {
	to := net.JoinHostPort(loopback, strconv.Itoa(int(port)))
	return portOf(s.serve(func(near net.Conn) {
		defer near.Close()
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		far, err := dialer.Dial("tcp", to)
		if err != nil {
			return
		}
		defer far.Close()
		go splice(far, near)
		time.Sleep(pause)
		splice(near, far)
	}))
}

// splice carries what one end says to the other, until either is gone.
func splice(to, from net.Conn) {
	buffer := make([]byte, 4<<10)
	for {
		n, err := from.Read(buffer)
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil {
			to.Close()
			return
		}
	}
}

// as names the ports of a server after what they stand for.
func as(ports []uint16, names ...uint16) []listener {
	var all []listener
	for i, name := range names {
		l := listener{name: fmt.Sprint(name), port: ports[i], as: name}
		if name == 465 {
			l.ways = implicitOnly()
		}
		all = append(all, l)
	}
	return all
}
