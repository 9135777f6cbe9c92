package formattest

import "smtptest/formatting"

// InChat is a section as a chat shows it: facts that are all well have one
// line, a table is lines.
func InChat(s formatting.Section) formatting.Section {
	switch s := s.(type) {
	case formatting.Facts:
		if s.Short != "" {
			return formatting.Facts{Title: s.Title + ": " + s.Short}
		}
	case formatting.Table:
		return s.Code()
	}
	return s
}
