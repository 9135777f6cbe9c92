package jsonreport

import (
	"time"

	"smtptest/probe"
)

type tlsJSON struct {
	Implicit         bool              `json:"implicit"`
	Complete         bool              `json:"complete"`
	ServerName       string            `json:"server_name,omitempty"`
	Version          string            `json:"version,omitempty"`
	CipherSuite      string            `json:"cipher_suite,omitempty"`
	Group            string            `json:"group,omitempty"`
	PostQuantum      bool              `json:"post_quantum"`
	HelloRetry       bool              `json:"hello_retry"`
	ClientCertAsked  bool              `json:"client_certificate_asked"`
	ClientCAs        []string          `json:"client_certificate_authorities,omitempty"`
	ClientCAsOmitted int               `json:"client_certificate_authorities_omitted,omitempty"`
	LegacyOffered    bool              `json:"legacy_offered"`
	Chain            []certificateJSON `json:"chain"`
	ChainOmitted     int               `json:"chain_omitted,omitempty"`
	Refused          string            `json:"refused,omitempty"`
	Staple           *stapleJSON       `json:"ocsp_staple,omitempty"`
	StapleUnreadable bool              `json:"ocsp_staple_unreadable,omitempty"`
	SCTs             int               `json:"scts"`
	Trust            trustJSON         `json:"trust"`
	ElapsedMS        milliseconds      `json:"elapsed_ms"`
}

func tlsFacts(t probe.TLS) tlsJSON {
	return tlsJSON{
		Implicit: t.Implicit, Complete: t.Complete, ServerName: t.ServerName, Version: t.Version,
		CipherSuite: t.CipherSuite, Group: t.Group, PostQuantum: t.PostQuantum, HelloRetry: t.HelloRetry,
		ClientCertAsked: t.ClientCertAsked, ClientCAs: t.ClientCAs, ClientCAsOmitted: t.ClientCAsOmitted,
		LegacyOffered: t.LegacyOffered,
		Chain:         each(t.Chain, certificate), ChainOmitted: t.ChainOmitted, Refused: t.Refused,
		Staple: some(t.Staple, staple), StapleUnreadable: t.StapleUnreadable, SCTs: t.SCTs,
		Trust: trust(t.Trust), ElapsedMS: milliseconds(t.Elapsed),
	}
}

type certificateJSON struct {
	Subject      string    `json:"subject"`
	Issuer       string    `json:"issuer"`
	CommonName   string    `json:"common_name,omitempty"`
	Names        []string  `json:"names"`
	NamesOmitted int       `json:"names_omitted,omitempty"`
	NotBefore    time.Time `json:"not_before"`
	NotAfter     time.Time `json:"not_after"`
	Key          string    `json:"key"`
	Signature    string    `json:"signature"`
	Serial       string    `json:"serial"`
	SHA256       string    `json:"sha256"`
	CA           bool      `json:"ca"`
	SelfIssued   bool      `json:"self_issued"`
	MustStaple   bool      `json:"must_staple"`
	IssuerURL    bool      `json:"issuer_url"`
}

func certificate(c probe.Certificate) certificateJSON {
	return certificateJSON{
		Subject: c.Subject, Issuer: c.Issuer, CommonName: c.CommonName,
		Names: each(c.Names, func(n string) string { return n }), NamesOmitted: c.NamesOmitted,
		NotBefore: instant(c.NotBefore), NotAfter: instant(c.NotAfter), Key: c.Key, Signature: c.Signature,
		Serial: c.Serial, SHA256: c.SHA256, CA: c.CA, SelfIssued: c.SelfIssued, MustStaple: c.MustStaple,
		IssuerURL: c.IssuerURL,
	}
}

type stapleJSON struct {
	Status     string     `json:"status"`
	ThisUpdate *time.Time `json:"this_update,omitempty"`
	NextUpdate *time.Time `json:"next_update,omitempty"`
}

func staple(s probe.Staple) stapleJSON {
	return stapleJSON{s.Status, moment(s.ThisUpdate), moment(s.NextUpdate)}
}

type trustJSON struct {
	Trusted   bool   `json:"trusted"`
	Reference string `json:"reference,omitempty"`
	Name      string `json:"name,omitempty"`
	Dates     string `json:"dates,omitempty"`
	Chain     string `json:"chain,omitempty"`
	Usage     string `json:"usage,omitempty"`
	Order     string `json:"order,omitempty"`
	Unneeded  int    `json:"unneeded,omitempty"`
	Problem   string `json:"problem,omitempty"`
	Roots     string `json:"roots,omitempty"`
}

func trust(t probe.Trust) trustJSON {
	return trustJSON{
		Trusted: t.Trusted(), Reference: t.Reference, Name: string(t.Name), Dates: string(t.Dates), Chain: string(t.Chain),
		Usage: string(t.Usage), Order: string(t.Order), Unneeded: t.Unneeded, Problem: t.Problem, Roots: t.Roots,
	}
}
