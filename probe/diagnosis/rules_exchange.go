package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// untriedEntries say why no login was sent.
func untriedEntries() []entry {
	return []entry{
		{
			id: LoginUnprotected, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 4954 §4, RFC 8314 §3",
			title: "No login was sent: the connection is not protected",
			seen:  unprotected,
		},
		{
			id: AuthNotOffered, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 4954 §3",
			title:    "The server offers no login",
			silences: []ID{LoginLost},
			seen:     authNotOffered,
		},
		{
			id: MechanismNotOffered, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 4954 §3",
			title:  "The server does not offer the mechanism that was asked for",
			advice: "Ask for one of those that it offers, or leave the choice to the test.",
			seen: func(v *view) *match {
				if !v.noMechanism(sasl.ReasonNotOffered) {
					return nil
				}
				return v.because("It offers %s. Nothing was sent.", mechanismList(v.auth().Offered))
			},
		},
		{
			id: MechanismUnusable, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 4422 §3.2",
			title: "None of the mechanisms fits this login",
			seen:  mechanismUnusable,
		},
		{
			id: LoginUnsendable, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 4616 §2, RFC 6750 §2.1",
			title:  "The user name, password or token cannot be sent",
			advice: "Enter it again by hand; what is copied often brings a blank or a line end along.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseAuth, probe.KindUnsendable) {
					return nil
				}
				return v.because("%s. Nothing was sent.", v.failure.Detail)
			},
		},
	}
}

// unprotected names what is missing, and whose it is.
func unprotected(v *view) *match {
	if !v.failedAt(probe.PhaseAuth, probe.KindUnprotected) {
		return nil
	}
	m := v.because("A password goes only over TLS 1.2 or better with a certificate that verifies. ")
	switch t := v.tls(); {
	case !t.Complete && v.report.Request.Security == probe.SecurityNone:
		m.owner, m.explanation = OwnerYou, m.explanation+"This session was asked to stay in the clear."
		m.advice = "Test with --tls starttls, or implicit TLS on port 465."
	case !t.Complete:
		m.explanation += "This session stayed in the clear, for the server did not offer TLS."
		m.advice = "Use a port with TLS, mostly 587 or 465; then log in."
	case t.Version < "TLS 1.2":
		m.explanation += "This session has " + t.Version + "."
		m.advice = "Switch TLS 1.2 or better on at the server."
	default:
		m.explanation += "This session is inside TLS, but the certificate does not verify: whoever sits in between could read the password."
		m.advice = "Mend the certificate first; for a private CA give its root with --ca FILE."
	}
	m.explanation += " Neither user name nor password left this machine."
	return m
}

// noMechanism reports a login that ended because nothing could be chosen.
func (v *view) noMechanism(reasons ...sasl.Reason) bool {
	return v.failedAt(probe.PhaseAuth, probe.KindNotOffered) && slices.Contains(reasons, v.auth().Reason)
}

func authNotOffered(v *view) *match {
	if v.belief == AuthNotOffered {
		m := v.refusedLogin("The mechanism stands in its list: what lists it and what should check the password do not agree.")
		m.title, m.advice = "The server lists a login and has none", "Switch logins on in the server, or look for the front end that lists what the server behind it does not do."
		return m
	}
	if !v.noMechanism(sasl.ReasonNoneOffered) {
		return nil
	}
	m := v.because("The capability list that counts holds no AUTH, so nothing was sent.")
	m.advice = "Switch logins on for this port, and look whether the server offers them to this address."
	switch {
	case v.main.Hello().Verb == "HELO":
		m.explanation += " The server took HELO only, which brings no extensions."
	case !v.submission():
		m.owner = OwnerYou
		m.explanation += " On port 25 that is usual: it takes mail from other servers."
		m.advice = "Log in on a submission port: 587 with STARTTLS or 465 with implicit TLS."
	case v.main.STARTTLS != nil && v.main.Hellos[0].Capabilities.Has("AUTH"):
		m.explanation += " Before TLS the list held AUTH: the server offers a login only where it is not protected."
		m.advice = "Make the server offer AUTH inside TLS, and there only."
	}
	return m
}

