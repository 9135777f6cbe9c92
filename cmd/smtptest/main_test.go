package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"smtptest/formatting/jsonreport"
)

// typed runs one command as if it had been typed.
func typed(t *testing.T, ctx context.Context, in string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(ctx, args, &terminal{in: strings.NewReader(in), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		name string
		args string
		want int
	}{
		{"working", "sandbox good", exitWorking},
		{"working with warnings", "sandbox no-starttls-auto", exitWorking},
		{"failed", "sandbox expired", exitFailed},
		{"inconclusive", "sandbox blocked", exitInconclusive},
		{"no such server in the sandbox", "sandbox nobody", exitUsage},
		{"unknown option", "smtp.example.com --tsl none", exitUsage},
		{"password in the command", "user:secret@smtp.example.com", exitUsage},
		{"missing CA file", "smtp.example.com --ca nowhere.pem", exitUsage},
		{"help", "help", exitWorking},
		{"nothing", "", exitWorking},
		{"two forms of the answer", "sandbox good --json --ticket", exitUsage},
		{"two forms of the answer", "sandbox good --as slack --ticket", exitUsage},
		{"the shortest time", "sandbox good --timeout 2", exitWorking},
		{"too short a time", "sandbox good --timeout 1", exitUsage},
		{"help for a verb", "help sandbox", exitWorking},
		{"help behind a verb", "console --help", exitWorking},
		{"not a topic", "--help foo", exitUsage},
		{"two hyphens and a target", "--timeout 2 -- 127.0.0.1 1", exitFailed},
		{"two hyphens and an option", "-- --help", exitUsage},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, out, errOut := typed(t, t.Context(), "", strings.Fields(test.args)...)
			if code != test.want {
				t.Errorf("exit code %d, want %d\n%s%s", code, test.want, out, errOut)
			}
		})
	}
}

// TestBrief is the whole answer in a script.
func TestBrief(t *testing.T) {
	code, out, errOut := typed(t, t.Context(), "", "sandbox", "expired", "--brief")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	last := lines[len(lines)-1]
	if code != exitFailed || errOut != "" || len(lines) > 8 || !strings.HasPrefix(out, "❌ Failed at TLS") ||
		!strings.Contains(out, "   Try: Renew the certificate") || !strings.HasPrefix(last, "   Who can fix it: ") {
		t.Errorf("exit code %d, %s\n%s", code, errOut, out)
	}
}

// TestNameLikeAnAddress: a server of the sandbox may be called like no host.
func TestNameLikeAnAddress(t *testing.T) {
	code, out, errOut := typed(t, t.Context(), "", "sandbox", "tls-1.0", "--deep")
	if code != exitFailed || !strings.Contains(out, "Nothing newer than TLS 1.0") {
		t.Errorf("exit code %d, %s\n%s", code, errOut, out)
	}
	if code, _, errOut := typed(t, t.Context(), "", "tls-1.0", "--deep"); code != exitUsage {
		t.Errorf("outside of the sandbox: exit code %d, %s", code, errOut)
	}
}

// TestFullDisk: an answer that could not be written is no answer.
func TestFullDisk(t *testing.T) {
	for _, args := range []string{
		"sandbox good", "sandbox good --brief", "sandbox good --json", "sandbox expired --ticket", "sandbox good --as slack",
		"sandbox list", "explain 535", "help", "version", "127.0.0.1:1 --timeout 2", "console", "sandbox",
	} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip("this system has no /dev/full")
		}
		defer full.Close()
		var errOut bytes.Buffer
		code := run(t.Context(), strings.Fields(args), &terminal{in: strings.NewReader("good\n"), out: full, err: &errOut})
		if code != exitOutput || !strings.Contains(errOut.String(), "could not be written in full: no space left") {
			t.Errorf("%s: exit code %d, %s", args, code, errOut.String())
		}
	}
}

// TestOneArgument takes what was pasted between quotes apart.
func TestOneArgument(t *testing.T) {
	code, out, errOut := typed(t, t.Context(), "", "127.0.0.1 1")
	if code != exitFailed || !strings.Contains(out, "127.0.0.1:1") {
		t.Errorf("exit code %d\n%s%s", code, out, errOut)
	}
}

func TestNothingTypedAsSecretIsRepeated(t *testing.T) {
	_, out, errOut := typed(t, t.Context(), "", "user:hunter2hunter2@smtp.example.com")
	if text := out + errOut; strings.Contains(text, "hunter2") {
		t.Errorf("the password is repeated: %s", text)
	}
}

