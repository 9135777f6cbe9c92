package remote

import (
	"encoding/json"
	"errors"
	"net/netip"
	"time"

	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/smtp"
)

// Bounds of the wire.
const (
	maxRequest = 64 << 10         // bytes of a request's body
	maxTimeout = 2 * time.Minute  // of a run; the broker's permission to answer ends then too
	beat       = 2 * time.Second  // an agent is never silent for longer
	silence    = 4 * time.Second  // after which an agent counts as dead
	maxAnswers = 180              // of an agent to one request, see B.6's allow_responses of 200
	maxSays    = 200              // bytes of an agent's own words
	overtime   = 5 * time.Second  // beyond a run's timeout, for goodbyes and the way
	clockSkew  = 30 * time.Second // an agent's clock may be behind ours by this much, and keep a login from expiring
)

// Ops of a request.
const (
	opProbe  = "probe"
	opDomain = "domain"
	opEgress = "egress"
)

// body is the message that asks.
type body struct {
	Request json.RawMessage `json:"request"`
	Sealed  []byte          `json:"sealed,omitempty"`
}

// wireRequest is what is asked.
type wireRequest struct {
	Version int         `json:"v"`
	Op      string      `json:"op"`
	Timeout int64       `json:"timeout_ms"`
	Probe   *wireProbe  `json:"probe,omitempty"`
	Domain  *wireDomain `json:"domain,omitempty"`
}

// wireProbe is a probe.Request without its login.
type wireProbe struct {
	Host      string        `json:"host"`
	Port      uint16        `json:"port"`
	Security  string        `json:"security,omitempty"`
	Family    int           `json:"family,omitempty"`
	At        netip.Addr    `json:"at,omitzero"`
	EHLO      string        `json:"ehlo,omitempty"`
	Envelope  *wireEnvelope `json:"envelope,omitempty"`
	Enforced  bool          `json:"enforced,omitempty"`
	Alone     bool          `json:"alone,omitempty"`
	KeepChain bool          `json:"keep_chain,omitempty"`
}

type wireEnvelope struct {
	From wireMailbox  `json:"from"`
	To   *wireMailbox `json:"to,omitempty"`
}

type wireMailbox struct {
	Local  string `json:"local,omitempty"`
	Domain string `json:"domain,omitempty"`
}

type wireDomain struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector,omitempty"`
	EHLO     string `json:"ehlo,omitempty"`
}

func fromRequest(r probe.Request) *wireProbe {
	w := &wireProbe{
		Host: r.Target.Host, Port: r.Target.Port, Security: string(r.Security), Family: int(r.Family), At: r.At,
		EHLO: r.EHLOName, Enforced: r.Enforced, Alone: r.Alone, KeepChain: r.KeepChain,
	}
	if e := r.Envelope; e != nil {
		w.Envelope = &wireEnvelope{From: wireMailbox(e.From)}
		if e.To != nil {
			to := wireMailbox(*e.To)
			w.Envelope.To = &to
		}
	}
	return w
}

func fromDomain(r domain.Request) *wireDomain {
	return &wireDomain{Domain: r.Domain, Selector: r.Selector, EHLO: r.EHLOName}
}

// request reads a request as strictly as if a person had typed it: the bot's own
// grammar has checked it, but an agent does not rely on that.
func (w *wireProbe) request(timeout time.Duration) (probe.Request, error) {
	r := probe.Request{
		Target: probe.Target{Host: w.Host, Port: w.Port}, Security: probe.Security(w.Security),
		Family: probe.Family(w.Family), At: w.At, EHLOName: w.EHLO, Enforced: w.Enforced, Alone: w.Alone,
		KeepChain: w.KeepChain, Timeout: timeout,
	}
	if _, literal := r.Target.Address(); !literal {
		name, err := smtp.ParseDomain(w.Host)
		if err != nil {
			return r, errors.New("host is no host name")
		}
		r.Target.Host = name
	}
	switch r.Security {
	case "", probe.SecurityAuto, probe.SecuritySTARTTLS, probe.SecurityImplicit, probe.SecurityNone:
	default:
		return r, errors.New("security is not known")
	}
	if r.Family != probe.FamilyAny && r.Family != probe.FamilyIP4 && r.Family != probe.FamilyIP6 {
		return r, errors.New("family is not known")
	}
	if w.Envelope == nil {
		return r, nil
	}
	r.Envelope = &probe.Envelope{}
	var err error
	if r.Envelope.From, err = w.Envelope.From.mailbox(); err != nil {
		return r, err
	}
	if w.Envelope.To != nil {
		to, err := w.Envelope.To.mailbox()
		r.Envelope.To = &to
		return r, err
	}
	return r, nil
}

// mailbox checks by reading once more what was written; zero: the null
// reverse-path.
func (w wireMailbox) mailbox() (smtp.Mailbox, error) {
	m := smtp.Mailbox(w)
	if m == (smtp.Mailbox{}) {
		return m, nil
	}
	if again, err := smtp.ParseMailbox(m.String()); err != nil || again != m {
		return smtp.Mailbox{}, errors.New("envelope holds no mail address")
	}
	return m, nil
}

// wireEvent is a sign of life, and what is going on. The zero one is the first alone.
type wireEvent struct {
	At      int64           `json:"at_ms,omitempty"`
	Phase   string          `json:"phase,omitempty"`
	Variant string          `json:"variant,omitempty"`
	Address netip.AddrPort  `json:"address,omitzero"`
	Limit   int64           `json:"limit_ms,omitempty"`
	Known   json.RawMessage `json:"known,omitempty"` // a report, as in wireReport
	Stage   string          `json:"stage,omitempty"` // of a domain
	Done    int             `json:"done,omitempty"`
	Total   int             `json:"total,omitempty"`
}

func (w wireEvent) event() probe.Event {
	return probe.Event{
		At: milliseconds(w.At), Phase: probe.Phase(printable(w.Phase, maxWord)),
		Variant: probe.Variant(printable(w.Variant, maxWord)), Address: w.Address, Limit: milliseconds(w.Limit),
	}
}

func (w wireEvent) stage() domain.Event {
	total := min(max(w.Total, 0), domain.MaxAddresses)
	return domain.Event{Stage: domain.Stage(printable(w.Stage, maxWord)), Done: min(max(w.Done, 0), total), Total: total}
}

// milliseconds is a duration within what a run can take.
func milliseconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), maxTimeout.Milliseconds())) * time.Millisecond
}

// wireReport is the last answer.
type wireReport struct {
	Version int             `json:"v"`
	Report  json.RawMessage `json:"report"`
}

// wireError is the last answer instead.
type wireError struct {
	Version int    `json:"v"`
	Code    int    `json:"code"`
	Says    string `json:"says"`
}
