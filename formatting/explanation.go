package formatting

import (
	"strings"

	"smtptest/probe/diagnosis"
	"smtptest/probe/explain"
)

// Explanation words what a code, a name or an error text means. It has no
// verdict: nothing was tested. What to try is worded for the place where it is
// read.
func Explanation(e explain.Explanation, where Platform) Message {
	var m Message
	for _, item := range e.Items {
		m.Sections = append(m.Sections, explained(item, where))
	}
	if len(e.Items) == 0 {
		m.Sections = append(m.Sections, notUnderstood(e))
	}
	return m
}

func explained(item explain.Item, where Platform) Facts {
	f := Facts{Title: item.Title}
	if kind := string(item.Kind); !strings.Contains(strings.ToLower(item.Title), kind) {
		f.Title += " (" + kind + ")"
	}
	for _, row := range item.Rows {
		f.Rows = append(f.Rows, Fact{row.Name, row.Meaning})
	}
	if item.Wire != "" {
		f.Rows = append(f.Rows, Fact{"On the wire", item.Wire})
	}
	if item.Side != "" {
		f.Rows = append(f.Rows, Fact{strings.TrimSuffix(WhoWords, ":"), ownerWords(diagnosis.Owner(item.Side), where, "")})
	}
	for _, try := range item.Try {
		f.Rows = append(f.Rows, Fact{"Try", optionsAt(try, where)})
	}
	if len(item.References) > 0 {
		f.Rows = append(f.Rows, Fact{"Reference", strings.Join(item.References, ", ")})
	}
	return f
}

func notUnderstood(e explain.Explanation) Facts {
	f := Facts{Title: "Nothing in this text is known here"}
	if len(e.Suggestions) > 0 {
		f.Rows = append(f.Rows, Fact{"Did you mean", strings.Join(e.Suggestions, ", ")})
	}
	if len(e.Ask) > 0 { // in one row: a name that is repeated before each example says nothing more
		f.Rows = append(f.Rows, Fact{"You can ask", strings.Join(e.Ask, "; ")})
	}
	return f
}
