package plain

import (
	"fmt"

	"smtptest/formatting"
)

// Form writes what stands above the questions of a form: what it is for, what
// happens to the input, and the numbers of what can be chosen.
func Form(f formatting.Form, style Style) string {
	p := newPage(style)
	p.line(p.paint(bold, f.Title) + behind(f.Target))
	p.prose("", "   ", "   ", f.Notice)
	for _, field := range f.Fields {
		if len(field.Choices) == 0 {
			continue
		}
		p.line("")
		p.prose("", "   ", "   ", field.Label+":")
		for i, c := range field.Choices {
			p.line(fmt.Sprintf("   %3d  %s", i+1, c.Label))
		}
	}
	return p.String()
}
