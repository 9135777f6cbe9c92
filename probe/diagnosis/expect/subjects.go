package expect

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/smtp"
)

// subject is what an item is about.
type subject struct {
	name   string
	forms  string                       // how it is written, for help and errors
	about  string                       // one line for help
	amount func(string) (float64, bool) // reads what it is compared with; nil: it is not compared
	values bool                         // "SUBJECT:VALUE" is a form of it
	read   func(diagnosis.Judged) reading
}

// Subject is one row of help.
type Subject struct{ Forms, About string }

// Subjects are all of them, in the order of help.
func Subjects() []Subject {
	var out []Subject
	for _, name := range order[:slices.Index(order, "connect")] {
		out = append(out, Subject{subjects[name].forms, subjects[name].about})
	}
	return append(out, Subject{
		Forms: "connect<1s, greeting, ehlo, starttls, handshake<500ms",
		About: "this part of the session goes well, within this time",
	})
}

var order = []string{
	"works", "tls", "cert", "auth", "ext", "size", "group", "error", "warning", "finding",
	"time", "connect", "greeting", "ehlo", "starttls", "handshake",
}

var subjects = map[string]subject{
	"works": {
		name: "works", forms: "works", read: works,
		about: "the test ends well; expected without being said, unless the list has no works",
	},
	"tls": {
		name: "tls", forms: "tls, tls>=1.2", amount: version, read: readTLS,
		about: "the session is encrypted, by this version of TLS",
	},
	"cert": {
		name: "cert", forms: "cert, cert>14d", amount: span(24 * time.Hour), read: certificate,
		about: "the certificate verifies, and is good for longer than this: d, h or w",
	},
	"auth": {
		name: "auth", forms: "auth, auth:PLAIN", values: true, read: mechanisms,
		about: "a login is offered, with this SASL mechanism",
	},
	"ext": {
		name: "ext", forms: "ext:PIPELINING", values: true, read: extensions,
		about: "this extension is listed in the answer to EHLO",
	},
	"size": {
		name: "size", forms: "size>=25M", amount: octets, read: size,
		about: "mails of this size are taken, by the answer to EHLO: K, M or G octets; without a limit any is",
	},
	"group": {
		name: "group", forms: "group:X25519", values: true, read: group,
		about: "the key exchange used this group",
	},
	"error": {
		name: "error", forms: "no error", read: severity(diagnosis.Error), about: "a finding of that severity",
	},
	"warning": {
		name: "warning", forms: "no warning", read: severity(diagnosis.Warning), about: "a finding of that severity",
	},
	"finding": {
		name: "finding", forms: "no finding:ID", values: true, read: findings,
		about: "the finding with this id, as --json shows it",
	},
	"time": {
		name: "time", forms: "time<5s", amount: span(time.Second), read: elapsed,
		about: "from the lookup to the last answer: ms, s or m",
	},
	"connect":   phase(probe.PhaseConnect),
	"greeting":  phase(probe.PhaseGreeting),
	"ehlo":      phase(probe.PhaseEHLO),
	"starttls":  phase(probe.PhaseSTARTTLS),
	"handshake": phase(probe.PhaseHandshake),
}

// phase is a subject that compares how long one part of the session took; alone
// it says that this part went well.
func phase(p probe.Phase) subject {
	return subject{
		name: string(p), forms: string(p) + "<500ms", amount: span(time.Second),
		read: func(j diagnosis.Judged) reading {
			s := j.Report.Main()
			if s == nil {
				return unseen(j)
			}
			i := slices.IndexFunc(s.Steps, func(step probe.Step) bool { return step.Phase == p })
			if i < 0 {
				return unseen(j)
			}
			step := s.Steps[i]
			got := string(step.Outcome) + " in " + probe.Duration(step.Elapsed)
			return reading{have: step.Outcome == probe.Passed, amount: step.Elapsed.Seconds(), got: got}
		},
	}
}

// unseen is the reading of what the test did not get to see.
func unseen(j diagnosis.Judged) reading {
	got := "not seen in this session"
	if j.Verdict.Stage != "" {
		got = "not known: the test ended at " + string(j.Verdict.Stage)
	}
	return reading{unknown: true, got: got}
}

func works(j diagnosis.Judged) reading {
	v := j.Verdict
	got := strings.ReplaceAll(string(v.Outcome), "-", " ")
	if v.Stage != "" {
		got += " at " + string(v.Stage)
	}
	if len(j.Findings) > 0 && v.Stage != "" {
		got += ": " + j.Findings[0].Title
	}
	good := v.Outcome == diagnosis.Working || v.Outcome == diagnosis.WithWarnings
	return reading{have: good, unknown: v.Outcome == diagnosis.Inconclusive || v.Outcome == diagnosis.NotTested, got: got}
}

