package probe_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// maxReportBytes is what the greediest server can make of a report. Real
// ones have some ten thousand.
const maxReportBytes = 6 << 20

// TestGreediestServer answers everything with replies as large as they may
// be, of octets that take four times their room as text.
func TestGreediestServer(t *testing.T) {
	h := &hostile{data: []byte(greediest()), mode: modeTLS | modeEnvelope, tls: serverTLS(t)}
	synctest.Test(t, func(t *testing.T) {
		report, err := h.prober().Probe(t.Context(), h.request(t), probe.Hooks{})
		h.wait()
		s := report.Main()
		if err != nil || s == nil || s.Failure != nil || s.Quit == nil || s.Dropped == 0 {
			t.Fatalf("%v: failure %+v of %d steps, %d entries dropped", err, s.Failure, len(s.Steps), s.Dropped)
		}
		checkReport(t, &report)
		if n := bytesIn(reflect.ValueOf(&report)); n < 1<<20 || n > maxReportBytes {
			t.Errorf("the report holds %d octets", n)
		} else {
			t.Logf("the report holds %d KiB", n>>10)
		}
	})
}

// greediest are the turns of that server.
func greediest() string {
	return strings.Join([]string{
		greedy("220", ""), greedy("250", "250-STARTTLS\r\n"), "220 go\r\n",
		greedy("250", "250-PIPELINING\r\n"), greedy("250", ""), greedy("250", ""), greedy("250", ""), greedy("221", ""),
	}, nextTurn)
}

// greedy is a reply of nearly smtp.MaxReplyOctets.
func greedy(code, first string) string {
	line := strings.Repeat("\xff", smtp.MaxLineOctets-len("250-\r\n"))
	return code + "-mx\r\n" + first + strings.Repeat(code+"-"+line+"\r\n", 15) + code + " end\r\n"
}

// bytesIn adds up what the texts and octets of a report hold.
func bytesIn(v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n = bytesIn(v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Len()
		}
		for i := range v.Len() {
			n += bytesIn(v.Index(i))
		}
	case reflect.Struct:
		for _, value := range v.Fields() {
			n += bytesIn(value)
		}
	case reflect.String:
		n = v.Len()
	}
	return n
}
