package formattest

import "smtptest/formatting"

// Refusals are a refusal and a notice for each text of the catalogue, with
// text in the place of each value: what a person typed, a host name, whatever
// comes to stand there one day.
func Refusals(text string) []formatting.Message {
	var values []formatting.Value
	for _, name := range []string{
		"ago", "change", "changes", "command", "domain", "family", "it", "limit", "names", "option", "others", "place",
		"platform", "port", "ports", "reason", "reference", "right", "security", "seen", "target", "targets", "timeout",
		"vantage", "wait", "want", "window",
	} {
		values = append(values, formatting.Value{Name: name, Text: text})
	}
	var all []formatting.Message
	for _, id := range formatting.TextIDs() {
		all = append(all, formatting.Refusal(id, values...), formatting.Notice(id, values...))
	}
	return all
}
