package formattest

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/smtp"
)

// Situations are cases of twelve kinds of trouble that people meet at three in
// the morning.
func Situations() []string {
	return []string{
		"expired-and-wrong-name", "app-password", "dropped", "plain-465", "relay-denied-exchange", "thread-limit",
		"intercepted", "mail-domain", "endless-greeting", "blocked", "self-signed", "cisco-greeting",
	}
}

// HostileLine is the first line of the transcript of each of Hostile.
const HostileLine = "220 mx.example.test ESMTP"

// whole is a message in which nothing is short, as where something is wrong.
func whole(m formatting.Message) formatting.Message {
	sections := m.Sections
	m.Sections = nil
	for _, s := range sections {
		if f, ok := s.(formatting.Facts); ok {
			f.Short = ""
			s = f
		}
		m.Sections = append(m.Sections, s)
	}
	return m
}

// Hostile are answers about servers that say much that nobody wants to read.
func Hostile() []formatting.Message {
	var all []formatting.Message
	for _, lines := range []int{20, 120, 1000} {
		for _, octets := range []int{60, 490} {
			hello := probe.Hello{Verb: "EHLO"}
			s := probe.Session{Address: netip.MustParseAddrPort("192.0.2.1:25"),
				Source:     netip.MustParseAddrPort("198.51.100.7:40001"),
				Transcript: []probe.Entry{{Side: probe.SideServer, Text: HostileLine}}}
			for i := range lines {
				line := fmt.Sprintf("X-%04d-", i) + strings.Repeat("<&`", octets/3)
				hello.Capabilities = append(hello.Capabilities, smtp.Capability{Line: line, Keyword: line})
				s.Transcript = append(s.Transcript, probe.Entry{Side: probe.SideServer, Text: "250-" + line})
			}
			s.Hellos = []probe.Hello{hello}
			report := probe.Report{
				Request: probe.Request{Target: probe.Target{Host: "mx.example.test", Port: 25}},
				Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Sessions: []probe.Session{s},
			}
			m := formatting.Result(diagnosis.Judge(&report), formatting.Slack)
			all = append(all, m, whole(m))
		}
	}
	return all
}
