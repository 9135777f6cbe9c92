package formatting

import (
	"fmt"

	"smtptest/probe/diagnosis/expect"
)

// Expected says of each expectation whether it holds; those that do not come
// first, each in a line of its own.
func Expected(all []expect.Result) Facts {
	unmet := expect.Unmet(all)
	f := Facts{Title: fmt.Sprintf("Expected: all %d hold", len(all))}
	if len(unmet) > 0 {
		hold := "do not hold"
		if len(unmet) == 1 {
			hold = "does not hold"
		}
		f.Title = fmt.Sprintf("Expected: %d of %d %s", len(unmet), len(all), hold)
	}
	for _, r := range unmet {
		words := "does not hold: "
		if r.Unknown {
			words = ""
		}
		f.Rows = append(f.Rows, Fact{r.Item.Text, words + r.Got})
	}
	for _, r := range all {
		if r.Met {
			f.Rows = append(f.Rows, Fact{r.Item.Text, "holds: " + r.Got})
		}
	}
	return f
}

// HelpExpect is all that can be expected of a server.
func HelpExpect() Facts {
	f := Facts{Title: "What to expect of a server: --expect 'tls>=1.2, cert>14d, no warning'", Rows: []Fact{
		{"A, B, no C", "A and B hold, and C does not; what the test did not get to see holds for none"},
		{"exit code", "0 where all hold, 1 where something does not, 2 where too little was seen"},
	}}
	for _, s := range expect.Subjects() {
		f.Rows = append(f.Rows, Fact{s.Forms, s.About})
	}
	return f
}
