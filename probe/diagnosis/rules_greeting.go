package diagnosis

import (
	"fmt"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/registry"
)

// greetingRules judge what came, or did not come, in the greeting's place
// (RFC 5321 §3.1, §4.3.1).
func greetingRules() []rule {
	return append(silenceRules(), refusalRules()...)
}

// silenceRules judge a greeting that is missing, late or not SMTP's.
func silenceRules() []rule {
	return []rule{
		{
			id: TLSExpected, owner: OwnerYou, reference: "RFC 8314 §3.3",
			title:      "This port begins with TLS",
			advice:     "Use implicit TLS here, “SSL/TLS” in mail clients.",
			fix:        Fix{Security: probe.SecurityImplicit},
			suppresses: []ID{GreetingTimeout, GreetingClosed, NotSMTP},
			match:      tlsExpected,
		},
		{
			id: NotSMTP, owner: OwnerYou, reference: "RFC 5321 §4.2",
			title:      "What answers here is not SMTP",
			advice:     "Check the port: mail submission is on 587 or 465, mail exchange on 25.",
			suppresses: []ID{GreetingTimeout, GreetingRefused, EHLORefused, EHLONameRefused},
			match:      notSMTP,
		},
		{
			id: GreetingTimeout, confidence: Likely, reference: "RFC 5321 §4.5.3.2.1",
			title:  "The server accepts the connection but does not greet",
			advice: "Look at the server's load, its DNS resolver and any proxy in front of it.",
			match:  noGreeting,
		},
		{
			id: GreetingClosed, confidence: Likely, reference: "RFC 5321 §3.1",
			title: "The server hangs up without a word",
			advice: "Check allow-lists and blocks for this address on the server, " +
				"and the load balancer in front of it.",
			match: closedAtGreeting,
		},
		{
			id: GreetingSlow, severity: Warning, reference: "RFC 5321 §4.5.3.2.1",
			title: "The server takes long to greet",
			advice: "Look at the server's DNS resolver and at the pause it keeps against spam; " +
				"clients with short limits give up before.",
			match: slowGreeting,
		},
	}
}

// refusalRules judge a reply other than 220.
func refusalRules() []rule {
	return []rule{
		reputationRule(GreetingReputation),
		{
			id: GreetingThrottled, owner: OwnerOperator, reference: "RFC 5321 §4.2.2", inconclusive: true,
			title:  "The server asks this address to come back later",
			advice: "Wait a few minutes before the next test.",
			reply:  GreetingThrottled,
			match:  throttledAtGreeting,
		},
		{
			id: GreetingNoClientName, owner: OwnerOperator, reference: "RFC 1912 §2.1", inconclusive: true,
			title: "The server refuses clients whose address has no name",
			advice: "Publish a PTR record for the address that this test comes from, " +
				"or test from a machine that has one.",
			reply: GreetingNoClientName,
			explanation: "The server said {reply}: it looked up the reverse DNS of the address " +
				"that this test comes from.",
		},
		{
			id: GreetingClientRefused, owner: OwnerOperator, confidence: Likely, inconclusive: true,
			reference: "RFC 5321 §3.1, §7.9",
			title:     "The server does not let this client in",
			advice: "Test from a machine that may use this server, or ask its owner to allow the address " +
				"that this test comes from.",
			reply: GreetingClientRefused,
			explanation: "The server said {reply}: its rules shut out the address that this test comes from. " +
				"How it treats others was not tested.",
		},
		{
			id: GreetingComeBack, confidence: Likely, reference: "RFC 6647 §2.1", inconclusive: true,
			title:       "The server asks first-time callers to come back",
			advice:      "Test again in a few minutes; real senders retry by themselves.",
			reply:       GreetingComeBack,
			explanation: "The server said {reply}. Servers such as postscreen say this once to every unknown address.",
		},
		{
			id: GreetingNoService, reference: "RFC 7504 §3",
			title:       "This host says that it accepts no mail",
			advice:      "Use the mail server's real name, or take this host out of the MX records.",
			reply:       GreetingNoService,
			explanation: "The server said {reply}.",
		},
		{
			id: GreetingRefused, confidence: Likely, reference: "RFC 5321 §3.1, §4.3.2",
			title:  "The server refuses the session in its greeting",
			advice: "Look for this connection in the server's log; its words do not say why.",
			reply:  GreetingRefused,
			match:  greetingRefused,
		},
	}
}

// throttledAtGreeting has a plainer title where the reply blames the number
// of this client's connections.
func throttledAtGreeting(s *session) *result {
	res := s.replied("The server said {reply}. It limits how often, or how many at once, clients may connect; " +
		"this says nothing about its health.")
	text := strings.ToLower(s.failure.Reply.Text())
	if strings.Contains(text, " from ") && containsAny(text, []string{"too many connections", "too many concurrent"}) {
		res.title = "Too many connections from this address; come back later"
	}
	return res
}

