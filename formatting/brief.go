package formatting

import "fmt"

// Brief is a message for somebody's thread, which is read by people who talk
// there: one line for each finding that the head does not name and for each
// thing that was measured, and all of the evidence in a file. A message with
// files, or without evidence, stays as it is.
func Brief(m Message) Message {
	const most = 5 // lines
	rows, evidence := []Fact{}, false
	for _, s := range m.Sections {
		switch s := s.(type) {
		case Findings:
			rows = append(rows, briefFindings(s)...)
		case Facts:
			rows = append(rows, briefFacts(s)...)
		case Code:
			evidence = true
		default:
			return m
		}
	}
	if !evidence {
		return m
	}
	if more := len(rows) - most; more > 0 {
		rows = append(rows[:most], Fact{Name: fmt.Sprintf("(%d more in the file)", more)})
	}
	file := File{Name: "smtptest-details.txt", Title: "Transcript and details", Text: Text(Message{Sections: m.Sections})}
	m.Sections = []Section{file}
	if len(rows) > 0 {
		m.Sections = []Section{Facts{Rows: rows}, file}
	}
	return m
}

// briefFindings are those beyond the first, which the head names.
func briefFindings(f Findings) []Fact {
	var rows []Fact
	for i, x := range f.Items {
		if i > 0 {
			rows = append(rows, Fact{x.Severity, x.Title})
		}
	}
	return rows
}

// briefFacts are what is short, or what is wrong with a certificate.
func briefFacts(f Facts) []Fact {
	if f.Short != "" {
		return []Fact{{f.Title, f.Short}}
	}
	for _, row := range f.Rows {
		if row.Name == verificationRow || row.Name == loginResultRow {
			return []Fact{{f.Title, row.Value}}
		}
	}
	return nil
}
