package diagnosis

import "smtptest/probe"

// stapleRules judge the OCSP response that came with the handshake (RFC
// 6066 §8). None at all is normal: authorities give OCSP up.
func stapleRules() []rule {
	return []rule{
		{
			id: CertificateRevoked, reference: "RFC 6960 §2.2",
			title:       "The certificate is revoked",
			advice:      "Have a new certificate issued with a new key.",
			certificate: revoked,
		},
		{
			id: StapleMissing, severity: Warning, reference: "RFC 7633 §4.3.3",
			title:       "The certificate demands a stapled OCSP response, and none is sent",
			advice:      "Switch OCSP stapling on at the server, or have the certificate issued without must-staple.",
			certificate: stapleMissing,
		},
		{
			id: StapleUnreadable, severity: Warning, reference: "RFC 6066 §8",
			title:       "The stapled OCSP response cannot be used",
			advice:      "Look at how the server gets its OCSP response; without one at all clients are better off.",
			certificate: stapleUnreadable,
		},
		{
			id: StapleExpired, severity: Warning, reference: "RFC 6960 §4.2.2.1",
			title:       "The stapled OCSP response is out of date",
			advice:      "Look at the job that renews the server's OCSP response.",
			certificate: stapleExpired,
		},
	}
}

func revoked(_ *session, t probe.TLS) *result {
	if t.Staple == nil || t.Staple.Status != "revoked" {
		return nil
	}
	return explain("The OCSP response that the server itself sends says that the certificate for %s is revoked.",
		leafName(t))
}

func stapleMissing(_ *session, t probe.TLS) *result {
	if !t.Complete || !t.Chain[0].MustStaple || t.Staple != nil || t.StapleUnreadable {
		return nil
	}
	return explain("The certificate for %s carries the must-staple extension. "+
		"Clients that heed it stop here; most mail clients do not look.", leafName(t))
}

func stapleUnreadable(_ *session, t probe.TLS) *result {
	if !t.StapleUnreadable {
		return nil
	}
	return explain("A response was stapled that cannot be read, or that is not about this certificate. " +
		"Clients that look at it may stop.")
}

func stapleExpired(s *session, t probe.TLS) *result {
	if t.Staple == nil || t.Staple.NextUpdate.IsZero() || !t.Staple.NextUpdate.Before(s.report.Started) {
		return nil
	}
	next := t.Staple.NextUpdate
	return explain("It was to be replaced by %s, %s ago. Clients that look at it may stop.",
		day(next), probe.Span(s.report.Started.Sub(next)))
}
