package reproduce

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// swaksLimit is how long swaks waits for a connection and for each reply. It
// is what the probe allows a greeting and a reply.
const swaksLimit = 30 * time.Second

// The stop points of swaks (--quit-after) that are used here.
const (
	stopBanner    = "BANNER"
	stopFirstEHLO = "FIRST-EHLO" // before STARTTLS
	stopTLS       = "TLS"
	stopEHLO      = "EHLO"
	stopAuth      = "AUTH"
	stopMail      = "MAIL"
	stopRcpt      = "RCPT"
)

// swaks has the same dialogue with the same address, and leaves where the
// session ended. Without --quit-after it would send a message.
func swaks(r *probe.Report, s *probe.Session, here Here) Command {
	stop, lacks := stopPoint(r, s)
	server := swaksServer(r, s, here)
	if lacks == "" {
		lacks = swaksName(r, s, server)
	}
	argv := []string{
		"swaks", "--server", server, "--port", fmt.Sprint(here.address(s).Port()),
		"--timeout", fmt.Sprintf("%ds", max(1, int(min(swaksLimit, timeout(r)).Seconds()))),
	}
	if name := helloName(r, s); name != "" {
		argv = append(argv, "--ehlo", name)
	}
	argv = append(argv, swaksTLS(r, s)...)
	if verifies(s) {
		argv = append(argv, "--tls-verify")
	}
	if s.TLS != nil && here.CAFile != "" {
		argv = append(argv, "--tls-ca-path", here.CAFile)
	}
	if s.Auth != nil && slices.Contains([]string{stopAuth, stopMail, stopRcpt}, stop) {
		// It asks for user name and password by itself. What it prints would
		// hold both in base64.
		argv = append(argv, "--auth", s.Auth.Mechanism, "--auth-hide-password")
	}
	argv = append(argv, swaksEnvelope(r, s, stop)...)
	return Command{Name: "swaks", Argv: append(argv, "--quit-after", stop), Shows: swaksWords(s, stop) + lacks}
}

// swaksServer is the address, so that swaks meets the same machine; where the
// name has no other one it is the name, with which newer versions compare the
// certificate.
func swaksServer(r *probe.Report, s *probe.Session, here Here) string {
	_, literal := r.Request.Target.Address()
	alone := len(r.Lookup.Addresses) == 1 && r.Lookup.Addresses[0] == s.Address.Addr() && !r.Request.At.IsValid()
	if verifies(s) && !literal && alone && !here.At.IsValid() {
		return r.Request.Target.Host
	}
	return here.address(s).Addr().String()
}

// swaksName says what a version of swaks does about the name in the
// certificate. Up to 20201014.0 --tls-verify asks for the chain and the dates
// alone; 20240103.0 compares what stands behind --server too.
func swaksName(r *probe.Report, s *probe.Session, server string) string {
	_, literal := r.Request.Target.Address()
	switch {
	case !verifies(s) || literal:
		return ""
	case s.TLS != nil && (s.TLS.Trust.Name == probe.NameMismatch || s.TLS.Trust.Name == probe.NameCNOnly):
		return "; before 2024 swaks does not compare the name, and openssl does"
	case server != r.Request.Target.Host:
		return "; since 2024 swaks needs --tls-verify-target " + r.Request.Target.Host + " too"
	}
	return ""
}

func timeout(r *probe.Report) time.Duration {
	if r.Request.Timeout <= 0 {
		return probe.DefaultTimeout
	}
	return r.Request.Timeout
}

// helloName is the argument of EHLO as it was sent, also when no answer came;
// before that the one that was asked for. Empty: neither. HELO needs no
// option: swaks falls back to it as the probe does (RFC 5321 §3.2).
func helloName(r *probe.Report, s *probe.Session) string {
	if len(s.Hellos) > 0 {
		return s.Hellos[0].Name
	}
	asked := r.Request.EHLOName
	for _, e := range s.Transcript {
		if said, found := strings.CutPrefix(e.Text, "EHLO "); found && e.Side == probe.SideClient {
			asked = said
			break
		}
	}
	name, err := smtp.ParseHelloName(asked)
	if err != nil {
		return ""
	}
	return name
}

// swaksTLS words the session's security. The strict form of "if offered"
// stops after a failed handshake, as the probe does; the other one goes on.
func swaksTLS(r *probe.Report, s *probe.Session) []string {
	var words []string
	switch {
	case s.Security == probe.SecurityImplicit:
		words = []string{"--tls-on-connect"}
	case s.Security == probe.SecuritySTARTTLS:
		words = []string{"--tls"}
	case ifOffered(r, s):
		words = []string{"--tls-optional-strict"}
	default:
		return nil
	}
	if _, literal := r.Request.Target.Address(); !literal {
		words = append(words, "--tls-sni", r.Request.Target.Host)
	}
	return words
}

