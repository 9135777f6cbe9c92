package tlsgrade

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/registry"
	"smtptest/probe/smtp"
	"smtptest/probe/tlsscan"
)

// scenario is a server and what is expected of its judgement.
type scenario struct {
	name   string
	report *tlsscan.Report
	want   []string
}

func scenarios(t *testing.T) (all []scenario) {
	t.Helper()
	text, err := os.ReadFile("testdata/scenarios.txt")
	if err != nil {
		t.Fatal(err)
	}
	for stanza := range strings.SplitSeq(string(text), "\n\n") {
		s := scenario{report: &tlsscan.Report{}}
		for line := range strings.SplitSeq(strings.TrimSpace(stanza), "\n") {
			if err := s.read(line); err != nil {
				t.Fatalf("%s: %s: %v", s.name, line, err)
			}
		}
		if s.name != "" {
			all = append(all, s)
		}
	}
	return all
}

var versionNumbers = []uint16{tlsscan.TLS13, tlsscan.TLS12, tlsscan.TLS11, tlsscan.TLS10, tlsscan.SSL30}

func (s *scenario) read(line string) error {
	r := s.report
	key, value := line[:min(len(line), 11)], strings.TrimSpace(line[min(len(line), 11):])
	words := strings.Fields(value)
	switch key = strings.TrimSpace(key); key {
	case "server":
		s.name = value
		for _, n := range versionNumbers {
			r.Versions = append(r.Versions, tlsscan.Version{Number: n, Offered: tlsscan.No, Complete: true})
		}
	case "port":
		n, err := strconv.ParseUint(value, 10, 16)
		r.Request.Target = probe.Target{Host: "mx.example.test", Port: uint16(n)}
		return err
	case "groups":
		some := slices.Index(words, "some")
		words = slices.DeleteFunc(words, func(w string) bool { return w == "some" })
		v, err := s.version(strings.Join(words[:2], " "))
		if err != nil {
			return err
		}
		v.GroupsComplete = some < 0
		v.Groups, err = numbersOf(words[2:], registry.Groups(),
			func(g registry.Group) (string, uint16) { return g.Name, g.Number })
		return err
	case "schemes":
		var err error
		some := slices.Index(words, "some")
		words = slices.DeleteFunc(words, func(w string) bool { return w == "some" })
		r.SchemesComplete = some < 0
		r.Schemes, err = numbersOf(words, registry.Schemes(),
			func(g registry.Scheme) (string, uint16) { return g.Name, g.Number })
		return err
	case "key":
		kind, _, _ := strings.Cut(value, " ")
		r.Certificates = append(r.Certificates, tlsscan.Certificate{
			Kind: kind, Certificate: probe.Certificate{Key: value, Signature: "SHA256-RSA"},
		})
	case "yes", "no":
		s.answers(words, tlsscan.Answer(key))
	case "stopped":
		code, err := strconv.Atoi(words[1])
		r.Stopped = &tlsscan.Stopped{Why: tlsscan.StopReason(words[0]), After: 12, Failure: &probe.Failure{
			Kind: probe.KindReply, Reply: &smtp.Reply{Code: code},
		}}
		return err
	case "failure":
		r.Failure = &probe.Failure{Phase: probe.Phase(words[0]), Kind: probe.Kind(words[1])}
		r.Versions = nil
	case "outcome", "grade", "profile", "finding", "fails":
		s.want = append(s.want, key+" "+value)
	default:
		if strings.HasPrefix(key, "#") || key == "" {
			return nil
		}
		return s.suites(key, words)
	}
	return nil
}

func (s *scenario) answers(words []string, a tlsscan.Answer) {
	for _, w := range words {
		*map[string]*tlsscan.Answer{
			"renegotiation": &s.report.SecureRenegotiation, "ems": &s.report.ExtendedMasterSecret,
			"compression": &s.report.Compression, "sni": &s.report.WithoutSNI.Agreed,
		}[w] = a
	}
}

func (s *scenario) version(name string) (*tlsscan.Version, error) {
	for i := range s.report.Versions {
		if v := &s.report.Versions[i]; VersionName(v.Number) == name {
			return v, nil
		}
	}
	return nil, fmt.Errorf("no version")
}

