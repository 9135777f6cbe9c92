package tlsgrade

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/tlsscan"
)

// rules are all, in the order of the ids. Each finds one thing at most.
var rules = []func(*Judged) *Finding{
	noTLS, notMeasured, oldOnly, currentClientsFail, noEncryption, brokenSuites, smallPrime, oldVersions, shortKey,
	oldRenegotiation, nameNeeded, compression, oldSignatures, datedSuites, weakGroups, noTLS13, noEMS, clientOrder,
	opportunistic, oldClientsFail, unfinished,
}

// on is a severity that depends on what the port is for.
func (j *Judged) on(submission, relay diagnosis.Severity) diagnosis.Severity {
	if j.Purpose == Relay {
		return relay
	}
	return submission
}

// noTLS: each version was asked for, and each was refused.
func noTLS(j *Judged) *Finding {
	taken := func(v tlsscan.Version) bool { return v.Offered != tlsscan.No }
	if j.Report.Failure != nil || len(j.Report.Versions) == 0 || slices.ContainsFunc(j.Report.Versions, taken) {
		return nil
	}
	end := "refused"
	if !slices.ContainsFunc(j.Report.Connections, func(c tlsscan.Connection) bool {
		return c.Failure == nil || c.Failure.Kind == probe.KindAlert
	}) {
		end = "closed without an answer"
	}
	return &Finding{
		ID: NoTLS, Severity: diagnosis.Error, Owner: diagnosis.OwnerServer, Reference: "RFC 8446 §6.2",
		Title: "The server agrees to no TLS at all",
		Explanation: fmt.Sprintf("SSL 3.0 to TLS 1.3 were offered with every suite that needs no secret beforehand, "+
			"in %s, and each was %s.", counted(len(j.Report.Connections), "connection"), end),
		Advice: "Check that the server can use its certificate and key, then its TLS log",
		Evidence: j.evidence(func(c tlsscan.Connection) bool {
			return c.Asks == tlsscan.AskVersion && c.Failure != nil
		}),
	}
}

// notMeasured: what is wrong before TLS is found by the ordinary test.
func notMeasured(j *Judged) *Finding {
	f := j.Report.Failure
	if f == nil {
		return nil
	}
	found := &Finding{
		ID: NotMeasured, Severity: diagnosis.Error, Owner: diagnosis.OwnerYou, Reference: "RFC 3207 §4",
		Title:       "No connection came as far as TLS",
		Explanation: fmt.Sprintf("The first one ended at %s: %s.", f.Phase.Words(), f.Words()) + said(f),
		Advice:      "Run the ordinary test first: it says what is wrong before TLS",
	}
	if f.Kind == probe.KindTimeout && f.Phase != probe.PhaseConnect {
		found.Explanation = fmt.Sprintf("The first one had come to %s after %s, which is all that one of a scan may take.",
			f.Phase.Words(), probe.Duration(f.Limit))
		found.Advice = "Run the ordinary test: it waits longer"
	}
	if f.Phase == probe.PhaseHandshake {
		found.Title = "No ClientHello was answered with TLS"
	}
	return found
}

// oldOnly is a server that today's clients do not speak with.
func oldOnly(j *Judged) *Finding {
	r := j.Report
	for _, n := range []uint16{tlsscan.TLS13, tlsscan.TLS12} {
		if v := r.Version(n); v == nil || v.Offered != tlsscan.No {
			return nil
		}
	}
	spoken := spokenVersions(r)
	if len(spoken) == 0 {
		return nil
	}
	f := &Finding{
		ID: OldOnly, Severity: j.on(diagnosis.Error, diagnosis.Warning), Owner: diagnosis.OwnerServer,
		Title:       "Nothing newer than " + VersionName(spoken[0]),
		Explanation: "TLS 1.3 and 1.2 were refused. Most of today's mail programs and libraries offer nothing older.",
		Advice:      "Update the server's TLS library, or allow TLS 1.2 and 1.3 in its settings",
		Reference:   "RFC 8996 §4, RFC 8997 §3", Evidence: j.spoke(spoken),
	}
	if j.Purpose == Relay {
		f.Explanation = "TLS 1.3 and 1.2 were refused. Senders that insist on TLS wait; others may send in the clear."
		f.Reference = "RFC 8996 §4, RFC 7435 §3"
	}
	f.Explanation += j.stops(ReasonVersion)
	return f
}

