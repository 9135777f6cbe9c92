package console

import (
	"strings"

	"smtptest/formatting"
	"smtptest/formatting/plain"
)

// Renderer makes text of messages and forms.
type Renderer struct {
	Root    func(formatting.Message) string // what the channel sees
	Edit    func(formatting.Message) string // what it sees when the root is changed
	Thread  func(formatting.Message) string // what its thread contains; empty: nothing
	Private func(formatting.Message) string // what one person sees
	Form    func(formatting.Form) string
}

// inThread stands between what the channel sees and what its thread contains.
const inThread = "\n── in the thread ──\n"

// Plain renders for a terminal.
func Plain(style plain.Style) Renderer {
	head := func(m formatting.Message) string { return plain.Head(m, style) }
	return Renderer{
		Root: head,
		Edit: head,
		Thread: func(m formatting.Message) string {
			if len(m.Sections) == 0 {
				return plain.Body(m, style)
			}
			return inThread + plain.Body(m, style)
		},
		Private: func(m formatting.Message) string {
			return strings.TrimLeft(plain.Render(m, style), "\n")
		},
		Form: func(f formatting.Form) string { return plain.Form(f, style) },
	}
}