func TestJSONIsAlone(t *testing.T) {
	code, out, _ := typed(t, t.Context(), "", "sandbox", "expired", "--json")
	if code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	var document struct {
		Version   int
		Diagnosis struct{ Findings []struct{ ID string } }
	}
	if err := json.Unmarshal([]byte(out), &document); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if document.Version != jsonreport.Version || len(document.Diagnosis.Findings) == 0 ||
		document.Diagnosis.Findings[0].ID != "tls.certificate-expired" {
		t.Errorf("got %+v", document)
	}
}

// TestStopped stops a test as Ctrl-C does: it ends at once, and what had been
// seen is shown.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	began := time.Now()
	code, out, _ := typed(t, ctx, "", "sandbox", "tls-on-plain-port")
	if waited := time.Since(began); waited > 4*time.Second {
		t.Errorf("it went on for %s", waited)
	}
	if code != exitInconclusive || !strings.Contains(out, "connected to 192.0.2.1:587") {
		t.Errorf("exit code %d, shown:\n%s", code, out)
	}
}

func TestPrompt(t *testing.T) {
	lines := []string{"good:587", "/smtptest expired", "smtptest sandbox good --to a@b.example", "explain 535", "help tls",
		"nobody", "list", "quit"}
	code, out, errOut := typed(t, t.Context(), strings.Join(lines, "\n"), "sandbox")
	if code != exitWorking {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"✅ Works: TLS tested, login not tested  mx.example.test:587", "❌ Failed at TLS", "127.0.0.1:",
		"RCPT TO              250 2.1.5 Ok", "To log in: user ada@example.test, password correct horse.",
		"swaks --server 127.0.0.1 ", "smtptest-sandbox-", "login refused: user name", "TLS and STARTTLS"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	if !strings.Contains(errOut, "No server of the sandbox") {
		t.Errorf("a wrong name is not explained: %s", errOut)
	}
}

func TestFeaturedServersExist(t *testing.T) {
	_, out, _ := typed(t, t.Context(), "", "sandbox")
	for _, name := range featured() {
		if !strings.Contains(out, "  "+name+" ") {
			t.Errorf("the sandbox has no server %q", name)
		}
	}
}

func TestColourOnlyIfWanted(t *testing.T) {
	for _, colour := range []bool{false, true} {
		var out bytes.Buffer
		run(t.Context(), []string{"sandbox", "good"}, &terminal{out: &out, err: &bytes.Buffer{}, colour: colour})
		if got := strings.Contains(out.String(), "\x1b["); got != colour {
			t.Errorf("colour=%t, escape sequences: %t", colour, got)
		}
	}
}

// TestExplainInput explains a log from standard input, with what must not be
// shown in it.
func TestExplainInput(t *testing.T) {
	const secrets = "smtp://ada:hunter2zq@mx.example.com AUTH PLAIN AGFkYQBodW50ZXIyenE= Bearer ya29.zqtoken\n"
	log := secrets + strings.Repeat("    at org.example.Mailer.send(Mailer.java:42)\n", 200) +
		"535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6\n"
	code, out, _ := typed(t, t.Context(), log, "explain", "-")
	if code != exitWorking || !strings.Contains(out, "The login was refused") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	for _, secret := range []string{"hunter2zq", "AGFkYQ", "zqtoken", "UGFzc3dvcmQ6", "ada:"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	if code, _, said := typed(t, t.Context(), "", "explain", t.TempDir(), "--json"); code != exitUsage ||
		!strings.Contains(said, "The file cannot be read: it is a directory. explain takes the name of a file") {
		t.Errorf("a directory: exit code %d, %s", code, said)
	}
}

func TestExplain(t *testing.T) {
	for args, want := range map[string]string{
		"explain 535 5.7.139": "Microsoft 365", "explain STARTTLS": "RFC 3207", "explain CRAM-MD5": "password", "explain " +
			"465": "TLS",
		"explain 554 5.7.1 <a@b.example>: Relay access denied": "Log in",
	} {
		code, out, _ := typed(t, t.Context(), "", strings.Fields(args)...)
		if code != exitWorking || !strings.Contains(out, want) || strings.Contains(out, "a@b.example") {
			t.Errorf("%s: exit code %d\n%s", args, code, out)
		}
	}
}

// TestReadme compares what README shows with what the program prints.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ := typed(t, t.Context(), "", "sandbox", "expired")
	_, shown, found := strings.Cut(out, "❌")
	shown, _, _ = strings.Cut(shown, "\nTLS\n")
	if !found || !strings.Contains(timeless(string(readme)), timeless("❌"+shown)) {
		t.Errorf("README does not contain the answer:\n%s", "❌"+shown)
	}
}

// timeless replaces what differs from run to run.
func timeless(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = regexp.MustCompile(`(under )?\d+(\.\d+)? m?s\b`).ReplaceAllString(text, "TIME")
	return regexp.MustCompile(`\d{1,2} [A-Z][a-z]+ \d{4} \d\d:\d\d UTC`).ReplaceAllString(text, "DATE")
}