func greetingRefused(s *session) *result {
	if class := s.failure.Reply.Class(); class == 2 || class == 3 {
		res := s.replied("A greeting is 220; the server said {reply}.")
		res.title = "The greeting has a code that no greeting has"
		res.advice = "Look for a proxy or filter that answers in the server's place."
		return res
	}
	return s.replied("Instead of 220 the server said {reply}. " +
		"Whether it refuses everybody or only this client was not tested.")
}

// tlsExpected recognises a port that speaks TLS from the first octet: by a
// second connection, or by a TLS record in the greeting's place.
func tlsExpected(s *session) *result {
	if s.failedAt(probe.PhaseGreeting, probe.KindNotSMTP) && !s.secured() && s.heard() == "TLS" {
		return s.because("In the greeting's place came %s: that is a TLS record, in the clear.", s.quotedReply())
	}
	implicit := s.report.FollowUp(probe.VariantTLS)
	if implicit == nil || implicit.TLS == nil || s.secured() ||
		!s.failedAt(probe.PhaseGreeting, probe.KindTimeout, probe.KindClosed, probe.KindReset) {
		return nil
	}
	answer := tlsAnswer(implicit)
	if answer == "" {
		return nil
	}
	return &result{
		explanation: "In the clear the server stayed silent; a second connection that began with TLS was answered with " +
			answer,
		evidence: s.variantEvidence(probe.VariantTLS, probe.PhaseHandshake),
	}
}

// tlsAnswer is what answered a ClientHello in TLS; empty: nothing did, or not
// in front of SMTP.
func tlsAnswer(implicit *probe.Session) string {
	f := implicit.Failure
	switch {
	case implicit.TLS.Complete && f != nil && f.Kind == probe.KindNotSMTP:
		return ""
	case implicit.TLS.Complete && f != nil:
		return implicit.TLS.Version + ". Beyond the handshake that connection did not come through either."
	case implicit.TLS.Complete:
		return implicit.TLS.Version + "."
	case len(implicit.TLS.Chain) > 0:
		return "a certificate. That handshake did not come to its end."
	case f != nil && f.Kind == probe.KindAlert:
		return fmt.Sprintf("TLS alert %d, %s.", f.Alert, registry.AlertName(f.Alert))
	}
	return ""
}

// secured reports whether the session was inside TLS when it ended.
func (s *session) secured() bool { return s.tls().Complete }

func noGreeting(s *session) *result {
	if !s.failedAt(probe.PhaseGreeting, probe.KindTimeout) {
		return nil
	}
	if said := s.quotedReply(); said != "" {
		res := s.because("Within %s only %s came.%s Usual reasons: a trap that holds spammers, or overload.",
			probe.Duration(s.failure.Limit), said, s.tlsWords())
		res.title = "The greeting does not come to its end"
		return res
	}
	res := s.because("No greeting came within %s.%s Usual reasons: slow DNS lookups on the server, overload, "+
		"a proxy whose mail server is down.", probe.Duration(s.failure.Limit), s.tlsWords())
	if s.occupied() {
		res.fix = Fix{Security: probe.SecurityImplicit}
	}
	return res
}

// tlsWords says what is known about TLS on a port that did not greet.
func (s *session) tlsWords() string {
	implicit := s.report.FollowUp(probe.VariantTLS)
	switch {
	case s.secured():
		return " The TLS handshake before it went through; a server that waits for its client to speak first, such as a " +
			"web server, is silent too."
	case implicit == nil && s.quotedReply() != "":
		return ""
	case implicit == nil && s.port() == 25:
		return " Whether the port begins with TLS was not checked; on port 25 none should."
	case implicit == nil:
		return " Whether the port begins with TLS was not checked."
	case !implicit.Source.IsValid():
		return " A second connection, which was to begin with TLS, was not accepted."
	case implicit.Failure != nil && implicit.Failure.Kind == probe.KindNotTLS:
		return " A second connection that began with TLS was answered in the clear, with " +
			fullStop("“"+firstLine(implicit.Failure.Octets)+"”") + clearWords(implicit.Failure.Octets)
	}
	return s.tlsSilence(implicit)
}

// clearWords says what an answer in the clear to a ClientHello shows: what has
// reply codes is SMTP, and does not begin with TLS.
func clearWords(octets string) string {
	if !startsWithCode(octets) {
		return ""
	}
	return " So the port does not begin with TLS, and the first connection was waited for to its end."
}

func startsWithCode(octets string) bool {
	code, _, _ := strings.Cut(octets+" ", " ")
	code, _, _ = strings.Cut(code, "-")
	return len(code) == 3 && code[0] >= '2' && code[0] <= '5'
}

// disturbed reports a first connection that was ended right after the second
// one, which had begun with TLS: a server that punishes clients that speak
// before its greeting may mean both.
func (s *session) disturbed() bool {
	second := s.report.FollowUp(probe.VariantTLS)
	if second == nil || second.Failure == nil || s.secured() ||
		!s.failedAt(probe.PhaseGreeting, probe.KindClosed, probe.KindReset, probe.KindReply) {
		return false
	}
	switch f := second.Failure; f.Kind {
	case probe.KindClosed, probe.KindReset, probe.KindNotTLS, probe.KindSuperseded:
	default:
		return false
	}
	const together = time.Second
	between := s.main.Began + s.main.Elapsed - second.Began - second.Elapsed
	return between > -together && between < together
}

