package probe_test

import (
	"bytes"
	"crypto/tls"
	"net/netip"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/probetest"
	"smtptest/probe/smtp"
)

// FuzzSession runs whole sessions with a server that sends what it likes.
// Each runs in a bubble of its own: no time passes but the session's, and a
// goroutine that is left behind fails the test.
func FuzzSession(f *testing.F) {
	config := serverTLS(f)
	for _, c := range cases(f) {
		for i := range c.Dialogues {
			data, mode := bytesOf(c.Dialogue(i))
			f.Add(data, []byte{}, mode|modeOf(c.Request))
			f.Add(data, []byte{3, 250, 60, 130}, mode|modeEnvelope)
		}
	}
	f.Add([]byte("220 a\r\n\x1e250-a\r\n250 STARTTLS\r\n\x1e220 go\r\n250 injected\r\n"), []byte{63}, uint8(0))
	f.Add([]byte("220 a\r\n\x1e502 b\r\n\x1e250 c\r\n\x1e250 d\r\n\x1e550 e\r\n"), []byte{}, uint8(modeEnvelope))
	f.Add([]byte("220 a\r\n\x1e250-a\r\n250 PIPELINING\r\n\x1e250 d\r\n\x1e550-e\r\n551 f\r\n"), []byte{1, 1, 70},
		uint8(modeEnvelope|2<<6))
	f.Fuzz(func(t *testing.T, data, pace []byte, mode uint8) {
		h := &hostile{data: data, pace: pace, mode: mode, tls: config}
		synctest.Test(t, func(t *testing.T) { checkSession(t, h) })
	})
}

// serverTLS is a server's configuration with a certificate.
func serverTLS(t testing.TB) *tls.Config {
	t.Helper()
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Certificate("", hostileHost)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{*cert}}
}

// modeOf is the nearest that a mode can say of a request.
func modeOf(r probe.Request) (mode uint8) {
	switch r.Security {
	case probe.SecuritySTARTTLS:
		mode = 1
	case probe.SecurityImplicit:
		mode = 2
	case probe.SecurityNone:
		mode = 3
	}
	switch r.Target.Port {
	case 25:
		mode |= 1 << 2
	case 465:
		mode |= 2 << 2
	}
	if r.Envelope != nil {
		mode |= modeEnvelope
	}
	return mode
}

func checkSession(t *testing.T, h *hostile) {
	began := time.Now()
	var known *probe.Report
	report, err := h.prober().Probe(t.Context(), h.request(t), probe.Hooks{Event: func(e probe.Event) {
		if e.Known != nil {
			known = e.Known
		}
	}})
	if took := time.Since(began); err != nil || took > probe.DefaultTimeout || report.Elapsed != took {
		t.Errorf("took %v, reported as %v, error %v", took, report.Elapsed, err)
	}
	conns := h.wait()
	if len(conns) != len(report.Sessions) {
		t.Fatalf("%d connections, %d sessions", len(conns), len(report.Sessions))
	}
	for _, c := range conns {
		checkWire(t, c, sessionFrom(t, &report, c.source))
	}
	checkReport(t, &report)
	if known != nil {
		checkReport(t, known)
	}
}

func sessionFrom(t *testing.T, r *probe.Report, source netip.AddrPort) *probe.Session {
	t.Helper()
	for i := range r.Sessions {
		if r.Sessions[i].Source == source {
			return &r.Sessions[i]
		}
	}
	t.Fatalf("no session from %v", source)
	return nil
}

// What a session may say, in the order in which it may say it: all of it is
// in the plan, and nothing else.
const (
	greetLines    = `^(EHLO \[198\.51\.100\.7\]\r\n(HELO \[198\.51\.100\.7\]\r\n)?)?`
	envelopeLines = `(MAIL FROM:<a@a\.test>\r\n(RCPT TO:<b@a\.test>\r\n)?(RSET\r\n)?)?`
	quitLine      = `(QUIT\r\n)?$`
)

