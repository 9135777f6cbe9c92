package reproduce

import (
	"smtptest/probe"
)

// openssl shakes hands with the same address. Typed into it, lines must end
// in CRLF (-crlf), and R and Q at their start must not be commands of its own
// (-nocommands): RCPT and QUIT begin with them. It neither shows the dialogue
// before TLS nor says EHLO inside it.
func openssl(r *probe.Report, s *probe.Session, here Here) Command {
	argv := []string{"openssl", "s_client", "-connect", here.address(s).String()}
	if !s.TLS.Implicit {
		argv = append(argv, "-starttls", "smtp")
		if name := helloName(r, s); name != "" {
			argv = append(argv, "-name", name)
		}
	}
	if s.TLS.ServerName != "" {
		argv = append(argv, "-servername", s.TLS.ServerName)
	} else {
		argv = append(argv, "-noservername")
	}
	if _, literal := r.Request.Target.Address(); literal {
		argv = append(argv, "-verify_ip", r.Request.Target.Host)
	} else {
		argv = append(argv, "-verify_hostname", r.Request.Target.Host)
	}
	if here.CAFile != "" {
		argv = append(argv, "-CAfile", here.CAFile)
	}
	if verifies(s) {
		argv = append(argv, "-verify_return_error")
	}
	argv = append(argv, opensslOffer(s.TLS)...)
	return Command{
		Name: "openssl s_client", Argv: append(argv, "-showcerts", "-crlf", "-nocommands"),
		Shows: "The TLS handshake and the certificates as they are sent; QUIT leaves",
	}
}

// opensslOffer is what the handshake offered, where that matters: the variant with
// old versions offered all that there is, and one that failed with modern
// ones must not succeed with others here. Where the handshake succeeded both
// sides chose the newest anyway (RFC 8446 §4.2.1).
func opensslOffer(t *probe.TLS) []string {
	switch {
	case t.LegacyOffered:
		return []string{"-min_protocol", "TLSv1", "-cipher", "ALL:@SECLEVEL=0"}
	case !t.Complete:
		return []string{"-min_protocol", "TLSv1.2"}
	}
	return nil
}
