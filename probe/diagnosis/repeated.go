package diagnosis

import "smtptest/probe"

// repetition says what became of a difference between a variant and the main
// session when both were repeated.
type repetition string

// The answers.
const (
	notRepeated  repetition = ""             // there was no difference, or it was not repeated
	repeatedSame repetition = "same"         // the variant did better again, and the main session's form failed again
	repeatedElse repetition = "intermittent" // one of them ended otherwise than before: it is not the difference
)

// repeated says what repeating the variant that did better brought.
func (s *session) repeated() repetition {
	r, main := s.report, s.report.Main()
	better := r.Better()
	if better == nil {
		return notRepeated
	}
	for i := range r.Sessions {
		other := &r.Sessions[i]
		if other.Variant == better.Variant && other != better && !other.DidBetter(main) &&
			!undecided(main, other) {
			return repeatedElse
		}
	}
	again := r.FollowUp(probe.VariantAgain)
	switch {
	case again != nil && again.DidBetter(main):
		return repeatedElse
	case again == nil, undecided(main, again):
		return notRepeated
	}
	return repeatedSame
}

// undecided reports a session that did not come to the point in question: it
// ended for reasons of this run, or somewhere else.
func undecided(main, s *probe.Session) bool {
	switch {
	case main.Failure == nil:
		return s.TLS == nil || len(s.TLS.Chain) == 0
	case s.Failure == nil:
		return false
	}
	return s.Failure.Kind == probe.KindCanceled || s.Failure.Kind == probe.KindRunTimeout ||
		s.Failure.Phase != main.Failure.Phase
}
