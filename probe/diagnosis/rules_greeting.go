package diagnosis

import (
	"fmt"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/registry"
)

// greetingEntries judge what came, or did not come, in the greeting's place
// (RFC 5321 §3.1, §4.3.1).
func greetingEntries() []entry {
	return append(silenceEntries(), refusalEntries()...)
}

// silenceEntries judge a greeting that is missing, late or not SMTP's.
func silenceEntries() []entry {
	return []entry{
		{
			id: TLSExpected, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 8314 §3.3",
			title:    "This port begins with TLS",
			advice:   "Use implicit TLS here: --tls implicit, “SSL/TLS” in mail clients.",
			silences: []ID{GreetingTimeout, GreetingClosed, NotSMTP},
			seen:     tlsExpected,
		},
		{
			id: NotSMTP, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §4.2",
			title:    "What answers here is not SMTP",
			advice:   "Check the port: mail submission is on 587 or 465, mail exchange on 25.",
			silences: []ID{GreetingTimeout, GreetingRefused, EHLORefused, EHLONameRefused},
			seen:     notSMTP,
		},
		{
			id: GreetingTimeout, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §4.5.3.2.1",
			title:  "The server accepts the connection but does not greet",
			advice: "Look at the server's load, its DNS resolver and any proxy in front of it.",
			seen:   noGreeting,
		},
		{
			id: GreetingClosed, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §3.1",
			title:  "The server hangs up without a word",
			advice: "Check allow-lists and blocks for this address on the server, and the load balancer in front of it.",
			seen:   closedAtGreeting,
		},
		{
			id: GreetingSlow, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.5.3.2.1",
			title:  "The server takes long to greet",
			advice: "Look at the server's DNS resolver and at the pause it keeps against spam; clients with short limits give up before.",
			seen:   slowGreeting,
		},
	}
}

// refusalEntries judge a reply other than 220.
func refusalEntries() []entry {
	return []entry{
		reputation(GreetingReputation),
		tooMany(reply(entry{
			id: GreetingThrottled, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 5321 §4.2.2", inconclusive: true,
			title:  "The server asks this address to come back later",
			advice: "Wait a few minutes before the next test.",
		}, "The server said %s. It limits how often, or how many at once, clients may connect; this says nothing about its health.")),
		reply(entry{
			id: GreetingNoClientName, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 1912 §2.1", inconclusive: true,
			title:  "The server refuses clients whose address has no name",
			advice: "Publish a PTR record for the address that this test comes from, or test from a machine that has one.",
		}, "The server said %s: it looked up the reverse DNS of the address that this test comes from."),
		reply(entry{
			id: GreetingClientRefused, severity: Error, owner: OwnerSender, confidence: Likely, reference: "RFC 5321 §3.1, §7.9", inconclusive: true,
			title:  "The server does not let this client in",
			advice: "Test from a machine that may use this server, or ask its owner to allow the address that this test comes from.",
		}, "The server said %s: its rules shut out the address that this test comes from. How it treats others was not tested."),
		reply(entry{
			id: GreetingComeBack, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 6647 §2.1", inconclusive: true,
			title:  "The server asks first-time callers to come back",
			advice: "Test again in a few minutes; real senders retry by themselves.",
		}, "The server said %s. Servers such as postscreen say this once to every unknown address."),
		reply(entry{
			id: GreetingNoService, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 7504 §3",
			title:  "This host says that it accepts no mail",
			advice: "Use the mail server's real name, or take this host out of the MX records.",
		}, "The server said %s."),
		{
			id: GreetingRefused, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §3.1, §4.3.2",
			title:  "The server refuses the session in its greeting",
			advice: "Look for this connection in the server's log; its words do not say why.",
			seen:   greetingRefused,
		},
	}
}

// reply completes an entry that is recognised by what a reply means.
func reply(e entry, format string) entry {
	e.seen = func(v *view) *match {
		if v.belief != e.id {
			return nil
		}
		return v.because(format, v.said())
	}
	return e
}