func (s *scenario) suites(version string, words []string) error {
	v, err := s.version(version)
	if err != nil {
		return err
	}
	v.Offered, v.Order = tlsscan.Yes, tlsscan.OrderServer
	for _, w := range words {
		switch w {
		case "client":
			v.Order = tlsscan.OrderClient
			continue
		case "some":
			v.Complete = false
			continue
		case "unknown":
			v.Offered, v.Complete = tlsscan.Unknown, false
			continue
		}
		name, bits, _ := strings.Cut(w, "=")
		n, err := numbersOf([]string{"TLS_" + name}, registry.Suites(),
			func(g registry.Suite) (string, uint16) { return g.Name, g.Number })
		if err != nil {
			return err
		}
		size, _ := strconv.Atoi(bits)
		v.Suites = append(v.Suites, tlsscan.Suite{Number: n[0], DHBits: size})
		s.report.Connections = append(s.report.Connections, tlsscan.Connection{
			Asks: tlsscan.AskSuites, Choice: tlsscan.Choice{Version: v.Number, Suite: n[0], DHBits: size},
		})
	}
	return nil
}

func numbersOf[T any](names []string, rows []T, read func(T) (string, uint16)) (all []uint16, err error) {
	for _, name := range names {
		i := slices.IndexFunc(rows, func(row T) bool { known, _ := read(row); return known == name })
		if i < 0 {
			return nil, fmt.Errorf("%q is not in the registry", name)
		}
		_, n := read(rows[i])
		all = append(all, n)
	}
	return all, nil
}

// got is the judgement in the words of the scenarios.
func got(j Judged) (out []string) {
	out = append(out, "outcome "+string(j.Outcome))
	if j.Grade != "" {
		out = append(out, "grade "+string(j.Grade))
	}
	if j.Profile.Compared {
		name := j.Profile.Name
		if name == "" {
			name = "none"
		}
		out = append(out, "profile "+name)
	}
	for _, f := range j.Findings {
		out = append(out, fmt.Sprintf("finding %s %s", f.Severity, f.ID))
	}
	for _, f := range j.Failing {
		out = append(out, fmt.Sprintf("fails %s %s", f.Client.ID, f.Reason))
	}
	return out
}

func TestScenarios(t *testing.T) {
	for _, s := range scenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			j := Judge(s.report)
			if have := got(j); !slices.Equal(have, s.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(s.want, "\n"))
			}
			for _, f := range j.Findings {
				t.Logf("%s: %s\n\t%s\n\t%s", f.ID, f.Title, f.Explanation, f.Advice)
				complete(t, f, len(s.report.Connections))
			}
		})
	}
}

// complete demands what every finding has.
func complete(t *testing.T, f Finding, connections int) {
	t.Helper()
	if f.Title == "" || f.Explanation == "" || f.Owner == "" || f.Reference == "" || strings.HasSuffix(f.Advice, ".") {
		t.Errorf("%s: %+v", f.ID, f)
	}
	if strings.Contains(f.Explanation+f.Title, "  ") || strings.Contains(f.Explanation, "%!") {
		t.Errorf("%s: %q", f.ID, f.Explanation)
	}
	for _, i := range f.Evidence {
		if i >= connections {
			t.Errorf("%s: evidence %d of %d connections", f.ID, i, connections)
		}
	}
}

// TestNothingMeasured: the words of a scan that brought nothing are those of what
// happened.
func TestNothingMeasured(t *testing.T) {
	refused := &smtp.Reply{Code: 421, Lines: []smtp.Line{{Code: 421, Text: "too many"}}}
	for want, f := range map[string]probe.Failure{
		"No connection came as far as TLS: The first one ended at the greeting: refused by the server. " +
			`It said "421 too many".`: {
			Phase: probe.PhaseGreeting, Kind: probe.KindReply, Reply: refused},
		"No ClientHello was answered with TLS: The first one had come to the TLS handshake after 10 s, " +
			"which is all that one of a scan may take.": {
			Phase: probe.PhaseHandshake, Kind: probe.KindTimeout, Limit: 10 * time.Second},
	} {
		found := Judge(&tlsscan.Report{Failure: &f}).Findings[0]
		if got := found.Title + ": " + found.Explanation; got != want {
			t.Errorf("%s", got)
		}
	}
	closed := tlsscan.Connection{Failure: &probe.Failure{Phase: probe.PhaseHandshake, Kind: probe.KindClosed}}
	r := tlsscan.Report{Versions: []tlsscan.Version{{Number: tlsscan.TLS12, Offered: tlsscan.No}},
		Connections: []tlsscan.Connection{closed}}
	got := Judge(&r).Findings[0].Explanation
	if !strings.HasSuffix(got, "in 1 connection, and each was closed without an answer.") {
		t.Error(got)
	}
}