const disturbedWords = " A second connection of this test had begun with TLS shortly before; a server that punishes " +
	"clients that speak before its greeting may have ended both because of it."

// tlsSilence words a connection that began with TLS and heard nothing in it.
func (s *session) tlsSilence(implicit *probe.Session) string {
	switch f := implicit.Failure; {
	case s.occupied():
		return " A second connection that began with TLS was not answered either; " +
			"a server that handles one client at a time would do that too. Test once with implicit TLS."
	case f != nil && (f.Kind == probe.KindClosed || f.Kind == probe.KindReset):
		return " A second connection that began with TLS was closed by the server."
	case f != nil && f.Kind == probe.KindCanceled:
		return " A second connection that began with TLS was not answered before the test was stopped."
	case f != nil && f.Kind == probe.KindSuperseded:
		return " A second connection, which was to begin with TLS, was given up because the server spoke."
	}
	return " A second connection that began with TLS did not get through the handshake."
}

// occupied reports that a second connection, which began with TLS, was
// accepted and not answered either.
func (s *session) occupied() bool {
	implicit := s.report.FollowUp(probe.VariantTLS)
	return !s.secured() && implicit != nil && implicit.Source.IsValid() && implicit.Failure != nil &&
		(implicit.Failure.Kind == probe.KindTimeout || implicit.Failure.Kind == probe.KindRunTimeout)
}

// closedAtGreeting knows a connection that was over before the greeting; a RST
// that comes right behind the SYN's answer is seen as a failure to connect.
func closedAtGreeting(s *session) *result {
	if !s.failedAt(probe.PhaseGreeting, probe.KindClosed, probe.KindReset) &&
		!s.failedAt(probe.PhaseConnect, probe.KindReset) {
		return nil
	}
	how := "ended"
	if s.failed(probe.KindReset) {
		how = "was reset"
	}
	res := s.because("The connection was accepted and %s before any greeting. "+
		"Usual reasons, in this order: the server blocks this address (fail2ban, firewall); "+
		"a load balancer has no live server; it expects the PROXY protocol.", how)
	if s.secured() {
		res = s.because("The TLS handshake was complete, and the connection %s before any greeting: what ends TLS here "+
			"answers, the mail server behind it does not.", how)
		res.advice = "Look for this connection in the server's log, and whether the mail server behind what ends TLS " +
			"runs and takes its connections."
	}
	if said := s.quotedReply(); said != "" {
		res.title = "The server hangs up in the middle of its greeting"
		res.explanation = fmt.Sprintf("It had said %s when the connection %s.", said, how)
		res.advice = "Look for this connection in the server's log: " +
			"a crash, or a filter against clients that it does not like."
	}
	return res
}

// slowAfter is the wait from which clients with short limits give up. Pauses
// of 1 to 7 s are a habit of healthy servers.
const slowAfter = 10 * time.Second

func slowGreeting(s *session) *result {
	took := s.took(probe.PhaseGreeting)
	if s.main == nil || s.main.Greeting == nil || took < slowAfter || s.failedAt(probe.PhaseGreeting, probe.KindReply) {
		return nil
	}
	res := &result{evidence: s.evidenceAt(probe.PhaseGreeting)}
	res.explanation = fmt.Sprintf("The greeting was complete after %s. Usual reasons: "+
		"slow DNS lookups about the caller, or a pause on purpose.", probe.Duration(took))
	if lines := s.main.Greeting.Lines; len(lines) > 1 && lines[len(lines)-1].At-lines[0].At > took/2 {
		res.explanation = fmt.Sprintf("The first line of the greeting came early, the last after %s: "+
			"a pause on purpose, to catch clients that do not wait.", probe.Duration(took))
	}
	return res
}

// took is how long the main session's phase took, of several the longest.
func (s *session) took(phase probe.Phase) time.Duration {
	if s.main == nil {
		return 0
	}
	var longest time.Duration
	for _, step := range s.main.Steps {
		if step.Phase == phase {
			longest = max(longest, step.Elapsed)
		}
	}
	return longest
}

// reputationRule is about a refusal because of the tester's address, at the
// greeting or later.
func reputationRule(id ID) rule {
	return rule{
		id: id, owner: OwnerOperator, reference: "RFC 5321 §7.9", inconclusive: true,
		suppresses: []ID{EHLORefusedInsideTLS},
		title:      "The server refuses the address that this test comes from",
		advice: "Test from the machine that sends the mail; " +
			"if that is refused too, ask the list named in the reply to remove it.",
		reply: id,
		match: badReputation,
	}
}

func badReputation(s *session) *result {
	res := s.replied("The server said {reply}: a judgement of the tester's address, not of the server's health.")
	if page := listPage(strings.ToLower(s.failure.Reply.Text())); page != "" {
		res.explanation += " The list is looked up at " + page + "."
	}
	return res
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
