package command_test

import (
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/formatting/formattest"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/explain"
)

// places are where answers are read.
func places() []formatting.Platform {
	return []formatting.Platform{formatting.Terminal, formatting.Console, formatting.Slack, formatting.Discord}
}

// TestAdviceNamesOnlyOptionsOfItsPlace walks every finding of every case for
// every place, and the words of every fix: no text names an option that cannot
// be given where it is read.
func TestAdviceNamesOnlyOptionsOfItsPlace(t *testing.T) {
	named := map[formatting.Platform]int{}
	for _, c := range formattest.Cases(t) {
		judged := formattest.Judged(t, c)
		for _, place := range places() {
			named[place] += checkFindings(t, c.Name, place, formatting.Sections(judged, place))
		}
	}
	fixed := diagnosis.Judged{Report: &probe.Report{}, Diagnosis: diagnosis.Diagnosis{Findings: everyFix()}}
	for _, place := range places() {
		checkFindings(t, "every fix", place, formatting.Sections(fixed, place))
		if named[place] == 0 {
			t.Errorf("at %s no case names an option, so nothing was checked", place)
		}
	}
}

// TestExplanationsNameOnlyOptionsOfTheirPlace does the same for each topic of
// explain.
func TestExplanationsNameOnlyOptionsOfTheirPlace(t *testing.T) {
	text, err := os.ReadFile("../../probe/explain/topics.tsv")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, line := range strings.Split(string(text), "\n") {
		topic, _, _ := strings.Cut(line, ",")
		for _, place := range places() {
			for _, s := range formatting.Explanation(explain.Of(topic), place).Sections {
				named += checkFacts(t, topic, place, s)
			}
		}
	}
	if named < 20 {
		t.Errorf("only %d options were named in all topics", named)
	}
}

// checkFacts counts the options that the rows of an explanation name.
func checkFacts(t *testing.T, topic string, place formatting.Platform, s formatting.Section) int {
	t.Helper()
	facts, ok := s.(formatting.Facts)
	if !ok {
		return 0
	}
	n := 0
	for _, row := range facts.Rows {
		named, bad := optionsIn(row.Value, place)
		n += len(named)
		if len(bad) > 0 {
			t.Errorf("%s: %q does not exist at %s: %s", topic, bad, place, row.Value)
		}
	}
	return n
}

// TestOptionsElsewhereAreNoticed: the check above can fail.
func TestOptionsElsewhereAreNoticed(t *testing.T) {
	for text, wrong := range map[string][]formatting.Platform{
		"Use --tls starttls.":           {formatting.Discord},
		"Give it with --ca FILE.":       {formatting.Console, formatting.Slack, formatting.Discord},
		"Set SMTPTEST_EHLO_NAME.":       places(),
		"Set the option ca: FILE.":      places(),
		"Set the option tls: starttls.": {formatting.Terminal, formatting.Console, formatting.Slack},
		"Add --private.":                {formatting.Terminal, formatting.Discord},
		"It said “MAIL --tls --ca”.":    nil,
	} {
		for _, place := range places() {
			if _, bad := optionsIn(text, place); (len(bad) > 0) != slices.Contains(wrong, place) {
				t.Errorf("%s at %s: %q does not exist there", text, place, bad)
			}
		}
	}
}

// everyFix are findings that between them set every field of a Fix.
func everyFix() []diagnosis.Finding {
	var all []diagnosis.Finding
	for _, f := range []diagnosis.Fix{
		{Target: probe.Target{Host: "mx.example.test", Port: 25}, At: netip.MustParseAddr("192.0.2.1")},
		{Security: probe.SecurityAuto}, {Security: probe.SecuritySTARTTLS}, {Security: probe.SecurityImplicit},
		{Security: probe.SecurityNone}, {Family: probe.FamilyIP6}, {AnyFamily: true}, {EHLOName: true},
		{TrustRoots: true}, {LongerThan: time.Second},
	} {
		all = append(all, diagnosis.Finding{ID: "a.b", Fix: f})
	}
	return all
}

// checkFindings counts the options that findings name.
func checkFindings(t *testing.T, about string, place formatting.Platform, sections []formatting.Section) int {
	t.Helper()
	n := 0
	for _, s := range sections {
		findings, ok := s.(formatting.Findings)
		if !ok {
			continue
		}
		for _, f := range findings.Items {
			for _, text := range []string{f.Title, f.Explanation, f.Advice} {
				named, bad := optionsIn(text, place)
				n += len(named)
				if len(bad) > 0 {
					t.Errorf("%s: %s names %q, which does not exist there: %s", about, f.ID, bad, text)
				}
			}
		}
	}
	return n
}

var (
	quotation = regexp.MustCompile(`“[^”]*”`) // a server may say what it likes
	typed     = regexp.MustCompile(`(?:^|[\s(])--([a-z][a-z-]*)`)
	field     = regexp.MustCompile(`\boption ([a-z][a-z-]*)`)
	variable  = regexp.MustCompile(`\b(?:SMTPTEST|SLACK|DISCORD)_[A-Z_]+`)
)

// optionsIn are the options that a text names, and those of them that do not
// exist at a place: Discord has no text to type them into, a terminal and
// Slack have no fields, and nobody who reads an answer sets the environment.
func optionsIn(text string, place formatting.Platform) (named, bad []string) {
	var exist []string
	for _, o := range command.Help("", command.Dialect{Terminal: place == formatting.Terminal}) {
		exist = append(exist, o.Name)
	}
	text = quotation.ReplaceAllString(text, "")
	note := func(matches [][]string, possible bool) {
		for _, m := range matches {
			named = append(named, m[1])
			if !possible || !slices.Contains(exist, m[1]) {
				bad = append(bad, m[1])
			}
		}
	}
	note(typed.FindAllStringSubmatch(text, -1), place != formatting.Discord)
	note(field.FindAllStringSubmatch(text, -1), place == formatting.Discord)
	bad = append(bad, variable.FindAllString(text, -1)...)
	return named, bad
}
