package tlsscan

import (
	"context"

	"smtptest/probe"
)

// doubt is a task whose connection was closed without an answer. That may mean
// its hello, or that the server wants no more connections.
type doubt struct {
	*task
	outcome
	began int // connections, when this one was over
}

// settle hands over what came of a task. A doubt waits for a connection that
// began later and was answered.
func (s *scan) settle(t *task, o outcome) {
	if o.refused() && o.failure.Kind != probe.KindAlert && s.taken != nil && t.asks != AskAgain {
		s.doubts = append(s.doubts, doubt{t, o, s.made})
		return
	}
	if o.agreed() || o.failure.Kind == probe.KindAlert {
		for len(s.doubts) > 0 && s.doubts[0].began < t.number { // they are in order
			d := s.doubts[0]
			s.doubts = s.doubts[1:]
			d.then(d.outcome)
		}
	}
	t.then(o)
}

// resolve asks what was taken before, when nothing else is left to ask.
func (s *scan) resolve() {
	if len(s.doubts) > 0 && len(s.queue) == 0 && s.running == 0 {
		s.push(&task{asks: AskAgain, hello: *s.taken, then: s.again})
	}
}

// again: what was taken before is not taken any more.
func (s *scan) again(o outcome) {
	if !o.agreed() {
		s.stop(StopRefused, s.doubts[0].failure)
	}
}

// unanswered notes that there are questions without an answer: no hello of theirs
// ended the scan, but nothing is known of what they asked.
func (s *scan) unanswered(ctx context.Context) {
	if ctx.Err() != nil {
		s.stop(StopTime, nil)
	}
	for _, c := range s.report.Connections {
		if c.Failure != nil && c.Failure.Kind == probe.KindTimeout && c.Failure.Phase == probe.PhaseHandshake {
			s.stop(StopSilent, c.Failure)
		}
	}
}
