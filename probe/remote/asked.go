package remote

import (
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/smtp"
)

// asked is a request as an agent has read and checked it.
type asked struct {
	id      string
	op      string
	timeout time.Duration
	probe   probe.Request
	domain  domain.Request
}

func (r *asked) login() bool { return r.probe.Login != nil }

// read checks everything about a request that does not depend on what else runs.
func (s *Service) read(m *nats.Msg, now time.Time) (*asked, error) {
	r := &asked{id: m.Header.Get(headerRun)}
	deadline, err := time.Parse(time.RFC3339Nano, m.Header.Get(headerEnd))
	if err != nil || !runID.MatchString(r.id) {
		return nil, &refusal{codeUnreadable, "Run-Id or Deadline is missing"}
	}
	if now.After(deadline) {
		return nil, &refusal{codeLate, "the deadline is over: the request came late, or a clock is wrong"}
	}
	var b body
	var w wireRequest
	if len(m.Data) > maxRequest || json.Unmarshal(m.Data, &b) != nil || json.Unmarshal(b.Request, &w) != nil {
		return nil, &refusal{codeUnreadable, "the body is no request"}
	}
	if w.Version != protocol {
		return nil, &refusal{codeUnknown, "this agent knows version 1 of the protocol alone"}
	}
	r.op, r.timeout = w.Op, max(milliseconds(w.Timeout), time.Second)
	if err := s.subject(r, w); err != nil {
		return nil, err
	}
	return r, s.unseal(r, b, now)
}

// subject reads what is to be tested.
func (s *Service) subject(r *asked, w wireRequest) (err error) {
	switch {
	case w.Op == opProbe && w.Probe != nil:
		if r.probe, err = w.Probe.request(r.timeout); err != nil {
			return &refusal{codeUnreadable, err.Error()}
		}
		if (r.probe.Envelope != nil || r.probe.Enforced) && !s.Envelope {
			return &refusal{codeUnable, "senders and recipients are not tested here"}
		}
	case w.Op == opDomain && w.Domain != nil:
		return s.mailDomain(r, w.Domain)
	case w.Op == opEgress && s.Egress == nil:
		return &refusal{codeUnable, "control connections are switched off here"}
	case w.Op == opEgress:
	case w.Op == opProbe, w.Op == opDomain:
		return &refusal{codeUnreadable, "the request says nothing about its " + w.Op}
	default:
		return &refusal{codeUnknown, "this agent does not know what was asked of it"}
	}
	return nil
}

func (s *Service) mailDomain(r *asked, w *wireDomain) error {
	if s.Domains == nil {
		return &refusal{codeUnable, "domains are not examined here"}
	}
	name, err := smtp.ParseDomain(w.Domain)
	if err != nil {
		return &refusal{codeUnreadable, "domain is no domain"}
	}
	selector := ""
	if w.Selector != "" {
		if selector, err = smtp.ParseDomain(w.Selector); err != nil {
			return &refusal{codeUnreadable, "selector is none"}
		}
	}
	r.domain = domain.Request{Domain: name, Selector: selector, EHLOName: w.EHLO, Timeout: r.timeout}
	return nil
}

// unseal opens the login.
func (s *Service) unseal(r *asked, b body, now time.Time) error {
	switch {
	case b.Sealed == nil:
		return nil
	case r.op != opProbe:
		return &refusal{codeUnreadable, "a login goes with a probe alone"}
	case s.Key == nil:
		return &refusal{codeUnable, "logins are not tested here: this agent has no key"}
	}
	login, err := s.Key.open(sealInfo(s.Vantage, r.id), b.Request, b.Sealed, now)
	switch {
	case err == errExpired:
		return &refusal{codeLate, "the login has expired: the request came late, or a clock is wrong"}
	case err != nil:
		return &refusal{codeUnopened, "the login does not open with this agent's key"}
	}
	r.probe.Login = login
	return nil
}
