package main

import (
	"fmt"
	"os"
	"slices"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/formatting/ci"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/expect"
)

// showExpected answers with what was expected behind it, and returns the exit
// code: 1 where something does not hold, 2 where too little was seen to say so.
func (t *terminal) showExpected(judged diagnosis.Judged, c command.Command, begun bool) int {
	list, err := expect.Parse(c.Expect)
	if err != nil {
		return usage(t, err)
	}
	all := list.Check(judged)
	code := expectedCode(all)
	unwritten := writeJUnit(c.JUnit, judged, all)
	if c.JSON {
		code = t.document(code)(jsonreport.Encode(judged, all...))
	} else {
		t.answer(judged, c, begun)
		fmt.Fprint(t.out, plain.Body(formatting.Message{Sections: []formatting.Section{formatting.Expected(all)}}, t.style()))
	}
	if t.annotates(c) {
		fmt.Fprint(t.out, ci.Annotations(t.token, judged, expect.Unmet(all)))
	}
	if unwritten != nil { // the answer is of use without the file
		t.complain("The file behind --junit could not be written: " + unwritten.Error() + ".")
		return exitOutput
	}
	return code
}

// annotates reports that lines of the output become annotations of GitHub's.
func (t *terminal) annotates(c command.Command) bool {
	return t.token != "" && c.Expect != "" && !c.JSON
}

func writeJUnit(file string, judged diagnosis.Judged, all []expect.Result) error {
	if file == "" {
		return nil
	}
	out, err := ci.JUnit(judged, all)
	if err != nil {
		return err
	}
	return os.WriteFile(file, out, 0o644)
}

func expectedCode(all []expect.Result) int {
	unmet := expect.Unmet(all)
	switch {
	case len(unmet) == 0:
		return exitWorking
	case slices.ContainsFunc(unmet, func(r expect.Result) bool { return !r.Unknown }):
		return exitFailed
	}
	return exitInconclusive
}