// checkWire compares what the client wrote on one connection with the plan.
func checkWire(t *testing.T, c *overheard, s *probe.Session) {
	if inside := c.inside.Bytes(); !regexp.MustCompile(greetLines + envelopeLines + quitLine).Match(inside) {
		t.Errorf("wrote inside TLS %q", inside)
	}
	if s.Security == probe.SecurityImplicit {
		checkRecords(t, c.wrote)
		return
	}
	if len(c.wrote) > 0 && !hasFinalLine(c.before) {
		t.Errorf("wrote %q when only %q had come", c.wrote, c.before)
	}
	lines, records, upgraded := bytes.Cut(c.wrote, []byte("STARTTLS\r\n"))
	if !upgraded {
		if !regexp.MustCompile(greetLines + envelopeLines + quitLine).Match(lines) {
			t.Errorf("wrote %q", lines)
		}
		return
	}
	if !regexp.MustCompile(greetLines + `$`).Match(lines) {
		t.Errorf("wrote %q before STARTTLS", lines)
	}
	if string(records) != "QUIT\r\n" {
		checkRecords(t, records)
	}
}

// hasFinalLine looks for a whole line with a code and no hyphen.
func hasFinalLine(data []byte) bool {
	return regexp.MustCompile(`(?m)^[2-5][0-9][0-9]([^-0-9\n].*)?\n`).Match(data)
}

// checkRecords wants TLS records and nothing else (RFC 8446 §5.1).
func checkRecords(t *testing.T, data []byte) {
	t.Helper()
	for rest := data; len(rest) > 0; {
		if len(rest) < 5 || rest[0] < 20 || rest[0] > 23 || rest[1] != 3 {
			t.Fatalf("%q is no TLS record", rest[:min(len(rest), 200)])
		}
		n := 5 + int(rest[3])<<8 + int(rest[4])
		if n > len(rest) {
			t.Fatalf("a record of %d octets holds %d", n, len(rest))
		}
		rest = rest[n:]
	}
}

// The bounds of a report, from the constants of package probe.
const (
	maxEntries      = 1500
	maxEntryBytes   = 4*smtp.MaxLineOctets + len("250-")
	maxLogBytes     = 128 << 10
	maxFailureBytes = 1 << 10
	maxDetailBytes  = 4 << 10
	maxInjected     = 4 << 10
	maxChain        = 10
)

func checkReport(t *testing.T, r *probe.Report) {
	t.Helper()
	checkText(t, "Report", reflect.ValueOf(r))
	for i := range r.Sessions {
		s := &r.Sessions[i]
		checkTranscript(t, s)
		if len(s.Injected) > maxInjected {
			t.Errorf("%d octets injected", len(s.Injected))
		}
		if s.TLS != nil && len(s.TLS.Chain) > maxChain {
			t.Errorf("%d certificates", len(s.TLS.Chain))
		}
		if f := s.Failure; f != nil && (len(f.Octets) > maxFailureBytes || len(f.Detail) > maxDetailBytes ||
			f.Phase == "" || f.Kind == "") {
			t.Errorf("failure %+v", f)
		}
	}
}

func checkTranscript(t *testing.T, s *probe.Session) {
	t.Helper()
	size, last := 0, time.Duration(0)
	for _, e := range s.Transcript {
		size += len(e.Text)
		if len(e.Text) > maxEntryBytes || e.At < last || strings.Contains(e.Text, "\n") {
			t.Errorf("entry at %v after %v: %q", e.At, last, e.Text)
		}
		last = e.At
	}
	if len(s.Transcript) > maxEntries || size > maxLogBytes {
		t.Errorf("%d entries with %d octets", len(s.Transcript), size)
	}
	at := 0
	for _, step := range s.Steps {
		if step.From != at || step.To < step.From || step.To > len(s.Transcript) {
			t.Errorf("step %+v begins at entry %d of %d", step, at, len(s.Transcript))
		}
		at = step.To
	}
}

// checkText wants every text of a report printable. Lines of a reply may be
// joined by newlines.
func checkText(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkText(t, name, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkText(t, name, v.Index(i))
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "net/netip" || v.Type().PkgPath() == "time" {
			return
		}
		for field, value := range v.Fields() {
			checkText(t, name+"."+field.Name, value)
		}
	case reflect.String:
		text := strings.ReplaceAll(v.String(), "\n", "")
		if smtp.Printable([]byte(text)) != text {
			t.Errorf("%s is %q", name, v.String())
		}
	}
}
