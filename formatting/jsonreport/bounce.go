package jsonreport

import (
	"encoding/json"
	"net/netip"
	"time"

	"smtptest/probe/bounce"
	"smtptest/probe/explain"
)

// EncodeBounce writes what was read of a notice of a message that was not
// delivered, or of its header, as #/$defs/bounce of the schema describes. To whom
// it was, and in which words a server refused, is not in it.
func EncodeBounce(n bounce.Notice) ([]byte, error) {
	out, err := json.MarshalIndent(bounceJSON{
		Version: Version, Form: string(n.Form), Reporting: n.Reporting,
		Failures: each(n.Failures, bounceFailure), FailuresOmitted: n.FailuresOmitted,
		Hops: each(n.Hops, hop), HopsOmitted: n.HopsOmitted,
	}, "", "  ")
	return append(out, '\n'), err
}

type bounceJSON struct {
	Version         int                 `json:"version"`
	Form            string              `json:"form"`
	Reporting       string              `json:"reporting,omitempty"`
	Failures        []bounceFailureJSON `json:"failures"`
	FailuresOmitted int                 `json:"failures_omitted,omitempty"`
	Hops            []hopJSON           `json:"hops"`
	HopsOmitted     int                 `json:"hops_omitted,omitempty"`
}

type bounceFailureJSON struct {
	Recipients int         `json:"recipients"`
	Action     string      `json:"action,omitempty"`
	Code       int         `json:"code,omitempty"`
	Enhanced   string      `json:"enhanced,omitempty"`
	Server     string      `json:"server,omitempty"`
	Address    *netip.Addr `json:"address,omitempty"`
	Answered   string      `json:"answered,omitempty"`
	Retried    *time.Time  `json:"retried_until,omitempty"`
	Meaning    string      `json:"meaning,omitempty"`
	Title      string      `json:"title,omitempty"`
	Owner      string      `json:"owner,omitempty"`
	Try        []string    `json:"try,omitempty"`
}

type hopJSON struct {
	From    string      `json:"from,omitempty"`
	By      string      `json:"by,omitempty"`
	Address *netip.Addr `json:"address,omitempty"`
	With    string      `json:"with,omitempty"`
	At      *time.Time  `json:"at,omitempty"`
	DelayS  *float64    `json:"delay_s,omitempty"`
}

func bounceFailure(f bounce.Failure) bounceFailureJSON {
	out := bounceFailureJSON{
		Recipients: f.Recipients, Action: f.Action, Code: f.Code, Enhanced: f.Enhanced, Server: f.Remote,
		Address: addressOrNone(f.Address), Answered: string(f.Answered), Retried: moment(f.Retried),
	}
	e := explain.At(f.Answered, f.Said)
	out.Meaning = string(e.Meaning.ID)
	if len(e.Items) > 0 {
		out.Title, out.Owner, out.Try = e.Items[0].Title, string(e.Items[0].Side), e.Items[0].Try
	}
	return out
}

func hop(h bounce.Hop) hopJSON {
	out := hopJSON{From: h.From, By: h.By, Address: addressOrNone(h.IP), With: h.With, At: moment(h.At)}
	if h.Delayed {
		seconds := h.Delay.Seconds()
		out.DelayS = &seconds
	}
	return out
}

func addressOrNone(a netip.Addr) *netip.Addr {
	if !a.IsValid() {
		return nil
	}
	return &a
}
