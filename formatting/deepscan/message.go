// Package deepscan words the scan of a server's TLS: what a channel sees in one
// message, a table and a short list for the thread, and a text with every suite
// and every connection.
package deepscan

import (
	"fmt"
	"strings"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/tlsscan"
)

// Testing is the message of a scan that has begun. It says beforehand what the
// server will see.
func Testing(target probe.Target, timeout time.Duration) formatting.Message {
	if timeout <= 0 {
		timeout = tlsscan.MaxTime
	}
	return formatting.Message{
		Tone: formatting.ToneWaiting, Verdict: formatting.Say(formatting.NoteScanning).What, Target: target.String(),
		Fact: fmt.Sprintf("About %d connections, %d at most, each ended during the handshake · gives up after %s",
			tlsscan.UsualConnections, tlsscan.MaxConnections, probe.Duration(timeout)),
	}
}

// Progress says how far a scan is.
func Progress(e tlsscan.Event) string {
	text := "Scanning its TLS: " + counted(e.Connections, "connection")
	if e.Suites > 0 {
		text += fmt.Sprintf(", %s so far", counted(e.Suites, "suite"))
	}
	return text
}

// Message words a judged scan for the place where it is read.
func Message(j tlsgrade.Judged, where formatting.Platform) formatting.Message {
	m := Verdict(j)
	if len(j.Findings) > 0 {
		m.Sections = append(m.Sections, findings(j, where))
	}
	if j.Report.Failure != nil {
		return m
	}
	m.Sections = append(m.Sections, versions(j))
	if j.Grade == "" {
		return m
	}
	m.Sections = append(m.Sections, others(j))
	if where == formatting.Terminal {
		m.Sections = append(m.Sections, suites(j))
		return m
	}
	m.Sections = append(m.Sections, formatting.File{
		Name: "smtptest-tls.txt", Title: "Every suite and every connection", Text: Text(j),
	})
	return m
}

// Verdict is the message without its evidence.
func Verdict(j tlsgrade.Judged) formatting.Message {
	r := j.Report
	m := formatting.Message{
		Tone: formatting.ToneOf(j.Outcome), Verdict: Words(j), Target: r.Request.Target.String(), Fact: fact(j),
		Footer: footer(r), Began: r.Started,
	}
	if j.Grade != "" {
		m.Notes = []string{gradeWords(j)}
	}
	for _, f := range j.Findings {
		if f.Severity != diagnosis.Info && f.Advice != "" {
			m.Try, m.Owner = f.Advice+".", formatting.OwnerWords(f.Owner, formatting.Terminal)
			break
		}
	}
	return m
}

// Words are the verdict alone. What was not asked may be a fault too.
func Words(j tlsgrade.Judged) string {
	scanned, none, faults := "TLS scanned: ", "no faults", 0
	if j.Report.Stopped != nil {
		scanned, none = "TLS scanned in part: ", "no faults seen so far"
	}
	for _, f := range j.Findings {
		if f.Severity != diagnosis.Info {
			faults++
		}
	}
	switch j.Outcome {
	case diagnosis.Working:
		return scanned + none
	case diagnosis.WithWarnings, diagnosis.Failed:
		return scanned + counted(faults, "thing") + " to change"
	case diagnosis.NotTested:
		return "Not tested"
	}
	return "TLS could not be scanned"
}

