package probe

import (
	"context"
	"net/netip"
	"slices"

	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// maxExchangeRounds bounds the replies of one login: sasl cancels before.
const maxExchangeRounds = 12

// login carries one AUTH exchange out (RFC 4954 §4). It is tried once: after
// a refusal nothing else is tried, because accounts get locked.
func (d *dialogue) login(ctx context.Context) (Outcome, *Failure) {
	l := d.plan.login
	a := &Auth{Form: l.Form}
	d.facts.Auth = a
	a.Offered = d.facts.Hello().Capabilities.Mechanisms()
	if !d.protected() {
		return Failed, &Failure{Kind: KindUnprotected}
	}
	if a.Mechanism, a.Reason = sasl.Choose(a.Offered, l.Credential, l.Mechanism); a.Mechanism == "" {
		return Failed, &Failure{Kind: KindNotOffered}
	}
	exchange, err := sasl.New(a.Mechanism, l.Credential)
	if err != nil {
		return Failed, &Failure{Kind: KindUnsendable, Detail: err.Error()}
	}
	// From here on the server may send the secret back.
	if l.Private {
		exchange.KeepPrivate()
	}
	d.smtp.Hide(exchange)
	d.exchange, d.asked = exchange, len(d.log.entries)
	failure := d.authenticate(ctx, exchange)
	a.Evidence = exchange.Evidence()
	if failure != nil {
		return Failed, failure
	}
	a.Accepted = true
	return Passed, nil
}

// protected reports whether a login may go over this connection: it is protected,
// unless the operator asks for less at this address.
func (d *dialogue) protected() bool {
	lenient := slices.ContainsFunc(d.run.local.LenientLogins, func(p netip.Prefix) bool {
		return p.Contains(d.facts.Address.Addr())
	})
	return lenient || d.facts.TLS.Protects()
}

// hush leaves codes alone of all that the server has said since the login began,
// where it has spread the secret over several lines: when the rest came, the first
// octets were noted already.
func (d *dialogue) hush() {
	if d.exchange == nil || !d.exchange.Spread() {
		return
	}
	entries := d.log.entries[d.asked:]
	for i := range entries {
		if entries[i].Side == SideServer {
			entries[i].Text = smtp.CodesOf(entries[i].Text)
		}
	}
	s := d.facts
	s.Auth.Evidence = d.exchange.Evidence()
	replies := []*smtp.Reply{s.Auth.Reply, s.Quit}
	if s.Envelope != nil {
		replies = append(replies, s.Envelope.Mail, s.Envelope.Rcpt, s.Envelope.Rset)
	}
	if f := s.Failure; f != nil {
		replies, f.Octets = append(replies, f.Reply), ""
	}
	for _, r := range replies {
		if r != nil {
			r.OnlyCodes()
		}
	}
}

// authenticate answers challenges until the server has decided.
func (d *dialogue) authenticate(ctx context.Context, exchange *sasl.Exchange) *Failure {
	line := exchange.Start()
	var canceled error
	for range maxExchangeRounds {
		d.within(ctx, replyLimit)
		if err := d.smtp.SendSecret(line.Reveal(), line.Shown); err != nil {
			return d.unsent(ctx, err)
		}
		d.facts.Auth.Sent = true
		reply, failure := d.await(ctx, replyLimit)
		d.facts.Auth.Reply = reply
		switch {
		case failure != nil:
			return failure
		case canceled != nil:
			return &Failure{Kind: KindProtocol, Reply: reply, Detail: canceled.Error()}
		case reply.Positive():
			return nil
		case reply.Code != 334:
			return &Failure{Kind: KindReply, Reply: reply}
		}
		line, canceled = exchange.Next(reply.Lines[len(reply.Lines)-1].Text)
	}
	return &Failure{Kind: KindProtocol, Detail: "the login does not come to its end"}
}
