package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/provider"
	"smtptest/probe/replies"
)

// addProviderMeaning adds to the finding about the reply that ended the session what
// the provider means by it: its own page knows better than the RFC. Of the
// credential it adds which one the provider takes.
func (s *session) addProviderMeaning(findings []Finding) {
	i := slices.IndexFunc(findings, func(f Finding) bool {
		return f.Severity == Error && s.failure != nil && s.phaseOf(f.Evidence) == s.failure.Phase
	})
	if i < 0 {
		return
	}
	f, k := &findings[i], s.reading
	if k.Layer == replies.LayerConcept && f.Confidence == Certain {
		f.Confidence = Likely // its words were not known, only what they are about
	}
	if k.Found && f.ID != TokenRefused {
		f.Explanation += says(k)
		if k.Text.Fix != "" {
			f.Advice, f.Fix = k.Text.Fix, Fix{}
		}
		f.Reference, f.Owner = k.Text.Reference(), first(Owner(k.Text.Owner), f.Owner)
		if k.Signed {
			f.Confidence = Likely
		}
	}
	note, ok := k.Provider.Note(provider.NotePassword)
	if ok && f.ID == CredentialsRefused && !strings.Contains(f.Explanation, note.Says) {
		f.Explanation += " " + note.Says
	}
}

// says is the provider's meaning, marked as such.
func says(k provider.Reading) string {
	if k.Signed {
		return fmt.Sprintf(" The reply looks like one of %s's; there it means: %s", k.Provider.Name, k.Text.Means)
	}
	return fmt.Sprintf(" At %s this means: %s", k.Provider.Name, k.Text.Means)
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
		{
			id: PasswordEnds, severity: Warning, owner: OwnerYou, confidence: Likely, reference: "RFC 4954 §4",
			title: "Password logins will end here",
			match: passwordEnds,
		},
	}
}

// Foresee is what can be said against a request before anything is dialled: one
// sentence where the provider of the host is known to take no sessions on that
// port, or not with that security; empty otherwise.
func Foresee(r probe.Request) string {
	advice, _ := provider.ModeAdvice(r.Target.Host, r.Target.Port, string(r.Security))
	return advice
}

// wrongMode explains a session that did not get as far as EHLO, or was to be
// upgraded and could not.
func wrongMode(s *session) *result {
	if !s.failed(probe.KindTimeout, probe.KindRefused, probe.KindReset, probe.KindClosed, probe.KindNotOffered,
		probe.KindNotTLS, probe.KindNotSMTP, probe.KindAlert, probe.KindTLS, probe.KindReply) {
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
	advice := Foresee(s.report.Request)
	if advice == "" {
		return nil
	}
	res := s.because("The session ended at %s. %s", s.failure.Phase.Words(), advice)
	if p, ok := provider.Of(s.host()); ok {
		if h, ok := p.Host(s.host()); ok {
			res.reference = h.Reference()
		}
	}
	return res
}

// endsWithin is how long before its day an ending is worth a warning.
const endsWithin = 365 // days

// passwordEnds says before its day that logins by password end at this host.
// Whoever logs in with a token has no need of it.
func passwordEnds(s *session) *result {
	e, ok := provider.Ends(s.host(), provider.EndingPassword)
	if !ok || s.hello() == nil || s.auth().Accepted && tokenMechanism(s.auth().Mechanism) {
		return nil
	}
	offered := slices.DeleteFunc(s.hello().Capabilities.Mechanisms(), tokenMechanism)
	days := int(e.On.Sub(s.report.Started.Truncate(24*time.Hour)) / (24 * time.Hour))
	if len(offered) == 0 || days < 0 || days > endsWithin {
		return nil
	}
	return &result{
		title: "Password logins end here " + inDays(days) + ", by default",
		explanation: fmt.Sprintf("%s offers logins by password (%s). %s", s.host(), strings.Join(offered, ", "),
			e.Says),
		advice: e.Fix, reference: e.Reference(), evidence: s.evidenceAt(probe.PhaseEHLO),
	}
}

// tokenMechanism reports a mechanism that carries a token, no password.
func tokenMechanism(name string) bool {
	name = strings.ToUpper(name)
	return name == "XOAUTH2" || name == "OAUTHBEARER" || name == "XOAUTH" || name == "PLAIN-CLIENTTOKEN"
}

func inDays(n int) string {
	switch n {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	}
	return fmt.Sprintf("in %d days", n)
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