// tooMany gives the entry a plainer title where the reply blames the number
// of this client's connections.
func tooMany(e entry) entry {
	said := e.seen
	e.seen = func(v *view) *match {
		m := said(v)
		if m == nil {
			return nil
		}
		if text := strings.ToLower(v.failure.Reply.Text()); strings.Contains(text, " from ") && containsAny(text, []string{"too many connections", "too many concurrent"}) {
			m.title = "Too many connections from this address; come back later"
		}
		return m
	}
	return e
}

func greetingRefused(v *view) *match {
	if v.belief != GreetingRefused {
		return nil
	}
	if class := v.failure.Reply.Class(); class == 2 || class == 3 {
		m := v.because("A greeting is 220; the server said %s.", v.said())
		m.title = "The greeting has a code that no greeting has"
		m.advice = "Look for a proxy or filter that answers in the server's place."
		return m
	}
	return v.because("Instead of 220 the server said %s. Whether it refuses everybody or only this client was not tested.", v.said())
}

// tlsExpected recognises a port that speaks TLS from the first octet: by a
// second connection, or by a TLS record in the greeting's place.
func tlsExpected(v *view) *match {
	if v.failedAt(probe.PhaseGreeting, probe.KindNotSMTP) && !v.secured() && v.heard() == "TLS" {
		return v.because("In the greeting's place came %s: that is a TLS record, in the clear.", v.said())
	}
	look := v.report.FollowUp(probe.VariantTLS)
	if look == nil || look.TLS == nil || v.secured() || !v.failedAt(probe.PhaseGreeting, probe.KindTimeout, probe.KindClosed, probe.KindReset) {
		return nil
	}
	m := &match{evidence: v.look(probe.VariantTLS, probe.PhaseHandshake)}
	m.explanation = "In the clear the server stayed silent; a second connection that began with TLS was answered with "
	f := look.Failure
	switch {
	case look.TLS.Complete && f != nil && f.Kind == probe.KindNotSMTP:
		return nil
	case look.TLS.Complete:
		m.explanation += look.TLS.Version + "."
		if f != nil {
			m.explanation += " Beyond the handshake that connection did not come through either."
		}
	case f != nil && f.Kind == probe.KindAlert:
		m.explanation += fmt.Sprintf("TLS alert %d, %s.", f.Alert, registry.AlertName(f.Alert))
	default:
		return nil
	}
	return m
}

// secured reports whether the session was inside TLS when it ended.
func (v *view) secured() bool { return v.tls().Complete }

// heard names the protocol of what came in place of an SMTP reply.
func (v *view) heard() string { return registry.Protocol([]byte(v.failure.Octets)) }

func notSMTP(v *view) *match {
	switch {
	case v.failed(probe.KindNotSMTP):
		return foreign(v)
	case v.failedAt(probe.PhaseGreeting, probe.KindReply), v.failedAt(probe.PhaseEHLO, probe.KindReply):
		return foreignReply(v)
	}
	return foreignLook(v)
}

// foreign recognises what is no reply at all.
func foreign(v *view) *match {
	m := v.because("The answer was %s, which is not an SMTP reply.", v.said())
	m.confidence = Likely
	if name := v.heard(); name != "" && name != "SMTP" {
		m.explanation = fmt.Sprintf("The answer was %s: that is %s.", v.said(), protocolWords(name))
		m.title, m.confidence = protocolTitle(name), Certain
	}
	if v.failure.Phase != probe.PhaseGreeting {
		m.title, m.confidence = "The server stopped speaking SMTP", Likely
		m.owner, m.advice = OwnerServer, "Look for a proxy or filter that rewrites the session."
	}
	return m
}

