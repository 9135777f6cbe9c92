package diagnosis_test

import (
	"fmt"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// A port that was dialled with implicit TLS and answers in the clear: the
// cause, what it rests on, and what to change in the next test.
func ExampleJudge() {
	report := probe.Report{
		Request: probe.Request{
			Target:   probe.Target{Host: "mx.example.test", Port: 587},
			Security: probe.SecurityImplicit,
		},
		Sessions: []probe.Session{{
			TLS:     &probe.TLS{Implicit: true},
			Failure: &probe.Failure{Phase: probe.PhaseHandshake, Kind: probe.KindNotTLS, Octets: "220 mx ESMTP"},
		}},
	}

	judged := diagnosis.Judge(&report)

	fmt.Println(judged.Verdict.Outcome, "at", judged.Verdict.Stage)
	for _, f := range judged.Findings {
		fmt.Printf("%s: %s (%s)\n", f.Severity, f.Title, f.ID)
		fmt.Println(f.Explanation)
		fmt.Println("Try:", f.Advice, "Security:", f.Fix.Security)
		fmt.Println("Who can fix it:", f.Owner, f.Confidence, f.Reference)
	}
	// Output:
	// failed at handshake
	// error: This port starts in the clear (tls.plaintext-port)
	// The client began with TLS and the server answered “220 mx ESMTP”.
	// Try: Use STARTTLS here, or implicit TLS on port 465. Security: starttls
	// Who can fix it: you certain RFC 8314 §3.3
}
