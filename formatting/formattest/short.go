package formattest

import "smtptest/formatting"

// InChat is a section as a chat shows it: facts that are all well have one
// line.
func InChat(s formatting.Section) formatting.Section {
	f, ok := s.(formatting.Facts)
	if ok && f.Short != "" {
		return formatting.Facts{Title: f.Title + ": " + f.Short}
	}
	return s
}