func mechanismUnusable(v *view) *match {
	if !v.noMechanism(sasl.ReasonNoneUsable, sasl.ReasonNotSpoken, sasl.ReasonNotFitting, sasl.ReasonNoCredential) {
		return nil
	}
	offered := mechanismList(v.auth().Offered)
	switch v.auth().Reason {
	case sasl.ReasonNotSpoken:
		m := v.because("The mechanism that was asked for is not spoken by this test. The server offers %s. Nothing was sent.", offered)
		m.title, m.advice = "The mechanism that was asked for is not spoken here", "Ask for another one, or leave the choice to the test."
		return m
	case sasl.ReasonNotFitting:
		m := v.because("The mechanism that was asked for takes a token where a password was given, or the other way round. Nothing was sent.")
		m.advice = "Give a token for XOAUTH2 and OAUTHBEARER, a password for the others."
		return m
	case sasl.ReasonNoCredential:
		m := v.because("Neither a password nor a token was given. Nothing was sent.")
		m.title, m.advice = "There is nothing to log in with", "Give a password or a token."
		return m
	}
	if passwordOnly(v.auth().Offered) { // a password would have fitted one of them
		m := v.because("A token was given, and the server offers only password logins: %s. Nothing was sent.", offered)
		m.advice = "Give the password, or use a port or server that takes tokens (XOAUTH2, OAUTHBEARER)."
		return m
	}
	m := v.because("The server offers %s: none of them is spoken by this test and takes what was given, a password or a token. Nothing was sent.", offered)
	m.advice = "Give what the server's mechanisms take: a token for XOAUTH2 and OAUTHBEARER, a password for PLAIN and LOGIN."
	return m
}

// passwordOnly reports mechanisms that all take a password, one of which this
// test would have spoken for any password, so that it was given a token. LOGIN
// and CRAM-MD5 alone do not tell: they carry no authorization identity.
func passwordOnly(offered []string) bool {
	certain := []string{"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"}
	password := append([]string{"LOGIN", "CRAM-MD5", "DIGEST-MD5"}, certain...)
	return slices.ContainsFunc(offered, func(m string) bool { return slices.Contains(certain, m) }) &&
		!slices.ContainsFunc(offered, func(m string) bool { return !slices.Contains(password, m) })
}

