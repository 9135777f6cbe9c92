package main

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExpect: one line for each thing that does not hold, the exit code of
// a pipeline, and its file.
func TestExpect(t *testing.T) {
	for _, tt := range []struct {
		server, list  string
		code          int
		says          string
		failed, error int // in the JUnit file
	}{
		{"good", "tls>=1.2, auth:PLAIN, cert>14d, no warning", exitWorking, "Expected: all 5 hold", 0, 0},
		{"good", "cert>400d, no auth:LOGIN", exitFailed, "Expected: 2 of 3 do not hold", 2, 0},
		{"expired", "tls>=1.2", exitFailed, "does not hold: failed at handshake: The certificate has expired", 1, 0},
		{"expired", "no works, tls>=1.2", exitWorking, "Expected: all 2 hold", 0, 0},
		{"blocked", "cert", exitInconclusive, "not known: the test ended at greeting", 0, 2},
	} {
		file := filepath.Join(t.TempDir(), "junit.xml")
		code, out, errOut := typed(t, t.Context(), "", "sandbox", tt.server, "--brief", "--expect", tt.list, "--junit", file)
		if words := strings.Join(strings.Fields(out), " "); code != tt.code || !strings.Contains(words, tt.says) {
			t.Errorf("%s, %s: exit code %d\n%s%s", tt.server, tt.list, code, out, errOut)
		}
		var suites struct {
			Suites []struct {
				Tests    int `xml:"tests,attr"`
				Failures int `xml:"failures,attr"`
				Errors   int `xml:"errors,attr"`
				Cases    []struct {
					Failure *struct{} `xml:"failure"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		content, err := os.ReadFile(file)
		if err == nil {
			err = xml.Unmarshal(content, &suites)
		}
		if s := suites.Suites; err != nil || len(s) != 1 || s[0].Tests != len(s[0].Cases) ||
			s[0].Failures != tt.failed || s[0].Errors != tt.error {
			t.Errorf("%s, %s: %v\n%s", tt.server, tt.list, err, content)
		}
	}
}

// TestAnnotations: GitHub's runner reads no command between the two lines with
// the token, whatever a server says; those after it are ours.
func TestAnnotations(t *testing.T) {
	var out, errOut bytes.Buffer
	term := &terminal{in: strings.NewReader(""), out: &out, err: &errOut, token: "T0KEN"}
	code := run(t.Context(), []string{"sandbox", "good", "--brief", "--expect", "cert>400d"}, term)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if n := len(lines); code != exitFailed || lines[0] != "::stop-commands::T0KEN" || lines[n-2] != "::T0KEN::" ||
		!strings.HasPrefix(lines[n-1], "::error title=smtptest mx.example.test%3A587::cert>400d: got a certificate") {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errOut.String())
	}
}

// TestUnwrittenJUnit: where the file cannot be written, the answer is shown all
// the same, and the exit code is neither that of a test that holds nor fails.
func TestUnwrittenJUnit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none", "junit.xml")
	code, out, errOut := typed(t, t.Context(), "", "sandbox", "good", "--expect", "tls", "--junit", file)
	if code != exitOutput || !strings.Contains(out, "Expected: all 2 hold") ||
		!strings.Contains(errOut, "--junit could not") {
		t.Errorf("exit code %d\n%s%s", code, out, errOut)
	}
}
