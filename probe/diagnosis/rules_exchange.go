package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// untriedRules say why no login was sent.
func untriedRules() []rule {
	return []rule{
		{
			id: LoginUnprotected, reference: "RFC 4954 §4, RFC 8314 §3",
			title: "No login was sent: the connection is not protected",
			match: unprotected,
		},
		{
			id: AuthNotOffered, reference: "RFC 4954 §3",
			title:      "The server offers no login",
			suppresses: []ID{LoginLost},
			match:      authNotOffered,
		},
		{
			id: MechanismNotOffered, owner: OwnerYou, reference: "RFC 4954 §3",
			title:  "The server does not offer the mechanism that was asked for",
			advice: "Ask for one of those that it offers, or leave the choice to the test.",
			match: func(s *session) *result {
				if !s.noMechanism(sasl.ReasonNotOffered) {
					return nil
				}
				return s.because("It offers %s. Nothing was sent.", mechanismList(s.auth().Offered))
			},
		},
		{
			id: MechanismUnusable, owner: OwnerYou, reference: "RFC 4422 §3.2",
			title: "None of the mechanisms fits this login",
			match: mechanismUnusable,
		},
		{
			id: LoginUnsendable, owner: OwnerYou, reference: "RFC 4616 §2, RFC 6750 §2.1",
			title:  "The user name, password or token cannot be sent",
			advice: "Enter it again by hand; what is copied often brings a blank or a line end along.",
			match: func(s *session) *result {
				if !s.failedAt(probe.PhaseAuth, probe.KindUnsendable) {
					return nil
				}
				return s.because("%s. Nothing was sent.", s.failure.Detail)
			},
		},
	}
}

// unprotected names what is missing, and whose it is.
func unprotected(s *session) *result {
	if !s.failedAt(probe.PhaseAuth, probe.KindUnprotected) {
		return nil
	}
	res := s.because("A password goes only over TLS 1.2 or better with a certificate that verifies. ")
	switch t := s.tls(); {
	case !t.Complete && s.report.Request.Security == probe.SecurityNone:
		res.owner, res.explanation = OwnerYou, res.explanation+"This session was asked to stay in the clear."
		res.advice = "Test with STARTTLS, or with implicit TLS on port 465."
		res.fix = Fix{Security: probe.SecuritySTARTTLS}
	case !t.Complete:
		res.explanation += "This session stayed in the clear, for the server did not offer TLS."
		res.advice = "Configure TLS on the server; then log in."
		if s.worthTrying(465) {
			res.advice = "Use a port with TLS, mostly 465; then log in."
		}
	case t.Version < "TLS 1.2":
		res.explanation += "This session has " + t.Version + "."
		res.advice = "Switch TLS 1.2 or better on at the server."
	default:
		res.explanation += "This session is inside TLS, but the certificate does not verify: " +
			"whoever sits in between could read the password."
		res.advice, res.fix = "Repair the certificate first.", Fix{TrustRoots: true}
	}
	res.explanation += " Neither user name nor password left this machine."
	return res
}

// noMechanism reports a login that ended because nothing could be chosen.
func (s *session) noMechanism(reasons ...sasl.Reason) bool {
	return s.failedAt(probe.PhaseAuth, probe.KindNotOffered) && slices.Contains(reasons, s.auth().Reason)
}

func authNotOffered(s *session) *result {
	if s.classification == AuthNotOffered {
		res := s.replied(answered + " The mechanism stands in its list: what lists it and what should check " +
			"the password do not agree.")
		res.title = "The server lists a login and has none"
		res.advice = "Switch logins on in the server, or look for the front end that lists what the " +
			"server behind it does not do."
		return res
	}
	if !s.noMechanism(sasl.ReasonNoneOffered) {
		return nil
	}
	res := s.because("The capability list that counts holds no AUTH, so nothing was sent.")
	res.advice = "Switch logins on for this port, and look whether the server offers them to this address."
	switch {
	case s.main.Hello().Verb == "HELO":
		res.explanation += " The server took HELO only, which brings no extensions."
	case !s.submission():
		res.owner = OwnerYou
		res.explanation += " On port 25 that is usual: it takes mail from other servers."
		res.advice = "Log in on a submission port: 587 with STARTTLS or 465 with implicit TLS."
	case s.main.STARTTLS != nil && s.main.Hellos[0].Capabilities.Has("AUTH"):
		res.explanation += " Before TLS the list held AUTH: the server offers a login only where it is not protected."
		res.advice = "Make the server offer AUTH inside TLS, and there only."
	}
	return res
}

