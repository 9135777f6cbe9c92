//go:build unix

package realtest

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest/long"
)

// slowRuns is how often each server is asked with each pause, slowAtOnce how
// many of these runs of one server happen side by side. Between their beginnings
// the server takes the connection: sendmail lets ten wait for that.
const (
	slowRuns, slowAtOnce = 50, 30
	slowStep             = 50 * time.Millisecond
)

// pauses lie around the silence after which a second connection asks for TLS.
// Some servers know whole seconds alone.
func pauses() []time.Duration {
	const ms = time.Millisecond
	return []time.Duration{5000 * ms, 6400 * ms, 6500 * ms, 6600 * ms, 8000 * ms, 12000 * ms}
}

func wholePauses() []time.Duration {
	return []time.Duration{5 * time.Second, 6 * time.Second, 7 * time.Second, 8 * time.Second, 12 * time.Second}
}

// slow is a server whose greeting takes its time.
type slow struct {
	name   string
	pauses []time.Duration
	start  func(*site, []time.Duration) []listener // one for each pause
	right  func(*probe.Report, diagnosis.Diagnosis) bool
}

// works wants a working server, and at most a warning that it is slow.
func works(_ *probe.Report, d diagnosis.Diagnosis) bool {
	return d.Verdict.Outcome == diagnosis.Working || d.Verdict.Outcome == diagnosis.WithWarnings
}

// wantsProxy: the server waits for a balancer's header, which is what is to be
// said, and not that it begins with TLS.
func wantsProxy(_ *probe.Report, d diagnosis.Diagnosis) bool {
	return len(d.Findings) > 0 && strings.Contains(d.Findings[0].Explanation, "PROXY protocol") &&
		!slices.Contains(idsOf(d), diagnosis.TLSExpected)
}

func slows() []slow {
	return []slow{
		{"sendmail greet_pause", pauses(), (*site).slowSendmail, works},
		{"postscreen without a teaser", wholePauses(), (*site).slowPostscreen, works},
		{"Postfix that waits for a PROXY header", wholePauses(), (*site).slowProxy, wantsProxy},
		{"Exim acl_connect", wholePauses(), (*site).slowExim, works},
		{"OpenSMTPD", pauses(), (*site).slowOpenSMTPD, works},
		{"one that punishes early talkers", pauses(), (*site).slowPunisher, works},
	}
}

// TestSlowGreetings asks servers again and again whose greeting comes about when
// the probe asks on a second connection for TLS: however the race ends, a
// server that is only slow is not blamed.
func TestSlowGreetings(t *testing.T) {
	long.Only(t)
	for _, server := range slows() {
		t.Run(server.name, func(t *testing.T) {
			s := newSite(t)
			places := make(chan struct{}, slowAtOnce)
			wrong := make([]atomic.Int32, len(server.pauses))
			var all sync.WaitGroup
			for i, l := range server.start(s, server.pauses) {
				for range slowRuns {
					places <- struct{}{}
					time.Sleep(slowStep)
					all.Go(func() {
						defer func() { <-places }()
						if !s.judgedRight(server, l) {
							wrong[i].Add(1)
						}
					})
				}
			}
			all.Wait()
			for i, pause := range server.pauses {
				t.Logf("%s, greeting after %s: %d right, %d wrong", server.name, pause, slowRuns-wrong[i].Load(), wrong[i].Load())
			}
		})
	}
}

func (s *site) judgedRight(server slow, l listener) bool {
	report := s.measure(s.T, l, probe.Request{})
	d := diagnosis.Of(&report)
	if server.right(&report, d) {
		return true
	}
	s.Errorf("%s: %+v with %v\n%s", server.name, d.Verdict, idsOf(d), transcript(report))
	return false
}

// slowSendmail pauses by the address of the caller, as its access table says.
func (s *site) slowSendmail(pauses []time.Duration) []listener {
	var access strings.Builder
	for i, pause := range pauses {
		fmt.Fprintf(&access, "GreetPause:%s %d\n", stranger(i), pause.Milliseconds())
	}
	return callers(s.sendmail(access.String())[0], pauses)
}

// callers are one port, asked from an address for each pause.
func callers(port uint16, pauses []time.Duration) []listener {
	var all []listener
	for i := range pauses {
		all = append(all, listener{port: port, from: stranger(i), as: 587})
	}
	return all
}

func (s *site) slowExim(pauses []time.Duration) []listener {
	x := exim()
	for i, pause := range pauses {
		x.Pauses += fmt.Sprintf("%s=%s ", stranger(i), pause)
	}
	x.start(s)
	return callers(x.StartTLSPort, pauses)
}

func (s *site) slowPostscreen(pauses []time.Duration) []listener {
	return s.slowPostfix("postscreen", pauses, "postscreen_greet_banner=", "postscreen_greet_wait=%s",
		"postscreen_client_connection_count_limit=0")
}

func (s *site) slowProxy(pauses []time.Duration) []listener {
	return s.slowPostfix("smtpd", pauses, "smtpd_upstream_proxy_protocol=haproxy", "smtpd_upstream_proxy_timeout=%s")
}

// slowPostfix has a port for each pause, which stands in one of the options.
func (s *site) slowPostfix(program string, pauses []time.Duration, options ...string) []listener {
	p := &postfix{}
	for _, pause := range pauses {
		o := service{Program: program}
		for _, option := range options {
			if strings.Contains(option, "%s") {
				option = fmt.Sprintf(option, pause)
			}
			o.Options = append(o.Options, option)
		}
		p.Services = append(p.Services, o)
	}
	p.start(s)
	var all []listener
	for i := range pauses {
		all = append(all, listener{port: p.Services[i].Port, from: stranger(i), as: 587})
	}
	return all
}

// slowOpenSMTPD has no pause of its own: what stands before it has.
func (s *site) slowOpenSMTPD(pauses []time.Duration) []listener {
	o := opensmtpd()
	o.start(s)
	var all []listener
	for i, pause := range pauses {
		all = append(all, listener{port: s.late(o.PlainPort, stranger(i), pause), from: stranger(i), as: 587})
	}
	return all
}

// slowPunisher ends a connection on which the client spoke before the greeting.
func (s *site) slowPunisher(pauses []time.Duration) []listener {
	var all []listener
	for _, pause := range pauses {
		port := portOf(s.serve(func(c net.Conn) { punish(c, pause) }))
		all = append(all, listener{port: port, as: 587})
	}
	return all
}

func punish(c net.Conn, pause time.Duration) {
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(pause))
	if n, _ := c.Read(make([]byte, 1)); n > 0 {
		fmt.Fprint(c, "554 5.5.1 You talk too soon\r\n")
		return
	}
	c.SetReadDeadline(time.Time{})
	fmt.Fprint(c, "220 mail.example.test ESMTP\r\n")
	for lines := bufio.NewScanner(c); lines.Scan(); {
		if fmt.Fprint(c, "250 mail.example.test\r\n"); strings.EqualFold(lines.Text(), "QUIT") {
			return
		}
	}
}
