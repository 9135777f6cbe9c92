package console

import (
	"strings"

	"smtptest/formatting"
	"smtptest/formatting/plain"
)

// Renderer makes text of messages and forms.
type Renderer struct {
	Root    func(formatting.Message) string // what the channel sees
	Thread  func(formatting.Message) string // what its thread holds; empty: nothing
	Private func(formatting.Message) string // what one person sees
	Form    func(formatting.Form) string
}

// Plain renders for a terminal.
func Plain(style plain.Style) Renderer {
	return Renderer{
		Root:   func(m formatting.Message) string { return plain.Head(m, style) },
		Thread: func(m formatting.Message) string { return plain.Body(m, style) },
		Private: func(m formatting.Message) string {
			return strings.TrimLeft(plain.Render(m, style), "\n")
		},
		Form: func(f formatting.Form) string { return plain.Form(f, style) },
	}
}