// foreignReply recognises protocols that have reply codes too: FTP, LMTP,
// NNTP.
func foreignReply(v *view) *match {
	greeting := v.main.Greeting
	if greeting == nil {
		return nil
	}
	name := registry.Protocol([]byte(greeting.String()))
	if name == "" || name == "SMTP" {
		return nil
	}
	m := v.because("The greeting was %s: that is %s.", quote(greeting), protocolWords(name))
	if said := v.said(); v.failure.Reply != greeting {
		m.explanation += " To EHLO it said " + said + "."
	}
	m.title, m.evidence = protocolTitle(name), v.at(probe.PhaseGreeting)
	if name == "LMTP" {
		m.advice = "Use the SMTP server in front of it: LMTP takes mail from that one only (RFC 2033)."
	}
	return m
}

// foreignLook recognises a server that is silent in the clear, and answers a
// connection that begins with TLS with something that is not SMTP.
func foreignLook(v *view) *match {
	look := v.report.FollowUp(probe.VariantTLS)
	if look == nil || look.Failure == nil || !v.failedAt(probe.PhaseGreeting, probe.KindTimeout) {
		return nil
	}
	name := registry.Protocol([]byte(look.Failure.Octets))
	m := &match{title: protocolTitle(name), evidence: v.look(probe.VariantTLS, look.Failure.Phase)}
	switch {
	case look.Failure.Kind == probe.KindNotTLS && name != "" && name != "SMTP":
		m.explanation = fmt.Sprintf("The server stayed silent; a second connection, which began with TLS, was answered “%s”: that is %s.", firstLine(look.Failure.Octets), protocolWords(name))
	case look.Failure.Kind == probe.KindNotSMTP && look.TLS.Complete:
		what := "not an SMTP reply"
		if name != "" {
			what = protocolWords(name)
		}
		m.explanation = fmt.Sprintf("The server stayed silent in the clear; inside TLS it said “%s”, which is %s.", firstLine(look.Failure.Octets), what)
	default:
		return nil
	}
	return m
}

// protocolWords explains the names that few people know.
func protocolWords(name string) string {
	if name == "RFB" {
		return "RFB, the protocol of VNC"
	}
	return name
}

// protocolTitle says what answers; empty for what is not known.
func protocolTitle(name string) string {
	switch name {
	case "", "SMTP":
		return ""
	case "HTTP":
		return "A web server (HTTP) answers on this port"
	case "RFB":
		return "A VNC server (RFB) answers on this port"
	}
	article := "A"
	if strings.ContainsRune("AFILMNRSX", rune(name[0])) && strings.ToUpper(name) == name { // letters whose names begin with a vowel
		article = "An"
	}
	return fmt.Sprintf("%s %s server answers on this port", article, name)
}

func noGreeting(v *view) *match {
	if !v.failedAt(probe.PhaseGreeting, probe.KindTimeout) {
		return nil
	}
	if said := v.said(); said != "" {
		m := v.because("Within %s only %s came.%s Usual reasons: a trap that holds spammers, or overload.", seconds(v.failure.Limit), said, v.tlsWords())
		m.title = "The greeting does not come to its end"
		return m
	}
	return v.because("No greeting came within %s.%s Usual reasons: slow DNS lookups on the server, overload, a proxy whose mail server is down.", seconds(v.failure.Limit), v.tlsWords())
}

// tlsWords says what is known about TLS on a port that did not greet.
func (v *view) tlsWords() string {
	look := v.report.FollowUp(probe.VariantTLS)
	switch {
	case v.secured():
		return " The TLS handshake before it went through."
	case look == nil && v.said() != "":
		return ""
	case look == nil && v.port() == 25:
		return " Whether the port begins with TLS was not checked; on port 25 none should."
	case look == nil:
		return " Whether the port begins with TLS was not checked."
	case !look.Source.IsValid():
		return " A second connection, which was to begin with TLS, was not accepted."
	case look.Failure != nil && look.Failure.Kind == probe.KindNotTLS:
		return fmt.Sprintf(" A second connection that began with TLS was answered in the clear, with “%s”.", firstLine(look.Failure.Octets))
	case look.Failure != nil && (look.Failure.Kind == probe.KindClosed || look.Failure.Kind == probe.KindReset):
		return " A second connection that began with TLS was closed by the server."
	}
	return v.tlsSilence(look)
}

