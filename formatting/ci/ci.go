// Package ci writes what was expected of a server for the programs that run
// pipelines: a JUnit file, and GitHub's workflow commands.
package ci

import (
	"encoding/xml"
	"fmt"
	"strings"

	"smtptest/formatting"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/expect"
)

// JUnit is a file of the form that Jenkins, GitLab and others read: one test
// suite for the server, one test case for each expectation. One that does not
// hold is a failure; one of which the test saw too little is an error.
// Source: the schema of Jenkins' xUnit plugin, junit-10.xsd.
func JUnit(j diagnosis.Judged, results []expect.Result) ([]byte, error) {
	suite := testSuite{
		Name: "smtptest " + j.Report.Request.Target.String(), Tests: len(results),
		Timestamp: j.Report.Started.UTC().Format("2006-01-02T15:04:05"), Seconds: j.Report.Elapsed.Seconds(),
	}
	for _, r := range results {
		c := testCase{Class: j.Report.Request.Target.String(), Name: r.Item.Text}
		fault := &fault{Message: "got " + r.Got, Text: formatting.VerdictWords(j)}
		switch {
		case r.Met:
		case r.Unknown:
			c.Error = fault
			suite.Errors++
		default:
			c.Failure = fault
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	out, err := xml.MarshalIndent(testSuites{Suites: []testSuite{suite}}, "", "  ")
	return append([]byte(xml.Header), append(out, '\n')...), err
}

type testSuites struct {
	XMLName xml.Name    `xml:"testsuites"`
	Suites  []testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name      string     `xml:"name,attr"`
	Tests     int        `xml:"tests,attr"`
	Failures  int        `xml:"failures,attr"`
	Errors    int        `xml:"errors,attr"`
	Seconds   float64    `xml:"time,attr"`
	Timestamp string     `xml:"timestamp,attr"`
	Cases     []testCase `xml:"testcase"`
}

type testCase struct {
	Class   string `xml:"classname,attr"`
	Name    string `xml:"name,attr"`
	Failure *fault `xml:"failure"`
	Error   *fault `xml:"error"`
}

type fault struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// Quiet makes GitHub's runner read no commands in the output until Annotations,
// which need the same token: a server could say one. Token is not to be guessed.
// Source: docs.github.com, "Workflow commands for GitHub Actions".
func Quiet(token string) string { return "::stop-commands::" + token + "\n" }

// Annotations are commands of GitHub's runner, one line for each expectation
// that does not hold: they stand on the page of the run.
func Annotations(token string, j diagnosis.Judged, unmet []expect.Result) string {
	out := strings.Builder{}
	out.WriteString("::" + token + "::\n")
	title := propertyEscapes.Replace("smtptest " + j.Report.Request.Target.String())
	for _, r := range unmet {
		fmt.Fprintf(&out, "::error title=%s::%s\n", title, dataEscapes.Replace(r.Item.Text+": got "+r.Got))
	}
	return out.String()
}

// What the runner decodes, in the data of a command and in its properties.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
