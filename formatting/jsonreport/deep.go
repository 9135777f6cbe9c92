package jsonreport

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

// EncodeDeep writes what a server takes of TLS, as #/$defs/deep of the schema
// describes.
func EncodeDeep(j tlsgrade.Judged) ([]byte, error) {
	r := j.Report
	out, err := json.MarshalIndent(deepJSON{
		Version: Version, Target: r.Request.Target.String(), Address: addressPort(r.Address), Vantage: r.Vantage,
		Security: string(r.Security), Started: instant(r.Started), ElapsedMS: milliseconds(r.Elapsed),
		BytesSent: r.BytesSent, BytesReceived: r.BytesReceived, Lookup: lookup(r.Lookup), Failure: some(r.Failure, failure),
		Stopped: some(r.Stopped, stopped), Purpose: string(j.Purpose), Outcome: string(j.Outcome),
		Grade: string(j.Grade), Edition: tlsgrade.Edition, Profile: some(profileFound(j.Profile), profile),
		Findings: each(j.Findings, deepFinding), ClientsCompared: j.Compared, ClientsFailing: each(j.Failing, failingClient),
		Versions: each(r.Versions, version), Graded: each(j.Items, item), Schemes: each(r.Schemes, registry.SchemeName),
		Certificates: each(r.Certificates, shownCertificate), CertificatesOmitted: r.CertificatesOmitted,
		Extensions: extensions(r), Connections: each(r.Connections, connection),
	}, "", "  ")
	return append(out, '\n'), err
}

type deepJSON struct {
	Version             int               `json:"version"`
	Target              string            `json:"target"`
	Address             string            `json:"address,omitempty"`
	Vantage             string            `json:"vantage,omitempty"`
	Security            string            `json:"security"`
	Started             time.Time         `json:"started"`
	ElapsedMS           milliseconds      `json:"elapsed_ms"`
	BytesSent           int               `json:"bytes_sent"`
	BytesReceived       int               `json:"bytes_received"`
	Lookup              lookupJSON        `json:"lookup"`
	Failure             *failureJSON      `json:"failure,omitempty"`
	Stopped             *stoppedJSON      `json:"stopped,omitempty"`
	Purpose             string            `json:"purpose"`
	Outcome             string            `json:"outcome"`
	Grade               string            `json:"grade,omitempty"`
	Edition             string            `json:"guideline"`
	Profile             *profileJSON      `json:"mozilla,omitempty"`
	Findings            []deepFindingJSON `json:"findings"`
	ClientsCompared     int               `json:"clients_compared"`
	ClientsFailing      []clientJSON      `json:"clients_failing"`
	Versions            []versionJSON     `json:"versions"`
	Graded              []itemJSON        `json:"graded"`
	Schemes             []string          `json:"signature_schemes"`
	Certificates        []shownJSON       `json:"certificates"`
	CertificatesOmitted int               `json:"certificates_omitted,omitempty"`
	Extensions          extensionsJSON    `json:"extensions"`
	Connections         []connectionJSON  `json:"connections"`
}

type stoppedJSON struct {
	Why     string       `json:"why"`
	After   int          `json:"after_connections"`
	Failure *failureJSON `json:"failure,omitempty"`
}

func stopped(s tlsscan.Stopped) stoppedJSON {
	return stoppedJSON{string(s.Why), s.After, some(s.Failure, failure)}
}

type profileJSON struct {
	Within  string   `json:"within,omitempty"`
	Edition string   `json:"edition,omitempty"`
	Source  string   `json:"source,omitempty"`
	Next    string   `json:"next,omitempty"`
	Outside []string `json:"outside"`
}

func profileFound(p tlsgrade.Profile) *tlsgrade.Profile {
	if !p.Compared {
		return nil
	}
	return &p
}

func profile(p tlsgrade.Profile) profileJSON {
	return profileJSON{p.Name, p.Edition, p.Source, p.Next, same(p.Beyond)}
}

type deepFindingJSON struct {
	ID          string `json:"id"`
	Severity    string `json:"severity"`
	Title       string `json:"title"`
	Explanation string `json:"explanation"`
	Advice      string `json:"advice,omitempty"`
	Owner       string `json:"owner"`
	Reference   string `json:"reference"`
	Connections []int  `json:"connections"`
}

func deepFinding(f tlsgrade.Finding) deepFindingJSON {
	return deepFindingJSON{
		string(f.ID), string(f.Severity), f.Title, f.Explanation, f.Advice, string(f.Owner), f.Reference,
		each(f.Evidence, func(i int) int { return i }),
	}
}

type clientJSON struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Current bool   `json:"current"`
	Reason  string `json:"reason"`
	Why     string `json:"why"`
	Remedy  string `json:"remedy,omitempty"`
	Source  string `json:"source"`
	Date    string `json:"date"`
}

func failingClient(f tlsgrade.Failing) clientJSON {
	c := f.Client
	return clientJSON{c.ID, c.Name, c.Current, string(f.Reason), f.Why, c.Remedy, c.Source, c.Date}
}

type versionJSON struct {
	Name           string      `json:"name"`
	Taken          string      `json:"taken,omitempty"`
	Suites         []suiteJSON `json:"suites"`
	Complete       bool        `json:"complete"`
	Order          string      `json:"order,omitempty"`
	Groups         []string    `json:"groups"`
	GroupsComplete bool        `json:"groups_complete"`
}