func readTLS(j diagnosis.Judged) reading {
	s := j.Report.Main()
	switch {
	case s == nil || s.TLS == nil && s.Failure != nil:
		return unseen(j)
	case s.TLS == nil:
		return reading{got: "no TLS"}
	case !s.TLS.Complete && s.TLS.Version == "":
		return unseen(j)
	}
	amount, _ := version(strings.TrimPrefix(s.TLS.Version, "TLS "))
	return reading{have: s.TLS.Complete, amount: amount, got: s.TLS.Version}
}

func certificate(j diagnosis.Judged) reading {
	s := j.Report.Main()
	if s == nil || s.TLS == nil || len(s.TLS.Chain) == 0 {
		if s != nil && s.TLS == nil && s.Failure == nil {
			return reading{got: "no TLS"}
		}
		return unseen(j)
	}
	t := s.TLS.Trust
	left := s.TLS.Chain[0].NotAfter.Sub(j.Report.Started)
	r := reading{have: t.Trusted(), amount: left.Hours() / 24}
	switch {
	case left < 0:
		r.got = "a certificate that expired " + probe.Span(-left) + " ago"
	case t.Name != probe.NameMatches:
		r.got = "a certificate for another name"
	case !t.Trusted():
		r.got = "a certificate that does not verify"
	default:
		r.got = "a certificate that is good for " + probe.Span(left)
	}
	return r
}

// hello is the last answer to EHLO; ok is false where the session ended before
// one that would have to be read came: the one in the clear lists less.
func hello(j diagnosis.Judged) (h *probe.Hello, ok bool) {
	s := j.Report.Main()
	if s == nil || s.Hello() == nil {
		return nil, false
	}
	h = s.Hello()
	return h, s.TLS == nil || h.Secure
}

func mechanisms(j diagnosis.Judged) reading {
	h, ok := hello(j)
	if !ok {
		return unseen(j)
	}
	return listed(h.Capabilities.Mechanisms(), "no login")
}

func extensions(j diagnosis.Judged) reading {
	h, ok := hello(j)
	if !ok {
		return unseen(j)
	}
	var names []string
	for _, c := range h.Capabilities {
		names = append(names, c.Name())
	}
	return listed(names, "no extensions")
}

func listed(all []string, none string) reading {
	const most = 20 // ours: a line that is read
	r := reading{have: len(all) > 0, all: all, got: none}
	if r.have {
		r.got = smtp.OneLine(strings.Join(all[:min(most, len(all))], ", "))
	}
	return r
}

func size(j diagnosis.Judged) reading {
	h, ok := hello(j)
	if !ok {
		return unseen(j)
	}
	c, ok := h.Capabilities.Get("SIZE")
	if !ok {
		return reading{got: "no SIZE"}
	}
	if len(c.Params) == 0 || c.Params[0] == "0" { // no fixed limit (RFC 1870 §4)
		return reading{have: true, amount: math.Inf(1), got: "SIZE without a limit"}
	}
	n, err := strconv.ParseUint(c.Params[0], 10, 64)
	if err != nil {
		return reading{got: "a SIZE that is no number"}
	}
	return reading{have: true, amount: float64(n), got: "SIZE " + strconv.FormatUint(n, 10)}
}

func group(j diagnosis.Judged) reading {
	s := j.Report.Main()
	if s == nil || s.TLS == nil || !s.TLS.Complete {
		return unseen(j)
	}
	if s.TLS.Group == "" {
		return reading{got: "key exchange without a group"}
	}
	return listed([]string{s.TLS.Group}, "")
}

func severity(of diagnosis.Severity) func(diagnosis.Judged) reading {
	return func(j diagnosis.Judged) reading {
		if j.Verdict.Outcome == diagnosis.NotTested {
			return unseen(j)
		}
		var ids []string
		for _, f := range j.Findings {
			if f.Severity == of {
				ids = append(ids, string(f.ID))
			}
		}
		return listed(ids, "no "+string(of))
	}
}

func findings(j diagnosis.Judged) reading {
	if j.Verdict.Outcome == diagnosis.NotTested {
		return unseen(j)
	}
	var ids []string
	for _, f := range j.Findings {
		ids = append(ids, string(f.ID))
	}
	return listed(ids, "no finding")
}

func elapsed(j diagnosis.Judged) reading {
	s := j.Report.Main()
	if s == nil {
		return unseen(j)
	}
	all := s.Began + s.Elapsed
	return reading{have: true, amount: all.Seconds(), got: probe.Duration(all)}
}
