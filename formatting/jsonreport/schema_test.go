package jsonreport

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"

	"smtptest/probe"
	"smtptest/probe/bounce"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/diagnosis/differ"
	"smtptest/probe/diagnosis/expect"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/diagnosis/vantages"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
	"smtptest/probe/sasl"
	"smtptest/probe/series"
	"smtptest/probe/tlsscan"
)

func compile(t testing.TB) *jsonschema.Schema { return compilePart(t, "") }

// compilePart compiles what a pointer into the schema names.
func compilePart(t testing.TB, pointer string) *jsonschema.Schema {
	t.Helper()
	const name = "report.schema.json"
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.AssertContent()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name + pointer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sample is a report with something in every corner that the schema knows.
func sample(t testing.TB) []byte {
	t.Helper()
	var r probe.Report
	fill(&r)
	r.Request.Security, r.Request.Family = probe.SecurityAuto, probe.FamilyIP4
	r.Lookup.Answer, r.Lookup.Untried[0].Reason = probe.AnswerAddresses, probe.UntriedLimit
	r.Lookup.Failure.Phase, r.Lookup.Failure.Kind = probe.PhaseLookup, probe.KindNoAddress
	r.Lookup.Failure.Reply = nil
	s := &r.Sessions[0]
	s.Variant, s.Security, s.Steps[0].Phase, s.Steps[0].Outcome = probe.VariantTLS, probe.SecurityImplicit,
		probe.PhaseEHLO, probe.Passed
	s.Transcript[0].Side, s.Hellos[0].Verb = probe.SideServer, "EHLO"
	s.Greeting, s.ClearMail, s.STARTTLS, s.Quit, s.Envelope, s.Failure = nil, nil, nil, nil, nil, nil
	s.Hellos[0].Reply.Deviations, s.Hellos[0].Reply.Enhanced.Class = nil, 5
	s.Auth.Reason, s.Auth.Reply, s.Auth.Evidence.Proof, s.Auth.Evidence.Problem = sasl.ReasonAlone, nil, sasl.ProofWrong,
		sasl.ProblemNonce
	s.TLS.Staple.Status, s.TLS.Trust = "good", probe.Trust{Dates: probe.DatesExpired}
	s.TLS.Chain[0].Serial, s.TLS.Chain[0].SHA256 = "00", strings.Repeat("0f", 32)
	octets, err := Encode(diagnosis.Judged{Report: &r, Diagnosis: diagnosis.Diagnosis{
		Verdict: diagnosis.Verdict{Outcome: diagnosis.Failed, Stage: probe.PhaseEHLO,
			Untested: []diagnosis.Reach{diagnosis.ReachTLS}},
		Findings: []diagnosis.Finding{{
			ID: "tls.certificate-expired", Severity: diagnosis.Error, Owner: diagnosis.OwnerServer,
			Confidence: diagnosis.Certain,
			Evidence:   []diagnosis.Evidence{{Session: 0, Step: 0, Entry: -1}},
		}},
		Enforcement: diagnosis.RefusedOtherwise,
	}}, expect.Result{Item: expect.Item{Text: "cert>14d"}, Unknown: true, Got: "nothing"})
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func TestSchemaAcceptsTheSample(t *testing.T) {
	if err := compile(t).Validate(decode(t, sample(t))); err != nil {
		t.Error(err)
	}
}

// TestSchemaAcceptsDomains encodes every scenario of a domain.
func TestSchemaAcceptsDomains(t *testing.T) {
	schema := compilePart(t, "#/$defs/domain")
	for _, story := range domaintest.Scenarios(t) {
		s := domaintest.Read(t, story.Setup)
		report, err := s.Examiner().Examine(t.Context(), domain.Request{Domain: s.Domain}, domain.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		octets, err := EncodeDomain(delivery.Judge(&report))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(decode(t, octets)); err != nil {
			t.Errorf("%s: %v", story.Name, err)
		}
	}
}

// TestSchemaAcceptsSeveral encodes tests that differ in what one can see.
func TestSchemaAcceptsSeveral(t *testing.T) {
	good, bad := minimal("192.0.2.1"), minimal("192.0.2.2")
	bad.Verdict = diagnosis.Verdict{Outcome: diagnosis.Failed, Stage: probe.PhaseConnect}
	all := []diagnosis.Judged{good, bad, good, bad}
	octets, err := EncodeSeries(differ.Of(all), 20, series.StopRefused)
	if err != nil {
		t.Fatal(err)
	}
	if err := compilePart(t, "#/$defs/series").Validate(decode(t, octets)); err != nil || !strings.Contains(string(octets),
		`"apart": [`+"\n    \"address\"") {
		t.Errorf("%v\n%s", err, octets)
	}
	places := vantages.Judge(probe.Target{Host: "mx.example.test", Port: 25}, []vantages.Place{
		{Report: good}, {Name: "berlin", Report: bad, Again: &bad, Answer: time.Second},
		{Name: "tokyo", Absent: vantages.NotConnected, Seen: time.Now()},
	})
	if octets, err = EncodePlaces(places); err != nil {
		t.Fatal(err)
	}
	if err := compilePart(t, "#/$defs/places").Validate(decode(t, octets)); err != nil {
		t.Errorf("%v\n%s", err, octets)
	}
	if octets, err = EncodePair(good, bad); err != nil {
		t.Fatal(err)
	}
	if err := compilePart(t, "#/$defs/comparison").Validate(decode(t, octets)); err != nil {
		t.Errorf("%v\n%s", err, octets)
	}
}

// minimal is a test that reached an address.
func minimal(address string) diagnosis.Judged {
	r := probe.Report{Request: probe.Request{Target: probe.Target{Host: "a.example.test", Port: 25},
		Security: probe.SecurityAuto}}
	to := netip.AddrPortFrom(netip.MustParseAddr(address), 25)
	r.Sessions = []probe.Session{{Security: probe.SecurityNone, Address: to}}
	return diagnosis.Judged{Report: &r, Diagnosis: diagnosis.Diagnosis{Verdict: diagnosis.Verdict{
		Outcome: diagnosis.Working}}}
}

// TestSchemaAcceptsScans encodes a scan with something in every corner, and one
// that did not come as far as TLS.
func TestSchemaAcceptsScans(t *testing.T) {
	var full tlsscan.Report
	fill(&full)
	full.Lookup = probe.Lookup{}
	full.Security, full.Stopped.Why, full.ALPN = probe.SecurityImplicit, tlsscan.StopReply, tlsscan.ALPNIgnored
	for _, f := range []*probe.Failure{
		full.Failure, full.Stopped.Failure, full.WithoutSNI.Failure, full.Connections[0].Failure,
	} {
		f.Phase, f.Kind, f.Reply = probe.PhaseHandshake, probe.KindAlert, nil
	}
	for _, a := range []*tlsscan.Answer{
		&full.WithoutSNI.Agreed, &full.SessionTicket, &full.SecureRenegotiation, &full.ExtendedMasterSecret,
		&full.Heartbeat, &full.Compression, &full.ClientCertificate, &full.FallbackSCSV, &full.Versions[0].Offered,
	} {
		*a = tlsscan.Yes
	}
	full.Versions[0].Number, full.Versions[0].Order = tlsscan.TLS10, tlsscan.OrderServer
	c := &full.Connections[0]
	c.Asks, c.Offer.Version, c.Choice.Version = tlsscan.AskNoSNI, tlsscan.TLS13, tlsscan.TLS12
	full.Certificates[0].Serial, full.Certificates[0].SHA256 = "00", strings.Repeat("0f", 32)
	scans := []tlsscan.Report{full, {Security: probe.SecuritySTARTTLS, Failure: full.Failure}}
	for _, r := range scans {
		octets, err := EncodeDeep(tlsgrade.Judge(&r))
		if err != nil {
			t.Fatal(err)
		}
		if err := compilePart(t, "#/$defs/deep").Validate(decode(t, octets)); err != nil {
			t.Errorf("%v\n%s", err, octets)
		}
	}
}

// TestSchemaAcceptsBounces reads every notice that package bounce is tested with.
func TestSchemaAcceptsBounces(t *testing.T) {
	schema := compilePart(t, "#/$defs/bounce")
	names, err := filepath.Glob("../../probe/bounce/testdata/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		octets, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n, _ := bounce.Read(string(txtar.Parse(octets).Files[0].Data))
		if octets, err = EncodeBounce(n); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(decode(t, octets)); err != nil || bytes.ContainsRune(octets, '@') {
			t.Errorf("%s: %v\n%s", name, err, octets)
		}
	}
}

func TestSchemaAcceptsEgress(t *testing.T) {
	for _, conns := range [][]probe.ControlConn{
		nil, {{Host: "one.test", Port: 25, Kind: probe.KindTimeout, Elapsed: 5e9, Age: 1e9}, {Host: "web.test", Port: 443}},
	} {
		octets, err := EncodeEgress(conns)
		if err != nil {
			t.Fatal(err)
		}
		if err := compilePart(t, "#/$defs/egress").Validate(decode(t, octets)); err != nil {
			t.Errorf("%s: %v", octets, err)
		}
	}
}

// TestSchemaRejects changes one thing in a good document. A path that ends in
// "-" takes the member out.
func TestSchemaRejects(t *testing.T) {
	schema := compile(t)
	for _, c := range []struct {
		name, path string
		value      any
	}{
		{"another version", "version", json.Number(strconv.Itoa(Version + 1))},
		{"no version", "version-", nil},
		{"no diagnosis", "diagnosis-", nil},
		{"unknown member", "request/colour", "red"},
		{"port 0", "request/port", json.Number("0")},
		{"port as text", "request/port", "587"},
		{"IP version 5", "request/ip_version", json.Number("5")},
		{"unknown security", "request/security", "ssl"},
		{"negative duration", "report/elapsed_ms", json.Number("-1")},
		{"day without time", "report/started", "2026-01-01"},
		{"no sessions", "report/sessions-", nil},
		{"unknown answer", "report/lookup/answer", "maybe"},
		{"unknown reason", "report/lookup/untried/0/reason", "tired"},
		{"unknown kind", "report/lookup/failure/kind", "bad"},
		{"unknown phase", "report/lookup/failure/phase", "data"},
		{"unknown look", "report/sessions/0/look", "third"},
		{"unknown outcome", "report/sessions/0/steps/0/outcome", "warning"},
		{"step without outcome", "report/sessions/0/steps/0/outcome-", nil},
		{"unknown side", "report/sessions/0/transcript/0/side", "X"},
		{"entry without text", "report/sessions/0/transcript/0/text-", nil},
		{"injected not in base64", "report/sessions/0/injected", "%%"},
		{"unknown verb", "report/sessions/0/hellos/0/verb", "LHLO"},
		{"unknown deviation", "report/sessions/0/hellos/0/reply/deviations", []any{"strange"}},
		{"code of four digits", "report/sessions/0/hellos/0/reply/code", json.Number("2500")},
		{"enhanced code of class 3", "report/sessions/0/hellos/0/reply/enhanced", "3.0.0"},
		{"null list", "report/sessions/0/hellos/0/capabilities", nil},
		{"short fingerprint", "report/sessions/0/tls/chain/0/sha256", "00"},
		{"day as expiry", "report/sessions/0/tls/chain/0/not_after", "tomorrow"},
		{"unknown dates", "report/sessions/0/tls/trust/dates", "old"},
		{"unknown staple status", "report/sessions/0/tls/ocsp_staple/status", "fine"},
		{"unknown verdict", "diagnosis/verdict/outcome", "ok"},
		{"unknown reach", "diagnosis/verdict/untested", []any{"data"}},
		{"id without area", "diagnosis/findings/0/id", "expired"},
		{"unknown severity", "diagnosis/findings/0/severity", "fatal"},
		{"finding without evidence", "diagnosis/findings/0/evidence", []any{}},
		{"unknown owner", "diagnosis/findings/0/owner", "them"},
		{"unknown confidence", "diagnosis/findings/0/confidence", "sure"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := decode(t, sample(t))
			change(t, doc, c.path, c.value)
			if schema.Validate(doc) == nil {
				t.Errorf("%s = %v passed", c.path, c.value)
			}
		})
	}
}

// change sets the member that a path leads to.
func change(t *testing.T, doc any, path string, value any) {
	t.Helper()
	steps := strings.Split(path, "/")
	for _, step := range steps[:len(steps)-1] {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[step]
		case []any:
			doc = v[0]
		}
	}
	object, ok := doc.(map[string]any)
	if !ok {
		t.Fatalf("%s leads to %T", path, doc)
	}
	last, gone := strings.CutSuffix(steps[len(steps)-1], "-")
	if gone {
		delete(object, last)
		return
	}
	object[last] = value
}

func TestVersionIsTheSchemas(t *testing.T) {
	var doc struct {
		Properties struct{ Version struct{ Const int } }
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Properties.Version.Const != Version {
		t.Errorf("schema describes version %d, Encode writes %d", doc.Properties.Version.Const, Version)
	}
}

func TestSchemaIsACopy(t *testing.T) {
	Schema()[0] = 'x'
	if Schema()[0] != '{' {
		t.Error("a caller could write into the schema")
	}
}

// Certificates may hold years that RFC 3339 has no way to write.
func TestDistantYears(t *testing.T) {
	for year, want := range map[int]string{-5: "0000-01-01T00:00:00Z", 2026: "2026-01-01T00:00:00Z",
		10001: "9999-12-31T23:59:59Z"} {
		octets, err := instant(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)).MarshalText()
		if err != nil || string(octets) != want {
			t.Errorf("year %d: %s, %v", year, octets, err)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", time.Microsecond: "0.001", 1500 * time.Microsecond: "1.5", 999 * time.Nanosecond: "0", time.Minute: "60000",
	} {
		if got, err := milliseconds(d).MarshalJSON(); err != nil || string(got) != want {
			t.Errorf("%s is %s, %v; want %s", d, got, err, want)
		}
	}
}

func TestEmptyReport(t *testing.T) {
	r := probe.Report{
		Request: probe.Request{Target: probe.Target{Host: "a.test", Port: 25}, Security: probe.SecurityAuto,
			At: netip.Addr{}},
		Started: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	octets, err := Encode(diagnosis.Judged{Report: &r, Diagnosis: diagnosis.Diagnosis{
		Verdict: diagnosis.Verdict{Outcome: diagnosis.NotTested},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := compile(t).Validate(decode(t, octets)); err != nil {
		t.Error(err)
	}
	if bytes.Contains(octets, []byte("null")) {
		t.Errorf("holds null:\n%s", octets)
	}
}