// tlsSilence words a look that began with TLS and heard nothing.
func (v *view) tlsSilence(look *probe.Session) string {
	const occupied = "; a server that handles one client at a time would do that too. Test once with --tls implicit."
	switch f := look.Failure; {
	case f != nil && (f.Kind == probe.KindTimeout || f.Kind == probe.KindRunTimeout):
		return " A second connection that began with TLS was not answered either" + occupied
	case f != nil && f.Kind == probe.KindCanceled:
		return " A second connection that began with TLS was not answered before the test was stopped."
	case f != nil && f.Kind == probe.KindSuperseded:
		return " A second connection, which was to begin with TLS, was given up because the server spoke."
	}
	return " A second connection that began with TLS did not get through the handshake."
}

func closedAtGreeting(v *view) *match {
	if !v.failedAt(probe.PhaseGreeting, probe.KindClosed, probe.KindReset) {
		return nil
	}
	how := "ended"
	if v.failed(probe.KindReset) {
		how = "was reset"
	}
	m := v.because("The connection was accepted and %s before any greeting. Usual reasons, in this order: the server blocks this address (fail2ban, firewall); a load balancer has no live server; it expects the PROXY protocol.", how)
	if said := v.said(); said != "" {
		m.title = "The server hangs up in the middle of its greeting"
		m.explanation = fmt.Sprintf("It had said %s when the connection %s.", said, how)
		m.advice = "Look for this connection in the server's log: a crash, or a filter against clients that it does not like."
	}
	return m
}

// slowAfter is the wait from which clients with short limits give up. Pauses
// of 1 to 7 s are a habit of healthy servers.
const slowAfter = 10 * time.Second

func slowGreeting(v *view) *match {
	took := v.took(probe.PhaseGreeting)
	if v.main == nil || v.main.Greeting == nil || took < slowAfter || v.failedAt(probe.PhaseGreeting, probe.KindReply) {
		return nil
	}
	m := &match{evidence: v.at(probe.PhaseGreeting)}
	m.explanation = fmt.Sprintf("The greeting was complete after %s. Usual reasons: slow DNS lookups about the caller, or a pause on purpose.", seconds(took))
	if lines := v.main.Greeting.Lines; len(lines) > 1 && lines[len(lines)-1].At-lines[0].At > took/2 {
		m.explanation = fmt.Sprintf("The first line of the greeting came early, the last after %s: a pause on purpose, to catch clients that do not wait.", seconds(took))
	}
	return m
}

// took is how long the main session's phase took, of several the longest.
func (v *view) took(phase probe.Phase) time.Duration {
	if v.main == nil {
		return 0
	}
	var longest time.Duration
	for _, s := range v.main.Steps {
		if s.Phase == phase {
			longest = max(longest, s.Elapsed)
		}
	}
	return longest
}

// reputation is the entry for a refusal because of the tester's address, at
// the greeting or later.
func reputation(id ID) entry {
	e := reply(entry{
		id: id, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 5321 §7.9", inconclusive: true,
		silences: []ID{EHLORefusedInsideTLS},
		title:    "The server refuses the address that this test comes from",
		advice:   "Test from the machine that sends the mail; if that is refused too, ask the list named in the reply to remove it.",
	}, "The server said %s: a judgement of the tester's address, not of the server's health.")
	said := e.seen
	e.seen = func(v *view) *match {
		m := said(v)
		if m == nil {
			return nil
		}
		if page := listPage(strings.ToLower(v.failure.Reply.Text())); page != "" {
			m.explanation += " The list is looked up at " + page + "."
		}
		return m
	}
	return e
}

// listPage is where the public lists explain a listing.
func listPage(text string) string {
	for _, l := range []struct{ name, page string }{
		{"spamhaus", "https://check.spamhaus.org"},
		{"spamcop", "https://www.spamcop.net/bl.shtml"},
		{"barracuda", "https://www.barracudacentral.org/lookups"},
	} {
		if strings.Contains(text, l.name) {
			return l.page
		}
	}
	return ""
}
