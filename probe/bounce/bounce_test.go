package bounce

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// fixture is a notice in the form of real ones, and what is read of it.
type fixture struct{ name, notice, want string }

func fixtures(t testing.TB) (all []fixture) {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		octets, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(octets)
		all = append(all, fixture{filepath.Base(name), string(a.Files[0].Data), string(a.Files[1].Data)})
	}
	return all
}

func TestRead(t *testing.T) {
	for _, f := range fixtures(t) {
		for ends, text := range map[string]string{"LF": f.notice, "CRLF": strings.ReplaceAll(f.notice, "\n", "\r\n")} {
			n, ok := Read(text)
			if got := written(n); !ok || got != f.want {
				t.Errorf("%s with %s: %t\n%s\nwant\n%s", f.name, ends, ok, got, f.want)
			}
		}
	}
}

// written is a notice in lines.
func written(n Notice) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s by %s\n", n.Form, dash(n.Reporting))
	for _, f := range n.Failures {
		fmt.Fprintf(&b, "%s x%d %d %s %s %s %s", dash(f.Action), f.Recipients, f.Code, dash(f.Enhanced), dash(f.Remote),
			ip(f.Address), dash(string(f.Answered)))
		if !f.Retried.IsZero() {
			fmt.Fprintf(&b, " until %s", f.Retried.Format(time.RFC3339))
		}
		b.WriteByte('\n')
	}
	for _, h := range n.Hops {
		at, delay := "-", "-"
		if !h.At.IsZero() {
			at = h.At.Format(time.RFC3339)
		}
		if h.Delayed {
			delay = h.Delay.String()
		}
		fmt.Fprintf(&b, "%s [%s] > %s %s %s %s\n", dash(h.From), ip(h.IP), dash(h.By), dash(h.With), at, delay)
	}
	return b.String()
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func ip(a netip.Addr) string {
	if !a.IsValid() {
		return "-"
	}
	return a.String()
}

// TestNoNotice: what people also want explained is none.
func TestNoNotice(t *testing.T) {
	for _, text := range []string{
		"", "535 5.7.139", "Error: wrong version number", "smtp.example.com:587", "Status: 200 OK\nServer: nginx\n",
		"550 5.1.1 <bob@dest.example>: Recipient address rejected (in reply to RCPT TO command)",
		"From: alice@sender.example\nSubject: lunch\n\nAt noon?\n", "Action: drop\nStatus: fine",
		"postfix/smtp[1]: 4F: to=<b@x.example>, relay=mx.x.example[192.0.2.1]:25, status=bounced (host " +
			"mx.x.example[192.0.2.1] said: 550 no (in reply to RCPT TO command))",
	} {
		if n, ok := Read(text); ok {
			t.Errorf("%q: %+v", text, n)
		}
	}
}

// TestNoAddress: but for what was said, nothing that was read can hold a mail
// address or what the message was about.
func TestNoAddress(t *testing.T) {
	for _, f := range fixtures(t) {
		n, _ := Read(f.notice)
		for i := range n.Failures {
			n.Failures[i].Said = ""
		}
		if text := fmt.Sprintf("%+v", n); strings.ContainsAny(text, "@") || strings.Contains(text, "bob") ||
			strings.Contains(text, "quarterly") {
			t.Errorf("%s: %s", f.name, text)
		}
	}
}

// TestBounds: what is endless ends.
func TestBounds(t *testing.T) {
	const group = "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.%d.1\n" +
		"Diagnostic-Code: smtp; 550 5.%d.1 x\n\n"
	var groups, hops, nested strings.Builder
	groups.WriteString("Reporting-MTA: dns; a.example\n\n")
	for i := range 60 {
		fmt.Fprintf(&groups, group, i, i)
		fmt.Fprintf(&hops, "Received: from a.example by b.example; Tue, 3 Nov 2026 03:04:%02d +0000\n", 59-i)
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	if n, _ := Read(groups.String()); len(n.Failures) != maxFailures || n.FailuresOmitted != 50 {
		t.Errorf("%d failures, %d left out", len(n.Failures), n.FailuresOmitted)
	}
	n, _ := Read(hops.String())
	last := n.Hops[len(n.Hops)-1]
	if len(n.Hops) != maxHops || n.HopsOmitted != 30 || last.At.Second() != 59 || last.Delayed {
		t.Errorf("%d hops, %d left out: %+v", len(n.Hops), n.HopsOmitted, last)
	}
	if n, ok := Read(nested.String() + groups.String()); ok && len(n.Failures) > maxFailures {
		t.Errorf("%+v", n)
	}
	long := "Reporting-MTA: dns; a.example\n\nAction: failed\nDiagnostic-Code: smtp; 550 " +
		strings.Repeat("x ", MaxOctets)
	if n, ok := Read(long); !ok || len(n.Failures[0].Said) > maxSaid {
		t.Errorf("%t, %d failures", ok, len(n.Failures))
	}
}

func FuzzRead(f *testing.F) {
	for _, x := range fixtures(f) {
		f.Add(x.notice)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := Read(text)
		if ok != (n.Form != "") || ok && len(n.Failures)+len(n.Hops) == 0 {
			t.Errorf("%t: %+v", ok, n)
		}
		if len(n.Failures) > maxFailures || len(n.Hops) > maxHops {
			t.Errorf("%d failures, %d hops", len(n.Failures), len(n.Hops))
		}
		for i := range n.Failures {
			if x := &n.Failures[i]; len(x.Said) > maxSaid || x.Recipients < 1 || strings.Contains(x.Host(), "@") {
				t.Errorf("%+v", x)
			}
		}
		for _, h := range n.Hops {
			if strings.ContainsAny(h.From+h.By+h.With, "@ <>") {
				t.Errorf("%+v", h)
			}
		}
	})
}
