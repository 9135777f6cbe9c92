package expect

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

// TestAgainstCases holds the servers of cases against lists. A row of
// testdata/expectations.tsv is a case, a list, and what is said of each item
// that does not hold; - where all do.
func TestAgainstCases(t *testing.T) {
	cases := map[string]*probetest.Case{}
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		cases[c.Name] = c
	}
	for _, row := range rows(t, "testdata/expectations.tsv", 3) {
		t.Run(row[0]+" "+row[1], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := held(t, cases[row[0]], row[1]); got != row[2] {
					t.Errorf("got  %s\nwant %s", got, row[2])
				}
			})
		})
	}
}

// held plays a case and says what does not hold.
func held(t *testing.T, c *probetest.Case, text string) string {
	if c == nil {
		t.Fatal("there is no such case")
	}
	list, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	report, err := probetest.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range Unmet(list.Check(diagnosis.Judge(&report))) {
		out = append(out, r.Item.Text+": "+r.Got)
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, "; ")
}

func rows(t *testing.T, file string, columns int) (out [][]string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n")[1:] {
		fields := strings.Split(line, "\t")
		if len(fields) != columns {
			t.Fatalf("%s: %q has %d columns and not %d", file, line, len(fields), columns)
		}
		out = append(out, fields)
	}
	return out
}

// TestErrors says of each list that cannot be read which item it is.
func TestErrors(t *testing.T) {
	for _, row := range rows(t, "testdata/errors.tsv", 2) {
		_, err := Parse(row[0])
		if got := fmt.Sprint(err); got != row[1] {
			t.Errorf("%q\ngot  %s\nwant %s", row[0], got, row[1])
		}
	}
	if _, err := Parse(strings.Repeat("cert,", MaxItems) + "cert"); err == nil {
		t.Error("a list without bound is read")
	}
}

// TestSubjects: help lists what the grammar takes, and each form in it is read.
func TestSubjects(t *testing.T) {
	var all string
	for _, s := range Subjects() {
		all += s.Forms + " "
	}
	for name := range subjects {
		if !slices.Contains(order, name) || !strings.Contains(all, name) {
			t.Errorf("help leaves %s out", name)
		}
	}
	for _, s := range Subjects() {
		if _, err := Parse(strings.ReplaceAll(s.Forms, "ID", "tls.alert")); err != nil {
			t.Errorf("%q: %v", s.Forms, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range Subjects() {
		f.Add(s.Forms)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Parse(text)
		if err != nil && (len(err.Error()) > 600 || strings.ContainsAny(err.Error(), "\x1b\n")) {
			t.Errorf("the error repeats too much: %q", err)
		}
		for _, item := range list {
			if item.subject.name == "" || item.subject.read == nil {
				t.Errorf("%q became %+v", text, item)
			}
		}
	})
}
