package tlsgrade

import (
	"fmt"
	"slices"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/tlsscan"
)

// Spoken names the versions that the server takes, and says whether it takes no
// other; empty: none is known.
func Spoken(r *tlsscan.Report) string {
	spoken := spokenVersions(r)
	switch {
	case len(spoken) == 0:
		return ""
	case measuredAll(r):
		return versionWords(spoken) + " alone"
	}
	return versionWords(spoken) + " at least"
}

// Takes says in a sentence what the server would take; empty: the scan saw
// nothing that it takes.
func Takes(r *tlsscan.Report) string {
	v := newest(r, tlsscan.TLS13)
	if v == nil {
		return ""
	}
	in := ""
	if spoken := spokenVersions(r); len(spoken) > 1 {
		in = " in " + VersionName(v.Number)
	}
	names := some(suiteNames(numbers(v.Suites)), 3)
	text := fmt.Sprintf("%s,%s with %s", Spoken(r), in, names)
	if len(v.Groups) > 0 {
		text += "; groups " + groupWords(v.Groups)
	}
	return text
}

func numbers(all []tlsscan.Suite) (out []uint16) {
	for _, s := range all {
		out = append(out, s.Number)
	}
	return out
}

// unexplained are findings of the ordinary test that say that a handshake failed,
// and not what the server would have taken.
var unexplained = []diagnosis.ID{
	diagnosis.TLSAlert, diagnosis.TLSClosed, diagnosis.TLSFailed, diagnosis.LegacyOnly, diagnosis.LargeHello,
}

// Explains reports an ordinary test whose failure a scan explains, or would.
func Explains(d diagnosis.Diagnosis) bool {
	return len(d.Findings) > 0 && slices.Contains(unexplained, d.Findings[0].ID)
}

// Explain adds what a scan of the same server has seen to the finding of a
// handshake that failed. The diagnosis that it returns shares nothing with d that
// it changed. A scan that saw nothing changes nothing.
func Explain(d diagnosis.Diagnosis, r *tlsscan.Report, ago time.Duration) diagnosis.Diagnosis {
	found := "what the server takes: " + Takes(r)
	switch {
	case !Explains(d):
		return d
	case noTLS(&Judged{Report: r}) != nil:
		found = "that it agrees to no version of TLS, with any suite"
	case Takes(r) == "":
		return d
	}
	d.Findings = slices.Clone(d.Findings)
	d.Findings[0].Explanation += fmt.Sprintf(
		" A deep scan %s ago found %s.", probe.Duration(ago), found)
	return d
}