// ifOffered reports a session that would have used STARTTLS if it had been
// offered, and did not come so far or was not offered it.
func ifOffered(r *probe.Report, s *probe.Session) bool {
	return s.Security == probe.SecurityAuto ||
		s.Variant == probe.VariantMain && s.Security == probe.SecurityNone && r.Request.Security != probe.SecurityNone
}

// stopPoint is where the session ended, good or bad, as far as swaks can go.
// lacks says what swaks cannot do, empty if it can do all.
func stopPoint(r *probe.Report, s *probe.Session) (stop, lacks string) {
	stop = phaseStop(r, s)
	inside := stopEHLO
	if a := s.Auth; a != nil {
		if a.Mechanism == "" {
			return stopEHLO, ""
		}
		if !swaksSpeaks(a.Mechanism) {
			return stopEHLO, "; swaks does not speak " + a.Mechanism + " and stops before the login"
		}
		inside = stopAuth
	}
	if (stop == stopMail || stop == stopRcpt) && !swaksSends(r.Request.Envelope) {
		return inside, "; swaks cannot send these mail addresses and stops before them"
	}
	return stop, ""
}

func phaseStop(r *probe.Report, s *probe.Session) string {
	last := lastStep(s)
	switch last.Phase {
	case probe.PhaseEHLO:
		if s.STARTTLS == nil && (s.Security == probe.SecuritySTARTTLS || ifOffered(r, s)) {
			return stopFirstEHLO
		}
		return stopEHLO
	case probe.PhaseSTARTTLS:
		if last.Outcome == probe.Skipped {
			return stopEHLO
		}
		return stopTLS
	case probe.PhaseHandshake:
		return stopTLS
	case probe.PhaseAuth:
		return stopAuth
	case probe.PhaseEnvelope:
		return envelopeStop(r.Request.Envelope)
	}
	return stopBanner
}

func envelopeStop(e *probe.Envelope) string {
	switch {
	case e == nil:
		return stopEHLO
	case e.To == nil:
		return stopMail
	}
	return stopRcpt
}

// lastStep is how far the session came, QUIT left aside.
func lastStep(s *probe.Session) probe.Step {
	for i := len(s.Steps) - 1; i >= 0; i-- {
		if s.Steps[i].Phase != probe.PhaseQuit {
			return s.Steps[i]
		}
	}
	return probe.Step{}
}

// swaksSpeaks knows the mechanisms that swaks and the probe have in common.
func swaksSpeaks(mechanism string) bool {
	return slices.Contains([]string{"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"}, mechanism)
}

// swaksSends: swaks has no SMTPUTF8 (RFC 6531), and takes a comma for the
// end of a recipient.
func swaksSends(e *probe.Envelope) bool {
	return e.From.ASCII() && (e.To == nil || e.To.ASCII() && !strings.Contains(e.To.Local, ","))
}

// swaksEnvelope names the envelope's addresses.
func swaksEnvelope(r *probe.Report, s *probe.Session, stop string) []string {
	if stop != stopMail && stop != stopRcpt {
		return nil
	}
	e := r.Request.Envelope
	from := e.From.String()
	if e.From.IsZero() {
		from = "<>"
	}
	words := option("--from", from)
	if stop == stopRcpt {
		words = append(words, option("--to", e.To.String())...)
	}
	if brokenTogether(s) {
		words = append(words, "--pipeline")
	}
	return words
}

// brokenTogether reports commands that were sent together (RFC 2920) and
// failed in a way that may come from that. Otherwise one by one shows the
// same and reads better. 554 without an enhanced code says nothing of a
// mailbox: Exim words its synchronization error so.
func brokenTogether(s *probe.Session) bool {
	if s.Envelope == nil || !s.Envelope.Pipelined || s.Failure == nil || s.Failure.Phase != probe.PhaseEnvelope {
		return false
	}
	reply := s.Failure.Reply
	if s.Failure.Kind != probe.KindReply || reply == nil {
		return true
	}
	return reply.Code == 421 || reply.Code == 503 || reply.Code == 554 && reply.Enhanced.IsZero()
}

// option joins a value that begins with a hyphen to its option: by itself it
// would be taken for the next one.
func option(name, value string) []string {
	if strings.HasPrefix(value, "-") {
		return []string{name + "=" + value}
	}
	return []string{name, value}
}

func swaksWords(s *probe.Session, stop string) string {
	switch stop {
	case stopBanner:
		return "The connection and the greeting"
	case stopTLS:
		return "The dialogue up to TLS"
	case stopAuth:
		return "The dialogue up to the login; swaks asks for user name and password"
	case stopMail:
		return "The dialogue up to MAIL FROM"
	case stopRcpt:
		return "The dialogue up to RCPT TO; no message is sent"
	}
	if s.TLS != nil && s.TLS.Complete {
		return "The dialogue up to EHLO inside TLS"
	}
	return "The dialogue up to EHLO"
}