// currentClientsFail names those in use that get no TLS from the server, for
// reasons that no other finding is about.
func currentClientsFail(j *Judged) *Finding {
	left := slices.DeleteFunc(slices.Clone(j.Failing), func(f Failing) bool {
		about := map[Reason]func(*Judged) *Finding{
			ReasonVersion: oldOnly, ReasonRenegotiation: oldRenegotiation, ReasonNoName: nameNeeded, ReasonKey: shortKey,
			ReasonPrime: smallPrime,
		}[f.Reason]
		return !f.Client.Current || about != nil && about(j) != nil
	})
	if len(left) == 0 {
		return nil
	}
	f := &Finding{
		ID: CurrentClientsFail, Severity: diagnosis.Warning, Owner: diagnosis.OwnerServer, Reference: "RFC 9325 §4.2",
		Title:       "Current clients cannot use its TLS: " + some(clientNames(left), 4),
		Explanation: reasonWords(left),
		Advice:      "Allow what RFC 9325 recommends: TLS 1.2 and 1.3, suites with ECDHE and AES-GCM, X25519 and P-256",
	}
	switch {
	case j.Purpose == Relay:
		f.Explanation += " They wait, or send in the clear."
	case !j.serves():
		f.Severity = diagnosis.Error
	}
	return f
}

// serves reports that one of today's clients can connect, or is not known to fail.
func (j *Judged) serves() bool {
	fails := func(c Client) bool {
		return slices.ContainsFunc(j.Failing, func(f Failing) bool { return f.Client.ID == c.ID })
	}
	return slices.ContainsFunc(Clients(j.Purpose), func(c Client) bool { return c.Current && !fails(c) })
}

// oldClientsFail is worth knowing, and no fault.
func oldClientsFail(j *Judged) *Finding {
	left := slices.DeleteFunc(slices.Clone(j.Failing), func(f Failing) bool { return f.Client.Current })
	if len(left) == 0 {
		return nil
	}
	return &Finding{
		ID: OldClientsFail, Severity: diagnosis.Info, Owner: diagnosis.OwnerYou, Reference: "RFC 8996 §4",
		Title: "Old clients cannot use its TLS: " + some(clientNames(left), 4), Explanation: reasonWords(left),
		Advice: remedies(left),
	}
}

