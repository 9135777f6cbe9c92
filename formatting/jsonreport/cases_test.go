package jsonreport

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
	"smtptest/probe/smtp"
)

// TestCases plays every case and holds what Encode writes against the schema,
// formats and base64 included, and against the sanitiser that text from a server
// must have passed.
func TestCases(t *testing.T) {
	schema := compile(t)
	for _, c := range append(cases(t), hostile(t)...) {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				doc := decode(t, play(t, c))
				if err := schema.Validate(doc); err != nil {
					t.Errorf("%v", err)
				}
				walk("", doc, func(path string, v any) { checkText(t, path, v) })
			})
		})
	}
}

func cases(t testing.TB) []*probetest.Case {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// hostile are servers that try to get through the sanitiser.
func hostile(t testing.TB) []*probetest.Case {
	t.Helper()
	const request = "-- request --\ntarget: mx.example.test:587\n-- dialogue --\n"
	var all []*probetest.Case
	for name, dialogue := range map[string]string{
		"hostile greeting": `RAW: "554 \x1b]0;title\a\x1b[2J\u202etxt.exe\u200b\xff\x00\r\v5\r\n"` + "\n",
		"hostile list": "S: 220 mx.example.test\nC: EHLO *\n" +
			`RAW: "250-mx\x1b[31m\r\n250-AUTH PL\x1bAIN \u2066LOGIN\r\n250 SIZE \xc3\x28\u2028\r\n"` + "\nC: QUIT\nS: 221 bye\n",
		"hostile octets": `RAW: "\x1b[2J<html>\x00\r\n\u202e\r\n"` + "\n",
		"hostile certificate": "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n" +
			"TLS: names=a.example.test cn=\x1b[2J\u202ecn\nS: 220 late\nCLOSE\n",
		"injected": "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\n" +
			`RAW: "220 go\r\n250-\x1b[2J\r\n"` + "\nEOF\n",
	} {
		c, err := probetest.ParseCase(name, []byte(request+dialogue))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// play is what Encode writes of a case. What a client does against a script
// is the business of package probe's tests.
func play(t *testing.T, c *probetest.Case) []byte {
	t.Helper()
	report, err := probetest.Run(t.Context(), c)
	var mismatch *probetest.Mismatch
	if err != nil && !errors.As(err, &mismatch) {
		t.Fatal(err)
	}
	octets, err := Encode(diagnosis.Judge(&report))
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func decode(t *testing.T, octets []byte) any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// walk visits every value of a document that is neither object nor array.
func walk(path string, v any, visit func(path string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			walk(path+"/"+key, value, visit)
		}
	case []any:
		for i, value := range v {
			walk(fmt.Sprintf("%s/%d", path, i), value, visit)
		}
	default:
		visit(path, v)
	}
}

// checkText holds a text to what smtp.Printable lets through. Lines of a
// reply that stands in one text are joined by LF.
func checkText(t *testing.T, path string, v any) {
	t.Helper()
	text, ok := v.(string)
	switch {
	case !ok:
	case strings.HasSuffix(path, "/raw"), strings.HasSuffix(path, "/injected"):
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	default:
		if line := strings.ReplaceAll(text, "\n", " "); smtp.Printable([]byte(line)) != line {
			t.Errorf("%s is not printable: %q", path, text)
		}
	}
}

// The octets behind an escaped line are there, in base64.
func TestRawOctetsAreKept(t *testing.T) {
	for _, c := range hostile(t) {
		if c.Name != "hostile greeting" {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			var doc struct {
				Report struct {
					Sessions []struct {
						Greeting struct{ Lines []struct{ Raw []byte } }
					}
				}
			}
			if err := json.Unmarshal(play(t, c), &doc); err != nil {
				t.Fatal(err)
			}
			raw := doc.Report.Sessions[0].Greeting.Lines[0].Raw
			if !bytes.Contains(raw, []byte("\x1b]0;title\a")) {
				t.Errorf("raw is %q", raw)
			}
		})
	}
}