// fact is what is worst; where nothing is, what is taken.
func fact(j tlsgrade.Judged) string {
	var parts []string
	for _, f := range j.Findings {
		if f.Severity != diagnosis.Info {
			parts = append(parts, f.Title)
		}
	}
	if len(parts) == 0 {
		return taken(j)
	}
	const most = 3
	if more := len(parts) - most; more > 0 {
		parts = append(parts[:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, " · ")
}

// taken is what the server takes, in short.
func taken(j tlsgrade.Judged) string {
	parts := []string{tlsgrade.Spoken(j.Report)}
	n := 0
	for _, i := range j.Items {
		if i.Kind == tlsgrade.KindSuite {
			n++
		}
	}
	if n > 0 {
		parts = append(parts, counted(n, "cipher suite"))
	}
	for _, c := range j.Report.Certificates {
		parts = append(parts, c.Key)
	}
	return formatting.Join(parts, " · ")
}

// worstWords say what the overall grade is for: "2 cipher suites, 1 version".
func worstWords(j tlsgrade.Judged) string {
	var kinds []tlsgrade.Kind
	count := map[tlsgrade.Kind]int{}
	for _, i := range j.Items {
		if i.Grade != j.Grade {
			continue
		}
		if count[i.Kind]++; count[i.Kind] == 1 {
			kinds = append(kinds, i.Kind)
		}
	}
	var parts []string
	for _, k := range kinds {
		parts = append(parts, counted(count[k], string(k)))
	}
	return strings.Join(parts, ", ")
}

// gradeWords are the overall grade and the profile. Where others connect than mail
// programs the grade is a measure, and no fault.
func gradeWords(j tlsgrade.Judged) string {
	text := "By " + tlsgrade.Edition + ": " + string(j.Grade)
	if j.Report.Stopped != nil && j.Grade != tlsgrade.Insufficient { // which is the worst that there is
		text += " at best"
	}
	if j.Grade != tlsgrade.Good && j.Grade != tlsgrade.Sufficient {
		text += " (" + worstWords(j) + ")"
	}
	if j.Purpose == tlsgrade.Relay && j.Grade == tlsgrade.Insufficient {
		text += ", as is usual on port 25"
	}
	switch p := j.Profile; {
	case p.Name != "":
		text += fmt.Sprintf("; within Mozilla's profile “%s”", p.Name)
	case p.Compared:
		text += "; outside Mozilla's profiles"
	}
	return text + "."
}

func findings(j tlsgrade.Judged, where formatting.Platform) formatting.Findings {
	var out formatting.Findings
	for _, f := range j.Findings {
		item := formatting.Finding{
			Severity: formatting.SeverityWords(f.Severity), Title: f.Title, Explanation: f.Explanation,
			Owner: formatting.OwnerWords(f.Owner, where), Confidence: formatting.ConfidenceWords(diagnosis.Certain),
			Reference: f.Reference, ID: string(f.ID),
		}
		if f.ID == tlsgrade.CurrentClientsFail || f.ID == tlsgrade.OldClientsFail { // computed from what they offer
			item.Confidence = "computed"
		}
		if f.Advice != "" {
			item.Advice = f.Advice + "."
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// versions is the table of what is taken, one row for each version.
func versions(j tlsgrade.Judged) formatting.Table {
	t := formatting.Table{
		Title: "What TLS it takes", Header: []string{"Version", "Taken", "Suites", "By " + tlsgrade.Edition, "Order"},
	}
	for _, v := range j.Report.Versions {
		row := []string{tlsgrade.VersionName(v.Number), takenWords[v.Offered], "", "", ""}
		if v.Offered == tlsscan.Yes {
			row[2], row[3], row[4] = suiteCount(v), suiteGrades(v), orderWords[v.Order]
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

var takenWords = map[tlsscan.Answer]string{tlsscan.Yes: "yes", tlsscan.No: "no", tlsscan.Unknown: "not known"}

var orderWords = map[tlsscan.Order]string{tlsscan.OrderServer: "server's", tlsscan.OrderClient: "client's"}

func suiteCount(v tlsscan.Version) string {
	text := fmt.Sprint(len(v.Suites))
	if !v.Complete {
		text += " or more"
	}
	return text
}

// suiteGrades count the suites of a version by grade, best first.
func suiteGrades(v tlsscan.Version) string {
	var parts []string
	for _, g := range tlsgrade.Grades() {
		n := 0
		for _, s := range v.Suites {
			if tlsgrade.OfSuite(s.Number) == g {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, g))
		}
	}
	return strings.Join(parts, ", ")
}

// footer says by how many connections, for how long and from where.
func footer(r *tlsscan.Report) string {
	parts := []string{counted(len(r.Connections), "connection"), fmt.Sprintf("%.2f s", r.Elapsed.Seconds())}
	if r.Address.IsValid() {
		parts = append(parts, r.Address.String())
	}
	if r.Vantage != "" {
		parts = append(parts, "from "+r.Vantage)
	}
	return strings.Join(parts, " · ")
}

func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
