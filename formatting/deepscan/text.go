package deepscan

import (
	"fmt"
	"strings"

	"smtptest/formatting"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

// suites is a table of every suite: in which versions, and its grade.
func suites(j tlsgrade.Judged) formatting.Table {
	t := formatting.Table{Title: "Cipher suites, in the order in which they were chosen",
		Header: []string{"Version", "Suite", "By " + tlsgrade.Edition}}
	for _, v := range j.Report.Versions {
		for _, s := range v.Suites {
			t.Rows = append(t.Rows, []string{
				tlsgrade.VersionName(v.Number), registry.SuiteName(s.Number) + prime(s), string(tlsgrade.OfSuite(s.Number)),
			})
		}
	}
	return t
}

func prime(s tlsscan.Suite) string {
	if s.DHBits == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d bits)", s.DHBits)
}

// Text is every suite with its grade and every connection, offer and answer, for
// an archive.
func Text(j tlsgrade.Judged) string {
	var b strings.Builder
	r := j.Report
	fmt.Fprintf(&b, "%s  %s\n%s\n%s\n%s\n", r.Request.Target, Words(j), fact(j), gradeWords(j),
		formatting.When(r.Started))
	for _, t := range []formatting.Table{versions(j), suites(j), features(j), connections(r)} {
		if len(t.Rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", t.Title)
		for _, line := range t.Code().Lines {
			fmt.Fprintf(&b, "  %s\n", line.Text)
		}
	}
	fmt.Fprintf(&b, "\nGrades: %s. Profiles: ssl-config.mozilla.org.\n", tlsgrade.Edition)
	return b.String()
}

// features are the graded things that have no version of their own.
func features(j tlsgrade.Judged) formatting.Table {
	t := formatting.Table{Title: "Groups, signatures, certificates, features",
		Header: []string{"What", "Name", "By " + tlsgrade.Edition}}
	for _, i := range j.Items {
		if i.Kind != tlsgrade.KindVersion && i.Kind != tlsgrade.KindSuite {
			t.Rows = append(t.Rows, []string{string(i.Kind), i.Name, string(i.Grade)})
		}
	}
	return t
}

// connections are all that were made: what for, what was offered, what came back.
func connections(r *tlsscan.Report) formatting.Table {
	t := formatting.Table{Title: "Connections, as they began", Header: []string{"At", "Asks", "Offers", "Answer"}}
	for _, c := range r.Connections {
		t.Rows = append(t.Rows, []string{
			fmt.Sprintf("%.3f s", c.Began.Seconds()), string(c.Asks), offer(c.Offer), answer(c),
		})
	}
	return t
}

func offer(o tlsscan.Offer) string {
	text := fmt.Sprintf("%s, %s", tlsgrade.VersionName(o.Version), counted(len(o.Suites), "suite"))
	if len(o.Groups) > 0 {
		text += ", " + counted(len(o.Groups), "group")
	}
	if len(o.Schemes) > 0 {
		text += ", " + counted(len(o.Schemes), "scheme")
	}
	return text
}

// answer is what a connection showed.
func answer(c tlsscan.Connection) string {
	if c.Choice.Version == 0 {
		if c.Failure == nil {
			return ""
		}
		return c.Failure.Words()
	}
	parts := []string{tlsgrade.VersionName(c.Choice.Version), registry.SuiteName(c.Choice.Suite)}
	if c.Choice.Group != 0 {
		parts = append(parts, registry.GroupName(c.Choice.Group))
	}
	if c.Choice.DHBits > 0 {
		parts = append(parts, fmt.Sprintf("%d bits", c.Choice.DHBits))
	}
	if c.Choice.Scheme != 0 {
		parts = append(parts, registry.SchemeName(c.Choice.Scheme))
	}
	return strings.Join(parts, ", ")
}
