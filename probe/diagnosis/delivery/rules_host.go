package delivery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/domain"
	"smtptest/probe/mtasts"
)

// place is one address of a server that was asked.
type place struct {
	host    *domain.Host
	address *domain.Address
	session *probe.Session
}

// String is the server's name with the address.
func (p place) String() string { return p.host.Name + " [" + p.address.IP.String() + "]" }

// places are all sessions of a report that say something about a server.
func places(r *domain.Report) (out []place) {
	for i := range r.Hosts {
		h := &r.Hosts[i]
		for j := range h.Addresses {
			if s := h.Addresses[j].Session(); s != nil {
				out = append(out, place{h, &h.Addresses[j], s})
			}
		}
	}
	return out
}

// which keeps the places that something is true of.
func which(all []place, is func(place) bool) (out []place) {
	for _, p := range all {
		if is(p) {
			out = append(out, p)
		}
	}
	return out
}

// maxNamed bounds the places that a sentence lists.
const maxNamed = 4

func list(all []place) string {
	var names []string
	for _, p := range all[:min(len(all), maxNamed)] {
		names = append(names, p.String())
	}
	text := strings.Join(names, ", ")
	if more := len(all) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// some is an error where it is true of all places, else a warning.
func some(part, all []place) diagnosis.Severity {
	if len(part) == len(all) {
		return diagnosis.Error
	}
	return diagnosis.Warning
}

// hostSessions judges whether the servers answer and offer TLS.
func hostSessions(r *domain.Report) (out []Finding) {
	all := places(r)
	silent := which(all, func(p place) bool { return cutOff(r, p.session) })
	if len(silent) > 0 {
		out = append(out, unreached(r, silent))
	}
	down := which(all, func(p place) bool {
		return p.session.Hello() == nil && !inconclusive(p.session) && !cutOff(r, p.session)
	})
	if len(down) > 0 {
		out = append(out, Finding{
			ID: HostDown, Severity: some(down, all), Owner: OwnerServer,
			Title:       "A mail server does not answer",
			Explanation: list(down) + ": " + failureWords(down[0].session) + ".",
			Advice:      "Start the mail server, or open port 25 of its firewall",
			Reference:   "RFC 5321 §4.5.4.2",
		})
	}
	refusing := which(all, func(p place) bool {
		return inconclusive(p.session) && p.session.Failure.Kind == probe.KindReply
	})
	if len(refusing) > 0 {
		out = append(out, Finding{
			ID: HostRefuses, Severity: diagnosis.Warning, Owner: OwnerServer,
			Title: "A mail server turns this client away",
			Explanation: list(refusing) + " answered “" + replyText(refusing[0].session) +
				"”. Other senders may be welcome.",
			Advice:    "Run the test from an address that this server accepts mail from",
			Reference: "RFC 5321 §3.1",
		})
	}
	out = append(out, starttls(which(all, func(p place) bool { return p.session.Hello() != nil }))...)
	return append(out, differing(r)...)
}

// unreached is said of servers that were not reached, where this may be because
// of this network.
func unreached(r *domain.Report, silent []place) Finding {
	f := Finding{
		ID: NoWayOutHere, Severity: diagnosis.Error, Owner: OwnerNetwork,
		Title: "This machine has no way out",
		Explanation: list(silent) + ": " + failureWords(silent[0].session) + ". Well-known hosts could not be reached " +
			"either, on port 25 and on 443: this says nothing about the domain.",
		Advice:    "Check this machine's own network and firewall, or test from another place",
		Reference: "RFC 1122 §3.3.1",
	}
	if len(r.Control) == 0 {
		f.Title = "No mail server can be reached from here"
		f.Explanation = list(silent) + ": " + failureWords(silent[0].session) + ". Whether this network lets port 25 out " +
			"was not asked, so it may be the reason."
		f.Advice = "Test from another network, or let this test ask well-known hosts"
	}
	return f
}

// offered reports that the server offers STARTTLS.
func offered(s *probe.Session) bool {
	return slices.ContainsFunc(s.Hellos, func(h probe.Hello) bool { return h.Capabilities.Has("STARTTLS") })
}

// starttls judges the servers that answered.
func starttls(all []place) (out []Finding) {
	bare := which(all, func(p place) bool { return p.session.TLS == nil && !offered(p.session) })
	if len(bare) > 0 {
		out = append(out, Finding{
			ID: NoSTARTTLS, Severity: diagnosis.Warning, Owner: OwnerServer,
			Title:       "A mail server offers no TLS",
			Explanation: list(bare) + " does not offer STARTTLS: mail to it can be read on the way.",
			Advice:      "Switch STARTTLS on in the mail server",
			Reference:   "RFC 3207, RFC 7435",
		})
	}
	failing := which(all, func(p place) bool {
		return !complete(p.session) && (p.session.TLS != nil || offered(p.session))
	})
	if len(failing) > 0 {
		limit := ""
		if oursAlone(failing[0].session) {
			limit = " It may be over what this test does not speak; with other senders it may succeed."
		}
		out = append(out, Finding{
			ID: TLSFails, Severity: diagnosis.Warning, Owner: OwnerServer,
			Title: "TLS with a mail server fails",
			Explanation: list(failing) + ": " + failureWords(failing[0].session) + "." + limit +
				" Most senders try again without TLS.",
			Advice:    "Test this server alone to see the cause",
			Reference: "RFC 3207 §4.1",
		})
	}
	return out
}

// failureWords says in a few words how a session ended.
func failureWords(s *probe.Session) string {
	f := s.Failure
	switch {
	case f == nil:
		return "the session ended early"
	case f.Reply != nil:
		return "“" + replyText(s) + "”"
	case f.Kind == probe.KindRefused:
		return "connection refused"
	case f.Kind == probe.KindTimeout:
		return fmt.Sprintf("no answer for %d s", int(f.Limit.Seconds()))
	case f.Kind == probe.KindClosed, f.Kind == probe.KindReset:
		return "the server closed the connection"
	case f.Kind == probe.KindAlert, f.Kind == probe.KindTLS, f.Kind == probe.KindNotTLS:
		return "the handshake failed"
	}
	return "the session failed at " + string(f.Phase)
}

// maxQuoted bounds a server's words in a sentence, in octets.
const maxQuoted = 200

func replyText(s *probe.Session) string {
	text := s.Failure.Reply.String()
	if len(text) > maxQuoted {
		text = strings.ToValidUTF8(text[:maxQuoted], "") + "…"
	}
	return strings.ReplaceAll(text, "\n", " ")
}

// differing finds servers whose addresses do not behave alike.
func differing(r *domain.Report) (out []Finding) {
	for i := range r.Hosts {
		h := &r.Hosts[i]
		var all []place
		for j := range h.Addresses {
			if s := h.Addresses[j].Session(); s != nil && s.Hello() != nil {
				all = append(all, place{h, &h.Addresses[j], s})
			}
		}
		if len(all) < 2 {
			continue
		}
		what := difference(all)
		if what == "" {
			continue
		}
		severity := diagnosis.Warning
		if !slices.ContainsFunc(all, func(p place) bool { return !equal(all[0].session, p.session) }) {
			severity = diagnosis.Info // certificates of their own, each as good as the other
		}
		out = append(out, Finding{
			ID: HostDiffers, Severity: severity, Owner: OwnerServer,
			Title:       "The addresses of a mail server differ",
			Explanation: what + ". A sender meets the one or the other by chance.",
			Advice:      "Give all machines behind the name the same configuration and certificate",
			Reference:   "RFC 5321 §5.1",
		})
	}
	return out
}

// difference names what differs between the first address and another one.
func difference(all []place) string {
	for _, p := range all[1:] {
		for _, d := range []struct {
			what string
			of   func(*probe.Session) string
		}{{"TLS", tlsState}, {"the certificate", fingerprint}} {
			if d.of(all[0].session) != d.of(p.session) {
				return all[0].String() + " and " + p.address.IP.String() + " differ in " + d.what + ": " +
					d.of(all[0].session) + " here, " + d.of(p.session) + " there"
			}
		}
	}
	return ""
}

// equal reports that two sessions give a sender the same to rely on.
func equal(a, b *probe.Session) bool {
	return complete(a) == complete(b) && (!complete(a) || a.TLS.Trust == b.TLS.Trust)
}

func tlsState(s *probe.Session) string {
	switch {
	case s.TLS == nil && offered(s):
		return "STARTTLS is offered and fails"
	case s.TLS == nil:
		return "none is offered"
	case !s.TLS.Complete:
		return "the handshake fails"
	}
	return "it works"
}

// fingerprint names the certificate shortly.
func fingerprint(s *probe.Session) string {
	if s.TLS == nil || len(s.TLS.Chain) == 0 {
		return "none"
	}
	c := s.TLS.Chain[0]
	return "valid until " + c.NotAfter.Format(time.DateOnly) + ", SHA-256 " + c.SHA256[:min(len(c.SHA256), 16)] + "…"
}

// hostCertificates judges certificates by whom they stop: senders that insist
// on nothing take any (RFC 7435).
func hostCertificates(r *domain.Report) (out []Finding) {
	all := which(places(r), func(p place) bool { return len(chainOf(p)) > 0 })
	severity := diagnosis.Info
	stops := "Senders that verify nothing deliver all the same; a sender with MTA-STS or a verified route does not."
	if p := r.STS.Policy; p != nil && p.Mode == mtasts.Enforce {
		severity = diagnosis.Error
		stops = "The domain's MTA-STS policy is enforced: senders that go by it (Gmail; Microsoft 365 where there is no " +
			"DANE) do not deliver here."
	}
	for _, c := range []struct {
		id     ID
		title  string
		advice string
		is     func(probe.Trust) bool
	}{
		{
			CertExpired, "A mail server's certificate has expired or is not valid yet",
			"Renew the certificate and reload the mail server",
			func(t probe.Trust) bool { return t.Dates != probe.DatesValid },
		},
		{
			CertName, "A mail server's certificate is for another name",
			"Get a certificate for the name in the MX record",
			func(t probe.Trust) bool { return t.Dates == probe.DatesValid && t.Name != probe.NameMatches },
		},
		{
			CertChain, "A mail server's certificate leads to no trusted root",
			"Send the whole chain, or get a certificate from a public authority",
			func(t probe.Trust) bool {
				return t.Dates == probe.DatesValid && t.Name == probe.NameMatches && t.Chain != probe.ChainTrusted
			},
		},
	} {
		bad := which(all, func(p place) bool { return c.is(p.session.TLS.Trust) })
		if len(bad) == 0 {
			continue
		}
		out = append(out, Finding{
			ID: c.id, Severity: severity, Owner: OwnerServer, Title: c.title,
			Explanation: list(bad) + ": " + certificateWords(bad[0]) + ". " + stops,
			Advice:      c.advice, Reference: "RFC 7435 §3, RFC 8461 §4.2",
		})
	}
	return append(out, expiring(r, all)...)
}

func chainOf(p place) []probe.Certificate {
	if p.session.TLS == nil {
		return nil
	}
	return p.session.TLS.Chain
}

func certificateWords(p place) string {
	c := chainOf(p)[0]
	names := c.Names
	if len(names) == 0 {
		names = []string{c.CommonName}
	}
	return "for " + strings.Join(names[:min(len(names), maxNamed)], ", ") + ", valid from " +
		c.NotBefore.Format(time.DateOnly) + " to " + c.NotAfter.Format(time.DateOnly)
}

// lateShare is the part of its lifetime after which a certificate should have
// been renewed: the usual clients renew at two thirds.
const lateShare = 0.85

// expiring finds certificates that were not renewed in time.
func expiring(r *domain.Report, all []place) []Finding {
	late := which(all, func(p place) bool {
		c, t := chainOf(p)[0], p.session.TLS.Trust
		life, used := c.NotAfter.Sub(c.NotBefore), r.Started.Sub(c.NotBefore)
		return t.Dates == probe.DatesValid && life > 0 && float64(used) > lateShare*float64(life)
	})
	if len(late) == 0 {
		return nil
	}
	soonest := slices.MinFunc(late, func(a, b place) int { return chainOf(a)[0].NotAfter.Compare(chainOf(b)[0].NotAfter) })
	return []Finding{{
		ID: CertSoon, Severity: diagnosis.Warning, Owner: OwnerServer,
		Title: "A mail server's certificate runs out soon",
		Explanation: fmt.Sprintf("%s: in %d days, on %s. It should have been renewed by now.", list(late),
			int(chainOf(soonest)[0].NotAfter.Sub(r.Started).Hours()/24), chainOf(soonest)[0].NotAfter.Format(time.DateOnly)),
		Advice:    "Check that the automatic renewal runs and that the mail server reloads the file",
		Reference: "RFC 5280 §4.1.2.5",
	}}
}
