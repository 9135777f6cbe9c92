package diagnosis

import (
	"slices"
	"testing"

	"smtptest/probe"
	words "smtptest/probe/explain" // a function here has its name
	"smtptest/probe/provider"
	"smtptest/probe/replies"
	"smtptest/probe/smtp"
)

// CheckAgreement is for TestCases, which runs all cases: the same reply in the
// same place means the same to a diagnosis and to explain, for every reply that
// ends a session or is kept of one. Pasted without its place its words must
// mean nothing else to a reader. It counts the replies.
func CheckAgreement(t *testing.T, name string, report *probe.Report) int {
	t.Helper()
	s := newSession(report)
	if r := s.failedReply(); r != nil {
		agree(t, name, s.replyTo(), r, s.reading.Answer)
	}
	n := 0
	for i := range report.Sessions {
		for at, r := range keptReplies(&report.Sessions[i]) {
			if r != nil && !r.Positive() {
				n++
				agree(t, name, at, r, provider.Classify(s.host(), at, r).Answer)
			}
		}
	}
	return n
}

func (s *session) failedReply() *smtp.Reply {
	if s.failed(probe.KindReply) {
		return s.failure.Reply
	}
	return nil
}

// keptReplies are the replies of a session that the report keeps whole.
func keptReplies(s *probe.Session) map[replies.Place]*smtp.Reply {
	out := map[replies.Place]*smtp.Reply{}
	if s.Auth != nil {
		out[replies.AUTH] = s.Auth.Reply
	}
	if s.Envelope != nil {
		out[replies.MAIL], out[replies.RCPT] = s.Envelope.Mail, s.Envelope.Rcpt
	}
	if s.Failure != nil && s.Failure.Kind == probe.KindReply {
		switch s.Failure.Phase {
		case probe.PhaseGreeting:
			out[replies.Greeting] = s.Failure.Reply
		case probe.PhaseEHLO:
			out[replies.EHLO] = s.Failure.Reply
		case probe.PhaseSTARTTLS:
			out[replies.STARTTLS] = s.Failure.Reply
		}
	}
	return out
}

func agree(t *testing.T, name string, at replies.Place, r *smtp.Reply, want replies.Answer) {
	t.Helper()
	if len(r.Deviations) > 0 {
		return // not a reply that somebody could paste as it was
	}
	e := words.At(at, r.String())
	if e.Meaning != want {
		t.Errorf("%s, %s: %q\nmeans %s to diagnosis and %s to explain", name, at, r, want, e.Meaning)
	}
	said := slices.ContainsFunc(e.Items, func(i words.Item) bool { return alike(i.ID, want.ID) })
	if want.Layer == replies.LayerText && !said {
		t.Errorf("%s, %s: %q\nmeans %s, which explain does not say: %s", name, at, r, want, e.Items)
	}
	free := words.Of(r.String()).Meaning
	if want.Layer == replies.LayerText && !alike(free.ID.At(at), want.ID) {
		t.Errorf("%s, %s: %q\nmeans %s, and %s when it is pasted", name, at, r, want, free)
	}
}

// alike reports ids that mean the same to a reader.
func alike(a, b ID) bool {
	m, ok := replies.Of(b)
	return a == b || ok && slices.Contains(m.IDs, a)
}