// mechanismList joins names of the server's, of which there may be many.
func mechanismList(names []string) string {
	const most = 12
	if len(names) > most {
		return short(strings.Join(names[:most], ", ")) + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return short(strings.Join(names, ", "))
}

// exchangeEntries judge what went wrong between AUTH and the final reply,
// and what went right in an odd way.
func exchangeEntries() []entry {
	return []entry{
		{
			id: ServerUnproven, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5802 §3, §5",
			title:  "The server has not proved that it knows the password",
			advice: "Do not use this password here until it is known what answers in the server's place.",
			seen:   serverUnproven,
		},
		{
			id: BrokenExchange, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 4954 §4",
			title:  "The server breaks the rules of the login",
			advice: "Update the server or what checks its passwords; until then ask for another mechanism.",
			seen:   brokenExchange,
		},
		{
			id: OddExchange, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 4954 §4, §6",
			title:  "The login works, but not as RFC 4954 prescribes",
			advice: "Update the server or the proxy in front of it; strict clients stop here.",
			seen:   oddExchange,
		},
	}
}

// serverUnproven is an error when the proof was wrong. A login that was
// accepted without any proof works with lenient clients.
func serverUnproven(v *view) *match {
	a := v.auth()
	switch {
	case a.Evidence.Problem == sasl.ProblemProof:
		return v.because("With %s both sides prove that they know the password. The server's proof is wrong, so the login was canceled: it holds another password for this user, or it is not the server that it claims to be. The password itself was not sent.", a.Mechanism)
	case a.Accepted && a.Evidence.Proof == sasl.ProofMissing:
		return &match{
			explanation: fmt.Sprintf("With %s both sides prove that they know the password. The server accepted the login with %s and gave no proof; strict clients refuse that. The password itself was not sent.", a.Mechanism, quote(a.Reply)),
			evidence:    v.line(v.at(probe.PhaseAuth), a.Reply),
			severity:    Warning,
		}
	}
	return nil
}

func brokenExchange(v *view) *match {
	switch p := v.auth().Evidence.Problem; p {
	case "", sasl.ProblemProof, sasl.ProblemResponse:
		return nil
	case sasl.ProblemIterations:
		return v.because("It asks for %d rounds of SCRAM's hash; this test computes at most 1000000, which is far more than is in use. The login was canceled.", v.auth().Evidence.Iterations)
	default:
		return v.because("In the login with %s %s, so it was canceled.", v.auth().Mechanism, p.Words())
	}
}

func oddExchange(v *view) *match {
	a := v.auth()
	if !a.Accepted {
		return nil
	}
	var odd []string
	if a.Reply.Code != 235 {
		odd = append(odd, fmt.Sprintf("The server accepted it with %s; the code for that is 235, and some clients take nothing else.", quote(a.Reply)))
	}
	if a.Evidence.Unencoded {
		odd = append(odd, "A prompt came in plain words, though challenges have to be base64.")
	}
	if len(odd) == 0 {
		return nil
	}
	return &match{explanation: strings.Join(odd, " "), evidence: v.line(v.at(probe.PhaseAuth), a.Reply)}
}

// offerEntries judge what a server offers, whether or not a login was tried.
func offerEntries() []entry {
	return []entry{
		{
			id: RetiredOnly, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 6331, RFC 8314 §3",
			title:  "The server offers retired mechanisms only",
			advice: "Offer PLAIN inside TLS, and SCRAM-SHA-256 where the password store allows it.",
			seen:   retiredOnly,
		},
		{
			id: AnonymousOffered, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 4505 §4",
			title:  "The server offers a login without a password",
			advice: "Take ANONYMOUS out of the list, unless strangers are meant to get in; it was not tried.",
			seen: func(v *view) *match {
				if !slices.Contains(v.offered(), "ANONYMOUS") {
					return nil
				}
				return &match{explanation: "ANONYMOUS is among the mechanisms: whoever comes is logged in. What it allows was not tested.", evidence: v.at(probe.PhaseEHLO)}
			},
		},
		{
			id: OfferedInClear, severity: Info, owner: OwnerServer, confidence: Certain, reference: "RFC 4954 §4, RFC 8314 §4.1",
			title:  "The server offers logins in the clear",
			advice: "Offer PLAIN and LOGIN inside TLS only.",
			seen:   offeredInClear,
		},
	}
}

// offered are the mechanisms of the capability list that counts.
func (v *view) offered() []string {
	if v.main == nil || v.main.Hello() == nil {
		return nil
	}
	return v.main.Hello().Capabilities.Mechanisms()
}

// retiredOnly looks inside TLS: before it healthy servers hold PLAIN back, and
// some list what hides the password all the same.
func retiredOnly(v *view) *match {
	offered := v.offered()
	if len(offered) == 0 || !v.main.Hello().Secure || slices.ContainsFunc(offered, func(m string) bool {
		return !slices.Contains([]string{"CRAM-MD5", "DIGEST-MD5", "NTLM"}, m)
	}) {
		return nil
	}
	return &match{
		explanation: fmt.Sprintf("It offers %s. They rest on MD5 or older, newer clients leave them out, and the server has to keep passwords in a form that serves a thief.", mechanismList(offered)),
		evidence:    v.at(probe.PhaseEHLO),
	}
}

// offeredInClear looks at what eavesdroppers could get. To a client on the
// same machine servers offer more, and rightly so.
func offeredInClear(v *view) *match {
	if v.main == nil || v.main.Address.Addr().IsLoopback() {
		return nil
	}
	var open smtp.Capabilities
	for _, h := range v.main.Hellos {
		if !h.Secure && h.Reply.Positive() {
			open = h.Capabilities
		}
	}
	plain := slices.DeleteFunc(open.Mechanisms(), func(m string) bool { return m != "PLAIN" && m != "LOGIN" })
	if len(plain) == 0 {
		return nil
	}
	return &match{
		explanation: fmt.Sprintf("The list before TLS holds %s: a client that goes on without TLS sends the password unprotected. Whether the server would take that was not tested.", strings.Join(plain, " and ")),
		evidence:    v.in(v.index, probe.PhaseEHLO),
		advice:      fmt.Sprintf("Offer %s inside TLS only.", strings.Join(plain, " and ")),
	}
}
