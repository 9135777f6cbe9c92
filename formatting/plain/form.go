package plain

import (
	"fmt"
	"strings"

	"smtptest/formatting"
)

// Form writes what stands above the questions of a form: what it is for, what
// happens to the input, and the numbers of what can be chosen.
func Form(f formatting.Form, style Style) string {
	p := newPage(style)
	p.headline("", bold, f.Title, f.Target)
	p.prose("", "   ", "   ", f.Notice)
	for _, field := range f.Fields {
		if len(field.Choices) == 0 {
			continue
		}
		p.line("")
		p.prose("", "   ", "   ", field.Label+":")
		for i, c := range field.Choices {
			p.prose("", fmt.Sprintf("   %3d  ", i+1), strings.Repeat(" ", 8), c.Label)
		}
	}
	return p.String()
}
