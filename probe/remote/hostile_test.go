package remote

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

// TestCut: a report that is too large says what it lost, and one that fits loses
// nothing.
func TestCut(t *testing.T) {
	large := probe.Report{Sessions: []probe.Session{{
		TLS:        &probe.TLS{DER: [][]byte{make([]byte, 1000)}},
		Transcript: make([]probe.Entry, 1000), Dropped: 7, Steps: []probe.Step{{From: 10, To: 20}, {From: 150, To: 990}},
	}}}
	for i := range large.Sessions[0].Transcript {
		large.Sessions[0].Transcript[i].Text = strings.Repeat("x", 100)
	}
	before := large
	for _, tt := range []struct{ most, lines, dropped int }{
		{1 << 20, 1000, 7}, {100_000, cutLines, 807}, {10_000, shortest, 987}, {2_000, 0, 1007},
	} {
		r := before
		octets, err := encode(&r, tt.most)
		if err != nil || len(octets) > tt.most {
			t.Fatalf("%d: %d, %v", tt.most, len(octets), err)
		}
		back, err := decode(octets, probe.Request{}, "")
		if err != nil {
			t.Fatal(err)
		}
		s := back.Sessions[0]
		if len(s.Transcript) != tt.lines || s.Dropped != tt.dropped || s.Steps[1].To > tt.lines ||
			(s.TLS.DER == nil) != (tt.lines < 1000) {
			t.Errorf("%d: %d lines, %d dropped, %+v", tt.most, len(s.Transcript), s.Dropped, s.Steps)
		}
	}
	if len(before.Sessions[0].Transcript) != 1000 || before.Sessions[0].TLS.DER == nil {
		t.Error("the report itself was changed")
	}
	if _, err := encode(&before, 100); err == nil {
		t.Error("a report fits into nothing")
	}
}

// TestHostileReport: an agent chooses neither what is asked about, nor what acts on
// a reader, nor indexes that lead out of lists, nor how much memory is taken.
func TestHostileReport(t *testing.T) {
	asked := probe.Request{Target: probe.Target{Host: "mx.example.org", Port: 25}, Login: newLogin()}
	r, err := decode([]byte(`{"Request":{"Target":{"Host":"evil.example","Port":1}},"Vantage":"evil",
		"Started":"0001-01-01T00:00:00Z","Sessions":[{"Steps":[{"From":-5,"To":99},{"From":7,"To":1}],
		"Transcript":[{"Text":"\u001b[31m\u202ered"}],"Greeting":{"Lines":[{"Text":"a\u0000"}]}}],"Later":{"x":1}}`),
		asked, "berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := r.Sessions[0]
	if r.Request.Target != asked.Target || r.Request.Login != nil || r.Vantage != "berlin" ||
		time.Since(r.Started) > time.Minute || s.Transcript[0].Text != `\x1b[31m\u{202e}red` ||
		s.Steps[0] != (probe.Step{To: 1}) || s.Steps[1].From != 1 || s.Steps[1].To != 1 {
		t.Errorf("%+v", r)
	}
	for name, text := range map[string]string{
		"no JSON": "hunter2", "another form": `{"Sessions":"hunter2"}`,
		"many nulls":   `{"Sessions":[` + strings.Repeat("null,", maxParts) + `null]}`,
		"many objects": `{"Sessions":[` + strings.Repeat("{},", maxParts) + `{}]}`,
		"too long":     `{"Vantage":"` + strings.Repeat("x", 2<<20) + `"}`,
		"too deep":     strings.Repeat("[", 1<<19),
		"an old one":   `{"Started":"` + time.Now().Add(-time.Hour).Format(time.RFC3339) + `"}`,
		"one to come":  `{"Started":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`,
	} {
		if _, err := decode([]byte(text), asked, "berlin"); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzReport: whatever an agent sends can be judged, and holds no text that acts.
func FuzzReport(f *testing.F) {
	cases, err := probetest.Cases()
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(cases); i += 40 {
		f.Add(caseReport(f, cases[i]))
	}
	f.Add([]byte(`{"Sessions":[{"Steps":[{"From":1,"To":0}],"Hellos":[{}],"TLS":{"Chain":[{}]},
		"Failure":{"Kind":"reply"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decode(data, probe.Request{Target: probe.Target{Host: "mx.example.org", Port: 25}}, "berlin")
		if err != nil {
			return
		}
		diagnosis.Judge(&r)
		texts(t, reflect.ValueOf(r))
	})
}

// caseReport is a report as a bubble would give it, which a fuzz target has not.
func caseReport(f *testing.F, c *probetest.Case) []byte {
	r, err := json.Marshal(probe.Report{
		Request: c.Request, Sessions: []probe.Session{{Transcript: []probe.Entry{{Text: c.Name}}}},
	})
	if err != nil {
		f.Fatal(err)
	}
	return r
}

// examiner examines nothing.
type examiner struct{ Examiner }

func texts(t *testing.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if !utf8.ValidString(v.String()) || strings.ContainsAny(v.String(), "\x00\x1b\r\u202e\u200b") {
			t.Fatalf("%q", v.String())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			texts(t, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(t, v.Index(i))
		}
	case reflect.Struct:
		if _, ok := v.Interface().(time.Time); ok {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				texts(t, v.Field(i))
			}
		}
	}
}

// FuzzRequest: whatever comes in as a request is read or refused.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"v":1,"op":"probe","timeout_ms":1,
		"probe":{"host":"a.example","port":25,"at":"192.0.2.7","envelope":{"from":{}}}}`))
	f.Add([]byte(`{"v":1,"op":"domain","domain":{"domain":"a.example","selector":"s"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var w wireRequest
		if json.Unmarshal(data, &w) != nil {
			return
		}
		s := &Service{Envelope: true, Domains: examiner{}}
		r := &asked{timeout: time.Second}
		if s.subject(r, w) == nil && w.Op == opProbe {
			if h := r.probe.Target.Host; strings.ContainsAny(h, " \r\n\x00") || h == "" {
				t.Errorf("%q may be tested", h)
			}
		}
	})
}

// TestLimits: each limit holds, and lets go when its time is over.
func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, l := &counts{}, Limits{AtOnce: 2, PerMinute: 3, Logins: 1}
		with := &asked{id: "R1", probe: probe.Request{Target: probe.Target{Host: "a.example"}, Login: newLogin()}}
		code := func(r *asked, running int) int {
			if err := c.begin(r, l, running, time.Now()); err != nil {
				return refusalOf(err).code
			}
			return 0
		}
		if code(&asked{}, 2) != codeBusy || code(with, 0) != 0 || code(with, 0) != codeReplayed {
			t.Error("runs at once, or an id twice")
		}
		second := *with
		second.id = "R2"
		if code(&second, 0) != codeBusy || code(&asked{}, 0) != codeBusy {
			t.Error("logins at a host, or runs in a minute")
		}
		time.Sleep(10 * time.Minute)
		if code(&second, 0) != 0 || code(with, 0) != codeBusy {
			t.Error("after ten minutes")
		}
		all := map[string]window{}
		for i := range maxCounted {
			takeOf(all, string(rune(i+1)), rate{1, time.Minute}, time.Now())
		}
		if takeOf(all, "one more", rate{1, time.Minute}, time.Now()) == 0 || len(all) > maxCounted {
			t.Error("more is remembered than may be")
		}
		time.Sleep(time.Minute)
		if takeOf(all, "one more", rate{1, time.Minute}, time.Now()) != 0 || len(all) != 1 {
			t.Error("what is over is not forgotten")
		}
	})
}
