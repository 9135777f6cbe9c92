package plain

import "smtptest/formatting"

// colour is a SGR parameter (ECMA-48 §8.3.117); empty: none.
type colour string

// The colours. They are from the eight that every terminal lets its user
// choose, so that they are readable on any background.
const (
	bold    colour = "1"
	faint   colour = "2"
	red     colour = "31"
	green   colour = "32"
	yellow  colour = "33"
	cyan    colour = "36"
	boldRed colour = "1;31"
)

// paint colours a text if the style allows.
func (p *page) paint(c colour, text string) string {
	if !p.style.Colour || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

func toneColour(t formatting.Tone) colour {
	switch t {
	case formatting.ToneGood:
		return green
	case formatting.ToneBad:
		return boldRed
	}
	return yellow
}

func severityColour(severity string) colour {
	switch severity {
	case "Error":
		return boldRed
	case "Warning":
		return yellow
	}
	return bold
}

func sideColour(side string) colour {
	switch side {
	case "C":
		return cyan
	case "S":
		return green
	}
	return faint
}
