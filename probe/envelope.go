package probe

import (
	"cmp"
	"context"

	"smtptest/probe/smtp"
)

// envelope names a sender and a recipient and takes them back: MAIL, RCPT,
// RSET (RFC 5321 §3.3, §4.1.1.5). No message follows.
func (d *dialogue) envelope(ctx context.Context) (Outcome, *Failure) {
	mail, rcpt, ok := d.envelopeCommands()
	if !ok {
		return Failed, &Failure{Kind: KindNotOffered}
	}
	d.facts.Envelope = &EnvelopeResult{}
	failure := d.facts.Envelope.cutShort(d.transact(ctx, d.facts.Envelope, mail, rcpt))
	if failure == nil {
		failure = refusal(d.facts.Envelope.Mail, d.facts.Envelope.Rcpt)
	}
	if failure != nil {
		return Failed, failure
	}
	return Passed, nil
}

// envelopeCommands words the two commands. ok is false when an address needs
// SMTPUTF8 and the server does not offer it (RFC 6531 §3.1).
func (d *dialogue) envelopeCommands() (mail, rcpt string, ok bool) {
	e := d.plan.envelope
	mail = "MAIL FROM:<" + e.From.String() + ">"
	international := !e.From.ASCII()
	if e.To != nil {
		rcpt = "RCPT TO:<" + e.To.String() + ">"
		international = international || !e.To.ASCII()
	}
	if !international {
		return mail, rcpt, true
	}
	return mail + " SMTPUTF8", rcpt, d.facts.Hello().Capabilities.Has("SMTPUTF8")
}

// clearMail asks before STARTTLS whether mail would be taken without it. The
// null reverse-path is nobody's address, and RSET takes it back (RFC 5321
// §4.1.1.5). A refusal is as good an answer as 250: the session goes on.
func (d *dialogue) clearMail(ctx context.Context) (Outcome, *Failure) {
	d.facts.ClearMail = &EnvelopeResult{}
	if failure := d.transact(ctx, d.facts.ClearMail, "MAIL FROM:<>", ""); failure != nil {
		return Failed, failure
	}
	return Passed, nil
}

// endedByClearMail reports a session that may have ended because of that
// question: Courier takes no STARTTLS any more once there was a MAIL. Without
// it the rest can be tested.
func (d *dialogue) endedByClearMail() bool {
	f := d.facts.Failure
	return f != nil && d.facts.ClearMail != nil && (f.Phase == PhaseClearMail || f.Phase == PhaseSTARTTLS)
}

// transact sends the commands, in one flight where the server takes that
// (RFC 2920 §3.1), and keeps the replies.
func (d *dialogue) transact(ctx context.Context, result *EnvelopeResult, mail, rcpt string) *Failure {
	commands, replies := []string{mail}, []**smtp.Reply{&result.Mail}
	if rcpt != "" {
		commands, replies = append(commands, rcpt), append(replies, &result.Rcpt)
	}
	commands, replies = append(commands, "RSET"), append(replies, &result.Rset)
	result.Pipelined = d.facts.Hello().Capabilities.Has("PIPELINING")
	if !result.Pipelined {
		return d.oneByOne(ctx, commands, replies)
	}
	d.within(ctx, replyLimit)
	if err := d.smtp.Send(commands...); err != nil {
		return d.unsent(ctx, err)
	}
	for _, reply := range replies {
		var failure *Failure
		if *reply, failure = d.await(ctx, replyLimit); failure != nil {
			return failure
		}
		if (*reply).Code == 421 {
			return &Failure{Kind: KindReply, Reply: *reply}
		}
	}
	return nil
}

// cutShort says how a flight ended that was not answered to its end. A
// server that refuses the first command and hangs up has said why.
func (e *EnvelopeResult) cutShort(f *Failure) *Failure {
	if f == nil || f.Kind != KindClosed && f.Kind != KindReset {
		return f
	}
	return cmp.Or(refusal(e.Mail, e.Rcpt), f)
}

// oneByOne waits for each reply and stops at the first refusal.
func (d *dialogue) oneByOne(ctx context.Context, commands []string, replies []**smtp.Reply) *Failure {
	for i, command := range commands {
		var failure *Failure
		if *replies[i], failure = d.ask(ctx, command); failure != nil {
			return failure
		}
		if (*replies[i]).Code == 421 {
			return &Failure{Kind: KindReply, Reply: *replies[i]}
		}
		if !(*replies[i]).Positive() {
			return nil
		}
	}
	return nil
}

// refusal is the first of the replies that says no.
func refusal(replies ...*smtp.Reply) *Failure {
	for _, r := range replies {
		if r != nil && !r.Positive() {
			return &Failure{Kind: KindReply, Reply: r}
		}
	}
	return nil
}
