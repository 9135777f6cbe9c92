package formatting

import (
	"fmt"
	"strings"

	"smtptest/probe"
)

// tlsFacts is the TLS summary: what was negotiated, and the certificate with
// the answer to each question about it.
func tlsFacts(t *probe.TLS) Facts {
	f := Facts{Title: "TLS"}
	if !t.Complete {
		f.Rows = append(f.Rows, Fact{"Handshake", "not completed"})
	}
	if t.Version != "" {
		f.Rows = append(f.Rows, Fact{"Protocol", t.Version}, Fact{"Cipher suite", t.CipherSuite})
	}
	f.Rows = append(f.Rows, groupRow(t)...)
	if t.ServerName != "" {
		f.Rows = append(f.Rows, Fact{"SNI sent", t.ServerName})
	}
	if t.ClientCertAsked {
		f.Rows = append(f.Rows, Fact{"Client certificate", "asked for, none given"})
	}
	if len(t.Chain) == 0 {
		return f
	}
	f.Rows = append(f.Rows, leafRows(t)...)
	f.Rows = append(f.Rows, Fact{"Verification", verification(t.Trust)}, Fact{"Chain sent", chainWords(t)})
	return Facts{Title: f.Title, Rows: append(f.Rows, stapleRow(t)...)}
}

func groupRow(t *probe.TLS) []Fact {
	switch {
	case t.Group == "":
		return nil
	case t.PostQuantum:
		return []Fact{{"Key exchange", t.Group + " (post-quantum hybrid)"}}
	}
	return []Fact{{"Key exchange", t.Group}}
}

func leafRows(t *probe.TLS) []Fact {
	leaf := t.Chain[0]
	names := strings.Join(leaf.Names, ", ")
	if leaf.NamesOmitted > 0 {
		names += fmt.Sprintf(" (%d of %d names shown)", len(leaf.Names), len(leaf.Names)+leaf.NamesOmitted)
	}
	if names == "" {
		names = "none (no subjectAltName)"
	}
	return []Fact{
		{"Certificate", leaf.Subject},
		{"Names", names},
		{"Issued by", leaf.Issuer},
		{"Valid", leaf.NotBefore.Format("2006-01-02") + " to " + leaf.NotAfter.Format("2006-01-02 15:04 UTC")},
		{"Key, signature", leaf.Key + ", " + leaf.Signature},
		{"SHA-256", leaf.SHA256},
	}
}

// verification answers the four questions in one line.
func verification(t probe.Trust) string {
	if t.Trusted() {
		return "trusted: name, dates, chain and usage are right (roots: " + t.Roots + ")"
	}
	parts := []string{
		"name " + mark(t.Name == probe.NameMatches, nameWords(t)),
		"dates " + mark(t.Dates == probe.DatesValid, strings.ReplaceAll(string(t.Dates), "-", " ")),
		"chain " + mark(t.Chain == probe.ChainTrusted, chainAnswer(t.Chain)),
		"usage " + mark(t.Usage == probe.UsageServer, "not for servers"),
	}
	return "not trusted: " + strings.Join(parts, ", ")
}

func mark(ok bool, problem string) string {
	if ok {
		return "right"
	}
	if problem == "" {
		return "not checked"
	}
	return "WRONG (" + problem + ")"
}

func nameWords(t probe.Trust) string {
	if t.Name == "" {
		return ""
	}
	return "wanted " + t.Reference
}

func chainAnswer(c probe.ChainAnswer) string {
	switch c {
	case probe.ChainIncomplete:
		return "an issuer is missing"
	case probe.ChainUnknownIssuer:
		return "unknown authority"
	}
	return strings.ReplaceAll(string(c), "-", " ")
}

func chainWords(t *probe.TLS) string {
	text := count(len(t.Chain)+t.ChainOmitted, "certificate")
	if t.Trust.Order == probe.OrderWrong {
		text += ", not in order"
	}
	return text
}

func stapleRow(t *probe.TLS) []Fact {
	switch {
	case t.StapleUnreadable:
		return []Fact{{"OCSP staple", "sent, but unreadable"}}
	case t.Staple != nil:
		return []Fact{{"OCSP staple", t.Staple.Status + ", signature not checked"}}
	case t.Chain[0].MustStaple:
		return []Fact{{"OCSP staple", "missing, though the certificate demands one"}}
	}
	return nil
}
