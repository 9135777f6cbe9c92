package probe

import (
	"cmp"
	"context"
	"net/netip"

	"smtptest/probe/smtp"
)

// hello says EHLO, and HELO to a server that does not know EHLO
// (RFC 5321 §3.2, §4.1.1.1).
func (d *dialogue) hello(ctx context.Context) (Outcome, *Failure) {
	name := cmp.Or(d.plan.ehlo, d.literal())
	reply, failure := d.greet(ctx, "EHLO", name)
	if failure == nil && olderServer(reply) {
		reply, failure = d.greet(ctx, "HELO", name)
	}
	switch {
	case failure != nil:
		return Failed, failure
	case !reply.Positive() || reply.Code == 221: // 221 closes (RFC 5321 §4.2.3)
		return Failed, &Failure{Kind: KindReply, Reply: reply}
	}
	return Passed, nil
}

func (d *dialogue) greet(ctx context.Context, verb, name string) (*smtp.Reply, *Failure) {
	reply, failure := d.ask(ctx, verb+" "+name)
	if failure != nil {
		return nil, failure
	}
	h := Hello{Verb: verb, Name: name, Reply: *reply, Secure: d.log.secure}
	if verb == "EHLO" && reply.Positive() {
		h.Capabilities = smtp.ParseCapabilities(reply)
	}
	d.facts.Hellos = append(d.facts.Hellos, h)
	return reply, nil
}

// olderServer reports an answer after which HELO is worth a try: the verb is
// unknown, missing or out of order. 501 and 550 judge the name, which
// HELO would not change.
func olderServer(r *smtp.Reply) bool {
	switch r.Code {
	case 500, 502, 503, 504:
		return true
	}
	return false
}

// literal is our address as an argument of EHLO, which any server can check
// (RFC 5321 §4.1.3).
func (d *dialogue) literal() string {
	own := d.facts.Source.Addr()
	if !own.IsValid() {
		own = netip.IPv4Unspecified()
	}
	return smtp.AddressLiteral(own)
}

// startTLS asks for the upgrade (RFC 3207 §4) and checks what came behind the
// server's 220: from here on TLS must speak first.
func (d *dialogue) startTLS(ctx context.Context) (Outcome, *Failure) {
	if !d.facts.Hello().Capabilities.Has("STARTTLS") {
		if d.facts.Security == SecurityAuto {
			d.facts.Security = SecurityNone
			return Skipped, nil
		}
		return Failed, &Failure{Kind: KindNotOffered}
	}
	reply, failure := d.ask(ctx, "STARTTLS")
	d.facts.STARTTLS = reply
	switch {
	case failure != nil:
		return Failed, failure
	case reply.Code != 220:
		return Failed, &Failure{Kind: KindReply, Reply: reply}
	}
	if data := d.smtp.Unread(); len(data) > 0 {
		d.facts.Injected = data[:min(len(data), maxInjectedBytes)]
		d.log.lines(SideServer, data)
		return Failed, &Failure{Kind: KindInjected}
	}
	return Passed, nil
}
