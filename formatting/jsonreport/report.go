package jsonreport

import (
	"cmp"
	"net/netip"
	"time"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

type reportJSON struct {
	Vantage   string        `json:"vantage,omitempty"`
	Started   time.Time     `json:"started"`
	ElapsedMS milliseconds  `json:"elapsed_ms"`
	Lookup    lookupJSON    `json:"lookup"`
	Sessions  []sessionJSON `json:"sessions"`
	Control   []controlJSON `json:"control,omitempty"`
}

type controlJSON struct {
	Host      string       `json:"host"`
	Port      uint16       `json:"port"`
	Outcome   string       `json:"outcome"`
	ElapsedMS milliseconds `json:"elapsed_ms"`
	AgeMS     milliseconds `json:"age_ms,omitempty"`
}

func control(c probe.ControlConn) controlJSON {
	return controlJSON{
		Host: c.Host, Port: c.Port, Outcome: string(cmp.Or(c.Kind, "accepted")),
		ElapsedMS: milliseconds(c.Elapsed), AgeMS: milliseconds(c.Age),
	}
}

func report(r *probe.Report) reportJSON {
	one := func(s probe.Session) sessionJSON { return session(r.Request.Target.Host, s) }
	return reportJSON{
		Vantage: r.Vantage, Started: instant(r.Started), ElapsedMS: milliseconds(r.Elapsed),
		Lookup: lookup(r.Lookup), Sessions: each(r.Sessions, one), Control: each(r.Control, control),
	}
}

type lookupJSON struct {
	Name      string        `json:"name,omitempty"`
	Answer    string        `json:"answer,omitempty"`
	Addresses []string      `json:"addresses"`
	Untried   []untriedJSON `json:"untried"`
	MX        []mxJSON      `json:"mx"`
	MXOmitted int           `json:"mx_omitted,omitempty"`
	Alias     string        `json:"alias,omitempty"`
	Server    string        `json:"server,omitempty"`
	ElapsedMS milliseconds  `json:"elapsed_ms"`
	Failure   *failureJSON  `json:"failure,omitempty"`
}

type untriedJSON struct {
	Address string `json:"address"`
	Reason  string `json:"reason"`
}

type mxJSON struct {
	Preference uint16 `json:"preference"`
	Host       string `json:"host"`
}

func lookup(l probe.Lookup) lookupJSON {
	return lookupJSON{
		Name: l.Name, Answer: string(l.Answer), MXOmitted: l.MXOmitted, Alias: l.Alias, Server: l.Server,
		Addresses: each(l.Addresses, netip.Addr.String),
		Untried: each(l.Untried, func(u probe.Untried) untriedJSON {
			return untriedJSON{u.Address.String(),
				string(u.Reason)}
		}),
		MX:        each(l.MX, func(m probe.MX) mxJSON { return mxJSON(m) }),
		ElapsedMS: milliseconds(l.Elapsed), Failure: some(l.Failure, failure),
	}
}

type sessionJSON struct {
	Variant    string           `json:"variant,omitempty"`
	Security   string           `json:"security"`
	Address    string           `json:"address"`
	Source     string           `json:"source,omitempty"`
	BeganMS    milliseconds     `json:"began_ms"`
	ElapsedMS  milliseconds     `json:"elapsed_ms"`
	Steps      []stepJSON       `json:"steps"`
	Greeting   *replyJSON       `json:"greeting,omitempty"`
	Hellos     []helloJSON      `json:"hellos"`
	ClearMail  *transactionJSON `json:"clear_mail,omitempty"`
	STARTTLS   *replyJSON       `json:"starttls,omitempty"`
	Injected   []byte           `json:"injected,omitempty"` // base64
	TLS        *tlsJSON         `json:"tls,omitempty"`
	Auth       *authJSON        `json:"auth,omitempty"`
	Envelope   *transactionJSON `json:"envelope,omitempty"`
	Quit       *replyJSON       `json:"quit,omitempty"`
	Failure    *failureJSON     `json:"failure,omitempty"`
	Transcript []entryJSON      `json:"transcript"`
	Dropped    int              `json:"transcript_dropped,omitempty"`
}

func session(host string, s probe.Session) sessionJSON {
	login := func(a probe.Auth) authJSON { return auth(host, a) }
	return sessionJSON{
		Variant: string(s.Variant), Security: string(s.Security), Address: s.Address.String(), Source: addressPort(s.Source),
		BeganMS: milliseconds(s.Began), ElapsedMS: milliseconds(s.Elapsed),
		Steps: each(s.Steps, step), Greeting: some(s.Greeting, reply), Hellos: each(s.Hellos, hello),
		ClearMail: some(s.ClearMail, transaction), STARTTLS: some(s.STARTTLS, reply), Injected: s.Injected,
		TLS:  some(s.TLS, tlsFacts),
		Auth: some(s.Auth, login), Envelope: some(s.Envelope, transaction), Quit: some(s.Quit, reply),
		Failure:    some(s.Failure, failure),
		Transcript: each(s.Transcript, entry), Dropped: s.Dropped,
	}
}

type stepJSON struct {
	Phase     string       `json:"phase"`
	StartMS   milliseconds `json:"start_ms"`
	ElapsedMS milliseconds `json:"elapsed_ms"`
	Outcome   string       `json:"outcome"`
	From      int          `json:"from"`
	To        int          `json:"to"`
}

func step(s probe.Step) stepJSON {
	return stepJSON{string(s.Phase), milliseconds(s.Start), milliseconds(s.Elapsed), string(s.Outcome), s.From, s.To}
}

type entryJSON struct {
	AtMS   milliseconds `json:"at_ms"`
	Side   string       `json:"side"`
	Secure bool         `json:"secure"`
	Text   string       `json:"text"`
}

func entry(e probe.Entry) entryJSON {
	return entryJSON{milliseconds(e.At), string(e.Side), e.Secure, e.Text}
}

type replyJSON struct {
	Code       int        `json:"code"`
	Enhanced   string     `json:"enhanced,omitempty"`
	Lines      []lineJSON `json:"lines"`
	Deviations []string   `json:"deviations,omitempty"`
}

type lineJSON struct {
	Text string       `json:"text"`
	Raw  []byte       `json:"raw,omitempty"` // base64
	AtMS milliseconds `json:"at_ms"`
}

func reply(r smtp.Reply) replyJSON {
	return replyJSON{
		Code: r.Code, Enhanced: r.Enhanced.String(),
		Lines:      each(r.Lines, func(l smtp.Line) lineJSON { return lineJSON{l.String(), l.Raw, milliseconds(l.At)} }),
		Deviations: each(r.Deviations, func(o smtp.Deviation) string { return string(o) }),
	}
}

type helloJSON struct {
	Verb         string           `json:"verb"`
	Name         string           `json:"name"`
	Secure       bool             `json:"secure"`
	Reply        replyJSON        `json:"reply"`
	Capabilities []capabilityJSON `json:"capabilities"`
}

type capabilityJSON struct {
	Keyword string   `json:"keyword"`
	Params  []string `json:"params"`
	Line    string   `json:"line"`
}

func hello(h probe.Hello) helloJSON {
	return helloJSON{
		Verb: h.Verb, Name: h.Name, Secure: h.Secure, Reply: reply(h.Reply),
		Capabilities: each(h.Capabilities, func(c smtp.Capability) capabilityJSON {
			return capabilityJSON{c.Keyword, each(c.Params, func(p string) string { return p }), c.Line}
		}),
	}
}

type transactionJSON struct {
	Mail      *replyJSON `json:"mail,omitempty"`
	Rcpt      *replyJSON `json:"rcpt,omitempty"`
	Rset      *replyJSON `json:"rset,omitempty"`
	Pipelined bool       `json:"pipelined"`
}

func transaction(e probe.EnvelopeResult) transactionJSON {
	return transactionJSON{some(e.Mail, reply), some(e.Rcpt, reply), some(e.Rset, reply), e.Pipelined}
}

type failureJSON struct {
	Phase   string       `json:"phase"`
	Kind    string       `json:"kind"`
	Reply   *replyJSON   `json:"reply,omitempty"`
	Alert   int          `json:"alert,omitempty"`
	LimitMS milliseconds `json:"limit_ms,omitempty"`
	Octets  string       `json:"octets,omitempty"`
	Detail  string       `json:"detail,omitempty"`
}

func failure(f probe.Failure) failureJSON {
	return failureJSON{string(f.Phase), string(f.Kind), some(f.Reply, reply), f.Alert, milliseconds(f.Limit), f.Octets,
		f.Detail}
}
