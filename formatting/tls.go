package formatting

import (
	"fmt"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// tlsSections are what the main session's handshake showed, and what
// follow-up connections showed beyond it.
func tlsSections(j diagnosis.Judged, s *probe.Session) []Section {
	r := j.Report
	var out []Section
	if s.TLS != nil {
		f := tlsFacts("TLS", s.TLS, r.Started)
		if !troubled(j.Diagnosis, "tls", "starttls") {
			f.Short = shortTLS(s.TLS, r.Started)
		}
		out = append(out, f)
	}
	shown := map[string]bool{} // a difference is looked for twice
	for i := range r.Sessions {
		other := &r.Sessions[i]
		if title := variantTitle(other); other.Variant != probe.VariantMain && showsMore(s.TLS, other) && !shown[title] {
			shown[title] = true
			out = append(out, tlsFacts(title, other.TLS, r.Started))
		}
	}
	return out
}

// shortTLS is the summary in one line, where all is well; empty: it is not.
func shortTLS(t *probe.TLS, now time.Time) string {
	if !t.Complete || !t.Trust.Trusted() || t.Trust.Order == probe.OrderWrong || t.StapleUnreadable ||
		t.ClientCertAsked || len(t.Chain) == 0 {
		return ""
	}
	leaf := t.Chain[0]
	parts := []string{t.Version, t.CipherSuite, t.Group, "certificate " + nonempty(leaf.Subject) + " from " +
		nonempty(leaf.Issuer) + ", trusted, " + probe.Span(leaf.NotAfter.Sub(now)) + " left"}
	return Join(parts, " · ")
}

// showsMore reports a handshake that says what the main one does not: it came
// to its end and the main one did not, or another certificate was shown.
func showsMore(main *probe.TLS, other *probe.Session) bool {
	switch t := other.TLS; {
	case t == nil || !t.Complete:
		return false
	case main == nil || !main.Complete:
		return true
	default:
		return len(t.Chain) > 0 && len(main.Chain) > 0 && t.Chain[0].SHA256 != main.Chain[0].SHA256
	}
}

func variantTitle(s *probe.Session) string {
	kind := "comparison"
	if variantTerms[s.Variant].kind == followUp {
		kind = "follow-up"
	}
	return "TLS of the " + kind + " only: " + about(s)
}

// tlsFacts is the TLS summary: what was negotiated, and the certificate with
// the answer to each question about it.
func tlsFacts(title string, t *probe.TLS, now time.Time) Facts {
	f := Facts{Title: title}
	if !t.Complete {
		f.Rows = append(f.Rows, Fact{"Handshake", "not completed"})
	}
	if t.Version != "" {
		f.Rows = append(f.Rows, Fact{"Protocol", t.Version})
	}
	if t.CipherSuite != "" {
		f.Rows = append(f.Rows, Fact{"Cipher suite", t.CipherSuite})
	}
	f.Rows = append(f.Rows, groupRow(t)...)
	if t.ServerName != "" {
		f.Rows = append(f.Rows, Fact{"SNI sent", t.ServerName})
	}
	if t.ClientCertAsked {
		f.Rows = append(f.Rows, Fact{"Client certificate", "asked for, none given" + acceptedFrom(t)})
	}
	if len(t.Chain) == 0 {
		return f
	}
	f.Rows = append(f.Rows, Fact{verificationRow, Verification(t.Trust)})
	f.Rows = append(f.Rows, leafRows(t, now)...)
	f.Rows = append(f.Rows, Fact{"Chain sent", chainWords(t)})
	return Facts{Title: f.Title, Rows: append(f.Rows, stapleRow(t)...)}
}

// acceptedFrom names the authorities whose client certificates are accepted.
func acceptedFrom(t *probe.TLS) string {
	const most = 3
	if len(t.ClientCAs) == 0 {
		return ""
	}
	text := "; accepted from " + strings.Join(t.ClientCAs[:min(len(t.ClientCAs), most)], "; ")
	if more := len(t.ClientCAs) + t.ClientCAsOmitted - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
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

func leafRows(t *probe.TLS, now time.Time) []Fact {
	const mostNames = 10
	leaf := t.Chain[0]
	names := listed(leaf.Names, mostNames, len(leaf.Names)+leaf.NamesOmitted)
	if names == "" {
		names = "none (no subjectAltName)"
	}
	return []Fact{
		{"Certificate", nonempty(leaf.Subject)},
		{"Names", names},
		{"Issued by", nonempty(leaf.Issuer)},
		{"Valid", validity(leaf, now)},
		{"Key, signature", leaf.Key + ", " + leaf.Signature},
		{fingerprint, leaf.SHA256},
	}
}

func nonempty(name string) string {
	const most = 200 // runes: those of healthy certificates have some 100
	if name == "" {
		return "empty name"
	}
	return Shorten(name, most, Characters)
}

// validity gives both dates and what they mean at the time of the test.
func validity(c probe.Certificate, now time.Time) string {
	text := c.NotBefore.UTC().Format("2006-01-02") + " to " + c.NotAfter.UTC().Format("2006-01-02 15:04 UTC")
	switch {
	case now.Before(c.NotBefore):
		return text + ", begins in " + probe.Span(c.NotBefore.Sub(now))
	case now.After(c.NotAfter):
		return text + ", ended " + probe.Span(now.Sub(c.NotAfter)) + " ago"
	}
	return text + ", " + probe.Span(c.NotAfter.Sub(now)) + " left"
}

// verificationRow names the row that says whether a certificate is trusted.
const verificationRow = "Verification"

// Verification answers the four questions about a certificate in one line.
func Verification(t probe.Trust) string {
	if t.Trusted() {
		return "trusted: name, dates, chain and usage are right (roots: " + t.Roots + ")"
	}
	parts := []string{
		"name " + mark(t.Name == probe.NameMatches, nameWords(t)),
		"dates " + mark(t.Dates == probe.DatesValid, datesTerms[t.Dates]),
		"chain " + mark(t.Chain == probe.ChainTrusted, chainTerms[t.Chain]),
		"usage " + mark(t.Usage == probe.UsageServer, usageTerms[t.Usage]),
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
	switch t.Name {
	case probe.NameMismatch:
		return "wanted " + t.Reference
	case probe.NameCNOnly:
		return "no subjectAltName, wanted " + t.Reference
	}
	return ""
}

// chainWords name what followed the server's own certificate.
func chainWords(t *probe.TLS) string {
	text := count(len(t.Chain)+t.ChainOmitted, "certificate")
	if t.Trust.Order == probe.OrderWrong {
		text += ", not in order"
	}
	var others []string
	for _, c := range t.Chain[1:] {
		others = append(others, nonempty(c.Subject))
	}
	switch {
	case t.ChainOmitted > 0:
		others = append(others, fmt.Sprintf("%d more", t.ChainOmitted))
	case len(others) == 0:
		return text + ", no issuer"
	}
	return text + ": the server's own, then " + strings.Join(others, "; ")
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
