package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
)

// settleWithin is what one event may wait for the processes that share limits
// and rows. It begins when the event is acknowledged, which waits for nobody.
const settleWithin = 150 * time.Millisecond

// settle asks the processes that share limits and rows whether this test is
// still to be run here: whether its event, its form and its button were taken
// by no other one, and whether it is within the limits of all. A refusal is for
// the person; without one another process answers.
func (j *Job) settle(ctx context.Context) (refusal *Answer, ok bool) {
	limited, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	if len(j.once) > 0 {
		s := j.handler.Store.Settle(limited, j.once)
		switch {
		case s.Lost != nil:
			return j.lost(s.Lost.Kind), false
		case s.Apart && j.asked.logsIn():
			return j.refusedApart(), false
		}
	}
	over := j.handler.Limiter.Confirm(limited, append(slices.Clone(j.receipt), j.place))
	if over == nil {
		return nil, true
	}
	j.receipt = nil
	return j.beyond(over), false
}

// lost says that somebody was faster; nil: at this very event, which needs no
// second answer.
func (j *Job) lost(kind results.MarkKind) *Answer {
	id := formatting.FormGone
	switch kind {
	case results.MarkEvent:
		return nil
	case results.MarkPress:
		id = formatting.RunTwice
	}
	return j.observed(refuse(j.kind(), id))
}

func (j *Job) refusedApart() *Answer { return j.observed(refuse(j.kind(), formatting.FaultApart)) }

// beyond says which limit was reached.
func (j *Job) beyond(over *results.Refusal) *Answer {
	switch {
	case over.Apart:
		return j.refusedApart()
	case over.Claim.Scope == results.PersonAtOnce:
		return j.observed(refuseFull(j.kind(), results.PersonAtOnce, j.handler.Limiter.Limits()))
	}
	c := j.asked.command
	return j.observed(refuseOver(j.kind(), over, cmp.Or(c.Request.Target, probe.Target{Host: c.Domain.Domain})))
}

func (j *Job) observed(a Answer, rec Record) *Answer {
	j.handler.observe(j.inv, rec)
	return &a
}

// Abandon says, before Do, that another process has answered the event. All
// that the test was counted for is given back, and Do does nothing.
func (j *Job) Abandon() { j.abandoned = true }

// withdraw gives back what was taken for a test that is not run.
func (j *Job) withdraw() {
	l := j.handler.Limiter
	l.Leave(j.place)
	l.Refund(j.receipt)
	for _, m := range j.once {
		if m.Kind == results.MarkPress {
			j.handler.Store.Forget(m)
		}
	}
	j.end()
}

// begin settles the test and lets others hear of it; false: it is not run.
func (j *Job) begin(ctx context.Context, show func(Update)) bool {
	if j.abandoned {
		j.withdraw()
		return false
	}
	refusal, ok := j.settle(ctx)
	if !ok {
		j.withdraw()
		if refusal != nil {
			show(Update{StageDenied, refusal.Message})
		}
		return false
	}
	j.change(func() { j.running.Settled = true })
	return true
}

// Left is what a killed process leaves behind.
type Left = results.Left

// Orphaned is said in the place of a test whose process was killed.
func (h *Handler) Orphaned(r results.Running) formatting.Message {
	m := formatting.Refusal(formatting.FaultStopped)
	m.Target = r.Left.About
	if r.Left.Request != "" {
		label := formatting.Say(formatting.LabelAgain).What
		m.Actions = []formatting.Action{{
			Verb: pressAgain, Run: r.ID, Request: r.Left.Request, Label: label, Accessible: label + ": " + r.Left.About,
		}}
	}
	return m
}

// claim takes claims while a test runs, with all processes that share the
// limits.
func (j *Job) claim(claims ...results.Claim) (results.Receipt, *results.Refusal) {
	l := j.handler.Limiter
	receipt, over := l.Take(claims...)
	if over != nil {
		return nil, over
	}
	limited, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	if over := l.Confirm(limited, receipt); over != nil {
		return nil, over
	}
	return receipt, nil
}

// ours asks, for an answer that is not given in the acknowledgement, whether no
// other process has answered the event; nil: there is nobody to ask.
func (h *Handler) ours(event results.Mark) func(context.Context) bool {
	if _, shared := h.Store.(results.Sharer); !shared {
		return nil
	}
	return func(ctx context.Context) bool {
		limited, cancel := context.WithTimeout(ctx, settleWithin)
		defer cancel()
		return h.Store.Settle(limited, []results.Mark{event}).Lost == nil
	}
}

// unsure reports a refusal that another process might not give: it may have what
// is unknown here, or have counted less: what others have answered is counted here
// until that is heard.
func (h *Handler) unsure(id formatting.TextID) bool {
	_, shared := h.Store.(results.Sharer)
	limited := strings.HasPrefix(string(id), "limit.") && id != formatting.LimitAnswers
	return shared && (limited || slices.Contains([]formatting.TextID{
		formatting.RunGone, formatting.RunOld, formatting.RunApart, formatting.FormGone,
	}, id))
}

// absent is what is said of something that is unknown here, and may be known to
// another process that cannot be asked.
func (h *Handler) absent(id formatting.TextID) formatting.TextID {
	s, shared := h.Store.(results.Sharer)
	if shared && s.Apart() && (id == formatting.RunGone || id == formatting.FormGone || id == formatting.RunOld) {
		return formatting.RunApart
	}
	return id
}
