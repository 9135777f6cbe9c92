package blockkit

import (
	"fmt"
	"strings"

	"smtptest/formatting"
)

// wholeTranscript is the file for transcripts that are shown in part.
func wholeTranscript(sections []formatting.Section, n, of int) group {
	var all []formatting.Code
	for _, s := range sections {
		if c, ok := s.(formatting.Code); ok {
			all = append(all, c)
		}
	}
	return partly(formatting.WholeTranscripts(1, all...), n, of)
}

// everything is the file for a thread that is too long.
func everything(sections []formatting.Section, n, of int) group {
	text := formatting.Text(formatting.Message{Sections: sections})
	return partly(formatting.File{Name: "smtptest-details.txt", Title: "Details", Text: text}, n, of)
}

// partly is a file that holds more than is shown, and says how much.
func partly(f formatting.File, n, of int) group {
	g := file(f)[0]
	said := formatting.InFile(n, of, "")
	g.fallback, g.shown = f.Title+": "+said, f.Title+": "+formatting.Shown(n, of)+"."
	g.Lines = append(g.Lines, newPiece(paragraph, []span{{text: said}}))
	return g
}

// inPlace is a file to be read where it is named. One for a program is of no
// use in parts.
func inPlace(f formatting.File) formatting.Section {
	if strings.HasSuffix(f.Name, ".json") && octets(f.Text) > maxMessageOctets {
		text := fmt.Sprintf("%s has %d KiB, and no room here.%s", f.Name, (len(f.Text)+1023)>>10, advice)
		return formatting.Prose{Title: fileTitle(f), Paragraphs: []string{text}}
	}
	c := formatting.Code{Title: fileWords(f)}
	for l := range strings.Lines(f.Text) {
		c.Lines = append(c.Lines, formatting.CodeLine{Text: strings.TrimSuffix(l, "\n")})
	}
	return c
}