// remedies are what the owners of clients can do, where something is known.
func remedies(all []Failing) string {
	var parts []string
	for _, g := range together(all, func(f Failing) string { return f.Client.Remedy }) {
		if g.what != "" {
			parts = append(parts, join(g.clients)+": "+g.what)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Where one of them matters, mend the client (" + strings.Join(parts, "; ") + ")"
}

// group is clients of which the same is to be said.
type group struct {
	what    string
	clients []string
}

// together puts those in one group of which the same is to be said, in the order
// in which they come first.
func together(all []Failing, what func(Failing) string) (groups []group) {
	for _, f := range all {
		i := slices.IndexFunc(groups, func(g group) bool { return g.what == what(f) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, group{what: what(f)})
		}
		groups[i].clients = append(groups[i].clients, f.Client.Name)
	}
	return groups
}

func clientNames(all []Failing) (names []string) {
	for _, f := range all {
		names = append(names, f.Client.Name)
	}
	return names
}

// stops is a sentence about the current clients that fail for a reason; empty:
// none does.
func (j *Judged) stops(r Reason) string {
	all := slices.DeleteFunc(slices.Clone(j.Failing), func(f Failing) bool { return !f.Client.Current || f.Reason != r })
	if len(all) == 0 {
		return ""
	}
	return " It stops " + join(clientNames(all)) + "."
}

// reasonWords say why clients fail: those with one reason together.
func reasonWords(all []Failing) string {
	var sentences []string
	for _, g := range together(all, func(f Failing) string { return f.Why }) {
		names := join(g.clients)
		sentences = append(sentences, strings.ToUpper(names[:1])+names[1:]+": "+g.what+".")
	}
	return strings.Join(sentences, " ")
}

// oldVersions beside newer ones: for mail programs RFC 8996 forbids them.
func oldVersions(j *Judged) *Finding {
	old := slices.DeleteFunc(spokenVersions(j.Report), func(n uint16) bool { return n >= tlsscan.TLS12 })
	if len(old) == 0 || newest(j.Report, tlsscan.TLS13).Number < tlsscan.TLS12 || j.Purpose == Relay {
		return nil
	}
	return &Finding{
		ID: OldVersions, Severity: diagnosis.Warning, Owner: diagnosis.OwnerServer, Reference: "RFC 8996 §4, RFC 8997 §3",
		Title: versionWords(old) + " can still be used",
		Explanation: fmt.Sprintf("The server agrees to %s, which must not be used any more. "+
			"Only clients that know nothing newer need them.", versionWords(old)),
		Advice:   "Allow TLS 1.2 and newer alone (Postfix: smtpd_tls_mandatory_protocols = >=TLSv1.2)",
		Evidence: j.spoke(old),
	}
}

func noTLS13(j *Judged) *Finding {
	v, older := j.Report.Version(tlsscan.TLS13), j.Report.Version(tlsscan.TLS12)
	if v == nil || v.Offered != tlsscan.No || older == nil || older.Offered != tlsscan.Yes {
		return nil
	}
	return &Finding{
		ID: NoTLS13, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Reference: "RFC 9325 §3.1.1",
		Title: "TLS 1.3 is missing", Explanation: "TLS 1.2 is the newest that the server agrees to.",
		Advice: "Allow TLS 1.3 when the server's TLS library has it",
		Evidence: j.evidence(func(c tlsscan.Connection) bool {
			return c.Asks == tlsscan.AskVersion && c.Offer.Version == tlsscan.TLS13
		}),
	}
}

// stopWords say why a scan ended early.
var stopWords = map[tlsscan.StopReason]string{
	tlsscan.StopConnections: "It had made as many connections as one scan may make.",
	tlsscan.StopTime:        "Its time was over.",
	tlsscan.StopCanceled:    "It was stopped.",
	tlsscan.StopReply:       "The server asked for no more connections.",
	tlsscan.StopRefused:     "The server refused further connections.",
	tlsscan.StopSilent:      "Not every connection was answered.",
	tlsscan.StopFault:       "The server's TLS breaks the protocol, so that its answers mean nothing.",
	tlsscan.StopLimited:     "This address was connected to often enough.",
}

// unfinished says that there may be more than is listed.
func unfinished(j *Judged) *Finding {
	s := j.Report.Stopped
	if s == nil || j.Report.Failure != nil {
		return nil
	}
	f := &Finding{
		ID: Unfinished, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Reference: "RFC 5321 §3.8",
		Title: "The scan ended before everything was known",
		Explanation: fmt.Sprintf("It ended after %s. %s There may be more than is listed.",
			counted(s.After, "connection"), stopWords[s.Why]),
	}
	if s.Why == tlsscan.StopConnections || s.Why == tlsscan.StopTime {
		f.Owner = diagnosis.OwnerOperator // a bound of ours
	}
	f.Explanation += said(s.Failure)
	return f
}

// said are the server's words, as a sentence; empty: there are none.
func said(f *probe.Failure) string {
	if f == nil || f.Reply == nil || len(f.Reply.Lines) == 0 {
		return ""
	}
	return fmt.Sprintf(" It said %q.", f.Reply.String())
}