func mechanismUnusable(s *session) *result {
	if !s.noMechanism(sasl.ReasonNoneUsable, sasl.ReasonNotSpoken, sasl.ReasonNotFitting, sasl.ReasonNoCredential) {
		return nil
	}
	offered := mechanismList(s.auth().Offered)
	switch s.auth().Reason {
	case sasl.ReasonNotSpoken:
		res := s.because("The mechanism that was asked for is not spoken by this test. "+
			"The server offers %s. Nothing was sent.", offered)
		res.title = "The mechanism that was asked for is not spoken here"
		res.advice = "Ask for another one, or leave the choice to the test."
		return res
	case sasl.ReasonNotFitting:
		res := s.because("The mechanism that was asked for takes a token where a password was given, " +
			"or the other way round. Nothing was sent.")
		res.advice = "Give a token for XOAUTH2 and OAUTHBEARER, a password for the others."
		return res
	case sasl.ReasonNoCredential:
		res := s.because("Neither a password nor a token was given. Nothing was sent.")
		res.title, res.advice = "There is nothing to log in with", "Give a password or a token."
		return res
	}
	if passwordOnly(s.auth().Offered) { // a password would have fitted one of them
		res := s.because("A token was given, and the server offers only password logins: %s. Nothing was sent.",
			offered)
		res.advice = "Give the password, or use a port or server that takes tokens (XOAUTH2, OAUTHBEARER)."
		return res
	}
	res := s.because("The server offers %s: none of them is spoken by this test and takes what was given, "+
		"a password or a token. Nothing was sent.", offered)
	res.advice = "Give what the server's mechanisms take: a token for XOAUTH2 and OAUTHBEARER, " +
		"a password for PLAIN and LOGIN."
	return res
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

// exchangeRules judge what went wrong between AUTH and the final reply,
// and what went right in an odd way.
func exchangeRules() []rule {
	return []rule{
		{
			id: ServerUnproven, reference: "RFC 5802 §3, §5",
			title:  "The server has not proved that it knows the password",
			advice: "Do not use this password here until it is known what answers in the server's place.",
			match:  serverUnproven,
		},
		{
			id: BrokenExchange, reference: "RFC 4954 §4",
			title:      "The server breaks the rules of the login",
			advice:     "Update the server or what checks its passwords; until then ask for another mechanism.",
			suppresses: []ID{CredentialsRefused, AuthRefused, MechanismRefused},
			match:      brokenExchange,
		},
		{
			id: OddExchange, severity: Warning, reference: "RFC 4954 §4, §6",
			title:  "The login works, but not as RFC 4954 prescribes",
			advice: "Update the server or the proxy in front of it; strict clients stop here.",
			match:  oddExchange,
		},
	}
}

// serverUnproven is an error when the proof was wrong. A login that was
// accepted without any proof works with lenient clients.
func serverUnproven(s *session) *result {
	a := s.auth()
	switch {
	case a.Evidence.Problem == sasl.ProblemProof:
		return s.because("With %s both sides prove that they know the password. "+
			"The server's proof is wrong, so the login was canceled: it holds another password for this user, "+
			"or it is not the server that it claims to be. The password itself was not sent.", a.Mechanism)
	case a.Accepted && a.Evidence.Proof == sasl.ProofMissing:
		return &result{
			explanation: fmt.Sprintf("With %s both sides prove that they know the password. "+
				"The server accepted the login with %s and gave no proof; strict clients refuse that. "+
				"The password itself was not sent.", a.Mechanism, quote(a.Reply)),
			evidence: s.replyEvidence(s.evidenceAt(probe.PhaseAuth), a.Reply),
			severity: Warning,
		}
	}
	return nil
}

func brokenExchange(s *session) *result {
	switch p := s.auth().Evidence.Problem; p {
	case "":
		return undecoded(s)
	case sasl.ProblemProof, sasl.ProblemResponse:
		return nil
	case sasl.ProblemIterations:
		return s.because("It asks for %d rounds of SCRAM's hash; this test computes at most 1000000, "+
			"which is far more than is in use. The login was canceled.", s.auth().Evidence.Iterations)
	default:
		return s.because("In the login with %s %s, so it was canceled.", s.auth().Mechanism, p.Words())
	}
}

// undecoded recognises a server that does not encode its prompts and refuses
// what was answered: it may not decode either.
func undecoded(s *session) *result {
	if !s.auth().Evidence.Unencoded || s.auth().Accepted || !s.failed(probe.KindReply) ||
		!slices.Contains([]ID{CredentialsRefused, AuthRefused, MechanismRefused}, s.classification) {
		return nil
	}
	res := s.replied("A prompt came in plain words, though challenges have to be base64. " + answered +
		" A server that does not encode its prompts may not decode the answers: the password may be right.")
	res.confidence = Likely
	return res
}

func oddExchange(s *session) *result {
	a := s.auth()
	if !a.Accepted {
		return nil
	}
	var odd []string
	if a.Reply.Code != 235 {
		odd = append(odd, fmt.Sprintf("The server accepted it with %s; the code for that is 235, "+
			"and some clients take nothing else.", quote(a.Reply)))
	}
	if a.Evidence.Unencoded {
		odd = append(odd, "A prompt came in plain words, though challenges have to be base64.")
	}
	if len(odd) == 0 {
		return nil
	}
	return &result{
		explanation: strings.Join(odd, " "),
		evidence:    s.replyEvidence(s.evidenceAt(probe.PhaseAuth), a.Reply),
	}
}

// offerRules judge what a server offers, whether or not a login was tried.
func offerRules() []rule {
	return []rule{
		{
			id: RetiredOnly, severity: Warning, reference: "RFC 6331, RFC 8314 §3",
			title:  "The server offers retired mechanisms only",
			advice: "Offer PLAIN inside TLS, and SCRAM-SHA-256 where the password store allows it.",
			match:  retiredOnly,
		},
		{
			id: WindowsOnly, severity: Warning, reference: "RFC 4954 §3, RFC 4752",
			title: "The server offers logins of a Windows domain only (NTLM, Kerberos)",
			advice: "Offer PLAIN or LOGIN inside TLS (Exchange: Basic authentication after TLS on the receive " +
				"connector), or use a client that speaks what it offers.",
			match: windowsOnly,
		},
		{
			id: AnonymousOffered, severity: Warning, reference: "RFC 4505 §4",
			title:  "The server offers a login without a password",
			advice: "Take ANONYMOUS out of the list, unless strangers are meant to get in; it was not tried.",
			match: func(s *session) *result {
				if !slices.Contains(s.offered(), "ANONYMOUS") {
					return nil
				}
				return &result{
					explanation: "ANONYMOUS is among the mechanisms: whoever comes is logged in. " +
						"What it allows was not tested.",
					evidence: s.evidenceAt(probe.PhaseEHLO),
				}
			},
		},
		{
			id: OfferedInClear, severity: Warning, reference: "RFC 4954 §4, RFC 8314 §4.1",
			title:  "The server offers logins in the clear",
			advice: "Offer PLAIN and LOGIN inside TLS only.",
			match:  offeredInClear,
		},
	}
}

// offered are the mechanisms of the capability list that counts.
func (s *session) offered() []string {
	if s.hello() == nil {
		return nil
	}
	return s.hello().Capabilities.Mechanisms()
}

// windowsOnly recognises the offer of an Exchange connector that is meant for
// other servers and for members of its domain.
func windowsOnly(s *session) *result {
	offered := s.offered()
	if len(offered) == 0 || !s.secured() && s.hello().Capabilities.Has("STARTTLS") ||
		slices.ContainsFunc(offered, func(m string) bool {
			return !slices.Contains([]string{"NTLM", "GSSAPI", "GSS-SPNEGO", "KERBEROS_V4"}, m)
		}) {
		return nil
	}
	return &result{
		explanation: fmt.Sprintf("It offers %s: logins of a Windows or Kerberos domain, which clients with a user name "+
			"and a password mostly do not speak.", mechanismList(offered)),
		evidence: s.evidenceAt(probe.PhaseEHLO),
	}
}

// retiredOnly looks inside TLS: before it healthy servers hold PLAIN back, and
// some list what hides the password all the same.
func retiredOnly(s *session) *result {
	offered := s.offered()
	current := func(m string) bool { return !slices.Contains([]string{"CRAM-MD5", "DIGEST-MD5", "NTLM"}, m) }
	if len(offered) == 0 || !s.main.Hello().Secure || windowsOnly(s) != nil || slices.ContainsFunc(offered, current) {
		return nil
	}
	return &result{
		explanation: fmt.Sprintf("It offers %s. They rest on MD5 or older, newer clients leave them out, "+
			"and the server has to keep passwords in a form that serves a thief.", mechanismList(offered)),
		evidence: s.evidenceAt(probe.PhaseEHLO),
	}
}

// offeredInClear looks at what eavesdroppers could get. To a client that comes
// from its own address a server may offer more, as Dovecot does: it never left
// the machine.
func offeredInClear(s *session) *result {
	if s.main == nil || s.main.Address.Addr() == s.main.Source.Addr() {
		return nil
	}
	var open smtp.Capabilities
	for _, h := range s.main.Hellos {
		if !h.Secure && h.Reply.Positive() {
			open = h.Capabilities
		}
	}
	plain := slices.DeleteFunc(open.Mechanisms(), func(m string) bool { return m != "PLAIN" && m != "LOGIN" })
	if len(plain) == 0 {
		return nil
	}
	return &result{
		explanation: fmt.Sprintf("The list before TLS holds %s: a client that goes on without TLS sends the password "+
			"unprotected. Whether the server would take that was not tested.", strings.Join(plain, " and ")),
		evidence: s.evidenceIn(s.index, probe.PhaseEHLO),
		advice:   fmt.Sprintf("Offer %s inside TLS only.", strings.Join(plain, " and ")),
	}
}
