package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/provider"
	"smtptest/probe/smtp"
)

// knowledge is what is known of the provider whose reply ended the session.
type knowledge struct {
	provider provider.Provider
	signed   bool // known by the words of its reply alone, which anybody may use
	text     provider.Text
	found    bool // text says what the reply means
}

// knownReply asks what is known of the reply that ended the session.
func (s *session) knownReply() knowledge {
	if !s.failed(probe.KindReply) || s.failure.Reply == nil {
		return knowledge{}
	}
	return know(s.failure.Reply, s.replyTo(), s.host())
}

// know asks what the provider of the host, or else the one that signs the
// reply, means by it.
func know(r *smtp.Reply, to, host string) knowledge {
	var k knowledge
	var known bool
	if k.provider, known = provider.Of(host); !known {
		k.provider, known = provider.Signed(r.Text())
		k.signed = known
	}
	if known {
		k.text, k.found = k.provider.Means(provider.Stage(to), r)
	}
	return k
}

// hint is the finding that a provider's meaning leads to in this catalogue;
// empty: the general clues decide.
func (k knowledge) hint(to string) ID {
	if !k.found {
		return ""
	}
	hints := map[string]map[string]ID{
		"greeting": {"session.reputation": GreetingReputation, "session.throttled": GreetingThrottled},
		"AUTH": {
			"auth.blocked-sign-in": WebLogin, "auth.mechanism-refused": MechanismRefused, "auth.throttled": AuthThrottled,
			"session.throttled": AuthThrottled, "tls.required": EncryptionRequired, "account.blocked": AccountDisabled,
			"account.quota": AuthRefused, "auth.app-password": AppPassword, "auth.credentials-refused": CredentialsRefused,
			"auth.security-defaults": SecurityDefaults, "auth.conditional-access": ConditionalAccess, "auth.basic-auth-off": BasicAuthOff,
		},
	}
	envelope := map[string]ID{
		"tls.required": TLSRequired, "envelope.login-required": LoginRequired, "envelope.tls-required": TLSRequired,
		"envelope.sender-not-yours": SenderNotYours, "sender.spf": SenderSPF, "sender.dmarc": SenderDMARC, "sender.not-verified": SenderNotYours,
	}
	hints["MAIL"], hints["RCPT"] = envelope, envelope
	if id := hints[to][k.text.Finding]; id != "" {
		return id
	}
	anywhere := map[string]ID{"session.reputation": Reputation, "session.throttled": Throttled}
	return anywhere[k.text.Finding]
}

// explain adds to the finding about the reply that ended the session what
// the provider means by it: its own page knows better than the RFC. Of the
// credential it adds which one the provider takes.
func (s *session) explain(findings []Finding) {
	i := slices.IndexFunc(findings, func(f Finding) bool {
		return f.Severity == Error && s.failure != nil && s.phaseOf(f.Evidence) == s.failure.Phase
	})
	if i < 0 {
		return
	}
	f, k := &findings[i], s.known
	if k.found && f.ID != TokenRefused {
		f.Explanation += k.says()
		if k.text.Fix != "" {
			f.Advice, f.Fix = k.text.Fix, Fix{}
		}
		f.Reference, f.Owner = k.text.Reference(), first(Owner(k.text.Owner), f.Owner)
		if k.signed {
			f.Confidence = Likely
		}
	}
	if note, ok := k.provider.Note(provider.NotePassword); ok && f.ID == CredentialsRefused && !strings.Contains(f.Explanation, note.Says) {
		f.Explanation += " " + note.Says
	}
}

// says is the provider's meaning, marked as such.
func (k knowledge) says() string {
	if k.signed {
		return fmt.Sprintf(" The reply is signed as %s signs, where it means: %s", k.provider.Name, k.text.Means)
	}
	return fmt.Sprintf(" At %s this means: %s", k.provider.Name, k.text.Means)
}

// providerRules are about the provider of the host, whatever it answered.
func providerRules() []rule {
	return []rule{
		{
			id: WrongMode, owner: OwnerYou, confidence: Likely, reference: "RFC 8314 §3.3",
			title:  "The port or its security does not fit this provider",
			advice: "Use the port and security that the provider names.",
			suppresses: []ID{
				ConnectTimeout, ConnectRefused, GreetingTimeout, GreetingClosed, TLSExpected,
				PlaintextPort, STARTTLSNotOffered, STARTTLSRefused, LeftInClear,
			},
			match: wrongMode,
		},
		{
			id: WeakEnvelope, severity: Info, owner: OwnerProvider, confidence: Likely, reference: "RFC 5321 §3.3",
			title: "An accepted envelope says little at this provider",
			match: weakEnvelope,
		},
	}
}

// wrongMode explains a session that did not get as far as EHLO, or was to be
// upgraded and could not.
func wrongMode(s *session) *result {
	if !s.failed(probe.KindTimeout, probe.KindRefused, probe.KindReset, probe.KindClosed, probe.KindNotOffered, probe.KindNotTLS,
		probe.KindNotSMTP, probe.KindAlert, probe.KindTLS, probe.KindReply) {
		return nil
	}
	switch s.failure.Phase {
	case probe.PhaseConnect, probe.PhaseGreeting, probe.PhaseHandshake, probe.PhaseSTARTTLS:
	default:
		return nil
	}
	if s.failedAt(probe.PhaseGreeting, probe.KindReply) {
		return nil // it greeted, and said why not
	}
	advice, wrong := provider.ModeAdvice(s.host(), s.port(), string(s.report.Request.Security))
	if !wrong {
		return nil
	}
	res := s.because("The session ended at %s. %s", phaseWords(s.failure.Phase), advice)
	if p, ok := provider.Of(s.host()); ok {
		if h, ok := p.Host(s.host()); ok {
			res.reference = h.Reference()
		}
	}
	return res
}

func weakEnvelope(s *session) *result {
	if !s.accepted().mail {
		return nil
	}
	p, known := provider.Of(s.host())
	note, ok := p.Note(provider.NoteEnvelope)
	if !known || !ok {
		return nil
	}
	return &result{explanation: note.Says, evidence: s.evidenceAt(probe.PhaseEnvelope), reference: note.Reference()}
}