func version(v tlsscan.Version) versionJSON {
	return versionJSON{
		tlsgrade.VersionName(v.Number), string(v.Offered), each(v.Suites, suite), v.Complete, string(v.Order),
		each(v.Groups, registry.GroupName), v.GroupsComplete,
	}
}

type suiteJSON struct {
	Name     string `json:"name"`
	Grade    string `json:"grade"`
	Presumed bool   `json:"presumed,omitempty"`
	DHBits   int    `json:"dh_bits,omitempty"`
}

func suite(s tlsscan.Suite) suiteJSON {
	return suiteJSON{registry.SuiteName(s.Number), string(tlsgrade.OfSuite(s.Number)), s.Presumed, s.DHBits}
}

type itemJSON struct {
	Kind     string   `json:"kind"`
	Name     string   `json:"name"`
	Grade    string   `json:"grade,omitempty"`
	Versions []string `json:"versions"`
}

func item(i tlsgrade.Item) itemJSON {
	return itemJSON{string(i.Kind), i.Name, string(i.Grade), each(i.Versions, tlsgrade.VersionName)}
}

type shownJSON struct {
	Kind        string          `json:"kind,omitempty"`
	Connections int             `json:"connections"`
	Certificate certificateJSON `json:"certificate"`
}

func shownCertificate(c tlsscan.Certificate) shownJSON {
	return shownJSON{c.Kind, c.Connections, certificate(c.Certificate)}
}

type extensionsJSON struct {
	WithoutSNI           string       `json:"without_sni,omitempty"`
	WithoutSNIShows      string       `json:"without_sni_certificate,omitempty"`
	WithoutSNIFailure    *failureJSON `json:"without_sni_failure,omitempty"`
	ALPN                 string       `json:"foreign_alpn,omitempty"`
	SessionTicket        string       `json:"session_ticket,omitempty"`
	SecureRenegotiation  string       `json:"secure_renegotiation,omitempty"`
	ExtendedMasterSecret string       `json:"extended_master_secret,omitempty"`
	Heartbeat            string       `json:"heartbeat,omitempty"`
	Compression          string       `json:"compression,omitempty"`
	ClientCertificate    string       `json:"client_certificate,omitempty"`
	FallbackSCSV         string       `json:"fallback_scsv,omitempty"`
}

func extensions(r *tlsscan.Report) extensionsJSON {
	return extensionsJSON{
		string(r.WithoutSNI.Agreed), r.WithoutSNI.Certificate, some(r.WithoutSNI.Failure, failure), string(r.ALPN),
		string(r.SessionTicket), string(r.SecureRenegotiation), string(r.ExtendedMasterSecret), string(r.Heartbeat),
		string(r.Compression), string(r.ClientCertificate), string(r.FallbackSCSV),
	}
}

type connectionJSON struct {
	Asks      string       `json:"asks"`
	BeganMS   milliseconds `json:"began_ms"`
	ElapsedMS milliseconds `json:"elapsed_ms"`
	Offer     offerJSON    `json:"offer"`
	Choice    *choiceJSON  `json:"choice,omitempty"`
	Failure   *failureJSON `json:"failure,omitempty"`
}

func connection(c tlsscan.Connection) connectionJSON {
	out := connectionJSON{
		string(c.Asks), milliseconds(c.Began), milliseconds(c.Elapsed), offer(c.Offer), nil, some(c.Failure, failure),
	}
	if c.Choice.Version != 0 {
		out.Choice = choice(c.Choice)
	}
	return out
}

// offerJSON has the numbers of the registries in hexadecimal, in order, with
// blanks between: a hundred lists of names would be a megabyte.
type offerJSON struct {
	Version    string `json:"version"`
	Suites     string `json:"suites"`
	Groups     string `json:"groups,omitempty"`
	Schemes    string `json:"signature_schemes,omitempty"`
	ServerName string `json:"server_name,omitempty"`
}

func offer(o tlsscan.Offer) offerJSON {
	numbers := func(all []uint16) string {
		return strings.Join(each(all, func(n uint16) string { return fmt.Sprintf("%04x", n) }), " ")
	}
	return offerJSON{
		tlsgrade.VersionName(o.Version), numbers(o.Suites), numbers(o.Groups), numbers(o.Schemes), o.ServerName,
	}
}

type choiceJSON struct {
	Version     string `json:"version"`
	Suite       string `json:"suite"`
	Group       string `json:"group,omitempty"`
	Scheme      string `json:"signature_scheme,omitempty"`
	DHBits      int    `json:"dh_bits,omitempty"`
	Certificate string `json:"certificate_sha256,omitempty"`
}

func choice(c tlsscan.Choice) *choiceJSON {
	out := choiceJSON{
		Version: tlsgrade.VersionName(c.Version), Suite: registry.SuiteName(c.Suite), DHBits: c.DHBits,
		Certificate: c.Certificate,
	}
	if c.Group != 0 {
		out.Group = registry.GroupName(c.Group)
	}
	if c.Scheme != 0 {
		out.Scheme = registry.SchemeName(c.Scheme)
	}
	return &out
}
